//! Inspection and everything that looks like it.

use trustgap::facts::Code;
use trustgap::facts::handshake::{Outcome, Role, Step};
use trustgap::facts::report::{Certainty, InspectionVerdict, Severity};
use trustgap::facts::store::Origin;
use trustgap::lab::mint::{Profile, new_key};

use super::world::{Answer, World, finding, issue, leaf, leaf_and_ca};

use Certainty::{CannotTell, Is, LooksLike};
use InspectionVerdict::{Inspected, NotInspected, Unknown};

fn assert_answer(
    world: &World,
    verdict: Option<Code>,
    certainty: Option<Certainty>,
    inspection: InspectionVerdict,
) {
    let answer = world.first();
    assert_eq!(
        (answer.verdict, answer.certainty, answer.inspection),
        (verdict, certainty, inspection),
        "{:#?}",
        world.report().findings
    );
}

#[test]
fn leaf_only_under_a_ca_of_the_system_store_is_inspected() {
    for origin in [Origin::Administrator, Origin::Unknown, Origin::User] {
        let mut world = World::new();
        let gateway = world.root("Gateway CA");
        world.trust(gateway.certificate(), origin);
        world.ask("registry.example", leaf(&gateway, "registry.example"));
        world.controls_signed_by(&gateway);
        assert_answer(&world, Some(Code::TlsInspected), Some(Is), Inspected);
        let report = world.report();
        assert_eq!(report.inspection.verdict, Inspected);
        assert_eq!(report.inspection.authorities.len(), 1);
        assert_eq!(report.inspection.authorities[0].targets.len(), 3);
        assert!(report.inspection.authorities[0].in_system_store);
        assert_eq!(report.exit_code(), 1);
        assert!(!report.targets[0].findings.contains(&Code::MissingIntermediate));
    }
}

#[test]
fn leaf_only_under_a_ca_of_no_store_is_inspected_with_only_the_name_known() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.ask("registry.example", leaf(&gateway, "registry.example"));
    world.controls_signed_by(&gateway);
    assert_answer(&world, Some(Code::InspectionCaNotInstalled), Some(Is), Inspected);
    let report = world.report();
    let authority = &report.inspection.authorities[0];
    assert_eq!(
        (authority.subject.as_str(), authority.sha256, authority.in_system_store),
        ("CN=Gateway CA", None, false)
    );
}

#[test]
fn whole_chain_with_the_ca_in_no_store_is_inspected_with_the_fingerprint_known() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.ask("registry.example", leaf_and_ca(&gateway, "registry.example"));
    for host in ["www.fabrikam.example", "www.contoso.example"] {
        world.control(host, leaf_and_ca(&gateway, host));
    }
    assert_answer(&world, Some(Code::InspectionCaNotInstalled), Some(Is), Inspected);
    let report = world.report();
    assert_eq!(report.inspection.authorities[0].sha256, Some(gateway.certificate().fingerprint()));
    assert!(!report.targets[0].findings.contains(&Code::UntrustedRoot));
}

#[test]
fn a_mixture_of_leaf_only_and_whole_chains_is_one_authority() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.ask("registry.example", leaf(&gateway, "registry.example"));
    world.control("www.fabrikam.example", leaf_and_ca(&gateway, "www.fabrikam.example"));
    assert_answer(&world, Some(Code::InspectionCaNotInstalled), Some(Is), Inspected);
    let report = world.report();
    assert_eq!(report.inspection.authorities.len(), 1, "{:#?}", report.inspection);
    assert!(report.inspection.authorities[0].sha256.is_some());
}

#[test]
fn a_private_ca_beside_clean_public_sites_is_not_inspection() {
    let mut world = World::new();
    let own = world.root("Company Services Root");
    world.trust(own.certificate(), Origin::Administrator);
    world.ask("wiki.intranet.test", leaf(&own, "wiki.intranet.test"));
    world.clean_controls();
    assert_answer(&world, Some(Code::PrivateCa), Some(Is), NotInspected);
    let report = world.report();
    assert_eq!(report.inspection.verdict, NotInspected);
    assert_eq!(report.exit_code(), 0, "browsers work: a note and not a problem");
}

#[test]
fn a_private_ca_on_an_inspected_network_is_not_the_inspector() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    let own = world.root("Company Services Root");
    world.trust(gateway.certificate(), Origin::Administrator);
    world.trust(own.certificate(), Origin::Administrator);
    world.ask("wiki.intranet.test", leaf(&own, "wiki.intranet.test"));
    world.controls_signed_by(&gateway);
    assert_answer(&world, Some(Code::PrivateCa), Some(Is), NotInspected);
    let report = world.report();
    assert_eq!(report.inspection.verdict, Inspected);
    let finding = finding(&report, 0, Code::PrivateCa).expect("found");
    assert!(
        finding.ruled_out.iter().any(|r| r.code == Code::TlsInspected && r.because.contains("Gateway CA"))
    );
}

#[test]
fn a_private_ca_that_is_in_no_store_stays_untrusted_on_an_inspected_network() {
    let mut world = World::new();
    let gateway = world.mint.root_of(&Profile::root("Gateway CA").of("Company")).unwrap();
    let own = world.mint.root_of(&Profile::root("Services Root").of("Company")).unwrap();
    world.trust(gateway.certificate(), Origin::Administrator);
    world.ask("wiki.intranet.test", leaf_and_ca(&own, "wiki.intranet.test"));
    world.controls_signed_by(&gateway);
    assert_answer(&world, Some(Code::UntrustedRoot), Some(Is), NotInspected);
}

#[test]
fn without_public_sites_the_name_decides_what_it_looks_like() {
    for (host, verdict, inspection) in [
        ("registry.example", Code::TlsInspected, Inspected),
        ("wiki.intranet.test", Code::PrivateCa, NotInspected),
        ("printer", Code::PrivateCa, NotInspected),
    ] {
        let mut world = World::new();
        let ca = world.root("Some CA");
        world.trust(ca.certificate(), Origin::Administrator);
        world.ask(host, leaf(&ca, host));
        assert_answer(&world, Some(verdict), Some(LooksLike), inspection);
        let finding = &world.report().findings[0];
        let said = finding.evidence.join(" ");
        assert!(said.contains("public site") || said.contains("What would settle it"), "{said}");
    }
}

#[test]
fn a_development_ca_with_a_public_looking_name_is_not_taken_for_an_inspector() {
    let mut world = World::new();
    let own = world.mint.root_of(&Profile::root("mkcert dev@laptop").of("mkcert development CA")).unwrap();
    world.trust(own.certificate(), Origin::Administrator);
    world.ask("app.shop.example", leaf(&own, "app.shop.example"));
    assert_answer(&world, Some(Code::PrivateCa), Some(LooksLike), NotInspected);
}

#[test]
fn one_public_looking_host_of_a_private_ca_beside_clean_sites_only_looks_private() {
    let mut world = World::new();
    let own = world.root("Company Services Root");
    world.trust(own.certificate(), Origin::Administrator);
    world.ask("portal.company.example", leaf(&own, "portal.company.example"));
    world.clean_controls();
    assert_answer(&world, Some(Code::PrivateCa), Some(LooksLike), NotInspected);
}

#[test]
fn leafs_minted_moments_ago_for_unrelated_names_look_inspected_even_beside_clean_sites() {
    for (age, verdict) in [(1, Code::TlsInspected), (20, Code::PrivateCa)] {
        let mut world = World::new();
        let gateway = world.root("Some CA");
        world.trust(gateway.certificate(), Origin::Administrator);
        for host in ["registry.example", "index.other.example"] {
            let leaf = issue(&gateway, host, |p| *p = p.clone().valid_days(-age, 90));
            world.ask(host, leaf.chain);
        }
        world.clean_controls();
        let inspection = if verdict == Code::TlsInspected { Inspected } else { NotInspected };
        assert_answer(&world, Some(verdict), Some(LooksLike), inspection);
    }
}

#[test]
fn new_leafs_tell_nothing_where_those_of_public_cas_are_as_new() {
    for (send_ca, verdict) in [(false, Code::UnknownIssuer), (true, Code::UntrustedRoot)] {
        let mut world = World::new();
        let own = world.root("Company Services Root");
        for host in ["git.company.example", "shop.company-group.example"] {
            let leaf = issue(&own, host, |p| *p = p.clone().valid_days(-1, 90));
            world.ask(host, if send_ca { leaf.with(&[own.certificate()]).chain } else { leaf.chain });
        }
        for host in ["www.fabrikam.example", "www.contoso.example"] {
            let renewed = Profile::public_leaf(&[host]).valid_days(-1, 90);
            let leaf = world.public_issuer.issue(&renewed).unwrap();
            let chain = leaf.with(&[world.public_issuer.certificate()]).chain;
            world.control(host, chain);
        }
        let answer = world.first();
        assert_eq!((answer.verdict, answer.inspection), (Some(verdict), NotInspected));
    }
}

#[test]
fn a_key_that_lies_behind_a_public_cas_certificate_too_is_no_inspectors() {
    let key = new_key().unwrap();
    for (shared_by_public, verdict) in [(true, Code::PrivateCa), (false, Code::TlsInspected)] {
        let mut world = World::new();
        let own = world.root("Some CA");
        world.trust(own.certificate(), Origin::Administrator);
        for host in ["git.company.example", "shop.other.example"] {
            let chain = own.issue_for(&Profile::leaf(&[host]), &key).unwrap().chain;
            world.ask(host, chain);
        }
        world.clean_controls();
        if shared_by_public {
            let profile = Profile::public_leaf(&["www.tailspin.example"]);
            let leaf = world.public_issuer.issue_for(&profile, &key).unwrap();
            let chain = leaf.with(&[world.public_issuer.certificate()]).chain;
            world.ask("www.tailspin.example", chain);
        }
        assert_eq!(world.first().verdict, Some(verdict));
    }
}

#[test]
fn one_control_site_with_a_ca_that_nobody_has_may_be_its_own_mistake() {
    for (send_ca, verdict) in [(false, Code::UnknownIssuer), (true, Code::UntrustedRoot)] {
        for (site, proves) in [("www.tailspin.example", false), ("www.mozilla.org", true)] {
            let mut world = World::new();
            let stranger = world.root("Some CA");
            let chain = if send_ca { leaf_and_ca(&stranger, site) } else { leaf(&stranger, site) };
            world.control(site, chain);
            world.clean_controls();
            let (verdict, inspection) =
                if proves { (Code::InspectionCaNotInstalled, Inspected) } else { (verdict, NotInspected) };
            let answer = world.first();
            assert_eq!((answer.verdict, answer.inspection), (Some(verdict), inspection), "{site}");
            // a host of another owner beside it makes it one again
            world.ask("registry.example", leaf(&stranger, "registry.example"));
            assert_eq!(world.first().inspection, Inspected);
        }
    }
}

#[test]
fn copied_timestamps_do_not_hide_who_signs_for_everybody() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.trust(gateway.certificate(), Origin::Unknown);
    for host in ["www.fabrikam.example", "www.contoso.example", "www.tailspin.example"] {
        world.control(host, issue(&gateway, host, |p| p.timestamps = 2).chain);
    }
    assert_answer(&world, Some(Code::TlsInspected), Some(Is), Inspected);
    let clean = world.public("www.northwind.example");
    world.control("www.northwind.example", clean);
    assert_eq!(world.first().inspection, NotInspected, "a public CA that the web roots do not have yet");
}

#[test]
fn a_host_that_resolves_to_a_private_address_is_internal() {
    let mut world = World::new();
    let own = world.root("Company Services Root");
    world.trust(own.certificate(), Origin::Administrator);
    world.ask("portal.company.example", leaf(&own, "portal.company.example")).address =
        Some("10.2.3.4".parse().unwrap());
    world.clean_controls();
    assert_answer(&world, Some(Code::PrivateCa), Some(Is), NotInspected);
}

#[test]
fn selective_inspection_is_answered_host_by_host() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.trust(gateway.certificate(), Origin::Administrator);
    let clean = world.public("www.bank.example");
    world.ask("www.bank.example", clean);
    world.ask("registry.example", leaf(&gateway, "registry.example"));
    world.control("www.fabrikam.example", leaf(&gateway, "www.fabrikam.example"));
    let clean = world.public("www.contoso.example");
    world.control("www.contoso.example", clean);
    let report = world.report();
    let answers: Vec<_> = (0..4).map(|i| Answer::of(&report, i).inspection).collect();
    assert_eq!(answers, [NotInspected, Inspected, Inspected, NotInspected]);
    assert_eq!(Answer::of(&report, 0).verdict, None);
    assert_eq!((report.inspection.verdict, report.inspection.certainty), (Inspected, Is));
}

#[test]
fn two_inspectors_on_one_machine_are_both_named() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    let shield = world.root("Web Shield Root");
    for ca in [&gateway, &shield] {
        world.trust(ca.certificate(), Origin::Administrator);
    }
    world.control("www.fabrikam.example", leaf(&gateway, "www.fabrikam.example"));
    world.control("www.contoso.example", leaf(&shield, "www.contoso.example"));
    let report = world.report();
    let mut names: Vec<&str> = report.inspection.authorities.iter().map(|a| a.subject.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["CN=Gateway CA", "CN=Web Shield Root"]);
    assert_eq!(report.findings.iter().filter(|f| f.code == Code::TlsInspected).count(), 2);
}

#[test]
fn one_company_root_above_an_inspecting_ca_and_a_services_ca_does_not_make_the_services_inspected() {
    let mut world = World::new();
    let root = world.root("Company Root");
    let inspecting = root.subordinate("Company TLS Inspection").unwrap();
    let services = root.subordinate("Company Services").unwrap();
    world.trust(root.certificate(), Origin::Administrator);
    world.ask("wiki.intranet.test", leaf_and_ca(&services, "wiki.intranet.test"));
    world.ask("git.intranet.test", leaf_and_ca(&inspecting, "git.intranet.test"));
    world.ask("registry.example", leaf_and_ca(&inspecting, "registry.example"));
    world.control("www.fabrikam.example", leaf_and_ca(&inspecting, "www.fabrikam.example"));
    let report = world.report();
    let answers: Vec<_> = (0..3).map(|i| Answer::of(&report, i)).map(|a| (a.verdict, a.inspection)).collect();
    assert_eq!(
        answers,
        [
            (Some(Code::PrivateCa), NotInspected),
            (Some(Code::TlsInspected), Inspected),
            (Some(Code::TlsInspected), Inspected)
        ]
    );
}

#[test]
fn rotating_intermediates_under_one_inspecting_root_are_one_authority() {
    let mut world = World::new();
    let root = world.root("Gateway Root");
    world.trust(root.certificate(), Origin::Administrator);
    for (index, host) in ["www.fabrikam.example", "www.contoso.example"].into_iter().enumerate() {
        let issuing = root.subordinate(&format!("Gateway Issuing {index}")).unwrap();
        world.control(host, leaf_and_ca(&issuing, host));
    }
    let issuing = root.subordinate("Gateway Issuing 9").unwrap();
    world.ask("registry.example", leaf_and_ca(&issuing, "registry.example"));
    let report = world.report();
    assert_eq!(report.inspection.authorities.len(), 1);
    assert_eq!(Answer::of(&report, 2).verdict, Some(Code::TlsInspected));
}

#[test]
fn the_untrust_ca_of_a_gateway_is_the_origins_fault_and_no_authority_of_its_own() {
    for name in ["Gateway Untrusted CA", "Not trusted by \"Gateway CA\"", "Forward-Untrust"] {
        for send_ca in [true, false] {
            let mut world = World::new();
            let gateway = world.root("Gateway CA");
            let untrust = world.root(name);
            world.trust(gateway.certificate(), Origin::Administrator);
            let host = "broken.shop.example";
            let chain = if send_ca { leaf_and_ca(&untrust, host) } else { leaf(&untrust, host) };
            world.ask(host, chain);
            world.controls_signed_by(&gateway);
            let report = world.report();
            assert_eq!(report.inspection.authorities.len(), 1, "{name}");
            assert_eq!(report.inspection.authorities[0].subject, "CN=Gateway CA");
            let answer = Answer::of(&report, 0);
            assert_eq!(answer.inspection, Inspected);
            assert_eq!(answer.codes, [Code::TlsInspected, Code::UntrustedRoot], "{name}");
            let fault = finding(&report, 0, Code::UntrustedRoot).unwrap();
            assert!(fault.remedy.as_ref().unwrap().text.contains("Never install"));
        }
    }
}

#[test]
fn an_origin_with_its_own_unknown_ca_on_an_inspected_network_is_not_taken_for_the_inspectors_untrust_ca() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    let stranger = world.root("Adventure Works Root");
    world.trust(gateway.certificate(), Origin::Administrator);
    world.ask("shop.adventure.example", leaf_and_ca(&stranger, "shop.adventure.example"));
    world.controls_signed_by(&gateway);
    assert_answer(&world, Some(Code::UntrustedRoot), Some(Is), NotInspected);
}

#[test]
fn a_ca_whose_name_contains_a_public_brand_can_still_be_an_inspector() {
    let mut world = World::new();
    let gateway = world.mint.root_of(&Profile::root("DigiCert Global Root G2").of("DigiCert Inc")).unwrap();
    world.trust(gateway.certificate(), Origin::Administrator);
    world.ask("registry.example", leaf(&gateway, "registry.example"));
    world.controls_signed_by(&gateway);
    assert_answer(&world, Some(Code::TlsInspected), Some(Is), Inspected);
}

#[test]
fn an_inspector_that_copies_the_name_of_the_public_root_is_not_taken_for_it() {
    let mut world = World::new();
    let fake = world.mint.root_of(&Profile::root("Public Root R1").of("Public Trust")).unwrap();
    world.ask("registry.example", leaf(&fake, "registry.example"));
    world.controls_signed_by(&fake);
    let answer = world.first();
    assert_eq!((answer.verdict, answer.inspection), (Some(Code::InspectionCaNotInstalled), Inspected));
    let said = finding(&world.report(), 0, Code::InspectionCaNotInstalled).unwrap().evidence.join(" ");
    assert!(said.contains("Mozilla has a root of the same name"), "{said}");
}

#[test]
fn a_web_root_that_an_administrator_added_again_is_no_inspector() {
    let mut world = World::new();
    let root = world.public_root.certificate().clone();
    world.seen.stores.system.roots.clear();
    world.trust(&root, Origin::Administrator);
    let chain = world.public("registry.example");
    world.ask("registry.example", chain);
    world.clean_controls();
    assert_answer(&world, None, None, NotInspected);
}

#[test]
fn a_root_that_the_system_ships_and_mozilla_does_not_have_is_no_inspector() {
    let mut world = World::new();
    let removed = world.root("Old Public Root");
    world.trust(removed.certificate(), Origin::Shipped);
    world.ask("old.shop.example", leaf(&removed, "old.shop.example"));
    world.control("www.fabrikam.example", leaf(&removed, "www.fabrikam.example"));
    assert_answer(&world, Some(Code::PrivateCa), Some(Is), NotInspected);
    assert_ne!(world.report().inspection.verdict, Inspected);
}

#[test]
fn timestamps_keep_a_public_ca_of_unknown_origin_from_looking_like_an_inspector() {
    let mut world = World::new();
    let removed = world.root("Old Public Root");
    world.trust(removed.certificate(), Origin::Unknown);
    for host in ["old.shop.example", "www.fabrikam.example"] {
        let leaf = issue(&removed, host, |p| p.timestamps = 2);
        world.look(if host.starts_with("old") { Role::Asked } else { Role::Control }, host, leaf.chain);
    }
    assert_answer(&world, Some(Code::PrivateCa), Some(Is), NotInspected);
}

#[test]
fn a_system_store_without_the_web_root_is_outdated_and_not_inspected() {
    let mut world = World::new();
    world.seen.stores.system.roots.clear();
    let chain = world.public("registry.example");
    world.ask("registry.example", chain);
    world.clean_controls();
    assert_answer(&world, Some(Code::SystemStoreOutdated), Some(Is), NotInspected);
    let report = world.report();
    assert_eq!(report.findings.len(), 1, "one finding for all hosts");
    assert!(report.findings[0].evidence[0].contains("empty"));
}

#[test]
fn a_snakeoil_certificate_is_self_signed_and_not_inspection() {
    let mut world = World::new();
    let own = world.mint.self_signed(&Profile::leaf(&["laptop"])).unwrap();
    world.trust(own.leaf(), Origin::Leftover);
    world.ask("laptop", own.chain.clone());
    world.clean_controls();
    assert_answer(&world, Some(Code::SelfSigned), Some(Is), NotInspected);
    assert_eq!(world.report().exit_code(), 0);
}

#[test]
fn faults_of_a_server_are_never_inspection() {
    type Fault = (&'static str, Code, fn(&World) -> Vec<trustgap::facts::Certificate>);
    let faults: [Fault; 5] = [
        ("expired", Code::Expired, |w| {
            let leaf = issue(&w.public_issuer, "shop.example", |p| *p = p.clone().valid_days(-90, -3));
            leaf.with(&[w.public_issuer.certificate()]).chain
        }),
        ("not yet valid", Code::NotYetValid, |w| {
            let leaf = issue(&w.public_issuer, "shop.example", |p| *p = p.clone().valid_days(3, 90));
            leaf.with(&[w.public_issuer.certificate()]).chain
        }),
        ("mismatched", Code::NameMismatch, |w| w.public("other.example")),
        ("self-signed", Code::SelfSigned, |w| {
            w.mint.self_signed(&Profile::leaf(&["shop.example"])).unwrap().chain
        }),
        ("forgotten intermediate", Code::MissingIntermediate, |w| w.public("shop.example")[..1].to_vec()),
    ];
    for (story, code, chain) in faults {
        for controls in [true, false] {
            let mut world = World::new();
            let chain = chain(&world);
            world.ask("shop.example", chain);
            if controls {
                world.clean_controls();
            }
            let answer = world.first();
            assert_eq!(answer.verdict, Some(code), "{story}: {answer:?}");
            assert_ne!(answer.inspection, Inspected, "{story}");
            assert_ne!(world.report().inspection.verdict, Inspected, "{story}");
        }
    }
}

#[test]
fn a_control_site_with_a_certificate_for_another_name_proves_nothing() {
    let mut world = World::new();
    let stranger = world.root("Hotel Guest Network");
    world.ask("registry.example", leaf(&stranger, "login.hotel.example"));
    world.control("www.fabrikam.example", leaf(&stranger, "login.hotel.example"));
    let answer = world.first();
    assert_ne!(answer.inspection, Inspected);
    assert_ne!(answer.verdict, Some(Code::InspectionCaNotInstalled));
}

#[test]
fn a_proved_inspector_that_serves_an_expired_or_misnamed_certificate_is_still_named_first() {
    for (change, code) in [
        ((|p: &mut Profile| *p = p.clone().valid_days(-90, -3)) as fn(&mut Profile), Code::Expired),
        (|p| p.names = vec!["other.example".into()], Code::NameMismatch),
    ] {
        let mut world = World::new();
        let gateway = world.root("Gateway CA");
        world.trust(gateway.certificate(), Origin::Administrator);
        world.ask("shop.example", issue(&gateway, "shop.example", change).chain);
        world.controls_signed_by(&gateway);
        let answer = world.first();
        assert_eq!(answer.codes, [Code::TlsInspected, code]);
    }
}

#[test]
fn a_fault_of_the_inspector_is_told_once_for_all_hosts_and_nobody_is_said_to_connect() {
    let mut world = World::new();
    let ended = world.mint.root_of(&Profile::root("Gateway CA").valid_days(-900, -3)).unwrap();
    world.trust(ended.certificate(), Origin::Administrator);
    world.ask("registry.example", leaf(&ended, "registry.example"));
    world.controls_signed_by(&ended);
    let report = world.report();
    for target in 0..3 {
        assert_eq!(Answer::of(&report, target).codes, [Code::TlsInspected, Code::Expired]);
    }
    let expired: Vec<_> = report.findings.iter().filter(|f| f.code == Code::Expired).collect();
    assert_eq!((expired.len(), expired[0].severity), (1, Severity::Problem));
    let said = expired[0].evidence.join(" ");
    assert!(said.contains("The same holds for www.fabrikam.example and www.contoso.example"), "{said}");
    let remedy = report.findings[0].remedy.as_ref().unwrap();
    assert!(remedy.text.contains("fail all the same") && remedy.commands.is_empty(), "{remedy:?}");

    // a fault of one host stays that host's
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.trust(gateway.certificate(), Origin::Administrator);
    let old = issue(&gateway, "old.example", |p| *p = p.clone().valid_days(-90, -3));
    world.ask("old.example", old.chain);
    world.controls_signed_by(&gateway);
    let report = world.report();
    assert_eq!(Answer::of(&report, 1).codes, [Code::TlsInspected]);
    let remedy = report.findings[0].remedy.as_ref().unwrap();
    assert!(remedy.text.contains("work, but for the hosts"), "{remedy:?}");
}

#[test]
fn an_inspectors_forgotten_intermediate_is_not_ruled_out_beside_its_own_finding() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    let issuing = gateway.subordinate("Gateway Issuing").unwrap();
    world.trust(gateway.certificate(), Origin::Administrator);
    world.ask("registry.example", leaf(&issuing, "registry.example"));
    world.ask("git.example", leaf_and_ca(&issuing, "git.example"));
    world.controls_signed_by(&issuing);
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, [Code::TlsInspected, Code::MissingIntermediate]);
    assert_eq!(Answer::of(&report, 1).codes, [Code::TlsInspected]);
    let inspected = finding(&report, 0, Code::TlsInspected).unwrap();
    assert!(inspected.ruled_out.iter().all(|r| r.code != Code::MissingIntermediate), "{inspected:?}");
}

#[test]
fn a_private_site_with_another_fault_is_not_said_to_work() {
    for (name, works) in [("wiki.intranet.test", true), ("other.intranet.test", false)] {
        let mut world = World::new();
        let own = world.root("Company Root");
        world.trust(own.certificate(), Origin::Administrator);
        world.ask("wiki.intranet.test", leaf(&own, name));
        world.clean_controls();
        let report = world.report();
        let found = finding(&report, 0, Code::PrivateCa).unwrap();
        let text = &found.remedy.as_ref().unwrap().text;
        assert_eq!(text.starts_with("Programs that follow the system store connect. "), works, "{text}");
    }
}

#[test]
fn when_no_public_site_answers_nothing_is_claimed() {
    let mut world = World::new();
    let stranger = world.root("Some CA");
    world.ask("registry.example", leaf(&stranger, "registry.example"));
    for host in ["www.fabrikam.example", "www.contoso.example"] {
        world.fail(Role::Control, host, Outcome::TimedOut { step: Step::Connect });
    }
    assert_answer(&world, Some(Code::UnknownIssuer), Some(CannotTell), Unknown);
    let report = world.report();
    assert_eq!((report.inspection.verdict, report.inspection.certainty), (Unknown, CannotTell));
    let said = finding(&report, 0, Code::UnknownIssuer).unwrap().evidence.join(" ");
    assert!(said.contains("Inspection cannot be ruled out"), "{said}");
}

#[test]
fn one_authority_of_no_store_for_unrelated_names_looks_like_inspection_without_public_sites() {
    let mut world = World::new();
    let gateway = world.root("Some CA");
    let key = new_key().unwrap();
    for host in ["registry.example", "index.other.example"] {
        let chain = gateway.issue_for(&Profile::leaf(&[host]), &key).unwrap().chain;
        world.ask(host, chain);
    }
    assert_answer(&world, Some(Code::InspectionCaNotInstalled), Some(LooksLike), Inspected);
}

#[test]
fn hosts_of_one_owner_do_not_count_as_unrelated() {
    let mut world = World::new();
    let own = world.root("Some CA");
    for host in ["git.company.example", "wiki.company.example"] {
        world.ask(host, leaf(&own, host));
    }
    assert_answer(&world, Some(Code::UnknownIssuer), Some(CannotTell), Unknown);
}

#[test]
fn a_known_site_proves_inspection_even_when_it_was_asked_for_by_name() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.trust(gateway.certificate(), Origin::Administrator);
    world.ask("github.com", leaf(&gateway, "github.com"));
    assert_answer(&world, Some(Code::TlsInspected), Some(Is), Inspected);
}

#[test]
fn vendors_label_and_never_decide() {
    let mut world = World::new();
    let profile = Profile::root("Zscaler Root CA").of("Zscaler Inc.");
    let gateway = world.mint.root_of(&profile).unwrap();
    world.ask("registry.example", leaf(&gateway, "registry.example"));
    world.clean_controls();
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).verdict, Some(Code::UnknownIssuer), "a name is no evidence");

    world.controls_signed_by(&gateway);
    let report = world.report();
    assert_eq!(report.inspection.authorities[0].vendor.as_deref(), Some("Zscaler Internet Access"));
}

#[test]
fn a_saved_chain_is_judged_without_anything_beside_it() {
    let mut world = World::new();
    let gateway = world.root("Gateway CA");
    world.look(Role::Saved, "registry.example", leaf_and_ca(&gateway, "registry.example"));
    assert_answer(&world, Some(Code::UntrustedRoot), Some(Is), Unknown);
}
