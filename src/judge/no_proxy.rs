//! What a list of exemptions (`NO_PROXY`) exempts, as each kind of client reads it: the same list means different things.
//!
//! | entry | curl, git | wget | Go | urllib | requests | httpx | npm | Node fetch | Node https |
//! |---|---|---|---|---|---|---|---|---|---|
//! | `x.example` for `a.x.example` | yes | yes | yes | yes | yes | yes | yes | yes | no |
//! | `.x.example` for `x.example` | yes | no | no | yes | yes | no | yes | yes | yes |
//! | `*.x.example` for `a.x.example` | no | no | yes | no | no | no | no | yes | yes |
//! | `10.0.0.0/8` for `10.1.2.3` | yes (7.86) | no | yes | no | yes | no | no | no | no |
//! | `x.example:8443` | no | no | yes | yes | yes | yes | no | yes | yes |
//! | `*` alone | yes | no | yes | yes | yes | yes | no | yes | yes |
//! | `*` beside other entries | no | no | yes | no | no | yes | no | no | yes |
//! | `localhost`, loopback without an entry | no | no | yes | no | no | no | no | no | no |
//!
//! Every cell was measured with a listener as the proxy and one as the target, with the versions that
//! `catalogue/proxies/clients.toml` names; `tests/it/clients.rs` measures again.

use std::net::IpAddr;

use crate::catalogue::proxies::Dialect;
use crate::facts::{Host, Target};

/// Returns the entry of a list that exempts a host from the proxy; the list itself where it is `*`, and the host
/// where no entry is needed.
pub fn exempting(dialect: Dialect, list: &str, target: &Target) -> Option<String> {
    let host = target.host.to_string().to_ascii_lowercase();
    if dialect == Dialect::Go && is_local(&target.host) {
        return Some(host);
    }
    let asked = Asked { host: &target.host, name: &host, port: target.port };
    let star = list == "*" && !matches!(dialect, Dialect::Npm | Dialect::Wget | Dialect::Wget2);
    if star {
        return Some(list.to_owned());
    }
    entries(dialect, list).into_iter().find(|entry| asked.is_exempted(dialect, entry)).map(str::to_owned)
}

fn entries(dialect: Dialect, list: &str) -> Vec<&str> {
    let filled = |entry: &&str| !entry.is_empty();
    match dialect {
        // blanks separate as well: they did for every curl before 7.86, and nobody means anything else by them
        Dialect::Curl => list.split([',', ' ', '\t']).filter(filled).collect(),
        Dialect::NodeFetch => list.split(|c: char| c == ',' || c.is_whitespace()).filter(filled).collect(),
        Dialect::Java => list.split('|').filter(filled).collect(),
        Dialect::Windows => list.split([';', ',']).map(str::trim).filter(filled).collect(),
        // what follows a comma and a blank begins with the blank
        Dialect::Wget2 => list.split(',').filter(filled).collect(),
        _ => list.split(',').map(str::trim).filter(filled).collect(),
    }
}

/// Whom a client asks for.
struct Asked<'a> {
    host: &'a Host,
    /// The host in lower case.
    name: &'a str,
    port: u16,
}

impl Asked<'_> {
    fn is_exempted(&self, dialect: Dialect, written: &str) -> bool {
        let lower = written.to_ascii_lowercase();
        let (name, entry) = (self.name, lower.as_str());
        let ip = self.ip();
        match dialect {
            Dialect::Curl => match ip {
                Some(ip) => in_network(ip, entry) || without_brackets(entry).parse() == Ok(ip),
                // the trailing dot of an absolute name means nothing here
                None => is_under(name, entry.trim_end_matches('.').trim_start_matches('.')),
            },
            Dialect::Go => self.is_exempted_by_go(entry),
            Dialect::Httpx => {
                let (entry, wanted) = split_port(entry);
                entry == "*"
                    || wanted.is_none_or(|wanted| wanted == self.port)
                        && if ip.is_some() { entry == name } else { is_at_or_below(name, entry) }
            }
            Dialect::Java => match (entry.strip_prefix('*'), entry.strip_suffix('*')) {
                (Some(suffix), _) => name.ends_with(suffix),
                (None, Some(prefix)) => name.starts_with(prefix),
                (None, None) => name == entry,
            },
            Dialect::NodeAgent => {
                let suffix = entry.strip_prefix('*').filter(|suffix| suffix.starts_with('.'));
                entry == "*"
                    || entry == name
                    || entry == self.with_port()
                    || entry.strip_prefix('.').is_some_and(|domain| is_under(name, domain))
                    || suffix.is_some_and(|suffix| name.ends_with(suffix))
                    || ip.is_some_and(|ip| in_range(ip, entry))
            }
            Dialect::NodeFetch => {
                let (entry, wanted) = split_port(entry);
                let domain = entry.strip_prefix('*').unwrap_or(entry).trim_start_matches('.');
                wanted.is_none_or(|wanted| wanted == self.port) && is_under(name, domain)
            }
            // names are compared as they were written, and those of URLs are in lower case
            Dialect::Npm => is_under(name, written.trim_matches('.')),
            // any text at the end, whether or not a label begins there
            Dialect::OldRequests => match ip {
                Some(IpAddr::V4(_)) => self.is_exempted(Dialect::Requests, written),
                _ => {
                    name.ends_with(entry)
                        || self.as_in_a_url().ends_with(entry)
                        || self.is_exempted(Dialect::Urllib, written)
                }
            },
            Dialect::Requests => match ip {
                Some(IpAddr::V4(ip)) => in_network(ip.into(), entry) || entry == name,
                _ => self.is_exempted(Dialect::Urllib, written),
            },
            Dialect::Urllib => {
                let domain = entry.trim_start_matches('.');
                is_under(name, domain) || is_under(&self.as_in_a_url(), domain)
            }
            Dialect::Wget => is_at_or_below(name, entry),
            Dialect::Windows if entry == "<local>" => ip.is_none() && !name.contains('.'),
            Dialect::Windows => entry.starts_with('.') && name.ends_with(entry) || fits_stars(entry, name),
            Dialect::Wget2 => name == entry || entry.starts_with('.') && name.ends_with(entry),
        }
    }

    fn is_exempted_by_go(&self, entry: &str) -> bool {
        let ip = self.ip();
        if entry == "*" || ip.is_some_and(|ip| in_network(ip, entry)) {
            return true;
        }
        let (entry, wanted) = split_port(entry);
        if wanted.is_some_and(|wanted| wanted != self.port) {
            return false;
        }
        if let (Some(ip), Ok(exempted)) = (ip, without_brackets(entry).parse::<IpAddr>()) {
            return ip == exempted;
        }
        is_at_or_below(self.name, if entry.starts_with("*.") { &entry[1..] } else { entry })
    }

    fn ip(&self) -> Option<IpAddr> {
        match self.host {
            Host::Ip(ip) => Some(*ip),
            Host::Name(_) => None,
        }
    }

    fn with_port(&self) -> String {
        format!("{}:{}", self.name, self.port)
    }

    /// Returns host and port as people write them in a URL: without the port that `https` has anyway.
    fn as_in_a_url(&self) -> String {
        if self.port == 443 { self.name.to_owned() } else { self.with_port() }
    }
}

/// Whether a name is under a domain, or, where no dot stands before the domain, is the domain.
fn is_at_or_below(name: &str, entry: &str) -> bool {
    if entry.starts_with('.') { name.ends_with(entry) } else { is_under(name, entry) }
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn fits_stars(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

/// Whether a name is a domain or under it; `notx.example` is not under `x.example`.
fn is_under(name: &str, domain: &str) -> bool {
    !domain.is_empty()
        && name.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Whether an address is in a network written as `10.0.0.0/8`.
fn in_network(ip: IpAddr, entry: &str) -> bool {
    let Some((network, bits)) = entry.split_once('/') else { return false };
    let (Ok(network), Ok(bits)) = (without_brackets(network).parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) if bits <= 32 => {
            u32::from(ip).checked_shr(32 - bits).unwrap_or(0)
                == u32::from(network).checked_shr(32 - bits).unwrap_or(0)
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) if bits <= 128 => {
            u128::from(ip).checked_shr(128 - bits).unwrap_or(0)
                == u128::from(network).checked_shr(128 - bits).unwrap_or(0)
        }
        _ => false,
    }
}

/// Whether an address is in a range written as `10.0.0.1-10.0.0.9`.
fn in_range(ip: IpAddr, entry: &str) -> bool {
    let bounds = entry.split_once('-').and_then(|(first, last)| {
        Some(first.trim().parse::<IpAddr>().ok()?..=last.trim().parse::<IpAddr>().ok()?)
    });
    bounds.is_some_and(|bounds| ip.is_ipv4() && bounds.contains(&ip))
}

fn split_port(entry: &str) -> (&str, Option<u16>) {
    match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn without_brackets(text: &str) -> &str {
    text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text)
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Ip(ip) => ip.is_loopback(),
        Host::Name(name) => name == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter per client in the order curl, wget, Go, urllib, requests, httpx, npm, fetch and https of Node.js:
    /// `D`irect or through the `P`roxy.
    fn matrix(entry: &str, target: &str) -> String {
        let target = target.parse().unwrap();
        [
            Dialect::Curl,
            Dialect::Wget,
            Dialect::Go,
            Dialect::Urllib,
            Dialect::Requests,
            Dialect::Httpx,
            Dialect::Npm,
            Dialect::NodeFetch,
            Dialect::NodeAgent,
        ]
        .iter()
        .map(|dialect| if exempting(*dialect, entry, &target).is_some() { 'D' } else { 'P' })
        .collect()
    }

    #[test]
    fn each_client_reads_the_list_in_its_own_way() {
        for (entry, target, wanted) in [
            // measured
            (".x.test", "x.test", "DPPDDPDDD"),
            (".x.test", "a.x.test", "DDDDDDDDD"),
            ("x.test", "x.test", "DDDDDDDDD"),
            ("x.test", "a.x.test", "DDDDDDDDP"),
            ("x.test", "notx.test", "PPPPPPPPP"),
            ("*.x.test", "x.test", "PPPPPPPDP"),
            ("*.x.test", "a.x.test", "PPDPPPPDD"),
            ("*", "x.test", "DPDDDDPDD"),
            ("b.test,*", "x.test", "PPDPPDPPD"),
            ("b.test, x.test", "x.test", "DDDDDDDDD"),
            ("b.test x.test", "x.test", "DPPPPPPDP"),
            ("X.TEST", "x.test", "DDDDDDPDD"),
            ("x.test.", "x.test", "DPPPPPDPP"),
            ("x.test:8443", "x.test:8443", "PPDDDDPDD"),
            ("x.test:1", "x.test:8443", "PPPPPPPPP"),
            (".x.test:8443", "a.x.test:8443", "PPDDDDPDP"),
            ("10.0.0.0/8", "10.1.2.3", "DPDPDPPPP"),
            ("10.1.2.3", "10.1.2.3", "DDDDDDDDD"),
            ("10.0.0.1-10.9.9.9", "10.1.2.3", "PPPPPPPPD"),
            ("10.1.2.3", "x.test", "PPPPPPPPP"),
            ("test", "x.test", "DDDDDDDDP"),
            ("", "localhost", "PPDPPPPPP"),
            ("", "127.0.0.1", "PPDPPPPPP"),
            // from the sources
            ("2001:db8::/32", "[2001:db8::1]:443", "DPDPPPPPP"),
            ("/8,10.0.0.0/,10.0.0.0/33,[", "10.1.2.3", "PPPPPPPPP"),
        ] {
            assert_eq!(matrix(entry, target), wanted, "NO_PROXY={entry:?} for {target}");
        }
    }

    #[test]
    fn two_clients_differ_from_their_relatives() {
        let exempts =
            |dialect, list: &str, host: &str| exempting(dialect, list, &host.parse().unwrap()).is_some();
        // measured with pip 23.2 and Wget2 1.99
        assert!(exempts(Dialect::OldRequests, "x.test", "notx.test"));
        assert!(!exempts(Dialect::Wget2, "x.test", "a.x.test"));
        assert!(!exempts(Dialect::Wget2, "b.test, x.test", "x.test"));
        assert!(exempts(Dialect::Wget2, ".x.test", "a.x.test"));
    }

    #[test]
    fn java_reads_patterns_between_bars() {
        let exempts =
            |list: &str, host: &str| exempting(Dialect::Java, list, &host.parse().unwrap()).is_some();
        assert!(exempts("localhost|*.corp.example", "a.corp.example"));
        assert!(exempts("10.*", "10.1.2.3"));
        assert!(exempts("a|*", "x.test"));
        assert!(!exempts("*.corp.example", "corp.example"));
        assert!(!exempts("a*t", "a.x.test"));
        assert!(!exempts("a.example,b.example", "a.example"));
    }

    #[test]
    fn windows_reads_stars_anywhere_and_knows_local_names() {
        let exempts =
            |list: &str, host: &str| exempting(Dialect::Windows, list, &host.parse().unwrap()).is_some();
        assert!(exempts("*.corp.example;<local>", "a.corp.example"));
        assert!(exempts("*.corp.example;<local>", "wiki"));
        assert!(exempts("10.*; 192.168.*", "10.1.2.3"));
        assert!(exempts("a*.corp.*", "abc.corp.example"));
        assert!(!exempts("*.corp.example;<local>", "corp.example"));
        assert!(!exempts("a.example", "b.a.example"));
        assert!(!exempts("a*b", "ab.c"));
    }

    #[test]
    fn a_network_of_no_bits_holds_every_address() {
        assert!(in_network("1.2.3.4".parse().unwrap(), "0.0.0.0/0"));
        assert!(in_network("::1".parse().unwrap(), "::/0"));
    }
}
