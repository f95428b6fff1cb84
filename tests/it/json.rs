//! `--json`: one document, as docs/report.schema.json says.

use serde_json::json;
use trustgap::lab::Mint;

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
fn the_schema_knows_every_code() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("the schema is JSON");
    let listed: Vec<_> =
        schema["$defs"]["code"]["enum"].as_array().expect("codes").iter().map(|c| c.as_str()).collect();
    let known: Vec<_> = trustgap::facts::Code::ALL.iter().map(|code| Some(code.as_str())).collect();
    assert_eq!(listed, known);
}
