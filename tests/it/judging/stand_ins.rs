//! What stands in for a host or for a CA: block pages, default certificates, a CA that bears the inspector's name. Who
//! is told, and what is not said of them.

use trustgap::facts::handshake::{Outcome, Role, TlsVersion};
use trustgap::facts::report::{Certainty, Finding, InspectionVerdict, Owner};
use trustgap::facts::store::Origin;
use trustgap::facts::{Certificate, Code, Handshake};
use trustgap::lab::mint::{Identity, Profile};
use trustgap::present::{self, Detail, Layout};

use super::world::{Answer, World, finding, issue, leaf, leaf_and_ca};

const HOST: &str = "shop.example";
const OTHERS: [&str; 3] = ["www.fabrikam.example", "www.contoso.example", "www.litware.example"];

fn owner(finding: &Finding) -> Owner {
    finding.remedy.as_ref().expect("a remedy").owner
}

/// A world whose public sites answer as themselves, but for so many of them that present this chain.
fn with_public_sites(taken: usize, chain: &[Certificate]) -> World {
    let mut world = World::new();
    world.ask(HOST, chain.to_vec());
    for (index, host) in OTHERS.into_iter().enumerate() {
        let own = world.public(host);
        world.control(host, if index < taken { chain.to_vec() } else { own });
    }
    world
}

#[test]
fn one_wrong_certificate_is_a_login_page_only_where_it_holds_the_network() {
    let page = World::new().mint.self_signed(&Profile::leaf(&["page.example"])).unwrap().chain;
    for (taken, wanted) in
        [(3, Code::CaptivePortal), (2, Code::CaptivePortal), (1, Code::SelfSigned), (0, Code::SelfSigned)]
    {
        assert_eq!(with_public_sites(taken, &page).first().verdict, Some(wanted), "{taken} of 3 sites");
    }
}

#[test]
fn one_server_that_knows_neither_of_two_names_is_no_login_page() {
    let mut world = World::new();
    let default = world.public("default.hoster.example");
    world.ask(HOST, default.clone());
    world.ask("git.company.example", default);
    world.clean_controls();
    let report = world.report();
    for (index, other) in [(0, "git.company.example"), (1, HOST)] {
        assert_eq!(Answer::of(&report, index).codes, [Code::NameMismatch]);
        let found = finding(&report, index, Code::NameMismatch).unwrap();
        let said = found.evidence.iter().any(|e| e.contains("same certificate") && e.contains(other));
        assert!(said, "{found:?}");
    }
}

#[test]
fn two_hosts_that_a_filter_sends_to_one_page_are_no_login_page_where_public_sites_answer() {
    for (open, wanted) in [(true, Code::NotTls), (false, Code::CaptivePortal)] {
        let mut world = World::new();
        let page = "HTTP/1.1 302 Found\r\nLocation: http://blocked.company.example/\r\n";
        for host in [HOST, "games.litware.example"] {
            world.fail(Role::Asked, host, Outcome::NotTls { excerpt: page.to_owned() });
        }
        if open {
            world.clean_controls();
        }
        assert_eq!(world.first().verdict, Some(wanted), "{open}");
    }
}

#[test]
fn the_ca_of_a_page_that_answers_for_everybody_is_not_said_to_be_the_hosts() {
    let mut world = World::new();
    let own = world.root("Company Root");
    world.trust(own.certificate(), Origin::Administrator);
    let page = leaf(&own, "blocked.company.example");
    world.ask(HOST, page.clone());
    for host in OTHERS {
        world.control(host, page.clone());
    }
    assert_eq!(world.first().codes, [Code::CaptivePortal]);
}

#[test]
fn a_block_page_of_the_companys_ca_is_no_reason_to_give_that_ca_to_programs() {
    for (host, gives) in [(HOST, false), ("wiki.intranet.test", true)] {
        let mut world = World::new();
        let own = world.root("Company Root");
        world.trust(own.certificate(), Origin::Administrator);
        world.ask(host, leaf(&own, "blocked.company.example"));
        world.clean_controls();
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).codes, [Code::NameMismatch, Code::PrivateCa]);
        let found = finding(&report, 0, Code::PrivateCa).unwrap();
        assert_eq!(!found.remedy.as_ref().unwrap().commands.is_empty(), gives, "{found:?}");
        assert_eq!(found.message.contains("What answers for"), !gives, "{found:?}");
    }
}

#[test]
fn what_is_wrong_with_the_name_in_an_inspectors_certificate_is_its_owners_to_explain() {
    for names in [&["blocked.gateway.test"][..], &[], &["www.shop.example"], &["192.0.2.1"]] {
        let mut world = World::new();
        let gateway = world.root("Gateway CA");
        world.trust(gateway.certificate(), Origin::Administrator);
        let wrong = gateway.issue(&Profile { ..Profile::leaf(names).named("other") }).unwrap();
        world.ask(HOST, wrong.chain);
        world.controls_signed_by(&gateway);
        let report = world.report();
        assert_eq!(Answer::of(&report, 0).codes, [Code::TlsInspected, Code::NameMismatch], "{names:?}");
        let found = finding(&report, 0, Code::NameMismatch).unwrap();
        assert_eq!(owner(found), Owner::ItDepartment, "{names:?}");
    }
}

#[test]
fn the_same_fault_of_a_gateway_in_every_name_is_told_once() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.trust(gateway.certificate(), Origin::Administrator);
    for host in [HOST, "git.company.example"] {
        world.ask(host, gateway.issue(&Profile::leaf(&[]).named(host)).unwrap().chain);
    }
    world.controls_signed_by(&gateway);
    let report = world.report();
    let found: Vec<&Finding> = report.findings.iter().filter(|f| f.code == Code::NameMismatch).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].evidence.iter().any(|e| e.contains("git.company.example")), "{found:#?}");
}

#[test]
fn a_ca_of_the_inspectors_name_is_not_said_to_be_somebody_else() {
    let send: [fn(&trustgap::lab::mint::Authority, &str) -> Vec<Certificate>; 2] = [leaf, leaf_and_ca];
    for chain in send {
        for (host, wanted, verdict) in [
            (HOST, Some(Code::InspectionCaNotInstalled), InspectionVerdict::Inspected),
            // many appliances name the CA for their own page like the one that inspects
            ("wiki.intranet.test", None, InspectionVerdict::NotInspected),
        ] {
            let mut world = World::new();
            let (gateway, second) = (world.root("Gateway CA"), world.root("Gateway CA"));
            world.trust(gateway.certificate(), Origin::Administrator);
            world.ask(host, chain(&second, host));
            world.controls_signed_by(&gateway);
            let report = world.report();
            let answer = Answer::of(&report, 0);
            assert_eq!(answer.inspection, verdict, "{host}: {:#?}", report.findings);
            let Some(code) = wanted else { continue };
            assert_eq!((answer.verdict, answer.certainty), (Some(code), Some(Certainty::LooksLike)));
            let found = finding(&report, 0, code).unwrap();
            assert_eq!(owner(found), Owner::ItDepartment);
            assert!(found.evidence.iter().any(|e| e.contains("same name with another key")), "{found:?}");
            let text = present::report::text(&report, Layout::pipe(Detail::Normal));
            assert!(text.contains("\"Gateway CA\" and by another CA named \"Gateway CA\""), "{text}");
        }
    }
}

#[test]
fn a_signature_made_in_the_inspectors_name_is_a_question_to_its_owner() {
    let mut world = World::new();
    let (gateway, second) = (world.root("Gateway CA"), world.root("Gateway CA"));
    world.trust(gateway.certificate(), Origin::Administrator);
    // what it says of its issuer's key is true of the first
    let genuine = gateway.leaf(&[HOST]).unwrap();
    world.ask(HOST, vec![with_the_signature_of(&genuine, &second.leaf(&[HOST]).unwrap())]);
    world.controls_signed_by(&gateway);
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::InvalidChain]);
    assert_eq!(owner(finding(&report, 0, Code::InvalidChain).unwrap()), Owner::ItDepartment);
}

/// The content of one certificate with the last bytes of another's signature.
fn with_the_signature_of(content: &Identity, other: &Identity) -> Certificate {
    let (mut der, from) = (content.leaf().der().to_vec(), other.leaf().der());
    let (end, last) = (der.len(), from.len());
    der[end - 8..].copy_from_slice(&from[last - 8..]);
    Certificate::from_der(der)
}

#[test]
fn nothing_is_ruled_out_that_is_found_of_the_same_host() {
    let mut world = World::new();
    let own = world.root("Appliance Root");
    let outcome = Outcome::LegacyOnly {
        version: TlsVersion::Tls10,
        cipher_suite: "TLS_RSA_WITH_AES_128_CBC_SHA".into(),
    };
    let chain = leaf_and_ca(&own, HOST);
    world.fail(Role::Asked, HOST, outcome).handshake = Some(Handshake { chain, ..Handshake::default() });
    world.clean_controls();
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::LegacyTlsOnly, Code::UntrustedRoot]);
    let found = finding(&report, 0, Code::LegacyTlsOnly).unwrap();
    assert!(found.ruled_out.iter().all(|r| r.code != Code::UntrustedRoot), "{found:?}");
    assert!(found.ruled_out.iter().any(|r| r.code == Code::NotTls), "{found:?}");
}

#[test]
fn a_validity_that_ends_before_it_begins_is_no_question_of_time() {
    for (from, until) in [(10, -10), (-10, -20), (20, 10)] {
        let mut world = World::new();
        let leaf = issue(&world.public_issuer, HOST, |p| *p = p.clone().valid_days(from, until));
        world.ask(HOST, leaf.with(&[world.public_issuer.certificate()]).chain);
        world.clean_controls();
        assert_eq!(world.first().codes, [Code::InvalidChain], "{from} to {until}");
    }
}

#[test]
fn a_public_site_that_is_down_is_no_alarm_and_is_not_called_in_order() {
    let mut world = World::new();
    let own = world.root("Company Root");
    world.trust(own.certificate(), Origin::Administrator);
    world.ask("wiki.intranet.test", leaf(&own, "wiki.intranet.test"));
    world.fail(Role::Control, OTHERS[0], Outcome::Refused);
    let text = present::report::text(&world.report(), Layout::pipe(Detail::Normal));
    assert!(text.contains("ok, private CA"), "{text}");
    assert!(text.contains("refused") && !text.contains("ok, refused"), "{text}");
}

#[test]
fn a_developers_own_ca_is_told_from_a_companys_and_a_default_certificate_from_a_sites_own() {
    for (name, of, sent, says, wanted) in [
        ("mkcert dev@laptop", "mkcert development CA", false, "`mkcert -install`", Owner::You),
        ("mkcert dev@laptop", "mkcert development CA", true, "`mkcert -install`", Owner::You),
        ("Company Root", "Company", true, "", Owner::ItDepartment),
        ("Company Root", "Company", false, "", Owner::ItDepartment),
    ] {
        let mut world = World::new();
        let own = world.mint.root_of(&Profile::root(name).of(of)).unwrap();
        let chain = if sent { leaf_and_ca } else { leaf }(&own, "app.test");
        world.ask("app.test", chain);
        world.clean_controls();
        let report = world.report();
        let code = if sent { Code::UntrustedRoot } else { Code::UnknownIssuer };
        let found = finding(&report, 0, code).unwrap();
        assert_eq!(owner(found), wanted, "{name}");
        assert!(found.evidence.iter().any(|e| e.contains(says)), "{found:?}");
        assert_eq!(found.evidence.iter().any(|e| e.contains("mkcert makes")), !says.is_empty(), "{found:?}");
    }
    let mut world = World::new();
    let profile = Profile::leaf(&["ingress.local"]).named("Kubernetes Ingress Controller Fake Certificate");
    let own = world.mint.self_signed(&profile).unwrap();
    world.ask(HOST, own.chain);
    world.clean_controls();
    let report = world.report();
    let found = finding(&report, 0, Code::SelfSigned).unwrap();
    assert!(found.evidence.iter().any(|e| e.contains("An ingress answers with it")), "{found:?}");
}
