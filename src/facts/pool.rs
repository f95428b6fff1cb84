//! Certificates that were met before: stores and bundles share most of theirs, and each is taken apart once.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use super::Certificate;

/// Certificates by their bytes.
#[derive(Clone, Debug, Default)]
pub struct Pool(HashSet<ByBytes>);

impl Pool {
    /// Returns the certificate with these bytes.
    pub fn certificate(&mut self, der: &[u8]) -> Certificate {
        if let Some(known) = self.0.get(der) {
            return known.0.clone();
        }
        let certificate = Certificate::from_der(der);
        self.0.insert(ByBytes(certificate.clone()));
        certificate
    }
}

impl<'a> FromIterator<&'a Certificate> for Pool {
    fn from_iter<T: IntoIterator<Item = &'a Certificate>>(certificates: T) -> Self {
        Self(certificates.into_iter().cloned().map(ByBytes).collect())
    }
}

/// A certificate that is found by its bytes: comparing them costs a tenth of what their fingerprint does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ByBytes(Certificate);

impl Borrow<[u8]> for ByBytes {
    fn borrow(&self) -> &[u8] {
        self.0.der()
    }
}

impl Hash for ByBytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.der().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_met_again_is_the_same_certificate() {
        let roots = &webpki_root_certs::TLS_SERVER_ROOT_CERTS[..3];
        let first = Certificate::from_der(roots[0].to_vec());
        let mut pool = Pool::from_iter([&first]);
        for der in roots.iter().chain(roots) {
            assert_eq!(pool.certificate(der), Certificate::from_der(der.to_vec()));
        }
        assert!(std::ptr::eq(pool.certificate(&roots[0]).der(), first.der()), "it was taken apart again");
    }
}
