//! webpki's own answer, and webpki as the examiner of one path whose known faults are overlooked.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use time::OffsetDateTime;
use webpki::{EndEntityCert, Error, KeyUsage};

use super::roots::{self, RootSet};
use super::signature::{self, Family, Hash};
use super::trust::Question;
use super::{der, explore, twin};
use crate::facts::Certificate;
use crate::facts::certificate::Details;

/// More certificates than any server needs.
pub(super) const MOST_CERTIFICATES: usize = 200;
/// The most certificates among which webpki searches for a path, and the most ways through them. It gives up after 200,000
/// steps, each of which reads all certificates: a hundred that certify each other keep it busy for minutes, and ten of
/// one name for seconds.
const MOST_SEARCHED: usize = 16;
const MOST_WAYS: usize = 500;
/// How many certificates between leaf and root webpki follows.
const MOST_BETWEEN: usize = 6;

/// Returns the path that a strict client accepts at the time asked for: webpki's, or the leaf alone where the root set
/// holds that very certificate. The name is not looked at. Of a tangle ([`is_tangled`]) only a part is searched.
pub(super) fn trusted_path(question: &Question<'_>, roots: &RootSet) -> Option<Vec<Certificate>> {
    let leaf = question.chain.first()?;
    // OpenSSL, Go, Java and the systems trust a self-signed certificate that is itself in the store; webpki cannot
    if leaf.is_self_issued()
        && roots.contains(leaf)
        && is_valid(leaf, question.time)
        && !roots.distrusts(leaf)
    {
        return Some(vec![leaf.clone()]);
    }
    let above = above_leaf(question.chain);
    let sent: Vec<CertificateDer<'_>> =
        searched(leaf, &above).iter().map(|c| CertificateDer::from(c.der())).collect();
    let anchors = roots.anchors(question.time);
    let left = AtomicU32::new(signature::MOST_EFFORT);
    let algorithms: Vec<Bounded<'_>> =
        ALGORITHMS.iter().map(|algorithm| Bounded { algorithm: *algorithm, left: &left }).collect();
    let algorithms: Vec<&dyn SignatureVerificationAlgorithm> =
        algorithms.iter().map(|bounded| bounded as &dyn SignatureVerificationAlgorithm).collect();
    let leaf_der = CertificateDer::from(leaf.der());
    let end_entity = EndEntityCert::try_from(&leaf_der).ok()?;
    let path = end_entity
        .verify_for_usage(
            &algorithms,
            &anchors,
            &sent,
            unix(question.time)?,
            KeyUsage::server_auth(),
            None,
            None,
        )
        .ok()?;
    let mut own = vec![leaf.clone()];
    for intermediate in path.intermediate_certificates() {
        own.push(question.chain.iter().find(|c| c.der() == intermediate.der().as_ref())?.clone());
    }
    let key = path.anchor().subject_public_key_info.as_ref();
    let last = own.last()?.details().ok()?;
    let same_key = |root: &Certificate| {
        der::subject_and_key(root.der()).and_then(|(_, info)| der::contents(info)).is_some_and(|k| k == key)
    };
    let anchor = roots.named(&last.issuer).find(|r| same_key(r) && is_valid(r, question.time))?;
    own.push(anchor.clone());
    let between = &own[1..own.len() - 1];
    let forbidden = may_not_serve(leaf) || between.iter().any(may_not_sign);
    (!forbidden && own.iter().all(|c| !roots.distrusts(c))).then_some(own)
}

/// Whether a chain holds more ways upwards than webpki is asked to search.
pub(super) fn is_tangled(chain: &[Certificate]) -> bool {
    let above = above_leaf(chain);
    chain.first().is_some_and(|leaf| searched(leaf, &above).len() < above.len())
}

/// Returns as many of the certificates above a leaf as webpki is asked to search.
fn searched<'a, 'b>(leaf: &Certificate, above: &'a [&'b Certificate]) -> &'a [&'b Certificate] {
    let mut nearest = &above[..above.len().min(MOST_SEARCHED)];
    while ways(leaf, nearest) > MOST_WAYS {
        nearest = &nearest[..nearest.len() - 1];
    }
    nearest
}

/// Returns in how many ways names lead from a leaf through these certificates, however far.
fn ways(leaf: &Certificate, above: &[&Certificate]) -> usize {
    let leads = |from: &Certificate, to: &Certificate| matches!((from.details(), to.details()), (Ok(from), Ok(to)) if from.issuer == to.subject);
    let mut here: Vec<usize> =
        above.iter().map(|certificate| usize::from(leads(leaf, certificate))).collect();
    let mut all = here.iter().sum();
    for _ in 0..MOST_BETWEEN {
        let to = |next: usize| {
            let from = (0..above.len()).filter(|at| *at != next && leads(above[*at], above[next]));
            from.fold(0_usize, |sum, at| sum.saturating_add(here[at]))
        };
        here = (0..above.len()).map(to).collect();
        all = here.iter().fold(all, |sum: usize, ways| sum.saturating_add(*ways));
    }
    all
}

/// Returns the certificates behind the leaf that a path upwards can lead through, by their names, each once and the
/// nearest first.
fn above_leaf(chain: &[Certificate]) -> Vec<&Certificate> {
    let Some((Ok(leaf), others)) = chain.split_first().map(|(leaf, others)| (leaf.details(), others)) else {
        return Vec::new();
    };
    let mut names = vec![&leaf.issuer];
    let mut found: Vec<&Certificate> = Vec::new();
    let mut next = 0;
    while let Some(&name) = names.get(next) {
        next += 1;
        for certificate in others.iter().take(MOST_CERTIFICATES) {
            let Ok(details) = certificate.details() else { continue };
            if details.subject == *name && !found.contains(&certificate) {
                found.push(certificate);
                if !names.contains(&&details.issuer) {
                    names.push(&details.issuer);
                }
            }
        }
    }
    found
}

/// Whether keyUsage allows none of the uses that a TLS server makes of its key. OpenSSL, GnuTLS, NSS and Java refuse
/// that; webpki does not look at keyUsage.
pub(super) fn may_not_serve(certificate: &Certificate) -> bool {
    certificate.details().is_ok_and(|d| {
        d.key_usage.is_some_and(|u| !u.digital_signature && !u.key_encipherment && !u.key_agreement)
    })
}

/// Whether keyUsage forbids a CA to sign certificates: RFC 5280, 6.1.4 (n), and with it OpenSSL, GnuTLS, NSS, Go, Java
/// and Windows refuse what it signed. webpki does not look at keyUsage.
pub(super) fn may_not_sign(certificate: &Certificate) -> bool {
    certificate.details().is_ok_and(|d| d.key_usage.is_some_and(|usage| !usage.key_cert_sign))
}

/// Asks webpki what else is wrong with one path, overlooking every signature (they were checked one by one), what most
/// clients overlook ([`twin`]) and, where a moment exists at which all certificates are valid, the time. The last
/// certificate is taken as the anchor.
pub(super) fn further_fault(path: &[Certificate], time: OffsetDateTime) -> Option<Error> {
    let (leaf, above) = path.split_first()?;
    if path.iter().any(is_too_long) {
        return None;
    }
    let or_itself = |twin: Option<Vec<u8>>, own: &Certificate| twin.unwrap_or_else(|| own.der().to_vec());
    let leaf_der = CertificateDer::from(or_itself(twin::of_server(leaf), leaf));
    let end_entity = match EndEntityCert::try_from(&leaf_der) {
        Ok(end_entity) => end_entity,
        Err(error) => return Some(error),
    };
    let twins: Vec<Certificate> =
        above.iter().map(|c| Certificate::from_der(or_itself(twin::of_authority(c), c))).collect();
    let (top, between) = twins.split_last()?;
    let anchors = [roots::anchor(top)?];
    let sent: Vec<CertificateDer<'_>> = between.iter().map(|c| CertificateDer::from(c.der())).collect();
    let moment = explore::common_moment(&path[..path.len() - 1], time).unwrap_or(time);
    let answer = end_entity.verify_for_usage(
        &[&Waived],
        &anchors,
        &sent,
        unix(moment)?,
        KeyUsage::server_auth(),
        None,
        None,
    );
    match answer {
        Ok(_)
        // no moment suits all certificates; or an algorithm that nobody here can compute, which is known already
        | Err(
            Error::CertExpired { .. }
            | Error::CertNotValidYet { .. }
            | Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_),
        ) => None,
        Err(error) => Some(error),
    }
}

/// Returns the position of the certificate that an error of webpki's is about, where one can be told.
pub(super) fn culprit(error: &Error, path: &[Certificate]) -> Option<usize> {
    let below_anchor = &path[..path.len().saturating_sub(1)];
    let first = |whose: &dyn Fn(usize, &Details) -> bool| {
        below_anchor
            .iter()
            .enumerate()
            .position(|(at, c)| c.details().is_ok_and(|details| whose(at, details)))
    };
    match error {
        Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => {
            let serves = |usages: &Vec<String>| usages.iter().any(|oid| oid == "1.3.6.1.5.5.7.3.1");
            first(&|_, details| details.extended_key_usage.as_ref().is_some_and(|usages| !serves(usages)))
        }
        Error::MalformedNameConstraint
        | Error::InvalidNetworkMaskConstraint
        | Error::NameConstraintViolation => {
            let constrain = |c: &Certificate| c.details().is_ok_and(|details| details.has_name_constraints);
            let mut constraining = (0..path.len()).filter(|at| constrain(&path[*at]));
            // of several it may be any
            constraining.next().filter(|_| constraining.next().is_none())
        }
        Error::PathLenConstraintViolated => first(&|at, details| {
            let limit = details.basic_constraints.and_then(|constraints| constraints.path_len);
            limit.is_some_and(|limit| at > usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1))
        }),
        Error::UnsupportedCriticalExtension => first(&|_, details| !details.unknown_critical.is_empty()),
        _ => None,
    }
}

/// Whether webpki cannot read a certificate for its length alone: its lengths have two octets, and it calls what is
/// longer badly encoded. Go, Java and rustls take no longer message, OpenSSL's clients none over 100 KiB.
pub(super) fn is_too_long(certificate: &Certificate) -> bool {
    certificate.der().len() > 0xffff
}

/// Returns webpki's error as a rule that a person can look up.
pub(super) fn rule(error: &Error) -> String {
    match error {
        Error::CaUsedAsEndEntity => "the server's certificate is marked as a CA (basicConstraints cA)".into(),
        Error::EndEntityUsedAsCa => "a certificate that is not a CA signed another (basicConstraints)".into(),
        Error::EmptyEkuExtension => "extendedKeyUsage is present and empty".into(),
        Error::RequiredEkuNotFoundContext(_) => {
            "extendedKeyUsage does not allow TLS servers (serverAuth)".into()
        }
        Error::NameConstraintViolation => {
            "a CA's nameConstraints do not allow a name of the certificate".into()
        }
        Error::MalformedNameConstraint | Error::InvalidNetworkMaskConstraint => {
            "a CA's nameConstraints cannot be read".into()
        }
        Error::PathLenConstraintViolated => {
            "more intermediates than a CA allows (basicConstraints pathLenConstraint)".into()
        }
        Error::InvalidCertValidity => "notBefore is after notAfter".into(),
        Error::InvalidSerialNumber => "the serial number is not encoded as RFC 5280 demands".into(),
        Error::SignatureAlgorithmMismatch => "the two signature algorithm fields differ".into(),
        Error::UnsupportedCertVersion => "not an X.509 version 3 certificate".into(),
        Error::UnsupportedCriticalExtension => "a critical extension is unknown".into(),
        Error::MaximumPathDepthExceeded => "more than six intermediates in a row".into(),
        Error::MaximumNameConstraintComparisonsExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumSignatureChecksExceeded => {
            "checking it takes more work than clients are willing to do".into()
        }
        Error::BadDer
        | Error::BadDerTime
        | Error::TrailingData(_)
        | Error::ExtensionValueInvalid
        | Error::MalformedExtensions => "the encoding is not the DER that RFC 5280 demands".into(),
        other => format!("refused by webpki: {other}"),
    }
}

/// Whether a certificate is within its validity, both ends included.
pub(super) fn is_valid(certificate: &Certificate, time: OffsetDateTime) -> bool {
    certificate.details().is_ok_and(|d| d.not_before <= time && time <= d.not_after)
}

fn unix(time: OffsetDateTime) -> Option<UnixTime> {
    u64::try_from(time.unix_timestamp()).ok().map(|s| UnixTime::since_unix_epoch(Duration::from_secs(s)))
}

/// webpki's algorithms with ring, and the pairs of curve and hash that every client but those on ring accepts.
static ALGORITHMS: LazyLock<Vec<&'static dyn SignatureVerificationAlgorithm>> = LazyLock::new(|| {
    let own: [&dyn SignatureVerificationAlgorithm; 5] = [
        &Curve { family: Family::P256, hash: Hash::Sha512 },
        &Curve { family: Family::P384, hash: Hash::Sha512 },
        &Curve { family: Family::P521, hash: Hash::Sha256 },
        &Curve { family: Family::P521, hash: Hash::Sha384 },
        &Curve { family: Family::P521, hash: Hash::Sha512 },
    ];
    webpki::ALL_VERIFICATION_ALGS.iter().copied().chain(own).collect()
});

/// An algorithm that remembers its answers, and finds no more signatures right once the effort is spent: webpki's own
/// bound is a hundred checks, whatever they cost.
#[derive(Debug)]
struct Bounded<'a> {
    algorithm: &'static dyn SignatureVerificationAlgorithm,
    left: &'a AtomicU32,
}

impl SignatureVerificationAlgorithm for Bounded<'_> {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        const LARGE_RSA: usize = 4096 / 8 + 32;
        let kind = self.algorithm.public_key_alg_id();
        let effort = match kind {
            alg_id::ECDSA_P384 | alg_id::ECDSA_P521 => signature::EFFORT_OF_LARGE_CURVES,
            _ if key.len() > LARGE_RSA => signature::EFFORT_OF_LARGE_RSA,
            _ => 1,
        };
        let spent = |left: u32| left.checked_sub(effort);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spent).map_err(|_| InvalidSignature)?;
        let made_by = self.algorithm.signature_alg_id();
        let question = [b"webpki", kind.as_ref(), key, made_by.as_ref(), signature, message];
        let compute = || Some(self.algorithm.verify_signature(key, message, signature).is_ok());
        if signature::remembered(question, compute) == Some(true) { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.signature_alg_id()
    }
}

/// ECDSA on a curve with a hash.
#[derive(Debug)]
struct Curve {
    family: Family,
    hash: Hash,
}

impl SignatureVerificationAlgorithm for Curve {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        if self.family.verifies(key, self.hash, message, signature) { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self.family {
            Family::P384 => alg_id::ECDSA_P384,
            Family::P521 => alg_id::ECDSA_P521,
            _ => alg_id::ECDSA_P256,
        }
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.hash {
            Hash::Sha384 => alg_id::ECDSA_SHA384,
            Hash::Sha512 => alg_id::ECDSA_SHA512,
            _ => alg_id::ECDSA_SHA256,
        }
    }
}

/// The signature of a [`twin`], which is taken as good: [`super::signature`] has checked the original's.
#[derive(Debug)]
struct Waived;

impl SignatureVerificationAlgorithm for Waived {
    fn verify_signature(
        &self,
        _key: &[u8],
        _message: &[u8],
        _signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        Ok(())
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_PKCS1_SHA256
    }
}
