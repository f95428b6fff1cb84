//! `strict-profile`: what most clients accept and strict ones refuse.

use super::case::Case;
use super::words::{list, subject_of};
use crate::facts::Code;
use crate::facts::report::{Finding, Owner};
use crate::judge::trust::Strict;

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(verdict) = case.best().filter(|v| v.reaches_roots() && !v.peculiarities.is_empty()) else {
        return Vec::new();
    };
    let mut clients: Vec<Strict> =
        verdict.peculiarities.iter().flat_map(|p| p.refused_by.iter().copied()).collect();
    clients.sort_unstable();
    clients.dedup();
    let names: Vec<String> = clients.iter().map(ToString::to_string).collect();
    let message = match names.as_slice() {
        [] => format!("The chain of {} departs from RFC 5280's profile.", case.host()),
        names => {
            format!("Most clients accept {}, and some strict ones refuse it: {}.", case.host(), list(names))
        }
    };
    let mut finding = Finding::note(Code::StrictProfile, case.subject(), message);
    for peculiarity in &verdict.peculiarities {
        let whom = verdict.path.get(peculiarity.position).map(subject_of).unwrap_or_default();
        let by: Vec<String> = peculiarity.refused_by.iter().map(ToString::to_string).collect();
        finding = finding.evidence(match by.as_slice() {
            [] => format!("{whom}: {} (no client is known to refuse that).", peculiarity.what),
            by => format!("{whom}: {} (refused by {}).", peculiarity.what, list(by)),
        });
    }
    let in_anchor = verdict.peculiarities.iter().any(|p| p.position + 1 == verdict.path.len());
    let (owner, text) = if in_anchor || case.is_inspected() {
        (
            Owner::ItDepartment,
            "The CA has to be issued anew in the form that RFC 5280 asks for. Trusting it in more places does not help \
             those clients.",
        )
    } else {
        (Owner::ServerOperator, "The certificate has to be issued anew in the form that RFC 5280 asks for.")
    };
    vec![
        finding
            .value("clients", names)
            .not(Code::UntrustedRoot, "the root is trusted; it is the form of a certificate that is refused")
            .remedy(owner, text),
    ]
}
