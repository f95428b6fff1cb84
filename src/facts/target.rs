//! What is looked at: a host and a port.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A host as TLS names it: a DNS name in lower-case ASCII form, or an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// An IPv4 or IPv6 address: no SNI is sent, the certificate must hold the address.
    Ip(IpAddr),
    /// A DNS name (A-label form: internationalised names are `xn--...`), without a final dot.
    Name(String),
}

/// A host and a TCP port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// Whom to ask for.
    pub host: Host,
    /// TCP port, 1 to 65535.
    pub port: u16,
}

/// Why a text is not a target. The text itself is hostile: sanitise before showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotATarget {
    /// Nothing was given.
    Empty,
    /// The host part is neither a DNS name nor an address.
    Host(String),
    /// The port is not a number from 1 to 65535.
    Port(String),
    /// A URL whose scheme does not use TLS, for example `http`.
    Scheme(String),
}

impl FromStr for Host {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        if bare.is_empty() {
            return Err(NotATarget::Empty);
        }
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Self::Ip(address));
        }
        match url::Host::parse(bare.strip_suffix('.').unwrap_or(bare)) {
            Ok(url::Host::Domain(name)) if is_dns_name(&name) => Ok(Self::Name(name)),
            Ok(url::Host::Ipv4(address)) => Ok(Self::Ip(address.into())),
            _ => Err(NotATarget::Host(text.to_owned())),
        }
    }
}

fn is_dns_name(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

impl Target {
    /// Makes a target.
    pub fn new(host: Host, port: u16) -> Self {
        Self { host, port }
    }
}

impl FromStr for Target {
    type Err = NotATarget;

    /// Reads `host`, `host:port`, `[::1]:port`, an address, or a URL whose scheme uses TLS; the port defaults to 443.
    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NotATarget::Empty);
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let default_port = match scheme.to_ascii_lowercase().as_str() {
                "https" | "wss" => 443,
                "ldaps" => 636,
                "ftps" => 990,
                "imaps" => 993,
                "smtps" => 465,
                _ => return Err(NotATarget::Scheme(scheme.to_owned())),
            };
            let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
            let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            return Self::split(authority, default_port);
        }
        if text.parse::<IpAddr>().is_ok() {
            return Ok(Self::new(text.parse()?, 443));
        }
        Self::split(text.split(['/', '?', '#']).next().unwrap_or(text), 443)
    }
}

impl Target {
    fn split(authority: &str, default_port: u16) -> Result<Self, NotATarget> {
        let after_bracket = authority.rfind(']').map_or(0, |i| i + 1);
        let (host, port) = match authority[after_bracket..].rfind(':') {
            Some(colon) => {
                (&authority[..after_bracket + colon], Some(&authority[after_bracket + colon + 1..]))
            }
            None => (authority, None),
        };
        let port = match port {
            None => default_port,
            Some(digits) => match digits.parse::<u16>() {
                Ok(port) if port > 0 && digits.bytes().all(|b| b.is_ascii_digit()) => port,
                _ => return Err(NotATarget::Port(digits.to_owned())),
            },
        };
        Ok(Self::new(host.parse()?, port))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            host => write!(f, "{host}:{}", self.port),
        }
    }
}

impl fmt::Display for NotATarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a host name is missing"),
            Self::Host(host) => write!(f, "`{host}` is not a host name or an IP address"),
            Self::Port(port) => write!(f, "`{port}` is not a port: ports are numbers from 1 to 65535"),
            Self::Scheme(scheme) => {
                write!(f, "`{scheme}://` does not begin with TLS: give an https:// URL or HOST:PORT")
            }
        }
    }
}

impl std::error::Error for NotATarget {}

/// Serialises through text: one form for records, reports and arguments.
macro_rules! as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(Host);
as_text!(Target);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_people_paste() {
        for (text, wanted) in [
            ("registry.example", "registry.example:443"),
            ("Registry.Example.", "registry.example:443"),
            ("registry.example:8443", "registry.example:8443"),
            ("https://user:secret@registry.example:444/a/b?c#d", "registry.example:444"),
            ("ldaps://dc.corp.example", "dc.corp.example:636"),
            ("registry.example/simple/", "registry.example:443"),
            ("127.0.0.1", "127.0.0.1:443"),
            ("::1", "[::1]:443"),
            ("[::1]:8443", "[::1]:8443"),
            ("bücher.example", "xn--bcher-kva.example:443"),
        ] {
            assert_eq!(text.parse::<Target>().map(|t| t.to_string()), Ok(wanted.to_owned()), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_target() {
        for (text, wanted) in [
            ("", NotATarget::Empty),
            ("host:0", NotATarget::Port("0".into())),
            ("host:65536", NotATarget::Port("65536".into())),
            ("host:+1", NotATarget::Port("+1".into())),
            ("http://host", NotATarget::Scheme("http".into())),
            ("two words", NotATarget::Host("two words".into())),
            ("a\u{1b}[31mb", NotATarget::Host("a\u{1b}[31mb".into())),
        ] {
            assert_eq!(text.parse::<Target>(), Err(wanted), "{text}");
        }
    }
}
