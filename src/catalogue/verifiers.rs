//! What the libraries that verify certificates refuse beside what all of them do: one file per library in `verifiers/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::folder;
use super::schema::Verified;
use crate::facts::{Departure, Os};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/catalogue/verifiers");

static VERIFIERS: LazyLock<Vec<Verifier>> = LazyLock::new(|| {
    load()
        .unwrap_or_else(|problem| unreachable!("{problem}; `every_file_is_read` fails before this can ship"))
});

/// A library that verifies certificates, in one of its ways.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verifier {
    /// Its id, also the name of its file.
    pub id: String,
    /// Who verifies with it, in a list within a sentence: `Python 3.13 and later`.
    pub clients: String,
    /// The systems it exists on; empty means all.
    #[serde(default)]
    pub os: Vec<Os>,
    /// The verifier whose refusals are its own too.
    #[serde(default)]
    pub like: Option<String>,
    /// What it refuses.
    #[serde(default)]
    pub refuses: Vec<Departure>,
    /// What it accepts although the one it is like refuses it.
    #[serde(default)]
    pub accepts: Vec<Departure>,
    /// Whether it wants to ask whether a certificate was revoked, and fails where nobody can be asked.
    #[serde(default)]
    pub insists_on_revocation: bool,
    /// What helps until the certificates are issued anew, and leaves verification on: a sentence or two.
    #[serde(default)]
    pub until_then: Option<String>,
    /// How this is known.
    pub verified: Verified,
    /// Where it comes from.
    pub sources: Vec<String>,
    /// What is worth knowing.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Returns every verifier, in the order of their ids.
pub fn verifiers() -> &'static [Verifier] {
    &VERIFIERS
}

/// Returns a verifier by its id.
pub fn verifier(id: &str) -> Option<&'static Verifier> {
    VERIFIERS.iter().find(|verifier| verifier.id == id)
}

impl Verifier {
    /// Whether it refuses a path over this.
    pub fn refuses(&self, departure: Departure) -> bool {
        self.refuses.contains(&departure)
    }

    /// Whether it exists on a system.
    pub fn is_on(&self, os: Os) -> bool {
        self.os.is_empty() || self.os.contains(&os)
    }
}

fn load() -> Result<Vec<Verifier>, String> {
    let read = folder::read(&FILES, |verifier: &Verifier| verifier.id.as_str())?;
    read.values().map(|verifier| complete(&read, verifier)).collect()
}

/// Adds the refusals of the verifier it is like.
fn complete(read: &BTreeMap<String, Verifier>, own: &Verifier) -> Result<Verifier, String> {
    let mut own = own.clone();
    let Some(like) = &own.like else { return Ok(own) };
    let model = read.get(like).ok_or_else(|| format!("`{}` is like `{like}`, which has no file", own.id))?;
    if model.like.is_some() {
        return Err(format!("`{}` is like `{like}`, which is like another one itself", own.id));
    }
    let inherited = model.refuses.iter().filter(|d| !own.accepts.contains(d) && !own.refuses.contains(d));
    own.refuses.extend(inherited.copied().collect::<Vec<_>>());
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn every_file_is_read() {
        if let Err(problem) = load() {
            panic!("{problem}");
        }
        for verifier in verifiers() {
            assert!(!verifier.sources.is_empty(), "{} names no source", verifier.id);
            assert!(verifier.accepts.iter().all(|d| !verifier.refuses(*d)), "{}", verifier.id);
        }
    }

    #[test]
    fn every_verifier_that_a_tool_names_exists() {
        for tool in catalogue::tools() {
            for row in &tool.verifies {
                assert!(verifier(&row.with).is_some(), "{} verifies with `{}`", tool.id, row.with);
            }
        }
    }
}
