//! Colours taken out of what programs say, so that it can be read.
//!
//! A program that colours its words puts sequences into the middle of sentences. In what people paste, the first
//! character of a sequence is often lost or written out.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// Whole sequences; where the escape character is lost, only those that set a colour can be told from words.
static SEQUENCES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let escape = r"(?:\x1b|\\u001[bB]|\\x1[bB]|\\0?33|\\e|\^\[|\x{241b})";
    let link = r"\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)";
    Regex::new(&format!(r"{link}|{escape}\[[0-?]*[ -/]*[@-~]|\[(?:[0-9]{{1,3}};?){{1,5}}m")).ok()
});

/// Returns the text without the sequences that colour it, move the cursor or link words.
pub fn uncoloured(text: &str) -> Cow<'_, str> {
    SEQUENCES.as_ref().map_or(Cow::Borrowed(text), |sequences| sequences.replace_all(text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_without_their_colours_and_nothing_else_is_lost() {
        for (coloured, plain) in [
            ("\u{1b}[1mself-signed\u{1b}[22m certificate", "self-signed certificate"),
            ("x509: certificate \u{1b}[31m\u{1b}[38;5;200msigned\u{1b}[0m by", "x509: certificate signed by"),
            (r#"{"m":"\u001b[31mself-signed\u001b[39m certificate"}"#, r#"{"m":"self-signed certificate"}"#),
            ("^[[31mERR^[[0m x", "ERR x"),
            ("[31mnpm[39m error", "npm error"),
            ("\u{1b}]8;;https://x.example\u{1b}\\here\u{1b}]8;;\u{1b}\\", "here"),
            ("\u{1b}[2Kdone", "done"),
            ("list[0] [m] [31] [mm]", "list[0] [m] [31] [mm]"),
            ("depth [40]: Handshake failed", "depth [40]: Handshake failed"),
            ("\u{1b}", "\u{1b}"),
        ] {
            assert_eq!(uncoloured(coloured), plain, "{coloured:?}");
        }
    }
}
