//! A systemd service: a drop-in file.

use super::{Lines, Rendered, Shell, Unsayable, comment, is_control, refuse_nul};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    let mut rendered = Lines {
        comment: "#",
        tidy: comment,
        usage: &[
            "Use: systemctl edit SERVICE (or systemctl --user edit SERVICE), put this in, restart the service.",
            "The service user must be able to read the files.",
        ],
        undo: &|_| "systemctl revert SERVICE, or delete the drop-in file".to_owned(),
        set: &|name, value| {
            refuse_nul(Shell::Systemd, name, value)?;
            Ok(format!("Environment=\"{name}={}\"", escape(value)))
        },
        unset: Some(&|name| format!("UnsetEnvironment={name}")),
    }
    .render(script)?;
    if !script.is_empty() {
        rendered.text.insert_str(0, "[Service]\n");
    }
    Ok(rendered)
}

/// C escapes inside double quotes, `%` doubled because it begins a specifier; `$` has no meaning in `Environment=`
/// (systemd.exec(5), systemd.syntax(7)).
fn escape(value: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '%' => "%%".to_owned(),
        c if is_control(c) => c.to_string().bytes().map(|byte| format!("\\x{byte:02x}")).collect::<Vec<_>>().concat(),
        c => c.to_string(),
    };
    value.chars().map(escape).collect()
}
