//! CAs whose private key is public, by fingerprint and by key.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::facts::{Certificate, Fingerprint};

/// A CA that anybody can sign with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BadAuthority {
    /// What it is known as.
    pub name: String,
    /// How its key became public, as the end of a sentence.
    pub why: String,
    /// Where that is written.
    pub source: Vec<String>,
    /// SHA-256 fingerprints of its certificates.
    #[serde(default)]
    sha256: Vec<Fingerprint>,
    /// SHA-1 fingerprints, where no better is known.
    #[serde(default)]
    sha1: Vec<String>,
    /// SHA-256 of its subjectPublicKeyInfo.
    #[serde(default)]
    key: Vec<Fingerprint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    authority: Vec<BadAuthority>,
}

static AUTHORITIES: LazyLock<Vec<BadAuthority>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("bad_authorities.toml"))
        .expect("the file is part of the program and a test reads it");
    file.authority
});

/// Returns what is known against a certificate, if its private key is public.
pub fn find(certificate: &Certificate) -> Option<&'static BadAuthority> {
    let key = certificate.details().ok().map(|d| d.spki_sha256);
    let sha256 = certificate.fingerprint();
    let sha1 = sha1(certificate.der());
    AUTHORITIES.iter().find(|a| {
        a.sha256.contains(&sha256) || key.is_some_and(|k| a.key.contains(&k)) || a.sha1.contains(&sha1)
    })
}

fn sha1(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_can_match_and_says_where_it_comes_from() {
        for authority in AUTHORITIES.iter() {
            assert!(!authority.source.is_empty(), "{}", authority.name);
            assert!(
                authority.sha256.len() + authority.sha1.len() + authority.key.len() > 0,
                "{}",
                authority.name
            );
            assert!(authority.sha1.iter().all(|s| s.len() == 40 && s.bytes().all(|b| b.is_ascii_hexdigit())));
        }
    }

    #[test]
    fn no_web_root_is_among_them() {
        for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
            assert!(find(&Certificate::from_der(root.as_ref())).is_none());
        }
    }
}
