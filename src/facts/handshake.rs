//! What happened when a server was looked at: every rung of the ladder from the name to the finished handshake.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use serde::{Deserialize, Serialize};

use super::{Certificate, Route, Target};

/// One target, looked at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetLook {
    /// Whom was asked for.
    pub target: Target,
    /// Why it was looked at.
    pub role: Role,
    /// How it was reached.
    pub route: Route,
    /// The addresses its name resolved to, in the order tried; empty behind a proxy that resolves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// The address that answered (the proxy's own, behind a proxy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// How far it went.
    pub outcome: Outcome,
    /// How far the handshake came whose end the outcome tells. What `handshake` holds may come from a second one.
    #[serde(default, skip_serializing_if = "Reached::is_nothing")]
    pub reached: Reached,
    /// The newest version that may be offered, where the server answers nobody who offers a newer one: with this
    /// version alone a whole handshake was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerates: Option<TlsVersion>,
    /// What TLS showed, kept even when the handshake failed afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake: Option<Handshake>,
    /// What TLS to the proxy itself showed, where the proxy is spoken to over TLS (`https://`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy_handshake: Option<Handshake>,
    /// Other ways that were tried, and how they ended: the direct one where this look went through a proxy that the
    /// environment does not name, or ways that did not lead there either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Tried>,
    /// Milliseconds from the start of the look to the TCP connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_ms: Option<u64>,
    /// Milliseconds from the TCP connection to the end of the handshake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake_ms: Option<u64>,
}

/// A way to a target that was tried beside the one that is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The way.
    pub route: Route,
    /// How far it went.
    pub outcome: Outcome,
}

/// Why a target is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The user named it.
    Asked,
    /// A public site beside the user's targets, to tell inspection from a private CA.
    Control,
    /// A saved chain: nothing was contacted.
    Saved,
    /// A tool of this machine uses it, by its configuration; the tool's id.
    Tool(String),
    /// A well-known public site, looked at when no target was given.
    WellKnown,
}

/// How far a look went: the first rung that failed, or completion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Outcome {
    /// The server ended the handshake with a fatal alert.
    Alert {
        /// The alert's number (RFC 8446, 6): 40 handshake_failure, 70 protocol_version, 112 unrecognized_name, ...
        description: u8,
    },
    /// The handshake finished.
    Completed,
    /// Our TLS library gave up for a reason that is not a certificate's trust.
    HandshakeFailed {
        /// The library's words.
        reason: String,
    },
    /// The server agrees on nothing newer than a version or cipher suite that this program does not finish a
    /// handshake with. Up to TLS 1.2 the certificates travel in the clear: they are in the handshake.
    LegacyOnly {
        /// The version it chose from everything between TLS 1.0 and 1.2.
        version: TlsVersion,
        /// The cipher suite it chose, in IANA's spelling or as `0xc013`.
        cipher_suite: String,
    },
    /// The name resolved to nothing.
    NotResolved {
        /// The resolver's words.
        message: String,
    },
    /// Something other than TLS answered.
    NotTls {
        /// The first bytes, at most 200, as text; hostile.
        excerpt: String,
    },
    /// The proxy wants credentials it accepts.
    ProxyAuthRequired {
        /// The schemes it offers (`Basic`, `Negotiate`, `NTLM`, ...).
        schemes: Vec<String>,
        /// Whether credentials were sent and not accepted.
        credentials_sent: bool,
    },
    /// The proxy refused, or it does not answer as a proxy does.
    ProxyRefused {
        /// The status of the answer, or the reply where the proxy speaks SOCKS; absent where it speaks neither.
        status: Option<u16>,
        /// Status line's reason or what was wrong with the answer; hostile.
        reason: String,
    },
    /// No connection to the proxy itself, or its address cannot be read.
    ProxyUnreachable {
        /// What failed, in the system's words.
        message: String,
    },
    /// The proxy is spoken to over TLS and its certificate did not verify, so nothing was asked of it.
    ProxyUntrusted {
        /// What is wrong with its chain, which is in `proxy_handshake`.
        reason: String,
    },
    /// The TCP connection was refused.
    Refused,
    /// The connection was cut during the handshake.
    Reset {
        /// Whether it was closed in order (end of stream) rather than reset.
        closed: bool,
    },
    /// A deadline passed.
    TimedOut {
        /// What was being waited for.
        step: Step,
    },
    /// No route, or another network failure before TCP connected.
    Unreachable {
        /// The system's words.
        message: String,
    },
}

/// The scheme of [`Outcome::ProxyAuthRequired`] where a SOCKS proxy wants a password.
pub const SOCKS_PASSWORD: &str = "SOCKS user name and password";
/// The reason of [`Outcome::ProxyRefused`] where the proxy closed the connection in order.
pub const PROXY_CLOSED: &str = "it closed the connection without an answer";
/// The same where the connection was reset.
pub const PROXY_CUT: &str = "it cut the connection without an answer";

/// The reason of [`Outcome::HandshakeFailed`] where a server insists on a group that this program does not have.
pub const NO_COMMON_GROUP: &str = "the server and this program have no key exchange group in common";

/// How far a server came in a handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reached {
    /// Nothing came from it.
    #[default]
    Nothing,
    /// It answered the greeting and chose a version (ServerHello).
    Hello,
    /// It presented its certificates.
    Certificates,
    /// The handshake was finished.
    Finished,
}

impl Reached {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

/// The steps that have deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Resolving the name.
    Resolve,
    /// Connecting to the host or the proxy.
    Connect,
    /// Waiting for the proxy's answer to CONNECT.
    Proxy,
    /// The TLS handshake.
    Handshake,
}

/// What TLS showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// The version agreed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<TlsVersion>,
    /// The cipher suite agreed on, in IANA's spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cipher_suite: Option<String>,
    /// The presented certificates in the order sent, leaf first.
    pub chain: Vec<Certificate>,
    /// The stapled OCSP response, DER in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staple: Option<Base64Bytes>,
    /// Whether the server asked for a client certificate.
    #[serde(default)]
    pub client_certificate_requested: bool,
    /// The server's proof of possession of the leaf's key did not verify, with the reason; absent when it did or was not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad_signature: Option<String>,
    /// Whether that proof is a signature over SHA-1 (only TLS 1.2 has such).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub proved_with_sha1: bool,
    /// Bits of the finite-field Diffie-Hellman group in which keys were agreed on, where that is how they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diffie_hellman_bits: Option<usize>,
    /// Whether the server says that it renegotiates securely (RFC 5746); absent in TLS 1.3, which has none of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_renegotiation: Option<bool>,
}

/// Bytes that serialise as base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base64Bytes(pub Vec<u8>);

impl Serialize for Base64Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64::engine::general_purpose::STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        base64::engine::general_purpose::STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A TLS protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TlsVersion {
    /// SSL 3.0 (RFC 6101).
    #[serde(rename = "ssl3.0")]
    Ssl30,
    /// TLS 1.0 (RFC 2246).
    #[serde(rename = "tls1.0")]
    Tls10,
    /// TLS 1.1 (RFC 4346).
    #[serde(rename = "tls1.1")]
    Tls11,
    /// TLS 1.2 (RFC 5246).
    #[serde(rename = "tls1.2")]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "tls1.3")]
    Tls13,
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ssl30 => "SSL 3.0",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

impl TargetLook {
    /// Starts a look that went directly and has seen nothing yet but its end.
    pub fn new(target: Target, role: Role, outcome: Outcome) -> Self {
        Self {
            target,
            role,
            route: Route::Direct { exempted_by: None },
            addresses: Vec::new(),
            address: None,
            outcome,
            reached: Reached::Nothing,
            tolerates: None,
            handshake: None,
            proxy_handshake: None,
            tried: Vec::new(),
            connect_ms: None,
            handshake_ms: None,
        }
    }

    /// Returns the presented chain, leaf first; empty when none was seen.
    pub fn chain(&self) -> &[Certificate] {
        self.handshake.as_ref().map_or(&[], |h| &h.chain)
    }
}
