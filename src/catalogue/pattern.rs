//! Regular expressions in catalogue files, compiled when first used.

use std::sync::OnceLock;

use regex::Regex;
use serde::Deserialize;

/// A regular expression that is compiled when it is first asked: a run uses few of the hundreds there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Returns the compiled expression; `None` if it is not one, which a test of the catalogue excludes.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
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

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text, compiled: OnceLock::new() }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}
