//! POSIX sh, and the quoting that bash, zsh, direnv and launchctl share with it.

use super::{Lines, Rendered, Shell, Unsayable, comment, refuse_nul};
use crate::remedy::script::{Name, Script};

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    render_as(Shell::Sh, script, &[r#"Use: eval "$(trustgap env --shell sh)""#])
}

/// Prints the settings for a shell that reads sh's `export`.
pub(super) fn render_as(shell: Shell, script: &Script, usage: &[&str]) -> Result<Rendered, Unsayable> {
    Lines {
        comment: "#",
        tidy: comment,
        usage,
        undo: &|names| format!("unset {}", names.join(" ")),
        set: &|name, value| Ok(format!("export {name}={}", quote(shell, name, value)?)),
        unset: Some(&|name| format!("unset {name}")),
    }
    .render(script)
}

/// Returns the value in single quotes, inside which POSIX gives no character a meaning but the quote itself; that one
/// stands outside, behind a backslash. Safe too under zsh's `RC_QUOTES`: two quotes never meet inside a quotation.
pub(super) fn quote(shell: Shell, name: &Name, value: &str) -> Result<String, Unsayable> {
    refuse_nul(shell, name, value)?;
    Ok(format!("'{}'", value.replace('\'', r"'\''")))
}
