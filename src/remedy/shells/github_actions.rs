//! GitHub Actions: lines for the file that `GITHUB_ENV` names, so that the settings belong to the runner, not to the
//! workflow (another runner has neither the CA nor the files).
//!
//! The runner reads `NAME=value` to the end of the line, nothing in it has a meaning, and a comment is an error
//! (actions/runner `src/Runner.Worker/FileCommandManager.cs`): everything else goes to standard error.

use super::{Rendered, Shell, Unsayable, header, is_control, must_be_taken_out, refuse};
use crate::remedy::script::{Change, Script};

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    let usage = [r#"Use, in a step on a self-hosted runner: trustgap env --shell github-actions >> "$GITHUB_ENV""#];
    let undo = |_: &[&str]| "the settings end with the job".to_owned();
    let mut remarks = header(script, &usage, &undo, super::comment);
    let mut lines = Vec::new();
    for line in &script.lines {
        match &line.change {
            Change::Set(value) => {
                let value = value.here(&script.places);
                refuse(Shell::GithubActions, &line.name, &value, "a line break or control character", is_control)?;
                lines.push(format!("{}={value}\n", line.name));
            }
            Change::Unset => remarks.push(must_be_taken_out(&line.name)),
        }
    }
    Ok(Rendered { text: lines.concat(), remarks })
}
