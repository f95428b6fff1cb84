//! `strict-profile`: which clients here refuse a CA that they trust, who has to act, and who is not concerned.

use std::collections::BTreeMap;

use trustgap::facts::certificate::BasicConstraints;
use trustgap::facts::report::{Owner, Severity};
use trustgap::facts::store::Origin;
use trustgap::facts::tool::{Content, FileLook, FileState, ToolLook};
use trustgap::facts::{Code, Os, Report, ToolId};
use trustgap::lab::mint::Profile;

use super::world::{World, finding, leaf};

/// A gateway whose root lacks keyUsage, and clean stores everywhere else.
fn behind_a_sloppy_gateway() -> World {
    let mut world = World::new();
    let mut profile = Profile::root("Shield Root");
    profile.key_usage.clear();
    let shield = world.mint.root_of(&profile).unwrap();
    world.trust(shield.certificate(), Origin::Administrator);
    world.ask("registry.example", leaf(&shield, "registry.example"));
    world.ask("mirror.example", leaf(&shield, "mirror.example"));
    world.controls_signed_by(&shield);
    world
}

/// Installs a Python whose file of roots is the system store's.
fn install_python(world: &mut World, version: &str) {
    let roots: String = world.seen.stores.system.roots.iter().map(|r| r.certificate.pem()).collect();
    let facts = [("cafile", "/roots.pem"), ("capath", "/none")];
    world.seen.tools.push(ToolLook {
        id: ToolId("python".to_owned()),
        path: format!("/opt/{version}/bin/python3"),
        real: None,
        version: Some(version.to_owned()),
        first: true,
        runtime: None,
        facts: facts.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect::<BTreeMap<_, _>>(),
        entries: Vec::new(),
        absent: vec!["/none".to_owned()],
        trouble: None,
    });
    let content = Content::new(roots);
    world.seen.files = vec![
        FileLook { path: "/roots.pem".to_owned(), state: FileState::File { content } },
        FileLook { path: "/none".to_owned(), state: FileState::Missing },
    ];
}

fn codes_of_tool(report: &Report, version: &str) -> Vec<Code> {
    let rows = report.tools.as_ref().expect("tools were examined");
    rows.iter().find(|row| row.version.as_deref() == Some(version)).expect("a row").findings.clone()
}

#[test]
fn the_installation_that_refuses_is_named_and_the_one_that_does_not_is_not() {
    let mut world = behind_a_sloppy_gateway();
    install_python(&mut world, "3.12.1");
    install_python(&mut world, "3.13.0");
    let report = world.report();
    let note = finding(&report, 0, Code::StrictProfile).expect("a note about the host");
    assert_eq!(note.severity, Severity::Information);
    assert!(note.message.contains("3.13.0") && !note.message.contains("3.12.1"), "{}", note.message);
    assert!(note.message.contains("registry.example, mirror.example"), "one note for all: {}", note.message);
    let remedy = note.remedy.as_ref().expect("a remedy");
    assert_eq!(remedy.owner, Owner::ItDepartment);
    assert!(remedy.text.contains("keyUsage with keyCertSign"), "{}", remedy.text);

    assert_eq!(codes_of_tool(&report, "3.12.1"), []);
    assert_eq!(codes_of_tool(&report, "3.13.0"), [Code::StrictProfile]);
    let of_tool =
        report.findings.iter().find(|f| f.code == Code::StrictProfile && f.subject.contains("3.13"));
    let of_tool = of_tool.expect("a finding about the tool");
    assert_eq!(of_tool.severity, Severity::Problem);
    assert!(of_tool.remedy.as_ref().is_some_and(|r| r.text.contains("Until then: Python 3.12")));
    assert!(of_tool.ruled_out.iter().any(|r| r.code == Code::ToolLacksCa));
}

#[test]
fn where_no_tool_was_examined_the_clients_are_named_in_general() {
    let report = behind_a_sloppy_gateway().report();
    let note = finding(&report, 0, Code::StrictProfile).expect("a note");
    assert!(note.message.contains("Python 3.13 and later"), "{}", note.message);
    assert_eq!(report.findings.iter().filter(|f| f.code == Code::StrictProfile).count(), 1);
}

#[test]
fn a_tool_that_lacks_the_ca_as_well_is_told_that_first() {
    let mut world = behind_a_sloppy_gateway();
    install_python(&mut world, "3.13.0");
    world.seen.files[0].state =
        FileState::File { content: Content::new(world.public_root.certificate().pem()) };
    assert_eq!(codes_of_tool(&world.report(), "3.13.0"), [Code::ToolLacksCa]);
}

#[test]
fn what_only_apple_refuses_is_said_on_macos_alone() {
    for (os, wanted) in [(Os::Linux, false), (Os::Macos, true), (Os::Windows, false)] {
        let mut world = World::new();
        world.seen.platform.os = os;
        let company = world.root("Company Root");
        world.trust(company.certificate(), Origin::Administrator);
        let mut profile = Profile::leaf(&["wiki.intranet.test"]).valid_days(-10, 2000);
        profile.extended_key_usage.clear();
        let chain = company.issue(&profile).unwrap().chain;
        world.ask("wiki.intranet.test", chain);
        world.clean_controls();
        let report = world.report();
        let note = finding(&report, 0, Code::StrictProfile);
        assert_eq!(note.is_some(), wanted, "{os:?}: {note:?}");
        if let Some(note) = note {
            let said = format!("{} {}", note.message, note.evidence.join(" "));
            assert!(said.contains("Apple") && said.contains("825 days"), "{said}");
        }
    }
}

#[test]
fn a_well_made_inspecting_ca_is_refused_by_nobody() {
    let mut world = World::new();
    let company = world.root("Company Root");
    assert_eq!(
        company.certificate().details().unwrap().basic_constraints,
        Some(BasicConstraints { ca: true, path_len: None, critical: true })
    );
    world.trust(company.certificate(), Origin::Administrator);
    world.ask("registry.example", leaf(&company, "registry.example"));
    world.controls_signed_by(&company);
    install_python(&mut world, "3.13.0");
    let report = world.report();
    assert!(report.findings.iter().all(|f| f.code != Code::StrictProfile), "{:#?}", report.findings);
    assert_eq!(codes_of_tool(&report, "3.13.0"), []);
}
