//! Finds every installation of every toolchain, asks it for its version, and reads what configures it.

mod formats;

use std::time::Duration;

use crate::catalogue::Tool;
use crate::edge::Reading;
use crate::facts::tool::{FileLook, ToolLook};
use crate::facts::{Target, ToolId};

/// What was found: the installations, and the files their settings name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolsLook {
    /// One row per installation, in the order of the catalogue and of `PATH`.
    pub tools: Vec<ToolLook>,
    /// Each file that a setting or a default names, once.
    pub files: Vec<FileLook>,
}

/// Looks at these tools; a program that does not answer within `deadline` gets a row that says so.
pub fn look(_reading: &dyn Reading, _tools: &[&Tool], _deadline: Duration) -> ToolsLook {
    ToolsLook::default()
}

/// Returns the hosts that the installed tools talk to by their configuration, each once, with the tool.
pub fn hosts(_reading: &dyn Reading, _looks: &[ToolLook], _deadline: Duration) -> Vec<(Target, ToolId)> {
    Vec::new()
}
