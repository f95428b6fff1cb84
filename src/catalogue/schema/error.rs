//! What tools print when TLS fails.

use serde::{Deserialize, Deserializer};

use super::Verified;
use crate::catalogue::pattern::Pattern;
use crate::catalogue::version::Range;
use crate::facts::Code;

/// What a library says when TLS fails: a file in `errors/`, for all the tools that speak its words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Its id, also the name of its file.
    pub id: String,
    /// Its name as its makers write it.
    pub name: String,
    /// How the texts are known.
    pub verified: Verified,
    /// Where they come from.
    pub sources: Vec<String>,
    /// What it prints, per cause; the particular texts stand before the general ones.
    #[serde(rename = "error")]
    pub errors: Vec<ErrorText>,
}

/// A text a tool prints, and what it means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorText {
    /// What it means.
    pub cause: Cause,
    /// The text, in which a blank stands for a break of lines as well; a group named `host` or `url` captures whom it is
    /// about.
    #[serde(deserialize_with = "of_words")]
    pub text: Pattern,
    /// A real line, for tests and documentation.
    pub example: String,
    /// Look-alikes that print the very same text.
    #[serde(default)]
    pub not_told_apart: Vec<Cause>,
    /// What is worth knowing.
    #[serde(default)]
    pub note: Option<String>,
    /// When it applies.
    #[serde(default)]
    pub versions: Option<Range>,
}

fn of_words<'de, D: Deserializer<'de>>(text: D) -> Result<Pattern, D::Error> {
    String::deserialize(text).map(Pattern::of_words)
}

/// Why TLS failed, as far as a tool's words tell: a finding's code, or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(untagged)]
pub enum Cause {
    /// One finding.
    Code(Code),
    /// A class: the words alone do not tell which.
    Class(Class),
}

/// What several findings look like in a tool's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// TLS failed, and the tool does not say why.
    TlsFailed,
    /// No path to a trusted root: inspection, a private CA, a missing intermediate.
    Untrusted,
}

impl Cause {
    /// Returns the stable text: a finding's code or the class.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code(code) => code.as_str(),
            Self::Class(Class::TlsFailed) => "tls-failed",
            Self::Class(Class::Untrusted) => "untrusted",
        }
    }

    /// Returns the cause of this stable text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.parse().map(Self::Code).ok().or(match text {
            "tls-failed" => Some(Self::Class(Class::TlsFailed)),
            "untrusted" => Some(Self::Class(Class::Untrusted)),
            _ => None,
        })
    }
}
