//! How installations of a tool are found and asked.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalogue::pattern::Pattern;
use crate::catalogue::version::Range;
use crate::facts::{Os, ToolId};

/// How installations are found.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detect {
    /// Names on `PATH`, without `.exe`; `#` stands for digits.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Programs elsewhere, as patterns of paths.
    #[serde(default)]
    pub places: Paths,
    /// The tool inside whose installations this library is looked for.
    #[serde(default)]
    pub inside: Option<ToolId>,
    /// What is asked of an installation, side by side.
    #[serde(default, rename = "ask")]
    pub asks: Vec<Ask>,
    /// What the answers must contain, or it is another program of the same name.
    #[serde(default)]
    pub identity: Option<Pattern>,
    /// What the answers must not contain.
    #[serde(default)]
    pub reject: Option<Pattern>,
    /// The versions that are this tool, where others of the same name are another one (Yarn 1 and Yarn 4).
    #[serde(default)]
    pub versions: Option<Range>,
}

/// A question to an installation: a file to read or a run of the program. Its answers are **facts**, named texts that
/// paths and conditions of other rows refer to as `{name}`. The fact `version` is the tool's version; installations
/// with the same fact `key` (else the same program behind all links) are one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Files to read instead of running anything, the first that exists; patterns of paths are allowed.
    #[serde(default)]
    pub files: Vec<String>,
    /// Arguments to run the program with.
    #[serde(default)]
    pub arguments: Option<Vec<String>>,
    /// Another program than the tool's own.
    #[serde(default)]
    pub program: Option<String>,
    /// Variables set for the run.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Named groups become facts; matched against the file's text, or both streams of the run.
    #[serde(default)]
    pub pattern: Option<Pattern>,
    /// What the path of a file must match to be read (forward slashes); named groups become facts.
    #[serde(default)]
    pub path_pattern: Option<Pattern>,
    /// Whether every line `name=value` of the answer is a fact.
    #[serde(default)]
    pub lines: bool,
    /// Names the fact that the file's path becomes.
    #[serde(default)]
    pub path_as: Option<String>,
    /// Operating systems it is asked on; empty means all.
    #[serde(default)]
    pub os: Vec<Os>,
}

/// Paths per operating system. `~` is the home folder, `$NAME` and `${NAME:-default}` are variables, `{name}` is a
/// fact or one of `{program}`, `{folder}` (of the program), `{real}`, `{real_folder}` (links followed), `{prefix}`
/// (the folder above `{real_folder}`), `{interpreter}`, `{interpreter_prefix}` (of a script); `*` matches inside one
/// name, `**` any depth.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// On every system.
    #[serde(default)]
    pub all: Vec<String>,
    /// On Linux and other Unixes.
    #[serde(default)]
    pub linux: Vec<String>,
    /// On macOS.
    #[serde(default)]
    pub macos: Vec<String>,
    /// On Windows.
    #[serde(default)]
    pub windows: Vec<String>,
}

impl Paths {
    /// Returns the paths of a system, the particular ones first.
    pub fn of(&self, os: Os) -> impl Iterator<Item = &str> {
        let own = match os {
            Os::Linux | Os::Unix => &self.linux,
            Os::Macos => &self.macos,
            Os::Windows => &self.windows,
        };
        own.iter().chain(&self.all).map(String::as_str)
    }
}
