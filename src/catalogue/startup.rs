//! The files that give variables to what a person starts.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::facts::Os;
use crate::facts::tool::Context;

/// A start-up file of a shell or a session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartupFile {
    /// Where it is, as in the tools' files; `*` matches inside one name.
    pub path: String,
    /// How it sets variables.
    pub syntax: Syntax,
    /// Who gets them, as the end of "it reaches".
    pub reaches: String,
    /// The systems that have it.
    pub os: Vec<Os>,
    /// What starts with its variables.
    #[serde(default = "StartupFile::shells")]
    pub contexts: Vec<Context>,
}

impl StartupFile {
    fn shells() -> Vec<Context> {
        vec![Context::Shell]
    }
}

/// How a start-up file sets variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// `NAME=value`, nothing else.
    Assignments,
    /// `setenv NAME value`.
    Csh,
    /// `set -gx NAME value`.
    Fish,
    /// A property list whose programs are `launchctl setenv NAME value`.
    LaunchAgent,
    /// `$env.NAME = value`.
    Nushell,
    /// `NAME DEFAULT=value`.
    Pam,
    /// `$env:NAME = value`.
    Powershell,
    /// `export NAME=value`.
    Sh,
    /// `Environment="NAME=value"` and `DefaultEnvironment=`.
    Systemd,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Files {
    file: Vec<StartupFile>,
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    toml::from_str(include_str!("startup.toml")).expect("the file is part of the program and a test reads it")
});

/// Returns the start-up files, in the order in which later ones win.
pub fn startup_files() -> &'static [StartupFile] {
    &FILES.file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_start_up_files() {
        for os in [Os::Linux, Os::Macos, Os::Windows] {
            assert!(startup_files().iter().any(|f| f.os.contains(&os)), "{os:?}");
        }
    }
}
