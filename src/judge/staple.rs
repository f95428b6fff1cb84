//! What a stapled OCSP response proves (RFC 6960): about which certificate, by whom, until when.

use std::fmt;

use time::OffsetDateTime;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::CrlReason;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspResponse, OcspResponseStatus,
    ResponderId, SingleResponse,
};

use super::der;
use super::signature::{self, Hash, Signature, digest};
use crate::facts::Certificate;

/// Clocks differ: a response that begins this much later is taken as begun (as OpenSSL's `s_client` and browsers do).
const LEEWAY: time::Duration = time::Duration::minutes(5);

/// A staple, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staple {
    /// What the responder says about the certificate; absent when it says nothing.
    pub status: Option<StapleStatus>,
    /// Who answered: a distinguished name, or `key` and the SHA-1 of one; hostile text.
    pub responder: Option<String>,
    /// When the response was made.
    pub produced_at: Option<OffsetDateTime>,
    /// From when on the statement holds.
    pub this_update: Option<OffsetDateTime>,
    /// By when there will be a newer one; absent when that is always the case.
    pub next_update: Option<OffsetDateTime>,
    /// Why it proves nothing; empty for a sound one.
    pub faults: Vec<StapleFault>,
}

/// What a responder says about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StapleStatus {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when.
        at: Option<OffsetDateTime>,
        /// Why, in RFC 5280's words, where the responder says so.
        reason: Option<&'static str>,
    },
    /// The responder does not know the certificate.
    Unknown,
}

/// Why a staple proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StapleFault {
    /// Its signature is not its signer's.
    BadSignature,
    /// It is past its end.
    Expired {
        /// The end.
        next_update: OffsetDateTime,
    },
    /// The issuer of the certificate is not at hand, so nobody can be recognised as the signer.
    IssuerMissing,
    /// The responder answered with an error in place of a statement.
    NotSuccessful {
        /// RFC 6960's word for it: `tryLater`, `internalError`, ...
        status: &'static str,
    },
    /// It begins in the future.
    NotYetValid {
        /// The beginning.
        this_update: OffsetDateTime,
    },
    /// It is about another certificate.
    OtherCertificate,
    /// It was signed by somebody who may not speak for the issuer.
    OtherSigner,
    /// It cannot be read.
    Unreadable {
        /// The parser's words.
        reason: String,
    },
    /// It was signed in a way that this program cannot compute.
    UncheckedSignature,
}

impl fmt::Display for StapleFault {
    /// Hostile text inside: sanitise before showing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadSignature => f.write_str("its signature is not its signer's"),
            Self::Expired { next_update } => write!(f, "it ended on {}", next_update.date()),
            Self::IssuerMissing => {
                f.write_str("the issuer of the certificate is not at hand, so its signer cannot be checked")
            }
            Self::NotSuccessful { status } => {
                write!(f, "the responder answered {status} in place of a statement")
            }
            Self::NotYetValid { this_update } => write!(f, "it begins only on {}", this_update.date()),
            Self::OtherCertificate => f.write_str("it is about another certificate"),
            Self::OtherSigner => f.write_str("it was signed by somebody who may not speak for the issuer"),
            Self::Unreadable { reason } => write!(f, "it cannot be read: {reason}"),
            Self::UncheckedSignature => {
                f.write_str("its signature is of a kind that this program does not compute")
            }
        }
    }
}

/// Reads and checks a staple about a leaf; `issuer` is the CA that signed the leaf, where it is known.
pub fn judge(
    staple: &[u8],
    leaf: &Certificate,
    issuer: Option<&Certificate>,
    time: OffsetDateTime,
) -> Staple {
    let mut judged = Staple {
        status: None,
        responder: None,
        produced_at: None,
        this_update: None,
        next_update: None,
        faults: Vec::new(),
    };
    let (bytes, basic) = match read(staple) {
        Ok(read) => read,
        Err(fault) => {
            judged.faults.push(fault);
            return judged;
        }
    };
    let data = &basic.tbs_response_data;
    judged.responder = Some(responder(&data.responder_id));
    judged.produced_at = moment(&data.produced_at);
    judged.faults.extend(signed_by_whom(&bytes, &basic, leaf, issuer, time));
    match data.responses.iter().find(|single| is_about(&single.cert_id, leaf, issuer)) {
        None => judged.faults.push(StapleFault::OtherCertificate),
        Some(single) => judged.take(single, time),
    }
    judged
}

impl Staple {
    /// Whether it proves what it says.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    fn take(&mut self, single: &SingleResponse, time: OffsetDateTime) {
        self.status = Some(match &single.cert_status {
            CertStatus::Good(_) => StapleStatus::Good,
            CertStatus::Unknown(_) => StapleStatus::Unknown,
            CertStatus::Revoked(info) => StapleStatus::Revoked {
                at: moment(&info.revocation_time),
                reason: info.revocation_reason.map(reason),
            },
        });
        self.this_update = moment(&single.this_update);
        self.next_update = single.next_update.as_ref().and_then(moment);
        if let Some(this_update) = self.this_update.filter(|from| time + LEEWAY < *from) {
            self.faults.push(StapleFault::NotYetValid { this_update });
        }
        if let Some(next_update) = self.next_update.filter(|until| time > *until + LEEWAY) {
            self.faults.push(StapleFault::Expired { next_update });
        }
    }
}

/// Returns the bytes of the basic response and what they say.
fn read(staple: &[u8]) -> Result<(Vec<u8>, BasicOcspResponse), StapleFault> {
    let unreadable = |reason: String| StapleFault::Unreadable { reason };
    let response = OcspResponse::from_der(staple).map_err(|e| unreadable(e.to_string()))?;
    let status = match response.response_status {
        OcspResponseStatus::Successful => None,
        OcspResponseStatus::MalformedRequest => Some("malformedRequest"),
        OcspResponseStatus::InternalError => Some("internalError"),
        OcspResponseStatus::TryLater => Some("tryLater"),
        OcspResponseStatus::SigRequired => Some("sigRequired"),
        OcspResponseStatus::Unauthorized => Some("unauthorized"),
    };
    if let Some(status) = status {
        return Err(StapleFault::NotSuccessful { status });
    }
    let inside = response.response_bytes.ok_or_else(|| unreadable("it holds no response".to_owned()))?;
    let bytes = inside.response.as_bytes().to_vec();
    let basic = BasicOcspResponse::from_der(&bytes).map_err(|e| unreadable(e.to_string()))?;
    Ok((bytes, basic))
}

/// Finds out whether the issuer itself signed, or somebody it named for that (RFC 6960, 4.2.2.2).
fn signed_by_whom(
    bytes: &[u8],
    basic: &BasicOcspResponse,
    leaf: &Certificate,
    issuer: Option<&Certificate>,
    time: OffsetDateTime,
) -> Option<StapleFault> {
    let Some(issuer) = issuer else { return Some(StapleFault::IssuerMissing) };
    let Some(signed) = der::signed(bytes) else { return Some(StapleFault::BadSignature) };
    let who = &basic.tbs_response_data.responder_id;
    if is_responder(who, issuer) {
        return fault(signature::check_signed(&signed, issuer));
    }
    let delegates = basic.certs.iter().flatten().filter_map(|c| c.to_der().ok()).map(Certificate::from_der);
    let delegate = delegates.take(MOST_DELEGATES).find(|candidate| {
        *candidate != *leaf
            && is_responder(who, candidate)
            && may_sign(candidate, time)
            && signature::check(candidate, issuer) == Signature::Good
    });
    match delegate {
        Some(delegate) => fault(signature::check_signed(&signed, &delegate)),
        None => Some(StapleFault::OtherSigner),
    }
}

/// The most certificates of a response that are looked at.
const MOST_DELEGATES: usize = 10;

fn fault(answer: Signature) -> Option<StapleFault> {
    match answer {
        Signature::Good => None,
        Signature::Bad => Some(StapleFault::BadSignature),
        Signature::Unknown => Some(StapleFault::UncheckedSignature),
    }
}

/// Whether a certificate is for signing OCSP responses and within its validity.
fn may_sign(certificate: &Certificate, time: OffsetDateTime) -> bool {
    certificate.details().is_ok_and(|d| {
        d.not_before <= time
            && time <= d.not_after
            && d.extended_key_usage.iter().flatten().any(|oid| oid == "1.3.6.1.5.5.7.3.9")
    })
}

fn is_responder(who: &ResponderId, certificate: &Certificate) -> bool {
    match who {
        ResponderId::ByName(name) => {
            let own = certificate.details().map(|d| d.subject.der().to_vec());
            name.to_der().ok() == own.ok()
        }
        ResponderId::ByKey(hash) => {
            key_octets(certificate).is_some_and(|key| digest(Hash::Sha1, key) == hash.as_bytes())
        }
    }
}

/// Whether a response is about this leaf: serial number, and the hashes of its issuer's name and key.
fn is_about(id: &CertId, leaf: &Certificate, issuer: Option<&Certificate>) -> bool {
    let Ok(details) = leaf.details() else { return false };
    let without_zeros = |serial: &[u8]| serial.iter().copied().skip_while(|b| *b == 0).collect::<Vec<u8>>();
    if without_zeros(id.serial_number.as_bytes()) != without_zeros(&details.serial) {
        return false;
    }
    let hash = match id.hash_algorithm.oid.to_string().as_str() {
        "1.3.14.3.2.26" => Hash::Sha1,
        "2.16.840.1.101.3.4.2.1" => Hash::Sha256,
        "2.16.840.1.101.3.4.2.2" => Hash::Sha384,
        "2.16.840.1.101.3.4.2.3" => Hash::Sha512,
        _ => return false,
    };
    let name = digest(hash, details.issuer.der()) == id.issuer_name_hash.as_bytes();
    let key =
        issuer.and_then(key_octets).is_none_or(|key| digest(hash, key) == id.issuer_key_hash.as_bytes());
    name && key
}

fn key_octets(certificate: &Certificate) -> Option<&[u8]> {
    let (_, info) = der::subject_and_key(certificate.der())?;
    der::public_key(info).map(|k| k.key)
}

fn responder(who: &ResponderId) -> String {
    match who {
        ResponderId::ByName(name) => name.to_string(),
        ResponderId::ByKey(hash) => {
            hash.as_bytes().iter().fold("key ".to_owned(), |text, byte| format!("{text}{byte:02x}"))
        }
    }
}

fn moment(time: &OcspGeneralizedTime) -> Option<OffsetDateTime> {
    let seconds = time.0.to_unix_duration().as_secs();
    OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()
}

/// RFC 5280, 5.3.1.
fn reason(reason: CrlReason) -> &'static str {
    match reason {
        CrlReason::Unspecified => "unspecified",
        CrlReason::KeyCompromise => "keyCompromise",
        CrlReason::CaCompromise => "cACompromise",
        CrlReason::AffiliationChanged => "affiliationChanged",
        CrlReason::Superseded => "superseded",
        CrlReason::CessationOfOperation => "cessationOfOperation",
        CrlReason::CertificateHold => "certificateHold",
        CrlReason::RemoveFromCRL => "removeFromCRL",
        CrlReason::PrivilegeWithdrawn => "privilegeWithdrawn",
        CrlReason::AaCompromise => "aACompromise",
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::facts::pem;
    use crate::lab::mutated::mutated;

    const NOW: OffsetDateTime = datetime!(2026-12-01 0:00 UTC);

    /// Made with `openssl ocsp`: leafs good, revoked, unknown and must, then the CA.
    fn chain() -> Vec<Certificate> {
        pem::read(include_bytes!("../../fixtures/ocsp/chains.pem")).certificates
    }

    fn faults(staple: &[u8], leaf: usize, time: OffsetDateTime) -> Vec<StapleFault> {
        let chain = chain();
        judge(staple, &chain[leaf], chain.last(), time).faults
    }

    const GOOD: &[u8] = include_bytes!("../../fixtures/ocsp/good.der");

    #[test]
    fn sound_staples_say_what_the_responder_says() {
        let chain = chain();
        for (staple, leaf, wanted) in [
            (GOOD, 0, StapleStatus::Good),
            (include_bytes!("../../fixtures/ocsp/by-key.der"), 0, StapleStatus::Good),
            (include_bytes!("../../fixtures/ocsp/delegated.der"), 0, StapleStatus::Good),
            (
                include_bytes!("../../fixtures/ocsp/revoked.der"),
                1,
                StapleStatus::Revoked {
                    at: Some(datetime!(2026-01-01 0:00 UTC)),
                    reason: Some("keyCompromise"),
                },
            ),
            (include_bytes!("../../fixtures/ocsp/unknown.der"), 2, StapleStatus::Unknown),
        ] {
            let staple = judge(staple, &chain[leaf], chain.last(), NOW);
            assert_eq!(staple.faults, [], "{staple:?}");
            assert_eq!(staple.status, Some(wanted));
            assert!(staple.this_update.is_some() && staple.next_update.is_some());
        }
    }

    #[test]
    fn a_signer_that_nobody_authorised_is_none() {
        for staple in [
            &include_bytes!("../../fixtures/ocsp/wrong-signer.der")[..],
            include_bytes!("../../fixtures/ocsp/stranger.der"),
        ] {
            assert_eq!(faults(staple, 0, NOW), [StapleFault::OtherSigner]);
        }
    }

    #[test]
    fn each_fault_is_told_from_the_others() {
        assert_eq!(faults(GOOD, 1, NOW), [StapleFault::OtherCertificate]);
        assert!(matches!(faults(GOOD, 0, NOW + Duration::days(9000))[..], [StapleFault::Expired { .. }]));
        assert!(matches!(faults(GOOD, 0, NOW - Duration::days(90))[..], [StapleFault::NotYetValid { .. }]));
        assert_eq!(
            faults(&[0x30, 3, 0x0a, 1, 3], 0, NOW),
            [StapleFault::NotSuccessful { status: "tryLater" }]
        );
        assert!(matches!(faults(b"nonsense", 0, NOW)[..], [StapleFault::Unreadable { .. }]));
        assert!(matches!(faults(&[], 0, NOW)[..], [StapleFault::Unreadable { .. }]));
        let chain = chain();
        assert_eq!(judge(GOOD, &chain[0], None, NOW).faults, [StapleFault::IssuerMissing]);
    }

    #[test]
    fn a_response_that_was_changed_is_not_signed() {
        let mut changed = GOOD.to_vec();
        // the year in producedAt
        let at = changed.windows(8).position(|w| w.starts_with(b"2026112")).expect("a date");
        changed[at + 3] = b'7';
        assert!(faults(&changed, 0, NOW).contains(&StapleFault::BadSignature));
    }

    fn seeds() -> Vec<Vec<u8>> {
        vec![
            GOOD.to_vec(),
            include_bytes!("../../fixtures/ocsp/by-key.der").to_vec(),
            include_bytes!("../../fixtures/ocsp/delegated.der").to_vec(),
            include_bytes!("../../fixtures/ocsp/wrong-signer.der").to_vec(),
            include_bytes!("../../fixtures/ocsp/revoked.der").to_vec(),
        ]
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_was_changed_is_believed(bytes in mutated(seeds(), &[b"\x30\x80", b"\xa2\x84\xff\xff\xff\xff"])) {
            let chain = chain();
            let told = |staple: &[u8]| judge(staple, &chain[0], chain.last(), NOW);
            let staple = told(&bytes);
            // the certificates beside the response are not signed: a response is as good without a stranger among them
            let of_a_seed = |seed: &Vec<u8>| {
                let seed = told(seed);
                seed.is_sound() && (seed.status, seed.this_update, seed.next_update)
                    == (staple.status.clone(), staple.this_update, staple.next_update)
            };
            assert!(!staple.is_sound() || seeds().iter().any(of_a_seed), "{staple:?}");
        }
    }
}
