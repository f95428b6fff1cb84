//! `name-mismatch`: the certificate is for other names.

use super::case::Case;
use super::words::{excluded, quoted};
use crate::facts::Code;
use crate::facts::certificate::SubjectName;
use crate::facts::report::{Finding, Owner};
use crate::facts::target::Host;
use crate::judge::NameMatch;
use crate::judge::trust::Allowance;

/// How many names of a certificate are quoted; some have ten thousand.
const MOST_NAMES: usize = 5;

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(verdict) = case.best() else { return Vec::new() };
    let Some(name) = verdict.allowances.iter().find_map(|a| match a {
        Allowance::Name(name) => Some(name),
        _ => None,
    }) else {
        return Vec::new();
    };
    let Some(details) = case.look.chain().first().and_then(|c| c.details().ok()) else { return Vec::new() };
    let asked = &case.look.target.host;
    let offered: Vec<String> = details
        .names
        .iter()
        .filter(|n| !matches!(n, SubjectName::Other(_)))
        .take(MOST_NAMES)
        .map(|n| crate::text::sanitise(&n.to_string()))
        .collect();
    let count = details.names.len();
    let whom = match (offered.as_slice(), count) {
        ([], _) => "no host at all".to_owned(),
        (names, count) if count > names.len() => {
            format!("{} and {} more names", names.join(", "), count - names.len())
        }
        (names, _) => super::words::list(names),
    };
    let mut finding = Finding::problem(
        Code::NameMismatch,
        case.subject(),
        format!("The certificate that answers for {asked} is for {whom}."),
    )
    .evidence_from(explanation(name, asked, details.subject.attribute("CN")))
    .not_from(excluded(case, verdict, &[]))
    .value("wanted", asked.to_string())
    .value("offered", offered);
    if verdict.reaches_roots() {
        finding = finding.not(Code::UntrustedRoot, "the chain itself is trusted; only the name is wrong");
    }
    let (owner, text) = match name {
        NameMatch::AddressAsName | NameMatch::NoNames | NameMatch::OnlyCommonName => (
            Owner::ServerOperator,
            "Have the certificate issued anew with what people ask for in subjectAltName: a host name as a DNS name, an address \
             as an IP address.",
        ),
        NameMatch::Www { .. } | NameMatch::OtherKind | NameMatch::WildcardDepth { .. } => (
            Owner::ServerOperator,
            "The certificate needs the name that people use. Until then, use a name that the certificate has, if it leads to \
             the same service.",
        ),
        _ => (
            Owner::ServerOperator,
            "Either the name or address leads to the wrong server, or its certificate needs this name. Check where the name \
             points first; a login page of the network answers like this too.",
        ),
    };
    vec![finding.remedy(owner, text)]
}

fn explanation(name: &NameMatch, asked: &Host, common_name: Option<&str>) -> Vec<String> {
    let sentence = match name {
        NameMatch::OnlyCommonName => format!(
            "Only the subject's common name says {}. Browsers, Go and rustls stopped reading it (RFC 9525), some programs on \
             OpenSSL and GnuTLS still do; the name has to stand in subjectAltName.",
            quoted(common_name.unwrap_or_default())
        ),
        NameMatch::NoNames => {
            "The certificate has no subjectAltName with a host name or an address.".to_owned()
        }
        NameMatch::AddressAsName => format!(
            "{asked} stands in it as a DNS name. Clients look for an address among the IP addresses of subjectAltName alone."
        ),
        NameMatch::OtherKind => match asked {
            Host::Ip(_) => "An IP address was asked for, and the certificate has only host names.".to_owned(),
            Host::Name(_) => {
                "A host name was asked for, and the certificate has only IP addresses.".to_owned()
            }
        },
        NameMatch::WildcardDepth { wildcard } => {
            format!(
                "The wildcard {} stands for exactly one label, so it does not cover {asked}.",
                quoted(wildcard)
            )
        }
        NameMatch::Www { offered } => {
            format!(
                "It has {}: the two names differ in `www.` only, and that makes them different names.",
                quoted(offered)
            )
        }
        NameMatch::Other => {
            format!("None of its names equals {asked}, and no wildcard among them covers it.")
        }
        NameMatch::Matches => return Vec::new(),
    };
    vec![sentence]
}
