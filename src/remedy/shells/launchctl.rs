//! launchctl: macOS programs that are not started from a shell, until the next login.

use super::{Lines, Rendered, Shell, Unsayable, comment, sh};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    Lines {
        comment: "#",
        tidy: comment,
        usage: &["Use: trustgap env --shell launchctl | sh, then start the programs anew. Lasts until logout."],
        undo: &|names| names.iter().map(|n| format!("launchctl unsetenv {n}")).collect::<Vec<_>>().join("; "),
        set: &|name, value| {
            Ok(format!("launchctl setenv {name} {}", sh::quote(Shell::Launchctl, name, value)?))
        },
        unset: Some(&|name| format!("launchctl unsetenv {name}")),
    }
    .render(script)
}
