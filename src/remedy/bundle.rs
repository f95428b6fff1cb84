//! What goes into the files that are handed out: the company's CAs alone, or those and everything else that is trusted.

use std::collections::HashSet;

use time::OffsetDateTime;

use crate::catalogue::bad_authorities;
use crate::facts::{Certificate, Fingerprint, Stores};

/// What a full bundle is made of.
#[derive(Clone, Copy, Debug)]
pub struct Ingredients<'a> {
    /// The CAs that may be handed out.
    pub authorities: &'a [Certificate],
    /// The machine's stores.
    pub stores: &'a Stores,
    /// What the file held that the bundle takes the place of: whoever set it had a reason.
    pub previous: &'a [Certificate],
    /// The time of judging: what is expired by then is left out.
    pub time: OffsetDateTime,
}

/// Certificates chosen for a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The certificates, each once: the company's first, so that a person finds them at the top.
    pub certificates: Vec<Certificate>,
    /// What was left out although a store or the previous file holds it, and why.
    pub left_out: Vec<(Certificate, WhyLeftOut)>,
}

/// Why a certificate is not in a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyLeftOut {
    /// The system store refuses it.
    Distrusted,
    /// Its time is over.
    Expired,
    /// Its private key is public.
    KnownBad,
    /// It is a server's certificate.
    NotAnAuthority,
    /// It is not X.509.
    Unreadable,
}

/// Chooses the certificates of a full bundle: the company's CAs, the system store, the web roots, and what the file in
/// effect before held. A setting that replaces must hold all of them, or hosts that worked stop working.
pub fn compose(ingredients: &Ingredients<'_>) -> Bundle {
    let stores = ingredients.stores;
    let roots = stores.system.roots.iter().chain(&stores.web.roots).map(|root| &root.certificate);
    let mut bundle = Bundle::default();
    let mut seen: HashSet<Fingerprint> = HashSet::new();
    for certificate in ingredients.authorities.iter().chain(roots).chain(ingredients.previous) {
        if !seen.insert(certificate.fingerprint()) {
            continue;
        }
        match why_leave_out(certificate, stores, ingredients.time) {
            None => bundle.certificates.push(certificate.clone()),
            Some(why) => bundle.left_out.push((certificate.clone(), why)),
        }
    }
    bundle
}

fn why_leave_out(certificate: &Certificate, stores: &Stores, time: OffsetDateTime) -> Option<WhyLeftOut> {
    let Ok(details) = certificate.details() else { return Some(WhyLeftOut::Unreadable) };
    if bad_authorities::find(certificate).is_some() {
        Some(WhyLeftOut::KnownBad)
    } else if stores.system.distrusts(certificate) {
        Some(WhyLeftOut::Distrusted)
    } else if details.not_after < time {
        Some(WhyLeftOut::Expired)
    } else if !super::authorities::may_sign(certificate) {
        Some(WhyLeftOut::NotAnAuthority)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::facts::RootStore;
    use crate::facts::store::{Origin, Root};

    fn minted(name: &str, ca: bool, not_after: OffsetDateTime) -> Certificate {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.not_after = not_after;
        if ca {
            params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        }
        Certificate::from_der(params.self_signed(&key).unwrap().der().to_vec())
    }

    fn store(certificates: &[&Certificate]) -> RootStore {
        let root =
            |c: &&Certificate| Root { certificate: (*c).clone(), origin: Origin::Unknown, place: None };
        RootStore { roots: certificates.iter().map(root).collect(), ..RootStore::default() }
    }

    #[test]
    fn everything_that_worked_goes_on_working_and_nothing_else_gets_in() {
        let time = datetime!(2026-06-01 12:00 UTC);
        let (later, earlier) = (datetime!(2030-01-01 0:00 UTC), datetime!(2025-01-01 0:00 UTC));
        let ca = |name: &str| minted(name, true, later);
        let [gateway, system, web, both, previous, distrusted] =
            ["gateway", "system", "web", "both", "previous", "distrusted"].map(ca);
        let (expired, leaf) = (minted("expired", true, earlier), minted("snakeoil", false, later));
        let unreadable = Certificate::from_der(vec![0x30, 0]);
        let bad = include_bytes!("../../fixtures/chains/superfish-root.pem");
        let bad = crate::facts::pem::read(bad).certificates.remove(0);
        let mut stores = Stores {
            system: store(&[&system, &both, &expired, &leaf, &gateway, &bad]),
            web: store(&[&web, &both, &distrusted]),
            environment: None,
        };
        stores.system.distrusted = store(&[&distrusted]).roots;
        let bundle = compose(&Ingredients {
            authorities: std::slice::from_ref(&gateway),
            stores: &stores,
            previous: &[previous.clone(), leaf.clone(), unreadable.clone()],
            time,
        });
        assert_eq!(bundle.certificates, [gateway, system, both, web, previous]);
        assert_eq!(
            bundle.left_out,
            [
                (expired, WhyLeftOut::Expired),
                (leaf, WhyLeftOut::NotAnAuthority),
                (bad, WhyLeftOut::KnownBad),
                (distrusted, WhyLeftOut::Distrusted),
                (unreadable, WhyLeftOut::Unreadable),
            ]
        );
    }

    #[test]
    fn every_web_root_is_a_ca_by_our_rule() {
        let certificates: Vec<Certificate> = webpki_root_certs::TLS_SERVER_ROOT_CERTS
            .iter()
            .map(|der| Certificate::from_der(der.as_ref()))
            .collect();
        let stores = Stores { web: store(&certificates.iter().collect::<Vec<_>>()), ..Stores::default() };
        let time = datetime!(2026-06-01 12:00 UTC);
        let bundle = compose(&Ingredients { authorities: &[], stores: &stores, previous: &[], time });
        assert_eq!(bundle.left_out, []);
        assert_eq!(bundle.certificates.len(), certificates.len());
    }
}
