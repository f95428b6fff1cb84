//! Who refuses which cipher suites and groups of TLS 1.2: what the catalogue says, against what this machine's programs
//! agree on with OpenSSL's server, one suite at a time.

use serde_json::Value;
use trustgap::catalogue::cipher_suites::{Takers, clients, takers};

use super::support::openssl::{Server, mint};
use super::support::scene::{Scene, codes, finding};
use super::support::{Sandbox, skip, skip_even_in_ci, tool};

const NAME: &str = "old.fabrikam.example";

/// OpenSSL's names and IANA's.
const SUITES: &[(&str, &str)] = &[
    ("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    ("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"),
    ("DHE-RSA-AES128-GCM-SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
    ("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    ("ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    ("ECDHE-RSA-AES256-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
];

#[test]
fn programs_take_and_refuse_what_the_catalogue_says() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    let tools: Vec<&str> = clients().iter().flat_map(|c| &c.tools).map(|id| id.0.as_str()).collect();
    let mut met = 0;
    for (suite, iana) in SUITES {
        let server =
            Server::start(&openssl, &folder, &["-tls1_2", "-cipher", &format!("{suite}:@SECLEVEL=0")]);
        let run = sandbox
            .trustgap()
            .args(["probe", NAME, "--proxy=none", "--controls=none", "--json", "--tool", &tools.join(",")])
            .arg(format!("--connect-to={NAME}:443:{}", server.address))
            .output();
        let document = run.json();
        let Takers::Parted { refused_by, .. } = takers(iana) else { panic!("{iana} is taken by some") };
        for meeting in document["servers"][0]["meetings"].as_array().expect("programs were heard") {
            let tool = meeting["tool"].as_str().unwrap();
            let client = clients().iter().find(|c| c.tools.iter().any(|id| id.0 == tool)).unwrap();
            let Some(result) = meeting["answer"]["result"].as_str() else { continue };
            // of those that refuse since a version both kinds may be here
            let said = refused_by.iter().find(|said| said.starts_with(&client.name));
            let since = said.is_some_and(|said| said.contains(" since "));
            if !since {
                assert_eq!(result == "agreed", said.is_none(), "{suite} and {tool}: {meeting:#}");
                met += 1;
            }
        }
    }
    if met < 12 {
        skip_even_in_ci(&format!("only {met} meetings: too few programs are here"));
    }
}

#[test]
fn java_lost_rsa_key_exchange_with_24() {
    let (Some(openssl), Some(_)) = (tool("openssl"), tool("java")) else {
        return skip("openssl or java is missing");
    };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    let server = Server::start(&openssl, &folder, &["-tls1_2", "-cipher", "AES128-GCM-SHA256"]);
    let run = sandbox
        .trustgap()
        .args(["probe", NAME, "--proxy=none", "--controls=none", "--json", "--tool=java"])
        .arg(format!("--connect-to={NAME}:443:{}", server.address))
        .output();
    let document = run.json();
    for meeting in document["servers"][0]["meetings"].as_array().expect("Java was heard") {
        let version: u32 = meeting["version"].as_str().unwrap().split('.').next().unwrap().parse().unwrap();
        let takes = meeting["answer"]["result"] == "agreed";
        // an update of an older version may have switched it off as well
        assert!(!takes || version < 24, "{meeting:#}");
    }
}

#[test]
fn a_server_that_signs_with_sha_1_only_is_found_and_one_that_can_do_better_is_not() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let scene = Scene::new();
    let folder = mint(&openssl, &scene.sandbox, &["-newkey", "rsa:2048"]);
    scene.sandbox.file("system.pem", std::fs::read(folder.join("chain.pem")).unwrap());
    let weakest = "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0";
    for (signatures, found) in [("RSA+SHA1", true), ("RSA+SHA1:RSA+SHA256", false)] {
        let arguments = ["-tls1_2", "-cipher", weakest, "-sigalgs", signatures, "-serverpref"];
        let server = Server::start(&openssl, &folder, &arguments);
        let report = scene.check_alone(NAME, server.address);
        let said = codes(&report, NAME).contains(&"handshake-failed".to_owned());
        assert_eq!(said, found, "{signatures}: {report}");
        if found {
            let finding: &Value = finding(&report, "handshake-failed");
            assert!(finding["message"].as_str().unwrap().contains("with SHA-1"), "{finding:#}");
            assert!(!report["targets"][0]["chain"].as_array().unwrap().is_empty(), "the chain is kept");
        }
    }
}

#[test]
fn a_server_without_secure_renegotiation_is_found() {
    let Some(gnutls) = tool("gnutls-serv") else { return skip_even_in_ci("gnutls-serv is not installed") };
    let scene = Scene::new();
    scene.write("site", &scene.site(NAME));
    // it asks for a client certificate, which is worth a note and hides nothing
    let asks = "client-certificate-required";
    for (priority, wanted) in [
        ("NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION", &["handshake-failed", asks][..]),
        ("NORMAL:-VERS-TLS1.3", &[asks]),
    ] {
        let server = Gnutls::start(&gnutls, &scene, priority);
        let report = scene.check_alone(NAME, server.address);
        assert_eq!(codes(&report, NAME), wanted, "{priority}: {report}");
    }
}

/// `gnutls-serv` on a free port; it ends when dropped.
struct Gnutls {
    child: std::process::Child,
    address: std::net::SocketAddr,
}

impl Gnutls {
    fn start(program: &std::path::Path, scene: &Scene, priority: &str) -> Self {
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = std::process::Command::new(program)
            .env_clear()
            .args(["--http", "--quiet", "--x509certfile=site.pem", "--x509keyfile=site.key"])
            .arg(format!("--priority={priority}"))
            .arg(format!("--port={}", address.port()))
            .current_dir(scene.folder())
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("gnutls-serv starts");
        let started = std::time::Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            assert!(started.elapsed().as_secs() < 20, "gnutls-serv does not listen");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Self { child, address }
    }
}

impl Drop for Gnutls {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_small_group_leaves_in_doubt_what_becomes_of_a_program_that_agreed() {
    let (Some(openssl), Some(_)) = (tool("openssl"), tool("curl")) else {
        return skip("openssl or curl is missing");
    };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    for (group, doubted) in [("modp_1536", true), ("modp_2048", false)] {
        let parameters =
            sandbox.program(&openssl).args(["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt"]);
        let made = parameters.args([&format!("group:{group}"), "-out", "dh.pem"]).folder(&folder).output();
        assert_eq!(made.code, Some(0), "{made:?}");
        let suite = "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0";
        let server = Server::start(&openssl, &folder, &["-tls1_2", "-cipher", suite, "-dhparam", "dh.pem"]);
        let run = |json: &[&str]| {
            sandbox
                .trustgap()
                .args(["probe", NAME, "--proxy=none", "--controls=none", "--tool=curl"])
                .args(json)
                .arg(format!("--connect-to={NAME}:443:{}", server.address))
                .output()
        };
        let document = run(&["--json"]).json();
        let answer = &document["servers"][0]["meetings"][0]["answer"];
        assert_eq!(answer["result"], "agreed", "{document}");
        assert_eq!(
            answer["reason"].as_str().is_some_and(|why| why.contains("1536 bits")),
            doubted,
            "{answer}"
        );
        assert_eq!(run(&[]).stdout.contains("TLS 1.2?"), doubted);
    }
}

#[test]
fn nobody_is_said_to_trust_a_server_that_does_not_prove_its_key() {
    if tool("curl").is_none() {
        return skip("curl is not installed");
    }
    let scene = Scene::new();
    let (honest, mut stranger) = (scene.site(NAME), scene.site(NAME));
    stranger.chain.clone_from(&honest.chain);
    let service = trustgap::lab::Site::tls(stranger).start().unwrap();
    let run = scene
        .sandbox
        .trustgap()
        .args(["probe", NAME, "--proxy=none", "--controls=none", "--tool=curl", "--json", "--web-roots"])
        .arg(scene.folder().join("web.pem"))
        .arg("--system-roots")
        .arg(scene.folder().join("system.pem"))
        .arg(format!("--connect-to={NAME}:443:{}", service.address()))
        .output();
    let document = run.json();
    let meeting = &document["servers"][0]["meetings"][0];
    assert_eq!(meeting["chain"]["result"], "refused", "{document}");
    assert_eq!(document["targets"][0]["verdict"], "handshake-failed");
}
