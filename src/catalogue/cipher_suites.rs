//! Which programs refuse which cipher suites of TLS 1.2, and which Diffie-Hellman groups.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::facts::ToolId;

/// A family of programs, and what it refuses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its name in a list.
    pub name: String,
    /// Programs that people know.
    #[serde(default)]
    pub examples: Option<String>,
    /// What it refuses, and since when; empty: as long as it matters.
    pub refuses: BTreeMap<Trait, String>,
    /// Toolchains that belong to it, by which the row is measured.
    #[serde(default)]
    pub tools: Vec<ToolId>,
    /// With which versions it was measured, or where it is written.
    pub verified: String,
    /// Where it is written.
    pub sources: Vec<String>,
}

/// What a cipher suite is made of that somebody refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trait {
    /// AES in CBC mode with SHA-1.
    CbcSha1,
    /// AES in CBC mode with SHA-256 or SHA-384.
    CbcSha2,
    /// Keys agreed on with finite-field Diffie-Hellman.
    Dhe,
    /// Keys sent under the certificate's RSA key: no forward secrecy.
    Rsa,
}

/// Groups below a size, and who refuses them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallGroup {
    /// Bits.
    pub below: usize,
    /// Who ends the handshake there.
    pub refused_by: String,
    /// With which versions it was measured, or where it is written.
    pub verified: String,
    /// Where it is written.
    pub sources: Vec<String>,
}

/// Who takes a cipher suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takers {
    /// Some do, some do not.
    Parted {
        /// Those that refuse it, with their versions.
        refused_by: Vec<String>,
        /// Those that take it, whatever their version.
        taken_by: Vec<String>,
    },
    /// The same for nearly all: `no current client`.
    Usual(&'static str),
}

/// Returns who takes a cipher suite, by its IANA name.
pub fn takers(suite: &str) -> Takers {
    let made_of = |parts: &[&str]| parts.iter().any(|part| suite.contains(part));
    if made_of(&["3DES", "RC4", "_DES_", "_DES40_", "IDEA", "SEED", "NULL", "_anon_", "EXPORT"]) {
        return Takers::Usual("no current client");
    }
    // others have no AES, or AES in a mode that few have
    if !suite.contains("_AES_") && !suite.contains("CHACHA20") || suite.contains("_CCM") {
        return Takers::Usual("hardly any current client");
    }
    let traits = traits(suite);
    let mut refused_by = Vec::new();
    let mut taken_by = Vec::new();
    for client in &FILE.client {
        let examples = client.examples.as_ref().map_or(String::new(), |examples| format!(" ({examples})"));
        let name = format!("{}{examples}", client.name);
        match traits.iter().filter_map(|part| client.refuses.get(part)).min_by_key(|since| since.len()) {
            Some(since) => refused_by.push(format!("{name} {since}").trim_end().to_owned()),
            None => taken_by.push(name),
        }
    }
    Takers::Parted { refused_by, taken_by }
}

/// Returns what somebody refuses of a suite.
pub fn traits(suite: &str) -> Vec<Trait> {
    let mut traits = Vec::new();
    if suite.starts_with("TLS_RSA_") {
        traits.push(Trait::Rsa);
    }
    if suite.starts_with("TLS_DHE_") {
        traits.push(Trait::Dhe);
    }
    if suite.ends_with("_CBC_SHA") {
        traits.push(Trait::CbcSha1);
    }
    if suite.ends_with("_CBC_SHA256") || suite.ends_with("_CBC_SHA384") {
        traits.push(Trait::CbcSha2);
    }
    traits
}

/// Returns who refuses a finite-field group of this size; nobody where it is large enough.
pub fn refusers_of_group(bits: usize) -> Vec<&'static str> {
    let small = FILE.group.iter().filter(|group| bits < group.below);
    small.map(|group| group.refused_by.as_str()).collect()
}

/// Returns the families of programs, in the order they are listed.
pub fn clients() -> &'static [Client] {
    &FILE.client
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    client: Vec<Client>,
    group: Vec<SmallGroup>,
    /// Its own tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "the file's own tests"))]
    case: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "the file's own tests"))]
struct Case {
    suite: String,
    #[serde(default)]
    refused_by: Vec<String>,
    #[serde(default)]
    taken_by: Vec<String>,
    #[serde(default)]
    usual: Option<String>,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    toml::from_str(include_str!("cipher_suites.toml"))
        .expect("the file is part of the program and a test reads it")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_the_file_holds() {
        for case in &FILE.case {
            match (takers(&case.suite), &case.usual) {
                (Takers::Usual(said), Some(wanted)) => assert_eq!(said, wanted, "{}", case.suite),
                (Takers::Parted { refused_by, taken_by }, None) => {
                    assert_eq!(
                        (&refused_by, &taken_by),
                        (&case.refused_by, &case.taken_by),
                        "{}",
                        case.suite
                    );
                }
                (said, wanted) => panic!("{}: {said:?}, not {wanted:?}", case.suite),
            }
        }
    }

    #[test]
    fn every_row_has_its_source_and_the_best_suites_no_refuser() {
        for client in clients() {
            assert!(!client.sources.is_empty() && !client.verified.is_empty(), "{}", client.name);
            assert!(client.tools.iter().all(|id| crate::catalogue::tool(id).is_some()), "{}", client.name);
        }
        assert!(FILE.group.iter().all(|group| !group.sources.is_empty() && !group.verified.is_empty()));
        for best in ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"]
        {
            let Takers::Parted { refused_by, .. } = takers(best) else { panic!("{best}") };
            assert_eq!(refused_by, [""; 0], "{best}");
        }
        assert_eq!(
            (refusers_of_group(1024).len(), refusers_of_group(1000).len(), refusers_of_group(2048).len()),
            (1, 2, 0)
        );
    }
}
