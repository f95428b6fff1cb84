//! Which computer this is about: operating system, distribution, processor.

use serde::{Deserialize, Serialize};

/// An operating system, as a value: decisions for any of them can be tested on any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Os {
    /// Linux of any family.
    Linux,
    /// macOS.
    Macos,
    /// Any other Unix.
    Unix,
    /// Windows.
    Windows,
}

/// The computer that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Operating system.
    pub os: Os,
    /// Processor architecture as Rust names it, for example `x86_64`.
    pub arch: String,
    /// `ID` and `ID_LIKE` of /etc/os-release, most specific first; empty elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub distribution: Vec<String>,
}

impl Os {
    /// Returns the system this program was built for.
    pub const fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::Macos
        } else if cfg!(target_os = "linux") {
            Self::Linux
        } else {
            Self::Unix
        }
    }

    /// Returns the name as its maker writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Macos => "macOS",
            Self::Unix => "Unix",
            Self::Windows => "Windows",
        }
    }

    /// Returns what separates the entries of `PATH` and of path lists.
    pub fn list_separator(self) -> char {
        if self == Self::Windows { ';' } else { ':' }
    }
}
