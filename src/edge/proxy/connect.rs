//! HTTP CONNECT (RFC 9110, 9.3.6), with Basic credentials.

use std::io::Write as _;

use base64::Engine as _;

use super::{Credentials, failed, refused};
use crate::edge::http::head::{self, Head, NoHead};
use crate::edge::net::Wire;
use crate::facts::{Outcome, Target};

pub(super) fn tunnel(
    mut wire: Wire,
    target: &Target,
    credentials: Option<&Credentials>,
) -> Result<Wire, Outcome> {
    let written = wire.write_all(request(target, credentials).as_bytes()).and_then(|()| wire.flush());
    let (head, behind) = head::read(&mut wire).map_err(|none| no_answer(none, written.err()))?;
    if let Some(outcome) = refusal(&head, credentials.is_some()) {
        return Err(outcome);
    }
    wire.put_back(&behind);
    Ok(wire)
}

fn request(target: &Target, credentials: Option<&Credentials>) -> String {
    let authorization = credentials.map(authorization).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: trustgap/{version}\r\n\
         Proxy-Connection: Keep-Alive\r\n{authorization}\r\n"
    )
}

/// Returns the header field, with its line end, that presents credentials to a proxy.
pub(in crate::edge) fn authorization((user, password): &Credentials) -> String {
    let both = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Proxy-Authorization: Basic {both}\r\n")
}

fn no_answer(none: NoHead, written: Option<std::io::Error>) -> Outcome {
    match none {
        NoHead::Endless => refused("it promises an answer without end"),
        NoHead::Failed(e) => failed(&written.unwrap_or(e)),
        NoHead::NotHttp(bytes) => refused(&not_http(&bytes)),
        NoHead::TooLong => refused("the head of its answer is longer than 16 KiB"),
        NoHead::TooManyFields => refused("its answer has more than 100 header fields"),
    }
}

/// Says how a proxy refused a tunnel; `None` when it granted it.
fn refusal(head: &Head, credentials_sent: bool) -> Option<Outcome> {
    match head.status {
        200..=299 => None,
        // tinyproxy answers 401 to credentials that it does not accept
        401 | 407 => Some(wants_credentials(head, credentials_sent)),
        status => Some(Outcome::ProxyRefused { status: Some(status), reason: reason(head) }),
    }
}

/// Says what an answer asks for that wants to know who is there.
pub(in crate::edge) fn wants_credentials(head: &Head, credentials_sent: bool) -> Outcome {
    Outcome::ProxyAuthRequired { schemes: schemes(head), credentials_sent }
}

/// Returns the schemes of all challenges, in order: `Negotiate`, `NTLM`, `Basic`, ...
fn schemes(head: &Head) -> Vec<String> {
    const MOST: usize = 10;
    const LONGEST: usize = 40;
    let mut schemes: Vec<String> = Vec::new();
    let challenges = head.fields("Proxy-Authenticate").chain(head.fields("WWW-Authenticate"));
    for value in challenges {
        // a comma also separates a challenge's parameters, which have an equals sign
        for word in value.split(',').filter_map(|part| part.split_whitespace().next()) {
            let is_scheme = word.len() <= LONGEST
                && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b));
            if is_scheme && schemes.len() < MOST && !schemes.iter().any(|s| s == word) {
                schemes.push(word.to_owned());
            }
        }
    }
    schemes
}

/// Returns the reason of a status line, with what the proxy says about its cause: Squid names the error
/// (`ERR_DNS_FAIL`, `ERR_ACCESS_DENIED`), a redirect names the page with the explanation.
fn reason(head: &Head) -> String {
    let names = ["X-Squid-Error", "Proxy-Status", "Location"];
    let cause = names.into_iter().find_map(|name| Some(format!("{name}: {}", head.field(name)?)));
    match cause {
        Some(cause) if head.reason.is_empty() => cause,
        Some(cause) => format!("{} ({cause})", head.reason),
        None => head.reason.clone(),
    }
}

fn not_http(bytes: &[u8]) -> String {
    if matches!(bytes, [21 | 22, 3, ..]) {
        return "it answers with TLS: its address may have to begin with https://".to_owned();
    }
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
    format!("its answer is not HTTP: `{beginning}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an answer means, and what is left behind it.
    fn answer(text: &str) -> Result<Vec<u8>, Outcome> {
        let (head, behind) = head::read(&mut text.as_bytes()).map_err(|none| no_answer(none, None))?;
        refusal(&head, false).map_or(Ok(behind), Err)
    }

    #[test]
    fn a_tunnel_is_granted_by_any_status_of_the_two_hundreds() {
        for head in [
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.0 200\r\n\r\n",
            "HTTP/1.1 204 Fine\r\nVia : 1.1 proxy\r\n\r\n",
            "HTTP/1.1 200 OK\r\nbroken field\r\nContent-Length: 5\r\n\r\n",
        ] {
            assert_eq!(answer(&format!("{head}\x16\x03\x03")), Ok(b"\x16\x03\x03".to_vec()), "{head:?}");
        }
    }

    #[test]
    fn the_schemes_of_every_challenge_are_named_once() {
        for (fields, wanted) in [
            ("Proxy-Authenticate: Basic realm=\"a, b\"\r\n", vec!["Basic"]),
            ("Proxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n", vec!["Negotiate", "NTLM"]),
            (
                "Proxy-Authenticate: Negotiate, NTLM, Basic realm=\"x\"\r\n",
                vec!["Negotiate", "NTLM", "Basic"],
            ),
            (
                "Proxy-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\nProxy-Authenticate: Digest realm=z\r\n",
                vec!["Digest"],
            ),
            ("", vec![]),
        ] {
            let head = format!("HTTP/1.1 407 Proxy Authentication Required\r\n{fields}\r\n");
            let Err(Outcome::ProxyAuthRequired { schemes, credentials_sent: false }) = answer(&head) else {
                panic!("{head}")
            };
            // a quoted comma may leave a stray word, never lose a scheme
            assert!(wanted.iter().all(|w| schemes.iter().any(|s| s == w)), "{schemes:?}");
            assert!(schemes.len() <= wanted.len() + 1, "{schemes:?}");
        }
    }

    #[test]
    fn a_refusal_keeps_its_status_and_its_cause() {
        for (head, status, reason) in [
            ("HTTP/1.1 403 Forbidden\r\n\r\n", Some(403), "Forbidden"),
            (
                "HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_DNS_FAIL 0\r\n\r\n",
                Some(503),
                "Service Unavailable (X-Squid-Error: ERR_DNS_FAIL 0)",
            ),
            (
                "HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n",
                Some(302),
                "Found (Location: http://portal.example/)",
            ),
            ("SSH-2.0-OpenSSH_9.6\r\n", None, "its answer is not HTTP: `SSH-2.0-OpenSSH_9.6\r\n`"),
            (
                "\x15\x03\x01\0\x02\x02\x32",
                None,
                "it answers with TLS: its address may have to begin with https://",
            ),
        ] {
            assert_eq!(answer(head), Err(Outcome::ProxyRefused { status, reason: reason.to_owned() }));
        }
    }

    #[test]
    fn credentials_are_encoded_and_nothing_else_reaches_the_request() {
        let target = "registry.example:443".parse().unwrap();
        let credentials = ("user".to_owned(), "a:b\r\nX-Evil: 1".to_owned());
        let request = request(&target, Some(&credentials));
        assert!(
            request.starts_with("CONNECT registry.example:443 HTTP/1.1\r\nHost: registry.example:443\r\n")
        );
        assert!(request.contains("Proxy-Authorization: Basic dXNlcjphOmINClgtRXZpbDogMQ==\r\n"));
        assert!(!request.contains("X-Evil"));
        assert!(request.ends_with("\r\n\r\n"));
    }
}
