//! The programs of this machine and one server: their own ClientHellos, heard for real.

use serde_json::Value;

use super::{Place, detour, documented};
use crate::support::openssl::{Server, mint};
use crate::support::{Sandbox, skip, tool};

const NAME: &str = "old.fabrikam.example";

fn rows<'a>(document: &'a Value, id: &str) -> Vec<&'a Value> {
    document["servers"][0]["meetings"].as_array().unwrap().iter().filter(|m| m["tool"] == id).collect()
}

#[test]
fn real_programs_are_heard_and_put_before_the_server() {
    let place = Place::full();
    let ids = [("node", "node"), ("python", "python3"), ("curl", "curl"), ("java", "java")];
    let here: Vec<&str> =
        ids.iter().filter(|(_, program)| tool(program).is_some()).map(|(id, _)| *id).collect();
    if here.len() < ids.len() {
        skip("node, python3, curl and java are not all installed");
    }
    if here.is_empty() {
        return;
    }
    let only = format!("--tool={}", here.join(","));
    let modern = place.json("www.fabrikam.example", &[&only]);
    let old = place.json("tls10.test", &[&only]);
    for id in here {
        let (modern, old) = (rows(&modern, id), rows(&old, id));
        assert!(!modern.is_empty(), "{id} is on PATH");
        for row in modern {
            let why = row["unheard"].as_str().unwrap_or_default();
            assert_eq!(row["offer"]["highest"], "tls1.3", "{id}: {why}");
            assert!(row["offer"]["lowest"].is_string(), "{id}");
            assert_eq!(row["answer"]["result"], "agreed", "{id}");
            assert_eq!(row["answer"]["version"], "tls1.3", "{id}");
            assert_eq!(row["without_old_versions"], true, "{id}");
            assert!(row["chain"]["result"].is_string(), "{id}");
        }
        for row in old {
            // whether a program still takes TLS 1.0 is its own affair; without it nothing is left
            let takes = row["offer"]["lowest"] == "tls1.0";
            assert_eq!(row["answer"]["result"] == "agreed", takes, "{id}: {row}");
            assert_eq!(row["without_old_versions"], false, "{id}");
        }
    }
}

#[test]
fn what_a_server_refuses_is_told_per_program() {
    let (Some(openssl), Some(_)) = (tool("openssl"), tool("node")) else {
        return skip("openssl and node are not both installed");
    };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    let roots = format!("{}/chain.pem", folder.display());
    let probe = |set_up: &[&str], more: &[&str]| {
        let server = Server::start(&openssl, &folder, set_up);
        sandbox
            .trustgap()
            .args(["probe", NAME, "--proxy=none", "--controls=none", "--tool=node", "--timeout=20"])
            .args([format!("--system-roots={roots}"), format!("--web-roots={roots}")])
            .arg(detour(NAME, server.address))
            .args(more)
            .output()
    };
    // cipher suites that Node.js does not have
    let run = probe(&["-tls1_2", "-cipher", "CAMELLIA128-SHA:@SECLEVEL=0"], &["--json"]);
    let document = documented(&run.exits(1));
    let row = rows(&document, "node")[0].clone();
    assert_eq!(row["answer"]["result"], "refused", "{row}");
    assert_eq!(row["answer"]["alert"]["number"], 40, "{row}");
    assert_eq!(row["chain"]["result"], "trusted", "node's own roots are the web roots here: {row}");

    let text = probe(&["-tls1_3"], &[]).exits(0).stdout;
    assert!(text.contains("TLS 1.3    1.2-1.3  yes"), "{text}");
}

#[test]
fn nobody_is_started_for_a_server_that_is_not_there() {
    let place = Place::full();
    let document = place.json("closed.test", &["--tool=curl,python"]);
    assert_eq!(document["servers"][0].get("meetings"), None);
    let text = place.probe("closed.test", &["--tool=curl"]).output().exits(3).stdout;
    assert!(text.contains("not examined: the server did not answer to TLS"), "{text}");
}
