//! Chains that look like something else at first sight: names that agree without a key, copies, limits of a root.

use rcgen::KeyUsagePurpose;
use time::Duration;
use trustgap::facts::certificate::BasicConstraints;
use trustgap::facts::handshake::{Outcome, Role};
use trustgap::facts::report::{Certainty, InspectionVerdict};
use trustgap::facts::store::Origin;
use trustgap::facts::{Code, TlsVersion};
use trustgap::lab::mint::Profile;

use super::world::{Answer, World, finding, issue, leaf, leaf_and_ca};

#[test]
fn a_certificate_named_like_its_ca_did_not_sign_itself() {
    for sent in [false, true] {
        let mut world = World::new();
        let own = world.root("build.intranet.test");
        let chain = if sent { leaf_and_ca } else { leaf }(&own, "build.intranet.test");
        assert!(chain[0].is_self_issued(), "subject and issuer are the same");
        world.ask("build.intranet.test", chain);
        world.clean_controls();
        let wanted = if sent { Code::UntrustedRoot } else { Code::UnknownIssuer };
        assert_eq!(world.first().codes, [wanted]);
    }
}

#[test]
fn an_intermediate_that_has_ended_is_expired_though_its_renewal_is_known() {
    let mut world = World::new();
    let renewed = world.public_issuer.clone();
    let ended = Profile::intermediate("Public Issuing CA 1").valid_days(-400, -5);
    let ended = world.public_root.cross_sign(&renewed, &ended).unwrap();
    let leaf = renewed.issue(&Profile::public_leaf(&["shop.example"])).unwrap();
    world.ask("shop.example", leaf.with(&[&ended]).chain);
    world.clean_controls();
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::Expired]);
    let message = &finding(&report, 0, Code::Expired).unwrap().message;
    assert!(message.contains("The intermediate certificate"), "{message}");

    let mut world = World::new_like(&world);
    let leaf = world.public_issuer.issue(&Profile::public_leaf(&["shop.example"])).unwrap();
    world.ask("shop.example", leaf.chain);
    world.clean_controls();
    assert_eq!(world.first().codes, [Code::MissingIntermediate], "here one is missing");
}

#[test]
fn copied_timestamps_do_not_hide_an_inspector_that_mints_for_everybody() {
    let minted = |p: &mut Profile| {
        p.timestamps = 2;
        p.from = Duration::hours(-30);
    };
    let grown = |p: &mut Profile| p.timestamps = 2;
    for (change, verdict) in [
        (minted as fn(&mut Profile), InspectionVerdict::Inspected),
        // a public CA so new that no store here has it writes real ones
        (grown, InspectionVerdict::NotInspected),
    ] {
        let mut world = World::new();
        let ca = world.root("Some CA");
        world.trust(ca.certificate(), Origin::Unknown);
        world.ask("registry.example", issue(&ca, "registry.example", change).chain);
        for host in ["www.fabrikam.example", "www.contoso.example"] {
            let chain = issue(&ca, host, change).chain;
            world.control(host, chain);
        }
        assert_eq!(world.first().inspection, verdict);
    }
}

#[test]
fn an_internal_host_may_be_one_that_the_inspector_does_not_trust() {
    for (name, verdict) in
        [("Gateway Untrusted CA", Code::TlsInspected), ("Northwind Lab Root", Code::UntrustedRoot)]
    {
        let mut world = World::new();
        let (gateway, other) = (world.root("Gateway CA"), world.root(name));
        world.trust(gateway.certificate(), Origin::Administrator);
        world.ask("old.intranet.test", leaf_and_ca(&other, "old.intranet.test"));
        world.controls_signed_by(&gateway);
        let answer = world.first();
        assert_eq!(answer.verdict, Some(verdict), "{name}");
        assert!(answer.codes.contains(&Code::UntrustedRoot), "{name}: the fault is the origin's");
    }
}

#[test]
fn a_root_with_a_limit_is_held_to_it_by_some_clients() {
    for (limit, codes) in
        [(Some(0), &[Code::PrivateCa, Code::StrictProfile][..]), (Some(1), &[Code::PrivateCa])]
    {
        let mut world = World::new();
        let root = world.mint.root_of(&Profile {
            basic_constraints: Some(BasicConstraints { ca: true, path_len: limit, critical: true }),
            ..Profile::root("Company Root")
        });
        let root = root.unwrap();
        world.trust(root.certificate(), Origin::Administrator);
        let below = root.subordinate("Company Issuing").unwrap();
        world.ask("wiki.intranet.test", leaf_and_ca(&below, "wiki.intranet.test"));
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).codes, codes);
        if let Some(strict) = finding(&report, 0, Code::StrictProfile) {
            assert!(strict.message.contains("written in Go"), "{}", strict.message);
        }
    }
}

#[test]
fn a_key_that_no_server_may_use_is_a_broken_rule() {
    for (usage, codes) in [
        (KeyUsagePurpose::KeyCertSign, &[Code::InvalidChain][..]),
        (KeyUsagePurpose::KeyAgreement, &[]),
        (KeyUsagePurpose::KeyEncipherment, &[]),
    ] {
        let mut world = World::new();
        let leaf = issue(&world.public_issuer, "shop.example", |p| p.key_usage = vec![usage]);
        let chain = leaf.with(&[world.public_issuer.certificate()]).chain;
        world.ask("shop.example", chain);
        let answer = world.first();
        let problems: Vec<Code> = answer.codes.into_iter().filter(|c| *c != Code::StrictProfile).collect();
        assert_eq!(problems, codes, "{usage:?}");
    }
}

#[test]
fn an_old_version_stands_before_what_only_an_old_client_gets_to_see() {
    let mut world = World::new();
    let own = world.mint.self_signed(&Profile::leaf(&["printer.intranet.test"])).unwrap();
    let suite = "TLS_RSA_WITH_AES_128_CBC_SHA".to_owned();
    let look = world.ask("printer.intranet.test", own.chain);
    look.outcome = Outcome::LegacyOnly { version: TlsVersion::Tls10, cipher_suite: suite };
    assert_eq!(world.first().codes, [Code::LegacyTlsOnly, Code::SelfSigned]);
}

#[test]
fn a_certificate_of_ten_thousand_names_is_called_too_long_and_not_badly_encoded() {
    let mut world = World::new();
    let leaf = issue(&world.public_issuer, "shop.example", |p| {
        p.names.extend((0..10_000).map(|number| format!("name-{number}.shop.example")));
    });
    let chain = leaf.with(&[world.public_issuer.certificate()]).chain;
    assert!(chain[0].der().len() > 0xffff);
    let reason = "its certificate message is too long".to_owned();
    world.ask("shop.example", chain).outcome = Outcome::HandshakeFailed { reason };
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::InvalidChain]);
    let message = &finding(&report, 0, Code::InvalidChain).unwrap().message;
    assert!(message.contains("longer than 64 KiB"), "{message}");
}

#[test]
fn an_identifier_that_names_another_key_is_refused_by_openssl_although_the_signature_is_right() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.trust(gateway.certificate(), Origin::Administrator);
    let chain = issue(&gateway, "registry.example", |p| {
        p.authority_key_identifier = false;
        let named = [&[0x30, 22, 0x80, 20][..], &[7; 20]].concat();
        p.extensions.push((vec![2, 5, 29, 35], false, named));
    });
    world.ask("registry.example", chain.chain);
    world.controls_signed_by(&gateway);
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::TlsInspected, Code::StrictProfile]);
    let strict = finding(&report, 0, Code::StrictProfile).unwrap();
    assert!(strict.message.contains("OpenSSL"), "{}", strict.message);
}

#[test]
fn a_company_cut_off_from_the_internet_is_not_called_its_own_inspector() {
    for (second, codes, inspection) in [
        // the CA of the company's own hosts, one of which has a name like those on the internet
        ("ci.intranet.test", [Code::PrivateCa], InspectionVerdict::Unknown),
        // two owners' hosts: a CA of one company does not sign for both
        ("www.litware.example", [Code::TlsInspected], InspectionVerdict::Inspected),
    ] {
        let mut world = World::new();
        let own = world.root("Company Root");
        world.trust(own.certificate(), Origin::Administrator);
        let issuing = own.subordinate("Company Issuing CA").unwrap();
        for host in ["git.company.example", second] {
            world.ask(host, issuing.leaf(&[host]).unwrap().with(&[issuing.certificate()]).chain);
        }
        world.fail(Role::Control, "www.fabrikam.example", Outcome::Refused);
        let report = world.report();
        let answer = Answer::of(&report, 0);
        assert_eq!((&answer.codes[..], answer.inspection), (&codes[..], inspection), "{second}");
        let found = finding(&report, 0, codes[0]).unwrap();
        assert_eq!(found.certainty, Certainty::LooksLike);
        let settles = ["What would settle it", "If one leads to a Mozilla root"];
        assert!(found.evidence.iter().any(|e| settles.iter().any(|s| e.contains(s))), "{found:?}");
    }
}

#[test]
fn a_wrong_clock_is_ruled_out_by_a_certificate_that_contradicts_it_and_by_no_other() {
    for (story, own, other, excludes) in [
        ("the other began since", (-90, -3), (-1, 80), true),
        ("both were valid three days ago", (-90, -3), (-20, 70), false),
        ("the other has ended by then", (4, 90), (-80, 2), true),
        ("both will be valid", (4, 90), (-20, 70), false),
    ] {
        let mut world = World::new();
        for (host, (from, until)) in [("shop.example", own), ("other.example", other)] {
            let leaf = issue(&world.public_issuer, host, |p| *p = p.clone().valid_days(from, until));
            world.ask(host, leaf.with(&[world.public_issuer.certificate()]).chain);
        }
        let report = world.report();
        let code = if own.0 > 0 { Code::NotYetValid } else { Code::Expired };
        let found = finding(&report, 0, code).expect(story);
        let ruled_out =
            |c: Code| found.ruled_out.iter().any(|r| r.code == c && r.because.contains("other.example"));
        assert_eq!(ruled_out(Code::ClockSkew), excludes, "{story}: {found:?}");
        let doubted = found.evidence.iter().any(|e| e.contains("A clock of this computer that is wrong"));
        assert_eq!(doubted, !excludes, "{story}: {found:?}");
    }
}

#[test]
fn a_chain_that_ends_below_a_retired_root_is_not_said_to_lack_an_intermediate_of_the_roots_name() {
    let world = World::new();
    let retired = world.root("Retired Root X3");
    let current = &world.public_issuer;
    let by_retired = retired.cross_sign(current, &Profile::intermediate("Public Issuing CA 1")).unwrap();
    let leaf = current.issue(&Profile::public_leaf(&["shop.example"])).unwrap();
    let mut elsewhere = World::new();
    elsewhere.ask("shop.example", leaf.with(&[&by_retired]).chain);
    let report = elsewhere.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::MissingIntermediate]);
    let found = finding(&report, 0, Code::MissingIntermediate).unwrap();
    assert!(!found.message.contains("intermediate certificate"), "{found:?}");
    assert!(found.evidence[0].contains("a root that the stores no longer have"), "{found:?}");
}
