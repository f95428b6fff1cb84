//! `missing-intermediate`: the server does not send a certificate between its own and the root.

use super::case::Case;
use super::fetched;
use super::issuer::is_logged;
use super::words::{excluded, issuer_of, list, stamp, subject_of};
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Certificate, Code};
use crate::judge::Verdict;
use crate::judge::inspection::LeadsTo;
use crate::judge::trust::{Allowance, Place};

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(verdict) = telling(case) else { return Vec::new() };
    let place_of = |certificate: &Certificate| {
        let sha256 = certificate.fingerprint();
        verdict.missing_intermediates().find(|(missing, _)| *missing == sha256).map(|(_, place)| place)
    };
    // from the leaf upwards: the first one is the one that the server's operator looks for
    let missing: Vec<_> = verdict.path.iter().filter_map(|c| Some((c, place_of(c)?))).collect();
    let finding = match missing.first() {
        // what lies between the leaf and a root that nobody has may be what a client is given to trust
        Some(_) if !verdict.anchored => None,
        Some((certificate, place)) => {
            let names: Vec<String> = missing.iter().map(|(c, _)| subject_of(c)).collect();
            Some(found(case, verdict, certificate, place, &names))
        }
        None if case.judged.inspection.leads_to == LeadsTo::UnknownIssuer && is_logged(case) => {
            deduced(case, verdict)
        }
        None => None,
    };
    finding.into_iter().collect()
}

/// The verdict that shows what is missing. The system store may hold the intermediate itself and trust it: that helps
/// those who follow this store, and the server forgets it all the same.
fn telling<'a>(case: &Case<'a>) -> Option<&'a Verdict> {
    let trust = case.trust()?;
    let closed_by_intermediate = trust.system.anchor().is_some_and(|anchor| !anchor.is_self_issued());
    let web_misses_it = trust.web.anchored && trust.web.missing_intermediates().next().is_some();
    if closed_by_intermediate && web_misses_it { Some(&trust.web) } else { case.best() }
}

/// The missing certificate was found elsewhere, and with it the chain is complete.
fn found(
    case: &Case<'_>,
    verdict: &Verdict,
    missing: &Certificate,
    place: &Place,
    names: &[String],
) -> Finding {
    let name = subject_of(missing);
    let host = case.host();
    let sent = case.look.chain().len();
    let one = names.len() == 1;
    let leads = verdict.root().map(|root| format!("the chain leads to {}", subject_of(root)));
    let mut finding = Finding::problem(
        Code::MissingIntermediate,
        case.subject(),
        if one {
            format!("{host} does not send the intermediate certificate {name}.")
        } else {
            format!("{host} does not send the intermediate certificates {}.", list(names))
        },
    )
    .evidence(match (sent, one) {
        (1, _) => "The server sent its own certificate alone.".to_owned(),
        (_, true) => format!("The server sent {sent} certificates, and that one is not among them."),
        (_, false) => format!("The server sent {sent} certificates, and those are not among them."),
    })
    .evidence_from(match (one, leads) {
        (true, Some(leads)) => vec![format!("It was {}; with it {leads}.", fetched::whence(place))],
        (true, None) => vec![format!("It was {}.", fetched::whence(place))],
        (false, leads) => {
            let leads = leads.map(|leads| format!("With them {leads}."));
            fetched::each_on_path(verdict).into_iter().chain(leads).collect()
        }
    })
    .certainty(if is_unchecked(verdict) { Certainty::LooksLike } else { Certainty::Is })
    .not_from(excluded(case, verdict, &[]))
    .value("missing", name)
    .value("sha256", missing.fingerprint().to_string())
    .value("pem", missing.pem())
    .value("chain_to_send", verdict.chain_to_send().iter().map(Certificate::pem).collect::<String>());
    let now = case.world.observations.time;
    let Ok(details) = missing.details() else { return operator(case, finding) };
    finding = finding.value("not_after", stamp(details.not_after));
    let useless = if now > details.not_after {
        format!("expired on {}", details.not_after.date())
    } else if now < details.not_before {
        format!("becomes valid only on {}", details.not_before.date())
    } else {
        return operator(case, finding);
    };
    finding.evidence(format!("The one that was found {useless}: clients that have it refuse it.")).remedy(
        if case.is_inspected() { Owner::ItDepartment } else { Owner::ServerOperator },
        "Ask the CA for the intermediate certificate that it uses today, and put that one behind the server's own in the \
         chain file. If the CA has none, the server needs a certificate from another intermediate.",
    )
}

/// Whether a signature on the path is of a kind that this program cannot compute: then only names lead to the issuer.
fn is_unchecked(verdict: &Verdict) -> bool {
    verdict.allowances.iter().any(|a| matches!(a, Allowance::UncheckedSignature { .. }))
}

/// Nobody has the certificate, but a public log has the leaf: so its CA is a public one.
fn deduced(case: &Case<'_>, verdict: &Verdict) -> Option<Finding> {
    let top = verdict.path.last()?;
    let name = issuer_of(top);
    let host = case.host();
    // what signed the server's own certificate is an intermediate; what signed that one may be a root that was retired
    let sent = (verdict.path.len() > 1).then(|| subject_of(top));
    let finding = Finding::problem(
        Code::MissingIntermediate,
        case.subject(),
        match &sent {
            None => format!("{host} looks like it does not send its intermediate certificate, {name}."),
            Some(sent) => {
                format!("{host} looks like it sends an incomplete chain: it ends in {sent}, which {name} signed.")
            }
        },
    )
    .certainty(Certainty::LooksLike)
    .evidence_from(sent.map(|sent| {
        format!(
            "{name} is another intermediate, or a root that the stores no longer have: then the CA has a newer certificate \
             for {sent}, to be sent in place of this one."
        )
    }))
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
    let known = finding.values.contains_key("chain_to_send") && !case.is_saved();
    let command = known.then(|| format!("trustgap probe {} --fix-chain chain.pem", case.host()));
    finding
        .evidence(
            "Browsers, macOS and Windows often fetch or remember such certificates, so the site may seem to work there.",
        )
        .remedy_with(
            Owner::ServerOperator,
            "Add what is missing to the chain file of the server, after the server's own certificate. Until then a client \
             needs it beside its roots; trusting anything new is not necessary.",
            command.into_iter().collect(),
        )
}
