//! What is said of proxies that let nobody through: what their answer means, who acts, and who of this machine's
//! programs is concerned.

use trustgap::facts::handshake::{Handshake, Outcome, PROXY_CUT, Role, SOCKS_PASSWORD};
use trustgap::facts::proxies::ClientLook;
use trustgap::facts::report::{Finding, Owner};
use trustgap::facts::{Code, Environment, Route};

use super::world::{NOW, World, finding, issue};

const HOST: &str = "shop.example";

fn found(code: Code, proxy: &str, outcome: Outcome, change: impl FnOnce(&mut World)) -> Finding {
    let mut world = World::new();
    let look = world.fail(Role::Asked, HOST, outcome);
    look.route = Route::Proxy { proxy: proxy.parse().unwrap(), set_by: "https_proxy".into() };
    change(&mut world);
    world.clean_controls();
    finding(&world.report(), 0, code).unwrap_or_else(|| panic!("no {code:?}")).clone()
}

fn remedy(finding: &Finding) -> (Owner, &str) {
    let remedy = finding.remedy.as_ref().expect("a remedy");
    (remedy.owner, &remedy.text)
}

#[test]
fn each_refusal_names_what_it_means_and_who_acts() {
    let (http, socks) = ("http://proxy.example:3128", "socks5h://proxy.example:1080");
    for (proxy, status, reason, words, owner) in [
        (http, Some(403), "Forbidden", "refuses the connection", Owner::ItDepartment),
        (http, Some(503), "Service Unavailable", "could not connect", Owner::ItDepartment),
        (http, Some(302), "Found (Location: http://login.example/)", "leads to a web page", Owner::You),
        (http, Some(511), "Network Authentication Required", "leads to a web page", Owner::You),
        (http, Some(405), "Method Not Allowed", "refuses the connection", Owner::You),
        (
            http,
            None,
            "its answer is not HTTP: `SSH-2.0-x`",
            "does not speak as an HTTP proxy does",
            Owner::You,
        ),
        (http, None, PROXY_CUT, "cuts the connection", Owner::ItDepartment),
        (socks, Some(2), "not allowed by its rules", "refuses the connection", Owner::ItDepartment),
        (socks, Some(5), "connection refused", "could not connect", Owner::ItDepartment),
        (socks, Some(8), "address type not supported", "cannot do what", Owner::You),
        (socks, None, "it does not speak SOCKS 5", "does not speak as a SOCKS proxy does", Owner::You),
    ] {
        let outcome = Outcome::ProxyRefused { status, reason: reason.to_owned() };
        let found = found(Code::ProxyRefused, proxy, outcome, |_| ());
        assert!(found.message.contains(words), "{status:?}: {found:?}");
        assert_eq!(remedy(&found).0, owner, "{status:?}: {found:?}");
        assert!(found.evidence[0].contains(reason) || status.is_none(), "{found:?}");
        assert!(proxy == http || !found.evidence[0].contains("HTTP"), "{found:?}");
    }
}

#[test]
fn a_proxy_that_has_had_enough_requests_forbids_no_host() {
    let outcome = Outcome::ProxyRefused { status: Some(429), reason: "Too Many Requests".to_owned() };
    let found = found(Code::ProxyRefused, "http://proxy.example:3128", outcome, |_| ());
    assert!(remedy(&found).1.contains("wait"), "{found:?}");
}

#[test]
fn each_sign_in_has_its_words_and_its_remedy() {
    for (schemes, sent, words, owner, remedied) in [
        (&["Basic"][..], false, "wants a user name and password", Owner::You, "USER:PASSWORD"),
        (&["Basic"], true, "does not accept the user name and password", Owner::You, "may have been changed"),
        (&[SOCKS_PASSWORD], false, "wants a user name and password", Owner::You, "USER:PASSWORD"),
        (&["Negotiate"], false, "wants a sign-in of the kind Negotiate", Owner::ItDepartment, "px or cntlm"),
        (
            &["NTLM"],
            true,
            "takes no user name and password: it wants NTLM",
            Owner::ItDepartment,
            "px or cntlm",
        ),
        (&["Bearer"], false, "wants a sign-in of the kind Bearer", Owner::ItDepartment, "without a browser"),
        (&["Digest"], false, "wants a user name and password", Owner::ItDepartment, "Ask for Basic"),
    ] {
        let schemes = schemes.iter().map(|&s| s.to_owned()).collect();
        let outcome = Outcome::ProxyAuthRequired { schemes, credentials_sent: sent };
        let found = found(Code::ProxyAuthRequired, "http://proxy.example:3128", outcome, |_| ());
        assert!(found.message.contains(words), "{found:?}");
        assert_eq!(remedy(&found).0, owner, "{found:?}");
        assert!(remedy(&found).1.contains(remedied), "{found:?}");
    }
}

#[test]
fn what_is_wrong_with_a_proxys_own_certificate_decides_who_acts() {
    type Change = fn(&mut trustgap::lab::mint::Profile);
    for (names, change, words, owner, remedied) in [
        (
            "proxy.example",
            (|p| p.until = time::Duration::days(-3)) as Change,
            "it expired on",
            Owner::ItDepartment,
            "renewed",
        ),
        (
            "other.example",
            |_| (),
            "it is for \"other.example\", not for proxy.example",
            Owner::You,
            "with a name",
        ),
        (
            "proxy.example",
            |p| p.from = time::Duration::days(3),
            "it becomes valid only on",
            Owner::You,
            "clock",
        ),
        ("proxy.example", |_| (), "\"Proxy CA\" leads to no root", Owner::ItDepartment, "system store"),
    ] {
        let outcome = Outcome::ProxyUntrusted { reason: "the library's words".into() };
        let found = found(Code::ProxyUnreachable, "https://proxy.example:3129", outcome, |world| {
            let chain = issue(&world.root("Proxy CA"), names, change).chain;
            world.seen.targets[0].proxy_handshake = Some(Handshake { chain, ..Handshake::default() });
            assert_eq!(world.seen.time, NOW);
        });
        assert!(found.evidence[0].contains(words), "{found:?}");
        assert_eq!(remedy(&found).0, owner, "{found:?}");
        assert!(remedy(&found).1.contains(remedied), "{found:?}");
    }
}

#[test]
fn an_address_that_cannot_be_read_is_not_called_a_proxy() {
    let mut world = World::new();
    let outcome = Outcome::ProxyUnreachable { message: "https_proxy is not a proxy address".into() };
    world.fail(Role::Asked, HOST, outcome).route =
        Route::Unreadable { set_by: "https_proxy".into(), problem: "not a proxy address".into() };
    world.clean_controls();
    let report = world.report();
    let found = finding(&report, 0, Code::ProxyUnreachable).expect("it cannot be reached");
    assert!(found.message.starts_with("\"https_proxy\" names a proxy with an address"), "{found:?}");
    assert_eq!(remedy(found).0, Owner::You);
}

#[test]
fn programs_that_cannot_speak_to_a_proxy_of_its_kind_are_not_said_to_go_through_it() {
    for (proxy, through, unable) in [
        ("http://proxy.example:3128", &["curl", "wget", "Go programs", "Python", "npm"][..], &[][..]),
        (
            "https://proxy.example:3129",
            &["curl", "Go programs", "Python (requests)", "npm"],
            &["wget", "Python (urllib)"],
        ),
        (
            "socks5h://proxy.example:1080",
            &["curl", "npm", "Go programs built with Go 1.23 or newer", "Python (requests) with PySocks"],
            &["wget", "Python (urllib)"],
        ),
        // npm takes no address without a scheme
        ("proxy.example:3128", &["curl", "wget", "Go programs", "Python"], &[]),
    ] {
        let outcome = Outcome::ProxyRefused { status: Some(2), reason: "no".into() };
        let found = found(Code::ProxyRefused, proxy, outcome, |world| {
            world.seen.environment = Environment::from_iter([("https_proxy", proxy)]);
            for id in ["curl", "wget", "go", "urllib", "requests", "npm"] {
                world.seen.clients.push(ClientLook {
                    id: id.to_owned(),
                    programs: Vec::new(),
                    version: None,
                });
            }
        });
        let said = found.evidence.iter().find(|s| s.starts_with("Programs here")).expect("who is concerned");
        let groups: Vec<&str> = said.split("; ").collect();
        let group = |start: &str| groups.iter().find(|g| g.contains(start)).copied().unwrap_or_default();
        for name in through {
            assert!(group("that go through it").contains(name), "{proxy}: {said}");
        }
        for name in unable {
            assert!(group("that cannot speak to such a proxy").contains(name), "{proxy}: {said}");
        }
        assert_eq!(unable.is_empty(), !said.contains("cannot speak"), "{proxy}: {said}");
        assert_eq!(group("that do not").contains("npm"), proxy == "proxy.example:3128", "{proxy}: {said}");
    }
}
