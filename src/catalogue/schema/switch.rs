//! What switches verification off, and which values switch something on.

use serde::Deserialize;

use super::{At, Condition, Verified};

/// Something that switches verification off.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Off {
    /// Where it stands.
    pub at: At,
    /// Which values do it.
    #[serde(default)]
    pub on: On,
    /// Names the switch where several rows are one: of all its places the strongest decides, and of keys in the same
    /// files the lowest line.
    #[serde(default)]
    pub switch: Option<String>,
    /// How far it reaches.
    #[serde(default)]
    pub reach: Reach,
    /// When it applies.
    #[serde(flatten)]
    pub condition: Condition,
    /// What is worth knowing.
    #[serde(default)]
    pub note: Option<String>,
    /// How it is known, where that differs from the tool's.
    #[serde(default)]
    pub verified: Option<Verified>,
}

/// Which values switch something on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// Any value but an empty one.
    #[default]
    Filled,
    /// Its presence, even with an empty value.
    Present,
    /// Being there with an empty value.
    Empty,
    /// No value: it takes another row of the same switch back.
    Never,
    /// One of these, whatever the case of the letters.
    Values(Vec<String>),
    /// One of these, letter by letter.
    Exactly(Vec<String>),
    /// Anything but these and the empty value, whatever the case of the letters.
    Except(Vec<String>),
}

/// How far a setting or a switch reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Every connection.
    #[default]
    All,
    /// The hosts that its key or value lists.
    Hosts,
    /// Only the name is no longer compared.
    Names,
    /// Another part than what the tool itself downloads with.
    Part,
}

impl On {
    /// Whether this value, of something that is there, switches it on.
    pub fn is_on(&self, value: &str) -> bool {
        let one_of = |list: &[String]| list.iter().any(|v| v.eq_ignore_ascii_case(value.trim()));
        match self {
            Self::Filled => !value.is_empty(),
            Self::Present => true,
            Self::Empty => value.trim().is_empty(),
            Self::Never => false,
            Self::Values(list) => one_of(list),
            Self::Exactly(list) => list.iter().any(|v| v == value),
            Self::Except(list) => !value.trim().is_empty() && !one_of(list),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_know_their_own_yes() {
        let list = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
        for (on, value, is_on) in [
            (On::Filled, "0", true),
            (On::Filled, "", false),
            (On::Present, "", true),
            (On::Empty, " ", true),
            (On::Values(list(&["false"])), "False", true),
            (On::Exactly(list(&["1"])), "true", false),
            (On::Except(list(&["0", "false"])), "FALSE", false),
            (On::Except(list(&["0"])), "", false),
            (On::Except(list(&["0"])), "no", true),
        ] {
            assert_eq!(on.is_on(value), is_on, "{on:?} {value:?}");
        }
    }
}
