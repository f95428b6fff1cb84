//! Which hosts the installed tools talk to, by their own configuration and the defaults that stand in their own files.

use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

use super::{AT_ONCE, ask};
use crate::catalogue;
use crate::catalogue::schema::{Ask, HostSource};
use crate::edge::Reading;
use crate::facts::tool::ToolLook;
use crate::facts::{Target, ToolId};
use crate::judge::tool::View;
use crate::observe::side_by_side::side_by_side;

/// The most hosts of one tool that are looked at.
const MOST_HOSTS: usize = 50;

/// URLs that lead to TLS, wherever they stand in a value (`sparse+https://...`, several in one variable).
static HTTPS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"https://[^\s"'<>|,;]+"#).ok());

/// Returns the hosts that the installed tools talk to, each once, with the first tool that names it.
pub fn hosts(reading: &dyn Reading, looks: &[ToolLook], deadline: Duration) -> Vec<(Target, ToolId)> {
    let named = side_by_side(looks, AT_ONCE, |look| of_one(reading, look, deadline));
    let mut found: Vec<(Target, ToolId)> = Vec::new();
    for (look, targets) in looks.iter().zip(named) {
        for target in targets {
            if found.iter().all(|(known, _)| *known != target) {
                found.push((target, look.id.clone()));
            }
        }
    }
    found
}

fn of_one(reading: &dyn Reading, look: &ToolLook, deadline: Duration) -> Vec<Target> {
    let Some(tool) = catalogue::tool(&look.id) else { return Vec::new() };
    let view = View { tool, look, environment: reading.environment(), os: reading.platform().os };
    let mut targets: Vec<Target> = Vec::new();
    for source in &tool.hosts {
        // a default counts only where nothing was configured
        if !source.default || targets.is_empty() {
            let values = values(reading, &view, source, deadline);
            targets.extend(values.iter().flat_map(|value| in_value(value)));
        }
    }
    let mut known = HashSet::new();
    targets.retain(|target| known.insert(target.clone()));
    targets.truncate(MOST_HOSTS);
    targets
}

fn values(reading: &dyn Reading, view: &View, source: &HostSource, deadline: Duration) -> Vec<String> {
    let configured = source.at.iter().flat_map(|at| view.occurrences(at)).map(|(_, value)| value);
    let asked = source.ask.iter().flat_map(|question| answers(reading, question, view.look, deadline));
    configured.chain(asked).collect()
}

/// Returns the facts whose name begins with `url`.
fn answers(reading: &dyn Reading, question: &Ask, look: &ToolLook, deadline: Duration) -> Vec<String> {
    let mut facts = look.facts.clone();
    if question.arguments.is_some() {
        let program = look.facts.get("program").unwrap_or(&look.path);
        let finished = ask::run(reading, question, program, &facts, deadline);
        question.take(&finished.stdout, &mut facts);
    } else {
        ask::read(reading, question, &mut facts);
    }
    let is_url = |name: &str| name.starts_with("url");
    facts.into_iter().filter(|(name, _)| is_url(name)).map(|(_, value)| value).collect::<Vec<_>>()
}

fn in_value(value: &str) -> Vec<Target> {
    let Some(pattern) = HTTPS.as_ref() else { return Vec::new() };
    pattern.find_iter(value).filter_map(|url| url.as_str().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::Pretend;
    use crate::facts::Os;
    use crate::observe::tools::look;

    fn of(machine: &Pretend, id: &str) -> Vec<String> {
        let tool = catalogue::tool(&ToolId(id.to_owned())).expect("a tool");
        let looks = look(machine, &[tool], Duration::from_secs(1)).tools;
        assert!(!looks.is_empty(), "{id} is not found");
        hosts(machine, &looks, Duration::from_secs(1)).into_iter().map(|(t, _)| t.to_string()).collect()
    }

    fn machine() -> Pretend {
        Pretend::new(Os::Linux)
            .variable("PATH", "/usr/bin")
            .program("/usr/bin/node", "v20.1.0\n")
            .link("/usr/bin/npm", "/usr/lib/node_modules/npm/bin/npm-cli.js")
            .file("/usr/lib/node_modules/npm/bin/npm-cli.js", "#!/usr/bin/env node\n")
            .file("/usr/lib/node_modules/npm/package.json", "{\"name\": \"npm\", \"version\": \"10.2.4\"}")
            .file(
                "/usr/lib/node_modules/npm/node_modules/@npmcli/config/lib/definitions/definitions.js",
                "define('registry', {\n  default: 'https://default.registry.example/',\n})",
            )
    }

    #[test]
    fn a_registry_is_read_from_the_configuration_else_from_the_tool_itself() {
        assert_eq!(of(&machine(), "npm"), ["default.registry.example:443"]);
        let configured = machine()
            .working_folder("/src/app")
            .file("/src/app/package.json", "{}")
            .file("/src/app/.npmrc", "@corp:registry=https://user:secret@npm.corp.example:8443/x\n")
            .file("/home/you/.npmrc", "registry=https://mirror.example/npm/\n");
        let found = of(&configured, "npm");
        assert_eq!(found, ["mirror.example:443", "npm.corp.example:8443"]);
    }

    #[test]
    fn several_urls_in_a_value_are_several_hosts_and_http_is_none() {
        let targets = in_value(
            "sparse+https://a.example/ http://b.example https://c.example:444/x,https://c.example:444/y",
        );
        let targets: Vec<_> = targets.iter().map(ToString::to_string).collect();
        assert_eq!(targets, ["a.example:443", "c.example:444", "c.example:444"]);
    }
}
