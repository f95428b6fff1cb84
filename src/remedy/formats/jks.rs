//! Java key stores with trusted certificates (sun.security.provider.JavaKeyStore).
//!
//! Every Java since 1.2 reads them, with the password or without. Magic and version, then per entry: 2 for a trusted
//! certificate, alias, milliseconds, `X.509`, length, bytes; last a SHA-1 over password, salt text and all of that.

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

use super::aliases;
use crate::facts::Certificate;

/// The password of Java's own stores; it protects nothing, the digest only tells a damaged file.
pub const PASSWORD: &str = "changeit";

const MAGIC: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
const VERSION: u32 = 2;
const TRUSTED_CERTIFICATE: u32 = 2;
/// What the digest is whitened with, in the words of the format's author.
const WHITENER: &[u8] = b"Mighty Aphrodite";

/// Returns a store with these certificates as trust anchors.
pub fn write(certificates: &[Certificate]) -> Vec<u8> {
    let mut store = Vec::from(MAGIC);
    store.extend(VERSION.to_be_bytes());
    store.extend(count(certificates.len()));
    for (alias, certificate) in aliases(certificates) {
        store.extend(TRUSTED_CERTIFICATE.to_be_bytes());
        push_text(&mut store, &alias);
        store.extend(entry_time(certificate).to_be_bytes());
        push_text(&mut store, "X.509");
        store.extend(count(certificate.der().len()));
        store.extend(certificate.der());
    }
    let digest = digest(&store);
    store.extend(digest.as_ref());
    store
}

/// When the entry was made: the certificate's own start stands in, so that the same certificates give the same file.
fn entry_time(certificate: &Certificate) -> i64 {
    certificate.details().map_or(0, |details| details.not_before.unix_timestamp().max(0) * 1000)
}

/// Java's modified UTF-8 is plain ASCII for our aliases; its length stands in two octets.
fn push_text(store: &mut Vec<u8>, text: &str) {
    store.extend(
        u16::try_from(text.len()).expect("aliases have at most some dozens of letters").to_be_bytes(),
    );
    store.extend(text.as_bytes());
}

fn count(length: usize) -> [u8; 4] {
    u32::try_from(length)
        .expect("no certificate has four gigabytes, and no store as many of them")
        .to_be_bytes()
}

fn digest(store: &[u8]) -> ring::digest::Digest {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    let password: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_be_bytes).collect();
    context.update(&password);
    context.update(WHITENER);
    context.update(store);
    context.finish()
}
