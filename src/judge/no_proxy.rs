//! What `NO_PROXY` exempts, as each kind of client reads it: the same list means different things.
//!
//! | entry | curl | Go | Python urllib | requests, pip | Node.js |
//! |---|---|---|---|---|---|
//! | `x.example` for `a.x.example` | yes | yes | yes | yes | no |
//! | `.x.example` for `x.example` | yes | no | yes | yes | yes |
//! | `*.x.example` for `a.x.example` | no | yes | no | no | yes |
//! | `10.0.0.0/8` for `10.1.2.3` | yes (7.86) | yes | no | yes | no |
//! | `x.example:8443` | no | yes | yes | yes | yes |
//! | `*` beside other entries | no | yes | no | no | yes |
//! | `localhost`, loopback without an entry | no | yes | no | no | no |
//!
//! Sources: curl lib/noproxy.c, golang.org/x/net http/httpproxy/proxy.go, CPython Lib/urllib/request.py
//! (`proxy_bypass_environment`), requests src/requests/utils.py (`should_bypass_proxies`), Node.js
//! lib/internal/http.js (`shouldUseProxy`); all but Node.js also measured (curl 7.88, kubectl 1.32, Python 3.11, pip 23.2).

use std::net::IpAddr;

use crate::facts::{Host, Target};

/// A way of reading proxy variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Client {
    /// curl, libcurl, git, PHP, R: and this program.
    Curl,
    /// Go's net/http: kubectl, gh, terraform, docker, ...
    Go,
    /// The JVM, which reads no variable; `http.nonProxyHosts` with `|` between the entries.
    Java,
    /// Node.js with `NODE_USE_ENV_PROXY=1`; without it Node.js uses no proxy at all.
    Node,
    /// Python's requests and what is built on it: pip, the cloud SDKs.
    Requests,
    /// Python's urllib.
    Urllib,
}

/// Returns the entry of a list that exempts a host from the proxy; the list itself where it is `*`, and the host
/// where no entry is needed.
pub fn exempting(client: Client, list: &str, target: &Target) -> Option<String> {
    let host = target.host.to_string().to_ascii_lowercase();
    if client == Client::Go && is_local(&target.host) {
        return Some(host);
    }
    if list == "*" && client != Client::Java {
        return Some(list.to_owned());
    }
    entries(client, list)
        .into_iter()
        .find(|entry| exempts(client, &entry.to_ascii_lowercase(), &target.host, &host, target.port))
        .map(str::to_owned)
}

fn entries(client: Client, list: &str) -> Vec<&str> {
    match client {
        // blanks separate as well: they did for every curl before 7.86, and nobody means anything else by them
        Client::Curl => list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty()).collect(),
        Client::Java => list.split('|').filter(|entry| !entry.is_empty()).collect(),
        _ => list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect(),
    }
}

fn exempts(client: Client, entry: &str, host: &Host, name: &str, port: u16) -> bool {
    let ip = match host {
        Host::Ip(ip) => Some(*ip),
        Host::Name(_) => None,
    };
    match client {
        Client::Curl => match ip {
            Some(ip) => in_network(ip, entry) || without_brackets(entry).parse() == Ok(ip),
            // the trailing dot of an absolute name means nothing here
            None => is_under(name, entry.trim_end_matches('.').trim_start_matches('.')),
        },
        Client::Go => {
            if entry == "*" || ip.is_some_and(|ip| in_network(ip, entry)) {
                return true;
            }
            let (entry, wanted) = split_port(entry);
            if wanted.is_some_and(|wanted| wanted != port) {
                return false;
            }
            if let (Some(ip), Ok(exempted)) = (ip, without_brackets(entry).parse::<IpAddr>()) {
                return ip == exempted;
            }
            let entry = if entry.starts_with("*.") { &entry[1..] } else { entry };
            if entry.starts_with('.') { name.ends_with(entry) } else { is_under(name, entry) }
        }
        Client::Java => match (entry.strip_prefix('*'), entry.strip_suffix('*')) {
            (Some(suffix), _) => name.ends_with(suffix),
            (None, Some(prefix)) => name.starts_with(prefix),
            (None, None) => name == entry,
        },
        Client::Node => {
            let with_port = format!("{name}:{port}");
            let suffix = entry.strip_prefix('*').filter(|suffix| suffix.starts_with('.'));
            entry == "*"
                || entry == name
                || entry == with_port
                || entry.strip_prefix('.').is_some_and(|domain| is_under(name, domain))
                || suffix.is_some_and(|suffix| name.ends_with(suffix))
                || ip.is_some_and(|ip| in_range(ip, entry))
        }
        Client::Requests => match ip {
            Some(IpAddr::V4(ip)) => in_network(ip.into(), entry) || entry == name,
            // any text at the end, whether or not a label begins there; since 2.33 only at a label
            _ if name.ends_with(entry) || as_in_a_url(name, port).ends_with(entry) => true,
            _ => exempts(Client::Urllib, entry, host, name, port),
        },
        Client::Urllib => {
            let domain = entry.trim_start_matches('.');
            is_under(name, domain) || is_under(&as_in_a_url(name, port), domain)
        }
    }
}

/// Returns host and port as people write them in a URL: without the port that `https` has anyway.
fn as_in_a_url(name: &str, port: u16) -> String {
    if port == 443 { name.to_owned() } else { format!("{name}:{port}") }
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

    /// One letter per client in the order curl, Go, urllib, requests, Node.js: `D`irect or through the `P`roxy.
    fn matrix(entry: &str, target: &str) -> String {
        let target = target.parse().unwrap();
        [Client::Curl, Client::Go, Client::Urllib, Client::Requests, Client::Node]
            .iter()
            .map(|client| if exempting(*client, entry, &target).is_some() { 'D' } else { 'P' })
            .collect()
    }

    #[test]
    fn each_client_reads_the_list_in_its_own_way() {
        for (entry, target, wanted) in [
            // measured with curl 7.88.1, kubectl 1.32.4 (Go) and Python 3.11.7
            (".x.invalid", "x.invalid", "DPDDD"),
            (".x.invalid", "a.x.invalid", "DDDDD"),
            ("x.invalid", "a.x.invalid", "DDDDP"),
            ("*.x.invalid", "x.invalid", "PPPPP"),
            ("*.x.invalid", "a.x.invalid", "PDPPD"),
            ("*", "x.invalid", "DDDDD"),
            ("a.invalid,*", "x.invalid", "PDPPD"),
            ("10.0.0.0/8", "10.1.2.3", "DDPDP"),
            // from the sources
            ("x.invalid", "x.invalid", "DDDDD"),
            ("x.invalid", "notx.invalid", "PPPDP"),
            ("x.invalid:443", "x.invalid", "PDPPD"),
            ("x.invalid:8443", "x.invalid:8443", "PDDDD"),
            ("x.invalid:8443", "x.invalid", "PPPPP"),
            ("10.1.2.3", "10.1.2.3", "DDDDD"),
            ("10.0.0.1-10.9.9.9", "10.1.2.3", "PPPPD"),
            ("2001:db8::/32", "[2001:db8::1]:443", "DDPPP"),
            ("", "localhost", "PDPPP"),
            ("", "127.0.0.1", "PDPPP"),
            ("a.invalid, X.INVALID", "x.invalid", "DDDDD"),
            ("x.invalid.", "x.invalid", "DPPPP"),
            ("/8,10.0.0.0/,10.0.0.0/33,[", "10.1.2.3", "PPPPP"),
        ] {
            assert_eq!(matrix(entry, target), wanted, "NO_PROXY={entry:?} for {target}");
        }
    }

    #[test]
    fn java_reads_patterns_between_bars() {
        let exempts =
            |list: &str, host: &str| exempting(Client::Java, list, &host.parse().unwrap()).is_some();
        assert!(exempts("localhost|*.corp.example", "a.corp.example"));
        assert!(exempts("10.*", "10.1.2.3"));
        assert!(!exempts("*.corp.example", "corp.example"));
        assert!(!exempts("a.example,b.example", "a.example"));
    }

    #[test]
    fn a_network_of_no_bits_holds_every_address() {
        assert!(in_network("1.2.3.4".parse().unwrap(), "0.0.0.0/0"));
        assert!(in_network("::1".parse().unwrap(), "::/0"));
    }
}
