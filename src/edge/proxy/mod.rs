//! Through a proxy: HTTP CONNECT and SOCKS. What a proxy says is hostile and bounded.

pub(super) mod connect;
mod socks;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use super::net::{Wire, words};
use crate::facts::handshake::{PROXY_CLOSED, PROXY_CUT, Step};
use crate::facts::route::ProxyScheme;
use crate::facts::{Outcome, ProxyUrl, Target};

/// Asks the proxy at the other end of the wire for a tunnel; what is read and written afterwards is the target's.
///
/// `address` finds the target's, where the proxy wants names to be resolved here (`socks4://`, `socks5://`). It is called when the
/// proxy has let us in: a proxy that is dead or wants a password is worth more than a name that does not resolve.
pub fn tunnel(
    wire: Wire,
    proxy: &ProxyUrl,
    target: &Target,
    address: &mut FindAddress<'_>,
) -> Result<Wire, Outcome> {
    let credentials = proxy.credentials.as_ref();
    match proxy.scheme {
        ProxyScheme::Http | ProxyScheme::Https => connect::tunnel(wire, target, credentials),
        ProxyScheme::Socks4 => socks::tunnel4(wire, target, Some(address), credentials),
        ProxyScheme::Socks4a => socks::tunnel4(wire, target, None, credentials),
        ProxyScheme::Socks5 => socks::tunnel5(wire, target, Some(address), credentials),
        ProxyScheme::Socks5h => socks::tunnel5(wire, target, None, credentials),
    }
}

/// Finds the address of the target, and gives the wire a new deadline for what comes after.
pub type FindAddress<'a> = dyn FnMut(&mut Wire) -> Result<SocketAddr, Outcome> + 'a;

/// User and password.
type Credentials = (String, String);

/// Says how a conversation with a proxy failed.
fn failed(error: &io::Error) -> Outcome {
    match error.kind() {
        ErrorKind::TimedOut => Outcome::TimedOut { step: Step::Proxy },
        ErrorKind::UnexpectedEof => refused(PROXY_CLOSED),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            refused(PROXY_CUT)
        }
        _ => refused(&words(error)),
    }
}

fn refused(reason: &str) -> Outcome {
    Outcome::ProxyRefused { status: None, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::edge::Deadline;
    use crate::lab::mutated::mutated;

    /// What proxies of each kind answer, all of it at once, and something of the target's behind it.
    fn real_answers() -> Vec<Vec<u8>> {
        let text = |text: &str| text.as_bytes().to_vec();
        vec![
            text("HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n\x16\x03\x03\x00\x02ab"),
            text("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200\r\n\r\n"),
            text(
                "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate, Basic realm=\"x\"\r\n\r\n",
            ),
            text("HTTP/1.1 403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n<h1>no</h1>"),
            b"\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x01\xbb\x16\x03\x03\x00\x02ab".to_vec(),
            b"\x05\x02\x01\x00\x05\x00\x00\x03\x07example\x01\xbb\x16\x03\x03".to_vec(),
            b"\x05\x00\x05\x05\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00"
                .to_vec(),
            b"\x00\x5a\x01\xbb\x7f\x00\x00\x01\x16\x03\x03".to_vec(),
            b"\x00\x5b\x00\x00\x00\x00\x00\x00".to_vec(),
        ]
    }

    const WORDS: &[&[u8]] = &[
        b"\r\n\r\n",
        b"\r\nX: y",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\x05\x00",
        b"\x05\xff",
        b"\x00\x5a",
        b"\x03\xff",
        b"\x1b[31m",
    ];

    /// Asks a proxy that answers this and hangs up; returns what then comes of the target.
    fn through(scheme: &str, answer: &[u8]) -> Result<Vec<u8>, Outcome> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let (mut peer, _) = listener.accept().expect("a client");
                // whoever refuses hangs up before it has read everything
                let _ = peer.write_all(answer);
                let _ = peer.shutdown(std::net::Shutdown::Write);
                let _ = io::copy(&mut peer, &mut io::sink());
            });
            let soon = || Deadline::after(Duration::from_secs(20));
            let wire = Wire::new(TcpStream::connect(address).expect("a connection"), soon());
            let proxy: ProxyUrl = format!("{scheme}://ada:pass@{address}").parse().expect("a proxy");
            let target = "registry.example:443".parse().expect("a target");
            let mut nowhere = |_: &mut Wire| Ok("192.0.2.1:443".parse().expect("an address"));
            let mut tunnel = tunnel(wire, &proxy, &target, &mut nowhere)?;
            let mut rest = Vec::new();
            let _ = tunnel.read_to_end(&mut rest);
            Ok(rest)
        })
    }

    #[test]
    fn each_kind_of_proxy_grants_and_refuses() {
        let [http, http10, wants, no, socks5, password, refused, socks4, rejected] =
            real_answers().try_into().expect("nine answers");
        for (scheme, answer, rest) in [
            ("http", http, &b"\x16\x03\x03\x00\x02ab"[..]),
            ("http", http10, b""),
            ("socks5", socks5, b"\x16\x03\x03\x00\x02ab"),
            ("socks5h", password, b"\x16\x03\x03"),
            ("socks4", socks4, b"\x16\x03\x03"),
        ] {
            assert_eq!(through(scheme, &answer), Ok(rest.to_vec()), "{scheme}");
        }
        for (scheme, answer) in [("http", wants), ("http", no), ("socks5", refused), ("socks4", rejected)] {
            assert!(through(scheme, &answer).is_err(), "{scheme}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn a_changed_answer_grants_a_tunnel_to_what_stands_behind_it_or_is_a_refusal(
            answer in mutated(real_answers(), WORDS),
            scheme in proptest::sample::select(vec!["http", "socks5", "socks5h", "socks4"]),
        ) {
            match through(scheme, &answer) {
                Ok(rest) => prop_assert!(answer.ends_with(&rest) && rest.len() < answer.len()),
                Err(outcome) => prop_assert!(
                    matches!(outcome, Outcome::ProxyRefused { .. } | Outcome::ProxyAuthRequired { .. }),
                    "{:?}", outcome
                ),
            }
        }
    }
}
