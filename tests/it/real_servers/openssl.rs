//! `openssl s_server` with what other servers no longer do, and `openssl ocsp` as the responder of a CA.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};
use trustgap::lab::mint::Identity;

use super::{Daemon, free_addresses};
use crate::support::openssl::Server;
use crate::support::scene::{Scene, codes, finding, target};
use crate::support::{skip, tool};

pub(super) fn openssl() -> Option<PathBuf> {
    let found = tool("openssl");
    if found.is_none() {
        skip("openssl is not installed");
    }
    found
}

/// Writes `index.txt`, a CA's database as `openssl ca` keeps it: each certificate, and why it was revoked if it was.
pub(super) fn index(scene: &Scene, certificates: &[(&Identity, Option<&str>)]) {
    const TIME: &[BorrowedFormatItem<'_>] =
        format_description!("[year repr:last_two][month][day][hour][minute][second]Z");
    let stamp = |days| (OffsetDateTime::now_utc() + Duration::days(days)).format(TIME).unwrap();
    let mut lines = String::new();
    for (number, (identity, reason)) in certificates.iter().enumerate() {
        let (state, revoked) = match reason {
            None => ('V', String::new()),
            Some(reason) => ('R', format!("{},{reason}", stamp(-3))),
        };
        write!(lines, "{state}\t{}\t{revoked}\t", stamp(60)).unwrap();
        for byte in &identity.leaf().details().unwrap().serial {
            write!(lines, "{byte:02X}").unwrap();
        }
        writeln!(lines, "\tunknown\t/CN=site {number}").unwrap();
    }
    scene.sandbox.file("index.txt", lines);
}

/// Has `NAME.der` made: the responder's answer about `NAME.pem`, by `index.txt`.
pub(super) fn respond(openssl: &Path, scene: &Scene, name: &str) {
    let made = scene
        .sandbox
        .program(openssl)
        .args(["ocsp", "-index", "index.txt", "-CA", "issuer.pem", "-rsigner", "issuer.pem"])
        .args(["-rkey", "issuer.key", "-issuer", "issuer.pem", "-ndays", "5", "-noverify"])
        .args(["-cert", &format!("{name}.pem"), "-respout", &format!("{name}.der")])
        .folder(scene.folder())
        .output();
    assert_eq!(made.code, Some(0), "{}", made.text());
}

fn server(openssl: &Path, scene: &Scene, name: &str, arguments: &[&str]) -> Server {
    let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
    let own = ["-cert", &certificate, "-cert_chain", "issuer.pem", "-key", &key];
    Server::start(openssl, scene.folder(), &[&own, arguments].concat())
}

#[test]
fn staples_are_believed_as_far_as_they_prove_something() {
    let Some(openssl) = openssl() else { return };
    let scene = Scene::new();
    let (good, withdrawn, unlisted) =
        (scene.site("good.example"), scene.site("withdrawn.example"), scene.site("unlisted.example"));
    let demanding =
        scene.leaf("demanding.example", |p| p.must_staple = true).with(&[scene.issuer.certificate()]);
    for (name, identity) in
        [("good", &good), ("withdrawn", &withdrawn), ("unlisted", &unlisted), ("demanding", &demanding)]
    {
        scene.write(name, identity);
    }
    index(&scene, &[(&good, None), (&withdrawn, Some("keyCompromise")), (&demanding, None)]);
    for name in ["good", "withdrawn", "unlisted", "demanding"] {
        respond(&openssl, &scene, name);
    }
    // OCSPResponse { responseStatus tryLater (3) }
    scene.sandbox.file("later.der", [0x30, 3, 10, 1, 3]);
    scene.sandbox.file("cut.der", &std::fs::read(scene.folder().join("good.der")).unwrap()[..200]);

    for (host, response, wanted) in [
        ("good.example", Some("good"), &[][..]),
        ("good.example", None, &[]),
        ("withdrawn.example", Some("withdrawn"), &["revoked"]),
        ("withdrawn.example", None, &[]),
        ("unlisted.example", Some("unlisted"), &["staple-invalid"]),
        ("good.example", Some("later"), &["staple-invalid"]),
        ("good.example", Some("withdrawn"), &["staple-invalid"]),
        ("demanding.example", Some("demanding"), &[]),
        ("demanding.example", None, &["staple-missing"]),
        ("demanding.example", Some("later"), &["staple-invalid"]),
    ] {
        let name = host.split('.').next().unwrap();
        let file = response.map(|r| format!("{r}.der"));
        let arguments: Vec<&str> = file.iter().flat_map(|f| ["-status_file", f.as_str()]).collect();
        for version in ["-tls1_2", "-tls1_3"] {
            let server = server(&openssl, &scene, name, &[&arguments[..], &[version]].concat());
            let report = scene.check_alone(host, server.address);
            assert_eq!(codes(&report, host), wanted, "{host} {response:?} {version}: {report}");
        }
    }
}

#[test]
fn a_staple_grows_old() {
    let Some(openssl) = openssl() else { return };
    let scene = Scene::new();
    let good = scene.site("good.example");
    scene.write("good", &good);
    index(&scene, &[(&good, None)]);
    respond(&openssl, &scene, "good");
    let server = server(&openssl, &scene, "good", &["-status_file", "good.der"]);
    let record = scene.folder().join("seen.json").display().to_string();
    let now = scene.check(
        &[("good.example", server.address)],
        &["--controls=none", "--proxy=none", "good.example", "--record", &record],
    );
    assert_eq!(target(&now, "good.example")["staple"]["status"], "good");
    let judged = |days: i64| {
        let time = (OffsetDateTime::now_utc() + Duration::days(days)).date().to_string();
        let run =
            scene.sandbox.trustgap().args(["check", "--json", "--replay", &record, "--at", &time]).output();
        codes(&run.json(), "good.example")
    };
    assert_eq!(judged(3), [] as [&str; 0]);
    assert_eq!(judged(9), ["staple-invalid"]);
    assert_eq!(judged(-3), ["staple-invalid"], "it is not valid yet");
}

#[test]
fn a_responder_that_runs_is_asked_by_the_server_and_its_answer_is_judged() {
    let Some(openssl) = openssl() else { return };
    let scene = Scene::new();
    let [responder] = free_addresses();
    let url = format!("http://{responder}/");
    let (good, withdrawn) = (scene.site("good.example"), scene.site("withdrawn.example"));
    scene.write("good", &good);
    scene.write("withdrawn", &withdrawn);
    index(&scene, &[(&good, None), (&withdrawn, Some("superseded"))]);
    let port = responder.port().to_string();
    let _responder = Daemon::start_that_says(
        &openssl,
        scene.folder(),
        &[
            "ocsp",
            "-port",
            &port,
            "-index",
            "index.txt",
            "-CA",
            "issuer.pem",
            "-rsigner",
            "issuer.pem",
            "-rkey",
            "issuer.key",
            "-ndays",
            "2",
        ],
        "waiting for OCSP client",
    );
    for (name, host, status, wanted) in [
        ("good", "good.example", "good", &[][..]),
        ("withdrawn", "withdrawn.example", "revoked", &["revoked"]),
    ] {
        let server = server(
            &openssl,
            &scene,
            name,
            &["-status", "-status_url", &url, "-CAfile", "issuer.pem", "-partial_chain"],
        );
        let report = scene.check_alone(host, server.address);
        assert_eq!(target(&report, host)["staple"]["status"], status, "{report}");
        assert_eq!(codes(&report, host), wanted, "{report}");
    }
}

#[test]
fn old_versions_weak_keys_and_odd_demands_are_named() {
    let Some(openssl) = openssl() else { return };
    let scene = Scene::new();
    scene.write("good", &scene.site("good.example"));
    scene.sandbox.file("members.pem", scene.root.certificate().pem());
    let weakest = "ALL:@SECLEVEL=0";
    for (arguments, wanted) in [
        (&["-tls1", "-cipher", weakest][..], &["legacy-tls-only"][..]),
        (&["-tls1_1", "-cipher", weakest], &["legacy-tls-only"]),
        (&["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], &["handshake-failed"]),
        (&["-tls1_2"], &[]),
        (&["-tls1_3"], &[]),
        (&["-groups", "X448", "-tls1_3"], &["handshake-failed"]),
        (&["-alpn", "imap"], &["handshake-failed"]),
        (&["-alpn", "http/1.1"], &[]),
        (
            &["-Verify", "1", "-verify_return_error", "-CAfile", "members.pem"],
            &["client-certificate-required"],
        ),
        (
            &["-Verify", "1", "-verify_return_error", "-CAfile", "members.pem", "-tls1_2"],
            &["client-certificate-required"],
        ),
        (&["-http_server_binmode", "-www"], &[]),
    ] {
        let server = server(&openssl, &scene, "good", arguments);
        let report = scene.check_alone("good.example", server.address);
        assert_eq!(codes(&report, "good.example"), wanted, "{arguments:?}: {report}");
    }
}

/// Has OpenSSL make a key and a certificate that the lab cannot make; the CA is the scene's issuer.
fn openssl_signs(openssl: &Path, scene: &Scene, name: &str, key: &[&str], digest: &str) {
    let run = |arguments: &[&str]| {
        let made = scene.sandbox.program(openssl).args(arguments).folder(scene.folder()).output();
        assert_eq!(made.code, Some(0), "{arguments:?}: {}", made.text());
    };
    let (request, key_file, leaf) =
        (format!("{name}.csr"), format!("{name}.key"), format!("{name}-leaf.pem"));
    let subject = ["-nodes", "-subj", "/CN=weak.example", "-keyout", &key_file, "-out", &request];
    run(&[&["req", "-new"], key, &subject].concat());
    scene.sandbox.file(
        "leaf.ext",
        "subjectAltName=DNS:weak.example\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n\
         keyUsage=critical,digitalSignature,keyEncipherment\n\
         authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n",
    );
    run(&[
        "x509",
        "-req",
        "-in",
        &request,
        "-CA",
        "issuer.pem",
        "-CAkey",
        "issuer.key",
        "-CAcreateserial",
        "-days",
        "60",
        "-extfile",
        "leaf.ext",
        digest,
        "-out",
        &leaf,
    ]);
    let chain =
        std::fs::read_to_string(scene.folder().join(&leaf)).unwrap() + &scene.issuer.certificate().pem();
    scene.sandbox.file(&format!("{name}.pem"), chain);
}

#[test]
fn keys_and_signatures_that_no_library_of_today_takes_are_still_seen() {
    let Some(openssl) = openssl() else { return };
    let scene = Scene::new();
    for (name, key, digest, wanted) in [
        ("rsa2048", &["-newkey", "rsa:2048"][..], "-sha256", &[][..]),
        ("rsa1024", &["-newkey", "rsa:1024"], "-sha256", &["weak-key"]),
        ("rsa512", &["-newkey", "rsa:512"], "-sha256", &["weak-key"]),
        ("sha1", &["-newkey", "rsa:2048"], "-sha1", &["weak-signature"]),
        ("both", &["-newkey", "rsa:1024"], "-sha1", &["weak-signature", "weak-key"]),
        ("p192", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime192v1"], "-sha256", &["weak-key"]),
    ] {
        openssl_signs(&openssl, &scene, name, key, digest);
        let server = server(&openssl, &scene, name, &["-cipher", "ALL:@SECLEVEL=0"]);
        let report = scene.check_alone("weak.example", server.address);
        assert_eq!(codes(&report, "weak.example"), wanted, "{name}: {report}");
        assert_eq!(target(&report, "weak.example")["chain"].as_array().unwrap().len(), 2, "{name}");
    }
}

#[test]
fn a_server_that_is_killed_in_the_middle_is_named_by_what_was_seen() {
    let Some(openssl) = openssl() else { return };
    let scene = Scene::new();
    scene.write("good", &scene.site("good.example"));
    let address: SocketAddr = server(&openssl, &scene, "good", &[]).address;
    let report = scene.check_alone("good.example", address);
    assert_eq!(codes(&report, "good.example"), ["refused"]);
    assert!(finding(&report, "refused")["message"].as_str().unwrap().contains("nothing listens"));
}
