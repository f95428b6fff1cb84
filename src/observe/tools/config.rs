//! Reads the files that configure a tool, and keeps the entries that matter.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use super::ask;
use super::formats::{self, git};
use super::path::{glob, is_file, upwards};
use crate::catalogue::Tool;
use crate::catalogue::fill::Filling;
use crate::catalogue::pattern::Pattern;
use crate::catalogue::schema::{Ask, At, Config, Format};
use crate::edge::Reading;
use crate::facts::tool::{ConfigEntry, ToolLook};

/// The longest configuration file that is read; those of people have some kilobytes, `~/.kube/config` some hundred.
const MOST_READ: u64 = 1024 * 1024;

/// The most entries that are kept of a tool's configuration.
const MOST_ENTRIES: usize = 1000;

/// Returns the entries of a tool's configuration that its rows speak of, strongest file first.
pub(crate) fn entries(
    reading: &dyn Reading,
    tool: &Tool,
    look: &ToolLook,
    deadline: Duration,
) -> Vec<ConfigEntry> {
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    let kept_out = |config: &&Config| {
        let matches = |(name, pattern): (&String, &Pattern)| {
            reading.environment().get(name).is_some_and(|value| pattern.matches(value))
        };
        config.unless.iter().any(matches)
    };
    for config in tool.configs.iter().filter(|config| !kept_out(config)) {
        let wanted = |key: &str| matters(tool, &config.id, key);
        entries.extend(match &config.listing {
            Some(arguments) => listing(reading, config, arguments, look, deadline, wanted),
            None => files(reading, config, look, &mut seen, wanted),
        });
    }
    entries.truncate(MOST_ENTRIES);
    entries
}

fn matters(tool: &Tool, config: &str, key: &str) -> bool {
    let settings = tool.settings.iter().map(|s| &s.at);
    let off = tool.off.iter().map(|o| &o.at);
    let hosts = tool.hosts.iter().filter_map(|h| h.at.as_ref());
    settings.chain(off).chain(hosts).any(|at: &At| at.is_entry(config, key))
}

/// Reads the files of a row; one that another row has read already is not read twice.
fn files(
    reading: &dyn Reading,
    config: &Config,
    look: &ToolLook,
    seen: &mut BTreeSet<String>,
    wanted: impl Fn(&str) -> bool,
) -> Vec<ConfigEntry> {
    let mut entries = Vec::new();
    for path in paths(reading, config, look) {
        let Ok(bytes) = reading.read(Path::new(&path), MOST_READ) else { continue };
        if seen.insert(path.clone()) {
            let text = String::from_utf8_lossy(&bytes);
            let read = formats::strongest_first(config.format, &text, &wanted).into_iter().take(MOST_ENTRIES);
            entries.extend(read.map(|e| ConfigEntry {
                config: config.id.clone(),
                path: path.clone(),
                line: e.line,
                key: e.key,
                value: e.value,
            }));
        }
        if !config.every {
            break;
        }
    }
    entries
}

/// Returns the files of a row that exist, strongest first.
fn paths(reading: &dyn Reading, config: &Config, look: &ToolLook) -> Vec<String> {
    let os = reading.platform().os;
    let environment = reading.environment();
    let filling = Filling { environment, facts: &look.facts, os };
    let moved: Vec<_> = config.moved_by.iter().filter_map(|name| environment.get_filled(name)).collect();
    if let Some(path) = moved.first() {
        return vec![(*path).to_owned()];
    }
    let here = look.facts.get("working_folder").map_or(".", String::as_str);
    let starts = if config.upwards {
        upwards(here, os)
    } else if config.beside.is_empty() {
        vec![String::new()]
    } else {
        let above = upwards(here, os);
        let marked = above.iter().find(|f| config.beside.iter().any(|mark| is_there(reading, f, mark)));
        vec![marked.cloned().unwrap_or_else(|| here.to_owned())]
    };
    let mut found = Vec::new();
    for start in &starts {
        for template in config.paths.of(os) {
            for path in filling.paths(template) {
                let path = if start.is_empty() {
                    path
                } else {
                    format!("{}/{path}", start.trim_end_matches(['/', '\\']))
                };
                found.extend(glob(reading, &path).into_iter().filter(|p| is_file(reading, p)));
            }
        }
    }
    found
}

fn is_there(reading: &dyn Reading, folder: &str, mark: &str) -> bool {
    reading.kind(Path::new(&format!("{}/{mark}", folder.trim_end_matches(['/', '\\'])))).is_some()
}

/// Lets the tool list its configuration, and looks up the lines.
fn listing(
    reading: &dyn Reading,
    config: &Config,
    arguments: &[String],
    look: &ToolLook,
    deadline: Duration,
    wanted: impl Fn(&str) -> bool,
) -> Vec<ConfigEntry> {
    let question = Ask { arguments: Some(arguments.to_vec()), ..Ask::default() };
    let program = look.facts.get("program").unwrap_or(&look.path);
    let finished = ask::run(reading, &question, program, &look.facts, deadline);
    let os = reading.platform().os;
    let here = look.facts.get("working_folder").map_or(".", String::as_str);
    let mut lines: HashMap<String, HashMap<String, usize>> = HashMap::new();
    formats::strongest_first(config.format, &finished.stdout, wanted)
        .into_iter()
        .take(MOST_ENTRIES)
        .map(|entry| {
            let file = entry.file.unwrap_or_default();
            let is_path = file.contains(['/', '\\']);
            let path =
                if is_path && !super::path::is_absolute(&file, os) { format!("{here}/{file}") } else { file };
            let line = (config.format == Format::Git && is_path).then(|| {
                let read = || {
                    let bytes = reading.read(Path::new(&path), MOST_READ).unwrap_or_default();
                    git::lines(&String::from_utf8_lossy(&bytes))
                };
                lines.entry(path.clone()).or_insert_with(read).get(&entry.key).copied()
            });
            let line = line.flatten();
            ConfigEntry { config: config.id.clone(), path, line, key: entry.key, value: entry.value }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::edge::Pretend;
    use crate::facts::{Os, ToolId};

    #[test]
    fn pip_reads_no_file_where_its_variable_names_the_null_device_and_not_the_users_beside_another() {
        let pip = catalogue::tool(&ToolId("pip".to_owned())).expect("pip");
        let machine = |named: &str| {
            Pretend::new(Os::Linux)
                .variable("PIP_CONFIG_FILE", named)
                .file("/etc/pip.conf", "[global]\ncert = /everybodys.pem\n")
                .file("/home/you/.config/pip/pip.conf", "[global]\ncert = /yours.pem\n")
                .file("/srv/pip.conf", "[global]\ncert = /named.pem\n")
        };
        let look = serde_json::from_value(serde_json::json!({
            "id": "pip", "path": "/usr/bin/python3", "facts": { "home": "/home/you" },
        }));
        let look: ToolLook = look.expect("a look");
        for (named, wanted) in [
            ("", vec!["/yours.pem", "/everybodys.pem"]),
            ("/dev/null", vec![]),
            ("/srv/pip.conf", vec!["/named.pem", "/everybodys.pem"]),
        ] {
            let read = entries(&machine(named), pip, &look, Duration::ZERO);
            assert_eq!(read.iter().map(|e| e.value.as_str()).collect::<Vec<_>>(), wanted, "{named:?}");
        }
    }
}
