//! What a root set says to a chain, and which smallest set of allowances would make it say yes.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use crate::facts::Certificate;

/// A root set's answer to a presented chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The path from the leaf to the anchor, both included: of the plain chain if it is trusted, else the one that
    /// the allowances made possible; empty when not even they lead anywhere.
    pub path: Vec<Certificate>,
    /// What is needed for a yes; empty means trusted.
    pub allowances: BTreeSet<Allowance>,
    /// Whether no set of allowances leads to a yes (nothing readable, a signature that does not verify, ...).
    pub hopeless: Option<String>,
    /// Peculiarities of a trusted path that strict clients refuse, and that webpki does not see (anchor without CA
    /// flag, missing key identifiers, ...): plain sentences.
    pub peculiarities: Vec<Peculiarity>,
}

/// One thing a verifier would have to overlook, or be given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allowance {
    /// A certificate of the path is outside its validity at the time of judging.
    Time {
        /// Position in the path, 0 is the leaf.
        position: usize,
        /// Whether it is past its end (else it is before its start).
        expired: bool,
        /// The bound that is broken.
        bound: OffsetDateTime,
    },
    /// Another name.
    Name,
    /// An intermediate the server did not send, found elsewhere.
    Intermediate {
        /// Its fingerprint.
        sha256: crate::facts::Fingerprint,
        /// Where it was found.
        found_in: String,
    },
    /// A root the store does not hold: the self-signed top of the chain.
    Root {
        /// Its fingerprint.
        sha256: crate::facts::Fingerprint,
    },
    /// An issuer that was found nowhere; the name it would have.
    UnknownIssuer {
        /// Distinguished name, hostile text.
        issuer: String,
    },
    /// A signature algorithm that is no longer accepted (SHA-1, MD5).
    WeakSignature {
        /// Position in the path.
        position: usize,
        /// The algorithm's OID.
        algorithm: String,
    },
    /// A key that is too small.
    WeakKey {
        /// Position in the path.
        position: usize,
    },
    /// A rule of the CA profile: constraint, key usage, unknown critical extension.
    Profile {
        /// The rule, in RFC 5280's words.
        rule: String,
    },
}

/// A departure from the profile that only strict clients mind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peculiarity {
    /// Position in the path, 0 is the leaf.
    pub position: usize,
    /// What is peculiar, in RFC 5280's words.
    pub what: String,
    /// Who refuses it, for example `Python 3.13 and later`.
    pub refused_by: String,
}
