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
