//! Windows' command prompt: a batch file.

use super::{Lines, Rendered, Shell, Unsayable, ascii_comment, is_control, refuse, refuse_empty};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    let lines = Lines {
        comment: "@rem",
        tidy: ascii_comment,
        usage: &["Use: trustgap env --shell cmd into a file settings.cmd, then call settings.cmd"],
        undo: &|names| format!("set NAME= for each of {}", names.join(", ")),
        set: &|name, value| {
            refuse_empty(Shell::Cmd, name, value)?;
            refuse(Shell::Cmd, name, value, "a line break or control character", is_control)?;
            // with delayed expansion on, `!NAME!` is replaced whatever quotes stand around it; off, `^!` stays two
            // characters: no spelling is right in both
            refuse(Shell::Cmd, name, value, "an exclamation mark", |c| c == '!')?;
            Ok(format!("@set {}", assignment(name.as_str(), value)))
        },
        unset: Some(&|name| format!("@set {name}=")),
    };
    let mut rendered = lines.render(script)?;
    if !rendered.text.is_ascii() {
        rendered.text = in_utf8(&rendered.text);
    }
    rendered.text = rendered.text.replace('\n', "\r\n");
    Ok(rendered)
}

/// Inside quotes only `%` has a meaning. A quote in the value would end the quotation, and what follows could be a
/// command: such a value is written without quotes, every character with a meaning behind a caret.
fn assignment(name: &str, value: &str) -> String {
    let value = value.replace('%', "%%");
    if !value.contains('"') {
        return format!("\"{name}={value}\"");
    }
    let mut escaped = String::new();
    for c in value.chars() {
        if matches!(c, '"' | '&' | '|' | '<' | '>' | '^' | '(' | ')') {
            escaped.push('^');
        }
        escaped.push(c);
    }
    format!("{name}={escaped}")
}

/// cmd reads a batch file in the console's code page, line by line: it is changed for our lines and put back.
fn in_utf8(text: &str) -> String {
    format!(
        "@for /f \"tokens=2 delims=:.\" %%p in ('chcp') do @set \"trustgap_code_page=%%p\"\n\
         @chcp 65001 >nul\n{text}@chcp %trustgap_code_page% >nul\n@set trustgap_code_page=\n"
    )
}
