//! Conditions of a whole network rather than of one server, and what resembles them: login pages, a wrong clock, two
//! inspectors, inspection of some hosts, a CA whose key everybody has, a machine without roots.

use std::net::SocketAddr;

use serde_json::Value;
use time::{Duration, OffsetDateTime};
use trustgap::facts::pem as pem_file;
use trustgap::lab::mint::{Authority, Identity, Profile};
use trustgap::lab::{Service, Site, TlsOptions};

use crate::support::scene::{Scene, codes, finding, target};
use crate::support::{skip, tool};

const HOSTS: [&str; 3] = ["registry.fabrikam.example", "www.contoso.example", "www.litware.example"];

/// Starts a server per host; the first is asked for, the others are looked at as public sites beside it.
struct World {
    scene: Scene,
    servers: Vec<(&'static str, Service)>,
}

impl World {
    fn new(scene: Scene, sites: [Site; 3]) -> Self {
        let servers =
            HOSTS.into_iter().zip(sites).map(|(host, site)| (host, site.start().unwrap())).collect();
        Self { scene, servers }
    }

    /// The same kind of identity for each host.
    fn of(scene: Scene, identity: impl Fn(&Scene, &str) -> Identity) -> Self {
        let sites = HOSTS.map(|host| Site::tls(identity(&scene, host)));
        Self::new(scene, sites)
    }

    fn at(&self) -> Vec<(&'static str, SocketAddr)> {
        self.servers.iter().map(|(host, service)| (*host, service.address())).collect()
    }

    fn check(&self) -> Value {
        let controls = format!("--controls={},{}", HOSTS[1], HOSTS[2]);
        self.scene.check(&self.at(), &["--proxy=none", &controls, HOSTS[0]])
    }

    /// What is found about the first host with the others beside it, and alone.
    fn found(&self) -> (Vec<String>, Vec<String>) {
        let alone = self.scene.check_alone(HOSTS[0], self.servers[0].1.address());
        (codes(&self.check(), HOSTS[0]), codes(&alone, HOSTS[0]))
    }
}

/// A root for an inspector or company, in the system store.
fn installed(scene: &Scene, name: &str) -> Authority {
    let ca = scene.mint.root_of(&Profile::root(name).of("Northwind Traders")).unwrap();
    scene.trust(&[&ca]);
    ca
}

fn dated(scene: &Scene, host: &str, from: i64, until: i64) -> Identity {
    let leaf = scene.leaf(host, |p| *p = p.clone().valid_days(from, until));
    leaf.with(&[scene.issuer.certificate()])
}

#[test]
fn one_wrong_certificate_for_everybody_is_a_login_page_and_one_for_each_is_not() {
    let scene = Scene::new();
    let own = scene.mint.self_signed(&Profile::leaf(&["login.hotel.example"])).unwrap();
    let world = World::of(scene, |_, _| own.clone());
    assert_eq!(world.found().0, ["captive-portal"]);
    assert_eq!(world.found().1, ["self-signed", "name-mismatch"], "alone it could be anything");

    let scene = Scene::new();
    let public = scene.site("login.hotel.example");
    let world = World::of(scene, |_, _| public.clone());
    assert_eq!(world.found(), (vec!["captive-portal".to_owned()], vec!["name-mismatch".to_owned()]));

    let scene = Scene::new();
    let elsewhere = scene.site("elsewhere.example");
    let sites = [elsewhere, scene.site(HOSTS[1]), scene.site(HOSTS[2])].map(Site::tls);
    assert_eq!(World::new(scene, sites).found().0, ["name-mismatch"], "the others are what they should be");

    let scene = Scene::new();
    let gateway = installed(&scene, "Northwind Gateway CA");
    let world = World::of(scene, |_, host| gateway.leaf(&[host]).unwrap());
    assert_eq!(world.found().0, ["tls-inspected"], "a certificate for each host");
}

#[test]
fn a_web_page_in_place_of_tls_is_a_login_page_where_everybody_is_sent_there() {
    let page = |status: &str, location: &str| {
        Site::Stalls(format!("HTTP/1.1 {status}\r\n{location}Content-Length: 0\r\n\r\n").into_bytes())
    };
    let to_login = || page("302 Found", "Location: http://login.hotel.example/\r\n");
    let scene = Scene::new();
    let world = World::new(scene, [to_login(), to_login(), to_login()]);
    assert_eq!(world.found(), (vec!["captive-portal".to_owned()], vec!["not-tls".to_owned()]));

    let scene = Scene::new();
    let sites = [to_login(), Site::tls(scene.site(HOSTS[1])), Site::tls(scene.site(HOSTS[2]))];
    assert_eq!(World::new(scene, sites).found().0, ["not-tls"], "one host that is not set up for TLS");

    let scene = Scene::new();
    let says_so = || page("511 Network Authentication Required", "");
    let world = World::new(scene, [says_so(), says_so(), says_so()]);
    assert_eq!(world.found().0, ["captive-portal"]);
}

/// A site whose own clock is some days off ours.
fn with_clock(identity: Identity, days: i64) -> Site {
    let date = Some(OffsetDateTime::now_utc() + Duration::days(days));
    Site::Tls(identity, TlsOptions { date, ..TlsOptions::default() })
}

#[test]
fn the_clock_is_blamed_where_strangers_agree_against_it() {
    for (from, until, there, code, alone) in
        [(-120, -30, -60, "clock-skew", "expired"), (10, 90, 40, "clock-skew", "not-yet-valid")]
    {
        let scene = Scene::new();
        let sites = HOSTS.map(|host| with_clock(dated(&scene, host, from, until), there));
        let world = World::new(scene, sites);
        assert_eq!(codes(&world.check(), HOSTS[0]), [code]);

        let world = World::of(Scene::new(), |scene, host| dated(scene, host, from, until));
        assert_eq!(world.found().0, [alone], "the servers' clocks agree with ours");
    }
    let scene = Scene::new();
    let sites =
        [dated(&scene, HOSTS[0], -120, -30), dated(&scene, HOSTS[1], -120, -30), scene.site(HOSTS[2])]
            .map(Site::tls);
    assert_eq!(World::new(scene, sites).found().0, ["expired"], "one that is valid clears the clock");

    let scene = Scene::new();
    let sites = [(-120, -100), (-90, -60), (-50, -2)];
    let mut hosts = HOSTS.into_iter();
    let sites = sites.map(|(from, until)| Site::tls(dated(&scene, hosts.next().unwrap(), from, until)));
    assert_eq!(
        World::new(scene, sites).found().0,
        ["expired"],
        "there was no moment at which all were valid"
    );
}

#[test]
fn inspection_is_told_host_by_host_and_inspector_by_inspector() {
    let scene = Scene::new();
    let gateway = installed(&scene, "Northwind Gateway CA");
    let sites =
        [scene.site(HOSTS[0]), gateway.leaf(&[HOSTS[1]]).unwrap(), gateway.leaf(&[HOSTS[2]]).unwrap()];
    let world = World::new(scene, sites.map(Site::tls));
    let report = world.check();
    assert_eq!(codes(&report, HOSTS[0]), [] as [&str; 0], "this one is let through");
    assert_eq!(target(&report, HOSTS[0])["inspection"], "not-inspected");
    assert_eq!(report["inspection"]["verdict"], "inspected");

    let scene = Scene::new();
    let (gateway, shield) = (
        scene.mint.root("Northwind Gateway CA").unwrap(),
        scene.mint.root_of(&Profile::root("Web Shield Root").of("Woodgrove Antivirus")).unwrap(),
    );
    scene.trust(&[&gateway, &shield]);
    let sites = [
        shield.leaf(&[HOSTS[0]]).unwrap(),
        gateway.leaf(&[HOSTS[1]]).unwrap(),
        shield.leaf(&[HOSTS[2]]).unwrap(),
    ];
    let world = World::new(scene, sites.map(Site::tls));
    let report = world.check();
    assert_eq!(codes(&report, HOSTS[0]), ["tls-inspected"]);
    assert_eq!(report["inspection"]["authorities"].as_array().unwrap().len(), 2);
}

/// A story, what stands in the first host's place, and what must be found.
type Row<'a> = (&'a str, fn(&Scene) -> Site, &'a [&'a str]);

#[test]
fn beside_an_inspector_every_other_fault_stays_what_it_is() {
    let made_by = |scene: &Scene, name: &str| scene.mint.root(name).unwrap();
    let rows: [Row<'_>; 5] = [
        (
            "a CA of its own that nobody has",
            |s| {
                let own = s.mint.root("Adventure Works Root").unwrap();
                Site::tls(own.leaf(&[HOSTS[0]]).unwrap().with(&[own.certificate()]))
            },
            &["untrusted-root"],
        ),
        (
            "an issuer that nobody knows",
            |s| Site::tls(s.mint.root("Margie Travel Root").unwrap().leaf(&[HOSTS[0]]).unwrap()),
            &["unknown-issuer"],
        ),
        (
            "signed by itself",
            |s| Site::tls(s.mint.self_signed(&Profile::leaf(&[HOSTS[0]])).unwrap()),
            &["self-signed"],
        ),
        ("cut off", |_| Site::Reset, &["connection-reset"]),
        ("public and past its end", |s| Site::tls(dated(s, HOSTS[0], -90, -2)), &["expired"]),
    ];
    for (story, site, wanted) in rows {
        let scene = Scene::new();
        let gateway = installed(&scene, "Northwind Gateway CA");
        let sites = [
            site(&scene),
            Site::tls(gateway.leaf(&[HOSTS[1]]).unwrap()),
            Site::tls(gateway.leaf(&[HOSTS[2]]).unwrap()),
        ];
        let report = World::new(scene, sites).check();
        assert_eq!(codes(&report, HOSTS[0]), wanted, "{story}: {report}");
        assert_ne!(target(&report, HOSTS[0])["inspection"], "inspected", "{story}");
        assert_eq!(report["inspection"]["verdict"], "inspected", "{story}");
    }
    let scene = Scene::new();
    let gateway = installed(&scene, "Northwind Gateway CA");
    let untrust = made_by(&scene, "Northwind Gateway Untrusted CA");
    let sites = [
        untrust.leaf(&[HOSTS[0]]).unwrap().with(&[untrust.certificate()]),
        gateway.leaf(&[HOSTS[1]]).unwrap(),
        gateway.leaf(&[HOSTS[2]]).unwrap(),
    ];
    let report = World::new(scene, sites.map(Site::tls)).check();
    assert_eq!(
        codes(&report, HOSTS[0]),
        ["tls-inspected", "untrusted-root"],
        "the gateway's CA for bad origins"
    );
    assert_eq!(
        report["inspection"]["authorities"].as_array().unwrap().len(),
        1,
        "and that CA is offered to nobody"
    );
}

/// A chain made with the key that a CA gave away; see `fixtures/known-bad`.
fn signed_by_everybody() -> Identity {
    let chain = pem_file::read(include_bytes!("../../fixtures/known-bad/chain.pem")).certificates;
    Identity::from_pem(chain, include_str!("../../fixtures/known-bad/key.pem")).unwrap()
}

#[test]
fn a_ca_whose_key_is_public_is_named_before_everything_else() {
    for in_store in [true, false] {
        let scene = Scene::new();
        if in_store {
            let both = scene.root.certificate().pem() + &signed_by_everybody().chain[1].pem();
            scene.sandbox.file("system.pem", both);
        }
        let world = World::of(scene, |_, _| signed_by_everybody());
        let (beside, alone) = world.found();
        assert_eq!(beside[0], "known-bad-ca", "in the store: {in_store}");
        assert_eq!(alone[0], "known-bad-ca", "in the store: {in_store}");
        let inspected = if in_store { "tls-inspected" } else { "inspection-ca-not-installed" };
        assert_eq!(beside[1], inspected);
    }
    // its name alone is no evidence
    let scene = Scene::new();
    let namesake = installed(&scene, "bealocalhost.de");
    let sites = [namesake.leaf(&[HOSTS[0]]).unwrap(), scene.site(HOSTS[1]), scene.site(HOSTS[2])];
    assert_eq!(World::new(scene, sites.map(Site::tls)).found().0, ["private-ca"]);
    // and where it only lies in the store, the hosts are well and the store is not
    let scene = Scene::new();
    let both = scene.root.certificate().pem() + &signed_by_everybody().chain[1].pem();
    scene.sandbox.file("system.pem", both);
    let report = World::of(scene, Scene::site).check();
    assert_eq!(codes(&report, HOSTS[0]), [] as [&str; 0]);
    assert!(
        finding(&report, "known-bad-ca")["message"].as_str().unwrap().contains("The system store trusts")
    );
}

#[test]
fn a_machine_without_roots_is_outdated_and_not_inspected() {
    let scene = Scene::new();
    let file = scene.folder().join("system.pem");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let report = World::of(scene, Scene::site).check();
    assert_eq!(codes(&report, HOSTS[0]), ["system-store-outdated"]);
    assert_eq!(report["inspection"]["verdict"], "not-inspected");
    let said = finding(&report, "system-store-outdated")["evidence"].to_string();
    assert!(said.contains("The system store is empty"), "{said}");
}

/// In a network namespace of its own a program has no way anywhere, not even to itself.
#[test]
fn a_computer_without_a_network_reaches_nobody_and_has_found_out_nothing() {
    let Some(unshare) = tool("unshare") else { return skip("unshare is not installed") };
    let scene = Scene::new();
    let alone = scene.sandbox.program(&unshare).args(["-rn", "true"]).output();
    if alone.code != Some(0) {
        return skip("this system gives no network namespaces to ordinary users");
    }
    for (host, wanted) in [
        ("192.0.2.1", "unreachable"),
        ("[2001:db8::1]", "unreachable"),
        ("shop.example", "name-not-resolved"),
    ] {
        let run = scene
            .sandbox
            .program(&unshare)
            .args([
                "-rn",
                env!("CARGO_BIN_EXE_trustgap"),
                "check",
                "--json",
                "--controls=none",
                "--proxy=none",
                host,
            ])
            .output()
            .exits(3);
        let report = run.json();
        assert_eq!(report["targets"][0]["verdict"], wanted, "{host}: {report}");
        assert_eq!(report["inspection"]["verdict"], "unknown");
    }
}
