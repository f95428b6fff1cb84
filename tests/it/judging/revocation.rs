//! `revocation-unavailable`: only on systems that have clients which insist, only where nobody can be asked.

use std::collections::BTreeMap;

use trustgap::facts::report::Severity;
use trustgap::facts::store::Origin;
use trustgap::facts::tool::ToolLook;
use trustgap::facts::{Code, Os, ToolId};
use trustgap::lab::mint::Profile;

use super::world::{Answer, World, finding};

/// A host behind a company's gateway whose certificates are made like this, seen from a computer with this system.
fn inspected(os: Os, change: impl FnOnce(&mut Profile)) -> World {
    let mut world = World::new();
    world.seen.platform.os = os;
    let gateway = world.root("Shield Root");
    world.trust(gateway.certificate(), Origin::Administrator);
    let mut profile = Profile::leaf(&["registry.example"]);
    change(&mut profile);
    let chain = gateway.issue(&profile).unwrap().chain;
    world.ask("registry.example", chain);
    world.controls_signed_by(&gateway);
    world
}

fn install_curl(world: &mut World, tls: &str) {
    let facts = BTreeMap::from([("tls".to_owned(), tls.to_owned())]);
    world.seen.tools.push(ToolLook {
        id: ToolId("curl".to_owned()),
        path: "C:/Windows/System32/curl.exe".to_owned(),
        real: None,
        version: Some("8.9.1".to_owned()),
        first: true,
        runtime: None,
        facts,
        entries: Vec::new(),
        absent: Vec::new(),
        trouble: None,
    });
}

#[test]
fn it_is_said_on_windows_and_nowhere_else() {
    for (os, wanted) in [(Os::Linux, false), (Os::Macos, false), (Os::Unix, false), (Os::Windows, true)] {
        let report = inspected(os, |_| {}).report();
        let note = finding(&report, 0, Code::RevocationUnavailable);
        assert_eq!(note.is_some(), wanted, "{os:?}");
        assert_eq!(Answer::of(&report, 0).verdict, Some(Code::TlsInspected));
        if let Some(note) = note {
            assert_eq!(note.severity, Severity::Information);
            let remedy = note.remedy.as_ref().expect("a remedy");
            assert!(
                remedy.text.contains("CRL") && remedy.text.contains("revocation alone"),
                "{}",
                remedy.text
            );
            assert!(remedy.commands.iter().any(|c| c.contains("schannelCheckRevoke best-effort")));
        }
    }
}

#[test]
fn an_address_to_ask_at_or_an_answer_at_hand_is_enough() {
    let changes: [fn(&mut Profile); 2] = [
        |p| p.crl_url = Some("http://crl.example/ca.crl".to_owned()),
        |p| p.ocsp_url = Some("http://ocsp.example/".to_owned()),
    ];
    for change in changes {
        let report = inspected(Os::Windows, change).report();
        assert!(finding(&report, 0, Code::RevocationUnavailable).is_none(), "{:#?}", report.findings);
    }
}

#[test]
fn public_sites_are_left_alone() {
    let mut world = World::new();
    world.seen.platform.os = Os::Windows;
    let chain = world.public("shop.example");
    world.ask("shop.example", chain);
    world.clean_controls();
    let report = world.report();
    assert_eq!(Answer::of(&report, 0).codes, []);
}

#[test]
fn a_ca_that_is_not_trusted_here_is_another_story() {
    let mut world = inspected(Os::Windows, |_| {});
    world.seen.stores.system.roots.truncate(1);
    assert!(finding(&world.report(), 0, Code::RevocationUnavailable).is_none());
}

#[test]
fn an_installed_tool_that_insists_is_a_problem_with_its_command() {
    for (tls, wanted) in [("Schannel", true), ("OpenSSL", false)] {
        let mut world = inspected(Os::Windows, |_| {});
        install_curl(&mut world, tls);
        let report = world.report();
        let of_tool = report.findings.iter().find(|f| f.subject.starts_with("curl"));
        let of_tool = of_tool.filter(|f| f.code == Code::RevocationUnavailable);
        assert_eq!(of_tool.is_some(), wanted, "{tls}: {:#?}", report.tools);
        if let Some(found) = of_tool {
            assert_eq!(found.severity, Severity::Problem);
            let commands = &found.remedy.as_ref().expect("a remedy").commands;
            assert_eq!(commands, &["curl --ssl-revoke-best-effort URL"]);
        }
    }
}
