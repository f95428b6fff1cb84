//! `staple-missing`, `staple-invalid` and `revoked`: what an OCSP staple, or its absence, means for clients.
//!
//! Nothing is said where no staple is demanded and none was sent: several public CAs ended OCSP in 2025.

use super::case::Case;
use super::words::{moment, quoted, stamp};
use crate::facts::Code;
use crate::facts::handshake::Outcome;
use crate::facts::report::{Certainty, Finding, Owner, Severity};
use crate::judge::{Staple, StapleFault, StapleStatus};

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(details) = case.look.chain().first().and_then(|c| c.details().ok()) else { return Vec::new() };
    let demanded = details.must_staple;
    let finding = match &case.judged.staple {
        None => {
            let finished = case.look.outcome == Outcome::Completed && !case.is_saved();
            (demanded && finished).then(|| missing(case))
        }
        Some(staple) => revoked(case, staple).or_else(|| invalid(case, staple, demanded)),
    };
    finding.into_iter().collect()
}

fn missing(case: &Case<'_>) -> Finding {
    let finding = Finding::problem(
        Code::StapleMissing,
        case.subject(),
        format!("The certificate of {} demands an OCSP staple, and the server sent none.", case.host()),
    )
    .evidence("The certificate carries the TLS feature extension with status_request (RFC 7633, must-staple).")
    .evidence("Firefox and other clients that honour it refuse the connection; most command-line tools do not look.")
    .not(Code::Revoked, "nothing says that the CA has revoked it");
    if case.is_inspected() {
        return finding.remedy(
            Owner::ItDepartment,
            "The inspecting gateway copied that demand from the server's certificate and cannot meet it: it has to leave the \
             extension out of the certificates it makes.",
        );
    }
    finding.remedy(
        Owner::ServerOperator,
        "Switch OCSP stapling on at the server, or get a certificate without that demand: several public CAs have \
         ended OCSP.",
    )
}

fn revoked(case: &Case<'_>, staple: &Staple) -> Option<Finding> {
    let Some(StapleStatus::Revoked { at, reason }) = &staple.status else { return None };
    // a revocation does not end: an old statement of it says the same as a fresh one
    let only_old = staple.faults.iter().all(|f| matches!(f, StapleFault::Expired { .. }));
    if !only_old {
        return None;
    }
    let when = at.map_or_else(String::new, |at| format!(" on {}", at.date()));
    let mut finding = Finding::problem(
        Code::Revoked,
        case.subject(),
        format!("The CA revoked the certificate of {}{when}.", case.host()),
    )
    .certainty(if staple.is_sound() { Certainty::Is } else { Certainty::LooksLike })
    .evidence(format!("The server itself sends the statement; {} signed it{}.", signer(staple), made(staple)))
    .evidence("Most command-line tools do not look at it and connect all the same.")
    .not(Code::StapleInvalid, "the signature of the statement was checked")
    .not(Code::Expired, "it was withdrawn, not left to end");
    if let (false, Some(ended)) = (staple.is_sound(), staple.next_update) {
        finding = finding.evidence(format!(
            "The statement itself ended on {}; a revocation stays, unless it was one on hold.",
            ended.date()
        ));
    }
    if let Some(reason) = reason {
        finding = finding.evidence(format!("The reason given is {reason}.")).value("reason", *reason);
    }
    if let Some(at) = at {
        finding = finding.value("revoked_at", stamp(*at));
    }
    Some(finding.remedy(
        Owner::ServerOperator,
        "A certificate with a new key has to be put into service at once. Until then, send nothing confidential there.",
    ))
}

fn invalid(case: &Case<'_>, staple: &Staple, demanded: bool) -> Option<Finding> {
    let telling =
        |fault: &&StapleFault| !matches!(fault, StapleFault::IssuerMissing | StapleFault::UncheckedSignature);
    let mut wrong: Vec<String> = staple.faults.iter().filter(telling).map(ToString::to_string).collect();
    if wrong.is_empty() && staple.status == Some(StapleStatus::Unknown) {
        wrong.push("the responder says that it does not know the certificate".to_owned());
    }
    let first = wrong.first()?;
    let mut finding = Finding::problem(
        Code::StapleInvalid,
        case.subject(),
        format!("The OCSP staple of {} proves nothing: {}.", case.host(), crate::text::sanitise(first)),
    )
    .severity(if demanded { Severity::Problem } else { Severity::Information })
    .evidence_from(wrong[1..].iter().map(|fault| format!("Besides, {}.", crate::text::sanitise(fault))))
    .evidence(if demanded {
        "The certificate demands a staple (RFC 7633), so clients that honour that refuse the connection."
    } else {
        "Nothing demands a staple of this certificate; Firefox minds a bad one all the same, most tools do not look."
    })
    .not(Code::StapleMissing, "the server does send one")
    .not(Code::Revoked, "nothing that is proved says so");
    if staple.responder.is_some() {
        finding = finding.evidence(format!("It comes from {}{}.", signer(staple), made(staple)));
    }
    if let Some(until) = staple.next_update {
        finding = finding.value("next_update", stamp(until));
    }
    if case.is_inspected() {
        return Some(finding.remedy(
            Owner::ItDepartment,
            "The inspecting gateway has to leave out what the server staples: it is about the server's own certificate, which \
             clients do not see.",
        ));
    }
    Some(finding.remedy(
        Owner::ServerOperator,
        "Look at the server's stapling: whether it reaches the CA's responder, whether its own clock is right, and whether \
         its cache was emptied when the certificate changed.",
    ))
}

fn signer(staple: &Staple) -> String {
    staple.responder.as_deref().map_or_else(|| "nobody".to_owned(), quoted)
}

fn made(staple: &Staple) -> String {
    staple.produced_at.map_or_else(String::new, |at| format!(" at {}", moment(at)))
}
