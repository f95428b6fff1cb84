//! The conditions that rows of a tool's file share.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalogue::pattern::Pattern;
use crate::catalogue::version::{Range, Version};
use crate::facts::Os;

/// When a row applies: everything given must hold.
///
/// It has no `deny_unknown_fields` of its own: the row that it is flattened into refuses what neither of the two knows.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Condition {
    /// Operating systems; empty means all.
    #[serde(default)]
    pub os: Vec<Os>,
    /// Versions of the tool, or of the runtime where the row is taken over from it.
    #[serde(default)]
    pub versions: Option<Range>,
    /// Facts of the installation and what is demanded of them; one that is absent counts as empty.
    #[serde(default)]
    pub when: BTreeMap<String, Demand>,
    /// Set by the loader: taken over from the runtime, so judged by its version and facts.
    #[serde(skip)]
    pub of_runtime: bool,
}

/// What a fact must be.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub enum Demand {
    /// A text that contains a match.
    Matches(Pattern),
    /// One of these versions, such as `>=3.10`.
    Versions(Range),
}

impl Demand {
    /// Whether a fact is what is demanded.
    pub fn holds(&self, fact: &str) -> bool {
        match self {
            Self::Matches(pattern) => pattern.matches(fact),
            Self::Versions(range) => Version::parse(fact).is_some_and(|version| range.holds(&version)),
        }
    }
}

impl TryFrom<String> for Demand {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.starts_with(['<', '=', '>']) {
            return Range::try_from(text).map(Self::Versions);
        }
        Ok(Self::Matches(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue::schema::{Off, Probe, Setting, Trust};
    use crate::facts::Os;

    const CONDITION: &str = "os = ['macos']\nversions = '>=2'\nwhen = { build = 'x' }\n";

    fn refused<Row: serde::de::DeserializeOwned>(row: &str) -> String {
        toml::from_str::<Row>(row).err().map_or_else(|| panic!("{row} is read"), |e| e.to_string())
    }

    #[test]
    fn rows_take_the_shared_conditions() {
        let row: Off = toml::from_str(&format!("at = {{ flag = '-k' }}\n{CONDITION}")).expect("a row");
        assert_eq!(row.condition.os, [Os::Macos]);
        assert!(row.condition.versions.is_some_and(|range| range.to_string() == ">=2"));
        assert!(row.condition.when["build"].holds("xyz"));
        assert!(!row.condition.of_runtime);
    }

    #[test]
    fn a_fact_is_compared_as_a_version_where_a_range_is_given() {
        let row: Off =
            toml::from_str("at = { flag = '-k' }\nwhen = { runtime_version = '>=3.10' }\n").expect("a row");
        let demand = &row.condition.when["runtime_version"];
        for (fact, holds) in
            [("3.9.18", false), ("3.10.0", true), ("4.0", true), ("", false), ("none", false)]
        {
            assert_eq!(demand.holds(fact), holds, "{fact}");
        }
        assert!(toml::from_str::<Off>("at = { flag = '-k' }\nwhen = { go = '>=x' }\n").is_err());
    }

    #[test]
    fn no_row_swallows_a_key_that_nobody_knows() {
        let misspelt = "version = '>=2'\n";
        for refusal in [
            refused::<Trust>(misspelt),
            refused::<Off>(&format!("at = {{ flag = '-k' }}\n{misspelt}")),
            refused::<Probe>(&format!("arguments = []\n{misspelt}[[rule]]\nmeans = 'works'\n")),
            refused::<Setting>(&format!(
                "at = {{ flag = '-k' }}\nvalue = 'bundle'\neffect = 'append'\n{misspelt}"
            )),
            refused::<Trust>("of_runtime = true\n"),
        ] {
            assert!(refusal.contains("unknown field"), "{refusal}");
        }
    }
}
