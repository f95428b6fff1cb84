//! One server in depth: `probe`, through the real program.

use serde_json::Value;
use trustgap::lab::Network;

use crate::support::{Command, Sandbox, assert_documented};

/// The program, ready to look at a host of the lab alone, without tools.
fn probe(sandbox: &Sandbox, network: &Network, host: &str) -> Command {
    sandbox
        .trustgap()
        .args(["probe", host, "--tool=none", "--proxy=none", "--timeout=2"])
        .args(sandbox.in_lab(network))
}

fn json(sandbox: &Sandbox, network: &Network, host: &str) -> Value {
    let document = probe(sandbox, network, host).arg("--json").output().json();
    assert_documented(&document, "probe");
    document
}

#[test]
fn each_server_of_the_lab_gets_its_answers() {
    let network = Network::start().unwrap();
    let sandbox = Sandbox::new();
    let (yes, no, closed, silent, not) = ("accepted", "refused", "reset", "silent", "not-examined");
    for (host, versions, staple) in [
        ("www.fabrikam.example", [no, no, yes, yes], Some("none")),
        ("tls12.example", [no, no, yes, no], Some("none")),
        ("tls13.example", [no, no, no, yes], Some("none")),
        ("tls10.test", [yes, no, no, no], Some("none")),
        ("outdated.test", [no; 4], None),
        ("reset.test", [closed; 4], None),
        ("silent.test", [silent; 4], None),
        ("closed.test", [not; 4], None),
        ("plain.test", [not; 4], None),
    ] {
        let document = json(&sandbox, &network, host);
        let matrix = ["tls1.0", "tls1.1", "tls1.2", "tls1.3"].map(|v| document["versions"][v].clone());
        assert_eq!(matrix, versions, "{host}");
        assert_eq!(document["staple"]["status"].as_str(), staple, "{host}");
        assert_eq!(document["servers"][0]["versions"], document["versions"], "{host}");
    }
}
