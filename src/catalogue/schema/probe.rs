//! How a tool is run for real, and what the end of the run means.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Cause, Condition};
use crate::catalogue::pattern::Pattern;

/// How a tool is run for real.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// When it applies.
    #[serde(flatten)]
    pub condition: Condition,
    /// Another program than the tool's own; facts and path words as in [`Paths`].
    #[serde(default)]
    pub program: Option<String>,
    /// Its arguments: `{url}` (`https://host:port/`), `{host}`, `{port}`, `{scratch}` (an empty folder of its own,
    /// its working folder) and facts are filled in.
    pub arguments: Vec<String>,
    /// Files laid into `{scratch}` before, their text filled in likewise.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// The user's own files that are copied into `{scratch}` before, so that a run with a folder of its own for what it
    /// keeps reads the configuration that it would read there: names in `{scratch}`, and paths as in [`Paths`]. What
    /// is not there is not copied; paths in them that are relative lead elsewhere.
    #[serde(default)]
    pub copies: BTreeMap<String, String>,
    /// Variables set for the run, filled in likewise, after the ones under test.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// What it reads on standard input.
    #[serde(default)]
    pub input: Option<String>,
    /// Seconds after which it is ended.
    #[serde(default = "Probe::usual_deadline")]
    pub deadline: u64,
    /// What its end means, the first rule that fits; then the tool's error texts; then inconclusive.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
    /// What is worth knowing.
    #[serde(default)]
    pub note: Option<String>,
}

/// What the end of a probe means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The exit codes it is about; empty: any.
    #[serde(default)]
    pub exit: Vec<i32>,
    /// What one of the streams must contain.
    #[serde(default)]
    pub text: Option<Pattern>,
    /// What it means.
    pub means: Meaning,
}

/// What a run proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Meaning {
    /// TLS failed, because of this.
    Fails(Cause),
    /// Nothing about TLS.
    Inconclusive,
    /// A TLS handshake with verification was finished.
    Works,
}

impl Probe {
    fn usual_deadline() -> u64 {
        20
    }
}

impl TryFrom<String> for Meaning {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "works" => Ok(Self::Works),
            "inconclusive" => Ok(Self::Inconclusive),
            other => Cause::parse(other)
                .map(Self::Fails)
                .ok_or_else(|| format!("`{other}` is neither `works`, `inconclusive` nor a cause")),
        }
    }
}
