//! HTTP CONNECT (RFC 9110, 9.3.6), with Basic credentials.

use std::io::{self, ErrorKind, Read as _, Write as _};

use base64::Engine as _;
use httparse::{Header, ParserConfig, Response, Status};

use super::{Credentials, failed, refused};
use crate::edge::net::Wire;
use crate::facts::{Outcome, Target};

/// The longest head of an answer; real ones have some hundred bytes.
const LONGEST_HEAD: usize = 64 * 1024;
const MOST_FIELDS: usize = 100;
/// How many `1xx` answers are passed over.
const MOST_INTERIM: usize = 5;

pub(super) fn tunnel(
    mut wire: Wire,
    target: &Target,
    credentials: Option<&Credentials>,
) -> Result<Wire, Outcome> {
    let written = wire.write_all(request(target, credentials).as_bytes()).and_then(|()| wire.flush());
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    let mut interim = 0;
    loop {
        match answer(&received, credentials.is_some()) {
            Some(Answer::Granted { length }) => {
                wire.put_back(&received[length..]);
                return Ok(wire);
            }
            Some(Answer::Interim { length }) if interim < MOST_INTERIM => {
                received.drain(..length);
                interim += 1;
                continue;
            }
            Some(Answer::Interim { .. }) => return Err(refused("it promises an answer without end")),
            Some(Answer::Refused(outcome)) => return Err(outcome),
            None => {}
        }
        if received.len() >= LONGEST_HEAD {
            return Err(refused("the head of its answer is longer than 64 KiB"));
        }
        match wire.read(&mut chunk) {
            Ok(0) => return Err(closed(&received, written.err())),
            Ok(count) => received.extend_from_slice(&chunk[..count]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(failed(&written.err().unwrap_or(e))),
        }
    }
}

fn request(target: &Target, credentials: Option<&Credentials>) -> String {
    let authorization = credentials.map_or_else(String::new, |(user, password)| {
        let both = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        format!("Proxy-Authorization: Basic {both}\r\n")
    });
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: trustgap/{version}\r\n\
         Proxy-Connection: Keep-Alive\r\n{authorization}\r\n"
    )
}

fn closed(received: &[u8], written: Option<io::Error>) -> Outcome {
    match written {
        _ if !received.is_empty() => refused(&not_http(received)),
        Some(e) => failed(&e),
        None => failed(&ErrorKind::UnexpectedEof.into()),
    }
}

/// What a proxy answered.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// The tunnel stands; what follows the first `length` bytes is the target's.
    Granted { length: usize },
    /// Another answer follows these bytes.
    Interim { length: usize },
    /// No tunnel.
    Refused(Outcome),
}

/// Reads an answer; `None` when more bytes are needed.
fn answer(bytes: &[u8], credentials_sent: bool) -> Option<Answer> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = Response::new(&mut fields);
    let mut parser = ParserConfig::default();
    parser
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    let length = match parser.parse_response(&mut response, bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return None,
        Err(httparse::Error::TooManyHeaders) => {
            return Some(Answer::Refused(refused("its answer has more than 100 header fields")));
        }
        Err(_) => return Some(Answer::Refused(refused(&not_http(bytes)))),
    };
    let status = response.code.unwrap_or_default();
    Some(match status {
        100..=199 => Answer::Interim { length },
        200..=299 => Answer::Granted { length },
        407 => Answer::Refused(Outcome::ProxyAuthRequired {
            schemes: schemes(response.headers),
            credentials_sent,
        }),
        _ => Answer::Refused(Outcome::ProxyRefused {
            status: Some(status),
            reason: reason(response.reason.unwrap_or_default(), response.headers),
        }),
    })
}

/// Returns the schemes of all challenges, in order: `Negotiate`, `NTLM`, `Basic`, ...
fn schemes(fields: &[Header<'_>]) -> Vec<String> {
    const MOST: usize = 10;
    const LONGEST: usize = 40;
    let mut schemes: Vec<String> = Vec::new();
    for field in fields.iter().filter(|f| f.name.eq_ignore_ascii_case("Proxy-Authenticate")) {
        let value = String::from_utf8_lossy(field.value);
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
fn reason(phrase: &str, fields: &[Header<'_>]) -> String {
    let cause = ["X-Squid-Error", "Proxy-Status", "Location"].into_iter().find_map(|name| {
        let field = fields.iter().find(|f| f.name.eq_ignore_ascii_case(name))?;
        Some(format!("{name}: {}", String::from_utf8_lossy(field.value)))
    });
    match cause {
        Some(cause) if phrase.is_empty() => cause,
        Some(cause) => format!("{phrase} ({cause})"),
        None => phrase.to_owned(),
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
    use proptest::prelude::*;

    use super::*;

    fn refusal(bytes: &str) -> Outcome {
        match answer(bytes.as_bytes(), false) {
            Some(Answer::Refused(outcome)) => outcome,
            other => panic!("{bytes:?} gave {other:?}"),
        }
    }

    #[test]
    fn a_tunnel_is_granted_by_any_status_of_the_two_hundreds() {
        for head in [
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.0 200\r\n\r\n",
            "HTTP/1.1 204 Fine\r\nVia : 1.1 proxy\r\n\r\n",
            "HTTP/1.1 200 OK\r\nbroken field\r\nContent-Length: 5\r\n\r\n",
        ] {
            let bytes = format!("{head}\x16\x03\x03");
            assert_eq!(
                answer(bytes.as_bytes(), false),
                Some(Answer::Granted { length: head.len() }),
                "{head:?}"
            );
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
            let Outcome::ProxyAuthRequired { schemes, credentials_sent: false } = refusal(&head) else {
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
            assert_eq!(refusal(head), Outcome::ProxyRefused { status, reason: reason.to_owned() });
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

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = answer(&bytes, true);
        }

        #[test]
        fn no_head_makes_it_panic(
            status in 0_u16..1000,
            fields in proptest::collection::vec(("[A-Za-z-]{1,20}", "\\PC{0,60}"), 0..120),
            tail in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let mut head = format!("HTTP/1.1 {status:03} x\r\n");
            for (name, value) in fields {
                head.extend([&name, ": ", &value, "\r\n"]);
            }
            head.push_str("\r\n");
            let length = head.len();
            let bytes = [head.as_bytes(), &tail].concat();
            if let Some(Answer::Granted { length: read } | Answer::Interim { length: read }) =
                answer(&bytes, false)
            {
                prop_assert_eq!(read, length);
            }
        }
    }
}
