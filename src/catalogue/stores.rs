//! Where the families of Unix systems keep their root store: one TOML file each in `stores/`.
//!
//! A family is chosen by what `/etc/os-release` says and by what is there; never by a compile-time guess, since one
//! build runs on all of them, in containers without any `/etc/os-release`, and in tests on none of them.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/catalogue/stores");

/// How a family of systems keeps its root store.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The file's name without its ending.
    pub id: String,
    /// The name for people, for example `Debian and Ubuntu (ca-certificates)`.
    pub name: String,
    /// `ID`s of os-release(5) that belong here; relatives name them in `ID_LIKE`.
    #[serde(default)]
    pub distributions: Vec<String>,
    /// Paths that only this family has; they decide where os-release is missing or unknown.
    #[serde(default)]
    pub signs: Vec<String>,
    /// Files with all roots, PEM; the first that exists is the store's.
    #[serde(default)]
    pub bundles: Vec<String>,
    /// Folders with one root per file under OpenSSL's hashed names; all that exist belong to the store.
    #[serde(default)]
    pub folders: Vec<String>,
    /// Folders (searched with their sub-folders) and files where somebody with administrator rights adds roots.
    #[serde(default)]
    pub additions: Vec<String>,
    /// Endings that count in `additions`; every file counts when empty.
    #[serde(default)]
    pub addition_endings: Vec<String>,
    /// Folders and files the system's own packages bring.
    #[serde(default)]
    pub shipped: Vec<String>,
    /// Certificates that the system made for itself and that sign nothing else.
    #[serde(default)]
    pub leftovers: Vec<String>,
    /// Folders of certificates that are never trusted.
    #[serde(default)]
    pub distrusted: Vec<String>,
    /// A list of deselected roots (`!path` lines, ca-certificates.conf(5)) and the folder its paths start from.
    pub deselected: Option<Deselected>,
    /// What OpenSSL takes where no variable says otherwise.
    pub openssl: Option<OpensslDefaults>,
    /// How an administrator adds a CA; `{file}` is its PEM file, `{name}` a plain name for it.
    pub add: Option<Commands>,
    /// How that is taken back.
    pub remove: Option<Commands>,
    /// Where all this was learnt.
    pub source: Vec<String>,
    /// `ran`, with what and when, or `documentation`.
    pub verified: String,
    /// Systems, and whether they are of this family.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// A list of deselected roots.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deselected {
    /// The list.
    pub list: String,
    /// The folder its paths start from.
    pub folder: String,
}

/// The file and folder compiled into OpenSSL (`openssl version -d`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpensslDefaults {
    /// `cert.pem` in OPENSSLDIR; it need not exist.
    pub file: String,
    /// `certs` in OPENSSLDIR.
    pub folder: String,
}

/// Commands an administrator runs, in order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// Complete commands with `{file}` and `{name}`.
    pub commands: Vec<String>,
    /// What to know beforehand.
    pub note: Option<String>,
}

/// A system in few words, and whether it is of the family whose file it stands in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The story.
    pub name: String,
    /// `ID` and `ID_LIKE`, most specific first.
    #[serde(default)]
    pub distribution: Vec<String>,
    /// What is there.
    pub exists: Vec<String>,
    /// Whether it is of this family.
    pub chosen: bool,
}

/// Returns every family, by id.
pub fn families() -> &'static [Family] {
    static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
        let mut families: Vec<Family> = FILES
            .files()
            .filter_map(|file| file.contents_utf8())
            .map(|text| {
                toml::from_str(text).expect("the files are compiled in and every one is read by a test")
            })
            .collect();
        families.sort_by(|a, b| a.id.cmp(&b.id));
        families
    });
    &FAMILIES
}

/// Returns the family of a system: the first name of its distribution that a family lists, else the family whose
/// signs are there, else the one whose store is where many have it. `None` when there is no store at all.
pub fn family(distribution: &[String], exists: impl Fn(&str) -> bool) -> Option<&'static Family> {
    let has_store = |family: &&Family| family.bundles.iter().chain(&family.folders).any(|path| exists(path));
    let by_name = distribution.iter().find_map(|name| {
        families().iter().filter(has_store).find(|family| family.distributions.contains(name))
    });
    let by_sign =
        || families().iter().filter(has_store).find(|family| family.signs.iter().any(|path| exists(path)));
    let any = || families().iter().filter(has_store).find(|family| family.id == OTHER);
    by_name.or_else(by_sign).or_else(any)
}

/// The family of everything that is of no other.
const OTHER: &str = "other";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_family_named_after_it_with_sources() {
        for file in FILES.files() {
            let text = file.contents_utf8().unwrap();
            let family: Family =
                toml::from_str(text).unwrap_or_else(|e| panic!("{}: {e}", file.path().display()));
            assert_eq!(file.path().file_stem().unwrap().to_str(), Some(family.id.as_str()));
            assert!(!family.source.is_empty(), "{}: no source", family.id);
            assert!(
                family.verified.starts_with("ran") || family.verified == "documentation",
                "{}",
                family.id
            );
            assert!(!family.cases.is_empty(), "{}: no case", family.id);
            let paths =
                [&family.bundles, &family.folders, &family.additions, &family.shipped, &family.leftovers];
            for path in paths.into_iter().flatten().chain(&family.distrusted).chain(&family.signs) {
                assert!(path.starts_with('/') && !path.ends_with('/'), "{}: {path}", family.id);
            }
        }
    }

    #[test]
    fn every_case_is_decided_as_its_file_says() {
        for owner in families() {
            for case in &owner.cases {
                let exists = |path: &str| {
                    case.exists.iter().any(|there| there == path || there.starts_with(&format!("{path}/")))
                };
                let chosen = family(&case.distribution, exists).map(|f| f.id.as_str());
                assert_eq!(
                    chosen == Some(owner.id.as_str()),
                    case.chosen,
                    "{}: {}: {chosen:?}",
                    owner.id,
                    case.name
                );
            }
        }
    }

    #[test]
    fn no_distribution_belongs_to_two_families() {
        let mut seen = std::collections::BTreeMap::new();
        for family in families() {
            for name in &family.distributions {
                assert_eq!(seen.insert(name, &family.id), None, "{name}");
            }
        }
    }
}
