//! What trustgap takes for the environment's store is what OpenSSL makes of the same variables: every kind of damaged
//! file is given to both, and the real `openssl` says whether it trusts an inspected host.

use std::path::{Path, PathBuf};

use trustgap::edge::stores::{self, StoreOverrides};
use trustgap::edge::{Live, Reading as _};
use trustgap::facts::pem::{self, read_chain};
use trustgap::facts::{Certificate, Environment};
use trustgap::lab::{Endpoint, Network};

use crate::support::{Run, Sandbox, skip, tool};

const HOST: &str = "index.contoso.example";

struct Scene {
    network: Network,
    sandbox: Sandbox,
    openssl: PathBuf,
}

impl Scene {
    fn new() -> Option<Self> {
        let Some(openssl) = tool("openssl") else {
            skip("`openssl` is not installed");
            return None;
        };
        let network = Network::start().expect("loopback can be listened on");
        Some(Self { network, sandbox: Sandbox::new(), openssl })
    }

    fn gateway(&self) -> &Certificate {
        self.network.authorities.gateway_ca.certificate()
    }

    fn endpoint(&self) -> &Endpoint {
        self.network.endpoint(HOST).expect("the lab has it")
    }

    fn openssl(&self, arguments: &[&str], input: &[u8]) -> Run {
        self.sandbox.program(&self.openssl).args(arguments).input(input).output()
    }

    /// Returns what `openssl` writes into a file.
    fn made(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let out = self.sandbox.path().join("made");
        let out_path = out.display().to_string();
        self.openssl(&[arguments, &["-out", &out_path]].concat(), input).exits(0);
        std::fs::read(out).expect("openssl wrote it")
    }

    fn connect(&self, file: &Path, folder: &Path, more: &[&str]) -> Run {
        let address = self.endpoint().address.to_string();
        self.sandbox
            .program(&self.openssl)
            .args(["s_client", "-connect", &address, "-servername", HOST])
            .args(more)
            .env("SSL_CERT_FILE", file)
            .env("SSL_CERT_DIR", folder)
            .output()
    }

    /// Whether the real program trusts the inspected host with these variables.
    fn openssl_trusts(&self, file: &Path, folder: &Path) -> bool {
        self.connect(file, folder, &["-verify_return_error", "-brief"]).code == Some(0)
    }

    /// Whether trustgap finds the gateway's CA in what these variables give.
    fn store_holds(&self, file: &Path, folder: &Path) -> bool {
        let variables = [("SSL_CERT_FILE", file), ("SSL_CERT_DIR", folder)];
        let environment: Environment =
            variables.into_iter().map(|(name, path)| (name, path.display().to_string())).collect();
        let live = Live::new(None).with_environment(environment);
        assert!(live.environment().get("SSL_CERT_FILE").is_some());
        let store =
            stores::load(&live, &StoreOverrides::default()).environment.expect("the variables are set");
        store.contains(self.gateway())
    }
}

#[test]
fn every_damaged_file_is_read_as_openssl_reads_it() {
    let Some(scene) = Scene::new() else { return };
    let empty = scene.sandbox.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let ca = scene.gateway().pem();
    let other = scene.network.authorities.private_root.certificate().pem();
    let broken = "-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n";
    let not_x509 = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    let utf16 = [0xff, 0xfe].into_iter().chain(ca.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let key = scene.made(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], b"");
    let x509 = |arguments: &[&str]| scene.made(&[&["x509"], arguments].concat(), ca.as_bytes());
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("the CA alone", ca.clone().into()),
        ("a bundle", format!("{other}{ca}").into()),
        ("CRLF", format!("{other}{ca}").replace('\n', "\r\n").into()),
        ("comments", format!("# one\n{other}# two: -----\n\n{ca}").into()),
        ("a byte order mark", format!("\u{feff}{ca}").into()),
        ("a broken block first", format!("{broken}{ca}").into()),
        ("a broken block last", format!("{ca}{broken}").into()),
        ("a block that is no certificate", format!("{ca}{not_x509}").into()),
        ("the last block cut off", format!("{ca}{}", &other[..300]).into()),
        ("joined blocks", format!("{}{ca}", other.trim_end()).into()),
        ("no line's end at the end", ca.trim_end().into()),
        ("DER", scene.gateway().der().to_vec()),
        ("empty", Vec::new()),
        ("prose", b"hello\n".to_vec()),
        ("UTF-16", utf16),
        ("a private key beside it", [&key, ca.as_bytes()].concat()),
        ("printed with its text", x509(&["-text"])),
        ("trusted for servers", x509(&["-addtrust", "serverAuth"])),
        ("trusted for e-mail only", x509(&["-addtrust", "emailProtection"])),
        ("rejected for servers", x509(&["-addreject", "serverAuth"])),
        ("with an alias", x509(&["-trustout", "-setalias", "gateway"])),
    ];
    let mut trusted = Vec::new();
    for (story, bytes) in rows {
        let file = scene.sandbox.file("ca.pem", &bytes);
        let (real, ours) = (scene.openssl_trusts(&file, &empty), scene.store_holds(&file, &empty));
        assert_eq!(ours, real, "{story}: openssl {}", if real { "trusts it" } else { "does not trust it" });
        trusted.extend(real.then_some(story));
    }
    // agreeing would mean little if openssl had trusted all or nothing
    assert!(trusted.contains(&"the CA alone") && !trusted.contains(&"DER"), "{trusted:?}");
    let missing = scene.sandbox.path().join("none.pem");
    assert!(!scene.openssl_trusts(&missing, &empty) && !scene.store_holds(&missing, &empty));
}

#[test]
fn folders_count_by_their_hashed_names() {
    let Some(scene) = Scene::new() else { return };
    let none = scene.sandbox.path().join("none.pem");
    let file = scene.sandbox.file("hashed/gateway.pem", scene.gateway().pem());
    let folder = file.parent().unwrap();
    assert!(!scene.openssl_trusts(&none, folder) && !scene.store_holds(&none, folder));
    scene.openssl(&["rehash", &folder.display().to_string()], b"").exits(0);
    assert!(scene.openssl_trusts(&none, folder) && scene.store_holds(&none, folder));
    let two = PathBuf::from(format!("{}:{}", scene.sandbox.path().display(), folder.display()));
    assert!(scene.openssl_trusts(&none, &two) && scene.store_holds(&none, &two), "a list of folders");
}

#[test]
fn the_whole_output_of_s_client_is_read_as_the_chain_that_was_sent() {
    let Some(scene) = Scene::new() else { return };
    let none = scene.sandbox.path().join("none");
    for host in ["registry.fabrikam.example", HOST] {
        let address = scene.network.endpoint(host).unwrap().address.to_string();
        let ask = |more: &[&str]| {
            let fixed = ["s_client", "-connect", &address, "-servername", host];
            scene
                .sandbox
                .program(&scene.openssl)
                .args([&fixed[..], more].concat())
                .env("SSL_CERT_FILE", &none)
                .output()
        };
        let shown = ask(&["-showcerts", "-status"]);
        let chain = read_chain(shown.stdout.as_bytes());
        let sent = if host == HOST { 1 } else { 2 };
        assert_eq!(chain.certificates.len(), sent, "{host}: {}", shown.text());
        assert_eq!(chain.problems, [], "{host}");
        // without -showcerts the leaf alone is printed, and that is said
        let short = read_chain(ask(&[]).stdout.as_bytes());
        assert_eq!(short.certificates[..], chain.certificates[..1]);
        assert_eq!(short.problems.is_empty(), sent == 1, "{:?}", short.problems);
    }
}

#[test]
fn containers_are_named_for_what_they_are() {
    let Some(scene) = Scene::new() else { return };
    let file = scene.sandbox.file("ca.pem", scene.gateway().pem()).display().to_string();
    for (arguments, wanted) in [
        (&["crl2pkcs7", "-nocrl", "-certfile", &file, "-outform", "DER"][..], "this is a PKCS#7 container"),
        (&["crl2pkcs7", "-nocrl", "-certfile", &file], "a block of another kind, `PKCS7`"),
        (
            &["pkcs12", "-export", "-nokeys", "-in", &file, "-passout", "pass:changeit"],
            "this is a PKCS#12 store",
        ),
    ] {
        let contents = pem::read(&scene.made(arguments, b""));
        let said: Vec<String> = contents.problems.iter().map(ToString::to_string).collect();
        assert!(contents.certificates.is_empty());
        assert!(said.len() == 1 && said[0].contains(wanted), "{arguments:?}: {said:?}");
    }
}
