//! The 510 chain cases of x509-limbo, BetterTLS and badssl.com that nobody on this side wrote.
//!
//! The tiers core and webpki must come out as upstream expects; no case may crash.

use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use trustgap::facts::handshake::{Role, TargetLook};
use trustgap::facts::store::{Origin, Root};
use trustgap::facts::{
    Certificate, Handshake, Host, Observations, Os, Outcome, Platform, Report, RootStore, Stores, Target,
};

use crate::support::{shared, skip, skip_even_in_ci, tool};

#[derive(Deserialize)]
struct Suite {
    certs: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    tier: String,
    expected: String,
    host: Option<String>,
    time: Option<String>,
    cause: Option<String>,
    leaf: usize,
    intermediates: Vec<usize>,
    roots: Vec<usize>,
}

#[test]
fn the_public_chain_cases_come_out_as_expected() {
    let Some(suite) = suite() else { return };
    let mut wrong = Vec::new();
    let mut counted = 0;
    for case in &suite.cases {
        let observations = observations(&suite, case);
        let judgement = trustgap::judge::judge(&observations);
        let verdict = &judgement.targets[0].trust.as_ref().expect("a chain").system;
        let accepted = verdict.is_trusted();
        if case.tier == "divergent" {
            continue;
        }
        counted += 1;
        if accepted != (case.expected == "SUCCESS") {
            wrong.push(format!(
                "{}: expected {}, found {:?} {:?} path {:?}",
                case.id, case.expected, verdict.allowances, verdict.hopeless, verdict.path
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {counted} cases differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(counted, 451);
}

fn report(suite: &Suite, case: &Case) -> Report {
    let observations = observations(suite, case);
    let judgement = trustgap::judge::judge(&observations);
    trustgap::diagnose::diagnose(&observations, &judgement)
}

fn observations(suite: &Suite, case: &Case) -> Observations {
    let certificate = |index: &usize| {
        let der = base64::engine::general_purpose::STANDARD
            .decode(&suite.certs[*index])
            .expect("base64 in the suite");
        Certificate::from_der(der)
    };
    let root = |index| Root { certificate: certificate(index), origin: Origin::Unknown, place: None };
    let store = RootStore {
        source: "roots.pem".into(),
        roots: case.roots.iter().map(root).collect(),
        ..RootStore::default()
    };
    let time = case.time.as_ref().map_or_else(OffsetDateTime::now_utc, |text| {
        OffsetDateTime::parse(text, &Rfc3339).expect("RFC 3339 in the suite")
    });
    let host: Host = case.host.as_deref().unwrap_or("example.com").parse().expect("a host in the suite");
    let mut chain = vec![certificate(&case.leaf)];
    chain.extend(case.intermediates.iter().map(certificate));
    let platform = Platform { os: Os::Linux, arch: "x86_64".into(), distribution: Vec::new() };
    let mut observations = Observations::new(time, platform);
    observations.stores = Stores { system: store.clone(), web: store, environment: None };
    let mut look = TargetLook::new(Target::new(host, 443), Role::Saved, Outcome::Completed);
    look.handshake = Some(Handshake { chain, ..Handshake::default() });
    observations.targets.push(look);
    observations
}

fn suite() -> Option<Suite> {
    let folder = std::env::var_os("TRUSTGAP_LIMBO").map(PathBuf::from).or_else(|| shared("suites/limbo"));
    let Some(file) = folder.map(|f| f.join("cases.json.gz")).filter(|f| f.is_file()) else {
        skip_even_in_ci("the limbo suite is not beside the project (TRUSTGAP_LIMBO names it)");
        return None;
    };
    let Some(gzip) = tool("gzip") else {
        skip("gzip is not installed");
        return None;
    };
    let unpacked = Command::new(gzip).arg("-dc").arg(file).output().expect("gzip starts");
    Some(serde_json::from_slice(&unpacked.stdout).expect("the suite is JSON"))
}
