//! Handshakes that end in the middle, each at another stage, and servers that answer only to an older greeting: a relay
//! before a real server lets messages through one by one and ends where the test says.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use trustgap::facts::handshake::Reached;
use trustgap::facts::{Outcome, TlsVersion};
use trustgap::lab::{Service, Site, TlsOptions};

use super::support::looking::{look_at, look_briefly};
use super::support::scene::{Scene, codes, finding};

const NAME: &str = "www.fabrikam.example";

/// Where a relay ends a handshake.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Until {
    /// Before the server's message of this type.
    Message(u8),
    /// When the client has sent so many records.
    Records(usize),
}

/// How it ends it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Close,
    Reset,
    Silence,
}

const CERTIFICATE: u8 = 11;

/// A relay to a server, one record at a time; of the server's messages in the clear, one at a time.
fn relay(server: SocketAddr, until: Until, how: How) -> Service {
    Service::start(move |client| {
        let server = TcpStream::connect(server).unwrap();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| upwards(&client, &server, until, &over));
            downwards(&server, &client, until, &over);
            over.store(true, Ordering::SeqCst);
        });
        match how {
            How::Close => {
                let _ = client.shutdown(Shutdown::Write);
                // what was not read would turn the close into a reset
                while record(&client, &AtomicBool::new(false)).is_some() {}
            }
            How::Reset => reset(&client),
            How::Silence => std::thread::sleep(Duration::from_secs(3)),
        }
    })
    .unwrap()
}

fn upwards(client: &TcpStream, mut server: &TcpStream, until: Until, over: &AtomicBool) {
    let mut count = 0;
    while let Some(record) = record(client, over) {
        count += 1;
        if until == Until::Records(count) {
            break;
        }
        if server.write_all(&record).is_err() {
            break;
        }
    }
    over.store(true, Ordering::SeqCst);
}

fn downwards(server: &TcpStream, mut client: &TcpStream, until: Until, over: &AtomicBool) {
    let mut encrypted = false;
    while let Some(record) = record(server, over) {
        encrypted |= record[0] == 20;
        if record[0] != 22 || encrypted {
            let _ = client.write_all(&record);
            continue;
        }
        for message in messages(&record[5..]) {
            if until == Until::Message(message[0]) {
                return;
            }
            let length = u16::try_from(message.len()).unwrap().to_be_bytes();
            let _ = client.write_all(&[&[22, 3, 3], &length[..], message].concat());
        }
    }
}

/// Reads a record, and gives up when it is over.
fn record(mut from: &TcpStream, over: &AtomicBool) -> Option<Vec<u8>> {
    from.set_read_timeout(Some(Duration::from_millis(2))).ok()?;
    let mut record = Vec::new();
    let mut wanted = 5;
    while record.len() < wanted {
        let mut bytes = vec![0; wanted - record.len()];
        match from.read(&mut bytes) {
            Ok(0) => return None,
            Ok(count) => record.extend(&bytes[..count]),
            Err(_) if over.load(Ordering::SeqCst) => return None,
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return None,
        }
        if record.len() == 5 {
            wanted += usize::from(u16::from_be_bytes([record[3], record[4]]));
        }
    }
    Some(record)
}

fn messages(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    while let [_, a, b, c, ..] = bytes {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize + 4;
        let (message, rest) = bytes.split_at(length);
        messages.push(message);
        bytes = rest;
    }
    messages
}

/// Ends a connection with a reset: linger for no time at all.
fn reset(stream: &TcpStream) {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
}

fn site(scene: &Scene, version: &'static rustls::SupportedProtocolVersion) -> Service {
    let options = TlsOptions { versions: vec![version], ..TlsOptions::default() };
    Site::Tls(scene.site(NAME), options).start().unwrap()
}

#[test]
fn where_a_handshake_is_cut_is_told_and_nothing_that_came_before_is_lost() {
    let scene = Scene::new();
    let old = site(&scene, &rustls::version::TLS12);
    for (server, until, reached, chain, words) in [
        // TLS 1.2: the second look reads the certificates no further than the first
        (
            &old,
            Until::Message(CERTIFICATE),
            Reached::Hello,
            0,
            "The greeting was answered with TLS 1.2; then",
        ),
        // ClientHello, ClientKeyExchange: the chain was shown in between
        (&old, Until::Records(2), Reached::Certificates, 2, "The server presented its certificates; then"),
    ] {
        for how in [How::Close, How::Reset] {
            let relay = relay(server.address(), until, how);
            let seen = look_at(NAME, relay.address());
            assert_eq!(seen.outcome, Outcome::Reset { closed: how == How::Close }, "{until:?} {how:?}");
            assert_eq!((seen.reached, seen.chain().len()), (reached, chain), "{until:?} {how:?}");
            let report = scene.check_alone(NAME, relay.address());
            assert_eq!(codes(&report, NAME), ["connection-reset"], "{report}");
            let said = finding(&report, "connection-reset");
            assert!(said["evidence"][0].as_str().unwrap().starts_with(words), "{said:#}");
            assert_eq!(
                said["remedy"]["owner"], "server-operator",
                "the name was not what was blocked: {said:#}"
            );
        }
    }
}

/// Nobody waits long for what comes after a handshake, so on a busy machine it may come too late.
#[test]
fn a_connection_that_is_cut_right_after_the_handshake_is_told_as_far_as_it_is_seen() {
    let scene = Scene::new();
    let server = site(&scene, &rustls::version::TLS13);
    // ClientHello, ChangeCipherSpec, Finished
    let relay = relay(server.address(), Until::Records(3), How::Reset);
    let seen = (0..50).map(|_| look_at(NAME, relay.address())).find(|seen| {
        assert_eq!((seen.reached, seen.chain().len()), (Reached::Finished, 2));
        let is_cut = seen.outcome == Outcome::Reset { closed: false };
        assert!(is_cut || seen.outcome == Outcome::Completed, "{:?}", seen.outcome);
        is_cut
    });
    assert!(seen.is_some(), "not once in fifty looks");
    let said = (0..50).find_map(|_| {
        let report = scene.check_alone(NAME, relay.address());
        (codes(&report, NAME) == ["connection-reset"])
            .then(|| finding(&report, "connection-reset")["evidence"][0].as_str().unwrap().to_owned())
    });
    assert!(said.is_some_and(|said| said.starts_with("The handshake was finished; then")));
}

#[test]
fn a_server_that_closes_in_order_after_the_handshake_is_in_order() {
    let scene = Scene::new();
    let server = site(&scene, &rustls::version::TLS13);
    let relay = relay(server.address(), Until::Records(3), How::Close);
    assert_eq!(look_at(NAME, relay.address()).outcome, Outcome::Completed);
}

#[test]
fn where_a_handshake_falls_silent_is_told() {
    let scene = Scene::new();
    let server = site(&scene, &rustls::version::TLS12);
    for (until, reached, words) in [
        (Until::Message(CERTIFICATE), Reached::Hello, "begins the TLS handshake and then says nothing"),
        (Until::Records(2), Reached::Certificates, "presents its certificates and then says nothing"),
    ] {
        let relay = relay(server.address(), until, How::Silence);
        let seen = look_briefly(NAME, relay.address());
        assert!(matches!(seen.outcome, Outcome::TimedOut { .. }), "{seen:?}");
        assert_eq!(seen.reached, reached, "{until:?}");
        let run = scene.sandbox.trustgap().args(["check", NAME, "--json", "--timeout=1"]);
        let run = run.args(["--controls=none", "--proxy=none"]);
        let detour = format!("--connect-to={NAME}:443:{}", relay.address());
        let report = run.arg(detour).output().json();
        let said = finding(&report, "timeout");
        assert!(said["message"].as_str().unwrap().contains(words), "{said:#}");
    }
}

/// What a server, or a device before it, does with a greeting that offers TLS 1.3.
#[derive(Clone, Copy, Debug)]
enum Intolerance {
    Alert(u8),
    Close,
    Reset,
}

fn intolerant(server: SocketAddr, intolerance: Intolerance) -> Service {
    Service::start(move |mut client| {
        let Some(greeting) = record(&client, &AtomicBool::new(false)) else { return };
        // supported_versions with TLS 1.3 in it
        if greeting.windows(7).any(|bytes| bytes == [0, 43, 0, 5, 4, 3, 4]) {
            match intolerance {
                Intolerance::Alert(number) => drop(client.write_all(&[21, 3, 1, 0, 2, 2, number])),
                Intolerance::Close => {}
                Intolerance::Reset => reset(&client),
            }
            return;
        }
        client.set_read_timeout(None).unwrap();
        let server = TcpStream::connect(server).unwrap();
        (&server).write_all(&greeting).unwrap();
        let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut &server, &mut client);
    })
    .unwrap()
}

#[test]
fn a_server_that_cannot_bear_tls_1_3_is_told_from_one_that_is_blocked_or_old() {
    let scene = Scene::new();
    let server = site(&scene, &rustls::version::TLS12);
    for (intolerance, code) in [
        (Intolerance::Alert(70), "tls-version-refused"),
        (Intolerance::Alert(40), "handshake-failed"),
        (Intolerance::Close, "connection-reset"),
        (Intolerance::Reset, "connection-reset"),
    ] {
        let front = intolerant(server.address(), intolerance);
        let seen = look_at(NAME, front.address());
        assert_eq!(seen.tolerates, Some(TlsVersion::Tls12), "{intolerance:?}: {seen:?}");
        assert_eq!(seen.chain().len(), 2, "{intolerance:?}");
        let report = scene.check_alone(NAME, front.address());
        assert_eq!(codes(&report, NAME), [code], "{intolerance:?}: {report}");
        let said = finding(&report, code);
        assert!(said["message"].as_str().unwrap().ends_with("although it takes TLS 1.2."), "{said:#}");
        assert_eq!(said["remedy"]["owner"], "server-operator");
    }
    let old = site(&scene, &rustls::version::TLS12);
    assert_eq!(
        look_at(NAME, old.address()).tolerates,
        None,
        "a server of TLS 1.2 that takes everybody's greeting"
    );
}

#[test]
fn a_warning_before_the_end_says_why() {
    let warns = Service::start(|mut client| {
        let _ = record(&client, &AtomicBool::new(false));
        let _ = client.write_all(&[21, 3, 3, 0, 2, 1, 112]);
    })
    .unwrap();
    assert_eq!(look_at(NAME, warns.address()).outcome, Outcome::Alert { description: 112 });
    // close_notify is a warning by its level, and gives no reason
    let closes = Service::start(|mut client| {
        let _ = record(&client, &AtomicBool::new(false));
        let _ = client.write_all(&[21, 3, 3, 0, 2, 1, 0]);
    })
    .unwrap();
    assert_eq!(look_at(NAME, closes.address()).outcome, Outcome::Reset { closed: true });
}

#[test]
fn a_client_certificate_is_demanded_or_asked_for_in_tls_1_3_too() {
    let Some(openssl) = super::support::tool("openssl") else {
        return super::support::skip("openssl is not installed");
    };
    let scene = Scene::new();
    scene.write("site", &scene.site(NAME));
    for (option, words) in
        [("-Verify", "ended the handshake without one"), ("-verify", "asks for a client certificate.")]
    {
        let arguments =
            ["-cert", "site.pem", "-key", "site.key", "-cert_chain", "issuer.pem", "-tls1_3", option, "1"];
        let server = super::support::openssl::Server::start(&openssl, scene.folder(), &arguments);
        let report = scene.check_alone(NAME, server.address);
        assert_eq!(codes(&report, NAME), ["client-certificate-required"], "{report}");
        let said: &Value = finding(&report, "client-certificate-required");
        assert!(said["message"].as_str().unwrap().contains(words), "{option}: {said:#}");
        assert_eq!(super::support::scene::target(&report, NAME)["web"]["trusted"], true);
    }
}
