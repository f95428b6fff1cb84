//! A login page in place of the network: told by pages asked over plain HTTP, only where no public site is reached.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use trustgap::lab::{Mint, Network, Service, Site};

use crate::support::{Sandbox, assert_documented};

const ASKED: &str = "registry.contoso.example";
const INTERNAL: &str = "wiki.intranet.test";
const CONTROLS: [&str; 2] = ["www.one.example", "www.two.example"];

const LOGIN: &str =
    "HTTP/1.1 302 Found\r\nLocation: http://login.hotel.example/a?mac=00:11:22\r\nContent-Length: 0\r\n\r\n";

/// A server that answers whatever is asked with this.
fn says(answer: &str) -> Service {
    let answer = answer.as_bytes().to_vec();
    Service::start(move |mut stream: TcpStream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&answer);
    })
    .unwrap()
}

/// Looks at hosts of which TLS and plain HTTP are answered so.
fn look(network: &Network, tls: &Service, http: &Service, controls: &str) -> Value {
    look_with(network, tls, tls, http, controls)
}

/// [`look`], where the controls are answered by another server.
fn look_with(
    network: &Network,
    tls: &Service,
    of_controls: &Service,
    http: &Service,
    controls: &str,
) -> Value {
    let sandbox = Sandbox::new();
    let mut command = sandbox
        .trustgap()
        .args([ASKED, INTERNAL, "--json", "--timeout=1.5"])
        .args(sandbox.in_lab(network).iter().filter(|a| !a.starts_with("--controls")))
        .arg(format!("--controls={controls}"));
    for host in [ASKED, INTERNAL, CONTROLS[0], CONTROLS[1]] {
        let server = if CONTROLS.contains(&host) { of_controls } else { tls };
        command = command
            .arg(format!("--connect-to={host}:443:{}", server.address()))
            .arg(format!("--connect-to={host}:80:{}", http.address()));
    }
    let report = command.output().json();
    assert_documented(&report, "report");
    report
}

fn verdicts(report: &Value) -> Vec<(&str, &str)> {
    let targets = report["targets"].as_array().expect("targets").iter();
    targets.map(|t| (t["host"].as_str().unwrap(), t["verdict"].as_str().unwrap())).collect()
}

#[test]
fn a_network_that_cuts_tls_and_leads_pages_to_its_login_is_told_by_them() {
    let network = Network::empty(Mint::now()).unwrap();
    for site in [Site::Reset, Site::Silent] {
        let (tls, http) = (site.start().unwrap(), says(LOGIN));
        let report = look(&network, &tls, &http, &CONTROLS.join(","));
        for (host, verdict) in verdicts(&report) {
            assert_eq!(verdict == "captive-portal", host != INTERNAL, "{host}: {report:#}");
        }
        let finding = &report["findings"][0];
        assert_eq!(finding["code"], "captive-portal");
        assert_eq!(finding["certainty"], "is", "two sites lead to the same place");
        assert!(finding["message"].as_str().unwrap().contains("page of the network answers"), "{finding:#}");
        assert_eq!(
            finding["values"]["portal"], "http://login.hotel.example/a",
            "without the computer's address"
        );
        assert!(!report.to_string().contains("00:11:22"));
        assert_eq!(http.accepted(), 2, "each control is asked once, and nobody else");
    }
}

#[test]
fn a_network_that_says_log_in_first_is_believed() {
    let network = Network::empty(Mint::now()).unwrap();
    let http = says("HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n");
    let report = look(&network, &Site::Close.start().unwrap(), &http, CONTROLS[0]);
    assert_eq!(verdicts(&report)[0], (ASKED, "captive-portal"), "{report:#}");
}

#[test]
fn pages_that_tell_nothing_make_no_portal() {
    let network = Network::empty(Mint::now()).unwrap();
    let tls = Site::Reset.start().unwrap();
    for answer in [
        "HTTP/1.1 301 Moved\r\nLocation: https://one.example/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-x\r\n",
        "",
    ] {
        let report = look(&network, &tls, &says(answer), CONTROLS[0]);
        assert_eq!(verdicts(&report)[0], (ASKED, "connection-reset"), "{answer:?}: {report:#}");
    }
    let drips = Service::start(|mut stream: TcpStream| {
        let mut alive = stream.write_all(b"HTTP/1.1 511 ").is_ok();
        while alive {
            std::thread::sleep(Duration::from_millis(30));
            alive = stream.write_all(b"x").is_ok();
        }
    })
    .unwrap();
    let report = look(&network, &tls, &drips, CONTROLS[0]);
    assert_eq!(verdicts(&report)[0], (ASKED, "connection-reset"), "{report:#}");
}

#[test]
fn no_page_is_asked_where_a_public_site_is_reached_or_nobody_may_be_asked() {
    let network = Network::empty(Mint::now()).unwrap();
    let http = says(LOGIN);
    let report = look(&network, &Site::Reset.start().unwrap(), &http, "none");
    assert_eq!(verdicts(&report)[0], (ASKED, "connection-reset"));
    let issuer = &network.authorities.public_issuer;
    let leaf = issuer.leaf(&[CONTROLS[0]]).unwrap().with(&[issuer.certificate()]);
    let (reset, fine) = (Site::Reset.start().unwrap(), Site::tls(leaf).start().unwrap());
    let report = look_with(&network, &reset, &fine, &http, CONTROLS[0]);
    assert_eq!(verdicts(&report)[0], (ASKED, "connection-reset"), "{report:#}");
    assert_eq!(verdicts(&report)[2], (CONTROLS[0], "ok"), "{report:#}");
    assert_eq!(http.accepted(), 0);
}
