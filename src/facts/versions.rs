//! Which TLS versions a server accepts, and on what terms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::handshake::TlsVersion;
use super::{Outcome, Target};

/// What one server answered to a ClientHello of each version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionsLook {
    /// The server.
    pub target: Target,
    /// The answers for TLS 1.0, 1.1, 1.2 and 1.3.
    pub versions: BTreeMap<TlsVersion, VersionAnswer>,
    /// Whether the server can agree on keys that a later theft of its certificate's key does not reveal; about TLS
    /// 1.0 to 1.2, absent where none of them is accepted or it could not be found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_secrecy: Option<bool>,
    /// Bits of the finite-field Diffie-Hellman group that the server uses when a client offers nothing else; absent
    /// when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diffie_hellman_bits: Option<usize>,
    /// Whether the server renegotiates securely (RFC 5746); absent when it accepts TLS 1.3 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_renegotiation: Option<bool>,
}

/// A server's answer to a client that wants this version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum VersionAnswer {
    /// It agreed.
    Accepted {
        /// The cipher suite it chose, in IANA's spelling.
        cipher_suite: String,
        /// How keys are agreed on.
        key_exchange: KeyExchange,
    },
    /// It agreed to an older version only.
    Downgraded {
        /// The version it chose.
        to: TlsVersion,
    },
    /// It could not be asked: the server was not reached, or what came is not TLS.
    NotExamined {
        /// How far the connection went.
        outcome: Outcome,
    },
    /// It said no.
    Refused {
        /// The alert it sent: 70 is protocol_version, 40 handshake_failure.
        alert: u8,
    },
    /// It cut the connection without a word.
    Reset {
        /// End of stream rather than a reset.
        closed: bool,
    },
    /// It did not answer in time.
    Silent,
}

/// How keys are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum KeyExchange {
    /// Finite-field Diffie-Hellman.
    Dhe {
        /// Bits of the group; absent when they cannot be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bits: Option<usize>,
    },
    /// Elliptic curves.
    Ecdhe,
    /// Something else.
    Other,
    /// The client encrypts to the certificate's RSA key: no forward secrecy.
    Rsa,
    /// As TLS 1.3 does it, with forward secrecy whatever the group.
    Tls13,
}

impl VersionAnswer {
    /// Returns the one word of the JSON: `accepted`, `refused`, `reset`, `silent` or `not-examined`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Downgraded { .. } | Self::Refused { .. } => "refused",
            Self::NotExamined { .. } => "not-examined",
            Self::Reset { .. } => "reset",
            Self::Silent => "silent",
        }
    }

    /// Whether the server agreed to the version.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }
}

impl VersionsLook {
    /// Returns the versions the server accepts, oldest first.
    pub fn accepted(&self) -> Vec<TlsVersion> {
        self.versions.iter().filter(|(_, answer)| answer.is_accepted()).map(|(version, _)| *version).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_recorded_with_versions_as_keys() {
        let look = VersionsLook {
            target: "old.example".parse().unwrap(),
            versions: BTreeMap::from([
                (TlsVersion::Tls10, VersionAnswer::Refused { alert: 70 }),
                (TlsVersion::Tls13, VersionAnswer::Downgraded { to: TlsVersion::Tls12 }),
            ]),
            forward_secrecy: Some(true),
            diffie_hellman_bits: None,
            secure_renegotiation: None,
        };
        let json = serde_json::to_value(&look).unwrap();
        assert_eq!(json["versions"]["tls1.0"]["alert"], 70);
        assert_eq!(serde_json::from_value::<VersionsLook>(json).unwrap(), look);
    }
}
