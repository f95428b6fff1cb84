//! Hosts that never come to a certificate, proxies, and handshakes that end early.

use trustgap::facts::handshake::{Handshake, Outcome, Role, Step, TlsVersion};
use trustgap::facts::report::{Owner, Severity};
use trustgap::facts::{Code, Route};

use super::world::{Answer, World, finding};

fn through_a_proxy() -> Route {
    Route::Proxy {
        proxy: "http://user:secret@proxy.example:3128".parse().unwrap(),
        set_by: "https_proxy".into(),
    }
}

fn outcomes() -> Vec<(Code, Outcome, Route)> {
    let direct = || Route::Direct { exempted_by: None };
    vec![
        (Code::NameNotResolved, Outcome::NotResolved { message: "no such host".into() }, direct()),
        (Code::Refused, Outcome::Refused, direct()),
        (Code::Unreachable, Outcome::Unreachable { message: "no route to host".into() }, direct()),
        (Code::Timeout, Outcome::TimedOut { step: Step::Connect }, direct()),
        (Code::Timeout, Outcome::TimedOut { step: Step::Handshake }, direct()),
        (Code::ConnectionReset, Outcome::Reset { closed: false }, direct()),
        (Code::ConnectionReset, Outcome::Reset { closed: true }, direct()),
        (Code::NotTls, Outcome::NotTls { excerpt: "SSH-2.0-OpenSSH_9.2".into() }, direct()),
        (Code::TlsVersionRefused, Outcome::Alert { description: 70 }, direct()),
        (Code::HandshakeFailed, Outcome::Alert { description: 40 }, direct()),
        (Code::HandshakeFailed, Outcome::Alert { description: 112 }, direct()),
        (Code::HandshakeFailed, Outcome::HandshakeFailed { reason: "peer is incompatible".into() }, direct()),
        (Code::ClientCertificateRequired, Outcome::Alert { description: 116 }, direct()),
        (
            Code::LegacyTlsOnly,
            Outcome::LegacyOnly { version: TlsVersion::Tls10, cipher_suite: "0xc013".into() },
            direct(),
        ),
        (
            Code::HandshakeFailed,
            Outcome::LegacyOnly { version: TlsVersion::Tls12, cipher_suite: "0x002f".into() },
            direct(),
        ),
        (
            Code::ProxyAuthRequired,
            Outcome::ProxyAuthRequired { schemes: vec!["Negotiate".into()], credentials_sent: false },
            through_a_proxy(),
        ),
        (
            Code::ProxyRefused,
            Outcome::ProxyRefused { status: Some(403), reason: "Forbidden".into() },
            through_a_proxy(),
        ),
        (Code::ProxyUnreachable, Outcome::ProxyUnreachable { message: "refused".into() }, through_a_proxy()),
        (
            Code::ProxyUnreachable,
            Outcome::ProxyUntrusted { reason: "unknown issuer".into() },
            through_a_proxy(),
        ),
        (
            Code::CaptivePortal,
            Outcome::NotTls { excerpt: "HTTP/1.1 511 Network Authentication Required\r\n".into() },
            direct(),
        ),
    ]
}

#[test]
fn every_way_to_fail_has_its_code_and_a_remedy_and_no_secret() {
    for (code, outcome, route) in outcomes() {
        let mut world = World::new();
        world.fail(Role::Asked, "shop.example", outcome.clone()).route = route;
        world.clean_controls();
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).verdict, Some(code), "{outcome:?}");
        let found = finding(&report, 0, code).unwrap();
        assert!(!found.evidence.is_empty() && found.remedy.is_some(), "{outcome:?}");
        assert!(!serde_json::to_string(&report).unwrap().contains("secret"), "{outcome:?}");
        let note = code == Code::ClientCertificateRequired;
        assert_eq!(
            found.severity,
            if note { Severity::Information } else { Severity::Problem },
            "{outcome:?}"
        );
    }
}

#[test]
fn when_nothing_at_all_was_reached_nothing_was_found_out() {
    let mut world = World::new();
    for host in ["shop.example", "other.example"] {
        world.fail(Role::Asked, host, Outcome::NotResolved { message: "no such host".into() });
    }
    world.fail(Role::Control, "www.fabrikam.example", Outcome::Unreachable { message: "no route".into() });
    let report = world.report();
    assert_eq!(report.exit_code(), 3);
    assert_eq!(
        report.findings.iter().filter(|f| f.code == Code::NameNotResolved).count(),
        1,
        "said once for both"
    );
    assert!(report.findings[0].message.contains("shop.example and other.example"));
}

#[test]
fn one_dead_host_beside_a_living_one_is_a_problem() {
    let mut world = World::new();
    world.fail(Role::Asked, "shop.example", Outcome::Refused);
    let chain = world.public("other.example");
    world.ask("other.example", chain);
    assert_eq!(world.report().exit_code(), 1);
}

#[test]
fn a_control_site_that_is_down_is_nobodys_problem() {
    let mut world = World::new();
    let chain = world.public("shop.example");
    world.ask("shop.example", chain);
    world.fail(Role::Control, "www.fabrikam.example", Outcome::TimedOut { step: Step::Connect });
    assert_eq!(world.report().exit_code(), 0);
}

#[test]
fn a_chain_seen_before_the_handshake_failed_is_judged() {
    let mut world = World::new();
    let stranger = world.root("Some CA");
    let chain = super::world::leaf_and_ca(&stranger, "shop.example");
    world.ask("shop.example", chain).outcome =
        Outcome::HandshakeFailed { reason: "illegal parameter".into() };
    assert_eq!(world.first().codes, [Code::UntrustedRoot, Code::HandshakeFailed]);
}

#[test]
fn a_handshake_that_fails_for_a_reason_with_a_name_is_not_told_beside_one_that_fails_for_none() {
    let mut world = World::new();
    let failed = || Outcome::HandshakeFailed { reason: "the library gave up".into() };
    let forged = super::world::issue(&world.public_issuer, "forged.example", |p| p.forged = true);
    let chain = forged.with(&[world.public_issuer.certificate()]).chain;
    world.ask("forged.example", chain).outcome = failed();
    let chain = world.public("shop.example");
    world.ask("shop.example", chain).outcome = failed();
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::InvalidChain]);
    assert_eq!(Answer::of(&report, 1).codes, [Code::HandshakeFailed]);
    let found = report.findings.iter().find(|f| f.code == Code::HandshakeFailed).unwrap();
    assert!(!found.message.contains("forged.example"), "{}", found.message);
}

#[test]
fn a_server_that_asks_for_a_client_certificate_and_hangs_up_without_one_is_told_as_that() {
    for outcome in [
        Outcome::Alert { description: 40 },
        Outcome::Alert { description: 42 },
        Outcome::Alert { description: 116 },
        Outcome::Reset { closed: true },
    ] {
        let mut world = World::new();
        let chain = world.public("shop.example");
        let look = world.ask("shop.example", chain);
        look.outcome = outcome.clone();
        look.handshake.as_mut().unwrap().client_certificate_requested = true;
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).codes, [Code::ClientCertificateRequired], "{outcome:?}");
        assert!(report.targets[0].system.as_ref().unwrap().trusted, "the chain was judged");
    }
}

#[test]
fn where_a_client_certificate_is_only_asked_for_nobody_has_to_act_at_once() {
    for (outcome, at_once) in [(Outcome::Completed, false), (Outcome::Alert { description: 116 }, true)] {
        let mut world = World::new();
        let chain = world.public("shop.example");
        let look = world.ask("shop.example", chain);
        look.outcome = outcome;
        look.handshake.as_mut().unwrap().client_certificate_requested = true;
        let report = world.report();
        let found = finding(&report, 0, Code::ClientCertificateRequired).unwrap();
        let remedy = &found.remedy.as_ref().unwrap().text;
        assert_eq!(remedy.starts_with("Whoever runs the service has to"), at_once, "{remedy}");
    }
}

#[test]
fn one_certificate_for_hosts_of_different_owners_is_a_login_page() {
    let mut world = World::new();
    let own = world.mint.self_signed(&trustgap::lab::mint::Profile::leaf(&["login.hotel.example"])).unwrap();
    world.ask("shop.example", own.chain.clone());
    world.control("www.fabrikam.example", own.chain.clone());
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::CaptivePortal]);
    assert_ne!(Answer::of(&report, 0).inspection, trustgap::facts::report::InspectionVerdict::Inspected);
}

#[test]
fn one_certificate_for_hosts_of_one_owner_is_a_name_mismatch() {
    let mut world = World::new();
    let chain = world.public("www.company.example");
    world.ask("git.company.example", chain.clone());
    world.ask("wiki.company.example", chain);
    assert_eq!(world.first().codes, [Code::NameMismatch]);
}

#[test]
fn the_same_redirect_for_everybody_is_a_login_page_and_a_single_one_is_not() {
    let page =
        |place: &str| Outcome::NotTls { excerpt: format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\n") };
    for (places, wanted) in [
        (["http://login.hotel.example/", "http://login.hotel.example/"], Code::CaptivePortal),
        (["http://shop.example/", "http://other.fabrikam.example/"], Code::NotTls),
    ] {
        let mut world = World::new();
        world.fail(Role::Asked, "shop.example", page(places[0]));
        world.fail(Role::Asked, "other.fabrikam.example", page(places[1]));
        assert_eq!(world.first().verdict, Some(wanted), "{places:?}");
    }
}

#[test]
fn a_demanded_staple_that_is_missing_is_a_problem_and_an_undemanded_one_is_not() {
    for (demanded, wanted) in [(true, vec![Code::StapleMissing]), (false, vec![])] {
        let mut world = World::new();
        let leaf = super::world::issue(&world.public_issuer, "shop.example", |p| p.must_staple = demanded);
        let chain = leaf.with(&[world.public_issuer.certificate()]).chain;
        world.ask("shop.example", chain);
        assert_eq!(world.first().codes, wanted);
    }
}

#[test]
fn staples_are_judged_and_a_bad_one_is_a_problem_only_where_one_is_demanded() {
    for (world, wanted) in super::samples::staples() {
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).codes, wanted, "{}", report.targets[0].host);
        let staple = report.targets[0].staple.as_ref().expect("a staple");
        assert_eq!(
            staple.sound,
            !wanted.contains(&Code::StapleInvalid) || staple.status.as_deref() == Some("unknown")
        );
        let demanded = report.targets[0].host.to_string() == "must.example";
        let grave = wanted.contains(&Code::Revoked) || (demanded && !wanted.is_empty());
        assert_eq!(report.exit_code(), u8::from(grave));
    }
}

#[test]
fn a_demand_that_a_gateway_copied_is_the_gateways_to_leave_out() {
    for (inspected, owner) in [(true, Owner::ItDepartment), (false, Owner::ServerOperator)] {
        let mut world = World::new();
        let gateway = world.root("Gateway CA");
        world.trust(gateway.certificate(), trustgap::facts::store::Origin::Administrator);
        let ca = if inspected { gateway.clone() } else { world.public_issuer.clone() };
        let leaf = super::world::issue(&ca, "shop.example", |p| p.must_staple = true);
        world.ask("shop.example", leaf.with(&[ca.certificate()]).chain);
        world.controls_signed_by(&gateway);
        let report = world.report();
        let found = finding(&report, 0, Code::StapleMissing).expect("demanded");
        assert_eq!(found.remedy.as_ref().unwrap().owner, owner);
    }
}

#[test]
fn an_empty_chain_is_no_panic() {
    let mut world = World::new();
    world.ask("shop.example", Vec::new()).handshake = Some(Handshake::default());
    assert_eq!(world.first().verdict, None);
}

#[test]
fn an_answer_that_is_no_tls_is_the_proxys_where_one_is_in_the_way() {
    for (route, proxied) in [(through_a_proxy(), true), (Route::Direct { exempted_by: None }, false)] {
        let mut world = World::new();
        for (role, host) in [(Role::Asked, "shop.example"), (Role::Control, "www.fabrikam.example")] {
            let page = Outcome::NotTls { excerpt: "<html></html>".to_owned() };
            world.fail(role, host, page).route = route.clone();
        }
        let report = world.report();
        let found = finding(&report, 0, Code::NotTls).unwrap();
        assert_eq!(found.evidence.iter().any(|e| e.contains("proxy.example:3128")), proxied, "{found:?}");
        let remedy = &found.remedy.as_ref().unwrap().text;
        assert_eq!(remedy.contains("Compare the proxy's address"), proxied, "{found:?}");
    }
}

#[test]
fn bytes_that_are_no_text_are_not_quoted_as_if_they_were() {
    // what a remote desktop answers to a TLS greeting, as far as it can be read
    let bytes = String::from_utf8_lossy(b"\x03\x00\x00\x13\x0e\xd0\x00\x00\x124\x00\x02").into_owned();
    for (excerpt, quoted) in [(bytes.as_str(), false), ("220 ready\r\n", true), ("h\u{fffd}llo", true)] {
        let mut world = World::new();
        world.fail(Role::Asked, "desktop.example", Outcome::NotTls { excerpt: excerpt.to_owned() });
        let report = world.report();
        let said = &finding(&report, 0, Code::NotTls).unwrap().evidence[0];
        assert_eq!(said.starts_with("It said \""), quoted, "{said}");
    }
}
