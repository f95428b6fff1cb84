//! Departures from the certificate profile of RFC 5280 and its neighbours: what some clients overlook and others
//! refuse. Which client refuses which is data, in `catalogue/verifiers/`.

use serde::{Deserialize, Serialize};

/// One way in which a certificate departs from its profile; the order is of no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Departure {
    /// The trust anchor has extendedKeyUsage, which roots should not have (CA/Browser Forum, 7.1.2.1).
    AnchorExtendedKeyUsage,
    /// The root's authorityKeyIdentifier names another key, issuer or serial number than its own.
    AnchorNamesAnotherIssuer,
    /// The trust anchor is marked as no CA (basicConstraints without cA).
    AnchorNotACa,
    /// The trust anchor was signed by another CA: the store holds an intermediate without its root.
    AnchorNotSelfSigned,
    /// More intermediates than the trust anchor's pathLenConstraint allows.
    AnchorPathLengthExceeded,
    /// The trust anchor is of X.509 version 1, which knows no extensions.
    AnchorVersionOne,
    /// The trust anchor's extendedKeyUsage does not allow TLS servers.
    AnchorWithoutServerUse,
    /// The root's authorityKeyIdentifier holds no key identifier.
    AuthorityKeyIdentifierEmpty,
    /// The root's authorityKeyIdentifier is marked critical (RFC 5280, 4.2.1.1).
    AuthorityKeyIdentifierCritical,
    /// No authorityKeyIdentifier in a certificate that another one signed (RFC 5280, 4.2.1.1).
    AuthorityKeyIdentifierMissing,
    /// authorityKeyIdentifier names another key than the issuer's.
    AuthorityKeyIdentifierMismatch,
    /// A CA without basicConstraints (RFC 5280, 4.2.1.9).
    BasicConstraintsMissing,
    /// A CA whose basicConstraints is not marked critical (RFC 5280, 4.2.1.9).
    BasicConstraintsNotCritical,
    /// A CA whose subject is empty (RFC 5280, 4.1.2.6).
    CaSubjectEmpty,
    /// keyUsage lets a certificate sign others although it is no CA (RFC 5280, 4.2.1.3).
    CertSignWithoutCa,
    /// The issuer's key is RSA and marked as one for RSA-PSS alone (RFC 4055, id-RSASSA-PSS).
    KeyForPssOnly,
    /// A CA without keyUsage (RFC 5280, 4.2.1.3).
    KeyUsageMissing,
    /// A CA whose keyUsage does not let it sign certificates (RFC 5280, 4.2.1.3).
    KeyUsageWithoutCertSign,
    /// A CA signed the server's certificate, and it is marked as a CA itself (basicConstraints).
    LeafIsCa,
    /// The server's certificate is of X.509 version 1, which knows no extensions.
    LeafVersionOne,
    /// The server's keyUsage does not let its key sign a handshake.
    LeafWithoutDigitalSignature,
    /// The server's certificate does not say that it is for TLS servers (no extendedKeyUsage).
    LeafWithoutServerUse,
    /// The server's certificate is valid for more than 825 days.
    #[serde(rename = "lifetime-over-825-days")]
    LifetimeOver825Days,
    /// pathLenConstraint in a CA whose keyUsage does not let it sign certificates, or in no CA at all.
    PathLengthWithoutCa,
    /// An RSA-PSS signature whose salt is not as long as its hash.
    PssSaltUncommon,
    /// The server's certificate signed itself, is marked as a CA and is in the store.
    SelfSignedLeafIsCa,
    /// A negative serial number (RFC 5280, 4.1.2.2).
    SerialNegative,
    /// A serial number of more than 20 octets (RFC 5280, 4.1.2.2).
    SerialTooLong,
    /// Empty subject, and subjectAltName is not marked critical (RFC 5280, 4.1.2.6).
    SubjectEmptyNamesNotCritical,
    /// The trust anchor's subjectKeyIdentifier is marked critical (RFC 5280, 4.2.1.2).
    SubjectKeyIdentifierCritical,
    /// A CA without subjectKeyIdentifier (RFC 5280, 4.2.1.2).
    SubjectKeyIdentifierMissing,
    /// A critical extension of the trust anchor that clients do not know.
    UnknownCriticalExtension,
}

impl Departure {
    /// Returns what is peculiar, in RFC 5280's words, to follow the name of the certificate.
    pub fn what(self) -> &'static str {
        match self {
            Self::AnchorExtendedKeyUsage => "a root with extendedKeyUsage",
            Self::AnchorNamesAnotherIssuer => "authorityKeyIdentifier of the root names another than itself",
            Self::AnchorNotACa => "a trust anchor that is marked as no CA",
            Self::AnchorNotSelfSigned => "the store holds this intermediate and not its root",
            Self::AnchorPathLengthExceeded => "more intermediates than the root allows (pathLenConstraint)",
            Self::AnchorVersionOne => "a root of X.509 version 1, which has no extensions",
            Self::AnchorWithoutServerUse => "extendedKeyUsage does not allow TLS servers",
            Self::AuthorityKeyIdentifierEmpty => "authorityKeyIdentifier of the root holds no key identifier",
            Self::AuthorityKeyIdentifierCritical => "authorityKeyIdentifier is marked critical",
            Self::AuthorityKeyIdentifierMissing => "no authorityKeyIdentifier",
            Self::AuthorityKeyIdentifierMismatch => {
                "authorityKeyIdentifier names another key than the issuer's"
            }
            Self::BasicConstraintsMissing => "a CA without basicConstraints",
            Self::BasicConstraintsNotCritical => "basicConstraints is not marked critical",
            Self::CaSubjectEmpty => "a CA whose subject is empty",
            Self::CertSignWithoutCa => "keyUsage allows signing certificates although it is no CA",
            Self::KeyForPssOnly => "its issuer's key is marked as one for RSA-PSS alone (id-RSASSA-PSS)",
            Self::KeyUsageMissing => "a CA without keyUsage",
            Self::KeyUsageWithoutCertSign => "keyUsage does not allow signing certificates",
            Self::LeafIsCa => "marked as a CA (basicConstraints)",
            Self::LeafVersionOne => "X.509 version 1, which has no extensions",
            Self::LeafWithoutDigitalSignature => "keyUsage does not allow digital signatures",
            Self::LeafWithoutServerUse => "no extendedKeyUsage for TLS servers",
            Self::LifetimeOver825Days => "valid for more than 825 days",
            Self::PathLengthWithoutCa => "pathLenConstraint where no certificates may be signed",
            Self::PssSaltUncommon => "an RSA-PSS signature with a salt that is not as long as its hash",
            Self::SelfSignedLeafIsCa => {
                "a self-signed server certificate that is marked as a CA, trusted by being in the store itself"
            }
            Self::SerialNegative => "a negative serial number",
            Self::SerialTooLong => "a serial number of more than 20 octets",
            Self::SubjectEmptyNamesNotCritical => {
                "an empty subject with a subjectAltName that is not marked critical"
            }
            Self::SubjectKeyIdentifierCritical => "subjectKeyIdentifier is marked critical",
            Self::SubjectKeyIdentifierMissing => "a CA without subjectKeyIdentifier",
            Self::UnknownCriticalExtension => "a critical extension that clients do not know",
        }
    }
}
