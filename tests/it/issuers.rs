//! Missing intermediates, fetched from real web servers on loopback: what completes a chain, and what only says why not.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;
use trustgap::facts::Certificate;
use trustgap::facts::report::Verdict;
use trustgap::lab::mint::{Authority, BasicConstraints, Mint, Profile};
use trustgap::lab::{Identity, Network, Service};

use super::support::web::{Web, answer, carry, request};
use super::support::{Run, Sandbox, skip, tool};

const HOST: &str = "shop.fabrikam.example";
const URL: &str = "http://ca.example/issuing.cer";

/// Public authorities, and one site below them that sends its own certificate alone.
struct Shop {
    network: Network,
    sandbox: Sandbox,
}

impl Shop {
    fn new() -> Self {
        Self { network: Network::empty(Mint::now()).unwrap(), sandbox: Sandbox::new() }
    }

    fn issuer(&self) -> &Authority {
        &self.network.authorities.public_issuer
    }

    /// Puts a site there whose certificate says where its issuer is.
    fn sends(&mut self, leaf: Identity) {
        self.network.tls("a shop", HOST, leaf, Verdict::Ok).unwrap();
    }

    fn sends_leaf_of(&mut self, issuer: &Authority) {
        self.sends(issuer.issue(&pointing(HOST, URL)).unwrap());
    }

    fn check(&self, web: &Web, arguments: &[&str]) -> Run {
        let own_controls = arguments.iter().any(|a| a.starts_with("--controls"));
        let lab = self.sandbox.in_lab(&self.network).into_iter();
        self.sandbox
            .trustgap()
            .args(["check", HOST, "--proxy=none", "--timeout=20"])
            .args(lab.filter(|a| !(own_controls && a == "--controls=none")))
            .arg(web.instead_of("ca.example"))
            .args(arguments)
            .output()
    }

    fn report(&self, web: &Web) -> Value {
        self.check(web, &["--json"]).exits(1).json()
    }
}

fn pointing(host: &str, url: &str) -> Profile {
    Profile { issuer_url: Some(url.to_owned()), ..Profile::leaf(&[host]) }
}

fn verdict(report: &Value) -> &str {
    report["targets"][0]["verdict"].as_str().unwrap()
}

/// Returns the evidence of the headline.
fn evidence(report: &Value) -> String {
    let finding =
        report["findings"].as_array().unwrap().iter().find(|f| f["code"] == verdict(report)).unwrap();
    finding["evidence"].as_array().unwrap().iter().map(|e| e.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_intermediate_is_read_in_every_form_and_behind_redirects() {
    let mut shop = Shop::new();
    let issuer = shop.network.authorities.public_issuer.clone();
    shop.sends_leaf_of(&issuer);
    let certificate = issuer.certificate();
    let mut bodies = vec![certificate.der().to_vec(), certificate.pem().into_bytes()];
    bodies.extend(pkcs7(&shop.sandbox, certificate));
    for body in bodies {
        let web = Web::new(move |url| match url {
            URL => answer("301 Moved Permanently", "Location: http://ca.example/new/place\r\n", ""),
            "http://ca.example/new/place" => answer("200 OK", "Content-Type: text/html\r\n", &body),
            _ => answer("404 Not Found", "", ""),
        });
        let report = shop.report(&web);
        assert_eq!(verdict(&report), "missing-intermediate");
        assert_eq!(report["findings"][0]["certainty"], "is");
        assert!(
            evidence(&report).contains(&format!("It was fetched from \"{URL}\"")),
            "{}",
            evidence(&report)
        );
        let chain = report["findings"][0]["values"]["chain_to_send"].as_str().unwrap();
        assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 2);
        assert_eq!(web.requests().len(), 2, "each address is asked once");
    }
}

/// The same certificate as a certs-only message, in DER and in PEM.
fn pkcs7(sandbox: &Sandbox, certificate: &Certificate) -> Vec<Vec<u8>> {
    let Some(openssl) = tool("openssl") else {
        skip("openssl is not installed");
        return Vec::new();
    };
    let from: PathBuf = sandbox.file("one.pem", certificate.pem());
    let form = |form: &str| {
        let to = sandbox.path().join(format!("one.{form}"));
        let made = sandbox
            .program(&openssl)
            .args(["crl2pkcs7", "-nocrl", "-outform", form, "-certfile"])
            .arg(&from)
            .arg("-out")
            .arg(&to)
            .output();
        assert_eq!(made.code, Some(0), "{made:?}");
        std::fs::read(to).unwrap()
    };
    vec![form("DER"), form("PEM")]
}

#[test]
fn an_intermediate_that_needs_another_is_completed_in_a_second_round_and_there_is_no_third() {
    let mut shop = Shop::new();
    let below = |upper: &Authority, name: &str, url: Option<&str>| {
        upper
            .subordinate_of(&Profile {
                basic_constraints: Some(BasicConstraints { ca: true, path_len: Some(5), critical: true }),
                issuer_url: url.map(str::to_owned),
                ..Profile::intermediate(name)
            })
            .unwrap()
    };
    let first = below(&shop.network.authorities.public_root, "Public Trust Upper", None);
    let second = below(&first, "Public Trust Middle", Some("http://ca.example/upper.cer"));
    let third = below(&second, "Public Trust Lower", Some("http://ca.example/middle.cer"));
    let certificates = [&first, &second, &third].map(|ca| ca.certificate().der().to_vec());
    let web = move || {
        let [upper, middle, lower] = certificates.clone();
        Web::new(move |url| {
            let body = match url {
                "http://ca.example/upper.cer" => &upper,
                "http://ca.example/middle.cer" => &middle,
                _ => &lower,
            };
            answer("200 OK", "", body)
        })
    };
    shop.sends(second.issue(&pointing(HOST, "http://ca.example/middle.cer")).unwrap());
    let asked = web();
    let report = shop.report(&asked);
    assert_eq!((verdict(&report), asked.requests().len()), ("missing-intermediate", 2));
    let said = report["findings"][0]["message"].as_str().unwrap();
    assert!(said.ends_with("certificates \"Public Trust Middle\" and \"Public Trust Upper\"."), "{said}");
    let said = evidence(&report);
    for whence in ["\"Public Trust Middle\" was fetched from", "\"Public Trust Upper\" was fetched from"] {
        assert!(said.contains(whence), "{said}");
    }

    let mut deeper = Shop { network: shop.network, sandbox: shop.sandbox };
    deeper.network.endpoints.clear();
    deeper.sends(third.issue(&pointing(HOST, "http://ca.example/lower.cer")).unwrap());
    let asked = web();
    let report = deeper.report(&asked);
    assert_eq!((verdict(&report), asked.requests().len()), ("unknown-issuer", 2));
    let said = evidence(&report);
    assert!(said.contains("did not send \"Public Trust Lower\" either: it was fetched from"), "{said}");
}

#[test]
fn what_stands_there_instead_is_said() {
    let mut shop = Shop::new();
    let issuer = shop.issuer().clone();
    shop.sends_leaf_of(&issuer);
    let stranger = shop.network.authorities.stranger.certificate().der().to_vec();
    for (given, says) in [
        (answer("200 OK", "", "<!DOCTYPE html><p>Please log in"), "stands a web page"),
        (answer("200 OK", "", stranger), "stands another one: \"Adventure Works Root\""),
        (answer("200 OK", "", "gone"), "stands something that is no certificate"),
        (answer("404 Not Found", "", "<html>"), "answers with status 404"),
        (
            answer("302 Found", "Location: https://ca.example/x\r\n", ""),
            "leads to \"https://ca.example/x\", which was not",
        ),
        (answer("302 Found", &format!("Location: {URL}\r\n"), ""), "which was not followed"),
        (answer("200 OK", "", vec![b'x'; 70_000]), "gave nothing: it sends more than 64 KiB"),
        (b"\x1b[31mSSH-2.0\r\n".to_vec(), "gave nothing: its answer is not HTTP"),
        (Vec::new(), "gave nothing: it closed the connection before its answer was complete"),
    ] {
        let web = Web::new(move |_| given.clone());
        let report = shop.report(&web);
        assert_eq!(verdict(&report), "unknown-issuer", "{says}");
        assert!(evidence(&report).contains(says), "{says}: {}", evidence(&report));
    }
}

#[test]
fn an_expired_intermediate_is_no_remedy() {
    let mut shop = Shop::new();
    let old = Profile::intermediate("Public Trust Old").valid_days(-900, -100);
    let old = shop.network.authorities.public_root.subordinate_of(&old).unwrap();
    shop.sends_leaf_of(&old);
    let der = old.certificate().der().to_vec();
    let report = shop.report(&Web::new(move |_| answer("200 OK", "", &der)));
    assert_eq!(report["targets"][0]["findings"], serde_json::json!(["missing-intermediate"]));
    assert!(evidence(&report).contains("The one that was found expired on "), "{}", evidence(&report));
    let remedy = report["findings"][0]["remedy"]["text"].as_str().unwrap();
    assert!(remedy.starts_with("Ask the CA"), "{remedy}");
}

#[test]
fn nobody_is_asked_where_nothing_is_missing_or_nothing_may_be_contacted() {
    let mut shop = Shop::new();
    let issuer = shop.issuer().clone();
    let web = Web::new(|_| answer("404 Not Found", "", ""));
    shop.sends(issuer.issue(&pointing(HOST, URL)).unwrap().with(&[issuer.certificate()]));
    shop.check(&web, &[]).exits(0);

    let alone = issuer.issue(&pointing(HOST, URL)).unwrap();
    let chain = shop.sandbox.file("chain.pem", alone.chain_pem());
    let stores = shop.sandbox.in_lab(&shop.network);
    let saved = shop.sandbox.trustgap().args(["check", "--host", HOST, "--chain"]).arg(chain).args(&stores);
    saved.arg(web.instead_of("ca.example")).output().exits(1);
    assert_eq!(web.requests(), [""; 0]);
}

#[test]
fn what_was_fetched_is_recorded_and_replayed_without_asking_again() {
    let mut shop = Shop::new();
    let issuer = shop.issuer().clone();
    shop.sends_leaf_of(&issuer);
    let der = issuer.certificate().der().to_vec();
    let web = Web::new(move |_| answer("200 OK", "", &der));
    let record = shop.sandbox.path().join("seen.json");
    let first = shop.check(&web, &["--json", "--record", record.to_str().unwrap()]).exits(1).json();
    let again =
        shop.sandbox.trustgap().args(["check", "--json", "--replay"]).arg(&record).output().exits(1).json();
    assert_eq!(first["findings"], again["findings"]);
    assert_eq!(web.requests().len(), 1);
}

#[test]
fn the_way_leads_through_the_proxy_of_plain_http() {
    let mut shop = Shop::new();
    let issuer = shop.issuer().clone();
    shop.sends_leaf_of(&issuer);
    let der = issuer.certificate().der().to_vec();
    let proxy = Web::new(move |url| match url {
        URL => answer("200 OK", "", &der),
        _ => answer("500 Internal Server Error", "", ""),
    });
    let run = shop
        .sandbox
        .trustgap()
        .args(["check", HOST, "--json", "--timeout=20"])
        .args(shop.sandbox.in_lab(&shop.network))
        .env("http_proxy", format!("http://{}", proxy.address()))
        .output();
    assert_eq!(verdict(&run.exits(1).json()), "missing-intermediate");
    assert!(proxy.requests()[0].starts_with(&format!("GET {URL} HTTP/1.1\r\n")), "{:?}", proxy.requests());
}

#[test]
fn where_only_tls_has_a_proxy_that_one_is_asked() {
    let mut shop = Shop::new();
    let issuer = shop.issuer().clone();
    shop.sends_leaf_of(&issuer);
    let der = issuer.certificate().der().to_vec();
    let site = shop.network.endpoints[0].address;
    let proxy = Service::start(move |mut stream| {
        let head = request(&mut stream).unwrap_or_default();
        if head.starts_with("CONNECT ") && stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_ok() {
            carry(stream, site);
        } else if head.starts_with(&format!("GET {URL} ")) {
            let _ = stream.write_all(&answer("200 OK", "", &der));
        }
    });
    let proxy = proxy.unwrap();
    let lab = shop.sandbox.in_lab(&shop.network).into_iter();
    let run = shop
        .sandbox
        .trustgap()
        .args(["check", HOST, "--json", "--timeout=20"])
        .args(lab.filter(|a| !a.starts_with("--connect-to")))
        .env("https_proxy", format!("http://{}", proxy.address()))
        .output();
    assert_eq!(verdict(&run.exits(1).json()), "missing-intermediate");
    assert_eq!(proxy.accepted(), 2);
}

#[test]
fn a_certificate_from_far_away_cannot_send_requests_to_this_computer() {
    let mut shop = Shop::new();
    let web = Web::new(|_| answer("200 OK", "", "secret"));
    let inside = format!("http://{}/latest/meta-data", web.address());
    let leaf = shop.issuer().issue(&pointing(HOST, &inside)).unwrap();
    shop.sends(leaf);
    let site = shop.network.endpoints[0].address;
    // a proxy on this computer speaks for a server that is somewhere else
    let proxy = Service::start(move |mut stream| {
        if request(&mut stream).is_some() && stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_ok() {
            carry(stream, site);
        }
    });
    let proxy = format!("--proxy=http://{}", proxy.as_ref().unwrap().address());
    let lab = shop.sandbox.in_lab(&shop.network).into_iter();
    let run = shop
        .sandbox
        .trustgap()
        .args(["check", HOST, "--json", "--timeout=20", &proxy])
        .args(lab.filter(|a| !a.starts_with("--connect-to")))
        .output();
    let report = run.exits(1).json();
    assert_eq!(verdict(&report), "unknown-issuer");
    assert!(evidence(&report).contains("is not asked on a stranger's word"), "{}", evidence(&report));
    assert_eq!(web.requests(), [""; 0]);
}

#[test]
fn a_server_on_this_computer_may_name_an_address_on_it_and_no_metadata_service() {
    let mut shop = Shop::new();
    let issuer = shop.issuer().clone();
    let der = issuer.certificate().der().to_vec();
    let web = Web::new(move |url| match url {
        url if url.ends_with("/issuing.cer") => answer("200 OK", "", &der),
        _ => answer("302 Found", "Location: http://169.254.169.254/latest/meta-data\r\n", ""),
    });
    for (path, wanted) in [("issuing.cer", "missing-intermediate"), ("elsewhere", "unknown-issuer")] {
        shop.network.endpoints.clear();
        shop.sends(issuer.issue(&pointing(HOST, &format!("http://{}/{path}", web.address()))).unwrap());
        let report = shop.report(&web);
        assert_eq!(verdict(&report), wanted, "{report:#}");
        if wanted == "unknown-issuer" {
            assert!(evidence(&report).contains("169.254.169.254"), "{}", evidence(&report));
        }
    }
    assert_eq!(web.requests().len(), 2);
}

#[test]
fn an_inspector_that_sends_the_leaf_alone_misses_nothing_whatever_it_copied() {
    let mut shop = Shop::new();
    let gateway = shop.network.authorities.uninstalled_gateway_ca.clone();
    let below = gateway.subordinate("Lucerne Issuing CA").unwrap();
    let original = shop.issuer().certificate().der().to_vec();
    let own = below.certificate().der().to_vec();
    let web = Web::new(move |url| answer("200 OK", "", if url == URL { &original } else { &own }));
    // the first copies the address of the original's issuer, the others name their own
    for (host, url) in [(HOST, URL), ("www.contoso.example", "http://ca.example/own.cer")] {
        let leaf = below.issue(&pointing(host, url)).unwrap();
        shop.network.tls("inspected", host, leaf, Verdict::Ok).unwrap();
    }
    let run = shop.check(&web, &["--json", "--controls=www.contoso.example"]);
    let report = run.exits(1).json();
    assert_eq!(report["inspection"]["verdict"], "inspected", "{report:#}");
    for target in report["targets"].as_array().unwrap() {
        assert_eq!(target["findings"], serde_json::json!(["inspection-ca-not-installed"]), "{report:#}");
    }
}
