//! Plain HTTP over real sockets: framings, redirects, detours and proxies, and answers that have no end.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use trustgap::edge::http::{Answer, Fetch, Method, NoAnswer, Redirects, Way, Why};
use trustgap::edge::look::Reach;
use trustgap::facts::{Outcome, Route, Target};
use trustgap::lab::{Access, Proxy, Service};

use super::support::looking::BRIEF;
use super::support::web::{Web, answer, request};

const HOST: &str = "ca.example";

/// Leads every host to one address.
fn detour(address: SocketAddr) -> impl Fn(&Target) -> Way + Sync {
    move |_| Way {
        detour: Some(Target::new(trustgap::facts::Host::Ip(address.ip()), address.port())),
        route: Route::Direct { exempted_by: None },
    }
}

fn through(proxy: &str) -> impl Fn(&Target) -> Way + Sync + use<> {
    let route = Route::Proxy { proxy: proxy.parse().unwrap(), set_by: "--proxy".to_owned() };
    move |_| Way { detour: None, route: route.clone() }
}

fn fetch(url: &str, timeout: Duration, way: &(dyn Fn(&Target) -> Way + Sync)) -> Result<Answer, NoAnswer> {
    Fetch {
        method: Method::Get,
        url,
        longest_body: 100,
        redirects: Redirects::Followed,
        timeout,
        reach: Reach::Strangers,
        way,
        proxy_roots: &Vec::new,
    }
    .run()
}

fn patiently(url: &str, way: &(dyn Fn(&Target) -> Way + Sync)) -> Result<Answer, NoAnswer> {
    fetch(url, Duration::from_secs(20), way)
}

#[test]
fn an_answer_comes_by_a_detour_and_names_the_host_it_was_meant_for() {
    let server = Web::new(|_| answer("200 OK", "Date: Fri, 20 Nov 2026 15:00:00 GMT\r\n", "hello"));
    let came = patiently("http://ca.example/issuer.cer?x=1#y", &detour(server.address())).unwrap();
    assert_eq!((came.head.status, came.body.bytes.as_slice()), (200, &b"hello"[..]));
    assert_eq!(came.head.date().unwrap(), time::macros::datetime!(2026-11-20 15:00 UTC));
    let requests = server.requests();
    assert!(requests[0].starts_with("GET /issuer.cer?x=1 HTTP/1.1\r\nHost: ca.example\r\n"), "{requests:?}");
}

#[test]
fn the_head_alone_is_read_without_waiting_for_a_body() {
    let server = Web::new(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n".to_vec());
    let way = detour(server.address());
    let fetch = Fetch {
        method: Method::Head,
        url: "http://ca.example/",
        longest_body: 0,
        redirects: Redirects::Reported,
        timeout: Duration::from_secs(20),
        reach: Reach::Anywhere,
        way: &way,
        proxy_roots: &Vec::new,
    };
    assert_eq!(fetch.run().unwrap().head.status, 200);
    assert!(server.requests()[0].starts_with("HEAD / HTTP/1.1\r\n"));
}

#[test]
fn redirects_are_followed_three_times_and_only_to_plain_http() {
    let server = Web::new(|url| match url.trim_start_matches("http://ca.example") {
        "/near" => answer("301 Moved Permanently", "Location: next\r\n", ""),
        "/next" => answer("302 Found", "Location: http://other.example/there\r\n", ""),
        "http://other.example/there" => answer("200 OK", "", "found"),
        "/secure" => answer("301 Moved Permanently", "Location: https://ca.example/x\r\n", ""),
        "/file" => answer("307 Temporary Redirect", "Location: file:///etc/passwd\r\n", ""),
        "/nowhere" => answer("302 Found", "", "no location"),
        _ => answer("302 Found", "Location: /loop\r\n", ""),
    });
    let way = detour(server.address());
    let ask = |path: &str| patiently(&format!("http://{HOST}{path}"), &way).unwrap();
    let found = ask("/near");
    assert_eq!(
        (found.url.as_str(), found.body.bytes.as_slice()),
        ("http://other.example/there", &b"found"[..])
    );
    assert!(server.requests()[2].contains("Host: other.example\r\n"));
    for (path, place) in [("/secure", Some("https://ca.example/x")), ("/file", Some("file:///etc/passwd"))] {
        assert_eq!(ask(path).leads_to(), place);
    }
    assert_eq!((ask("/nowhere").head.status, ask("/nowhere").leads_to()), (302, None));
    let before = server.requests().len();
    assert_eq!(ask("/loop").leads_to(), Some("/loop"));
    assert_eq!(server.requests().len() - before, 4, "the request and three redirects");
}

#[test]
fn a_stranger_leads_neither_to_this_computer_nor_to_its_link() {
    let server = Web::new(|_| answer("200 OK", "", "secret"));
    let direct = |_: &Target| Way { detour: None, route: Route::Direct { exempted_by: None } };
    let port = server.address().port();
    for host in
        ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "169.254.169.254"]
    {
        let no = patiently(&format!("http://{host}:{port}/latest/meta-data"), &direct).unwrap_err();
        assert!(
            matches!(&no.why, Why::Unreached(Outcome::Unreachable { message }) if message.contains("stranger")),
            "{host}: {no:?}"
        );
    }
    // nor does a redirect, or a proxy that would be asked for the address
    let way = detour(server.address());
    let leading =
        Web::new(move |_| answer("302 Found", &format!("Location: http://127.0.0.1:{port}/\r\n"), ""));
    let first = leading.address();
    let mixed = move |target: &Target| if target.port == 80 { detour(first)(target) } else { direct(target) };
    assert!(matches!(patiently("http://ca.example/", &mixed).unwrap_err().why, Why::Unreached(_)));
    let proxied = through(&format!("http://{}", server.address()));
    assert!(matches!(patiently("http://169.254.169.254/", &proxied).unwrap_err().why, Why::Unreached(_)));
    assert!(server.requests().is_empty());
    assert_eq!(
        patiently("http://127.0.0.1/", &way).unwrap().body.bytes,
        b"secret",
        "a detour is the user's word"
    );
}

#[test]
fn a_proxy_takes_the_request_itself_and_socks_and_detours_go_through_tunnels() {
    let proxy = Web::new(|target| match target {
        "http://ca.example/x" => answer("200 OK", "", "by proxy"),
        other => answer("500 What", "", other),
    });
    let url = format!("http://ada:s3cret@{}", proxy.address());
    assert_eq!(patiently("http://ca.example/x", &through(&url)).unwrap().body.bytes, b"by proxy");
    let requests = proxy.requests();
    assert!(
        requests[0].starts_with("GET http://ca.example/x HTTP/1.1\r\nHost: ca.example\r\n"),
        "{requests:?}"
    );
    assert!(requests[0].contains("Proxy-Authorization: Basic YWRhOnMzY3JldA==\r\n"), "{requests:?}");

    let server = Web::new(|_| answer("200 OK", "", "by tunnel"));
    let tunnels = [(server.address().to_string(), server.address())].into_iter().collect();
    let tunnelling = Proxy { access: Access::Everybody, tunnels, ..Proxy::default() }.start().unwrap();
    let route = through(&format!("http://{}", tunnelling.address()));
    let leads = detour(server.address());
    let both = |target: &Target| Way { detour: leads(target).detour, ..route(target) };
    assert_eq!(patiently("http://ca.example/x", &both).unwrap().body.bytes, b"by tunnel");
    assert!(server.requests()[0].contains("Host: ca.example\r\n"));
}

#[test]
fn a_proxy_that_wants_a_password_is_told_from_the_server() {
    let proxy = Web::new(|_| answer("407 Who", "Proxy-Authenticate: Negotiate\r\n", ""));
    let no = patiently("http://ca.example/x", &through(&format!("http://{}", proxy.address()))).unwrap_err();
    let schemes = vec!["Negotiate".to_owned()];
    assert_eq!(no.why, Why::Unreached(Outcome::ProxyAuthRequired { schemes, credentials_sent: false }));
}

#[test]
fn what_has_no_end_is_cut_or_left() {
    let endless = |start: &'static str, unit: &'static str, pause: u64| {
        Service::start(move |mut stream| {
            request(&mut stream);
            let mut alive = stream.write_all(start.as_bytes()).is_ok();
            while alive {
                std::thread::sleep(Duration::from_millis(pause));
                alive = stream.write_all(unit.as_bytes()).is_ok();
            }
        })
        .unwrap()
    };
    let ask = |service: &Service| fetch("http://ca.example/", BRIEF, &detour(service.address()));
    for start in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    ] {
        let came = ask(&endless(start, "xxxxxxxxxxxxxxxx", 0)).unwrap();
        assert_eq!((came.body.bytes.len(), came.body.cut), (100, true), "{start}");
        assert_eq!(ask(&endless(start, "x", 40)).unwrap_err().why, Why::Late, "{start}");
    }
    let fields = endless("HTTP/1.1 200 OK\r\n", "X-Filler: aaaaaaaaaaaaaaaa\r\n", 0);
    assert!(matches!(ask(&fields).unwrap_err().why, Why::Broken(_)));
    assert_eq!(ask(&endless("HTTP/1.1 200 ", "x", 40)).unwrap_err().why, Why::Late);
}

#[test]
fn what_is_not_an_answer_is_said() {
    for (sent, wanted) in [
        ("", "it closed the connection before its answer was complete"),
        ("SSH-2.0-x\r\n", "its answer is not HTTP"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
            "it closed the connection before its answer was complete",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "its header names a length that is no number"),
    ] {
        let server = Web::new(|_| sent.as_bytes().to_vec());
        let no = patiently("http://ca.example/", &detour(server.address())).unwrap_err();
        assert_eq!(no.to_string(), wanted, "{sent}");
    }
    let unused = detour("127.0.0.1:1".parse().unwrap());
    assert_eq!(patiently("http://ca.example/", &unused).unwrap_err().to_string(), "nothing listens there");
    assert_eq!(patiently("https://ca.example/", &unused).unwrap_err().why, Why::NotHttp);
}
