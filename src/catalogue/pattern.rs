//! Regular expressions in catalogue files, compiled when first used.

use std::sync::{Arc, OnceLock};

use regex::Regex;
use serde::Deserialize;

/// A regular expression that is compiled when it is first asked: a run uses few of the hundreds there are.
///
/// Its clones share what was compiled: the texts of one library stand behind those of dozens of tools.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub struct Pattern {
    text: Arc<str>,
    of_words: bool,
    compiled: Arc<OnceLock<Option<Regex>>>,
}

/// What a blank between two words becomes where a program, a terminal or a log breaks lines: blanks, a line's end, a rule
/// before the next line, an end of a line that is written out.
const BREAK: &str = r"(?:(?:[\t\n\v\f\r │]|\\[nrt])+)";

impl Pattern {
    /// Returns an expression for what programs say, in which a blank stands for whatever breaks their lines.
    pub fn of_words(text: String) -> Self {
        Self { of_words: true, ..Self::from(text) }
    }

    /// Returns the compiled expression; `None` if it is not one, which a test of the catalogue excludes.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&translated(&self.text, self.of_words)).ok()).as_ref()
    }

    /// Whether the text contains a match.
    pub fn matches(&self, text: &str) -> bool {
        self.regex().is_some_and(|r| r.is_match(text))
    }

    /// Returns the first group of the first match, or the whole match where there is no group.
    pub fn first<'t>(&self, text: &'t str) -> Option<&'t str> {
        let captures = self.regex()?.captures(text)?;
        (1..captures.len()).find_map(|i| captures.get(i)).or_else(|| captures.get(0)).map(|m| m.as_str())
    }

    /// Returns the named groups of the first match.
    pub fn named<'t>(&self, text: &'t str) -> Vec<(&str, &'t str)> {
        let Some(regex) = self.regex() else { return Vec::new() };
        let Some(captures) = regex.captures(text) else { return Vec::new() };
        regex.capture_names().flatten().filter_map(|n| captures.name(n).map(|m| (n, m.as_str()))).collect()
    }

    /// Returns the expression as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Returns an expression whose digits, blanks and words are those of ASCII: what programs print is made of no others,
/// and the thousands of characters of Unicode's classes are most of what compiling costs. Of words, each blank outside
/// of a class becomes a [`BREAK`].
fn translated(expression: &str, of_words: bool) -> String {
    let mut ascii = String::with_capacity(expression.len());
    let mut in_class = false;
    let mut characters = expression.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('b') => ascii.push_str(r"(?-u:\b)"),
                Some('d') => ascii.push_str("[0-9]"),
                Some('s') => ascii.push_str(r"[\t\n\v\f\r ]"),
                Some('w') => ascii.push_str("[0-9A-Za-z_]"),
                escaped => ascii.extend(['\\'].into_iter().chain(escaped)),
            },
            ' ' if of_words && !in_class => ascii.push_str(BREAK),
            _ => {
                in_class = character == '[' || (in_class && character != ']');
                ascii.push(character);
            }
        }
    }
    ascii
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text: text.into(), of_words: false, compiled: Arc::default() }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.of_words == other.of_words
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_ascii_and_the_rest_stays() {
        for (expression, text, wanted) in [
            (r"^\d+\.\d+$", "12.3", true),
            (r"^\d$", "٣", false),
            (r"^[\d.]+$", "1.2", true),
            (r"^[^\s\d]+$", "a\u{a0}é", true),
            (r"^\w+\s\S+$", "one é", true),
            (r"\bcurl\b", "a curl.", true),
            (r"\bcurl\b", "curly", false),
            (r"^\\d\\$", r"\d\", true),
            (r"^\$\{\w+\}$", "${x}", true),
        ] {
            assert_eq!(Pattern::from(expression.to_owned()).matches(text), wanted, "{expression} {text}");
        }
    }

    #[test]
    fn a_blank_between_words_is_whatever_breaks_lines() {
        let words = |expression: &str| Pattern::of_words(expression.to_owned());
        let signed = words("certificate signed by[ ]unknown");
        for (text, wanted) in [
            ("certificate signed by unknown", true),
            ("certificate\n  signed by unknown", true),
            ("│ certificate\r\n│ signed by unknown", true),
            (r"certificate\n signed by unknown", true),
            ("certificatesigned by unknown", false),
            ("certificate, signed by unknown", false),
            ("certificate signed by\nunknown", false),
        ] {
            assert_eq!(signed.matches(text), wanted, "{text}");
        }
        assert!(words("[:] ?unsupported").matches(":unsupported"));
        assert!(words("(?m)failed *$").matches("failed\nnext"));
        assert!(!Pattern::from("a b".to_owned()).matches("a\nb"));
    }
}
