//! Docker and Podman: part of a Dockerfile. The files come from a second build context, so nothing has to be copied
//! beside the Dockerfile and nothing of ours stays in a stage that does not ask for it.

use super::{IN_CONTAINER, Rendered, Shell, Unsayable, comment, header, is_control, must_be_taken_out, refuse};
use crate::remedy::script::{Change, Script};

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    let places = &script.places;
    let folder = format!("The build needs this context: --build-context trustgap={}", places.folder);
    let usage = [
        "Use: after FROM, in stages that are built here; a stage that is shipped must start from another FROM.",
        &comment(&folder),
    ];
    let undo = |_: &[&str]| "delete these lines and build anew".to_owned();
    let mut remarks = Vec::new();
    let mut lines: Vec<String> =
        header(script, &usage, &undo, comment).iter().map(|line| format!("# {line}")).collect();
    for file in script.files() {
        let below = places.below_folder(file);
        lines.push(format!("COPY --from=trustgap {below} {IN_CONTAINER}/{below}"));
    }
    for line in &script.lines {
        if !line.remark.is_empty() {
            lines.push(format!("# {}", comment(&line.remark)));
        }
        match &line.change {
            Change::Set(value) => {
                let value = value.with(|file| format!("{IN_CONTAINER}/{}", places.below_folder(file)));
                // `COPY` knows wildcards and variables in its source
                let odd = |c: char| !c.is_ascii_alphanumeric() && !"/._-".contains(c);
                for file in script.files() {
                    let what = "a file with an unusual name";
                    refuse(Shell::Dockerfile, &line.name, &places.below_folder(file), what, odd)?;
                }
                refuse(Shell::Dockerfile, &line.name, &value, "a line break or control character", is_control)?;
                lines.push(format!("ENV {}={}", line.name, quote(&value)));
            }
            Change::Unset => {
                let sentence = must_be_taken_out(&line.name);
                lines.push(format!("# {sentence}"));
                remarks.push(sentence);
            }
        }
    }
    Ok(Rendered { text: lines.join("\n") + "\n", remarks })
}

/// Single quotes, inside which nothing has a meaning, whatever `# escape=` says; a single quote stands in double ones
/// (moby/buildkit `frontend/dockerfile/shell/lex.go`).
fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\'', r#"'"'"'"#))
}
