//! Why a CA is not handed out, in words: what is wrong, and what would help.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::facts::{Certificate, Fingerprint};
use crate::text::sanitise;

/// A CA that is not handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its distinguished name, hostile text; absent when only its fingerprint is known.
    pub subject: Option<String>,
    /// Its fingerprint; absent when only its name is known.
    pub fingerprint: Option<Fingerprint>,
    /// Why.
    pub reason: Reason,
    /// Whether the user asked for this very CA.
    pub was_asked_for: bool,
}

/// Why a CA is not handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The system store refuses it by name.
    Distrusted,
    /// It is past its end.
    Expired {
        /// Its end.
        not_after: OffsetDateTime,
    },
    /// The gateway signs with it what it does not trust itself.
    ForBadOrigins,
    /// Its private key is public.
    KnownBad {
        /// The story's name, for example `Superfish`.
        name: String,
    },
    /// It cannot be read.
    Malformed {
        /// The parser's words.
        message: String,
    },
    /// It is not a CA: a server's own certificate.
    NotAnAuthority,
    /// No certificate with this fingerprint was presented, is in a store, or was found in a file.
    NotFound,
    /// Only its name is known: the gateway does not send it and no store holds it.
    NotSent {
        /// The fingerprint of the certificate that was sent.
        leaf: Option<Fingerprint>,
    },
    /// It is before its start.
    NotYetValid {
        /// Its start.
        not_before: OffsetDateTime,
    },
    /// It was presented, and the system store does not hold it.
    OnlyOnTheWire,
    /// It came with the system: whoever needs it has it.
    Shipped,
    /// It signed nothing that was presented.
    SignedNothing,
}

impl Refusal {
    /// Makes the refusal of a certificate.
    pub fn of(certificate: &Certificate, reason: Reason) -> Self {
        Self {
            subject: certificate.details().ok().map(|details| details.subject.to_string()),
            fingerprint: Some(certificate.fingerprint()),
            reason,
            was_asked_for: false,
        }
    }

    /// Makes the refusal of a fingerprint that belongs to nothing that was seen.
    pub(super) fn not_found(fingerprint: Fingerprint) -> Self {
        Self { subject: None, fingerprint: Some(fingerprint), reason: Reason::NotFound, was_asked_for: true }
    }

    /// Makes the refusal of a CA whose certificate nobody has.
    pub(super) fn not_sent(name: String, leaf: Option<Fingerprint>) -> Self {
        let reason = Reason::NotSent { leaf };
        Self { subject: Some(name), fingerprint: None, reason, was_asked_for: false }
    }

    /// Says what is wrong, in a sentence or two.
    pub fn what(&self) -> String {
        let name = match (&self.subject, self.fingerprint) {
            (Some(subject), _) => format!("`{}`", sanitise(subject)),
            (None, Some(fingerprint)) => format!("the CA with SHA-256 {}", fingerprint.with_colons()),
            (None, None) => "the CA".to_owned(),
        };
        let date = |time: OffsetDateTime| time.format(&Rfc3339).unwrap_or_default();
        match &self.reason {
            Reason::Distrusted => {
                format!("{name} is on this computer's list of certificates never to be trusted")
            }
            Reason::Expired { not_after } => format!("{name} expired at {}", date(*not_after)),
            Reason::ForBadOrigins => format!(
                "{name} is what the gateway signs with when it does not trust the server behind it: who trusts this \
                 CA no longer sees such faults"
            ),
            Reason::KnownBad { name: story } => {
                format!("{name} is {story}: its private key is public, so anybody can sign with it")
            }
            Reason::Malformed { message } => format!("{name} cannot be read: {}", sanitise(message)),
            Reason::NotAnAuthority => format!("{name} is a server's certificate and not a CA"),
            Reason::NotFound => format!(
                "{name} was neither presented by a server nor found in a store or file of this computer"
            ),
            Reason::NotSent { leaf } => {
                let sent = leaf.map(|leaf| format!(" (SHA-256 {})", leaf.with_colons())).unwrap_or_default();
                format!(
                    "{name} is in no store of this computer, and the gateway sends only the certificate it made for the \
                     server{sent}: there is no CA certificate to hand out"
                )
            }
            Reason::NotYetValid { not_before } => format!("{name} is not valid before {}", date(*not_before)),
            Reason::OnlyOnTheWire => format!(
                "{name} is not in this computer's system store, where it takes rights to put one: what only a \
                 connection shows, whoever sits on the way can have made"
            ),
            Reason::Shipped => format!("{name} came with the operating system"),
            Reason::SignedNothing => format!("{name} signed nothing that the servers presented"),
        }
    }

    /// Says what would help; a complete sentence or two.
    pub fn advice(&self) -> String {
        match (&self.reason, self.fingerprint) {
            (Reason::OnlyOnTheWire, Some(fingerprint)) => format!(
                "Compare this SHA-256 fingerprint with the one your IT department publishes: {}. If the two are equal, \
                 give it with `--fingerprint`.",
                fingerprint.with_colons()
            ),
            (Reason::NotSent { .. }, _) => "Ask your IT department for this CA's certificate file and its SHA-256 \
                 fingerprint, then give both: `--ca-file FILE --fingerprint SHA256`."
                .to_owned(),
            (Reason::NotFound, _) => "Compare the fingerprint with the one your IT department publishes, and name the \
                 CA's file with `--ca-file FILE`."
                .to_owned(),
            (Reason::SignedNothing, _) => {
                "Check that it is the CA of this network: look at an inspected host, or ask your IT department which CA \
                 inspects its traffic."
                    .to_owned()
            }
            (Reason::NotAnAuthority, _) => {
                "Give the fingerprint of the CA that signed it; your IT department publishes it.".to_owned()
            }
            (Reason::Expired { .. } | Reason::NotYetValid { .. } | Reason::Malformed { .. }, _) => {
                "Ask your IT department for the CA that is in use now.".to_owned()
            }
            (Reason::ForBadOrigins, _) => {
                "Nothing to add here: the fault is the server's own, and its operator has to mend it.".to_owned()
            }
            (Reason::KnownBad { .. }, _) => {
                "Remove the software that installed it, and tell your IT department.".to_owned()
            }
            (Reason::Distrusted, _) => {
                "Ask your IT department why it is distrusted before anything else.".to_owned()
            }
            (Reason::Shipped | Reason::OnlyOnTheWire, _) => "There is nothing to export.".to_owned(),
        }
    }
}
