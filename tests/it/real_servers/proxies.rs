//! Proxies that do not inspect: Squid and tinyproxy, with their own ways of saying no.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;
use trustgap::lab::mint::Authority;
use trustgap::lab::{Service, Site};

use super::{Daemon, free_addresses};
use crate::support::scene::{Scene, codes, finding};
use crate::support::{is_root, skip, tool};

const HOST: &str = "registry.fabrikam.example";

/// A site, and what leads to it.
struct Office {
    scene: Scene,
    site: Service,
}

impl Office {
    fn new() -> Self {
        let scene = Scene::new();
        let site = Site::tls(scene.site(HOST)).start().unwrap();
        Self { scene, site }
    }

    /// Looks at the site where it is, or at another port of it, through a proxy.
    fn through(&self, proxy: &str, port: u16) -> Value {
        let at = SocketAddr::from(([127, 0, 0, 1], port));
        let report = self.scene.check(&[(HOST, at)], &["--controls=none", &format!("--proxy={proxy}"), HOST]);
        assert!(!report.to_string().contains("s3cret"), "the password is shown: {report}");
        report
    }

    fn is_reached_through(&self, proxy: &str) {
        let report = self.through(proxy, self.site.address().port());
        assert_eq!(codes(&report, HOST), [] as [String; 0], "{report:#}");
        assert_eq!(report["targets"][0]["web"]["trusted"], true);
    }
}

/// Squid with an open port, one that wants to know who is there, and one that is spoken to over TLS.
struct Squid {
    _daemon: Daemon,
    open: SocketAddr,
    known: SocketAddr,
    tls: SocketAddr,
}

impl Squid {
    /// Starts it; the certificate of its TLS port is signed by `ca`. Only the office's own port may be tunnelled to.
    fn start(office: &Office, ca: &Authority) -> Option<Self> {
        let program =
            tool("squid").or_else(|| Some(PathBuf::from("/usr/sbin/squid")).filter(|p| p.is_file()));
        let helpers = ["/usr/lib/squid", "/usr/lib64/squid", "/usr/libexec/squid"].map(Path::new);
        let helper = |name: &str| helpers.iter().map(|folder| folder.join(name)).find(|p| p.is_file());
        let (Some(program), Some(basic), Some(ntlm), Some(openssl)) =
            (program, helper("basic_ncsa_auth"), helper("ntlm_fake_auth"), tool("openssl"))
        else {
            skip("squid with its helpers, or openssl, is not installed");
            return None;
        };
        let scene = &office.scene;
        let folder = scene.folder().join("squid");
        std::fs::create_dir(&folder).unwrap();
        let path = |name: &str| folder.join(name).display().to_string();
        let hashed = scene.sandbox.program(openssl).args(["passwd", "-apr1", "s3cret"]).output().exits(0);
        std::fs::write(folder.join("users"), format!("ada:{}", hashed.stdout)).unwrap();
        let certificate = ca.leaf(&["127.0.0.1"]).unwrap();
        std::fs::write(folder.join("proxy.pem"), certificate.chain_pem() + &certificate.key_pem()).unwrap();
        let [open, known, tls] = free_addresses();
        let configuration = format!(
            "http_port {open} name=open\nhttp_port {known} name=known\n\
             https_port {tls} name=tls tls-cert={certificate}\n\
             auth_param ntlm program {ntlm}\nauth_param ntlm children 1\n\
             auth_param basic program {basic} {users}\nauth_param basic realm lab\nauth_param basic children 1\n\
             acl site port {port}\nacl open myportname open tls\nacl somebody proxy_auth REQUIRED\n\
             http_access deny CONNECT !site\nhttp_access allow open\nhttp_access allow somebody\nhttp_access deny all\n\
             pid_filename {pid}\ncache_log {log}\naccess_log none\ncache_store_log none\ncoredump_dir {own}\n\
             shutdown_lifetime 0\nvisible_hostname proxy.test\nicp_port 0\nworkers 1\npinger_enable off\n\
             dns_nameservers 127.0.0.1\n",
            certificate = path("proxy.pem"),
            ntlm = ntlm.display(),
            basic = basic.display(),
            users = path("users"),
            port = office.site.address().port(),
            pid = path("squid.pid"),
            log = path("cache.log"),
            own = folder.display(),
        );
        std::fs::write(folder.join("squid.conf"), configuration).unwrap();
        if is_root() {
            // started by root it continues as the user `proxy`, who must be able to reach its files
            let (whole, own) = (scene.folder().display(), folder.display());
            let script = format!("chmod 755 '{whole}' && chown -R proxy: '{own}'");
            scene.sandbox.program("/bin/sh").args(["-c", &script]).output().exits(0);
        }
        let daemon =
            Daemon::start(&program, &folder, &["-N", "-f", &path("squid.conf")], &[open, known, tls]);
        Some(Self { _daemon: daemon, open, known, tls })
    }
}

#[test]
fn squid_tunnels_asks_who_is_there_and_forbids_ports() {
    let office = Office::new();
    let ca = office.scene.mint.root("Northwind Proxy CA").unwrap();
    let Some(squid) = Squid::start(&office, &ca) else { return };
    office.is_reached_through(&format!("http://{}", squid.open));
    office.is_reached_through(&format!("http://ada:s3cret@{}", squid.known));

    let port = office.site.address().port();
    for (credentials, words) in [("", "wants a user name"), ("ada:guessed@", "does not accept")] {
        let report = office.through(&format!("http://{credentials}{}", squid.known), port);
        assert_eq!(codes(&report, HOST), ["proxy-auth-required"]);
        let found = finding(&report, "proxy-auth-required");
        assert!(found["message"].as_str().unwrap().contains(words), "{found:#}");
        assert_eq!(found["values"]["schemes"], serde_json::json!(["NTLM", "Basic"]));
        let evidence = found["evidence"].to_string();
        assert!(
            evidence.contains("curl --proxy-ntlm") && evidence.contains("nearly every tool"),
            "{evidence}"
        );
    }

    let report = office.through(&format!("http://{}", squid.open), 22);
    assert_eq!(codes(&report, HOST), ["proxy-refused"]);
    let said = finding(&report, "proxy-refused").to_string();
    assert!(said.contains("403") && said.contains("ERR_ACCESS_DENIED"), "{said}");
}

#[test]
fn squid_that_cannot_reach_the_host_is_not_squid_that_forbids_it() {
    let office = Office::new();
    let ca = office.scene.mint.root("Northwind Proxy CA").unwrap();
    let Some(squid) = Squid::start(&office, &ca) else { return };
    let (proxy, port) = (format!("http://{}", squid.open), office.site.address().port());
    let Office { scene, site } = office;
    drop(site);
    let at = SocketAddr::from(([127, 0, 0, 1], port));
    let report = scene.check(&[(HOST, at)], &["--controls=none", &format!("--proxy={proxy}"), HOST]);
    let found = finding(&report, "proxy-refused");
    assert!(found["message"].as_str().unwrap().contains("could not connect"), "{found:#}");
    assert!(found["evidence"].to_string().contains("ERR_CONNECT_FAIL"), "{found:#}");
}

#[test]
fn squid_over_tls_needs_a_ca_that_the_system_store_has() {
    let office = Office::new();
    let ca = office.scene.mint.root("Northwind Proxy CA").unwrap();
    let Some(squid) = Squid::start(&office, &ca) else { return };
    let proxy = format!("https://{}", squid.tls);
    let report = office.through(&proxy, office.site.address().port());
    assert_eq!(codes(&report, HOST), ["proxy-unreachable"]);
    let found = finding(&report, "proxy-unreachable");
    assert!(found["message"].as_str().unwrap().contains("is not trusted"), "{found:#}");
    assert_eq!(office.site.accepted(), 0, "nothing was asked of it");

    office.scene.trust(&[&ca]);
    office.is_reached_through(&proxy);
    // what is spoken to the wrong port says so
    let report = office.through(&format!("http://{}", squid.tls), office.site.address().port());
    assert!(codes(&report, HOST)[0].starts_with("proxy-"), "{report:#}");
}

#[test]
fn tinyproxy_tunnels_asks_who_is_there_and_forbids_ports() {
    let office = Office::new();
    let Some(program) = tool("tinyproxy") else { return skip("tinyproxy is not installed") };
    let port = office.site.address().port();
    let start = |name: &str, rules: &str| {
        let [address] = free_addresses();
        let folder = office.scene.folder().join(name);
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("tinyproxy.conf");
        let pid = folder.join("pid");
        let common = format!(
            "Listen 127.0.0.1\nPort {}\nPidFile \"{}\"\nAllow 127.0.0.1\n",
            address.port(),
            pid.display()
        );
        std::fs::write(&file, common + rules).unwrap();
        let arguments = ["-d", "-c", file.to_str().unwrap()];
        (Daemon::start(&program, &folder, &arguments, &[address]), format!("{address}"))
    };
    let (_open, open) = start("open", &format!("ConnectPort {port}\n"));
    office.is_reached_through(&format!("http://{open}"));
    let report = office.through(&format!("http://{open}"), 22);
    assert_eq!(codes(&report, HOST), ["proxy-refused"]);
    assert!(finding(&report, "proxy-refused").to_string().contains("403"), "{report:#}");

    let (_closed, closed) = start("closed", "BasicAuth ada s3cret\n");
    office.is_reached_through(&format!("http://ada:s3cret@{closed}"));
    for credentials in ["", "ada:guessed@"] {
        let report = office.through(&format!("http://{credentials}{closed}"), port);
        assert_eq!(codes(&report, HOST)[0], "proxy-auth-required", "{report:#}");
    }
    // it says 500 where it does not reach the host
    let report = office.through(&format!("http://ada:s3cret@{closed}"), 1);
    let found = finding(&report, "proxy-refused");
    assert!(found["message"].as_str().unwrap().contains("could not connect"), "{found:#}");
}
