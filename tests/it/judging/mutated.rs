//! Chains that were changed at random: nothing makes the judge or the rules panic, and nothing changed is believed.

use std::sync::LazyLock;

use proptest::prelude::*;
use time::Duration;
use trustgap::facts::issuer::{IssuerAnswer, IssuerLook};
use trustgap::facts::report::{Certainty, InspectionVerdict, Verdict};
use trustgap::facts::{Certificate, Code};
use trustgap::judge;
use trustgap::lab::mint::Profile;

use super::world::{NOW, World, finding};

const HOST: &str = "shop.example";
const URL: &str = "http://ca.example/issuing.cer";

/// A machine, and certificates of all kinds: a leaf with its issuer and root, cross-certificates, strangers.
struct Material {
    world: World,
    pool: Vec<Certificate>,
}

/// Made once: keys are slow.
static MATERIAL: LazyLock<Material> = LazyLock::new(|| {
    let mut world = World::new();
    world.clean_controls();
    let leaf = Profile { issuer_url: Some(URL.to_owned()), ..Profile::public_leaf(&[HOST]) };
    let leaf = world.public_issuer.issue(&leaf).unwrap().chain.remove(0);
    let stranger = world.root("Stranger");
    let cross = stranger.cross_sign(&world.public_root, &Profile::intermediate("")).unwrap();
    let back = world.public_issuer.cross_sign(&stranger, &Profile::intermediate("")).unwrap();
    let pool = vec![
        leaf,
        world.public_issuer.certificate().clone(),
        world.public_root.certificate().clone(),
        stranger.certificate().clone(),
        cross,
        back,
        stranger.leaf(&[HOST]).unwrap().chain.remove(0),
    ];
    Material { world, pool }
});

/// Bytes of a certificate to replace.
fn flips() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)
}

fn changed(certificate: &Certificate, flips: &[(prop::sample::Index, u8)]) -> Certificate {
    let mut der = certificate.der().to_vec();
    for (at, value) in flips {
        let at = at.index(der.len());
        der[at] = *value;
    }
    Certificate::from_der(der)
}

proptest! {
    #[test]
    fn no_chain_makes_it_panic_and_no_changed_leaf_is_believed(
        links in prop::collection::vec((0_usize..7, flips()), 1..8),
        fetched in prop::collection::vec((0_usize..7, flips()), 0..3),
        days in prop_oneof![3 => Just(0_i64), 1 => -4000_i64..4000],
        host in prop_oneof![4 => Just(HOST), 1 => Just("127.0.0.1"), 1 => Just("wiki.intranet.test")],
    ) {
        let mut world = World::new_like(&MATERIAL.world);
        let chain: Vec<_> = links.iter().map(|(which, flips)| changed(&MATERIAL.pool[*which], flips)).collect();
        let leaf = chain[0].clone();
        world.ask(host, chain);
        world.seen.targets.extend(MATERIAL.world.seen.targets.iter().cloned());
        let answers = fetched.iter().map(|(which, flips)| {
            let answer = IssuerAnswer::read(changed(&MATERIAL.pool[*which], flips).der());
            IssuerLook { url: URL.to_owned(), answer }
        });
        world.seen.issuers.extend(answers);
        world.seen.time = NOW + Duration::days(days);
        let _ = (judge::wanted_issuers(&world.seen), judge::clock::wanted(&world.seen));
        let report = world.report();
        let target = &report.targets[0];
        if leaf != MATERIAL.pool[0] {
            prop_assert_ne!(target.verdict, Verdict::Ok);
        }
        if !MATERIAL.pool.contains(&leaf) {
            // its timestamps may still look like those of a public CA; that is said as far as it goes
            let missing = finding(&report, 0, Code::MissingIntermediate);
            prop_assert!(missing.is_none_or(|found| found.certainty != Certainty::Is));
            prop_assert!(!target.system.as_ref().is_some_and(|s| s.trusted));
        }
        prop_assert_ne!(target.inspection, InspectionVerdict::Inspected, "{:?}", target.findings);
    }
}
