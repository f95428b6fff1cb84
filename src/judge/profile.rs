//! Departures from the certificate profile that most clients overlook and strict ones refuse. Who refuses which is data:
//! `catalogue/verifiers/`.
//!
//! Where to look for departures follows OpenSSL's strict checks (crypto/x509/x509_vfy.c, check_extensions), which
//! name the most; the others come from clients that were seen to refuse.

use time::Duration;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::signature;
use super::trust::Peculiarity;
use crate::facts::certificate::Details;
use crate::facts::{Certificate, Departure};

/// The longest validity that Apple's clients accept of a server certificate of any CA (support.apple.com/103769).
const APPLES_LONGEST: Duration = Duration::days(825);

/// Returns the departures of a path, of its anchor included where it has one.
pub(super) fn peculiarities(path: &[Certificate], anchored: bool) -> Vec<Peculiarity> {
    if let [leaf] = path {
        let trusted_itself = anchored && leaf.is_self_issued() && leaf.is_ca();
        let departure = Peculiarity { position: 0, departure: Departure::SelfSignedLeafIsCa };
        return trusted_itself.then_some(departure).into_iter().collect();
    }
    let last = path.len().saturating_sub(1);
    let mut found = Vec::new();
    for (position, certificate) in path.iter().enumerate() {
        if anchored && position == last {
            found.extend(of_anchor(certificate, position));
            let departure = Departure::AnchorPathLengthExceeded;
            found.extend(exceeds(certificate, path).then_some(Peculiarity { position, departure }));
        } else {
            found.extend(of_signed(certificate, path.get(position + 1), position));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Returns the departures of a certificate as a trust anchor.
pub(super) fn of_anchor(certificate: &Certificate, position: usize) -> Vec<Peculiarity> {
    let Ok(details) = certificate.details() else { return Vec::new() };
    let mut list = List::new(position);
    list.when(!certificate.is_self_issued(), Departure::AnchorNotSelfSigned);
    list.when(details.version < 3, Departure::AnchorVersionOne);
    match details.basic_constraints {
        Some(constraints) => list.when(!constraints.ca, Departure::AnchorNotACa),
        None => list.when(details.version >= 3, Departure::BasicConstraintsMissing),
    }
    list.ca(details);
    // below the anchor every client refuses these
    list.when(!details.unknown_critical.is_empty(), Departure::UnknownCriticalExtension);
    list.when(is_critical(details, "2.5.29.35"), Departure::AuthorityKeyIdentifierCritical);
    list.when(is_critical(details, "2.5.29.14"), Departure::SubjectKeyIdentifierCritical);
    if let Some(usages) = &details.extended_key_usage {
        list.add(if allows_servers(usages) {
            Departure::AnchorExtendedKeyUsage
        } else {
            Departure::AnchorWithoutServerUse
        });
    }
    list.everywhere(details);
    if certificate.is_self_issued() && details.has_authority_key_identifier {
        let own = details.subject_key_identifier.as_ref();
        let keyid = details.authority_key_identifier.as_ref();
        list.when(keyid.is_none(), Departure::AuthorityKeyIdentifierEmpty);
        let another_key = keyid.is_some_and(|keyid| own.is_some_and(|own| own != keyid));
        let another = another_key || names_another_issuer(certificate);
        list.when(another, Departure::AnchorNamesAnotherIssuer);
    }
    list.found
}

/// Whether a path holds what webpki refuses and most clients accept.
pub(super) fn explains_webpki(path: &[Certificate]) -> bool {
    let accepted = |p: &Peculiarity| {
        matches!(
            p.departure,
            Departure::KeyForPssOnly
                | Departure::LeafIsCa
                | Departure::LeafVersionOne
                | Departure::PssSaltUncommon
        )
    };
    peculiarities(path, true).iter().any(accepted)
}

/// Whether a path is longer than its anchor's pathLenConstraint allows. RFC 5280, 6.1.1 (d), takes nothing of an anchor
/// but name and key, and webpki, Java and the systems do as it says; others hold it to its own limit.
fn exceeds(anchor: &Certificate, path: &[Certificate]) -> bool {
    let limit = anchor.details().ok().and_then(|d| d.basic_constraints?.path_len);
    let below = path.get(1..path.len() - 1).unwrap_or_default();
    let counted = below.iter().filter(|c| !c.is_self_issued()).count();
    limit.is_some_and(|limit| counted > usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Returns the departures of a certificate that another one signed.
fn of_signed(certificate: &Certificate, issuer: Option<&Certificate>, position: usize) -> Vec<Peculiarity> {
    let Ok(details) = certificate.details() else { return Vec::new() };
    let mut list = List::new(position);
    let keyid = details.authority_key_identifier.as_ref();
    // version 1 has no place for it
    list.when(keyid.is_none() && details.version >= 3, Departure::AuthorityKeyIdentifierMissing);
    list.when(signature::has_uncommon_salt(certificate), Departure::PssSaltUncommon);
    list.when(issuer.is_some_and(signature::is_key_for_pss), Departure::KeyForPssOnly);
    // a gateway that computes the identifier anew, as mitmproxy does, and a CA made elsewhere are like this
    let issuers = issuer.and_then(|i| i.details().ok()).and_then(|d| d.subject_key_identifier.as_ref());
    let another_key = keyid.is_some_and(|keyid| issuers.is_some_and(|own| own != keyid));
    list.when(another_key, Departure::AuthorityKeyIdentifierMismatch);
    if position == 0 {
        list.leaf(details);
    } else {
        list.ca(details);
    }
    list.everywhere(details);
    list.found
}

struct List {
    position: usize,
    found: Vec<Peculiarity>,
}

impl List {
    fn new(position: usize) -> Self {
        Self { position, found: Vec::new() }
    }

    fn add(&mut self, departure: Departure) {
        self.found.push(Peculiarity { position: self.position, departure });
    }

    fn when(&mut self, condition: bool, departure: Departure) {
        if condition {
            self.add(departure);
        }
    }

    /// What concerns certificates of CAs; those of version 1 have no extensions to lack.
    fn ca(&mut self, details: &Details) {
        let has_extensions = details.version >= 3;
        let signs = details.key_usage.map(|usage| usage.key_cert_sign);
        if let Some(constraints) = details.basic_constraints {
            self.when(constraints.ca && !constraints.critical, Departure::BasicConstraintsNotCritical);
            let limits = constraints.path_len.is_some();
            self.when(limits && (!constraints.ca || signs == Some(false)), Departure::PathLengthWithoutCa);
        }
        self.when(has_extensions && signs.is_none(), Departure::KeyUsageMissing);
        self.when(signs == Some(false), Departure::KeyUsageWithoutCertSign);
        let identified = details.subject_key_identifier.is_some();
        self.when(has_extensions && !identified, Departure::SubjectKeyIdentifierMissing);
        self.when(details.subject.attributes().is_empty(), Departure::CaSubjectEmpty);
    }

    fn leaf(&mut self, details: &Details) {
        let is_ca = details.basic_constraints.is_some_and(|b| b.ca);
        self.when(is_ca, Departure::LeafIsCa);
        self.when(details.version < 3, Departure::LeafVersionOne);
        let limits = details.basic_constraints.is_some_and(|b| b.path_len.is_some());
        self.when(limits && !is_ca, Departure::PathLengthWithoutCa);
        if let Some(usage) = details.key_usage {
            self.when(usage.key_cert_sign && !is_ca, Departure::CertSignWithoutCa);
            self.when(!usage.digital_signature, Departure::LeafWithoutDigitalSignature);
        }
        let nameless = details.subject.attributes().is_empty();
        self.when(nameless && !is_critical(details, "2.5.29.17"), Departure::SubjectEmptyNamesNotCritical);
        self.when(details.extended_key_usage.is_none(), Departure::LeafWithoutServerUse);
        let lifetime = details.not_after - details.not_before;
        self.when(lifetime > APPLES_LONGEST, Departure::LifetimeOver825Days);
    }

    /// What concerns every certificate.
    fn everywhere(&mut self, details: &Details) {
        let serial = details.serial.as_slice();
        self.when(serial.first().is_some_and(|b| b & 0x80 != 0), Departure::SerialNegative);
        let sign = usize::from(serial.first() == Some(&0));
        self.when(serial.len() - sign > 20, Departure::SerialTooLong);
    }
}

fn allows_servers(usages: &[String]) -> bool {
    usages.iter().any(|oid| oid == "1.3.6.1.5.5.7.3.1" || oid == "2.5.29.37.0")
}

fn is_critical(details: &Details, oid: &str) -> bool {
    details.extensions.iter().any(|(own, critical)| own == oid && *critical)
}

/// Whether a root's authorityKeyIdentifier gives an issuer or serial number that is not its own.
fn names_another_issuer(certificate: &Certificate) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate.der()) else { return false };
    let own_serial = parsed.tbs_certificate.raw_serial();
    parsed.extensions().iter().any(|e| match e.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(aki) => {
            let own_name = |name: &GeneralName<'_>| match name {
                GeneralName::DirectoryName(name) => name.as_raw() == parsed.subject().as_raw(),
                _ => true,
            };
            aki.authority_cert_serial.is_some_and(|serial| serial != own_serial)
                || aki.authority_cert_issuer.as_ref().is_some_and(|names| !names.iter().all(own_name))
        }
        _ => false,
    })
}
