//! What changes the roots of a tool.

use serde::Deserialize;

use super::{At, Condition, On, Reach, Reader, Slot, Verified};

/// Something that changes a tool's roots.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Where it stands.
    pub at: At,
    /// What it is given.
    pub value: Value,
    /// Whether a file with nothing but the company's roots leaves the public roots in place.
    pub effect: Effect,
    /// The slot it fills; absent: none (it is here because people set it in vain).
    #[serde(default)]
    pub sets: Option<Slot>,
    /// The slots it empties.
    #[serde(default)]
    pub clears: Vec<Slot>,
    /// How its file or folder is read.
    #[serde(default)]
    pub reader: Option<Reader>,
    /// For switches: which values switch it on.
    #[serde(default)]
    pub on: On,
    /// When it applies.
    #[serde(flatten)]
    pub condition: Condition,
    /// Names of settings of which one must be set for this one to be read.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Names of settings that, set, keep this one from being read.
    #[serde(default)]
    pub unless: Vec<String>,
    /// What an empty value does.
    #[serde(default)]
    pub empty: Empty,
    /// Whether it counts for everything or for the hosts that stand in its key.
    #[serde(default)]
    pub reach: Reach,
    /// What a relative path is relative to.
    #[serde(default)]
    pub relative_to: RelativeTo,
    /// Whether the value is a list of paths.
    #[serde(default)]
    pub list: bool,
    /// In which order it is considered for being set by `env` and `fix`, 1 first; absent: never set.
    #[serde(default)]
    pub emit: Option<u8>,
    /// What is written, `{file}` being the file; absent: the file, or the first value of `on`.
    #[serde(default)]
    pub write: Option<String>,
    /// What programs it starts get of it.
    #[serde(default)]
    pub children: Option<String>,
    /// What goes wrong with it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Where it is documented.
    #[serde(default)]
    pub source: Option<String>,
    /// How it is known, where that differs from the tool's.
    #[serde(default)]
    pub verified: Option<Verified>,
}

/// What a setting is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// A PEM file with the company's roots alone.
    Authorities,
    /// A PEM file with all roots.
    Bundle,
    /// A folder.
    Directory,
    /// The PEM text itself.
    Inline,
    /// A key store.
    Keystore,
    /// On or off.
    Switch,
}

/// What a setting does to the public roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// They stay.
    Append,
    /// Nothing: the tool does not read it.
    None,
    /// They go, on some system or in some build at least.
    Replace,
}

/// What an empty value does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// The tool fails.
    Fails,
    /// It counts as an empty set of roots.
    NoRoots,
    /// As if it were not set.
    #[default]
    Unset,
}

/// What a relative path is relative to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelativeTo {
    /// The folder of the file it stands in.
    ConfigFolder,
    /// The folder above that one (cargo's `.cargo/config.toml`).
    AboveConfigFolder,
    /// The working folder.
    #[default]
    WorkingFolder,
}
