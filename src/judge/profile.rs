//! Departures from RFC 5280's profile that most clients overlook and strict ones refuse.
//!
//! The strict rules are OpenSSL's `X509_V_FLAG_X509_STRICT` (crypto/x509/x509_vfy.c, check_extensions), which Python
//! sets since 3.13; what every OpenSSL program, Go and rustls refuse was tried with the certificates of x509-limbo.

use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::trust::{Peculiarity, Strict};
use crate::facts::Certificate;
use crate::facts::certificate::{Details, Key};

const PYTHON: &[Strict] = &[Strict::Python313];
/// Against the profile, and no client is known to mind.
const NOBODY: &[Strict] = &[];
const OPENSSL: &[Strict] = &[Strict::OpenSsl, Strict::Python313];

/// Returns what strict clients refuse about a path, its anchor included where it has one.
pub(super) fn peculiarities(path: &[Certificate], anchored: bool) -> Vec<Peculiarity> {
    let last = path.len().saturating_sub(1);
    let mut found = Vec::new();
    if let [leaf] = path {
        if anchored && leaf.is_self_issued() {
            found.push(Peculiarity {
                position: 0,
                what: "a self-signed server certificate that is trusted by being in the store itself".into(),
                refused_by: vec![Strict::Rustls],
            });
        }
        return found;
    }
    for (position, certificate) in path.iter().enumerate() {
        if position > 0
            && certificate.details().is_ok_and(|d| matches!(d.key, Key::Ec { bits } if bits > 384))
        {
            found.push(Peculiarity {
                position,
                what: "a CA with a key on P-521, which the library ring lacks".into(),
                refused_by: vec![Strict::Rustls],
            });
        }
        if anchored && position == last {
            found.extend(of_anchor(certificate, position));
            found.extend(too_long_for(certificate, path));
        } else {
            found.extend(of_signed(certificate, position));
        }
    }
    found
        .extend(path.windows(2).enumerate().filter_map(|(position, pair)| another_key_named(position, pair)));
    found.sort();
    found.dedup();
    found
}

/// A certificate whose issuer bears another key identifier than it says. OpenSSL does not take that one for the issuer
/// (crypto/x509/v3_purp.c, X509_check_akid) and says `unable to get local issuer certificate`; others go by the
/// signature. A gateway that computes the identifier anew, as mitmproxy does, and a CA made elsewhere are like this.
fn another_key_named(position: usize, pair: &[Certificate]) -> Option<Peculiarity> {
    let (signed, issuer) = (pair[0].details().ok()?, pair[1].details().ok()?);
    let wanted = signed.authority_key_identifier.as_ref()?;
    (wanted != issuer.subject_key_identifier.as_ref()?).then(|| Peculiarity {
        position,
        what: "authorityKeyIdentifier names another key than the issuer's subjectKeyIdentifier".into(),
        refused_by: OPENSSL.to_vec(),
    })
}

/// OpenSSL and Go hold a root to its own limit; RFC 5280, 6.1.1 (d) takes nothing of an anchor but name and key, and
/// webpki, Java and the systems do as it says.
fn too_long_for(anchor: &Certificate, path: &[Certificate]) -> Option<Peculiarity> {
    let limit = anchor.details().ok()?.basic_constraints?.path_len?;
    let counted = path.get(1..path.len() - 1)?.iter().filter(|c| !c.is_self_issued()).count();
    (counted > usize::try_from(limit).unwrap_or(usize::MAX)).then(|| Peculiarity {
        position: path.len() - 1,
        what: "more intermediates than the root allows (pathLenConstraint)".into(),
        refused_by: vec![Strict::Go, Strict::OpenSsl, Strict::Python313],
    })
}

/// Returns what strict clients refuse about a certificate as a trust anchor.
pub(super) fn of_anchor(certificate: &Certificate, position: usize) -> Vec<Peculiarity> {
    let Ok(details) = certificate.details() else { return Vec::new() };
    let mut list = List::new(position);
    if !certificate.is_self_issued() {
        list.add("the store holds this intermediate and not its root", &[Strict::OpenSsl]);
    }
    match details.basic_constraints {
        Some(constraints) if !constraints.ca => list.add("a trust anchor that is marked as no CA", OPENSSL),
        Some(constraints) if !constraints.critical => {
            list.add("basicConstraints is not marked critical", PYTHON);
        }
        None if details.version >= 3 => list.add("a CA without basicConstraints", PYTHON),
        _ => {}
    }
    match details.key_usage {
        None if details.version >= 3 => list.add("a CA without keyUsage", PYTHON),
        Some(usage) if !usage.key_cert_sign => {
            list.add("keyUsage does not allow signing certificates", OPENSSL);
        }
        _ => {}
    }
    if details.version >= 3 && details.subject_key_identifier.is_none() {
        list.add("a CA without subjectKeyIdentifier", PYTHON);
    }
    if details.subject.attributes().is_empty() {
        list.add("a CA whose subject is empty", OPENSSL);
    }
    if !details.unknown_critical.is_empty() {
        list.add("a critical extension that clients do not know", OPENSSL);
    }
    match &details.extended_key_usage {
        Some(usages) if !allows_servers(usages) => {
            list.add("extendedKeyUsage does not allow TLS servers", OPENSSL);
        }
        Some(_) => list.add("a root with extendedKeyUsage", NOBODY),
        None => {}
    }
    list.identifiers(certificate, details, true);
    list.serial(details);
    list.found
}

/// Returns what strict clients refuse about a certificate that another one signed.
fn of_signed(certificate: &Certificate, position: usize) -> Vec<Peculiarity> {
    let Ok(details) = certificate.details() else { return Vec::new() };
    let mut list = List::new(position);
    if details.authority_key_identifier.is_none() {
        list.add("no authorityKeyIdentifier", PYTHON);
    }
    if position == 0 {
        if details.key_usage.is_some_and(|u| u.key_cert_sign) {
            list.add("keyUsage allows signing certificates although it is no CA", PYTHON);
        }
        if details.subject.attributes().is_empty() && !is_critical(details, "2.5.29.17") {
            list.add("an empty subject with a subjectAltName that is not marked critical", PYTHON);
        }
    } else {
        if details.subject_key_identifier.is_none() {
            list.add("a CA without subjectKeyIdentifier", PYTHON);
        }
        match details.key_usage {
            None => list.add("a CA without keyUsage", PYTHON),
            Some(usage) if !usage.key_cert_sign => {
                list.add("keyUsage does not allow signing certificates", OPENSSL);
            }
            Some(_) => {}
        }
        if details.basic_constraints.is_some_and(|b| b.ca && !b.critical) {
            list.add("basicConstraints is not marked critical", PYTHON);
        }
    }
    list.identifiers(certificate, details, false);
    list.serial(details);
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

    fn add(&mut self, what: &str, refused_by: &[Strict]) {
        self.found.push(Peculiarity {
            position: self.position,
            what: what.to_owned(),
            refused_by: refused_by.to_vec(),
        });
    }

    fn identifiers(&mut self, certificate: &Certificate, details: &Details, anchor: bool) {
        if is_critical(details, "2.5.29.35") {
            self.add("authorityKeyIdentifier is marked critical", OPENSSL);
        }
        if is_critical(details, "2.5.29.14") {
            self.add("subjectKeyIdentifier is marked critical", OPENSSL);
        }
        if !anchor || !certificate.is_self_issued() || !details.has_authority_key_identifier {
            return;
        }
        let own = &details.subject_key_identifier;
        match &details.authority_key_identifier {
            Some(keyid) if own.as_ref().is_some_and(|o| o != keyid) => {
                self.add("authorityKeyIdentifier of the root names another key than its own", OPENSSL);
            }
            None => self.add("authorityKeyIdentifier of the root holds no key identifier", NOBODY),
            Some(_) => {}
        }
        if names_another_issuer(certificate) {
            self.add("authorityKeyIdentifier of the root names another certificate than itself", OPENSSL);
        }
    }

    fn serial(&mut self, details: &Details) {
        let serial = details.serial.as_slice();
        if serial.first().is_some_and(|b| b & 0x80 != 0) {
            self.add("a negative serial number", &[Strict::Go]);
        }
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
