//! The web roots: Mozilla's, compiled into this program as whole certificates.

use crate::facts::store::{Origin, Root};
use crate::facts::{Pool, RootStore};

/// The version of webpki-root-certs in Cargo.lock; a test compares the two.
const VERSION: &str = "1.0.11";

pub(super) fn load(pool: &mut Pool) -> RootStore {
    let root = |der: &[u8], pool: &mut Pool| Root {
        certificate: pool.certificate(der),
        origin: Origin::Shipped,
        place: None,
    };
    RootStore {
        source: format!("Mozilla roots (webpki-root-certs {VERSION})"),
        roots: webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| root(der, pool)).collect(),
        ..RootStore::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_named_is_the_version_compiled_in() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(lock.contains(&format!("name = \"webpki-root-certs\"\nversion = \"{VERSION}\"")));
    }

    #[test]
    fn every_web_root_can_be_read() {
        let store = load(&mut Pool::default());
        assert!(store.roots.len() > 100, "{}", store.roots.len());
        for root in &store.roots {
            assert!(root.certificate.is_ca() || root.certificate.details().unwrap().version == 1, "{root:?}");
        }
    }
}
