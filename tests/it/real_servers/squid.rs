//! Squid with ssl-bump: a second real inspector, with manners of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use trustgap::lab::mint::{Authority, Profile};
use trustgap::lab::{Service, Site};

use super::{Daemon, free_addresses};
use crate::support::scene::{Scene, codes, finding, target};
use crate::support::{is_root, skip, tool};

struct Squid {
    program: PathBuf,
    certgen: PathBuf,
}

impl Squid {
    fn available() -> Option<Self> {
        let program =
            tool("squid").or_else(|| Some(PathBuf::from("/usr/sbin/squid")).filter(|p| p.is_file()));
        let certgen = ["/usr/lib/squid", "/usr/lib64/squid", "/usr/libexec/squid"]
            .iter()
            .map(|folder| Path::new(folder).join("security_file_certgen"))
            .find(|p| p.is_file());
        let (Some(program), Some(certgen)) = (program, certgen) else {
            skip("squid with ssl-bump (squid-openssl) is not installed");
            return None;
        };
        Some(Self { program, certgen })
    }

    /// Starts an inspecting Squid that signs with this CA and trusts the scene's public root; returns where it listens.
    /// Hosts in `spliced` are let through unopened.
    fn start(&self, scene: &Scene, ca: &Authority, hosts: &[&str], spliced: &str) -> (Daemon, SocketAddr) {
        let [address] = free_addresses();
        let folder = scene.folder().join("squid");
        std::fs::create_dir(&folder).unwrap();
        let path = |name: &str| folder.join(name).display().to_string();
        std::fs::write(folder.join("ca.pem"), ca.certificate().pem() + &ca.key_pem()).unwrap();
        std::fs::write(folder.join("origins.pem"), scene.root.certificate().pem()).unwrap();
        std::fs::write(folder.join("hosts"), format!("127.0.0.1 {}\n", hosts.join(" "))).unwrap();
        let made = scene.sandbox.program(&self.certgen).args(["-c", "-s", &path("db"), "-M", "4MB"]).output();
        assert_eq!(made.code, Some(0), "{}", made.text());
        let configuration = format!(
            "http_port {address} ssl-bump tls-cert={ca} generate-host-certificates=on dynamic_cert_mem_cache_size=1MB\n\
             sslcrtd_program {certgen} -s {db} -M 4MB\nsslcrtd_children 2 startup=1 idle=1\n\
             acl first at_step SslBump1\nacl spliced ssl::server_name {spliced}\n\
             ssl_bump splice spliced\nssl_bump stare first\nssl_bump bump all\n\
             tls_outgoing_options cafile={origins}\nsslproxy_cert_error allow all\n\
             http_access allow all\nhosts_file {hosts}\ndns_nameservers 127.0.0.1\npid_filename {pid}\n\
             cache_log {log}\naccess_log none\ncache_store_log none\ncoredump_dir {own}\nshutdown_lifetime 0\n\
             visible_hostname gateway.test\nicp_port 0\nworkers 1\npinger_enable off\n",
            ca = path("ca.pem"),
            certgen = self.certgen.display(),
            db = path("db"),
            origins = path("origins.pem"),
            hosts = path("hosts"),
            pid = path("squid.pid"),
            log = path("cache.log"),
            own = folder.display(),
        );
        let file = path("squid.conf");
        std::fs::write(&file, configuration).unwrap();
        if is_root() {
            // started by root it continues as the user `proxy`, who must be able to reach its files
            let run = |arguments: &[&str]| {
                let done = scene.sandbox.program("/bin/sh").args(arguments).output();
                assert_eq!(done.code, Some(0), "{}", done.text());
            };
            let whole = scene.folder().display();
            run(&["-c", &format!("chmod 755 '{whole}' && chown -R proxy: '{}'", folder.display())]);
        }
        let daemon = Daemon::start(&self.program, &folder, &["-N", "-f", &file], &[address]);
        (daemon, address)
    }
}

fn company_ca(scene: &Scene) -> Authority {
    scene.mint.root_of(&Profile::root("Northwind Gateway CA").of("Northwind Traders")).unwrap()
}

/// Looks at hosts on these ports through the proxy, with public sites beside them.
fn check(scene: &Scene, proxy: SocketAddr, targets: &[String], controls: &[String]) -> serde_json::Value {
    let (proxy, controls) = (format!("--proxy=http://{proxy}"), format!("--controls={}", controls.join(",")));
    let mut arguments = vec![proxy.as_str(), controls.as_str()];
    arguments.extend(targets.iter().map(String::as_str));
    scene.check(&[], &arguments)
}

#[test]
fn squid_inspects_lets_one_host_through_and_says_whom_it_does_not_trust() {
    let Some(squid) = Squid::available() else { return };
    let scene = Scene::new();
    let gateway = company_ca(&scene);
    scene.trust(&[&gateway]);
    let stranger = scene.mint.root("Adventure Works Root").unwrap();
    let hosts = [
        ("registry.fabrikam.example", scene.site("registry.fabrikam.example")),
        ("bank.woodgrove.example", scene.site("bank.woodgrove.example")),
        ("www.contoso.example", scene.site("www.contoso.example")),
        ("www.litware.example", scene.site("www.litware.example")),
        ("private.adventure.example", {
            stranger.leaf(&["private.adventure.example"]).unwrap().with(&[stranger.certificate()])
        }),
        ("self.adventure.example", {
            scene.mint.self_signed(&Profile::leaf(&["self.adventure.example"])).unwrap()
        }),
        ("expired.adventure.example", {
            let old = scene.leaf("expired.adventure.example", |p| *p = p.clone().valid_days(-90, -2));
            old.with(&[scene.issuer.certificate()])
        }),
    ];
    let sites: Vec<(&str, Service)> =
        hosts.map(|(host, identity)| (host, Site::tls(identity).start().unwrap())).into();
    let names: Vec<&str> = sites.iter().map(|(host, _)| *host).collect();
    let (_daemon, proxy) = squid.start(&scene, &gateway, &names, "bank.woodgrove.example");
    let at = |host: &str| {
        let (_, site) = sites.iter().find(|(name, _)| *name == host).unwrap();
        format!("{host}:{}", site.address().port())
    };
    let controls = [at("www.contoso.example"), at("www.litware.example")];
    let asked: Vec<String> = names.iter().filter(|n| !n.starts_with("www.")).map(|host| at(host)).collect();
    let report = check(&scene, proxy, &asked, &controls);

    assert_eq!(report["inspection"]["verdict"], "inspected", "{report}");
    assert_eq!(report["inspection"]["certainty"], "is");
    let authorities = report["inspection"]["authorities"].as_array().unwrap();
    assert_eq!(authorities.len(), 1, "{authorities:?}");
    assert!(authorities[0]["subject"].as_str().unwrap().contains("Northwind Gateway CA"));
    assert_eq!(codes(&report, "registry.fabrikam.example")[0], "tls-inspected");
    let through = codes(&report, "bank.woodgrove.example");
    assert!(through.is_empty(), "Squid splices it: {through:?}");
    assert_eq!(target(&report, "bank.woodgrove.example")["inspection"], "not-inspected");
    let behind = codes(&report, "private.adventure.example");
    assert_eq!(behind[..2], ["tls-inspected", "untrusted-root"], "Squid signs it as not trusted");
    assert!(finding(&report, "untrusted-root")["message"].as_str().unwrap().contains("inspector itself"));
    // what signed itself Squid makes anew as signed by itself: the fault stays the origin's
    assert_eq!(codes(&report, "self.adventure.example"), ["self-signed"]);
    assert_eq!(codes(&report, "expired.adventure.example")[..2], ["tls-inspected", "expired"]);
}

#[test]
fn squid_with_a_ca_that_nobody_installed() {
    let Some(squid) = Squid::available() else { return };
    let scene = Scene::new();
    let gateway = company_ca(&scene);
    let names = ["registry.fabrikam.example", "www.contoso.example", "www.litware.example"];
    let sites = names.map(|host| Site::tls(scene.site(host)).start().unwrap());
    let (_daemon, proxy) = squid.start(&scene, &gateway, &names, "none.invalid");
    let at: Vec<String> =
        names.iter().zip(&sites).map(|(host, site)| format!("{host}:{}", site.address().port())).collect();
    let report = check(&scene, proxy, &at[..1], &at[1..]);
    assert_eq!(codes(&report, names[0])[0], "inspection-ca-not-installed", "{report}");
    // where Squid reaches nobody it shows its error page, under a certificate made all the same
    let [closed] = free_addresses();
    let dead = format!("registry.fabrikam.example:{}", closed.port());
    let report = check(&scene, proxy, &[dead], &at[1..]);
    assert_eq!(codes(&report, names[0])[0], "inspection-ca-not-installed", "{report}");
}
