//! A .env file, in the words that its many readers agree on.
//!
//! There is no standard: python-dotenv replaces `${X}` even in single quotes and halves a double backslash there, node's
//! dotenv knows no escapes, ruby's eats a bare backslash. What they do not read alike is refused. (`docker run
//! --env-file` knows no quotes at all: only values without blanks reach it unchanged.)

use super::{Lines, Rendered, Shell, Unsayable, comment, is_control, refuse};
use crate::remedy::script::{Name, Script};

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    Lines {
        comment: "#",
        tidy: comment,
        usage: &["Use: trustgap env --shell dotenv >> .env. Keep it out of the repository."],
        undo: &|names| format!("delete the lines of {}", names.join(", ")),
        set: &|name, value| Ok(format!("{name}={}", word(Shell::Dotenv, name, value)?)),
        unset: None,
    }
    .render(script)
}

/// Returns a value in a form that all readers take for the same.
pub(super) fn word(shell: Shell, name: &Name, value: &str) -> Result<String, Unsayable> {
    let no = |what, kind: fn(char) -> bool| refuse(shell, name, value, what, kind);
    no("a line break or control character", is_control)?;
    no("a quotation mark", |c| matches!(c, '\'' | '"' | '`'))?;
    no("a dollar sign", |c| c == '$')?;
    let bare = |c: char| c.is_alphanumeric() || "/.:_-+=@,%".contains(c);
    if !value.is_empty() && value.chars().all(bare) {
        return Ok(value.to_owned());
    }
    if value.contains(r"\\") || value.ends_with('\\') {
        let what = "a double or final backslash";
        return Err(Unsayable { shell, name: name.clone(), what });
    }
    Ok(format!("'{value}'"))
}
