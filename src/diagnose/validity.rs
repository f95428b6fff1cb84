//! `expired` and `not-yet-valid`: which certificate of the chain, since when, and whose fault it is.

use time::OffsetDateTime;

use super::case::Case;
use super::clock::length;
use super::words::{excluded, moment, some, span, stamp, subject_of};
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Certificate, Code};
use crate::judge::trust::Allowance;
use crate::judge::{Clock, Verdict};

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(verdict) = case.best() else { return Vec::new() };
    let mut findings = Vec::new();
    for wanted in [true, false] {
        let broken: Vec<(usize, OffsetDateTime)> = verdict
            .allowances
            .iter()
            .filter_map(|a| match a {
                Allowance::Time { position, expired, bound }
                    if *expired == wanted
                        && !is_missing(verdict, *position)
                        && !was_never_valid(verdict, *position) =>
                {
                    Some((*position, *bound))
                }
                _ => None,
            })
            .collect();
        if let Some((position, bound)) = broken.first() {
            findings.push(outside(case, verdict, wanted, *position, *bound, broken.len()));
        }
    }
    findings
}

/// Whether the server did not even send that certificate: `missing-intermediate` says what is wrong with it.
fn is_missing(verdict: &Verdict, position: usize) -> bool {
    let sha256 = verdict.path.get(position).map(Certificate::fingerprint);
    verdict.missing_intermediates().any(|(missing, _)| Some(missing) == sha256)
}

/// Whether a validity ends before it begins: no clock and no renewal in time has to do with it, and `invalid-chain`
/// says so.
fn was_never_valid(verdict: &Verdict, position: usize) -> bool {
    let details = verdict.path.get(position).and_then(|c| c.details().ok());
    details.is_some_and(|d| d.not_after < d.not_before)
}

fn outside(
    case: &Case<'_>,
    verdict: &Verdict,
    expired: bool,
    position: usize,
    bound: OffsetDateTime,
    count: usize,
) -> Finding {
    let code = if expired { Code::Expired } else { Code::NotYetValid };
    let host = case.host();
    let last = verdict.path.len() - 1;
    let certificate = verdict.path.get(position);
    let name = certificate.map(subject_of).unwrap_or_default();
    let now = case.world.observations.time;
    let whose = match position {
        0 => format!("The certificate of {host}"),
        p if p == last && verdict.root().is_some() => format!("The root {name}, to which {host} leads,"),
        _ => format!("The intermediate certificate {name} of {host}"),
    };
    let message = if expired {
        format!("{whose} expired on {}.", bound.date())
    } else {
        format!("{whose} becomes valid only on {}.", bound.date())
    };
    let verb = if expired { "ended" } else { "begins" };
    let since = if expired { "before" } else { "after" };
    let mut finding = Finding::problem(code, case.subject(), message)
        .evidence(format!(
            "Its validity {verb} at {}, {} {since} the moment of judging ({}).",
            moment(bound),
            span(bound, now),
            moment(now)
        ))
        .value("position", position)
        .value("certificate", name)
        .value("judged_at", stamp(now));
    finding = about_clock(case, code, bound, finding).not_from(excluded(case, verdict, &[]));
    if let Some(details) = certificate.and_then(|c| c.details().ok()) {
        finding = finding
            .value("not_before", stamp(details.not_before))
            .value("not_after", stamp(details.not_after));
    }
    finding = match count {
        0 | 1 => finding,
        2 => finding.evidence("Another certificate of the chain has the same fault."),
        _ => finding.evidence(format!("{} other certificates of the chain have the same fault.", count - 1)),
    };
    let (owner, text) = match (position == last && verdict.anchored && position > 0, case.is_inspected()) {
        (true, _) => (
            Owner::ItDepartment,
            "The root in this computer's store has ended. Whoever distributes it has to distribute its successor, and the \
             server or gateway has to be signed by that.",
        ),
        (false, true) => (
            Owner::ItDepartment,
            "An inspector made this certificate. Some copy the dates of the server's own, some keep old ones in a cache: ask \
             which, and whether the server itself is in order.",
        ),
        (false, false) if position > 0 && position == last && verdict.root().is_some() => (
            Owner::ServerOperator,
            "Whoever runs that CA has to replace its root, and the server needs a certificate below the new one.",
        ),
        (false, false) if position > 0 => (
            Owner::ServerOperator,
            "Ask the CA for the intermediate certificate that is valid today, put it into the chain file in place of the one \
             that is sent, and reload the service. If the CA has none, the server needs a certificate from another \
             intermediate.",
        ),
        (false, false) if expired => (
            Owner::ServerOperator,
            "The certificate has to be renewed on the server (and the service reloaded, which is often what was forgotten).",
        ),
        (false, false) => (
            Owner::ServerOperator,
            "The server has to use a certificate that is valid already. If other hosts show the same, look at this computer's \
             clock first.",
        ),
    };
    finding.remedy(owner, text)
}

/// What is known about this computer's clock, which may be to blame instead.
fn about_clock(case: &Case<'_>, code: Code, bound: OffsetDateTime, finding: Finding) -> Finding {
    let now = case.world.observations.time;
    match &case.world.judgement.clock {
        _ if case.is_saved() => finding,
        Clock::Right { hosts, within } => {
            let verb = if hosts.len() == 1 { "agrees" } else { "agree" };
            let because =
                format!("the clock is right: {} {verb} with it within {}", some(hosts, "hosts"), length(*within));
            finding.not(Code::ClockSkew, because)
        }
        Clock::Wrong { offset, .. } => {
            let state = if code == Code::Expired { "expired" } else { "not yet valid" };
            finding.evidence(format!(
                "The clock of this computer is wrong by {}; by the right time, {}, it is {state} as well.",
                length(*offset),
                moment(now + *offset)
            ))
        }
        Clock::Doubted { host, date } => finding.certainty(Certainty::LooksLike).evidence(format!(
            "{host} says that it is {}: its clock is wrong, or the one of this computer is and the certificate is valid. \
             Compare the date and time here with another clock.",
            moment(*date)
        )),
        Clock::Contradicted { hosts } => finding.certainty(Certainty::LooksLike).evidence(format!(
            "Whether the clock of this computer is right cannot be told: {} contradict each other about the time.",
            some(hosts, "hosts")
        )),
        Clock::Unknown => match others_contradict(case, bound) {
            Some((code, because)) => finding.not(code, because),
            None => finding.evidence(format!(
                "A clock of this computer that is wrong by {} would explain it too, and nothing here rules that out: compare \
                 the date and time with another clock.",
                span(bound, now)
            )),
        },
    }
}

/// Hosts whose certificates are valid now, and were not or would not be at the moment up to which this one was or from
/// which on it is: a clock that is wrong by so much would make theirs invalid.
fn others_contradict(case: &Case<'_>, bound: OffsetDateTime) -> Option<(Code, String)> {
    let now = case.world.observations.time;
    let valid: Vec<String> = case
        .world
        .cases()
        .filter(|other| other.index != case.index)
        .filter(|other| {
            let leaf = other.look.chain().first().and_then(|c| c.details().ok());
            let at = |time: OffsetDateTime| leaf.is_some_and(|d| d.not_before <= time && time <= d.not_after);
            at(now) && !at(bound)
        })
        .map(|other| other.host())
        .collect();
    (!valid.is_empty()).then(|| {
        let (verb, state) = match (valid.len(), bound < now) {
            (1, true) => ("is", "was not yet"),
            (_, true) => ("are", "were not yet"),
            (1, false) => ("is", "will no longer be"),
            (_, false) => ("are", "will no longer be"),
        };
        let hosts = some(&valid, "hosts");
        (
            Code::ClockSkew,
            format!(
                "by the same clock the certificates of {hosts} {verb} valid, and {state} at {}",
                moment(bound)
            ),
        )
    })
}
