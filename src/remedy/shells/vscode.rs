//! Visual Studio Code's terminal: part of settings.json, which is JSON with comments.

use serde_json::{Map, Value};

use super::{Rendered, Shell, Unsayable, header, json};
use crate::facts::Os;
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    let usage = [
        "Use: put this into the user settings.json (not the workspace one, which others would get).",
        "It applies to new terminals and tasks, not to extensions.",
    ];
    let undo = |_: &[&str]| "delete it from settings.json".to_owned();
    let mut text = in_slashes(&header(script, &usage, &undo, super::comment));
    if !script.is_empty() {
        let variables = json::variables(Shell::Vscode, script, |(name, text)| no_substitution(Shell::Vscode, name, text))?;
        let system = match script.os {
            Os::Linux | Os::Unix => "linux",
            Os::Macos => "osx",
            Os::Windows => "windows",
        };
        let mut settings = Map::new();
        settings.insert(format!("terminal.integrated.env.{system}"), Value::Object(variables));
        text += &pretty(settings);
    }
    Ok(Rendered { text, remarks: Vec::new() })
}

/// Visual Studio Code and development containers replace `${...}` in values and have no way to write it plainly.
pub(super) fn no_substitution(
    shell: Shell,
    name: &crate::remedy::script::Name,
    text: &str,
) -> Result<(), Unsayable> {
    if text.contains("${") {
        return Err(Unsayable { shell, name: name.clone(), what: "`${`" });
    }
    Ok(())
}

/// Returns sentences as comments of JSON with comments.
pub(super) fn in_slashes(sentences: &[String]) -> String {
    sentences.iter().flat_map(|sentence| ["// ", sentence, "\n"]).collect()
}

/// Returns an object over several lines.
pub(super) fn pretty(object: Map<String, Value>) -> String {
    format!("{:#}\n", Value::Object(object))
}
