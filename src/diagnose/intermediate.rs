//! `missing-intermediate`: the server does not send a certificate between its own and the root.

use super::case::Case;
use super::fetched;
use super::issuer::is_logged;
use super::words::{excluded, issuer_of, quoted, stamp, subject_of};
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Certificate, Code};
use crate::judge::Verdict;
use crate::judge::inspection::LeadsTo;
use crate::judge::trust::Place;

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(verdict) = case.best() else { return Vec::new() };
    let missing: Vec<_> = verdict
        .missing_intermediates()
        .filter_map(|(sha256, place)| {
            verdict.path.iter().find(|c| c.fingerprint() == sha256).map(|c| (c, place))
        })
        .collect();
    let finding = match missing.first() {
        Some((certificate, place)) => Some(found(case, verdict, certificate, place, missing.len())),
        None if case.judged.inspection.leads_to == LeadsTo::UnknownIssuer && is_logged(case) => {
            deduced(case, verdict)
        }
        None => None,
    };
    finding.into_iter().collect()
}

/// The missing certificate was found elsewhere, and with it the chain is complete.
fn found(case: &Case<'_>, verdict: &Verdict, missing: &Certificate, place: &Place, count: usize) -> Finding {
    let name = subject_of(missing);
    let host = case.host();
    let sent = case.look.chain().len();
    let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    let mut finding = Finding::problem(
        Code::MissingIntermediate,
        case.subject(),
        format!("{host} does not send the intermediate certificate {name}{more}."),
    )
    .evidence(match sent {
        1 => "The server sent its own certificate alone.".to_owned(),
        _ => format!("The server sent {sent} certificates, and that one is not among them."),
    })
    .evidence(match verdict.root() {
        Some(root) => format!("It was {}; with it the chain leads to {}.", whence(place), subject_of(root)),
        None => format!("It was {}.", whence(place)),
    })
    .not_from(excluded(case, verdict, &[]))
    .value("missing", name)
    .value("sha256", missing.fingerprint().to_string())
    .value("pem", missing.pem())
    .value("chain_to_send", verdict.chain_to_send().iter().map(Certificate::pem).collect::<String>());
    if let Ok(details) = missing.details() {
        finding = finding.value("not_after", stamp(details.not_after));
    }
    operator(case, finding)
}

/// Nobody has the certificate, but a public log has the leaf: so its CA is a public one.
fn deduced(case: &Case<'_>, verdict: &Verdict) -> Option<Finding> {
    let top = verdict.path.last()?;
    let name = issuer_of(top);
    let finding = Finding::problem(
        Code::MissingIntermediate,
        case.subject(),
        format!("{} looks like it does not send its intermediate certificate, {name}.", case.host()),
    )
    .certainty(Certainty::LooksLike)
    .evidence(format!("{name} was not sent, and neither the system store nor the Mozilla roots have it."))
    .evidence("The certificate carries certificate-transparency timestamps, so a public CA issued it.")
    .evidence_from(fetched::answers(case, top))
    .not(Code::TlsInspected, "an inspector cannot get timestamps from public logs")
    .not_from(excluded(case, verdict, &[Code::TlsInspected]))
    .value("issuer", name);
    Some(operator(case, finding))
}

fn operator(case: &Case<'_>, finding: Finding) -> Finding {
    if case.is_inspected() {
        return finding.remedy(
            Owner::ItDepartment,
            "The inspecting gateway has to send that certificate along, after the one it makes for the host.",
        );
    }
    finding
        .evidence(
            "Browsers, macOS and Windows often fetch or remember such certificates, so the site may seem to work there.",
        )
        .remedy(
            Owner::ServerOperator,
            "Add the intermediate certificate to the chain file of the server, after the server's own certificate. Until \
             then a client needs that certificate beside its roots; trusting anything new is not necessary.",
        )
}

fn whence(place: &Place) -> String {
    match place {
        Place::Fetched(url) => format!("fetched from {}, as the certificate says", quoted(url)),
        other => format!("found in {other}"),
    }
}
