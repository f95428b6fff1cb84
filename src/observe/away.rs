//! Installations as they are in a folder of their own, where `verify` runs them: without what configures them in the
//! folder that the user works in.

use std::path::Path;
use std::time::Duration;

use super::tools;
use crate::catalogue::schema::{Setting, Value};
use crate::catalogue::{self, Tool};
use crate::edge::Reading;
use crate::facts::tool::{ConfigEntry, ToolLook};
use crate::facts::{Environment, Os};

/// An installation away from the user's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// The installation with the configuration that it has there.
    pub look: ToolLook,
    /// The entries that change its trust in the user's folder and do not count there.
    pub left_out: Vec<ConfigEntry>,
}

/// Looks at the configuration of installations anew, as if each worked in `folder`.
pub fn away(reading: &dyn Reading, looks: &[ToolLook], folder: &Path, deadline: Duration) -> Vec<Away> {
    let of = |look: &ToolLook| {
        let Some(tool) = catalogue::tool(&look.id) else {
            return Away { look: look.clone(), left_out: Vec::new() };
        };
        let there = tools::in_folder(reading, tool, look, folder, deadline);
        let gone = |entry: &&ConfigEntry| changes_trust(tool, entry) && !there.entries.contains(entry);
        Away { left_out: look.entries.iter().filter(gone).cloned().collect(), look: there }
    };
    looks.iter().map(of).collect()
}

/// Makes the paths absolute that variables give relative to the folder that the user works in.
pub(super) fn from_here(environment: &Environment, looks: &[ToolLook], here: &Path, os: Os) -> Environment {
    let is_path = |row: &&Setting| {
        !row.list && row.at.pattern.is_none() && !matches!(row.value, Value::Inline | Value::Switch)
    };
    let mut anchored = environment.clone();
    for tool in looks.iter().filter_map(|look| catalogue::tool(&look.id)) {
        for name in tool.settings.iter().filter(is_path).filter_map(|row| row.at.environment.as_deref()) {
            if let Some(value) = environment.get_filled(name).filter(|v| !tools::path::is_absolute(v, os)) {
                let here = here.display().to_string();
                anchored.set(name, format!("{}/{value}", here.trim_end_matches(tools::path::is_slash(os))));
            }
        }
    }
    anchored
}

fn changes_trust(tool: &Tool, entry: &ConfigEntry) -> bool {
    let settings = tool.settings.iter().map(|row| &row.at);
    settings.chain(tool.off.iter().map(|row| &row.at)).any(|at| at.is_entry(&entry.config, &entry.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::Pretend;
    use crate::facts::ToolId;

    #[test]
    fn a_projects_own_settings_do_not_count_elsewhere_and_the_users_do() {
        let machine = Pretend::new(Os::Linux)
            .working_folder("/src/app")
            .file("/src/app/.npmrc", "cafile=/old.pem\nregistry=https://r.example/\n")
            .file("/home/you/.npmrc", "strict-ssl=false\n");
        let npm = catalogue::tool(&ToolId("npm".to_owned())).expect("npm");
        let look = serde_json::json!({
            "id": "npm", "path": "/usr/bin/npm", "facts": { "home": "/home/you", "working_folder": "/src/app" },
        });
        let look: ToolLook = serde_json::from_value(look).expect("a look");
        let here = tools::in_folder(&machine, npm, &look, Path::new("/src/app"), Duration::ZERO);
        assert_eq!(here.entries.len(), 3, "{:?}", here.entries);
        let away = away(&machine, &[here], Path::new("/tmp/own"), Duration::ZERO);
        let keys = |entries: &[ConfigEntry]| entries.iter().map(|e| e.key.clone()).collect::<Vec<_>>();
        assert_eq!(keys(&away[0].look.entries), ["strict-ssl"]);
        assert_eq!(keys(&away[0].left_out), ["cafile"], "a registry changes no trust");
    }

    #[test]
    fn a_relative_path_goes_on_meaning_the_same_file() {
        let looks: Vec<ToolLook> = ["node", "deno"]
            .map(|id| serde_json::json!({ "id": id, "path": "/bin/x" }))
            .map(|look| serde_json::from_value(look).expect("a look"))
            .to_vec();
        let environment: Environment =
            [("NODE_EXTRA_CA_CERTS", "ca.pem"), ("DENO_CERT", "/abs.pem"), ("DENO_TLS_CA_STORE", "system")]
                .into_iter()
                .collect();
        let anchored = from_here(&environment, &looks, Path::new("/src"), Os::Linux);
        assert_eq!(anchored.get("NODE_EXTRA_CA_CERTS"), Some("/src/ca.pem"));
        assert_eq!(anchored.get("DENO_CERT"), Some("/abs.pem"));
        assert_eq!(anchored.get("DENO_TLS_CA_STORE"), Some("system"));
    }
}
