//! `clock-skew`: when hosts that have nothing to do with each other are all outside their validity on the same side, the
//! clock of this computer is the likelier culprit.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::Found;
use super::case::{Case, World};
use super::words::{moment, some, span, stamp};
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Code, Os};
use crate::judge::hosts::organisation;

pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    let now = world.observations.time;
    let leafs: Vec<(Case<'_>, OffsetDateTime, OffsetDateTime)> = world
        .cases()
        .filter(|c| !c.is_saved())
        .filter_map(|c| {
            let details = c.look.chain().first().and_then(|leaf| leaf.details().ok())?;
            Some((c, details.not_before, details.not_after))
        })
        .collect();
    let early = !leafs.is_empty() && leafs.iter().all(|(_, start, _)| now < *start);
    let late = !leafs.is_empty() && leafs.iter().all(|(_, _, end)| now > *end);
    // a moment at which every one of them is valid: otherwise the hosts have faults of their own
    let from = leafs.iter().map(|(_, start, _)| *start).max();
    let until = leafs.iter().map(|(_, _, end)| *end).min();
    let (Some(from), Some(until)) = (from, until) else { return Vec::new() };
    if !(early || late) || from > until {
        return Vec::new();
    }
    let organisations: BTreeSet<String> =
        leafs.iter().map(|(c, ..)| organisation(&c.look.target.host)).collect();
    // the program carries roots; the youngest of them existed when it was built
    let youngest_root = world
        .observations
        .stores
        .web
        .roots
        .iter()
        .filter_map(|r| r.certificate.details().ok())
        .map(|d| d.not_before)
        .max();
    let before_roots = early && youngest_root.is_some_and(|made| now < made);
    if organisations.len() < 2 && !before_roots {
        return Vec::new();
    }
    let cases: Vec<Case<'_>> = leafs.iter().map(|(c, ..)| *c).collect();
    let finding = skew(*world, &cases, early, from, until, youngest_root.filter(|_| before_roots));
    vec![Found { targets: cases.iter().map(|c| c.index).collect(), finding }]
}

fn skew(
    world: World<'_>,
    cases: &[Case<'_>],
    early: bool,
    from: OffsetDateTime,
    until: OffsetDateTime,
    root_made: Option<OffsetDateTime>,
) -> Finding {
    let now = world.observations.time;
    let hosts: Vec<String> = cases.iter().map(Case::host).collect();
    let (direction, nearest) = if early { ("behind", from) } else { ("ahead", until) };
    let subject = cases.first().map(Case::subject).unwrap_or_default();
    let mut finding = Finding::problem(
        Code::ClockSkew,
        subject,
        format!("The clock of this computer looks wrong: by at least {} {direction}.", span(now, nearest)),
    )
    .certainty(if root_made.is_some() { Certainty::Is } else { Certainty::LooksLike })
    .evidence(format!("It says {}.", moment(now)))
    .evidence(format!(
        "By that clock no certificate is valid: those of {} are all {}.",
        some(&hosts, "hosts"),
        if early { "valid only later" } else { "expired" }
    ))
    .evidence(format!(
        "All of them are valid at the same time between {} and {}.",
        moment(from),
        moment(until)
    ))
    .value("clock", stamp(now))
    .value("valid_from", stamp(from))
    .value("valid_until", stamp(until));
    if let Some(made) = root_made {
        finding = finding.evidence(format!(
            "This program carries a root that was made on {}, after that moment.",
            made.date()
        ));
    }
    let code = if early { Code::NotYetValid } else { Code::Expired };
    finding = finding.not(code, "servers of different owners do not get their dates wrong at the same time");
    let command = match world.os() {
        Os::Windows => "w32tm /resync",
        Os::Macos => "sudo sntp -sS time.apple.com",
        Os::Linux | Os::Unix => "timedatectl",
    };
    finding.remedy_with(
        Owner::You,
        "Compare the computer's date, time and time zone with another clock and set them right, then look again.",
        vec![command.to_owned()],
    )
}
