//! The chain in the answer, and the chain file that a server should send.

use serde_json::{Value, json};
use trustgap::facts::Certificate;
use trustgap::lab::mint::Profile;
use trustgap::lab::{Identity, Site};

use super::{Place, documented};
use crate::support::web::{Web, answer};
use crate::support::{Sandbox, skip, tool};

const HOST: &str = "shop.fabrikam.example";
const URL: &str = "http://ca.example/issuing.cer";

/// A place with a shop that sends its own certificate alone, which says where its issuer is.
fn forgetful() -> (Place, Identity) {
    let mut place = Place::new();
    let profile = Profile { issuer_url: Some(URL.to_owned()), ..Profile::public_leaf(&[HOST]) };
    let leaf = place.network.authorities.public_issuer.issue(&profile).unwrap();
    place.serve(HOST, leaf.clone());
    (place, leaf)
}

/// A web server that has the shop's intermediate.
fn web(place: &Place) -> Web {
    let der = place.network.authorities.public_issuer.certificate().der().to_vec();
    Web::new(move |url| match url {
        URL => answer("200 OK", "", &der),
        _ => answer("404 Not Found", "", ""),
    })
}

fn names(document: &Value, key: &str) -> Vec<String> {
    let links = document["servers"][0]["chain"].as_array().unwrap();
    links.iter().filter(|l| l.get(key).is_some()).map(|l| l["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_odd_about_each_chain_is_told() {
    let place = Place::full();
    for (host, remarks) in [
        ("www.fabrikam.example", json!([null, null, null])),
        ("root-included.example", json!([null, null, ["root-included"]])),
        ("twice.example", json!([null, null, ["duplicate"], ["duplicate"], null])),
        ("extra.example", json!([null, null, ["unrelated"], null])),
        ("swapped.example", json!([null, ["out-of-order"], null, null])),
        ("jumbled.example", json!([null, ["out-of-order", "root-included"], null])),
    ] {
        let document = place.json(host, &[]);
        let chain = document["servers"][0]["chain"].as_array().unwrap();
        let told: Vec<Value> = chain.iter().map(|link| link["remarks"].clone()).collect();
        assert_eq!(json!(told), remarks, "{host}: {chain:#?}");
        let path = &document["servers"][0]["paths"][0];
        assert_eq!(path["trusted"], true, "{host}");
        assert_eq!(path["stores"], json!(["system", "web"]), "{host}");
        assert_eq!(chain[0]["is_for_host"], true, "{host}");
        assert_eq!(chain[0]["certificate_timestamps"], 2, "{host}");
    }
    let inspected = place.json("registry.fabrikam.example", &[]);
    let ends: Vec<&Value> =
        inspected["servers"][0]["paths"].as_array().unwrap().iter().map(|p| &p["trusted"]).collect();
    assert_eq!(
        json!(ends),
        json!([true, false]),
        "the system store has the gateway's CA, the web roots have not"
    );
    assert_eq!(inspected["servers"][0]["chain"][0]["certificate_timestamps"], 0);
}

#[test]
fn a_missing_intermediate_is_fetched_drawn_and_written() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let (place, _) = forgetful();
    let web = web(&place);
    let file = place.sandbox.path().join("chain.pem");
    let fix = format!("--fix-chain={}", file.display());
    let run = place.probe(HOST, &[&web.instead_of("ca.example"), &fix]).output().exits(1);
    for words in [
        "NOT SENT  Public Trust Issuing 1",
        "the server should send it",
        URL,
        "written  ",
        "1 intermediate, no root",
    ] {
        assert!(run.stdout.contains(words), "`{words}`: {}", run.text());
    }
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written.matches("BEGIN CERTIFICATE").count(), 2);

    // OpenSSL is satisfied with it, and was not without it
    let root = place.sandbox.file("root.pem", place.network.authorities.public_root.certificate().pem());
    let leaf = place.sandbox.file("leaf.pem", place_leaf(&written));
    let verify = |untrusted: bool| {
        let mut command = place.sandbox.program(&openssl).args(["verify", "-CAfile"]).arg(&root);
        if untrusted {
            command = command.arg("-untrusted").arg(&file);
        }
        command.arg(&leaf).output()
    };
    assert_ne!(verify(false).code, Some(0));
    assert_eq!(verify(true).code, Some(0), "{}", verify(true).text());

    let document = place.json(HOST, &[&web.instead_of("ca.example")]);
    assert_eq!(document["servers"][0]["chain_to_send"], written);
    assert_eq!(names(&document, "position"), [HOST]);
    let printed = place.probe(HOST, &[&web.instead_of("ca.example"), "--fix-chain=-"]).output().exits(1);
    assert_eq!(printed.stdout, written, "nothing else goes to a pipe");
    assert!(printed.stderr.contains("NOT SENT"), "{}", printed.text());
    let run = place.probe(HOST, &[&web.instead_of("ca.example"), &fix, "--json"]).output();
    assert_eq!(documented(&run)["written"]["path"], file.display().to_string());
}

/// The first certificate of a file.
fn place_leaf(chain: &str) -> String {
    let end = "-----END CERTIFICATE-----\n";
    chain.split_inclusive(end).next().unwrap().to_owned()
}

#[test]
fn curl_connects_to_a_server_that_sends_the_written_file() {
    let Some(curl) = tool("curl") else { return skip("curl is not installed") };
    let (place, mut own) = forgetful();
    let web = web(&place);
    let file = place.sandbox.path().join("chain.pem");
    place
        .probe(HOST, &[&web.instead_of("ca.example"), &format!("--fix-chain={}", file.display())])
        .output()
        .exits(1);
    let chain = trustgap::facts::pem::read_chain(&std::fs::read(&file).unwrap()).certificates;
    let root = place.sandbox.file("root.pem", place.network.authorities.public_root.certificate().pem());
    let fetch = |address: std::net::SocketAddr| {
        place
            .sandbox
            .program(&curl)
            .args(["-sS", "--max-time", "20", "-o"])
            .arg(if cfg!(windows) { "NUL" } else { "/dev/null" })
            .arg("--cacert")
            .arg(&root)
            .args([format!("https://{HOST}/"), "--connect-to".to_owned(), format!("{HOST}:443:{address}")])
            .output()
    };
    let broken = place.network.endpoint(HOST).unwrap().address;
    assert_ne!(fetch(broken).code, Some(0), "the chain is incomplete");
    own.chain = chain;
    let mended = Site::tls(own).start().unwrap();
    let run = fetch(mended.address());
    assert_eq!(run.code, Some(0), "{}", run.text());
}

#[test]
fn a_chain_in_disorder_is_put_in_order_and_the_root_left_out() {
    let place = Place::full();
    for (host, count) in [
        ("swapped.example", 3),
        ("jumbled.example", 2),
        ("twice.example", 2),
        ("extra.example", 2),
        ("root-included.example", 2),
        ("www.fabrikam.example", 2),
        ("cross-signed.example", 2),
    ] {
        let chain = place.json(host, &[])["servers"][0]["chain_to_send"].as_str().unwrap().to_owned();
        let certificates = trustgap::facts::pem::read_chain(chain.as_bytes()).certificates;
        assert_eq!(certificates.len(), count, "{host}");
        for pair in certificates.windows(2) {
            assert_eq!(trustgap::judge::signed_by(&pair[0], &pair[1]), Some(true), "{host}");
        }
        assert!(certificates.iter().all(|c| !c.is_self_issued()), "{host}: no root");
    }
}

#[test]
fn what_is_not_known_is_not_written() {
    let place = Place::full();
    for (host, code, words) in [
        ("lost.test", 1, "which signed the server's certificate, was neither sent nor found"),
        ("registry.fabrikam.example", 1, "a gateway's certificate came in place of the server's own"),
        ("forged.example", 1, "the signature of certificate"),
        ("closed.test", 3, "no certificate of the server was seen"),
    ] {
        let file = place.sandbox.path().join("chain.pem");
        let run = place.probe(host, &[&format!("--fix-chain={}", file.display())]).output().exits(code);
        assert!(
            run.stderr.contains("was not written") && run.stderr.contains(words),
            "{host}: {}",
            run.text()
        );
        assert!(!file.exists(), "{host}");
        let run = place.probe(host, &["--fix-chain=-"]).output().exits(code);
        assert_eq!(run.stdout, "", "{host}");
    }
}

#[test]
fn an_intermediate_that_has_ended_is_not_written_and_another_way_upwards_is_kept() {
    let mut place = Place::new();
    let public = place.network.authorities.public_root.clone();
    let old = public.subordinate_of(&Profile::intermediate("Public Trust Old").valid_days(-900, -9)).unwrap();
    place.serve("ended.example", old.leaf(&["ended.example"]).unwrap().with(&[old.certificate()]));
    let elder = place.network.authorities.mint.root("Elder Root").unwrap();
    let issuer = place.network.authorities.public_issuer.clone();
    for (host, until, kept) in [("crossed.example", 900, true), ("outworn.example", -9, false)] {
        let cross = elder.cross_sign(&public, &Profile::intermediate("").valid_days(-900, until)).unwrap();
        let leaf = issuer.leaf(&[host]).unwrap().with(&[issuer.certificate(), &cross, elder.certificate()]);
        place.serve(host, leaf);
        let written = place.json(host, &[])["servers"][0]["chain_to_send"].as_str().unwrap().to_owned();
        let sent = trustgap::facts::pem::read_chain(written.as_bytes()).certificates;
        assert_eq!((sent.len(), sent.contains(&cross)), (if kept { 3 } else { 2 }, kept), "{host}");
    }
    let run = place.probe("ended.example", &["--fix-chain=-"]).output().exits(1);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("\"Public Trust Old\" is not valid at this time"), "{}", run.text());
}

#[test]
fn wrong_use_is_refused_with_a_sentence() {
    let sandbox = Sandbox::new();
    for (arguments, words) in [
        (&["probe"][..], "TARGET"),
        (&["probe", "a.example", "--fix-chain=-", "--json"], "both want standard output"),
        (&["probe", "a.example", "--tool=nonsense"], "`nonsense` is not a tool"),
        (&["probe", "--chain", "x.pem"], "--host"),
    ] {
        let run = sandbox.trustgap().args(arguments).output().exits(2);
        assert!(run.stderr.contains(words) && run.stdout.is_empty(), "{arguments:?}: {}", run.text());
    }
    let place = Place::full();
    let run = place.probe("www.fabrikam.example", &["tls12.example", "--fix-chain=x"]).output().exits(2);
    assert!(run.stderr.contains("of one server"), "{}", run.text());
}

#[test]
fn a_saved_chain_is_judged_without_any_network() {
    let place = Place::new();
    let authorities = &place.network.authorities;
    let leaf = authorities.public_issuer.leaf(&[HOST]).unwrap();
    let roots = authorities.public_root.certificate();
    let roots = place
        .sandbox
        .file("roots.pem", [roots, authorities.public_issuer.certificate()].map(Certificate::pem).concat());
    let chain = place.sandbox.file("saved.pem", leaf.chain_pem());
    let run = |arguments: &[&str]| {
        place
            .sandbox
            .trustgap()
            .args(["probe", "--host", HOST, "--chain"])
            .arg(&chain)
            .arg(format!("--system-roots={}", roots.display()))
            .arg(format!("--web-roots={}", roots.display()))
            .args(arguments)
            .output()
    };
    let document = documented(&run(&["--json"]));
    for key in ["versions", "staple"] {
        assert_eq!(document.get(key), None, "{key} was not examined");
    }
    assert_eq!(document["servers"][0].get("meetings"), None);
    let text = run(&[]).stdout;
    assert_eq!(text.matches("not examined").count(), 3, "{text}");
    let later = run(&["--at", "2060-01-01"]).exits(1);
    assert!(later.stdout.contains("expired"), "{}", later.text());
}
