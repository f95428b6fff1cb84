//! What is said of a handshake that did not end well: true for the stage it came to, and for who refuses what.

use time::Duration;
use trustgap::facts::clock::ClockSample;
use trustgap::facts::handshake::{Outcome, Reached, Role, Step, TlsVersion};
use trustgap::facts::page::{Expected, Page, PageAnswer, PageLook};
use trustgap::facts::report::{Certainty, Finding, Owner};
use trustgap::facts::versions::{KeyExchange, VersionAnswer, VersionsLook};
use trustgap::facts::{Code, Handshake};

use super::world::{Answer, NOW, World, finding};

const HOST: &str = "shop.example";

/// Everything that a person reads of a finding.
fn all(finding: &Finding) -> String {
    let remedy = finding.remedy.as_ref().map_or("", |remedy| &remedy.text);
    format!("{} {} {remedy}", finding.message, finding.evidence.join(" "))
}

fn owner(finding: &Finding) -> Owner {
    finding.remedy.as_ref().expect("a remedy").owner
}

/// The finding about a host whose look ended so, beside public sites that are in order.
fn about(code: Code, change: impl FnOnce(&mut World)) -> Finding {
    let mut world = World::new();
    change(&mut world);
    world.clean_controls();
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).verdict, Some(code));
    finding(&report, 0, code).expect("it is the verdict").clone()
}

fn failed(world: &mut World, outcome: Outcome, seen: Handshake) {
    world.fail(Role::Asked, HOST, outcome).handshake = Some(seen);
}

#[test]
fn a_server_of_tls_1_2_with_old_suites_is_said_to_be_refused_by_those_that_refuse_it() {
    for (suite, refused, taken) in [
        (
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            &["rustls", "Go since 1.22", "Java since 24"][..],
            &["OpenSSL", "GnuTLS"][..],
        ),
        (
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
            &["rustls", "Go,", "GnuTLS"],
            &["OpenSSL", "Java", "Python"],
        ),
        (
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            &["rustls", "Python since 3.10"],
            &["OpenSSL", "GnuTLS", "Go"],
        ),
        ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", &["rustls", "Go", "browsers"], &["OpenSSL", "Java"]),
    ] {
        let outcome = Outcome::LegacyOnly { version: TlsVersion::Tls12, cipher_suite: suite.to_owned() };
        let found = about(Code::HandshakeFailed, |world| failed(world, outcome, Handshake::default()));
        let sentence = |start: &str| {
            found
                .evidence
                .iter()
                .find(|sentence| sentence.starts_with(start))
                .unwrap_or_else(|| panic!("{found:?}"))
        };
        for name in refused {
            assert!(sentence("Refused by").contains(name), "{suite}: {}", sentence("Refused by"));
        }
        for name in taken {
            assert!(sentence("Taken by").contains(name), "{suite}: {}", sentence("Taken by"));
        }
    }
    let outcome = Outcome::LegacyOnly {
        version: TlsVersion::Tls12,
        cipher_suite: "TLS_RSA_WITH_3DES_EDE_CBC_SHA".to_owned(),
    };
    let found = about(Code::HandshakeFailed, |world| failed(world, outcome, Handshake::default()));
    assert!(found.message.contains("no current client"), "{found:?}");
}

#[test]
fn a_small_group_is_named_with_those_that_refuse_it() {
    for (bits, words) in [(1024, Some("1024 bits")), (768, Some("OpenSSL and Java")), (2048, None)] {
        let suite = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256".to_owned();
        let outcome = Outcome::LegacyOnly { version: TlsVersion::Tls12, cipher_suite: suite };
        let seen = Handshake { diffie_hellman_bits: Some(bits), ..Handshake::default() };
        let said = all(&about(Code::HandshakeFailed, |world| failed(world, outcome, seen)));
        assert_eq!(said.contains("Diffie-Hellman group has"), words.is_some(), "{said}");
        assert!(words.is_none_or(|words| said.contains(words)), "{said}");
    }
}

#[test]
fn each_old_version_is_deprecated_by_its_own_document() {
    for (version, document) in [(TlsVersion::Ssl30, "RFC 7568"), (TlsVersion::Tls10, "RFC 8996")] {
        let outcome = Outcome::LegacyOnly { version, cipher_suite: "0x002f".to_owned() };
        let said = all(&about(Code::LegacyTlsOnly, |world| failed(world, outcome, Handshake::default())));
        assert!(said.contains(document), "{said}");
    }
}

#[test]
fn a_server_without_secure_renegotiation_is_refused_by_openssl_3_and_said_to_be() {
    for (secure, wanted) in [(Some(false), Some(Code::HandshakeFailed)), (Some(true), None), (None, None)] {
        let mut world = World::new();
        let chain = world.public(HOST);
        world.ask(HOST, chain).handshake.as_mut().unwrap().secure_renegotiation = secure;
        world.clean_controls();
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).verdict, wanted, "{secure:?}");
        if let Some(code) = wanted {
            let said = all(finding(&report, 0, code).unwrap());
            assert!(
                said.contains("unsafe legacy renegotiation disabled") && said.contains("RFC 5746"),
                "{said}"
            );
        }
    }
}

#[test]
fn who_does_not_prove_its_key_is_told_to_change_its_files() {
    let found = about(Code::HandshakeFailed, |world| {
        let chain = world.public(HOST);
        let bad_signature = Some("not made with the key".to_owned());
        let outcome = Outcome::HandshakeFailed { reason: "not made with the key".to_owned() };
        failed(world, outcome, Handshake { chain, bad_signature, ..Handshake::default() });
    });
    assert!(found.message.contains("does not prove"), "{found:?}");
    assert_eq!(owner(&found), Owner::ServerOperator);
}

#[test]
fn alert_40_has_many_meanings_and_is_not_said_to_be_one_of_them() {
    let found = about(Code::HandshakeFailed, |world| {
        world.fail(Role::Asked, HOST, Outcome::Alert { description: 40 });
    });
    assert_eq!(found.certainty, Certainty::LooksLike);
    assert!(!all(&found).contains("no cipher in common"), "{found:?}");
}

#[test]
fn certificates_that_were_not_seen_are_not_said_to_have_been() {
    let found = about(Code::ClientCertificateRequired, |world| {
        world.fail(Role::Asked, HOST, Outcome::Alert { description: 116 });
    });
    assert!(all(&found).contains("not judged"), "{found:?}");
    let found = about(Code::HandshakeFailed, |world| {
        world.fail(Role::Asked, HOST, Outcome::HandshakeFailed { reason: "corrupt message".to_owned() });
    });
    assert!(!all(&found).contains("judged all the same"), "{found:?}");
}

#[test]
fn the_matrix_of_versions_tells_why_a_greeting_is_not_answered() {
    for (answer, told) in [
        (VersionAnswer::Accepted { cipher_suite: "x".to_owned(), key_exchange: KeyExchange::Ecdhe }, true),
        (VersionAnswer::Silent, false),
    ] {
        let found = about(Code::Timeout, |world| {
            let look = world.fail(Role::Asked, HOST, Outcome::TimedOut { step: Step::Handshake });
            look.reached = Reached::Nothing;
            let target = look.target.clone();
            world.seen.versions.push(VersionsLook {
                target,
                versions: [(TlsVersion::Tls12, answer)].into_iter().collect(),
                forward_secrecy: None,
                diffie_hellman_bits: None,
                secure_renegotiation: None,
            });
        });
        assert_eq!(all(&found).contains("does not take TLS 1.3"), told, "{found:?}");
    }
}

#[test]
fn a_resolver_that_fails_is_told_from_a_name_that_is_unknown() {
    for (words, spelling) in [
        ("Temporary failure in name resolution", false),
        ("Name or service not known", true),
        ("No such host is known.", true),
        ("This is usually a temporary error during hostname resolution", false),
    ] {
        let found = about(Code::NameNotResolved, |world| {
            world.fail(Role::Asked, HOST, Outcome::NotResolved { message: words.to_owned() });
        });
        assert_eq!(all(&found).contains("spelling"), spelling, "{found:?}");
        assert_eq!(all(&found).contains("may well exist"), !spelling, "{found:?}");
    }
}

#[test]
fn a_name_that_leads_to_this_computer_or_to_none_is_blocked_and_not_out_of_order() {
    for (host, address, wanted) in [
        (HOST, "0.0.0.0", Owner::You),
        (HOST, "127.0.0.1", Owner::You),
        (HOST, "::", Owner::You),
        (HOST, "198.51.100.7", Owner::ServerOperator),
        ("localhost", "127.0.0.1", Owner::ServerOperator),
        ("127.0.0.1", "127.0.0.1", Owner::ServerOperator),
    ] {
        let found = about(Code::Refused, |world| {
            world.fail(Role::Asked, host, Outcome::Refused).addresses = vec![address.parse().unwrap()];
        });
        assert_eq!(owner(&found), wanted, "{host} at {address}: {found:?}");
    }
}

fn page(url: &str, status: u16, leads_to: Option<&str>, beginning: &str) -> PageLook {
    let expects = Some(Expected { status: 200, text: "success".to_owned() });
    let (leads_to, beginning) = (leads_to.map(str::to_owned), beginning.to_owned());
    let answer = PageAnswer::Answered { status, leads_to, beginning };
    PageLook { page: Page { url: url.to_owned(), expects }, answer }
}

#[test]
fn a_login_page_at_a_private_address_is_one_for_public_sites_and_for_names_that_lead_there_too() {
    let login = Some("http://login.hotel.example/");
    for (internal, wanted) in
        [("10.66.0.1", Some(Code::CaptivePortal)), ("10.1.2.3", Some(Code::ConnectionReset))]
    {
        let mut world = World::new();
        let cut = Outcome::Reset { closed: false };
        for (role, host, address) in [
            (Role::Asked, "wiki.corp", internal),
            (Role::Control, "www.fabrikam.example", "10.66.0.1"),
            (Role::Control, "www.contoso.example", "10.66.0.1"),
        ] {
            let look = world.fail(role, host, cut.clone());
            look.address = Some(address.parse().unwrap());
            look.addresses = vec![address.parse().unwrap()];
        }
        for url in ["http://www.page.example/a", "http://www.other-page.example/b"] {
            world.seen.pages.push(page(url, 302, login, ""));
        }
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).verdict, wanted, "{internal}");
        assert_eq!(Answer::of(&report, 1).verdict, Some(Code::CaptivePortal), "{internal}");
    }
}

#[test]
fn where_plain_http_is_answered_as_always_that_is_said_beside_one_certificate_for_all() {
    let mut world = World::new();
    let own = world.mint.self_signed(&trustgap::lab::mint::Profile::leaf(&["filter.example"])).unwrap();
    world.ask(HOST, own.chain.clone());
    world.control("www.fabrikam.example", own.chain.clone());
    world.seen.pages.push(page("http://www.page.example/a", 200, None, "success\n"));
    let report = world.report();
    let found =
        finding(&report, 0, Code::CaptivePortal).expect("one certificate for hosts of different owners");
    assert_eq!(found.certainty, Certainty::LooksLike);
    assert!(all(found).contains("answers as always"), "{found:?}");
}

#[test]
fn hosts_that_contradict_each_other_and_all_this_clock_do_not_vouch_for_it() {
    for (offsets, secured, wanted) in [
        // three years, give or take weeks
        ([-1095, -1075, -1100], true, Some(Code::ClockSkew)),
        ([-1095, 20, 500], false, Some(Code::Expired)),
    ] {
        let mut world = World::new();
        let then = trustgap::lab::mint::Mint::at(NOW - Duration::days(1095));
        let root = then.root("Older Public Root").unwrap();
        world.trust(root.certificate(), trustgap::facts::store::Origin::Shipped);
        world.seen.stores.web.roots.clone_from(&world.seen.stores.system.roots);
        for (days, host) in offsets.into_iter().zip([HOST, "www.fabrikam.example", "www.contoso.example"]) {
            let role = if host == HOST { Role::Asked } else { Role::Control };
            let leaf = root.leaf(&[host]).unwrap();
            let target = world.look(role, host, leaf.chain).target.clone();
            let sample = ClockSample { target, date: NOW + Duration::days(days), clock: NOW, secured };
            world.seen.clock.push(sample);
        }
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).verdict, wanted, "{offsets:?}");
    }
}
