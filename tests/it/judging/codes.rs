//! Every code is produced by a rule of this program, or has a reason why not yet.

use std::collections::BTreeSet;

use trustgap::facts::store::Origin;
use trustgap::facts::{Code, Os};
use trustgap::lab::mint::Profile;

use super::world::{World, issue, leaf, leaf_and_ca};

/// Codes that `check` does not produce by itself.
const NOT_HERE: &[(Code, &str)] = &[
    (Code::ToolLacksCa, "tools have rules of their own"),
    (Code::ToolCaFileUnusable, "tools have rules of their own"),
    (Code::ToolBundleIncomplete, "tools have rules of their own"),
    (Code::ToolSettingOverridden, "tools have rules of their own"),
    (Code::ToolVerificationOff, "tools have rules of their own"),
    (Code::ToolSettingStale, "tools have rules of their own"),
    (Code::ProxyRequired, "needs a second look, through the proxy that somebody configured"),
    // covered by outcomes of their own in `wire`
    (Code::NameNotResolved, "wire"),
    (Code::Refused, "wire"),
    (Code::Unreachable, "wire"),
    (Code::Timeout, "wire"),
    (Code::ConnectionReset, "wire"),
    (Code::NotTls, "wire"),
    (Code::TlsVersionRefused, "wire"),
    (Code::LegacyTlsOnly, "wire"),
    (Code::HandshakeFailed, "wire"),
    (Code::ClientCertificateRequired, "wire"),
    (Code::CaptivePortal, "wire"),
    (Code::ProxyAuthRequired, "wire"),
    (Code::ProxyRefused, "wire"),
    (Code::ProxyUnreachable, "wire"),
];

#[test]
fn every_code_is_produced_somewhere_or_listed_with_a_reason() {
    let mut produced = BTreeSet::new();
    for world in worlds() {
        let report = world.report();
        for finding in &report.findings {
            produced.insert(finding.code);
            assert!(!finding.message.is_empty() && finding.message.ends_with('.'), "{}", finding.message);
            assert!(!finding.evidence.is_empty(), "{} has no evidence", finding.code);
            assert!(!finding.ruled_out.is_empty(), "{} rules nothing out", finding.code);
            assert!(finding.remedy.is_some(), "{} has no remedy", finding.code);
            for text in finding.evidence.iter().chain([&finding.message]) {
                assert!(!text.contains("  ") && !text.contains('!'), "{text}");
            }
        }
    }
    for code in Code::ALL {
        let listed = NOT_HERE.iter().find(|(c, _)| c == code);
        assert!(
            produced.contains(code) != listed.is_some(),
            "{code}: produced {}, {listed:?}",
            produced.contains(code)
        );
    }
}

fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    let mut add = |build: fn(&mut World)| {
        let mut world = World::new();
        build(&mut world);
        worlds.push(world);
    };
    add(|w| {
        w.seen.platform.os = Os::Windows;
        let company = w.root("Company CA");
        w.trust(company.certificate(), Origin::Administrator);
        w.ask("wiki.intranet.test", leaf(&company, "wiki.intranet.test"));
    });
    add(|w| {
        let gateway = w.root("Gateway CA");
        w.trust(gateway.certificate(), Origin::Administrator);
        w.ask("registry.example", leaf(&gateway, "registry.example"));
        w.controls_signed_by(&gateway);
    });
    add(|w| {
        let gateway = w.root("Gateway CA");
        w.ask("registry.example", leaf(&gateway, "registry.example"));
        w.controls_signed_by(&gateway);
    });
    add(|w| {
        let own = w.root("Own CA");
        w.trust(own.certificate(), Origin::Administrator);
        w.ask("wiki.intranet.test", leaf(&own, "wiki.intranet.test"));
        w.clean_controls();
    });
    add(|w| {
        let stranger = w.root("Stranger");
        w.ask("shop.example", leaf_and_ca(&stranger, "shop.example"));
        let other = w.root("Other Stranger");
        w.ask("lost.example", leaf(&other, "lost.example"));
        let chain = w.mint.self_signed(&Profile::leaf(&["nas.test"])).unwrap().chain;
        w.ask("nas.test", chain);
    });
    add(|w| {
        w.seen.stores.system.roots.clear();
        let chain = w.public("shop.example");
        w.ask("shop.example", chain);
    });
    add(|w| {
        let chain = w.public("shop.example")[..1].to_vec();
        w.ask("shop.example", chain);
        w.clean_controls();
    });
    add(|w| {
        let leaf = w.public("shop.example")[0].clone();
        let chain = vec![leaf, w.public_root.certificate().clone(), w.public_issuer.certificate().clone()];
        w.ask("shop.example", chain);
    });
    add(|w| {
        let forged = issue(&w.public_issuer, "shop.example", |p| p.forged = true);
        let chain = forged.with(&[w.public_issuer.certificate()]).chain;
        w.ask("shop.example", chain);
        let expired = issue(&w.public_issuer, "old.example", |p| *p = p.clone().valid_days(-90, -3));
        let chain = expired.with(&[w.public_issuer.certificate()]).chain;
        w.ask("old.example", chain);
        let early = issue(&w.public_issuer, "new.example", |p| *p = p.clone().valid_days(3, 90));
        let chain = early.with(&[w.public_issuer.certificate()]).chain;
        w.ask("new.example", chain);
        let chain = w.public("other.example");
        w.ask("wrong.example", chain);
        let staple = issue(&w.public_issuer, "staple.example", |p| p.must_staple = true);
        let chain = staple.with(&[w.public_issuer.certificate()]).chain;
        w.ask("staple.example", chain);
        let plain = issue(&w.public_issuer, "plain.example", |p| p.authority_key_identifier = false);
        let chain = plain.with(&[w.public_issuer.certificate()]).chain;
        w.ask("plain.example", chain);
    });
    add(|w| {
        for host in ["shop.example", "www.fabrikam.example"] {
            let chain = w.public(host);
            w.ask(host, chain);
        }
        w.seen.time -= time::Duration::days(60);
    });
    worlds.extend(super::samples::staples().into_iter().map(|(world, _)| world));
    worlds.push(super::samples::weak());
    worlds.push(super::samples::superfish());
    worlds
}

#[test]
fn a_weak_key_and_a_weak_signature_are_told_apart_from_an_unknown_issuer() {
    let answer = super::samples::weak().first();
    assert!(
        answer.codes.contains(&Code::WeakSignature) && answer.codes.contains(&Code::WeakKey),
        "{answer:?}"
    );
    assert!(!answer.codes.contains(&Code::UnknownIssuer), "{answer:?}");
}

#[test]
fn a_ca_with_a_public_key_pair_is_a_problem_even_when_it_signs_nothing_here() {
    let report = super::samples::superfish().report();
    assert_eq!(report.findings[0].code, Code::KnownBadCa);
    assert_eq!(report.exit_code(), 1);
    assert!(report.findings[0].message.contains("Superfish"));
    assert_eq!(report.targets[0].findings, [], "the hosts themselves are well");
}
