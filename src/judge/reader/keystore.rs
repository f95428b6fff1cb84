//! Java's key stores: JKS and PKCS#12.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};

use super::{Ending, Fault, Held};
use crate::facts::Certificate;

/// Reads a key store. JKS needs no password to be read; PKCS#12 without the right one has no anchors for Java, nor has
/// one whose certificates are not marked as trusted (`openssl pkcs12` makes such).
pub(super) fn read(bytes: &[u8], password: Option<&str>) -> Held {
    if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        return match jks(&bytes[4..]) {
            Some(certificates) => Held { certificates, ..Held::default() },
            None => unopened("the key store is cut off or damaged"),
        };
    }
    if bytes.first() != Some(&0x30) {
        return unopened("this is no key store");
    }
    let store = match open(bytes.to_vec(), password.unwrap_or_default().to_owned()) {
        Some(Ok(store)) => store,
        Some(Err(_)) => {
            return unopened(match password {
                Some(_) => "the key store does not open with the password it is given",
                None => "the key store has a password and none is given",
            });
        }
        None => return unopened("opening the key store takes too long"),
    };
    let certificates: Vec<Certificate> = store
        .entries()
        .filter_map(|(_, entry)| match entry {
            KeyStoreEntry::Certificate(c) => Some(Certificate::from_der(c.as_der().to_vec())),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return unopened("the key store holds no certificate that is marked as trusted");
    }
    Held { certificates, ..Held::default() }
}

/// The longest that opening a key store is waited for: Java's own take milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Opens a PKCS#12 store; `None` when that takes too long. Each of its parts says how often a hash is to be computed before
/// it opens, a million times at most, and there is no end of parts.
fn open(bytes: Vec<u8>, password: String) -> Option<Result<KeyStore, p12_keystore::error::Error>> {
    let (sender, opened) = mpsc::channel();
    thread::spawn(move || {
        // nobody listens any more when it took too long
        let _ = sender.send(KeyStore::from_pkcs12(&bytes, &password, Pkcs12ImportPolicy::Strict));
    });
    opened.recv_timeout(PATIENCE).ok()
}

/// The most certificates of a JKS file.
const MOST_CERTIFICATES: usize = 10_000;

fn unopened(why: &str) -> Held {
    Held { certificates: Vec::new(), ending: Ending::Fails, fault: Some(Fault::Unopened(why.to_owned())) }
}

/// Reads the trusted entries of a JKS file behind its magic number (sun.security.provider.JavaKeyStore): version,
/// count, then per entry a tag, an alias, a date, and for a trusted one (tag 2) its type and DER. Private keys are
/// stepped over.
fn jks(bytes: &[u8]) -> Option<Vec<Certificate>> {
    let mut rest = Bytes(bytes);
    let version = rest.number()?;
    let count = rest.number()?;
    let mut certificates = Vec::new();
    for _ in 0..count.min(MOST_CERTIFICATES) {
        let tag = rest.number()?;
        rest.text()?;
        rest.take(8)?;
        match tag {
            1 => {
                rest.sized()?;
                for _ in 0..rest.number()? {
                    rest.certificate(version)?;
                }
            }
            2 => certificates.push(Certificate::from_der(rest.certificate(version)?.to_vec())),
            _ => return None,
        }
    }
    Some(certificates)
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let octets: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(octets)).ok()
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let octets: [u8; 2] = self.take(2)?.try_into().ok()?;
        self.take(usize::from(u16::from_be_bytes(octets)))
    }

    fn certificate(&mut self, version: usize) -> Option<&'a [u8]> {
        if version >= 2 {
            self.text()?;
        }
        self.sized()
    }
}
