//! What the programs of this machine offer when they speak TLS, read from their own ClientHellos.

use serde::{Deserialize, Serialize};

use super::handshake::{Base64Bytes, TlsVersion};
use super::{Outcome, Target, ToolId};

/// What one installation offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferLook {
    /// Which toolchain.
    pub tool: ToolId,
    /// Its version, as it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The program.
    pub path: String,
    /// What was heard.
    pub heard: Heard,
}

/// What a listener heard from a program that was sent to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Heard {
    /// A ClientHello.
    Hello {
        /// The message itself, without records; it can be put before a server.
        #[serde(rename = "client_hello")]
        message: Base64Bytes,
        /// The oldest version it was proved to go down to, where its hello does not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        goes_down_to: Option<TlsVersion>,
    },
    /// Nothing that can be read, and why.
    Nothing {
        /// One sentence; hostile where it quotes the program.
        why: String,
    },
}

/// What a ClientHello says (RFC 5246, 7.4.1.2; RFC 8446, 4.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of a hello that is there or not")]
pub struct Offer {
    /// The highest version offered.
    pub highest: TlsVersion,
    /// The lowest version offered; absent when the client does not list its versions, as none did before TLS 1.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest: Option<TlsVersion>,
    /// The name asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// The protocols to be spoken inside (ALPN), most wanted first.
    pub application_protocols: Vec<String>,
    /// The groups for key exchange, by IANA's names or as `0x11ec`.
    pub groups: Vec<String>,
    /// The groups for which a key is sent along: the others cost a round trip.
    pub key_shares: Vec<String>,
    /// Whether a key share is safe from a quantum computer (ML-KEM, Kyber).
    pub post_quantum: bool,
    /// How many cipher suites are offered.
    pub cipher_suites: usize,
    /// Whether RSA key exchange is among them: what a server without forward secrecy needs.
    pub rsa_key_exchange: bool,
    /// Whether signatures with SHA-1 are taken.
    pub sha1_signatures: bool,
    /// Whether a stapled OCSP response is asked for.
    pub asks_for_staple: bool,
}

/// What one server answered to the ClientHellos of the programs of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingsLook {
    /// The server.
    pub target: Target,
    /// One per installation that was heard, in the order of the offers.
    pub meetings: Vec<Meeting>,
}

/// What became of a program's own ClientHello when a server got it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// Which toolchain.
    pub tool: ToolId,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The program.
    pub path: String,
    /// What the server answered.
    pub answer: MeetingAnswer,
}

impl OfferLook {
    /// Returns the ClientHello that was heard, without records.
    pub fn message(&self) -> Option<&[u8]> {
        match &self.heard {
            Heard::Hello { message, .. } => Some(&message.0),
            Heard::Nothing { .. } => None,
        }
    }
}

/// A server's answer to a program's ClientHello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum MeetingAnswer {
    /// They agreed on a version and a cipher suite. Certificates are another question.
    Agreed {
        /// The version.
        version: TlsVersion,
        /// The cipher suite, in IANA's spelling.
        cipher_suite: String,
        /// Bits of the finite-field group, where keys are agreed on in one: some programs end the handshake there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diffie_hellman_bits: Option<usize>,
        /// Whether the server renegotiates securely (RFC 5746): some programs end the handshake where it does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secure_renegotiation: Option<bool>,
    },
    /// It could not be tried, and how far it went.
    NotExamined {
        /// What came in the way.
        outcome: Outcome,
    },
    /// The server said no.
    Refused {
        /// The alert it sent.
        alert: u8,
    },
    /// The server cut the connection without a word.
    Reset {
        /// End of stream rather than a reset.
        closed: bool,
    },
    /// They would agree, but up to TLS 1.1 the server has to sign its keys with SHA-1, which the program does not take.
    /// OpenSSL 3 still lists these versions and ends the handshake there (`legacy sigalg disallowed`).
    SignatureTooWeak {
        /// The version.
        version: TlsVersion,
        /// The cipher suite, in IANA's spelling.
        cipher_suite: String,
    },
    /// The server chose a version that the program does not take.
    TooOld {
        /// The version it chose.
        version: TlsVersion,
    },
}
