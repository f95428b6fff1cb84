//! Plain HTTP: one GET or HEAD whose head, body, redirects and duration are bounded.
//!
//! Nothing secret is sent but a proxy's own credentials, and no compression is offered.

mod body;
pub mod head;
mod secured;

use std::fmt;
use std::io::{self, ErrorKind, Read as _, Write};
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use url::{Position, Url};

pub use body::Body;
pub use head::Head;
pub use secured::secured_head;

use super::Deadline;
use super::look::{Errand, Met, Reach};
use super::net::words;
use super::proxy::connect::{authorization, wants_credentials};
use crate::facts::handshake::Role;
use crate::facts::{Certificate, Host, Outcome, ProxyUrl, Route, Target};
use head::NoHead;

/// How many redirects are followed, each only to another `http://` address.
const MOST_REDIRECTS: usize = 3;

/// A request to make.
pub struct Fetch<'a> {
    /// What is asked.
    pub method: Method,
    /// An `http://` address; user and password in it are not sent.
    pub url: &'a str,
    /// The most bytes of the body that are kept, the most that are read but for chunk sizes.
    pub longest_body: usize,
    /// What becomes of an answer that leads elsewhere.
    pub redirects: Redirects,
    /// The longest the whole may take, redirects included.
    pub timeout: Duration,
    /// Where it may lead.
    pub reach: Reach,
    /// Which way leads to a host; asked again for each redirect.
    pub way: &'a (dyn Fn(&Target) -> Way + Sync),
    /// The roots that the certificate of an `https://` proxy is verified with; asked for only then.
    pub proxy_roots: &'a (dyn Fn() -> Vec<Certificate> + Sync),
}

/// Which way leads to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Where to connect instead.
    pub detour: Option<Target>,
    /// Directly, or through which proxy.
    pub route: Route,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The whole answer.
    Get,
    /// Its head alone.
    Head,
}

/// What becomes of an answer that leads elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// The other place is asked, at most three times; one that is not `http://` is reported.
    Followed,
    /// It is the answer.
    Reported,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who answered in the end; hostile where a redirect led there.
    pub url: String,
    /// Status and fields.
    pub head: Head,
    /// At most as many bytes as were asked for.
    pub body: Body,
}

/// Why nothing came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer {
    /// Who failed to answer; hostile.
    pub url: String,
    /// How.
    pub why: Why,
}

/// How a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The answer is broken, in words that may be hostile.
    Broken(String),
    /// It was not answered in time.
    Late,
    /// It is no `http://` address.
    NotHttp,
    /// There was no way to it.
    Unreached(Outcome),
}

impl Fetch<'_> {
    /// Makes the request. Ends by the deadline, whatever the other side does.
    pub fn run(&self) -> Result<Answer, NoAnswer> {
        let deadline = Deadline::after(self.timeout);
        let not_http = || NoAnswer { url: self.url.to_owned(), why: Why::NotHttp };
        let mut url = Url::parse(self.url).map_err(|_| not_http())?;
        let mut redirects = 0;
        loop {
            let (head, body) =
                self.exchange(&url, deadline).map_err(|why| NoAnswer { url: shown(&url), why })?;
            let answer = Answer { url: shown(&url), head, body };
            let next = answer.leads_to().and_then(|place| url.join(place).ok());
            match next {
                Some(next)
                    if self.redirects == Redirects::Followed
                        && redirects < MOST_REDIRECTS
                        && next.scheme() == "http" =>
                {
                    redirects += 1;
                    url = next;
                }
                _ => return Ok(answer),
            }
        }
    }

    fn exchange(&self, url: &Url, deadline: Deadline) -> Result<(Head, Body), Why> {
        let target = target(url).ok_or(Why::NotHttp)?;
        let Way { detour, route } = (self.way)(&target);
        let errand = Errand {
            target,
            role: Role::Asked,
            detour,
            route,
            timeout: self.timeout,
            until: Some(deadline),
            reach: self.reach,
            proxy_roots: self.proxy_roots,
        };
        let (mut wire, proxy) = errand.reach_plain(&mut Met::default()).map_err(Why::Unreached)?;
        wire.until(deadline);
        let (head, behind) = ask(&mut wire, self.method, url, proxy)?;
        if head.status == 407
            && let Some(proxy) = proxy
        {
            return Err(Why::Unreached(wants_credentials(&head, proxy.credentials.is_some())));
        }
        let body = match self.method {
            Method::Head => Body::default(),
            Method::Get => {
                let rest = behind.as_slice().chain(wire);
                body::read(rest, &head, self.longest_body).map_err(|e| broken(&e))?
            }
        };
        Ok((head, body))
    }
}

/// Sends one request and reads the head of its answer, and what was read behind it.
fn ask(
    stream: &mut (impl io::Read + Write),
    method: Method,
    url: &Url,
    proxy: Option<&ProxyUrl>,
) -> Result<(Head, Vec<u8>), Why> {
    let request = request(method, url, proxy);
    let written = stream.write_all(request.as_bytes()).and_then(|()| stream.flush());
    // a server may answer and leave before it has read everything: its answer counts
    head::read(stream).map_err(|none| match none {
        NoHead::Endless => Why::Broken("it promises an answer without end".to_owned()),
        NoHead::Failed(e) => broken(&written.err().unwrap_or(e)),
        NoHead::NotHttp(_) => Why::Broken("its answer is not HTTP".to_owned()),
        NoHead::TooLong => Why::Broken("the head of its answer is longer than 16 KiB".to_owned()),
        NoHead::TooManyFields => Why::Broken("its answer has more than 100 header fields".to_owned()),
    })
}

fn request(method: Method, url: &Url, proxy: Option<&ProxyUrl>) -> String {
    let method = match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
    };
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let absolute = proxy.map(|_| format!("http://{host}")).unwrap_or_default();
    let authorization = proxy.and_then(|p| p.credentials.as_ref()).map(authorization).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "{method} {absolute}{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: trustgap/{version}\r\nAccept: */*\r\n\
         Accept-Encoding: identity\r\n{authorization}Connection: close\r\n\r\n"
    )
}

fn target(url: &Url) -> Option<Target> {
    let host: Host = url.host_str().filter(|_| url.scheme() == "http")?.parse().ok()?;
    url.port_or_known_default().filter(|port| *port > 0).map(|port| Target::new(host, port))
}

/// An address without what it may hold of credentials.
fn shown(url: &Url) -> String {
    let host = &url[Position::BeforeHost..Position::AfterQuery];
    format!("{}://{host}", url.scheme())
}

fn broken(error: &io::Error) -> Why {
    match error.kind() {
        ErrorKind::TimedOut => Why::Late,
        ErrorKind::UnexpectedEof => {
            Why::Broken("it closed the connection before its answer was complete".to_owned())
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Why::Broken("it cut the connection before its answer was complete".to_owned())
        }
        _ => Why::Broken(words(error)),
    }
}

impl Answer {
    /// Returns the place that the answer leads to instead of being one; hostile.
    pub fn leads_to(&self) -> Option<&str> {
        matches!(self.head.status, 301 | 302 | 303 | 307 | 308).then(|| self.head.field("Location")).flatten()
    }
}

impl Head {
    /// Returns the moment of the answer by the sender's clock, to the second (RFC 9110, 6.6.1).
    pub fn date(&self) -> Option<OffsetDateTime> {
        // the two other forms of RFC 9110, 5.6.7 must not be sent any more
        OffsetDateTime::parse(self.field("Date")?.trim(), &Rfc2822).ok()
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Broken(words) => f.write_str(words),
            Why::Late => f.write_str("it did not answer in time"),
            Why::NotHttp => f.write_str("it is not an http:// address"),
            Why::Unreached(outcome) => f.write_str(&unreached(outcome)),
        }
    }
}

/// Says why there was no way, for an evidence line; the findings about targets say it at length.
fn unreached(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NotResolved { message } => format!("its name does not resolve: {message}"),
        Outcome::Refused => "nothing listens there".to_owned(),
        Outcome::Unreachable { message } => message.clone(),
        Outcome::TimedOut { .. } => "it was not reached in time".to_owned(),
        Outcome::ProxyAuthRequired { .. } => "the proxy on the way wants a password".to_owned(),
        Outcome::ProxyRefused { reason, .. } => format!("the proxy on the way refused: {reason}"),
        Outcome::ProxyUnreachable { message } => format!("the proxy on the way was not reached: {message}"),
        Outcome::ProxyUntrusted { reason } => format!("the proxy on the way is not trusted: {reason}"),
        _ => "there was no way to it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_request_names_the_host_and_nothing_of_the_user() {
        let plain = request(Method::Get, &url("http://user:secret@Ca.Example:8080/a b?c#d"), None);
        assert!(plain.starts_with("GET /a%20b?c HTTP/1.1\r\nHost: ca.example:8080\r\n"), "{plain}");
        assert!(plain.ends_with("\r\n\r\n") && !plain.contains("secret"), "{plain}");
        let proxy: ProxyUrl = "http://ada:pass@proxy.example:3128".parse().unwrap();
        let absolute = request(Method::Head, &url("http://ca.example"), Some(&proxy));
        assert!(
            absolute.starts_with("HEAD http://ca.example/ HTTP/1.1\r\nHost: ca.example\r\n"),
            "{absolute}"
        );
        assert!(absolute.contains("\r\nProxy-Authorization: Basic YWRhOnBhc3M=\r\n"), "{absolute}");
    }

    #[test]
    fn no_address_puts_a_line_of_its_own_into_the_request() {
        for text in ["http://h.example/\r\nX: y", "http://h.example/%0d%0aX: y", "http://h.example/?a\nX: y"]
        {
            let request = request(Method::Get, &url(text), None);
            assert_eq!(request.lines().filter(|line| line.starts_with('X')).count(), 0, "{request}");
        }
    }

    #[test]
    fn only_http_addresses_are_asked() {
        for (text, wanted) in [
            ("http://ca.example/x", Some("ca.example:80")),
            ("http://[::1]:81/", Some("[::1]:81")),
            ("http://0x7f.1/", Some("127.0.0.1:80")),
            ("https://ca.example/", None),
            ("ldap://ca.example/cn=x", None),
            ("file:///etc/passwd", None),
            ("http://ca.example:0/", None),
        ] {
            assert_eq!(target(&url(text)).map(|t| t.to_string()).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn dates_are_read_as_servers_write_them() {
        let date = |value: &str| {
            let text = format!("HTTP/1.1 200 OK\r\nDate: {value}\r\n\r\n");
            head::read(&mut text.as_bytes()).unwrap().0.date()
        };
        assert_eq!(
            date("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(time::macros::datetime!(1994-11-06 08:49:37 UTC))
        );
        assert_eq!(date("yesterday"), None);
        assert_eq!(date(""), None);
    }
}
