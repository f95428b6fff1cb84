//! `check --baseline`: what changed since a record, through the real program against real servers on loopback.

use std::path::Path;

use serde_json::Value;
use trustgap::lab::network::pem;
use trustgap::lab::{Authority, Mint, Service, Site};

use crate::support::{Run, Sandbox, assert_documented};

/// A company's network at one moment: who signs for each host.
struct Moment<'a> {
    sandbox: &'a Sandbox,
    services: Vec<(&'static str, Service)>,
    installed: Vec<&'a Authority>,
    public: &'a Authority,
}

impl<'a> Moment<'a> {
    fn new(
        sandbox: &'a Sandbox,
        public: &'a Authority,
        installed: &[&'a Authority],
        hosts: &[(&'static str, &Authority)],
    ) -> Self {
        let serve = |(host, signer): &(&'static str, &Authority)| {
            let site = Site::tls(signer.leaf(&[*host]).expect("a leaf")).start().expect("a site");
            (*host, site)
        };
        let services = hosts.iter().map(serve).collect();
        Self { sandbox, services, installed: installed.to_vec(), public }
    }

    /// Runs `check` on the hosts that are not controls.
    fn check(&self, more: &[&str]) -> Run {
        let web = vec![self.public.certificate().clone()];
        let installed = self.installed.iter().map(|ca| ca.certificate().clone());
        let system: Vec<_> = web.iter().cloned().chain(installed).collect();
        let system = self.sandbox.file("system.pem", pem(&system));
        let web = self.sandbox.file("web.pem", pem(&web));
        let (controls, asked): (Vec<_>, Vec<_>) =
            self.services.iter().partition(|(host, _)| host.starts_with("www."));
        let names = |some: &[&(&'static str, Service)]| some.iter().map(|(h, _)| *h).collect::<Vec<_>>();
        let detours = self.services.iter().map(|(host, service)| {
            let address = service.address();
            format!("--connect-to={host}:443:{}:{}", address.ip(), address.port())
        });
        self.sandbox
            .trustgap()
            .arg("check")
            .args(names(&asked))
            .arg(format!("--system-roots={}", system.display()))
            .arg(format!("--web-roots={}", web.display()))
            .arg(format!("--controls={}", names(&controls).join(",")))
            .args(detours)
            .arg("--proxy=none")
            .args(more)
            .output()
    }

    fn record(&self, file: &Path) {
        self.check(&["--record", &file.display().to_string()]);
    }

    /// Compares with a record; the document is as the schema says.
    fn since(&self, file: &Path) -> (Value, String) {
        let option = format!("--baseline={}", file.display());
        let document = self.check(&["--json", &option]).json();
        assert_documented(&document, "report");
        let text = self.check(&[&option]).stdout;
        (document, text)
    }
}

/// The one change of this kind.
fn change<'v>(document: &'v Value, kind: &str) -> &'v Value {
    let changes = document["changes"].as_array().expect("changes");
    let mut fitting = changes.iter().filter(|change| change["kind"] == kind);
    let found = fitting.next().unwrap_or_else(|| panic!("no {kind} in {changes:#?}"));
    assert!(fitting.next().is_none(), "{kind} twice: {changes:#?}");
    found
}

const CONTROLS: [&str; 3] = ["www.one.example", "www.two.example", "www.three.example"];

/// The controls, all signed by the same authority, before these hosts.
fn with_controls<'a>(
    signer: &'a Authority,
    hosts: &[(&'static str, &'a Authority)],
) -> Vec<(&'static str, &'a Authority)> {
    hosts.iter().copied().chain(CONTROLS.map(|host| (host, signer))).collect()
}

#[test]
fn a_network_that_begins_to_be_inspected_and_stops_again() {
    let mint = Mint::now();
    let (public, gateway) = (mint.root("Public Root").unwrap(), mint.root("Northwind Gateway").unwrap());
    let sandbox = Sandbox::new();
    let file = sandbox.path().join("before.json");

    let clean = with_controls(&public, &[("registry.example", &public), ("git.example", &public)]);
    let inspected = with_controls(
        &gateway,
        &[("registry.example", &gateway), ("git.example", &public), ("new.example", &gateway)],
    );
    let clean = Moment::new(&sandbox, &public, &[&gateway], &clean);
    clean.record(&file);
    let inspected = Moment::new(&sandbox, &public, &[&gateway], &inspected);
    let (document, text) = inspected.since(&file);
    let begun = change(&document, "now-inspected");
    assert_eq!(
        begun["targets"],
        serde_json::json!([
            "registry.example:443",
            "www.one.example:443",
            "www.two.example:443",
            "www.three.example:443"
        ])
    );
    assert_eq!(begun["before"]["inspection"], "not-inspected");
    assert!(begun["now"]["authority"].as_str().unwrap().contains("Northwind Gateway"));
    assert_eq!(begun["commands"], serde_json::json!(["trustgap env", "trustgap verify"]));
    assert_eq!(change(&document, "new-host")["targets"], serde_json::json!(["new.example:443"]));
    assert_eq!(document["changes"].as_array().unwrap().len(), 2, "git.example is as it was");
    assert!(text.contains("Since 20") && text.contains("not inspected: git.example"), "{text}");

    inspected.record(&file);
    let (document, _) = clean.since(&file);
    let ended = change(&document, "no-longer-inspected");
    assert_eq!(ended["targets"].as_array().unwrap().len(), 4);
    assert!(ended["advice"].as_str().unwrap().contains("stays trusted"));

    let (document, text) = inspected.since(&file);
    assert_eq!(document["changes"], serde_json::json!([]));
    assert!(text.contains("UTC: nothing changed."), "{text}");
    let code = inspected.check(&[&format!("--baseline={}", file.display())]).code;
    assert_eq!(code, inspected.check(&[]).code, "the exit code is that of the present");
}

#[test]
fn an_exchanged_gateway_and_a_rotated_ca_are_told_apart() {
    let mint = Mint::now();
    let public = mint.root("Public Root").unwrap();
    let old = mint.root("Northwind Gateway").unwrap();
    let (renewed, other) = (mint.root("Northwind Gateway").unwrap(), mint.root("Fabrikam Shield").unwrap());
    let sandbox = Sandbox::new();
    let file = sandbox.path().join("before.json");
    let installed = [&old, &renewed, &other];
    Moment::new(&sandbox, &public, &installed, &with_controls(&old, &[("registry.example", &old)]))
        .record(&file);
    for (signer, kind) in [(&renewed, "inspecting-ca-rotated"), (&other, "other-inspector")] {
        let hosts = with_controls(signer, &[("registry.example", signer)]);
        let (document, text) = Moment::new(&sandbox, &public, &installed, &hosts).since(&file);
        let change = change(&document, kind);
        assert_eq!(change["targets"].as_array().unwrap().len(), 4, "{change:#}");
        assert_ne!(change["before"]["authority_sha256"], change["now"]["authority_sha256"]);
        assert!(change["advice"].as_str().unwrap().contains("stale"));
        assert!(text.contains("trustgap verify"), "{text}");
    }
}

#[test]
fn another_issuer_without_inspection_and_another_verdict() {
    let mint = Mint::now();
    let public = mint.root("Public Root").unwrap();
    let (one, two) = (public.subordinate("Issuing One").unwrap(), public.subordinate("Issuing Two").unwrap());
    let sandbox = Sandbox::new();
    let file = sandbox.path().join("before.json");
    let serve = |issuer: &Authority, git: trustgap::lab::Identity| {
        let mut moment = Moment::new(&sandbox, &public, &[], &with_controls(&public, &[]));
        let registry = issuer.leaf(&["registry.example"]).unwrap().with(&[issuer.certificate()]);
        moment.services.push(("registry.example", Site::tls(registry).start().unwrap()));
        moment.services.push(("git.example", Site::tls(git).start().unwrap()));
        moment
    };
    let leaf = || trustgap::lab::Profile::leaf(&["git.example"]);
    serve(&one, public.issue(&leaf()).unwrap()).record(&file);
    let (document, _) = serve(&two, public.issue(&leaf().valid_days(-30, -3)).unwrap()).since(&file);
    let issuer = change(&document, "other-issuer");
    assert_eq!(issuer["targets"], serde_json::json!(["registry.example:443"]));
    assert!(issuer["before"]["issuer"].as_str().unwrap().contains("Issuing One"));
    assert!(issuer["now"]["issuer"].as_str().unwrap().contains("Issuing Two"));
    let verdict = change(&document, "other-verdict");
    assert_eq!(
        (&verdict["before"]["verdict"], &verdict["now"]["verdict"]),
        (&"ok".into(), &"expired".into())
    );
}

#[test]
fn two_inspectors_are_shown_with_their_hosts() {
    let mint = Mint::now();
    let public = mint.root("Public Root").unwrap();
    let (gateway, shield) = (mint.root("Northwind Gateway").unwrap(), mint.root("Fabrikam Shield").unwrap());
    let sandbox = Sandbox::new();
    let mut hosts = with_controls(&gateway, &[("registry.example", &gateway), ("bank.example", &public)]);
    hosts.extend([("www.four.example", &shield), ("www.five.example", &shield)]);
    let text = Moment::new(&sandbox, &public, &[&gateway, &shield], &hosts).check(&[]).stdout;
    for line in [
        "\"Northwind Gateway\": registry.example, www.one.example, www.two.example, www.three.example",
        "\"Fabrikam Shield\": www.four.example, www.five.example",
        "not inspected: bank.example",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_file_that_is_no_record_gets_one_sentence() {
    let sandbox = Sandbox::new();
    let chain = sandbox.file("chain.pem", "");
    let newer = sandbox.file("newer.json", r#"{"record_version": 99, "tool_version": "9.0.0"}"#);
    let report = sandbox.file("report.json", r#"{"schema_version": 1}"#);
    for (file, said) in [
        (sandbox.path().join("none.json"), "none.json"),
        (chain, "cannot be compared with"),
        (newer, "9.0.0"),
        (report, "record_version"),
    ] {
        let run = sandbox
            .trustgap()
            .args(["check", "registry.example", "--controls=none", "--proxy=none"])
            .arg("--connect-to=registry.example:443:127.0.0.1:1")
            .arg(format!("--baseline={}", file.display()))
            .output()
            .exits(2);
        assert!(run.stderr.contains(said), "{}", run.text());
        assert!(run.stdout.is_empty() && run.stderr.lines().count() <= 2, "{}", run.text());
    }
}
