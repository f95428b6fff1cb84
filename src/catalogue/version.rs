//! Version numbers as tools print them, and ranges of them.
//!
//! Not semver: `2.47.3.windows.1`, `1.8.0_392`, `26.3` and `7.88.1` all have to compare.

use std::cmp::Ordering;
use std::fmt;

use serde::Deserialize;

/// A dotted version number: its leading numbers, compared one by one, a missing one counting as zero.
#[derive(Clone, Debug)]
pub struct Version(Vec<u64>);

/// Which versions a row is about: `>=22.19, <23 || >=24.6`. Commas bind tighter than `||`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Range {
    text: String,
    alternatives: Vec<Vec<Bound>>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    relation: Relation,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Below,
    AtMost,
    Exactly,
    AtLeast,
    Above,
}

impl Version {
    /// Reads the numbers at the front of a text; `None` when it does not begin with one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let mut numbers = Vec::new();
        for part in text.split(['.', '_', '-', '+']) {
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            match part[..digits].parse() {
                Ok(number) => numbers.push(number),
                Err(_) => break,
            }
            if digits < part.len() {
                break;
            }
        }
        (!numbers.is_empty()).then_some(Self(numbers))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        let padded = |v: &Self, i: usize| v.0.get(i).copied().unwrap_or(0);
        (0..length)
            .map(|i| padded(self, i).cmp(&padded(other, i)))
            .find(|o| *o != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    }
}

impl Range {
    /// Whether a version lies in the range.
    pub fn holds(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|all| all.iter().all(|b| b.holds(version)))
    }
}

impl Bound {
    fn holds(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        match self.relation {
            Relation::Below => order == Ordering::Less,
            Relation::AtMost => order != Ordering::Greater,
            Relation::Exactly => order == Ordering::Equal,
            Relation::AtLeast => order != Ordering::Less,
            Relation::Above => order == Ordering::Greater,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (relation, rest) = [
            ("<=", Relation::AtMost),
            (">=", Relation::AtLeast),
            ("<", Relation::Below),
            (">", Relation::Above),
            ("=", Relation::Exactly),
        ]
        .into_iter()
        .find_map(|(sign, relation)| text.strip_prefix(sign).map(|rest| (relation, rest)))?;
        Some(Self { relation, version: Version::parse(rest)? })
    }
}

impl TryFrom<String> for Range {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let alternatives = text
            .split("||")
            .map(|all| all.split(',').map(Bound::parse).collect::<Option<Vec<_>>>())
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| format!("`{text}` is not a range of versions such as `>=1.2, <2`"))?;
        Ok(Self { text, alternatives })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_number_by_number_whatever_follows_them() {
        for (lower, higher) in [
            ("9.10", "10.0"),
            ("1.8.0_292", "1.8.0_392"),
            ("v18.20.8", "v20"),
            ("3.0.19-dev", "3.1"),
            ("24.2", "24.2.1"),
        ] {
            assert!(Version::parse(lower) < Version::parse(higher), "{lower} < {higher}");
        }
        assert_eq!(Version::parse("24"), Version::parse("24.0.0"));
        assert_eq!(Version::parse("2.47.3.windows.1"), Version::parse("2.47.3"));
        assert_eq!(Version::parse("1.21.3 +ssl/gnutls"), Version::parse("1.21.3"));
        for nothing in ["", "unknown", "v", "-1"] {
            assert_eq!(Version::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_range_can_have_a_hole() {
        let range = Range::try_from(">=22.19, <23 || >=24.6".to_owned()).unwrap();
        for (version, inside) in [
            ("22.18.0", false),
            ("22.19.0", true),
            ("23.8.0", false),
            ("24.5.0", false),
            ("24.6.0", true),
            ("26.1", true),
        ] {
            assert_eq!(range.holds(&Version::parse(version).unwrap()), inside, "{version}");
        }
        for bad in ["", "1.2", ">= ", ">=1,", "~1"] {
            assert!(Range::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
