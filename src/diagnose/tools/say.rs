//! Names of installations, places of settings and how to take a setting back, in words.

use std::collections::BTreeMap;

use super::Tools;
use crate::catalogue::schema::Slot;
use crate::diagnose::words::list;
use crate::facts::Os;
use crate::facts::tool::Export;
use crate::judge::tool::{Part, Place, SetBy, Source, ToolJudgement};
use crate::text::{redact, sanitise};

/// `node 20.20.2`.
pub(super) fn tool(judged: &ToolJudgement) -> String {
    match &judged.look.version {
        Some(version) => format!("{} {}", judged.look.id, sanitise(version)),
        None => judged.look.id.to_string(),
    }
}

/// `node 20.20.2, pip 23.0 (3 installations) and npm 10.2.4`: the tools of several rows, each once.
pub(super) fn tools<'j, 'a: 'j>(all: impl IntoIterator<Item = &'j ToolJudgement<'a>>) -> String {
    let mut installations: BTreeMap<&str, Vec<&ToolJudgement>> = BTreeMap::new();
    for judged in all {
        installations.entry(&judged.look.id.0).or_default().push(judged);
    }
    let names: Vec<String> = installations
        .into_iter()
        .map(|(id, rows)| match rows.as_slice() {
            [one] => tool(one),
            several => format!("{id} ({} installations)", several.len()),
        })
        .collect();
    list(&names)
}

/// The verb that follows [`tools`]: that of one, or of several.
pub(super) fn verb<'w>(count: usize, one: &'w str, several: &'w str) -> &'w str {
    if count == 1 { one } else { several }
}

/// `NODE_EXTRA_CA_CERTS` or `cafile in ~/.npmrc, line 3`.
pub(super) fn place(place: &Place) -> String {
    match place {
        Place::Variable(name) => format!("`{}`", sanitise(name)),
        Place::Entry { path, line, key } => {
            let line = line.map(|l| format!(", line {l}")).unwrap_or_default();
            // a file that is options and nothing else has no keys
            let key = if key.is_empty() { String::new() } else { format!("`{}` in ", sanitise(key)) };
            format!("{key}{}{line}", sanitise(path))
        }
    }
}

/// Where a setting stands, for the tables: `environment` or `path:line`.
pub(super) fn where_it_stands(place: &Place) -> String {
    match place {
        Place::Variable(_) => "environment".to_owned(),
        Place::Entry { path, line: Some(line), .. } => format!("{}:{line}", sanitise(path)),
        Place::Entry { path, line: None, .. } => sanitise(path),
    }
}

/// Where a variable is set for what is started later: `~/.bashrc, line 12`.
pub(super) fn export_place(export: &Export) -> String {
    let line = export.line.map(|l| format!(", line {l}")).unwrap_or_default();
    format!("{}{line}", sanitise(&export.path))
}

/// The same for the tables: `path:line`.
pub(super) fn export_line(export: &Export) -> String {
    let line = export.line.map(|l| format!(":{l}")).unwrap_or_default();
    format!("{}{line}", sanitise(&export.path))
}

/// Who sets a variable, as a sentence; nothing where it is not known or the setting stands in a file.
pub(super) fn who_sets(tools: &Tools<'_>, place: &Place) -> Option<String> {
    let Place::Variable(name) = place else { return None };
    let export = tools.exporter(name, tools.observations.environment.get(name)?)?;
    Some(format!(
        "`{}` is set in {}, which reaches {}.",
        sanitise(name),
        export_place(export),
        export.reaches
    ))
}

/// A value as it may be shown.
pub(super) fn value(text: &str) -> String {
    if text.is_empty() { "(empty)".to_owned() } else { sanitise(&redact::credentials(text)) }
}

/// How a setting is taken back: a sentence without its stop, and the command where there is one. The line that sets
/// a variable is named where it is known.
pub(super) fn way_back(tools: &Tools<'_>, place: &Place) -> (String, Vec<String>) {
    match place {
        Place::Variable(name) => {
            let value = tools.observations.environment.get(name).unwrap_or_default();
            let export = tools.exporter(name, value);
            let name = sanitise(name);
            let command = match tools.observations.platform.os {
                Os::Windows => format!("Remove-Item Env:{name}"),
                _ => format!("unset {name}"),
            };
            let what = match export {
                Some(export) => {
                    format!("Take `{name}` out of {}, and out of what is running", export_place(export))
                }
                None => format!("Take `{name}` out of the environment"),
            };
            (what, vec![command])
        }
        Place::Entry { path, line, key } => {
            let line = line.map(|l| format!("line {l} (`{}`)", sanitise(key)));
            let what = line.unwrap_or_else(|| format!("`{}`", sanitise(key)));
            (format!("Take {what} out of {}", sanitise(path)), Vec::new())
        }
    }
}

/// What a part of a tool's roots is.
pub(super) fn source(part: &Part) -> String {
    match &part.source {
        Source::Bundled => "the roots it carries itself".to_owned(),
        Source::System => "the system store".to_owned(),
        Source::File(path) => sanitise(path),
        Source::Keystore(path) => format!("the key store {}", sanitise(path)),
        Source::Nss(path) => format!("the NSS database {}", sanitise(path)),
        Source::Directories(paths) => {
            list(&paths.iter().map(|p| format!("the folder {}", sanitise(p))).collect::<Vec<_>>())
        }
        Source::Inline(_) => "certificates written into the setting".to_owned(),
        Source::Nothing => "nothing".to_owned(),
    }
}

/// What a tool's roots are, as the end of a sentence: `/etc/x.pem (set by SSL_CERT_FILE) and the folder /etc/ssl/certs`.
pub(super) fn roots(judged: &ToolJudgement) -> String {
    let parts = &judged.trust.effective.parts;
    if parts.is_empty() {
        return "not known for this build".to_owned();
    }
    let of = |part: &Part| match &part.set_by {
        SetBy::Default => source(part),
        SetBy::Setting(at) => format!("{} (set by {})", source(part), place(at)),
    };
    list(&parts.iter().map(of).collect::<Vec<_>>())
}

/// The class of a part in the report's tables.
pub(super) fn class(part: &Part) -> &'static str {
    match part.slot {
        Slot::Bundled => "bundled",
        Slot::System => "system",
        Slot::Directory | Slot::Extra | Slot::File => "file",
        Slot::Keystore => "keystore",
        Slot::Nss => "nss",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_key_only_where_the_file_has_keys() {
        let entry =
            |key: &str| Place::Entry { path: "/w/jvm.config".into(), line: Some(1), key: key.to_owned() };
        assert_eq!(place(&entry("")), "/w/jvm.config, line 1");
        assert_eq!(place(&entry("a.b")), "`a.b` in /w/jvm.config, line 1");
    }
}
