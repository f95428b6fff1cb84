//! Chains, times, names and strength: each finding where it is true, and beside its look-alikes.

use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};
use time::Duration;
use trustgap::facts::certificate::BasicConstraints;
use trustgap::facts::handshake::Role;
use trustgap::facts::issuer::{IssuerAnswer, IssuerLook};
use trustgap::facts::store::Origin;
use trustgap::facts::{Certificate, Code};
use trustgap::judge;
use trustgap::lab::mint::Profile;

use super::world::{Answer, NOW, World, finding, issue, leaf, leaf_and_ca};

fn codes(world: &World) -> Vec<Code> {
    world.first().codes
}

#[test]
fn a_forgotten_intermediate_is_found_beside_another_target() {
    let mut world = World::new();
    let chain = world.public("shop.example")[..1].to_vec();
    world.ask("shop.example", chain);
    world.clean_controls();
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::MissingIntermediate]);
    let found = finding(&report, 0, Code::MissingIntermediate).unwrap();
    assert!(found.message.contains("Public Issuing CA 1"));
    assert!(found.evidence.iter().any(|e| e.contains("www.fabrikam.example:443")), "{:?}", found.evidence);
    assert!(found.ruled_out.iter().any(|r| r.code == Code::TlsInspected));
}

#[test]
fn a_forgotten_intermediate_is_found_in_a_store() {
    let mut world = World::new();
    let issuer = world.public_issuer.certificate().clone();
    world.seen.stores.environment = Some(trustgap::facts::RootStore {
        roots: vec![trustgap::facts::store::Root {
            certificate: issuer,
            origin: Origin::Unknown,
            place: None,
        }],
        ..Default::default()
    });
    let chain = issue(&world.public_issuer, "shop.example", |_| {}).chain;
    world.ask("shop.example", chain);
    assert_eq!(codes(&world), [Code::MissingIntermediate]);
}

#[test]
fn an_unfindable_issuer_is_a_missing_intermediate_only_if_a_public_log_has_the_leaf() {
    for (timestamps, wanted) in [(2, Code::MissingIntermediate), (0, Code::UnknownIssuer)] {
        let mut world = World::new();
        let leaf = issue(&world.public_issuer, "shop.example", |p| p.timestamps = timestamps);
        world.ask("shop.example", leaf.chain);
        assert_eq!(codes(&world), [wanted]);
    }
}

#[test]
fn an_intermediate_behind_the_address_in_the_leaf_completes_the_chain() {
    let url = "http://ca.example/issuing.der";
    let mut world = World::new();
    let leaf = issue(&world.public_issuer, "shop.example", |p| p.issuer_url = Some(url.into()));
    world.ask("shop.example", leaf.chain);
    let wanted = judge::wanted_issuers(&world.seen);
    assert_eq!(wanted.iter().map(|w| w.url.as_str()).collect::<Vec<_>>(), [url]);
    assert_eq!(codes(&world), [Code::UnknownIssuer], "nothing was fetched yet");

    let answer = IssuerAnswer::read(world.public_issuer.certificate().der());
    world.seen.issuers.push(IssuerLook { url: url.into(), answer });
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::MissingIntermediate]);
    let found = finding(&report, 0, Code::MissingIntermediate).unwrap();
    assert!(found.evidence.iter().any(|e| e.contains(url)), "{:?}", found.evidence);
    let chain = found.values["chain_to_send"].as_str().unwrap();
    assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 2);
    assert!(judge::wanted_issuers(&world.seen).is_empty(), "nothing is asked twice");
}

#[test]
fn what_else_stands_behind_the_address_is_said_and_believed_in_nothing() {
    let url = "http://ca.example/issuing.der";
    let world = World::new();
    let stranger = world.root("Stranger CA");
    let namesake = world.root("Public Issuing CA 1");
    for (answer, says) in [
        (IssuerAnswer::read(stranger.certificate().der()), "another one: \"Stranger CA\""),
        (IssuerAnswer::read(namesake.certificate().der()), "another one: \"Public Issuing CA 1\""),
        (IssuerAnswer::read(b"<html><body>Domain for sale</body></html>"), "a web page"),
        (IssuerAnswer::read(b"nonsense"), "no certificate"),
        (IssuerAnswer::Status { status: 404 }, "status 404"),
        (IssuerAnswer::Unanswered { reason: "timed out".into() }, "timed out"),
    ] {
        let mut world = World::new_like(&world);
        let leaf = issue(&world.public_issuer, "shop.example", |p| p.issuer_url = Some(url.into()));
        world.ask("shop.example", leaf.chain);
        world.seen.issuers.push(IssuerLook { url: url.into(), answer });
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).codes, [Code::UnknownIssuer]);
        let said = finding(&report, 0, Code::UnknownIssuer).unwrap().evidence.join(" ");
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn a_root_that_was_fetched_closes_the_chain_and_is_not_trusted_for_it() {
    let url = "http://ca.company.example/root.der";
    let mut world = World::new();
    let own = world.root("Company Root");
    let leaf = issue(&own, "wiki.intranet.test", |p| p.issuer_url = Some(url.into()));
    world.ask("wiki.intranet.test", leaf.chain);
    world
        .seen
        .issuers
        .push(IssuerLook { url: url.into(), answer: IssuerAnswer::read(own.certificate().der()) });
    assert_eq!(codes(&world), [Code::UntrustedRoot]);
}

#[test]
fn only_what_is_missing_is_asked_for_and_only_over_plain_http() {
    let mut world = World::new();
    let urls = ["ldap://dc.corp.example/cn=ca", "https://ca.example/a.der", "file:///etc/passwd"];
    for url in urls {
        let leaf = issue(&world.public_issuer, "shop.example", |p| p.issuer_url = Some(url.into()));
        world.ask("shop.example", leaf.chain);
    }
    assert!(judge::wanted_issuers(&world.seen).is_empty());
    let complete =
        issue(&world.public_issuer, "shop.example", |p| p.issuer_url = Some("http://ca.example/a".into()));
    let chain = complete.with(&[world.public_issuer.certificate()]).chain;
    world.ask("shop.example", chain);
    assert!(judge::wanted_issuers(&world.seen).is_empty(), "complete chains ask nobody");
}

#[test]
fn an_unknown_issuer_of_a_known_name_says_that_the_key_is_another() {
    let mut world = World::new();
    let (old, new) = (world.root("Company CA"), world.root("Company CA"));
    world.trust(old.certificate(), Origin::Administrator);
    world.ask("wiki.intranet.test", leaf(&new, "wiki.intranet.test"));
    let report = world.report();
    let found = finding(&report, 0, Code::UnknownIssuer).expect("unknown");
    assert!(found.evidence.iter().any(|e| e.contains("same name")), "{:?}", found.evidence);
}

#[test]
fn the_order_is_wrong_only_where_it_is() {
    type Order = fn(&World) -> Vec<Certificate>;
    let orders: [(&str, &[Code], Order); 6] = [
        ("complete", &[], |w| w.public("shop.example")),
        ("root included", &[], |w| {
            let mut chain = w.public("shop.example");
            chain.push(w.public_root.certificate().clone());
            chain
        }),
        ("sent twice", &[], |w| {
            let mut chain = w.public("shop.example");
            chain.push(chain[1].clone());
            chain
        }),
        ("a stranger behind", &[], |w| {
            let mut chain = w.public("shop.example");
            chain.push(w.root("Stranger").certificate().clone());
            chain
        }),
        ("two paths, one after the other", &[], |w| {
            let other = w.root("Second Root");
            let cross = other.cross_sign(&w.public_root, &Profile::intermediate("Public Root R1")).unwrap();
            let mut chain = w.public("shop.example");
            chain.push(cross);
            chain
        }),
        ("root before the intermediate", &[Code::WrongChainOrder], |w| {
            let leaf = w.public("shop.example")[0].clone();
            vec![leaf, w.public_root.certificate().clone(), w.public_issuer.certificate().clone()]
        }),
    ];
    for (story, wanted, order) in orders {
        let mut world = World::new();
        let chain = order(&world);
        world.ask("shop.example", chain);
        assert_eq!(codes(&world), wanted, "{story}");
        assert_eq!(world.report().exit_code(), 0, "{story}");
    }
}

#[test]
fn broken_rules_are_an_invalid_chain_and_say_which_rule() {
    let mut cases: Vec<(&str, Vec<Certificate>, &str)> = Vec::new();
    let world = World::new();
    let below = |change: fn(&mut Profile)| {
        let mut profile = Profile::intermediate("Issuing CA 2");
        change(&mut profile);
        let ca = world.public_root.subordinate_of(&profile).unwrap();
        leaf_and_ca(&ca, "shop.example")
    };
    cases.push(("not a CA", below(|p| p.basic_constraints = None), "not marked as a CA"));
    cases.push((
        "marked as no CA",
        below(|p| p.basic_constraints = Some(BasicConstraints { ca: false, path_len: None, critical: true })),
        "not marked as a CA",
    ));
    cases.push((
        "an intermediate for clients",
        below(|p| p.extended_key_usage = vec![ExtendedKeyUsagePurpose::ClientAuth]),
        "It concerns \"Issuing CA 2\": extendedKeyUsage",
    ));
    cases.push((
        "an intermediate that may not sign",
        below(|p| p.key_usage = vec![KeyUsagePurpose::CrlSign]),
        "keyUsage without keyCertSign",
    ));
    cases.push((
        "names",
        below(|p| p.permitted_names = vec!["other.example".into()]),
        "It concerns \"Issuing CA 2\": a CA's nameConstraints",
    ));
    cases.push((
        "wrong purpose",
        {
            let leaf = issue(&world.public_issuer, "shop.example", |p| {
                p.extended_key_usage = vec![ExtendedKeyUsagePurpose::ClientAuth];
            });
            leaf.with(&[world.public_issuer.certificate()]).chain
        },
        "extendedKeyUsage",
    ));
    cases.push((
        "unknown critical extension",
        {
            let leaf = issue(&world.public_issuer, "shop.example", |p| {
                p.extensions.push((vec![1, 2, 3, 4], true, vec![5, 0]));
            });
            leaf.with(&[world.public_issuer.certificate()]).chain
        },
        "It concerns \"shop.example\": a critical extension",
    ));
    cases.push((
        "forged",
        issue(&world.public_issuer, "shop.example", |p| p.forged = true)
            .with(&[world.public_issuer.certificate()])
            .chain,
        "signature",
    ));
    cases.push(("random bytes", vec![Certificate::from_der(vec![0x30, 3, 1, 2, 3])], "cannot be read"));
    for (story, chain, says) in cases {
        let mut world = World::new_like(&world);
        world.ask("shop.example", chain);
        let report = world.report();
        assert_eq!(
            Answer::of(&report, 0).codes,
            [Code::InvalidChain],
            "{story}: and no note about strict clients"
        );
        let found = finding(&report, 0, Code::InvalidChain).unwrap();
        let text = format!("{} {}", found.message, found.evidence.join(" "));
        assert!(text.contains(says), "{story}: {text}");
    }
}

#[test]
fn what_has_expired_is_named_by_its_place_in_the_chain() {
    for (story, says) in
        [("leaf", "The certificate of shop.example"), ("intermediate", "The intermediate certificate")]
    {
        let mut world = World::new();
        let chain = if story == "leaf" {
            issue(&world.public_issuer, "shop.example", |p| p.until = Duration::days(-3))
                .with(&[world.public_issuer.certificate()])
                .chain
        } else {
            let old = Profile::intermediate("Issuing CA 2").valid_days(-400, -10);
            leaf_and_ca(&world.public_root.subordinate_of(&old).unwrap(), "shop.example")
        };
        world.ask("shop.example", chain);
        let chain = world.public("other.example");
        world.ask("other.example", chain);
        let report = world.report();
        let found = finding(&report, 0, Code::Expired).expect("expired");
        assert!(found.message.starts_with(says), "{}", found.message);
        assert_eq!(Answer::of(&report, 0).codes, [Code::Expired]);
        let remedy = &found.remedy.as_ref().unwrap().text;
        assert_eq!(remedy.contains("Ask the CA for the intermediate"), story == "intermediate", "{remedy}");
    }
}

#[test]
fn an_expired_root_in_the_store_is_expired_although_webpki_would_not_look() {
    let mut world = World::new();
    let old = world.mint.root_of(&Profile::root("Old Gateway CA").valid_days(-900, -5)).unwrap();
    world.trust(old.certificate(), Origin::Administrator);
    world.ask("registry.example", leaf(&old, "registry.example"));
    world.control("www.fabrikam.example", leaf(&old, "www.fabrikam.example"));
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::TlsInspected, Code::Expired]);
    assert_eq!(report.inspection.authorities[0].weaknesses, [Code::Expired]);
    assert!(!report.targets[0].system.as_ref().unwrap().trusted);
}

#[test]
fn an_expired_root_beside_its_valid_successor_does_no_harm() {
    let mut world = World::new();
    let current = world.public_root.certificate().clone();
    let old =
        world.public_root.cross_sign(&world.public_root, &Profile::root("x").valid_days(-4000, -5)).unwrap();
    world.seen.stores.system.roots.clear();
    world.trust(&old, Origin::Shipped);
    world.trust(&current, Origin::Shipped);
    let chain = world.public("shop.example");
    world.ask("shop.example", chain);
    assert_eq!(codes(&world), []);
}

#[test]
fn only_the_old_version_of_a_web_root_in_the_store_is_an_outdated_store() {
    let mut world = World::new();
    let old =
        world.public_root.cross_sign(&world.public_root, &Profile::root("x").valid_days(-4000, -5)).unwrap();
    world.seen.stores.system.roots.clear();
    world.trust(&old, Origin::Shipped);
    let chain = world.public("shop.example");
    world.ask("shop.example", chain);
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::SystemStoreOutdated]);
    assert!(report.findings[0].evidence[0].contains("ended on"), "{:?}", report.findings[0].evidence);
}

#[test]
fn a_clock_that_is_behind_is_blamed_when_everything_is_not_yet_valid() {
    let mut world = World::new();
    for host in ["shop.example", "www.fabrikam.example"] {
        let chain = world.public(host);
        world.ask(host, chain);
    }
    world.seen.time = NOW - Duration::days(60);
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::ClockSkew]);
    assert_eq!(report.findings.len(), 1, "one finding for all: {:#?}", report.findings);
    assert_eq!(Answer::of(&report, 0).inspection, trustgap::facts::report::InspectionVerdict::NotInspected);
}

#[test]
fn a_clock_that_is_ahead_is_blamed_when_everything_has_expired() {
    let mut world = World::new();
    for host in ["shop.example", "www.fabrikam.example"] {
        let chain = world.public(host);
        world.ask(host, chain);
    }
    world.seen.time = NOW + Duration::days(200);
    assert_eq!(codes(&world), [Code::ClockSkew]);
}

#[test]
fn the_clock_is_not_blamed_for_one_host_or_for_hosts_that_never_were_valid_together() {
    let mut world = World::new();
    let expired = issue(&world.public_issuer, "shop.example", |p| *p = p.clone().valid_days(-90, -3));
    let chain = expired.with(&[world.public_issuer.certificate()]).chain;
    world.ask("shop.example", chain.clone());
    assert_eq!(codes(&world), [Code::Expired], "one host alone");

    let older =
        issue(&world.public_issuer, "other.fabrikam.example", |p| *p = p.clone().valid_days(-300, -200));
    let chain = older.with(&[world.public_issuer.certificate()]).chain;
    world.ask("other.fabrikam.example", chain);
    assert_eq!(codes(&world), [Code::Expired], "no moment at which both were valid");
}

#[test]
fn a_clock_before_the_youngest_root_of_the_program_is_wrong_for_certain() {
    let mut world = World::new();
    let chain = world.public("shop.example");
    world.ask("shop.example", chain);
    world.seen.time = NOW - Duration::days(3000);
    let report = world.report();
    let found = finding(&report, 0, Code::ClockSkew).expect("skew");
    assert_eq!(found.certainty, trustgap::facts::Certainty::Is);
}

#[test]
fn a_saved_chain_is_never_the_clocks_fault() {
    let mut world = World::new();
    let chain = world.public("shop.example");
    world.look(Role::Saved, "shop.example", chain);
    world.seen.time = NOW - Duration::days(3000);
    assert!(codes(&world).contains(&Code::NotYetValid));
}

#[test]
fn each_kind_of_name_mismatch_says_what_it_is() {
    for (names, common_name, host, says) in [
        (&["www.shop.example"][..], "x", "shop.example", "differ in `www.`"),
        (&["*.shop.example"], "x", "a.b.shop.example", "exactly one label"),
        (&[], "shop.example", "shop.example", "common name"),
        (&["shop.example"], "x", "192.0.2.1", "IP address was asked for"),
        (&["192.0.2.1"], "x", "shop.example", "only IP addresses"),
        (&["other.example"], "x", "shop.example", "is for other.example"),
    ] {
        let mut world = World::new();
        let leaf = issue(&world.public_issuer, "unused", |p| {
            *p = p.clone().named(common_name);
            p.names = names.iter().map(|n| (*n).to_owned()).collect();
        });
        let chain = leaf.with(&[world.public_issuer.certificate()]).chain;
        world.ask(host, chain);
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).codes, [Code::NameMismatch], "{host}");
        let found = finding(&report, 0, Code::NameMismatch).unwrap();
        let text = format!("{} {}", found.message, found.evidence.join(" "));
        assert!(text.contains(says), "{text}");
        assert!(found.ruled_out.iter().any(|r| r.code == Code::UntrustedRoot));
    }
}

#[test]
fn names_that_match_in_every_allowed_way_are_no_mismatch() {
    for (name, host) in [
        ("shop.example", "SHOP.example"),
        ("*.shop.example", "a.shop.example"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8:0:0::1"),
        ("xn--bcher-kva.example", "bücher.example"),
    ] {
        let mut world = World::new();
        let chain = world.public(name);
        world.ask(&if host.contains(':') { format!("[{host}]") } else { host.to_owned() }, chain);
        assert_eq!(codes(&world), [], "{name} for {host}");
    }
}

/// Every string of a document.
fn collect(value: &serde_json::Value, texts: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => texts.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        _ => {}
    }
}

#[test]
fn hostile_names_reach_the_report_harmless() {
    let mut world = World::new();
    let evil = world.root("Evil\u{1b}[2J\nCA\u{202e}\" - trusted by everybody");
    world.ask("shop.example", leaf_and_ca(&evil, "shop.example"));
    let report = serde_json::to_value(world.report()).unwrap();
    let mut texts = Vec::new();
    collect(&report, &mut texts);
    assert!(texts.iter().any(|t| t.contains("Evil")));
    for text in texts.iter().filter(|t| !t.starts_with("-----BEGIN")) {
        let harmful = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!text.contains(harmful), "{text:?}");
    }
    let message = &world.report().findings[0].message;
    assert!(
        !message.contains('\n') && !message.contains('\u{1b}') && !message.contains('\u{202e}'),
        "{message}"
    );
    assert!(message.contains("\"Evil\u{fffd}[2J CA\u{fffd}' - trusted by everybody\""), "{message}");
}

#[test]
fn strict_clients_are_told_of_for_an_inspecting_ca_without_its_extensions() {
    let mut world = World::new();
    let mut profile = Profile::root("Shield Root");
    profile.subject_key_identifier = false;
    profile.key_usage = Vec::new();
    profile.basic_constraints = Some(BasicConstraints { ca: true, path_len: None, critical: false });
    let shield = world.mint.root_of(&profile).unwrap();
    world.trust(shield.certificate(), Origin::Administrator);
    world.ask("registry.example", leaf(&shield, "registry.example"));
    world.controls_signed_by(&shield);
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::TlsInspected, Code::StrictProfile]);
    assert_eq!(report.inspection.authorities[0].weaknesses, [Code::StrictProfile]);
    let found = finding(&report, 0, Code::StrictProfile).unwrap();
    let said = found.evidence.join(" ");
    for what in ["subjectKeyIdentifier", "keyUsage", "basicConstraints", "Python 3.13"] {
        assert!(said.contains(what), "{said}");
    }
}

#[test]
fn an_anchor_that_openssl_refuses_says_so() {
    let mut world = World::new();
    let mut profile = Profile::root("Odd CA");
    profile.key_usage = vec![KeyUsagePurpose::DigitalSignature];
    let odd = world.mint.root_of(&profile).unwrap();
    world.trust(odd.certificate(), Origin::Administrator);
    world.ask("wiki.intranet.test", leaf(&odd, "wiki.intranet.test"));
    world.clean_controls();
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::PrivateCa, Code::StrictProfile]);
    assert!(finding(&report, 0, Code::StrictProfile).unwrap().message.contains("OpenSSL"));
}

#[test]
fn a_self_signed_certificate_that_is_in_the_store_is_trusted_whatever_its_ca_flag() {
    for ca in [true, false] {
        let mut world = World::new();
        let mut profile = Profile::leaf(&["nas.test"]);
        profile.basic_constraints = Some(BasicConstraints { ca, path_len: None, critical: true });
        let own = world.mint.self_signed(&profile).unwrap();
        world.trust(own.leaf(), Origin::Administrator);
        world.ask("nas.test", own.chain.clone());
        let report = world.report();
        assert!(report.targets[0].system.as_ref().unwrap().trusted);
        assert!(!report.targets[0].web.as_ref().unwrap().trusted);
        // rustls takes a CA for no server
        let strict = ca.then_some(Code::StrictProfile);
        let wanted: Vec<Code> = [Code::SelfSigned].into_iter().chain(strict).collect();
        assert_eq!(Answer::of(&report, 0).codes, wanted);
        assert_eq!(report.exit_code(), 0);
    }
}

#[test]
fn an_intermediate_in_the_store_anchors_and_is_told_of() {
    let mut world = World::new();
    let root = world.root("Company Root");
    let issuing = root.subordinate("Company Issuing").unwrap();
    world.trust(issuing.certificate(), Origin::Administrator);
    world.ask("wiki.intranet.test", leaf(&issuing, "wiki.intranet.test"));
    world.clean_controls();
    let answer = world.first();
    assert_eq!(answer.codes, [Code::PrivateCa, Code::StrictProfile]);
}

#[test]
fn an_intermediate_that_only_the_system_store_holds_is_missing_all_the_same() {
    let mut world = World::new();
    let issuer = world.public_issuer.certificate().clone();
    world.trust(&issuer, Origin::Administrator);
    let chain = world.public("shop.example");
    world.ask("shop.example", chain[..1].to_vec());
    world.ask("www.shop.example", chain);
    let report = world.report();
    assert!(report.targets[0].system.as_ref().unwrap().trusted, "whoever follows the system store connects");
    assert_eq!(Answer::of(&report, 0).codes, [Code::MissingIntermediate]);
    let found = finding(&report, 0, Code::MissingIntermediate).unwrap();
    assert!(found.evidence[1].starts_with("It was found in the system store"), "{:?}", found.evidence);
    assert!(Answer::of(&report, 1).codes.iter().all(|code| *code != Code::MissingIntermediate));
}

#[test]
fn a_server_that_sends_too_little_of_an_untrusted_chain_is_not_said_to_send_it_all() {
    for sends_all in [true, false] {
        let mut world = World::new();
        let root = world.root("Stranger Root");
        let issuer = root.subordinate("Stranger Issuing").unwrap();
        let leaf = issuer.leaf(&["shop.example"]).unwrap();
        let whole = leaf.clone().with(&[issuer.certificate(), root.certificate()]).chain;
        world.ask("shop.example", if sends_all { whole.clone() } else { leaf.chain });
        // the same owner's other host sends what the first one forgets
        let other = issuer.leaf(&["www.shop.example"]).unwrap();
        world.ask("www.shop.example", other.with(&[issuer.certificate(), root.certificate()]).chain);
        world.clean_controls();
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).codes, [Code::UntrustedRoot]);
        let found = finding(&report, 0, Code::UntrustedRoot).unwrap();
        let excluded = found.ruled_out.iter().find(|r| r.code == Code::MissingIntermediate).unwrap();
        assert_eq!(found.message.contains("is complete"), sends_all, "{}", found.message);
        assert_eq!(excluded.because.contains("is there"), sends_all, "{}", excluded.because);
    }
}

#[test]
fn a_server_certificate_that_is_a_ca_is_invalid_for_browsers_and_fine_for_most_libraries() {
    let world = World::new();
    let marked = |change: fn(&mut Profile)| {
        let leaf = issue(&world.public_issuer, "shop.example", |p| {
            p.basic_constraints = Some(BasicConstraints { ca: true, path_len: None, critical: true });
            change(p);
        });
        leaf.with(&[world.public_issuer.certificate()]).chain
    };
    for (chain, says) in [
        (marked(|_| ()), "programs on rustls"),
        // what else is wrong is not hidden by it
        (marked(|p| p.extended_key_usage = vec![ExtendedKeyUsagePurpose::ClientAuth]), "extendedKeyUsage"),
    ] {
        let mut world = World::new_like(&world);
        world.ask("shop.example", chain);
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).codes, [Code::InvalidChain]);
        assert!(!report.targets[0].web.as_ref().unwrap().trusted);
        let said = finding(&report, 0, Code::InvalidChain).unwrap().evidence.join(" ");
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn a_company_root_on_p_521_is_verified_although_ring_cannot() {
    for world in super::samples::p521() {
        let report = world.report();
        assert!(report.targets[0].system.as_ref().unwrap().trusted, "{:#?}", report.findings);
        assert_eq!(Answer::of(&report, 0).codes, [Code::PrivateCa]);
    }
}

#[test]
fn a_root_that_the_store_distrusts_is_not_an_outdated_store() {
    let mut world = World::new();
    let root = world.public_root.certificate().clone();
    world.seen.stores.system.roots.clear();
    world.seen.stores.system.distrusted.push(trustgap::facts::store::Root {
        certificate: root,
        origin: Origin::Administrator,
        place: None,
    });
    let chain = world.public("shop.example");
    world.ask("shop.example", chain);
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::UntrustedRoot]);
    assert!(report.findings[0].message.contains("refuses by name"));
}

#[test]
fn a_hundred_cas_that_sign_each_other_in_a_circle_do_not_hang() {
    let mut world = World::new();
    let authorities: Vec<_> = (0..100).map(|i| world.root(&format!("Circle CA {i}"))).collect();
    let mut chain = leaf(&authorities[0], "shop.example");
    for (index, authority) in authorities.iter().enumerate() {
        let next = &authorities[(index + 1) % authorities.len()];
        chain.push(next.cross_sign(authority, &Profile::intermediate("x")).unwrap());
    }
    world.ask("shop.example", chain);
    let begun = std::time::Instant::now();
    let codes = codes(&world);
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(codes.contains(&Code::UnknownIssuer) || codes.contains(&Code::InvalidChain), "{codes:?}");
}
