//! Whose fault an expired certificate is: real servers say what time it is, and only where a certificate is in doubt.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use trustgap::lab::mint::{Authority, Mint, Profile};
use trustgap::lab::network::pem;
use trustgap::lab::{Service, Site, TlsOptions};

use super::support::web::{Web, answer, carry};
use super::support::{Run, Sandbox};

/// A root, and sites below it whose certificates and clocks the test chooses.
struct World {
    sandbox: Sandbox,
    now: OffsetDateTime,
    root: Authority,
    issuer: Authority,
    sites: Vec<(String, Service)>,
    arguments: Vec<String>,
}

impl World {
    fn new() -> Self {
        let now = OffsetDateTime::now_utc();
        let root = Mint::at(now).root_of(&Profile::root("Public Root").valid_days(-4000, 4000)).unwrap();
        let issuer =
            root.subordinate_of(&Profile::intermediate("Public Issuing").valid_days(-3000, 3000)).unwrap();
        Self { sandbox: Sandbox::new(), now, root, issuer, sites: Vec::new(), arguments: Vec::new() }
    }

    /// Adds a site whose certificate is valid for these days around the present, and whose clock is off by so much.
    fn site(&mut self, host: &str, valid: (i64, i64), off: Duration) {
        let issuer = self.issuer.clone();
        self.site_of(&issuer, host, valid, off);
    }

    fn site_of(&mut self, issuer: &Authority, host: &str, (from, until): (i64, i64), off: Duration) {
        let profile = Profile::leaf(&[host]).valid_days(from, until);
        let identity = issuer.issue(&profile).unwrap().with(&[issuer.certificate()]);
        let options = TlsOptions { date: Some(self.now + off), ..TlsOptions::default() };
        self.sites.push((host.to_owned(), Site::Tls(identity, options).start().unwrap()));
    }

    fn check(&self, arguments: &[&str]) -> Run {
        let roots = self.sandbox.file("roots.pem", pem([self.root.certificate()]));
        let detours =
            self.sites.iter().map(|(host, service)| format!("--connect-to={host}:443:{}", service.address()));
        let controls = arguments.iter().chain(&["--controls=none"]).find(|a| a.starts_with("--controls"));
        self.sandbox
            .trustgap()
            .arg("check")
            .args(self.sites.iter().map(|(host, _)| host))
            .args([format!("--system-roots={}", roots.display()), format!("--web-roots={}", roots.display())])
            .args(["--proxy=none", "--timeout=20", controls.unwrap()])
            .args(detours)
            .args(&self.arguments)
            .args(arguments.iter().filter(|a| !a.starts_with("--controls")))
            .output()
    }

    fn report(&self) -> Value {
        self.check(&["--json"]).exits(1).json()
    }

    /// How many connections each site got.
    fn connections(&self) -> Vec<u64> {
        self.sites.iter().map(|(_, service)| service.accepted()).collect()
    }
}

fn verdicts(report: &Value) -> Vec<&str> {
    report["targets"].as_array().unwrap().iter().map(|t| t["verdict"].as_str().unwrap()).collect()
}

/// Returns evidence and exclusions of the first finding of a code.
fn said(report: &Value, code: &str) -> String {
    let finding = report["findings"].as_array().unwrap().iter().find(|f| f["code"] == code).unwrap();
    let ruled_out =
        finding["ruled_out"].as_array().into_iter().flatten().map(|r| r["because"].as_str().unwrap());
    let evidence = finding["evidence"].as_array().unwrap().iter().map(|e| e.as_str().unwrap());
    evidence.chain(ruled_out).collect::<Vec<_>>().join("\n")
}

const VALID: (i64, i64) = (-20, 70);
const LONG: (i64, i64) = (-900, 300);
const EXPIRED: (i64, i64) = (-90, -3);

#[test]
fn one_expired_certificate_is_not_the_clocks_fault_and_the_others_say_so() {
    let mut world = World::new();
    world.site("shop.example", EXPIRED, Duration::ZERO);
    world.site("www.fabrikam.example", VALID, Duration::ZERO);
    world.site("www.contoso.example", VALID, Duration::ZERO);
    let report = world.report();
    assert_eq!(verdicts(&report), ["expired", "ok", "ok"]);
    let said = said(&report, "expired");
    let wanted = "the clock is right: www.contoso.example and www.fabrikam.example agree with it within ";
    assert!(said.contains(wanted), "{said}");
    assert_eq!(report["findings"][0]["certainty"], "is");
    assert_eq!(world.connections(), [1, 2, 2], "the expired one is not asked for the time");
}

#[test]
fn where_everything_is_valid_nobody_is_asked_for_the_time() {
    let mut world = World::new();
    world.site("shop.example", VALID, -Duration::days(60));
    world.site("www.contoso.example", VALID, -Duration::days(60));
    world.check(&[]).exits(0);
    assert_eq!(world.connections(), [1, 1]);
}

#[test]
fn a_clock_that_is_ahead_or_behind_is_measured_although_no_certificate_is_valid_by_it() {
    for (off, valid, words, excluded) in [
        (-200, (-220, -130), "it is 200 days ahead", "expired"),
        (200, (180, 270), "it is 200 days behind", "not-yet-valid"),
    ] {
        let mut world = World::new();
        for host in ["shop.example", "www.fabrikam.example", "www.contoso.example"] {
            world.site(host, valid, Duration::days(off));
        }
        let report = world.report();
        assert_eq!(verdicts(&report), ["clock-skew"; 3]);
        assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report:#}");
        let finding = &report["findings"][0];
        assert_eq!(finding["certainty"], "is");
        assert!(finding["message"].as_str().unwrap().contains(words), "{finding:#}");
        assert_eq!(finding["ruled_out"][0]["code"], excluded);
        let offset = finding["values"]["offset_seconds"].as_i64().unwrap();
        assert!((offset - off * 86_400).abs() < 60, "{offset}");
    }
}

#[test]
fn hosts_that_are_valid_by_the_wrong_clock_too_show_that_it_is_wrong() {
    let mut world = World::new();
    world.site("www.fabrikam.example", LONG, -Duration::days(60));
    world.site("www.contoso.example", LONG, -Duration::days(60));
    world.site("shop.example", (-80, -10), -Duration::days(60));
    world.site("gone.example", (-200, -100), -Duration::days(60));
    let report = world.report();
    assert_eq!(verdicts(&report), ["ok", "ok", "clock-skew", "expired"]);
    let said = said(&report, "expired");
    assert!(said.contains("by the right time, ") && said.contains("it is expired as well"), "{said}");
    assert_eq!(world.connections(), [2, 2, 1, 1], "who is verified by this clock is enough");
}

#[test]
fn hosts_that_contradict_each_other_leave_it_open() {
    let mut world = World::new();
    world.site("shop.example", EXPIRED, Duration::ZERO);
    world.site("www.fabrikam.example", LONG, -Duration::days(300));
    world.site("www.contoso.example", LONG, Duration::ZERO);
    let report = world.report();
    assert_eq!(verdicts(&report), ["expired", "ok", "ok"]);
    assert_eq!(report["findings"][0]["certainty"], "looks-like");
    assert!(said(&report, "expired").contains("contradict each other about the time"));
}

#[test]
fn one_host_alone_is_not_believed_against_this_computer() {
    let mut world = World::new();
    world.site("shop.example", (-220, -130), -Duration::days(200));
    world.site("www.shop.example", (-220, -130), -Duration::days(200));
    let report = world.report();
    assert_eq!(verdicts(&report), ["expired", "expired"], "two hosts of one owner are one");
    assert_eq!(report["findings"][0]["certainty"], "looks-like");
    assert!(said(&report, "expired").contains("shop.example says that it is "), "{report:#}");
}

#[test]
fn whoever_is_expired_by_its_own_clock_vouches_for_nothing() {
    let mut world = World::new();
    for host in ["shop.example", "www.contoso.example"] {
        world.site(host, (-90, -30), -Duration::days(5));
    }
    let report = world.report();
    assert_ne!(verdicts(&report), ["ok", "ok"]);
    assert!(!report.to_string().contains("the clock is right"), "{report:#}");
    assert!(!report.to_string().contains("5 days"), "what they say is not repeated: {report:#}");
}

#[test]
fn expired_hosts_of_different_owners_that_agree_with_this_clock_do_not_make_it_look_wrong() {
    let mut world = World::new();
    for host in ["shop.example", "www.contoso.example"] {
        world.site(host, EXPIRED, Duration::ZERO);
    }
    let report = world.report();
    assert_eq!(verdicts(&report), ["expired"; 2]);
    assert!(said(&report, "expired").contains("the clock is right: "), "{report:#}");
}

#[test]
fn nothing_is_sent_to_whom_nobody_vouches_for_and_public_sites_are_asked_in_the_clear() {
    let mut world = World::new();
    let stranger = Mint::at(world.now).root("Stranger").unwrap();
    let hosts = ["shop.example", "www.fabrikam.example", "www.contoso.example"];
    for host in hosts {
        world.site_of(&stranger, host, (-220, -130), -Duration::days(200));
    }
    let date = world.now - Duration::days(200);
    let date = date.format(&time::format_description::well_known::Rfc2822).unwrap().replace("+0000", "GMT");
    let web = Web::new(move |_| {
        answer("301 Moved", &format!("Date: {date}\r\nLocation: https://x.example/\r\n"), "")
    });
    world.arguments = hosts.map(|host| web.instead_of(host)).to_vec();
    let controls = "--controls=www.fabrikam.example,www.contoso.example";
    world.sites.rotate_left(1);
    // the two others are looked at as controls, not as targets
    let (asked, others): (Vec<_>, Vec<_>) =
        world.sites.drain(..).partition(|(host, _)| host == "shop.example");
    world.sites = asked;
    world.arguments.extend(others.iter().map(|(host, s)| format!("--connect-to={host}:443:{}", s.address())));
    let report = world.check(&["--json", controls]).exits(1).json();
    let finding = report["findings"].as_array().unwrap().iter().find(|f| f["code"] == "clock-skew").unwrap();
    assert_eq!(finding["certainty"], "looks-like");
    assert!(said(&report, "clock-skew").contains("over plain HTTP, for which nobody vouches"), "{report:#}");
    assert_eq!(web.requests().len(), 2);
    assert!(web.requests().iter().all(|r| r.starts_with("HEAD / HTTP/1.1\r\n")), "{:?}", web.requests());
    assert_eq!(world.connections(), [1], "no second connection: nothing would be sent over it");
    assert_eq!(others.iter().map(|(_, s)| s.accepted()).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn an_impostor_on_the_second_connection_is_told_nothing() {
    let mut world = World::new();
    world.site("shop.example", EXPIRED, Duration::ZERO);
    world.site("www.fabrikam.example", VALID, Duration::ZERO);
    let stranger = Mint::at(world.now).root("Stranger").unwrap();
    let impostor = stranger.leaf(&["www.fabrikam.example"]).unwrap();
    let options = TlsOptions { date: Some(world.now - Duration::days(30)), ..TlsOptions::default() };
    let impostor = Site::Tls(impostor, options).start().unwrap();
    let (honest, impostor_at) = (world.sites[1].1.address(), impostor.address());
    let count = std::sync::atomic::AtomicUsize::new(0);
    let switch = Service::start(move |client| {
        let first = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        carry(client, if first { honest } else { impostor_at });
    });
    let switch = switch.unwrap();
    let honest = std::mem::replace(&mut world.sites[1].1, switch);
    let report = world.report();
    assert_eq!(verdicts(&report), ["expired", "ok"]);
    assert_eq!((honest.accepted(), impostor.accepted()), (1, 1));
    let said = said(&report, "expired");
    assert!(said.contains("the clock is right: shop.example agrees with it"), "{said}");
    assert!(!said.contains("fabrikam"), "{said}");
}

#[test]
fn a_time_that_was_chosen_is_not_the_clocks_fault() {
    let mut world = World::new();
    for host in ["shop.example", "www.contoso.example"] {
        world.site(host, VALID, Duration::ZERO);
    }
    let report = world.check(&["--json", "--at=2031-01-01"]).exits(1).json();
    assert_eq!(verdicts(&report), ["expired"; 2]);
}

#[test]
fn what_the_hosts_said_is_recorded_and_replayed() {
    let mut world = World::new();
    for host in ["shop.example", "www.contoso.example"] {
        world.site(host, (-220, -130), -Duration::days(200));
    }
    let record = world.sandbox.path().join("seen.json");
    let first = world.check(&["--json", "--record", record.to_str().unwrap()]).exits(1).json();
    let again =
        world.sandbox.trustgap().args(["check", "--json", "--replay"]).arg(&record).output().exits(1).json();
    assert_eq!(verdicts(&first), ["clock-skew"; 2]);
    assert_eq!(first["findings"], again["findings"]);
    let seen: Value = serde_json::from_str(&std::fs::read_to_string(record).unwrap()).unwrap();
    assert_eq!(seen["clock"].as_array().map(Vec::len), Some(2));
    assert_ne!(seen["clock"], json!([]));
}
