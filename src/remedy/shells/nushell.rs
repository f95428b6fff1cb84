//! Nushell.

use super::{Lines, Rendered, Shell, Unsayable, comment, is_control, refuse_nul};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    Lines {
        comment: "#",
        tidy: comment,
        usage: &[
            "Use: trustgap env --shell nushell | save -f trustgap.nu, then source trustgap.nu",
            "Or at once: trustgap env --shell json | from json | load-env",
        ],
        undo: &|names| format!("hide-env {}", names.join(" ")),
        set: &|name, value| {
            refuse_nul(Shell::Nushell, name, value)?;
            Ok(format!("$env.{name} = {}", quote(value)))
        },
        unset: Some(&|name| format!("hide-env --ignore-errors {name}")),
    }
    .render(script)
}

/// A plain double-quoted string: backslash escapes, no interpolation (that is `$"..."`)
/// (<https://www.nushell.sh/book/working_with_strings.html>).
fn quote(value: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if is_control(c) => format!("\\u{{{:x}}}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", value.chars().map(escape).collect::<String>())
}
