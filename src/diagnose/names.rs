//! `name-mismatch`: the certificate is for other names.

use super::case::Case;
use super::words::{excluded, quoted, some};
use crate::facts::Code;
use crate::facts::certificate::SubjectName;
use crate::facts::report::{Finding, Owner};
use crate::facts::target::Host;
use crate::judge::NameMatch;
use crate::judge::hosts::organisation;
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
        .map(|n| match crate::text::sanitise(&n.to_string()) {
            name if name.ends_with('.') => format!("\"{name}\""),
            name => name,
        })
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
    .evidence_from(elsewhere(case))
    .not_from(excluded(case, verdict, &[]))
    .value("wanted", asked.to_string())
    .value("offered", offered);
    if verdict.reaches_roots() {
        finding = finding.not(Code::UntrustedRoot, "the chain itself is trusted; only the name is wrong");
    }
    let (owner, text) = match name {
        _ if case.is_inspected() => (
            Owner::ItDepartment,
            "An inspector made this certificate. Some copy the names of the server's own, and the page that says that a host \
             is blocked often comes with a name of its own: ask which, and whether the server itself is in order.",
        ),
        NameMatch::AddressAsName | NameMatch::NoNames | NameMatch::OnlyCommonName => (
            Owner::ServerOperator,
            "Have the certificate issued anew with what people ask for in subjectAltName: a host name as a DNS name, an address \
             as an IP address.",
        ),
        NameMatch::FinalDot { .. } => (
            Owner::ServerOperator,
            "Have the certificate issued anew without the dot. Until then, use another name that the certificate has, if it \
             leads to the same service.",
        ),
        NameMatch::Www { .. } | NameMatch::OtherKind | NameMatch::WildcardDepth { .. } => (
            Owner::ServerOperator,
            "The certificate needs the name that people use. Until then, use a name that the certificate has, if it leads to \
             the same service.",
        ),
        _ => (
            Owner::ServerOperator,
            "Either the name or address leads to the wrong server, or its certificate needs this name. Check where the name \
             points first; a login page of the network, or a filter's page about a blocked site, answers like this too.",
        ),
    };
    vec![finding.remedy(owner, text)]
}

/// Hosts of other owners in whose place the same certificate answers.
fn elsewhere(case: &Case<'_>) -> Option<String> {
    let leaf = case.look.chain().first()?;
    let own = organisation(&case.look.target.host);
    let is_strange = |other: &Case<'_>| {
        organisation(&other.look.target.host) != own
            && other.look.chain().first() == Some(leaf)
            && !crate::judge::name::matches(leaf, &other.look.target.host).is_match()
    };
    let others: Vec<String> = case.world.cases().filter(is_strange).map(|other| other.host()).collect();
    (!others.is_empty()).then(|| {
        format!(
            "The same certificate answers for {}: a filter does that for the sites that it blocks, and a server for the \
             names that it does not know.",
            some(&others, "hosts")
        )
    })
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
        NameMatch::FinalDot { offered } => format!(
            "It has {}: OpenSSL, Go and rustls take no name that ends in a dot; some browsers overlook it.",
            quoted(offered)
        ),
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
