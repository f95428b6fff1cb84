//! A root store, prepared for judging many chains.

use std::collections::{HashMap, HashSet};

use rustls_pki_types::{CertificateDer, Der, TrustAnchor};
use time::OffsetDateTime;

use super::der;
use crate::facts::certificate::DistinguishedName;
use crate::facts::{Certificate, Fingerprint, RootStore};

/// The readable roots of a store, by name.
#[derive(Clone, Debug, Default)]
pub struct RootSet {
    roots: Vec<Certificate>,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    distrusted: HashSet<Fingerprint>,
}

impl RootSet {
    /// Prepares a store.
    pub fn of(store: &RootStore) -> Self {
        let mut set: Self = store.roots.iter().map(|r| &r.certificate).collect();
        set.distrusted = store.distrusted.iter().map(|r| r.certificate.fingerprint()).collect();
        set
    }

    /// Whether the set holds this very certificate.
    pub fn contains(&self, certificate: &Certificate) -> bool {
        certificate.details().is_ok_and(|d| self.named(&d.subject).any(|r| r == certificate))
    }

    /// Whether the store refuses this very certificate wherever it stands in a path.
    pub fn distrusts(&self, certificate: &Certificate) -> bool {
        self.distrusted.contains(&certificate.fingerprint())
    }

    /// Returns the roots that bear a name, byte for byte.
    pub fn named(&self, subject: &DistinguishedName) -> impl Iterator<Item = &Certificate> {
        self.by_subject.get(subject.der()).into_iter().flatten().map(|index| &self.roots[*index])
    }

    /// Returns all roots.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.roots.iter()
    }

    /// Returns how many readable roots there are.
    pub fn len(&self) -> usize {
        self.roots.len()
    }

    /// Whether there is no readable root.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Returns webpki's form of the roots that are within their validity. webpki does not look at an anchor's dates,
    /// so an expired root that is left behind in a store would pass.
    pub(super) fn anchors(&self, time: OffsetDateTime) -> Vec<TrustAnchor<'_>> {
        self.roots
            .iter()
            .filter(|r| r.details().is_ok_and(|d| d.not_before <= time && time <= d.not_after))
            .filter_map(anchor)
            .collect()
    }
}

impl<'a> FromIterator<&'a Certificate> for RootSet {
    /// Keeps the readable certificates, each once.
    fn from_iter<I: IntoIterator<Item = &'a Certificate>>(certificates: I) -> Self {
        let mut set = Self::default();
        for certificate in certificates {
            let Ok(details) = certificate.details() else { continue };
            let named = set.by_subject.entry(details.subject.der().to_vec()).or_default();
            if named.iter().all(|index| &set.roots[*index] != certificate) {
                named.push(set.roots.len());
                set.roots.push(certificate.clone());
            }
        }
        set
    }
}

/// Returns webpki's form of a root, whatever is odd about the certificate around its name and key.
pub(super) fn anchor(certificate: &Certificate) -> Option<TrustAnchor<'_>> {
    let (subject, key) = der::subject_and_key(certificate.der())?;
    let plain = TrustAnchor {
        subject: Der::from_slice(der::contents(subject)?),
        subject_public_key_info: Der::from_slice(der::contents(key)?),
        name_constraints: None,
    };
    let borrowed = CertificateDer::from(certificate.der());
    match webpki::anchor_from_trusted_cert(&borrowed) {
        Ok(strict) => Some(TrustAnchor {
            name_constraints: strict.name_constraints.map(|n| Der::from(n.to_vec())),
            ..plain
        }),
        // an extension that cannot be read: webpki would drop the root, the systems do not
        Err(_) => Some(plain),
    }
}
