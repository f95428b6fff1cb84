//! Which library a tool verifies with.

use serde::Deserialize;

use super::Condition;
use crate::catalogue::version::Range;

/// Which library verifies, by its id in `verifiers/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verifies {
    /// The library's id.
    pub with: String,
    /// When it applies.
    #[serde(flatten)]
    pub condition: Condition,
    /// When it applies: versions of the runtime that runs the tool.
    #[serde(default)]
    pub runtime: Option<Range>,
    /// Whether it is about this tool alone and not about those that are like it: what they do with the same library is
    /// their own affair (Python's libraries make their own contexts).
    #[serde(default)]
    pub alone: bool,
    /// When it applies: variables of which one has a value.
    #[serde(default)]
    pub set: Vec<String>,
    /// The command that lets it go on where nobody can be asked whether a certificate was revoked.
    #[serde(default)]
    pub best_effort: Option<String>,
}
