//! Words for commands that people copy: one argument each, whatever is in it.
//!
//! Nothing is quoted that need not be. What cannot be shown unchanged on one line cannot be copied either: then there
//! is no word, and no command is offered. Settings for `env` are quoted by their shell's own rules, elsewhere.

use super::sanitise::sanitise_to;

/// Returns the text as one word of a POSIX shell; fish, nushell and PowerShell read it the same unless it holds
/// a single quote or a backslash.
pub fn posix(text: &str) -> Option<String> {
    let plain = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '%' | '+' | ',' | '=')
    };
    match text {
        _ if !can_be_shown(text) => None,
        // a bare word with `=` first in a line would be an assignment, `~` and globs would expand: those are quoted
        _ if !text.is_empty() && text.chars().all(plain) && !text.starts_with('=') => Some(text.to_owned()),
        _ => Some(format!("'{}'", text.replace('\'', r"'\''"))),
    }
}

/// Returns the text as one word that both PowerShell and `cmd.exe` read the same; there is none when it holds
/// a character that either of them expands inside double quotes.
pub fn windows(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '\\' | '+');
    match text {
        _ if !can_be_shown(text) || text.contains(['"', '%', '$', '`', '!', '^', '“', '”', '„']) => {
            None
        }
        _ if !text.is_empty() && text.chars().all(plain) => Some(text.to_owned()),
        // a backslash before the closing quote would escape it for the program that is started
        _ if text.ends_with('\\') => None,
        _ => Some(format!("\"{text}\"")),
    }
}

fn can_be_shown(text: &str) -> bool {
    text.trim() == text && sanitise_to(text, usize::MAX) == text && !text.contains('\u{FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_quotes_gets_them() {
        for (text, wanted) in [
            ("/etc/ssl/ca.pem", Some("/etc/ssl/ca.pem")),
            ("registry.example:443", Some("registry.example:443")),
            ("", Some("''")),
            ("my ca.pem", Some("'my ca.pem'")),
            ("it's", Some(r"'it'\''s'")),
            ("$(rm -r x)", Some("'$(rm -r x)'")),
            ("~/ca.pem", Some("'~/ca.pem'")),
            ("größe.pem", Some("'größe.pem'")),
            ("two\nlines", None),
            ("\u{1b}[2J", None),
            ("a\u{202e}b", None),
        ] {
            assert_eq!(posix(text).as_deref(), wanted, "{text:?}");
        }
        for (text, wanted) in [
            (r"C:\ca.pem", Some(r"C:\ca.pem")),
            (r"C:\Program Files\ca.pem", Some(r#""C:\Program Files\ca.pem""#)),
            ("a&calc", Some("\"a&calc\"")),
            ("%PATH%", None),
            ("$env:X", None),
            ("a\"b", None),
            ("a b\\", None),
        ] {
            assert_eq!(windows(text).as_deref(), wanted, "{text:?}");
        }
    }
}
