//! Toolchains found on the machine.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The id of a toolchain in the catalogue, for example `node`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ToolId(pub String);

impl fmt::Display for ToolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One installation of a toolchain, as seen: where it is, which version, what configures it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolLook {
    /// Which toolchain.
    pub id: ToolId,
    /// The program, as a path.
    pub path: String,
    /// Its version as it says itself; absent when it would not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}
