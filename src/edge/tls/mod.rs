//! TLS, looked at: what a server presents is written down, whatever happens afterwards, and nothing is sent over it.
//!
//! [`examine`] does a real handshake with rustls. [`raw`] asks with a hand-written ClientHello and reads what comes
//! back in the clear: for servers that rustls refuses to talk to, and for the matrix of versions.

mod handshake;
pub mod hello;
pub mod raw;
mod recorder;
mod signature;
mod tapped;
pub mod verified;

pub use handshake::{End, Examined, Offer, examine};
pub use verified::{Untrusted, connect_verified};

/// The most certificates of one message that are kept; real chains have two to five.
const MOST_CERTIFICATES: usize = 100;

/// The most bytes a server may send in one handshake: the longest message, and as much around it.
const MOST_BYTES: usize = 512 * 1024;

/// The first bytes of an answer that is not TLS, kept for people.
const EXCERPT: usize = 200;

/// The longest handshake message, header included, that rustls takes.
pub const LONGEST_FOR_RUSTLS: usize = 0xffff + 4;

/// Whether rustls finishes a handshake with this cipher suite.
pub fn can_finish_with(cipher_suite: u16) -> bool {
    let known = rustls::crypto::ring::ALL_CIPHER_SUITES;
    known.iter().any(|suite| u16::from(suite.suite()) == cipher_suite)
}

/// Whether the first bytes of an answer can be the start of a TLS record (RFC 8446, 5.1): content type and major
/// version.
fn can_be_tls(first: &[u8]) -> bool {
    match first {
        [] => true,
        [content_type] => (20..=24).contains(content_type),
        [content_type, major, ..] => (20..=24).contains(content_type) && *major == 3,
    }
}

/// Returns the beginning of an answer as text; hostile.
fn excerpt(first: &[u8]) -> String {
    String::from_utf8_lossy(&first[..first.len().min(EXCERPT)]).into_owned()
}
