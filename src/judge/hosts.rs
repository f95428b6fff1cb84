//! What a host's name and address say about who can reach it: everybody, or this network alone.

use std::net::IpAddr;

use crate::catalogue::sites;
use crate::facts::handshake::{Role, TargetLook};
use crate::facts::{Host, Route};

/// Whether a public CA could certify a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A name or address of this network: no public CA certifies it.
    Internal,
    /// A name like those on the internet; it may still be known in this network only.
    PublicLooking,
    /// A well-known site of the internet.
    Public,
}

/// Top-level domains that are not delegated in the public DNS, and that people use at home and at work: RFC 6761,
/// RFC 6762 (with its appendix G), RFC 8375, ICANN's `internal`. `example` stands for public names in documents.
const INTERNAL: &[&str] = &[
    "corp",
    "domain",
    "home",
    "internal",
    "intra",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "test",
];

/// Second levels under which the public registers in country domains.
const SHARED: &[&str] =
    &["ac", "co", "com", "edu", "go", "gob", "gov", "gv", "mil", "ne", "net", "nom", "or", "org", "sch"];

/// Returns the standing of a host that was looked at. A well-known site stays one, wherever its name leads here: login
/// pages and filters give public names private addresses.
pub fn standing_of(look: &TargetLook) -> Standing {
    if matches!(look.role, Role::Control | Role::WellKnown) || is_listed(look) {
        return Standing::Public;
    }
    let direct = matches!(look.route, Route::Direct { .. });
    standing(&look.target.host, look.address.filter(|_| direct))
}

/// Whether a host is on our own list of public sites.
pub fn is_listed(look: &TargetLook) -> bool {
    let sites = sites::sites();
    sites.control.iter().chain(&sites.well_known).any(|site| site.host == look.target.host)
}

/// Returns what a host's name says; an address that it resolved to may make it internal.
pub fn standing(host: &Host, address: Option<IpAddr>) -> Standing {
    match host {
        Host::Ip(own) => {
            if is_internal_address(*own) || own.is_loopback() {
                Standing::Internal
            } else {
                Standing::PublicLooking
            }
        }
        Host::Name(name) => {
            let last = name.rsplit('.').next().unwrap_or(name);
            let internal_name =
                !name.contains('.') || INTERNAL.contains(&last) || name.ends_with(".home.arpa");
            if internal_name || address.is_some_and(is_internal_address) {
                Standing::Internal
            } else {
                Standing::PublicLooking
            }
        }
    }
}

/// Returns the part of a name that one owner registers, as far as that can be told without the public suffix list:
/// the last two labels, or three under a short second level of a country (`example.co.uk`).
pub fn organisation(host: &Host) -> String {
    let Host::Name(name) = host else { return host.to_string() };
    let labels: Vec<&str> = name.rsplit('.').collect();
    let depth = match labels.as_slice() {
        [country, second, _, ..] if country.len() == 2 && SHARED.contains(second) => 3,
        _ => 2,
    };
    let mut own: Vec<&str> = labels.into_iter().take(depth).collect();
    own.reverse();
    own.join(".")
}

/// Private, link-local and unique local addresses. Loopback does not count: a proxy on this machine answers there
/// for public names.
fn is_internal_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.is_private() || v4.is_link_local(),
            None => v6.is_unique_local() || v6.is_unicast_link_local(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whether_a_public_ca_could_certify_it() {
        for (host, address, wanted) in [
            ("registry.example", None, Standing::PublicLooking),
            ("registry.example", Some("127.0.0.1"), Standing::PublicLooking),
            ("registry.example", Some("10.1.2.3"), Standing::Internal),
            ("registry.example", Some("fd00::1"), Standing::Internal),
            ("wiki.intranet.test", None, Standing::Internal),
            ("printer", None, Standing::Internal),
            ("nas.home.arpa", None, Standing::Internal),
            ("build.corp", None, Standing::Internal),
            ("192.168.1.1", None, Standing::Internal),
            ("198.51.100.7", None, Standing::PublicLooking),
            ("::1", None, Standing::Internal),
        ] {
            let host: Host = host.parse().expect("a host");
            let address = address.map(|a| a.parse().expect("an address"));
            assert_eq!(standing(&host, address), wanted, "{host} at {address:?}");
        }
    }

    #[test]
    fn names_of_one_owner_share_an_organisation() {
        for (host, wanted) in [
            ("www.shop.example", "shop.example"),
            ("shop.example", "shop.example"),
            ("a.b.shop.co.uk", "shop.co.uk"),
            ("www.dm.de", "dm.de"),
            ("printer", "printer"),
            ("192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(organisation(&host.parse().expect("a host")), wanted);
        }
    }
}
