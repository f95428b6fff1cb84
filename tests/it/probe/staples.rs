//! OCSP staples that OpenSSL's own responder makes and its own server sends.

use std::path::Path;

use serde_json::Value;

use super::{detour, documented};
use crate::support::openssl::Server;
use crate::support::{Sandbox, skip, tool};

const NAME: &str = "stapled.fabrikam.example";

/// A CA, a certificate for [`NAME`] (demanding a staple or not), and a response with this status: V good, R revoked.
fn make(sandbox: &Sandbox, openssl: &Path, demanding: bool, status: &str, lasting: &[&str]) {
    let folder = sandbox.path();
    let run = |arguments: &[&str]| {
        let made = sandbox.program(openssl).args(arguments).folder(folder).output();
        assert_eq!(made.code, Some(0), "{arguments:?}: {}", made.text());
        made.stdout
    };
    run(&[
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout", "ca.key", "-out", "ca.pem",
    ]
    .into_iter()
    .chain(["-subj", "/CN=Stapling CA"])
    .collect::<Vec<_>>());
    run(&[
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "key.pem",
        "-out",
        "leaf.csr",
        "-subj",
        "/CN=stapled",
    ]);
    let feature = if demanding { "tlsfeature=status_request\n" } else { "" };
    sandbox.file("ext", format!("subjectAltName=DNS:{NAME}\nextendedKeyUsage=serverAuth\n{feature}"));
    run(&[
        "x509",
        "-req",
        "-in",
        "leaf.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-set_serial",
        "0x1234",
        "-days",
        "20",
    ]
    .into_iter()
    .chain(["-extfile", "ext", "-out", "leaf.pem"])
    .collect::<Vec<_>>());
    let both = ["leaf.pem", "ca.pem"].map(|f| std::fs::read_to_string(folder.join(f)).unwrap()).concat();
    sandbox.file("chain.pem", both);
    if status.is_empty() {
        return;
    }
    let revoked = if status == "R" { "261101000000Z,keyCompromise" } else { "" };
    sandbox.file("index", format!("{status}\t400101000000Z\t{revoked}\t1234\tunknown\t/CN=stapled\n"));
    run(&[
        "ocsp", "-index", "index", "-CA", "ca.pem", "-rsigner", "ca.pem", "-rkey", "ca.key", "-issuer",
        "ca.pem",
    ]
    .into_iter()
    .chain(["-cert", "leaf.pem", "-respout", "response.der", "-noverify"])
    .chain(lasting.iter().copied())
    .collect::<Vec<_>>());
}

#[test]
fn each_kind_of_staple_is_told() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let stapling = &["-status_file", "response.der"][..];
    for (demanding, status, lasting, server, wanted, sound, words, code) in [
        (false, "V", &["-ndays", "2"][..], stapling, "good", Some(true), "good: the CA has not revoked", 0),
        (false, "R", &["-ndays", "2"], stapling, "revoked", Some(true), "revoked", 1),
        (true, "", &[], &[], "none", None, "The certificate demands one", 1),
        (false, "", &[], &[], "none", None, "several public CAs", 0),
    ] {
        let sandbox = Sandbox::new();
        make(&sandbox, &openssl, demanding, status, lasting);
        let arguments: Vec<&str> = server.iter().copied().chain(["-cert_chain", "ca.pem"]).collect();
        let server = Server::start(&openssl, sandbox.path(), &arguments);
        let roots = format!("{}/ca.pem", sandbox.path().display());
        let probe = |more: &[&str]| {
            sandbox
                .trustgap()
                .args(["probe", NAME, "--proxy=none", "--controls=none", "--tool=none"])
                .args([format!("--system-roots={roots}"), format!("--web-roots={roots}")])
                .arg(detour(NAME, server.address))
                .args(more)
                .output()
        };
        let document = documented(&probe(&["--json"]));
        assert_eq!(document["staple"]["status"], wanted, "{document:#}");
        assert_eq!(document["staple"]["sound"].as_bool(), sound, "{wanted}");
        assert_eq!(document["staple"]["demanded"], demanding);
        if wanted == "good" {
            let has = |key: &str| matches!(document["staple"][key], Value::String(_));
            assert!(has("responder") && has("produced_at") && has("this_update") && has("next_update"));
        }
        let text = probe(&[]).exits(code).stdout;
        assert!(text.contains(words), "{text}");
    }
}
