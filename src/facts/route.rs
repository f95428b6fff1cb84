//! How a host is reached: directly, or through a proxy that somebody configured.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::Url;

use super::target::{Host, NotATarget, Target};

/// The way to a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Route {
    /// A TCP connection to the host itself.
    Direct {
        /// Why no proxy is used although one is configured, for example `NO_PROXY=.corp.example`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exempted_by: Option<String>,
    },
    /// A tunnel through a proxy.
    Proxy {
        /// The proxy, without its credentials.
        proxy: ProxyUrl,
        /// Who said so, for example `https_proxy` or `--proxy`.
        set_by: String,
    },
    /// A proxy is configured whose address cannot be read. The text itself is not kept: it may hold a password.
    Unreadable {
        /// Who said so, for example `https_proxy`.
        set_by: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// A proxy's address. Credentials are kept apart so that no output can hold them.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl {
    /// How the proxy is spoken to.
    pub scheme: ProxyScheme,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User and password, never serialised or shown.
    pub credentials: Option<(String, String)>,
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyScheme {
    /// HTTP CONNECT in the clear.
    Http,
    /// HTTP CONNECT inside TLS.
    Https,
    /// SOCKS 4, names resolved here.
    Socks4,
    /// SOCKS 4a, names resolved by the proxy.
    Socks4a,
    /// SOCKS 5, names resolved here (`socks5`) .
    Socks5,
    /// SOCKS 5, names resolved by the proxy (`socks5h`).
    Socks5h,
}

/// Why a text is not a proxy. Never holds the text: it may contain a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAProxy {
    /// Not an URL and not `host:port`.
    Unreadable,
    /// A scheme that no proxy speaks.
    Scheme(String),
}

impl std::str::FromStr for ProxyUrl {
    type Err = NotAProxy;

    /// Reads a URL, or bare `host:port` as HTTP; default ports as curl: 1080, and 443 for `https`.
    fn from_str(text: &str) -> Result<Self, NotAProxy> {
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&full).map_err(|_| NotAProxy::Unreadable)?;
        let scheme = match url.scheme() {
            "http" => ProxyScheme::Http,
            "https" => ProxyScheme::Https,
            "socks4" => ProxyScheme::Socks4,
            "socks4a" => ProxyScheme::Socks4a,
            "socks5" | "socks" => ProxyScheme::Socks5,
            "socks5h" => ProxyScheme::Socks5h,
            other => return Err(NotAProxy::Scheme(other.to_owned())),
        };
        let host = url.host_str().filter(|h| !h.is_empty()).ok_or(NotAProxy::Unreadable)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        // `Url` hides a port that is the scheme's default; curl's default is 1080 unless the URL says otherwise
        let says_port = full.rsplit(['@', '/']).any(|part| {
            part.rsplit_once(':').is_some_and(|(_, p)| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
        });
        let port = url.port().unwrap_or(match scheme {
            ProxyScheme::Https => 443,
            ProxyScheme::Http if says_port => 80,
            _ => 1080,
        });
        let decode = |t: &str| percent_decode_str(t).decode_utf8_lossy().into_owned();
        let credentials = (!url.username().is_empty() || url.password().is_some())
            .then(|| (decode(url.username()), decode(url.password().unwrap_or_default())));
        Ok(Self { scheme, host, port, credentials })
    }
}

/// Which proxy leads out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// What the environment's variables say, with their exceptions.
    #[default]
    Environment,
    /// None, whatever the environment says (`--proxy none`).
    Never,
    /// This one for every target (`--proxy URL`).
    Only(ProxyUrl),
}

/// A detour: connections meant for one place go to another, while name and certificate stay those of the first
/// (`--connect-to HOST:PORT:ADDR:PORT`, as curl's).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    /// The host this is about; any when absent.
    pub host: Option<Host>,
    /// The port this is about; any when absent.
    pub port: Option<u16>,
    /// Where to connect instead: the same host when absent.
    pub to_host: Option<Host>,
    /// The port there: the same port when absent.
    pub to_port: Option<u16>,
}

/// Why a text is not a `--connect-to` detour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotADetour {
    /// Not four parts separated by colons.
    Parts,
    /// One of the parts is not a host or port.
    Part(NotATarget),
}

impl ConnectTo {
    /// Returns where a connection meant for `target` goes; `None` when this detour is about another place.
    pub fn apply(&self, target: &Target) -> Option<Target> {
        let meant = self.host.as_ref().is_none_or(|host| *host == target.host)
            && self.port.is_none_or(|port| port == target.port);
        meant.then(|| {
            Target::new(
                self.to_host.clone().unwrap_or_else(|| target.host.clone()),
                self.to_port.unwrap_or(target.port),
            )
        })
    }
}

impl std::str::FromStr for ConnectTo {
    type Err = NotADetour;

    /// Reads `HOST:PORT:ADDR:PORT`; every part may be empty, IPv6 addresses stand in brackets.
    fn from_str(text: &str) -> Result<Self, NotADetour> {
        let mut parts = vec![String::new()];
        let mut inside = false;
        for c in text.trim().chars() {
            inside = (inside || c == '[') && c != ']';
            match parts.last_mut() {
                Some(part) if c != ':' || inside => part.push(c),
                _ => parts.push(String::new()),
            }
        }
        let [host, port, to_host, to_port] = parts.as_slice() else {
            return Err(NotADetour::Parts);
        };
        let read_host = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(NotADetour::Part),
        };
        let read_port = |text: &str| match text {
            "" => Ok(None),
            text => match text.parse::<u16>() {
                Ok(port) if port > 0 => Ok(Some(port)),
                _ => Err(NotADetour::Part(NotATarget::Port(text.to_owned()))),
            },
        };
        Ok(Self {
            host: read_host(host)?,
            port: read_port(port)?,
            to_host: read_host(to_host)?,
            to_port: read_port(to_port)?,
        })
    }
}

impl fmt::Display for NotADetour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parts => f.write_str("expected HOST:PORT:ADDR:PORT, each part may be empty"),
            Self::Part(part) => part.fmt(f),
        }
    }
}

impl std::error::Error for NotADetour {}

impl ProxyScheme {
    /// Whether the proxy is spoken to in SOCKS, and not in HTTP.
    pub fn is_socks(self) -> bool {
        !matches!(self, Self::Http | Self::Https)
    }

    /// Returns the URL scheme.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks4 => "socks4",
            Self::Socks4a => "socks4a",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let brackets = self.host.contains(':');
        let (open, close) = if brackets { ("[", "]") } else { ("", "") };
        write!(f, "{}://{open}{}{close}:{}", self.scheme.name(), self.host, self.port)
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}{}", if self.credentials.is_some() { " (with credentials)" } else { "" })
    }
}

impl fmt::Display for NotAProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("not a proxy address: expected http://HOST:PORT"),
            Self::Scheme(scheme) => write!(f, "`{scheme}` is not a kind of proxy: use http, https or socks5"),
        }
    }
}

impl std::error::Error for NotAProxy {}

impl Serialize for ProxyUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ProxyUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detours_read_as_curls_do() {
        let apply = |detour: &str, target: &str| {
            let detour: ConnectTo = detour.parse().expect("a detour");
            let target = target.parse().expect("a target");
            detour.apply(&target).map(|t| t.to_string())
        };
        for (detour, target, wanted) in [
            ("registry.example:443:127.0.0.1:8443", "registry.example", Some("127.0.0.1:8443")),
            ("registry.example:443:127.0.0.1:8443", "other.example", None),
            ("registry.example:443:127.0.0.1:8443", "registry.example:444", None),
            ("::127.0.0.1:8443", "any.example:1", Some("127.0.0.1:8443")),
            ("registry.example::[::1]:", "registry.example:444", Some("[::1]:444")),
            (":443::8443", "a.example", Some("a.example:8443")),
        ] {
            assert_eq!(apply(detour, target).as_deref(), wanted, "{detour} for {target}");
        }
        for wrong in ["", "a:1", "a:1:b:2:3", "a:0:b:2", "a:1:b:x", "a b:1:c:2"] {
            assert!(wrong.parse::<ConnectTo>().is_err(), "{wrong}");
        }
    }
}
