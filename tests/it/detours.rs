//! The way that the environment names leads nowhere, and another one is configured on the machine; and the reverse.

use std::net::{SocketAddr, TcpListener};

use serde_json::Value;
use trustgap::lab::proxy::{Access, Proxy};
use trustgap::lab::{Network, Service, Site};

use crate::support::scene::finding;
use crate::support::{Command, Sandbox, assert_documented};

const NAME: &str = "registry.contoso.example";

/// A site to which only a proxy leads.
struct Office {
    network: Network,
    sandbox: Sandbox,
    site: Service,
    /// Where the site seems to be for those who go directly; nothing listens there.
    nowhere: SocketAddr,
}

impl Office {
    fn new() -> Self {
        let network = Network::empty(trustgap::lab::Mint::now()).unwrap();
        let issuer = &network.authorities.public_issuer;
        let leaf = issuer.leaf(&[NAME]).unwrap().with(&[issuer.certificate()]);
        let site = Site::tls(leaf).start().unwrap();
        let nowhere = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { network, sandbox: Sandbox::new(), site, nowhere }
    }

    fn proxy(&self, access: Access) -> Service {
        let tunnels = [self.nowhere.to_string(), self.site.address().to_string(), format!("{NAME}:443")];
        let tunnels = tunnels.map(|place| (place, self.site.address())).into_iter().collect();
        Proxy { access, tunnels, ..Proxy::default() }.start().unwrap()
    }

    /// Looks at the site where it is said to be.
    fn check(&self, at: SocketAddr) -> Command {
        self.sandbox
            .trustgap()
            .arg(NAME)
            .args(self.sandbox.in_lab(&self.network))
            .arg(format!("--connect-to={NAME}:443:{at}"))
            .args(["--timeout=3"])
    }
}

/// Runs it and returns its report, in which no password stands.
fn json(command: Command) -> Value {
    let run = command.arg("--json").output();
    assert!(!run.text().contains("s3cret"), "a password is shown: {}", run.text());
    let report = run.json();
    assert_documented(&report, "report");
    report
}

fn evidence(finding: &Value) -> String {
    finding["evidence"]
        .as_array()
        .expect("evidence")
        .iter()
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_proxy_that_only_git_knows_of_is_found_tried_and_named() {
    let office = Office::new();
    let proxy = office.proxy(Access::Basic { user: "ada".into(), password: "s3cret".into() });
    let url = format!("http://ada:s3cret@{}", proxy.address());
    office.sandbox.file("home/.gitconfig", format!("[user]\n\tname = Ada\n[http]\n\tproxy = {url}\n"));
    let report = json(office.check(office.nowhere));
    assert_eq!(report["targets"][0]["verdict"], "proxy-required", "{report:#}");
    assert_eq!(report["targets"][0]["findings"], serde_json::json!(["proxy-required"]));
    assert_eq!(report["targets"][0]["web"]["trusted"], true, "what is behind the proxy was judged");
    let found = finding(&report, "proxy-required");
    let said = evidence(found);
    assert!(said.contains("~/.gitconfig, line 4, for git"), "{said}");
    assert!(said.contains("Directly the connection is refused"), "{said}");
    assert_eq!(found["values"]["proxy"], format!("http://{}", proxy.address()));
    assert_eq!(found["values"]["through"], serde_json::json!(["git"]));
    let direct = found["values"]["direct"].as_array().expect("clients");
    assert!(direct.contains(&"curl".into()), "{found:#}");
    let commands = found["remedy"]["commands"].to_string();
    assert!(commands.contains(&format!("export https_proxy=http://{}", proxy.address())), "{commands}");
    let git = report["targets"][0]["ways"].as_array().expect("ways").iter().find(|w| w["client"] == "git");
    assert_eq!(git.expect("git is installed")["set_by"], "~/.gitconfig:4");

    // and it is recorded and judged again without the password
    let record = office.sandbox.path().join("record.json");
    office.check(office.nowhere).arg(format!("--record={}", record.display())).output();
    let recorded = std::fs::read_to_string(&record).unwrap();
    assert!(!recorded.contains("s3cret") && recorded.contains(".gitconfig"), "{recorded}");
    let replayed =
        office.sandbox.trustgap().arg(format!("--replay={}", record.display())).arg("--json").output();
    assert_eq!(finding(&replayed.json(), "proxy-required")["code"], "proxy-required");
}

#[test]
fn a_proxy_that_does_not_lead_there_either_is_no_cause() {
    let office = Office::new();
    let proxy = office.proxy(Access::Nobody);
    office.sandbox.file("home/.npmrc", format!("https-proxy=http://{}\n", proxy.address()));
    let report = json(office.check(office.nowhere));
    assert_eq!(report["targets"][0]["verdict"], "refused");
    let said = evidence(finding(&report, "refused"));
    assert!(said.contains("~/.npmrc, line 1, for npm"), "{said}");
    assert!(said.contains("403"), "{said}");
    assert_eq!(proxy.accepted(), 1, "it was asked once");
}

#[test]
fn a_host_that_is_reached_directly_asks_no_proxy() {
    let office = Office::new();
    let proxy = office.proxy(Access::Everybody);
    office.sandbox.file("home/.npmrc", format!("https-proxy=http://{}\n", proxy.address()));
    let report = json(office.check(office.site.address()));
    assert_eq!(report["targets"][0]["verdict"], "ok", "{report:#}");
    assert_eq!(proxy.accepted(), 0);
    assert!(report["targets"][0].get("ways").is_none(), "no proxy is in play");
    // and with `--proxy none` nobody looks for one
    let report = json(office.check(office.nowhere).arg("--proxy=none"));
    assert_eq!(report["targets"][0]["verdict"], "refused");
    assert_eq!(proxy.accepted(), 0);
}

#[test]
fn exemptions_beside_a_proxy_are_kept() {
    let office = Office::new();
    let proxy = office.proxy(Access::Everybody);
    office
        .sandbox
        .file("home/.npmrc", format!("https-proxy=http://{}\nnoproxy=contoso.example\n", proxy.address()));
    let report = json(office.check(office.nowhere));
    assert_eq!(report["targets"][0]["verdict"], "refused");
    assert_eq!(proxy.accepted(), 0);
}

#[test]
fn a_host_that_is_exempted_from_the_only_way_out_is_told_so() {
    let office = Office::new();
    let proxy = office.proxy(Access::Everybody);
    let command = office
        .check(office.nowhere)
        .env("https_proxy", format!("http://{}", proxy.address()))
        .env("no_proxy", ".contoso.example");
    let report = json(command);
    assert_eq!(report["targets"][0]["verdict"], "proxy-required", "{report:#}");
    let said = evidence(finding(&report, "proxy-required"));
    assert!(said.contains("no_proxy=.contoso.example"), "{said}");
}

#[test]
fn a_host_that_hangs_directly_is_reached_through_the_proxy_meanwhile() {
    let office = Office::new();
    let silent = Site::Silent.start().unwrap();
    let tunnels = [(silent.address().to_string(), office.site.address())].into_iter().collect();
    let proxy = Proxy { tunnels, ..Proxy::default() }.start().unwrap();
    office.sandbox.file("home/.npmrc", format!("https-proxy=http://{}\n", proxy.address()));
    let report = json(office.check(silent.address()));
    assert_eq!(report["targets"][0]["verdict"], "proxy-required", "{report:#}");
    assert_eq!(proxy.accepted(), 1);
}

#[test]
fn a_proxy_that_fails_where_the_direct_way_works_is_told_so() {
    let office = Office::new();
    let refusing = office.proxy(Access::Nobody);
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (proxy, code) in [(refusing.address(), "proxy-refused"), (gone, "proxy-unreachable")] {
        let command = office.check(office.site.address()).env("HTTPS_PROXY", format!("http://{proxy}"));
        let report = json(command);
        assert_eq!(report["targets"][0]["verdict"], code, "{report:#}");
        let found = finding(&report, code);
        assert!(evidence(found).contains("Directly, without the proxy, the host answers."), "{found:#}");
        assert_eq!(found["severity"], "problem");
        assert!(found["remedy"]["commands"].to_string().contains("no_proxy"), "{found:#}");
    }
    // one that swallows what it is asked
    let silent = office.proxy(Access::Silent);
    let proxied = ("HTTPS_PROXY", format!("http://{}", silent.address()));
    let report = json(office.check(office.site.address()).env(proxied.0, &proxied.1));
    assert_eq!(report["targets"][0]["verdict"], "timeout", "{report:#}");
    assert!(evidence(finding(&report, "timeout")).contains("Directly, without the proxy"), "{report:#}");
    // a proxy that was named on the command line is the only way that is tried
    let before = office.site.accepted();
    let command = office.check(office.site.address()).arg(format!("--proxy=http://{gone}"));
    assert_eq!(json(command)["targets"][0]["verdict"], "proxy-unreachable");
    assert_eq!(office.site.accepted(), before);
}

#[test]
fn the_password_that_another_place_has_is_found_and_not_shown() {
    let office = Office::new();
    let proxy = office.proxy(Access::Basic { user: "ada".into(), password: "s3cret".into() });
    let at = proxy.address();
    office.sandbox.file("home/.npmrc", format!("https-proxy=http://ada:s3cret@{at}\n"));
    let report = json(office.check(office.nowhere).env("https_proxy", format!("http://{at}")));
    assert_eq!(report["targets"][0]["verdict"], "proxy-auth-required", "{report:#}");
    let found = finding(&report, "proxy-auth-required");
    let said = evidence(found);
    assert!(
        said.contains("With the user name and password of another place it answers: ~/.npmrc, line 1"),
        "{said}"
    );
    assert_eq!(found["remedy"]["owner"], "you");
}

#[test]
fn a_pac_file_is_named_where_nothing_is_reached() {
    let office = Office::new();
    let prefs = "user_pref(\"network.proxy.autoconfig_url\", \"http://wpad.contoso.example/x.pac?token=s3cret\");\nuser_pref(\"network.proxy.type\", 2);\n";
    for folder in ["home/.mozilla/firefox/a.default", "home/Library/Application Support/Firefox/Profiles/a"] {
        office.sandbox.file(&format!("{folder}/prefs.js"), prefs);
    }
    let report = json(office.check(office.nowhere));
    assert_eq!(report["targets"][0]["verdict"], "proxy-required", "{report:#}");
    let found = finding(&report, "proxy-required");
    assert_eq!(found["certainty"], "looks-like");
    assert_eq!(found["values"]["pac"], "http://wpad.contoso.example/x.pac");
    assert!(evidence(found).contains("for Firefox"), "{found:#}");
}
