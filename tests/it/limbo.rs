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
    Certificate, Code, Handshake, Host, Observations, Os, Outcome, Platform, Report, RootStore, Stores,
    Target,
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
    for case in suite.cases.iter().filter(|c| c.tier != "divergent") {
        let report = report(&suite, case);
        counted += 1;
        if (report.exit_code() == 0) != (case.expected == "SUCCESS") {
            wrong.push(format!("{}: expected {}, found {:?}", case.id, case.expected, report.findings));
        }
    }
    assert!(wrong.is_empty(), "{} of {counted} cases differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(counted, 451);
}

/// webpki does not look at anchors or key identifiers; strict clients do, so they are told of.
#[test]
fn peculiar_anchors_and_key_identifiers_are_notes_and_not_refusals() {
    let Some(suite) = suite() else { return };
    let about = |id: &str| {
        ["::aki::", "::ski::", "rfc5280::root-", "ca-empty-subject", "extension-root"]
            .iter()
            .any(|p| id.contains(p))
    };
    let mut counted = 0;
    for case in suite.cases.iter().filter(|c| c.tier == "divergent" && about(&c.id)) {
        let report = report(&suite, case);
        let found = &report.targets[0].findings;
        assert!(found.contains(&Code::StrictProfile), "{}: {found:?}", case.id);
        assert_eq!(report.exit_code(), 0, "{}: {found:?}", case.id);
        counted += 1;
    }
    assert_eq!(counted, 17);
}

#[test]
fn every_case_gets_an_answer_and_known_causes_are_named() {
    let Some(suite) = suite() else { return };
    let mut wrong = Vec::new();
    for case in &suite.cases {
        let report = report(&suite, case);
        let codes = &report.targets[0].findings;
        let Some(cause) =
            case.cause.as_deref().filter(|_| case.expected == "FAILURE" && case.tier != "divergent")
        else {
            continue;
        };
        // these two present no intermediate at all, whatever they are about
        let without_issuer = ["ca-missing-basic-constraints", "ica-ku-keycertsign"];
        if without_issuer.iter().any(|id| case.id.ends_with(id)) {
            assert_eq!(codes, &[Code::UnknownIssuer], "{}", case.id);
            continue;
        }
        let fits = |code: &Code| match cause {
            "expired" => *code == Code::Expired,
            "not-yet-valid" => *code == Code::NotYetValid,
            "name-mismatch" => *code == Code::NameMismatch,
            "missing-intermediate" => matches!(code, Code::MissingIntermediate | Code::UnknownIssuer),
            "self-signed" => *code == Code::SelfSigned,
            "unknown-issuer" => matches!(code, Code::UnknownIssuer | Code::UntrustedRoot | Code::SelfSigned),
            "weak-algorithm" => matches!(code, Code::WeakKey | Code::WeakSignature),
            "bad-signature" | "invalid-ca" | "path-length" | "name-constraint" | "wrong-purpose" => {
                *code == Code::InvalidChain
            }
            other => panic!("the suite knows a cause that this test does not: {other}"),
        };
        if !codes.iter().any(fits) {
            wrong.push(format!("{} ({cause}): {codes:?}", case.id));
        }
    }
    assert!(wrong.is_empty(), "{} causes are named otherwise:\n{}", wrong.len(), wrong.join("\n"));
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
