//! fish.

use super::{Lines, Rendered, Shell, Unsayable, comment, refuse_nul};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    Lines {
        comment: "#",
        tidy: comment,
        usage: &["Use: trustgap env --shell fish | source"],
        undo: &|names| format!("set -e {}", names.join(" ")),
        set: &|name, value| {
            refuse_nul(Shell::Fish, name, value)?;
            Ok(format!("set -gx {name} {}", quote(value)))
        },
        unset: Some(&|name| format!("set -e {name}")),
    }
    .render(script)
}

/// Inside fish's single quotes only the backslash and the quote have a meaning
/// (<https://fishshell.com/docs/current/language.html#quotes>).
fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}
