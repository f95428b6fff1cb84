use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use time::macros::datetime;

use super::*;
use crate::facts::handshake::{Handshake, Outcome, Role, TargetLook};
use crate::facts::report::{Certainty, InspectionVerdict};
use crate::facts::store::Root;
use crate::facts::{Os, Platform, Target};
use crate::judge::{self, HostInspection};

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

/// A certificate with the key that can sign others.
struct Minted {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![format!("{}.example", name.to_lowercase())]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = datetime!(2020-01-01 0:00 UTC);
    params.not_after = datetime!(2036-01-01 0:00 UTC);
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn mint(params: CertificateParams, by: Option<&Minted>) -> Minted {
    let key = KeyPair::generate().unwrap();
    let made = match by {
        Some(by) => params.signed_by(&key, &by.issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    Minted { certificate: Certificate::from_der(made.der().to_vec()), issuer: Issuer::new(params, key) }
}

/// A network in which one gateway or private CA signs one host.
struct Scene {
    observations: Observations,
    judgement: Judgement,
}

impl Scene {
    fn new(chains: &[&[&Minted]], store: &[(&Minted, Origin)]) -> Self {
        let platform = Platform { os: Os::Linux, arch: "x86_64".to_owned(), distribution: Vec::new() };
        let mut observations = Observations::new(NOW, platform);
        let root = |(minted, origin): &(&Minted, Origin)| Root {
            certificate: minted.certificate.clone(),
            origin: *origin,
            place: None,
        };
        observations.stores.system.roots = store.iter().map(root).collect();
        let look = |chain: &&[&Minted]| TargetLook {
            handshake: Some(Handshake {
                chain: chain.iter().map(|minted| minted.certificate.clone()).collect(),
                ..Handshake::default()
            }),
            ..TargetLook::new("site.example".parse::<Target>().unwrap(), Role::Asked, Outcome::Completed)
        };
        observations.targets = chains.iter().map(look).collect();
        let mut judgement = judge::judge(&observations);
        judgement.inspection.authorities.clear();
        for target in &mut judgement.targets {
            target.inspection = HostInspection {
                verdict: InspectionVerdict::NotInspected,
                certainty: Certainty::Is,
                authority: None,
                leads_to: judge::inspection::LeadsTo::LocalRoot,
                evidence: Vec::new(),
                origin_distrusted: false,
            };
        }
        Self { observations, judgement }
    }

    /// Says that all targets are inspected by this CA.
    fn inspected_by(mut self, name: &str, certificate: Option<&Minted>) -> Self {
        let certificate = certificate.map(|minted| minted.certificate.clone());
        let system = &self.observations.stores.system;
        self.judgement.inspection.authorities.push(judge::Authority {
            name: format!("CN={name}"),
            common_name: name.to_owned(),
            in_system_store: certificate.as_ref().is_some_and(|c| system.contains(c)),
            certificate,
            in_web_roots: false,
            targets: (0..self.observations.targets.len()).collect(),
            vendor: None,
            distrusted_origins: Vec::new(),
        });
        for target in &mut self.judgement.targets {
            target.inspection.verdict = InspectionVerdict::Inspected;
            target.inspection.authority = Some(0);
        }
        self
    }

    fn hand_out(&self, wishes: &Wishes) -> Handout {
        handout(&self.observations, &self.judgement, wishes)
    }
}

fn confirm(minted: &Minted) -> Wishes {
    Wishes { fingerprints: vec![minted.certificate.fingerprint()], ..Wishes::default() }
}

fn names(handout: &Handout) -> Vec<(String, Purpose)> {
    let name = |a: &Authority| a.certificate.details().unwrap().subject.common_name();
    handout.authorities.iter().map(|a| (name(a), a.purpose)).collect()
}

fn reasons(handout: &Handout) -> Vec<Reason> {
    handout.refusals.iter().map(|refusal| refusal.reason.clone()).collect()
}

#[test]
fn an_inspecting_ca_of_the_system_store_is_handed_out_though_only_the_leaf_was_sent() {
    let gateway = mint(ca_params("Gateway"), None);
    let leaf = mint(params("Site"), Some(&gateway));
    for origin in [Origin::Administrator, Origin::User, Origin::Unknown] {
        let scene = Scene::new(&[&[&leaf]], &[(&gateway, origin)]).inspected_by("Gateway", Some(&gateway));
        let handout = scene.hand_out(&Wishes::default());
        assert_eq!(names(&handout), [("Gateway".to_owned(), Purpose::Inspects)]);
        assert_eq!(handout.authorities[0].ground, Ground::SystemStore { origin });
        assert!(!handout.is_refused());
    }
}

#[test]
fn what_is_only_on_the_wire_needs_its_fingerprint() {
    let gateway = mint(ca_params("Gateway"), None);
    let leaf = mint(params("Site"), Some(&gateway));
    let scene = Scene::new(&[&[&leaf, &gateway]], &[]).inspected_by("Gateway", Some(&gateway));
    let refused = scene.hand_out(&Wishes::default());
    assert_eq!(reasons(&refused), [Reason::OnlyOnTheWire]);
    assert!(refused.is_refused() && refused.authorities.is_empty());
    let fingerprint = gateway.certificate.fingerprint().with_colons();
    assert!(refused.refusals[0].advice().contains(&fingerprint), "{}", refused.refusals[0].advice());

    let handout = scene.hand_out(&confirm(&gateway));
    assert_eq!(names(&handout), [("Gateway".to_owned(), Purpose::Inspects)]);
    assert!(!handout.is_refused(), "{handout:?}");
}

#[test]
fn a_ca_that_is_nowhere_needs_its_file_and_its_fingerprint() {
    let gateway = mint(ca_params("Gateway"), None);
    let leaf = mint(params("Site"), Some(&gateway));
    let scene = Scene::new(&[&[&leaf]], &[]).inspected_by("Gateway", None);
    let refused = scene.hand_out(&Wishes::default());
    assert_eq!(reasons(&refused), [Reason::NotSent { leaf: Some(leaf.certificate.fingerprint()) }]);
    assert!(refused.refusals[0].advice().contains("--ca-file"));

    let offered = vec![Offered { certificate: gateway.certificate.clone(), place: "/ca.pem".to_owned() }];
    let only_the_file = Wishes { offered: offered.clone(), ..Wishes::default() };
    assert!(scene.hand_out(&only_the_file).authorities.is_empty(), "a file alone vouches for nothing");
    let only_the_fingerprint = scene.hand_out(&confirm(&gateway));
    assert_eq!(reasons(&only_the_fingerprint)[0], Reason::NotFound);
    let both = scene.hand_out(&Wishes { offered, ..confirm(&gateway) });
    assert_eq!(names(&both), [("Gateway".to_owned(), Purpose::Inspects)]);
    assert!(!both.is_refused(), "{both:?}");
}

#[test]
fn a_fingerprint_vouches_for_nothing_but_a_ca_in_use() {
    let gateway = mint(ca_params("Gateway"), None);
    let namesake = mint(ca_params("Gateway"), None);
    let [mut old, mut new] = ["Old", "New"].map(ca_params);
    old.not_after = datetime!(2025-01-01 0:00 UTC);
    new.not_before = datetime!(2027-01-01 0:00 UTC);
    let (expired, future) = (mint(old, None), mint(new, None));
    let leaf = mint(params("Site"), Some(&gateway));
    let self_signed = mint(params("Self"), None);
    for (story, chain, confirmed, wanted) in [
        ("another CA of the same name", &[&leaf, &namesake][..], &namesake, Reason::SignedNothing),
        ("the server's own certificate", &[&leaf, &gateway], &leaf, Reason::NotAnAuthority),
        ("a self-signed server", &[&self_signed], &self_signed, Reason::NotAnAuthority),
        (
            "expired",
            &[&leaf, &expired],
            &expired,
            Reason::Expired { not_after: datetime!(2025-01-01 0:00 UTC) },
        ),
        (
            "not yet valid",
            &[&leaf, &future],
            &future,
            Reason::NotYetValid { not_before: datetime!(2027-01-01 0:00 UTC) },
        ),
        ("seen nowhere", &[&leaf], &gateway, Reason::NotFound),
    ] {
        let handout = Scene::new(&[chain], &[]).hand_out(&confirm(confirmed));
        assert_eq!(reasons(&handout), [wanted], "{story}");
        assert!(handout.is_refused() && handout.authorities.is_empty(), "{story}");
    }
}

#[test]
fn a_distrusted_ca_is_refused_even_with_its_fingerprint() {
    let gateway = mint(ca_params("Gateway"), None);
    let leaf = mint(params("Site"), Some(&gateway));
    let mut scene = Scene::new(&[&[&leaf, &gateway]], &[]).inspected_by("Gateway", Some(&gateway));
    let root = Root { certificate: gateway.certificate.clone(), origin: Origin::Administrator, place: None };
    scene.observations.stores.system.distrusted.push(root);
    assert_eq!(reasons(&scene.hand_out(&confirm(&gateway))), [Reason::Distrusted]);
}

#[test]
fn a_ca_whose_private_key_is_public_is_refused_whoever_vouches_for_it() {
    let pem = include_bytes!("../../../fixtures/chains/superfish-root.pem");
    let superfish = crate::facts::pem::read(pem).certificates.remove(0);
    let leaf = mint(params("Site"), None);
    let issuer = Issuer::new(ca_params("Superfish"), KeyPair::generate().unwrap());
    let superfish = Minted { certificate: superfish, issuer };
    let scene = Scene::new(&[&[&leaf, &superfish]], &[(&superfish, Origin::Administrator)])
        .inspected_by("Superfish", Some(&superfish));
    for wishes in [Wishes::default(), confirm(&superfish)] {
        let handout = scene.hand_out(&wishes);
        assert_eq!(reasons(&handout), [Reason::KnownBad { name: "Superfish".to_owned() }]);
        assert!(handout.is_refused() && handout.authorities.is_empty());
    }
}

#[test]
fn the_ca_for_bad_origins_is_never_handed_out() {
    let gateway = mint(ca_params("Gateway"), None);
    let untrust = mint(ca_params("Gateway Untrust"), None);
    let good = mint(params("Good"), Some(&gateway));
    let bad = mint(params("Bad"), Some(&untrust));
    let mut scene = Scene::new(
        &[&[&good], &[&bad, &untrust]],
        &[(&gateway, Origin::Administrator), (&untrust, Origin::Administrator)],
    )
    .inspected_by("Gateway", Some(&gateway));
    scene.judgement.inspection.authorities[0].distrusted_origins = vec![1];
    let wishes = Wishes { local_roots: true, ..Wishes::default() };
    assert_eq!(names(&scene.hand_out(&wishes)), [("Gateway".to_owned(), Purpose::Inspects)]);
    assert_eq!(reasons(&scene.hand_out(&confirm(&untrust))), [Reason::ForBadOrigins]);
}

#[test]
fn private_roots_that_closed_a_chain_come_along_and_other_additions_on_demand() {
    let [gateway, private, unused, leftover] =
        ["Gateway", "Private", "Unused", "Leftover"].map(|name| mint(ca_params(name), None));
    let (site, wiki) = (mint(params("Site"), Some(&gateway)), mint(params("Wiki"), Some(&private)));
    let scene = Scene::new(
        &[&[&wiki], &[&site]],
        &[
            (&private, Origin::Administrator),
            (&gateway, Origin::Administrator),
            (&unused, Origin::Unknown),
            (&leftover, Origin::Leftover),
        ],
    )
    .inspected_by("Gateway", Some(&gateway));
    let gateway_and_private =
        [("Gateway".to_owned(), Purpose::Inspects), ("Private".to_owned(), Purpose::ClosesChain)];
    assert_eq!(names(&scene.hand_out(&Wishes::default())), gateway_and_private);
    let all = names(&scene.hand_out(&Wishes { local_roots: true, ..Wishes::default() }));
    assert_eq!(all[..2], gateway_and_private);
    assert_eq!(all[2..], [("Unused".to_owned(), Purpose::LocalAddition)]);
}

#[test]
fn an_intermediate_brings_the_root_that_the_store_holds() {
    let root = mint(ca_params("Root"), None);
    let gateway = mint(ca_params("Gateway"), Some(&root));
    let leaf = mint(params("Site"), Some(&gateway));
    let scene = Scene::new(
        &[&[&leaf, &gateway]],
        &[(&gateway, Origin::Administrator), (&root, Origin::Administrator)],
    )
    .inspected_by("Gateway", Some(&gateway));
    let handed = names(&scene.hand_out(&Wishes::default()));
    assert_eq!(handed, [("Gateway".to_owned(), Purpose::Inspects), ("Root".to_owned(), Purpose::Inspects)]);
}

#[test]
fn roots_that_came_with_the_system_are_nothing_to_export() {
    let public = mint(ca_params("Public"), None);
    let leaf = mint(params("Site"), Some(&public));
    let handout = Scene::new(&[&[&leaf]], &[(&public, Origin::Shipped)]).hand_out(&Wishes::default());
    assert_eq!(handout, Handout::default());
    assert!(!handout.is_refused());
}

#[test]
fn names_in_a_refusal_are_harmless() {
    let hostile = mint(ca_params("Evil\u{1b}[2J\nCA"), None);
    let leaf = mint(params("Site"), Some(&hostile));
    let handout = Scene::new(&[&[&leaf, &hostile]], &[])
        .inspected_by("Evil", Some(&hostile))
        .hand_out(&Wishes::default());
    let said = handout.refusals[0].what();
    assert!(!said.contains(['\u{1b}', '\n']), "{said:?}");
}
