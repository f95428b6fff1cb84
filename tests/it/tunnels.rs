//! Through proxies: CONNECT in the clear and inside TLS, SOCKS 4 and 5, and every way in which a proxy says no.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use trustgap::facts::handshake::{Step, TargetLook};
use trustgap::facts::route::ProxyChoice;
use trustgap::facts::store::{Origin, Root};
use trustgap::facts::{Host, Outcome, ProxyUrl, RootStore, Target};
use trustgap::lab::{Access, Authority, Identity, Mint, Proxy, Service, Site};
use trustgap::observe::Question;

use super::support::looking::{BRIEF, look, question};

const NAME: &str = "www.tailspin.example";

struct Company {
    root: Authority,
    identity: Identity,
    site: Service,
}

impl Company {
    fn new() -> Self {
        let root = Mint::now().root("Tunnel Root").unwrap();
        let identity = root.leaf(&[NAME]).unwrap().with(&[root.certificate()]);
        let site = Site::tls(identity.clone()).start().unwrap();
        Self { root, identity, site }
    }

    fn proxy(&self, access: Access) -> Service {
        let tunnels = [(format!("{NAME}:443"), self.site.address())].into_iter().collect();
        Proxy { access, tunnels, ..Proxy::default() }.start().unwrap()
    }
}

fn through(proxy: &str) -> Question {
    let proxy: ProxyUrl = proxy.parse().expect("a proxy");
    let unused = "127.0.0.1:1".parse().unwrap();
    Question {
        connect_to: Vec::new(),
        proxy: ProxyChoice::Only(proxy),
        timeout: BRIEF,
        ..question(&[(NAME, unused)])
    }
}

fn look_through(proxy: &str) -> TargetLook {
    look(&through(proxy)).remove(0)
}

#[test]
fn a_tunnel_shows_the_site_and_not_the_proxy() {
    let company = Company::new();
    let proxy = company.proxy(Access::Everybody);
    let seen = look_through(&format!("http://{}", proxy.address()));
    assert_eq!(seen.outcome, Outcome::Completed);
    assert_eq!(seen.chain(), company.identity.chain);
    assert_eq!(seen.addresses, [] as [std::net::IpAddr; 0], "the proxy resolves the name");
    assert_eq!(proxy.accepted(), 1);
}

#[test]
fn credentials_are_sent_and_never_kept() {
    let company = Company::new();
    let proxy = company.proxy(Access::Basic { user: "ada".into(), password: "s3/cret@x".into() });
    let seen = look_through(&format!("http://ada:s3%2Fcret%40x@{}", proxy.address()));
    assert_eq!(seen.outcome, Outcome::Completed);
    let record = serde_json::to_string(&seen).unwrap();
    assert!(!record.contains("cret") && !record.contains("ada"), "{record}");
    for (url, credentials_sent) in [("http://", false), ("http://ada:wrong@", true)] {
        let seen = look_through(&format!("{url}{}", proxy.address()));
        let schemes = vec!["Basic".to_owned()];
        assert_eq!(seen.outcome, Outcome::ProxyAuthRequired { schemes, credentials_sent });
    }
}

#[test]
fn each_no_of_a_proxy_is_told_from_the_others() {
    let company = Company::new();
    let says = |text: &str| Access::Says(text.as_bytes().to_vec());
    let answer = |access| {
        let proxy = company.proxy(access);
        look_through(&format!("http://{}", proxy.address())).outcome
    };
    let refused = |status, reason: &str| Outcome::ProxyRefused { status, reason: reason.to_owned() };
    assert_eq!(answer(Access::Nobody), refused(Some(403), "Forbidden"));
    assert_eq!(
        answer(Access::Negotiated(vec!["Negotiate".into(), "NTLM".into()])),
        Outcome::ProxyAuthRequired {
            schemes: vec!["Negotiate".into(), "NTLM".into()],
            credentials_sent: false
        }
    );
    assert_eq!(answer(says("SSH-2.0-x\r\n")), refused(None, "its answer is not HTTP: `SSH-2.0-x\r\n`"));
    assert_eq!(answer(says("")), refused(None, "it closed the connection without an answer"));
    assert_eq!(answer(Access::Silent), Outcome::TimedOut { step: Step::Proxy });
    let html = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Please sign in</html>";
    assert_eq!(
        answer(says(html)),
        Outcome::NotTls { excerpt: "<html>Please sign in</html>".to_owned() },
        "a page in the tunnel is not TLS"
    );
    let endless =
        format!("HTTP/1.1 403 No\r\n{}", "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(3000));
    assert!(matches!(answer(says(&endless)), Outcome::ProxyRefused { status: None, .. }));
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(2000);
    assert_eq!(answer(says(&interim)), refused(None, "it promises an answer without end"));
}

#[test]
fn a_proxy_that_drips_is_left_at_the_deadline() {
    let service = Service::start(|mut stream| {
        let mut alive = stream.write_all(b"HTTP/1.1 200 ").is_ok();
        while alive {
            std::thread::sleep(Duration::from_millis(30));
            alive = stream.write_all(b"x").is_ok();
        }
    })
    .unwrap();
    let started = Instant::now();
    let seen = look_through(&format!("http://{}", service.address()));
    assert_eq!(seen.outcome, Outcome::TimedOut { step: Step::Proxy });
    assert!(started.elapsed() < BRIEF * 3, "{:?}", started.elapsed());
}

#[test]
fn a_proxy_that_is_not_there_is_not_the_site_that_is_not_there() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["http", "https", "socks4", "socks4a", "socks5", "socks5h"] {
        let mut question = through(&format!("{scheme}://{closed}"));
        question.targets[0].0 = "127.0.0.1:443".parse().unwrap();
        let seen = look(&question).remove(0);
        let message = format!("nothing listens on {closed}");
        assert_eq!(seen.outcome, Outcome::ProxyUnreachable { message }, "{scheme}");
    }
    let seen = look(&Question { timeout: Duration::from_secs(30), ..through("http://proxy.invalid:3128") });
    assert!(
        matches!(&seen[0].outcome, Outcome::ProxyUnreachable { message } if message.contains("proxy.invalid does not resolve")),
        "{:?}",
        seen[0].outcome
    );
}

/// TLS in front of a plain service, as `https://` proxies are often made.
fn inside_tls(identity: &Identity, plain: SocketAddr) -> Service {
    let chain = identity.chain.iter().map(|c| c.der().to_vec().into()).collect();
    let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, identity.key_der())
        .unwrap();
    let config = std::sync::Arc::new(config);
    Service::start(move |client| {
        let connection = rustls::ServerConnection::new(config.clone()).unwrap();
        let mut tls = rustls::StreamOwned::new(connection, client);
        let mut plain = TcpStream::connect(plain).unwrap();
        for socket in [&plain, &tls.sock] {
            socket.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        }
        // one thread for both ways: whoever has something to say is handed on
        let mut chunk = [0; 16 * 1024];
        let ends = Instant::now() + Duration::from_secs(10);
        while Instant::now() < ends {
            match tls.read(&mut chunk) {
                Ok(count @ 1..) => plain.write_all(&chunk[..count]).unwrap(),
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
                _ => return,
            }
            match plain.read(&mut chunk) {
                Ok(count @ 1..) => drop(tls.write_all(&chunk[..count])),
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
                _ => return,
            }
        }
    })
    .unwrap()
}

#[test]
fn an_https_proxy_is_verified_before_anything_is_asked_of_it() {
    let company = Company::new();
    let proxy = company.proxy(Access::Everybody);
    let certificate = company.root.leaf(&["127.0.0.1"]).unwrap().with(&[company.root.certificate()]);
    let front = inside_tls(&certificate, proxy.address());
    let url = format!("https://{}", front.address());

    let mut trusting = through(&url);
    let root =
        Root { certificate: company.root.certificate().clone(), origin: Origin::Administrator, place: None };
    trusting.stores.system = Some(RootStore { roots: vec![root], ..RootStore::default() });
    trusting.timeout = Duration::from_secs(10);
    let seen = look(&trusting).remove(0);
    assert_eq!(seen.outcome, Outcome::Completed);
    assert_eq!(seen.chain(), company.identity.chain, "what is seen is the site's");
    assert_eq!(seen.proxy_handshake.unwrap().chain, certificate.chain);
    assert_eq!(proxy.accepted(), 1);

    let seen = look(&Question { timeout: Duration::from_secs(10), ..through(&url) }).remove(0);
    assert!(matches!(&seen.outcome, Outcome::ProxyUntrusted { reason } if !reason.is_empty()), "{seen:?}");
    assert_eq!(seen.proxy_handshake.unwrap().chain, certificate.chain, "what it presented is kept");
    assert_eq!(company.site.accepted(), 1, "nothing was asked of a proxy that is not trusted");
}

/// Answers whatever is said as a web server does.
fn plain_http() -> Service {
    Service::start(|mut client| {
        let _ = (client.read(&mut [0; 1024]), client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    })
    .unwrap()
}

#[test]
fn a_plain_proxy_that_is_addressed_as_https_says_so() {
    let http = plain_http();
    let seen = look_through(&format!("https://{}", http.address()));
    let Outcome::ProxyUnreachable { message } = seen.outcome else { panic!("{:?}", seen.outcome) };
    assert!(message.contains("does not answer with TLS"), "{message}");
}

/// A SOCKS server that writes down what it is asked and connects to the site.
fn socks(site: SocketAddr, password: Option<(&'static str, &'static str)>, reply: u8) -> (Service, Asked) {
    let asked = Asked::default();
    let noted = asked.clone();
    let service = Service::start(move |mut client| {
        let Some(request) = speak_socks(&mut client, password) else { return };
        noted.lock().unwrap().push(request.clone());
        let granted = if request.starts_with('4') {
            vec![0, reply, 0, 0, 0, 0, 0, 0]
        } else {
            vec![5, reply, 0, 1, 0, 0, 0, 0, 0, 0]
        };
        let _ = client.write_all(&granted);
        if matches!(reply, 0 | 90) {
            let site = TcpStream::connect(site).unwrap();
            let (mut up_from, mut up_to) = (client.try_clone().unwrap(), site.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut up_from, &mut up_to));
            let _ = std::io::copy(&mut &site, &mut client);
        }
    })
    .unwrap();
    (service, asked)
}

type Asked = std::sync::Arc<std::sync::Mutex<Vec<String>>>;

fn speak_socks(client: &mut TcpStream, password: Option<(&str, &str)>) -> Option<String> {
    let mut take = |count: usize| {
        let mut bytes = vec![0; count];
        client.read_exact(&mut bytes).ok().map(|()| bytes)
    };
    let head = take(2)?;
    if head[0] == 4 {
        let rest = take(6)?;
        let mut until_zero = || {
            let mut text = String::new();
            loop {
                match take(1)?[0] {
                    0 => return Some(text),
                    byte => text.push(char::from(byte)),
                }
            }
        };
        let user = until_zero()?;
        let name = if rest[2..5] == [0, 0, 0] { until_zero()? } else { format!("{:?}", &rest[2..]) };
        return Some(format!("4 {user} {name} {}", u16::from_be_bytes([rest[0], rest[1]])));
    }
    let methods = take(usize::from(head[1]))?;
    match password {
        None => client.write_all(&[5, 0]).ok()?,
        Some(_) if !methods.contains(&2) => {
            client.write_all(&[5, 0xff]).ok()?;
            return None;
        }
        Some((user, word)) => {
            client.write_all(&[5, 2]).ok()?;
            let wanted = [b"\x01\x03", user.as_bytes(), b"\x06", word.as_bytes()].concat();
            assert_eq!((user.len(), word.len()), (3, 6));
            let mut given = vec![0; wanted.len()];
            client.read_exact(&mut given).ok()?;
            let right = given == wanted;
            client.write_all(&[1, u8::from(!right)]).ok()?;
            if !right {
                return None;
            }
        }
    }
    let mut take = |count: usize| {
        let mut bytes = vec![0; count];
        client.read_exact(&mut bytes).ok().map(|()| bytes)
    };
    let kind = take(4)?[3];
    let host = match kind {
        1 => format!("{:?}", take(4)?),
        3 => {
            let length = usize::from(take(1)?[0]);
            String::from_utf8(take(length)?).ok()?
        }
        _ => format!("{:?}", take(16)?),
    };
    let port = take(2)?;
    Some(format!("5 {host} {}", u16::from_be_bytes([port[0], port[1]])))
}

#[test]
fn socks_is_told_the_name_or_the_address_as_its_scheme_says() {
    let company = Company::new();
    for (scheme, target, reply, wanted) in [
        ("socks5h", NAME, 0, format!("5 {NAME} 443")),
        ("socks5h", "127.0.0.1:8443", 0, "5 [127, 0, 0, 1] 8443".to_owned()),
        ("socks5", "localhost:8443", 0, "8443".to_owned()),
        ("socks4a", NAME, 90, format!("4  {NAME} 443")),
        ("socks4", "localhost:8443", 90, "4  [127, 0, 0, 1] 8443".to_owned()),
        ("socks4a", "10.0.0.1", 90, "4  [10, 0, 0, 1] 443".to_owned()),
    ] {
        let (proxy, asked) = socks(company.site.address(), None, reply);
        let mut question = through(&format!("{scheme}://{}", proxy.address()));
        question.targets[0].0 = target.parse().unwrap();
        question.timeout = Duration::from_secs(10);
        let seen = look(&question).remove(0);
        assert_eq!(seen.outcome, Outcome::Completed, "{scheme}");
        assert_eq!(seen.chain(), company.identity.chain);
        let asked = asked.lock().unwrap();
        assert!(asked.len() == 1 && asked[0].ends_with(&wanted), "{scheme}: {asked:?}");
        assert!(scheme != "socks5" || !asked[0].contains("localhost"), "{asked:?}");
    }
}

#[test]
fn socks_says_no_in_its_own_way() {
    let company = Company::new();
    let (proxy, _) = socks(company.site.address(), Some(("ada", "secret")), 0);
    let ask =
        |credentials: &str| look_through(&format!("socks5h://{credentials}{}", proxy.address())).outcome;
    assert_eq!(ask("ada:secret@"), Outcome::Completed);
    for (credentials, credentials_sent) in [("", false), ("ada:wrong!@", true)] {
        let outcome = ask(credentials);
        let told = matches!(outcome, Outcome::ProxyAuthRequired { credentials_sent: sent, .. } if sent == credentials_sent);
        assert!(told, "{outcome:?}");
    }
    let (proxy, _) = socks(company.site.address(), None, 5);
    assert_eq!(
        look_through(&format!("socks5h://{}", proxy.address())).outcome,
        Outcome::ProxyRefused { status: Some(5), reason: "connection refused".to_owned() }
    );
    let (proxy, _) = socks(company.site.address(), None, 91);
    assert_eq!(
        look_through(&format!("socks4a://{}", proxy.address())).outcome,
        Outcome::ProxyRefused { status: Some(91), reason: "rejected or failed".to_owned() }
    );
    let http = plain_http();
    assert_eq!(
        look_through(&format!("socks5h://{}", http.address())).outcome,
        Outcome::ProxyRefused {
            status: None,
            reason: "it does not speak SOCKS 5: it answers like an HTTP proxy".to_owned()
        }
    );
}

#[test]
fn a_name_that_only_the_proxy_could_resolve_is_looked_for_when_the_proxy_has_let_us_in() {
    let company = Company::new();
    let ask_by = |scheme: &str, address: SocketAddr| {
        let mut question = through(&format!("{scheme}://{address}"));
        // a label that is too long for the DNS: nobody outside is asked for it
        question.targets[0].0 = Target::new(Host::Name(format!("{}.test", "a".repeat(64))), 443);
        question.timeout = Duration::from_secs(10);
        look(&question).remove(0).outcome
    };
    let ask = |address| ask_by("socks5", address);
    for (scheme, granted) in [("socks5", 0), ("socks4", 90)] {
        let (open, asked) = socks(company.site.address(), None, granted);
        assert!(matches!(ask_by(scheme, open.address()), Outcome::NotResolved { .. }), "{scheme}");
        assert_eq!(asked.lock().unwrap().len(), 1, "the proxy was asked whether it refuses");
    }
    let (closed, _) = socks(company.site.address(), Some(("ada", "secret")), 0);
    assert!(matches!(ask(closed.address()), Outcome::ProxyAuthRequired { .. }));
    let (strict, _) = socks(company.site.address(), None, 2);
    assert!(matches!(ask(strict.address()), Outcome::ProxyRefused { .. }));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(matches!(ask(nobody), Outcome::ProxyUnreachable { .. }));
}
