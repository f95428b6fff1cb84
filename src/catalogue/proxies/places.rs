//! Where proxies are configured for one program or for the desktop, out of sight of everything else.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Dialect;
use crate::catalogue::Pattern;
use crate::catalogue::schema::{Format, Paths};
use crate::facts::Os;

/// A place where a proxy may be configured: files, or the answer of a program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its stable id.
    pub id: String,
    /// Who reads it, as the end of "is configured for ...".
    pub used_by: String,
    /// The family of clients whose way it decides, where there is one.
    #[serde(default)]
    pub client: Option<String>,
    /// Where the files are; every one that exists is read.
    #[serde(default)]
    pub paths: Paths,
    /// The systems on which a program is asked.
    #[serde(default)]
    pub os: Vec<Os>,
    /// The program that is asked and its arguments; one without a folder is looked for on `PATH`.
    #[serde(default)]
    pub run: Vec<String>,
    /// How the files or the answer are written.
    pub format: Format,
    /// Keys and what their value must match for the others to count; a key that is not there has the empty value.
    #[serde(default)]
    pub when: BTreeMap<String, Pattern>,
    /// Keys that hold a proxy's address, strongest first.
    #[serde(default)]
    pub url: Vec<String>,
    /// The key that holds a proxy's host.
    #[serde(default)]
    pub host: Option<String>,
    /// The key that holds its port.
    #[serde(default)]
    pub port: Option<String>,
    /// The key that holds the address of a PAC file.
    #[serde(default)]
    pub pac: Option<String>,
    /// Whether the proxy is discovered (WPAD) where `when` holds.
    #[serde(default)]
    pub discovers: bool,
    /// The key that holds the exemptions.
    #[serde(default)]
    pub exemptions: Option<String>,
    /// How these are read.
    #[serde(default = "usual")]
    pub dialect: Dialect,
    /// Where it is written.
    pub sources: Vec<String>,
    /// Its own tests.
    #[serde(default, rename = "case")]
    pub cases: Vec<PlaceCase>,
}

/// A text in a place's format, and what is configured there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceCase {
    /// What the file holds or the program says.
    pub text: String,
    /// `http://HOST:PORT`, `pac URL`, `discovered`, `unreadable`; each with `, line N` where it has one. Empty: nothing.
    pub says: String,
    /// The exemptions.
    #[serde(default)]
    pub exemptions: Option<String>,
}

fn usual() -> Dialect {
    Dialect::Curl
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    place: Vec<Place>,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    toml::from_str(include_str!("places.toml")).expect("the file is part of the program and a test reads it")
});

/// Returns the places, in the order in which their proxies are tried.
pub fn places() -> &'static [Place] {
    &PLACES.place
}

/// Returns a place by its id.
pub fn place(id: &str) -> Option<&'static Place> {
    places().iter().find(|place| place.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_read_for_something_and_has_cases() {
        for place in places() {
            let files =
                [Os::Linux, Os::Macos, Os::Windows].iter().any(|os| place.paths.of(*os).next().is_some());
            assert!(files == place.run.is_empty(), "{}: files or a program", place.id);
            assert_eq!(place.run.is_empty(), place.os.is_empty(), "{}", place.id);
            let reads =
                !place.url.is_empty() || place.host.is_some() || place.pac.is_some() || place.discovers;
            assert!(reads && !place.sources.is_empty(), "{} reads nothing", place.id);
            assert!(!place.cases.is_empty(), "{} has no case", place.id);
            assert_eq!(places().iter().filter(|p| p.id == place.id).count(), 1, "{}", place.id);
            assert!(
                place.client.as_deref().is_none_or(|id| super::super::client(id).is_some()),
                "{}",
                place.id
            );
        }
    }
}
