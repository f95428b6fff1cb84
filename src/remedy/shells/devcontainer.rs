//! A development container: part of devcontainer.json, which is JSON with comments.

use serde_json::{Map, Value, json};

use super::vscode::{in_slashes, no_substitution, pretty};
use super::{IN_CONTAINER, Rendered, Shell, Unsayable, header, refuse_nul};
use crate::remedy::script::{Change, Script};

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    let usage = ["Use: put this into devcontainer.json and rebuild the container; building its image is not covered."];
    let undo = |_: &[&str]| "delete it from devcontainer.json".to_owned();
    let mut text = in_slashes(&header(script, &usage, &undo, super::comment));
    if script.is_empty() {
        return Ok(Rendered { text, remarks: Vec::new() });
    }
    let places = &script.places;
    let (mut set, mut taken_out) = (Map::new(), Map::new());
    for line in &script.lines {
        let Change::Set(value) = &line.change else {
            taken_out.insert(line.name.to_string(), Value::Null);
            continue;
        };
        let value = value.with(|file| format!("{IN_CONTAINER}/{}", places.below_folder(file)));
        refuse_nul(Shell::Devcontainer, &line.name, &value)?;
        no_substitution(Shell::Devcontainer, &line.name, &value)?;
        no_substitution(Shell::Devcontainer, &line.name, &places.folder)?;
        set.insert(line.name.to_string(), Value::String(value));
    }
    let mut settings = Map::new();
    if !script.files().is_empty() {
        let mount = json!({ "type": "bind", "source": places.folder, "target": IN_CONTAINER });
        settings.insert("mounts".to_owned(), json!([mount]));
    }
    settings.insert("containerEnv".to_owned(), Value::Object(set));
    if !taken_out.is_empty() {
        settings.insert("remoteEnv".to_owned(), Value::Object(taken_out));
    }
    text += &pretty(settings);
    Ok(Rendered { text, remarks: Vec::new() })
}
