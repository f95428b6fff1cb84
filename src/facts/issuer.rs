//! What stands behind the addresses at which certificates say their issuer can be fetched (RFC 5280, 4.2.2.1).

use serde::{Deserialize, Serialize};

use super::{Certificate, pem, pkcs7};

/// One address, asked once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerLook {
    /// The address as the certificate names it; hostile.
    pub url: String,
    /// What it answered.
    pub answer: IssuerAnswer,
}

/// What an address answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum IssuerAnswer {
    /// Certificates, whether or not one of them is the issuer.
    Certificates {
        /// How they were written.
        form: IssuerForm,
        /// At most [`MOST_CERTIFICATES`] of them.
        certificates: Vec<Certificate>,
    },
    /// A redirect that was not followed: to another scheme than plain HTTP, or one too many.
    Elsewhere {
        /// Where it leads; hostile.
        place: String,
    },
    /// Bytes that are no certificate.
    Something {
        /// Whether they are a web page, which is what login pages and parked domains answer.
        page: bool,
        /// Their beginning; hostile.
        excerpt: String,
    },
    /// An HTTP status other than success.
    Status {
        /// The status.
        status: u16,
    },
    /// No answer.
    Unanswered {
        /// Why, in words.
        reason: String,
    },
}

/// How certificates behind an address are written; RFC 5280 allows DER and PKCS#7, and people serve PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerForm {
    /// The bytes of one certificate.
    Der,
    /// Base64 between lines.
    Pem,
    /// A certs-only message (RFC 5652).
    Pkcs7,
}

/// The most certificates taken from one answer.
pub const MOST_CERTIFICATES: usize = 16;

impl IssuerAnswer {
    /// Reads the body of a successful answer, whatever content type it claims.
    pub fn read(body: &[u8]) -> Self {
        let take = |form, certificates: Vec<Certificate>| {
            let certificates = certificates.into_iter().take(MOST_CERTIFICATES).collect();
            Self::Certificates { form, certificates }
        };
        if let Some(certificates) = pkcs7::certificates(body) {
            return take(IssuerForm::Pkcs7, certificates);
        }
        let contents = pem::read(body);
        let readable: Vec<Certificate> =
            contents.certificates.into_iter().filter(|c| c.details().is_ok()).collect();
        if !readable.is_empty() {
            let der = contents.encoding == pem::Encoding::Der;
            return take(if der { IssuerForm::Der } else { IssuerForm::Pem }, readable);
        }
        let start = &body[..body.len().min(200)];
        let excerpt = String::from_utf8_lossy(start).into_owned();
        let lower = excerpt.trim_start().to_ascii_lowercase();
        Self::Something { page: lower.starts_with("<!doctype") || lower.starts_with("<html"), excerpt }
    }

    /// Returns the certificates, if it is some.
    pub fn certificates(&self) -> &[Certificate] {
        match self {
            Self::Certificates { certificates, .. } => certificates,
            _ => &[],
        }
    }
}
