//! The matrix of versions in the answer, of the lab's servers and of OpenSSL's own in several set-ups.

use serde_json::Value;

use super::{Place, detour, documented};
use crate::support::openssl::{Server, mint};
use crate::support::{Sandbox, skip, tool};

const NAME: &str = "old.fabrikam.example";

fn matrix(document: &Value) -> [String; 4] {
    ["tls1.0", "tls1.1", "tls1.2", "tls1.3"].map(|v| document["versions"][v].as_str().unwrap().to_owned())
}

#[test]
fn each_server_of_the_lab_gets_its_answers() {
    let place = Place::full();
    let (yes, no, cut, silent, not) = ("accepted", "refused", "reset", "silent", "not-examined");
    for (host, versions, staple, code) in [
        ("www.fabrikam.example", [no, no, yes, yes], Some("none"), 0),
        ("tls12.example", [no, no, yes, no], Some("none"), 0),
        ("tls13.example", [no, no, no, yes], Some("none"), 0),
        ("tls10.test", [yes, no, no, no], Some("none"), 1),
        ("outdated.test", [no; 4], None, 1),
        ("reset.test", [cut; 4], None, 1),
        ("silent.test", [silent; 4], None, 3),
        ("closed.test", [not; 4], None, 3),
        ("plain.test", [not; 4], None, 1),
        ("registry.fabrikam.example", [no, no, yes, yes], Some("none"), 1),
    ] {
        let run = place.probe(host, &["--json"]).output();
        let document = documented(&run);
        assert_eq!(matrix(&document), versions, "{host}");
        assert_eq!(document["staple"]["status"].as_str(), staple, "{host}");
        assert_eq!(document["servers"][0]["versions"], document["versions"], "{host}");
        assert_eq!(run.code, Some(code), "{host}");
    }
}

#[test]
fn several_servers_stand_beside_each_other() {
    let place = Place::full();
    let document = place.json("tls12.example", &["tls13.example", "tls10.test"]);
    let hosts: Vec<&str> =
        document["servers"].as_array().unwrap().iter().map(|s| s["host"].as_str().unwrap()).collect();
    assert_eq!(hosts, ["tls12.example", "tls13.example", "tls10.test"]);
    assert_eq!(document["servers"][2]["versions"]["tls1.0"], "accepted");
    assert_eq!(document.get("versions"), None, "which server's would it be?");
    let text = place.probe("tls12.example", &["tls13.example"]).output().stdout;
    assert!(text.contains("TLS versions: tls12.example") && text.contains("Chain: tls13.example"), "{text}");
}

#[test]
fn openssl_is_seen_as_it_was_set_up_and_advised() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    let parameters = sandbox.program(&openssl).args(["genpkey", "-genparam", "-algorithm", "DH"]);
    let parameters = parameters.args(["-pkeyopt", "group:modp_1536", "-out", "dh.pem"]).folder(&folder);
    assert_eq!(parameters.output().code, Some(0));
    let (yes, no) = ("accepted", "refused");
    for (set_up, versions, advice) in [
        (&["-tls1_2"][..], [no, no, yes, no], &["TLS 1.3 is not accepted"][..]),
        (&["-tls1_3"], [no, no, no, yes], &[]),
        (
            &["-no_tls1_3", "-cipher", "AES128-SHA:@SECLEVEL=0"],
            [yes, yes, yes, no],
            &["TLS 1.0 and TLS 1.1 are deprecated (RFC 8996)", "RSA key exchange only", "TLS 1.3 is not"],
        ),
        (
            &["-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", "dh.pem"],
            [no, no, yes, no],
            &["1536 bits; 2048 are the least", "TLS 1.3 is not"],
        ),
        (
            &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
            [no, yes, no, no],
            &["TLS 1.1 is deprecated (RFC 8996), and nothing newer is accepted"],
        ),
    ] {
        let server = Server::start(&openssl, &folder, set_up);
        let run = sandbox
            .trustgap()
            .args(["probe", NAME, "--proxy=none", "--controls=none", "--tool=none", "--json"])
            .arg(detour(NAME, server.address))
            .output();
        let document = documented(&run);
        assert_eq!(matrix(&document), versions, "{set_up:?}");
        let said: Vec<&str> = document["servers"][0]["advice"]
            .as_array()
            .map(|all| all.iter().map(|a| a.as_str().unwrap()).collect())
            .unwrap_or_default();
        assert_eq!(said.len(), advice.len(), "{set_up:?}: {said:?}");
        for (said, wanted) in said.iter().zip(advice) {
            assert!(said.contains(wanted), "{set_up:?}: {said}");
        }
        assert_ne!(document["targets"][0]["inspection"], "inspected", "{set_up:?}");
    }
}

#[test]
fn a_refusal_says_with_which_alert() {
    let place = Place::full();
    let answers = &place.json("outdated.test", &[])["servers"][0]["answers"];
    assert_eq!(answers["tls1.3"]["alert"], serde_json::json!({ "number": 70, "name": "protocol_version" }));
    let answers = &place.json("tls10.test", &[])["servers"][0]["answers"];
    assert_eq!(answers["tls1.2"]["downgraded_to"], "tls1.0");
    let text = place.probe("picky.test", &[]).output().stdout;
    assert!(text.contains("TLS 1.2  refused       alert 40, handshake_failure"), "{text}");
}
