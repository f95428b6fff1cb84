//! Windows PowerShell and PowerShell 7.

use super::{Lines, Rendered, Shell, Unsayable, ascii_comment, refuse_empty, refuse_nul};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    Lines {
        comment: "#",
        tidy: ascii_comment,
        usage: &["Use: trustgap env --shell powershell | Out-String | Invoke-Expression"],
        undo: &|names| {
            format!("Remove-Item {}", names.iter().map(|n| format!("Env:{n}")).collect::<Vec<_>>().join(", "))
        },
        set: &|name, value| {
            refuse_nul(Shell::Powershell, name, value)?;
            refuse_empty(Shell::Powershell, name, value)?;
            Ok(format!("$env:{name} = {}", quote(value)))
        },
        unset: Some(&|name| format!("Remove-Item -ErrorAction SilentlyContinue Env:{name}")),
    }
    .render(script)
}

/// Single quotes, inside which only the quote has a meaning and is doubled. PowerShell also takes U+2018 to U+201B for
/// quotes, and Windows PowerShell reads our output in the console's code page: everything outside printable ASCII
/// becomes `[char]` arithmetic, in UTF-16 units.
fn quote(value: &str) -> String {
    let mut terms: Vec<String> = Vec::new();
    let mut plain = String::new();
    for c in value.chars() {
        match c {
            '\'' => plain.push_str("''"),
            ' '..='~' => plain.push(c),
            c => {
                if !plain.is_empty() || terms.is_empty() {
                    terms.push(format!("'{plain}'")); // the first term is a string, or `+` would add numbers
                    plain.clear();
                }
                let mut units = [0; 2];
                terms.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("[char]0x{unit:04X}")));
            }
        }
    }
    if !plain.is_empty() || terms.is_empty() {
        terms.push(format!("'{plain}'"));
    }
    terms.join(" + ")
}
