//! Whether a certificate is for a host (RFC 9525), and if not, for whom it is.

use std::net::IpAddr;

use rustls_pki_types::{CertificateDer, DnsName, ServerName};
use webpki::EndEntityCert;

use crate::facts::certificate::SubjectName;
use crate::facts::{Certificate, Host};

/// How a certificate's names compare with the host asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameMatch {
    /// The address that was asked for stands in the certificate, but as a DNS name.
    AddressAsName,
    /// A name of the certificate matches.
    Matches,
    /// Only the subject's common name matches; clients stopped reading it long ago.
    OnlyCommonName,
    /// The certificate has no subjectAltName with DNS names or addresses.
    NoNames,
    /// A DNS name was asked for and the certificate has only addresses, or the reverse.
    OtherKind,
    /// A wildcard nearly matches: it stands for one label and one only.
    WildcardDepth {
        /// The wildcard name, hostile text.
        wildcard: String,
    },
    /// `www.` more or less than a name of the certificate.
    Www {
        /// The certificate's name, hostile text.
        offered: String,
    },
    /// The name that was asked for stands in the certificate with a dot at its end.
    FinalDot {
        /// The certificate's name, hostile text.
        offered: String,
    },
    /// Nothing resembles.
    Other,
}

impl NameMatch {
    /// Whether clients accept it.
    pub fn is_match(&self) -> bool {
        *self == Self::Matches
    }
}

/// Compares a certificate with a host. webpki decides; for what it cannot read, the same rules are followed here.
pub fn matches(leaf: &Certificate, host: &Host) -> NameMatch {
    let Ok(details) = leaf.details() else { return NameMatch::NoNames };
    let der = CertificateDer::from(leaf.der());
    let accepted = match (EndEntityCert::try_from(&der), server_name(host)) {
        (Ok(end_entity), Some(name)) => end_entity.verify_is_valid_for_subject_name(&name).is_ok(),
        _ => details.names.iter().any(|n| is_for(n, host)),
    };
    if accepted {
        return NameMatch::Matches;
    }
    explain(&details.names, details.subject.attribute("CN"), host)
}

/// Whether one name of a certificate covers a host: equal without regard to case, or a wildcard as the whole leftmost label.
pub fn is_for(name: &SubjectName, host: &Host) -> bool {
    match (name, host) {
        (SubjectName::Ip(address), Host::Ip(wanted)) => address == wanted,
        (SubjectName::Dns(pattern), Host::Name(wanted)) => {
            let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
            match pattern.strip_prefix("*.") {
                Some(parent) => {
                    parent.contains('.')
                        && wanted.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
                }
                None => pattern.eq_ignore_ascii_case(wanted),
            }
        }
        _ => false,
    }
}

fn server_name(host: &Host) -> Option<ServerName<'_>> {
    match host {
        Host::Ip(address) => Some(ServerName::IpAddress((*address).into())),
        Host::Name(name) => DnsName::try_from(name.as_str()).ok().map(ServerName::DnsName),
    }
}

fn explain(names: &[SubjectName], common_name: Option<&str>, host: &Host) -> NameMatch {
    let usable = names.iter().filter(|n| !matches!(n, SubjectName::Other(_)));
    if usable.clone().next().is_none() {
        let by_common_name = common_name.is_some_and(|cn| {
            let as_name =
                cn.parse::<IpAddr>().map_or_else(|_| SubjectName::Dns(cn.to_owned()), SubjectName::Ip);
            is_for(&as_name, host)
        });
        return if by_common_name { NameMatch::OnlyCommonName } else { NameMatch::NoNames };
    }
    let spells_address = |n: &SubjectName| matches!(n, SubjectName::Dns(text) if *text == host.to_string());
    if matches!(host, Host::Ip(_)) && names.iter().any(spells_address) {
        return NameMatch::AddressAsName;
    }
    let Host::Name(wanted) = host else {
        return if usable.clone().any(|n| matches!(n, SubjectName::Ip(_))) {
            NameMatch::Other
        } else {
            NameMatch::OtherKind
        };
    };
    let mut dns = usable.filter_map(|n| match n {
        SubjectName::Dns(name) => Some(name.as_str()),
        _ => None,
    });
    if dns.clone().next().is_none() {
        return NameMatch::OtherKind;
    }
    if let Some(offered) = dns.clone().find(|name| name.ends_with('.') && is_for_dns(name, host)) {
        return NameMatch::FinalDot { offered: offered.to_owned() };
    }
    dns.find_map(|offered| near_miss(offered.trim_end_matches('.'), wanted)).unwrap_or(NameMatch::Other)
}

fn is_for_dns(name: &str, host: &Host) -> bool {
    is_for(&SubjectName::Dns(name.to_owned()), host)
}

fn near_miss(offered: &str, wanted: &str) -> Option<NameMatch> {
    let offered_lower = offered.to_ascii_lowercase();
    if let Some(parent) = offered_lower.strip_prefix("*.") {
        let too_deep = wanted.strip_suffix(parent).is_some_and(|head| head.ends_with('.'));
        return (too_deep || wanted == parent)
            .then(|| NameMatch::WildcardDepth { wildcard: offered.to_owned() });
    }
    let bare = |name: &str| name.strip_prefix("www.").unwrap_or(name).to_owned();
    (bare(&offered_lower) == bare(wanted)).then(|| NameMatch::Www { offered: offered.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(names: &[&str]) -> Vec<SubjectName> {
        names.iter().map(|n| SubjectName::Dns((*n).to_owned())).collect()
    }

    #[test]
    fn each_near_miss_is_named() {
        let www = NameMatch::Www { offered: "www.shop.example".into() };
        let wildcard = NameMatch::WildcardDepth { wildcard: "*.shop.example".into() };
        for (names, common_name, host, wanted) in [
            (dns(&["www.shop.example"]), None, "shop.example", www),
            (dns(&["*.shop.example"]), None, "a.b.shop.example", wildcard.clone()),
            (dns(&["*.shop.example"]), None, "shop.example", wildcard),
            (dns(&["*.shop.example"]), None, "myshop.example", NameMatch::Other),
            (
                dns(&["x.example", "shop.example."]),
                None,
                "shop.example",
                NameMatch::FinalDot { offered: "shop.example.".into() },
            ),
            (dns(&["other.example"]), Some("shop.example"), "shop.example", NameMatch::Other),
            (dns(&[]), Some("shop.example"), "shop.example", NameMatch::OnlyCommonName),
            (dns(&[]), Some("192.0.2.1"), "192.0.2.1", NameMatch::OnlyCommonName),
            (dns(&[]), Some("other.example"), "shop.example", NameMatch::NoNames),
            (dns(&["shop.example"]), None, "192.0.2.1", NameMatch::OtherKind),
            (dns(&["shop.example", "192.0.2.1"]), None, "192.0.2.1", NameMatch::AddressAsName),
            (vec![SubjectName::Ip([192, 0, 2, 1].into())], None, "shop.example", NameMatch::OtherKind),
        ] {
            let host: Host = host.parse().expect("a host");
            assert_eq!(explain(&names, common_name, &host), wanted, "{names:?} for {host}");
        }
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        for (pattern, host, wanted) in [
            ("*.shop.example", "a.shop.example", true),
            ("*.SHOP.example.", "a.shop.example", true),
            ("*.shop.example", "a.b.shop.example", false),
            ("*.example", "shop.example", false),
            ("w*.shop.example", "www.shop.example", false),
        ] {
            let host: Host = host.parse().expect("a host");
            assert_eq!(is_for(&SubjectName::Dns(pattern.into()), &host), wanted, "{pattern} for {host}");
        }
    }
}
