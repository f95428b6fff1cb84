//! Every endpoint of the lab through the real program: each verdict is exactly the endpoint's truth, and nothing else
//! is ever called inspected.

use serde_json::Value;
use trustgap::facts::Code;
use trustgap::facts::report::Verdict;
use trustgap::lab::{Endpoint, Network};

use crate::support::Sandbox;

#[test]
fn every_endpoint_gets_exactly_its_verdict() {
    let network = Network::start().unwrap();
    let sandbox = Sandbox::new();
    let mut wrong = Vec::new();

    let (direct, proxied): (Vec<_>, Vec<_>) = network.endpoints.iter().partition(|e| e.proxy.is_none());
    let report = look(&sandbox, &network, &direct, "none");
    for endpoint in direct {
        compare(endpoint, &report, &mut wrong);
    }
    for endpoint in proxied {
        let proxy = endpoint.proxy.clone().unwrap_or_default();
        compare(endpoint, &look(&sandbox, &network, &[endpoint], &proxy), &mut wrong);
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        network.endpoints.len(),
        wrong.join("\n")
    );
}

/// What the lab cannot be alone: a condition of a whole network, a key that no library makes any more, a machine.
const ELSEWHERE: &[(Code, &str)] = &[
    (Code::CaptivePortal, include_str!("worlds.rs")),
    (Code::ClockSkew, include_str!("worlds.rs")),
    (Code::KnownBadCa, include_str!("worlds.rs")),
    (Code::NameNotResolved, include_str!("worlds.rs")),
    (Code::ProxyRequired, include_str!("detours.rs")),
    // said where programs insist on asking, which is on Windows: judged as a value there
    (Code::RevocationUnavailable, include_str!("judging/revocation.rs")),
    (Code::StrictProfile, include_str!("real_servers/mitmproxy.rs")),
    (Code::Unreachable, include_str!("worlds.rs")),
    (Code::WeakKey, include_str!("real_servers/openssl.rs")),
    (Code::WeakSignature, include_str!("real_servers/openssl.rs")),
];

#[test]
fn every_code_about_the_network_is_met_by_the_program_on_a_real_socket() {
    let network = Network::start().unwrap();
    for code in Code::ALL.iter().filter(|code| !code.as_str().starts_with("tool-")) {
        let in_lab = network.endpoints.iter().any(|e| e.verdict == Verdict::Found(*code));
        let elsewhere = ELSEWHERE.iter().find(|(known, _)| known == code);
        let named = [format!("\"{}\"", code.as_str()), format!("Code::{code:?}")];
        let proved = elsewhere.is_some_and(|(_, story)| named.iter().any(|name| story.contains(name)));
        assert!(in_lab || proved, "no endpoint is {}", code.as_str());
    }
}

fn look(sandbox: &Sandbox, network: &Network, endpoints: &[&Endpoint], proxy: &str) -> Value {
    let run = sandbox
        .trustgap()
        .arg("check")
        .args(endpoints.iter().map(|e| e.target.to_string()))
        .args(sandbox.in_lab(network))
        .args(["--json", "--timeout=1.5", &format!("--proxy={proxy}")])
        .output();
    assert!(matches!(run.code, Some(0 | 1 | 3)), "{}", run.text());
    assert!(!run.text().contains("s3cret"), "a proxy's password is never shown: {}", run.text());
    run.json()
}

fn compare(endpoint: &Endpoint, report: &Value, wrong: &mut Vec<String>) {
    let host = endpoint.target.host.to_string();
    let wanted = match endpoint.verdict {
        Verdict::Ok => "ok",
        Verdict::Found(code) => code.as_str(),
    };
    let target = report["targets"].as_array().and_then(|all| all.iter().find(|t| t["host"] == *host));
    let Some(target) = target else {
        return wrong.push(format!("{host} ({}): not in the report", endpoint.story));
    };
    if target["verdict"] != wanted {
        let codes = target["findings"].to_string();
        wrong.push(format!(
            "{host} ({}): wanted {wanted}, got {} of {codes}",
            endpoint.story, target["verdict"]
        ));
    }
    let inspected =
        matches!(endpoint.verdict, Verdict::Found(Code::TlsInspected | Code::InspectionCaNotInstalled));
    if !inspected && target["inspection"] == "inspected" {
        wrong.push(format!("{host} ({}): called inspected", endpoint.story));
    }
}
