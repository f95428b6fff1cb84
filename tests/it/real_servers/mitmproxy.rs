//! mitmproxy in several set-ups: what is on the wire differs, who inspects does not.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::Value;
use trustgap::lab::mint::{Authority, Profile};
use trustgap::lab::{Service, Site};

use super::{Daemon, free_addresses};
use crate::support::scene::{Scene, codes, finding, target};
use crate::support::{skip, tool};

const TARGET: &str = "registry.fabrikam.example";
const CONTROLS: [&str; 2] = ["www.contoso.example", "www.litware.example"];

fn mitmdump() -> Option<PathBuf> {
    let named = std::env::var_os("CORPNET_MITMDUMP").map(PathBuf::from).filter(|p| p.is_file());
    let found = named.or_else(|| tool("mitmdump"));
    if found.is_none() {
        skip("mitmdump is not installed (CORPNET_MITMDUMP names one)");
    }
    found
}

/// A site for each host, and a mitmproxy in front of each.
struct Inspected {
    scene: Scene,
    gateway: Authority,
    sites: Vec<(&'static str, Service)>,
    fronts: Vec<(&'static str, SocketAddr)>,
    mitmproxy: Option<Daemon>,
}

impl Inspected {
    fn new() -> Self {
        let scene = Scene::new();
        let gateway =
            scene.mint.root_of(&Profile::root("Northwind Gateway CA").of("Northwind Traders")).unwrap();
        scene.trust(&[&gateway]);
        let sites = [TARGET, CONTROLS[0], CONTROLS[1]]
            .map(|host| (host, Site::tls(scene.site(host)).start().unwrap()))
            .into();
        Self { scene, gateway, sites, fronts: Vec::new(), mitmproxy: None }
    }

    /// Puts another site in a host's place.
    fn replace(&mut self, host: &'static str, site: Service) {
        self.sites.retain(|(name, _)| *name != host);
        self.sites.push((host, site));
    }

    /// Starts mitmproxy as a reverse proxy in front of every site; `chain` stands behind its key, signing CA first.
    fn start(
        &mut self,
        mitmdump: &std::path::Path,
        signer: &Authority,
        chain: &[&Authority],
        options: &[&str],
    ) {
        let files = signer.key_pem()
            + &signer.certificate().pem()
            + &chain.iter().map(|ca| ca.certificate().pem()).collect::<String>();
        self.scene.sandbox.file("mitm/mitmproxy-ca.pem", files);
        let addresses = free_addresses::<3>();
        let mut arguments = vec!["--quiet".to_owned(), "--set=confdir=mitm".to_owned()];
        arguments.push("--set=ssl_verify_upstream_trusted_ca=web.pem".to_owned());
        for ((host, site), front) in self.sites.iter().zip(addresses) {
            arguments.push(format!("--mode=reverse:https://{}@{front}", site.address()));
            self.fronts.push((host, front));
        }
        arguments.extend(options.iter().map(|option| format!("--set={option}")));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.mitmproxy = Some(Daemon::start(mitmdump, self.scene.folder(), &arguments, &addresses));
    }

    fn check(&self) -> Value {
        let controls = format!("--controls={}", CONTROLS.join(","));
        self.scene.check(&self.fronts, &["--proxy=none", &controls, TARGET])
    }
}

#[test]
fn mitmproxy_is_found_out_whatever_it_puts_on_the_wire() {
    let Some(mitmdump) = mitmdump() else { return };
    for (story, options) in [
        ("the leaf alone", &[][..]),
        ("the site's own certificates behind its leaf", &["add_upstream_certs_to_client_chain=true"]),
        ("TLS 1.2 alone", &["tls_version_client_max=TLS1_2"]),
        ("TLS 1.3 alone", &["tls_version_client_min=TLS1_3"]),
        ("nothing of the site's certificate copied", &["upstream_cert=false"]),
    ] {
        let mut network = Inspected::new();
        let gateway = network.gateway.clone();
        network.start(&mitmdump, &gateway, &[], options);
        let report = network.check();
        let found = codes(&report, TARGET);
        assert_eq!(found.first().map(String::as_str), Some("tls-inspected"), "{story}: {report}");
        assert!(
            !found.iter().any(|c| c == "missing-intermediate" || c == "private-ca"),
            "{story}: {found:?}"
        );
        // mitmproxy computes the CA's identifier anew, and this CA's was made in another way
        let strict = finding(&report, "strict-profile")["evidence"].to_string();
        assert!(strict.contains("names another key"), "{story}: {strict}");
        let authorities = report["inspection"]["authorities"].as_array().unwrap();
        assert_eq!(authorities.len(), 1, "{story}");
        assert_eq!(authorities[0]["sha256"], gateway.certificate().fingerprint().to_string());
        assert_eq!(authorities[0]["targets"].as_array().unwrap().len(), 3, "{story}");
    }
}

#[test]
fn mitmproxy_below_an_installed_root_sends_its_intermediate_or_forgets_it() {
    let Some(mitmdump) = mitmdump() else { return };
    for sends in [true, false] {
        let mut network = Inspected::new();
        // an identifier that mitmproxy would not name keeps OpenSSL from putting the chain together
        let profile =
            Profile { subject_key_identifier: false, ..Profile::intermediate("Northwind Gateway Issuing 3") };
        let issuing = network.gateway.subordinate_of(&profile).unwrap();
        let gateway = network.gateway.clone();
        let chain: &[&Authority] = if sends { &[&gateway] } else { &[] };
        network.start(&mitmdump, &issuing, chain, &[]);
        let report = network.check();
        let wanted = if sends { "tls-inspected" } else { "inspection-ca-not-installed" };
        assert_eq!(codes(&report, TARGET)[0], wanted, "sends {sends}: {report}");
    }
}

#[test]
fn behind_mitmproxy_the_origins_fault_is_seen_as_far_as_it_lets_through() {
    let Some(mitmdump) = mitmdump() else { return };
    let mut network = Inspected::new();
    let old = network.scene.leaf(TARGET, |p| *p = p.clone().valid_days(-90, -2));
    let old = old.with(&[network.scene.issuer.certificate()]);
    network.replace(TARGET, Site::tls(old).start().unwrap());
    let gateway = network.gateway.clone();
    // mitmproxy takes what the origin says and dates its own leafs itself
    network.start(&mitmdump, &gateway, &[], &["ssl_insecure=true"]);
    let report = network.check();
    assert_eq!(codes(&report, TARGET)[0], "tls-inspected", "{report}");

    // without that it refuses the origin, and the handshake with us goes on or ends
    let mut network = Inspected::new();
    let alone = network.scene.mint.self_signed(&Profile::leaf(&[TARGET])).unwrap();
    network.replace(TARGET, Site::tls(alone).start().unwrap());
    let gateway = network.gateway.clone();
    network.start(&mitmdump, &gateway, &[], &[]);
    let report = network.check();
    assert_eq!(report["inspection"]["verdict"], "inspected", "{report}");
    let verdict = &target(&report, TARGET)["verdict"];
    assert!(verdict == "tls-inspected" || verdict == "handshake-failed", "{report}");
}

#[test]
fn mitmproxy_that_asks_for_a_client_certificate_and_whose_ca_nobody_has() {
    let Some(mitmdump) = mitmdump() else { return };
    let mut network = Inspected::new();
    network.scene.trust(&[]);
    let gateway = network.gateway.clone();
    network.start(&mitmdump, &gateway, &[], &["request_client_cert=true"]);
    let report = network.check();
    let found = codes(&report, TARGET);
    assert_eq!(found[0], "inspection-ca-not-installed", "{report}");
    assert!(found.contains(&"client-certificate-required".to_owned()), "{found:?}");
    let message = finding(&report, "inspection-ca-not-installed")["message"].as_str().unwrap();
    assert!(message.contains("Northwind Gateway CA"), "{message}");
}

#[test]
fn mitmproxy_as_an_explicit_proxy() {
    let Some(mitmdump) = mitmdump() else { return };
    let network = Inspected::new();
    let files = network.gateway.key_pem() + &network.gateway.certificate().pem();
    network.scene.sandbox.file("mitm/mitmproxy-ca.pem", files);
    let [front] = free_addresses();
    let mode = format!("--mode=regular@{front}");
    let lazily = ["--set=upstream_cert=false", "--set=connection_strategy=lazy"];
    let arguments = [&["--quiet", "--set=confdir=mitm", &mode][..], &lazily].concat();
    let _mitmproxy = Daemon::start(&mitmdump, network.scene.folder(), &arguments, &[front]);
    let (proxy, controls) = (format!("--proxy=http://{front}"), format!("--controls={}", CONTROLS.join(",")));
    let report = network.scene.check(&[], &[&proxy, &controls, TARGET]);
    assert_eq!(codes(&report, TARGET)[0], "tls-inspected", "{report}");
    assert_eq!(report["inspection"]["certainty"], "is");
}
