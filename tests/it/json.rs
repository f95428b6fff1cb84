//! `--json`: one document, as docs/report.schema.json says.

use serde_json::json;
use trustgap::facts::Code;
use trustgap::facts::report::Verdict;
use trustgap::lab::{Mint, Network};

use crate::support::{Sandbox, assert_documented, check};

#[test]
fn a_check_is_documented() {
    let sandbox = Sandbox::new();
    let root = Mint::now().root("Json Root").expect("a root");
    let roots = sandbox.file("roots.pem", root.certificate().pem());
    let chain = sandbox.file("chain.pem", root.leaf(&["www.json.example"]).expect("a leaf").chain_pem());
    let run = sandbox
        .trustgap()
        .args(["--json", "--host=www.json.example"])
        .arg(format!("--chain={}", chain.display()))
        .arg(format!("--system-roots={}", roots.display()))
        .arg(format!("--web-roots={}", roots.display()))
        .output()
        .exits(0);
    let mut document = run.json();
    assert_documented(&document, "report");
    assert_eq!(document["targets"][0]["verdict"], "ok");
    assert_eq!(document["targets"][0]["system"]["trusted"], true);

    // the schema would be worth nothing if it let everything pass
    document["targets"][0]["surprise"] = json!(1);
    assert!(check(&document, "report").is_err());
}

#[test]
fn what_is_said_about_tools_and_findings_is_documented() {
    let sandbox = Sandbox::new();
    let ca = sandbox.file("ca.pem", Mint::now().root("Json Root").expect("a root").certificate().pem());
    let tools = sandbox.trustgap().args(["tools", "--json"]).env("SSL_CERT_FILE", &ca).output();
    assert_documented(&tools.json(), "report");
    let rows = tools.json()["tools"].as_array().map_or(0, Vec::len);
    assert!(rows > 0, "a machine without a single tool proves nothing");

    for code in Code::ALL {
        let page = sandbox.trustgap().args(["explain", code.as_str(), "--json"]).output().exits(0).json();
        assert_documented(&page, "explained");
        assert_eq!(page["code"], code.as_str());
    }
    let all = sandbox.trustgap().args(["explain", "--json"]).output().exits(0).json();
    assert_documented(&all, "explained");
    assert_eq!(all["codes"], json!(Code::ALL));
}

#[test]
fn the_schema_knows_every_code() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("the schema is JSON");
    let listed: Vec<_> =
        schema["$defs"]["code"]["enum"].as_array().expect("codes").iter().map(|c| c.as_str()).collect();
    let known: Vec<_> = Code::ALL.iter().map(|code| Some(code.as_str())).collect();
    assert_eq!(listed, known);
}

#[test]
fn what_is_exported_and_set_and_proved_is_documented() {
    let network = Network::start().expect("the lab");
    let sandbox = Sandbox::new();
    let lab = sandbox.in_lab(&network);
    let host = network
        .endpoints
        .iter()
        .find(|e| e.verdict == Verdict::Found(Code::TlsInspected))
        .expect("inspected");
    let run = |arguments: &[&str]| {
        let target = host.target.to_string();
        sandbox.trustgap().args(arguments).arg(target).arg("--json").args(&lab).output()
    };
    let trust = ["--fingerprint", &network.authorities.gateway_ca.certificate().fingerprint().to_string()]
        .map(str::to_owned);
    let trust = [trust[0].as_str(), trust[1].as_str()];
    for (command, definition) in [("export", "exported"), ("env", "settings"), ("verify", "verification")] {
        let mut arguments = vec![command, trust[0], trust[1]];
        if command == "verify" {
            arguments.extend(["--tool", "openssl"]);
        }
        let run = run(&arguments);
        assert_documented(&run.json(), definition);
    }
    let wrong = ["--fingerprint", &"00".repeat(32)];
    let refused = run(&["export", wrong[0], wrong[1]]).exits(1);
    assert_documented(&refused.json(), "exported");
    assert_eq!(refused.json()["written"], json!([]));
}
