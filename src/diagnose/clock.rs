//! `clock-skew`: several hosts agree that it is another time; or, where nobody could be asked, hosts that have nothing
//! to do with each other are all outside their validity on the same side, and this clock is the likelier culprit.

use std::collections::BTreeSet;

use time::{Duration, OffsetDateTime};

use super::Found;
use super::case::{Case, World};
use super::words::{moment, some, span, stamp};
use crate::facts::clock::ClockSample;
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Code, Os};
use crate::judge::Clock;
use crate::judge::clock::is_valid_at;
use crate::judge::hosts::organisation;
use crate::judge::trust::Allowance;

pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    if world.observations.time_chosen {
        return Vec::new();
    }
    match &world.judgement.clock {
        Clock::Wrong { hosts, offset, within, clock, secured } => {
            let said = Said { hosts, offset: *offset, within: *within, clock: *clock, secured: *secured };
            measured(*world, &said).into_iter().collect()
        }
        Clock::Doubted { .. } | Clock::Unknown => deduced(*world),
        // they agree on nothing but that it is another time
        Clock::Contradicted { .. } if all_on_one_side(*world) => deduced(*world),
        Clock::Contradicted { .. } | Clock::Right { .. } => Vec::new(),
    }
}

/// Whether all hosts that were asked say that it is earlier than here, or all that it is later.
fn all_on_one_side(world: World<'_>) -> bool {
    let offsets = || world.observations.clock.iter().map(ClockSample::offset);
    let clear = Duration::hours(1);
    offsets().all(|offset| offset > clear) || offsets().all(|offset| offset < -clear)
}

/// What several hosts say.
struct Said<'a> {
    hosts: &'a [String],
    offset: Duration,
    within: Duration,
    clock: OffsetDateTime,
    secured: bool,
}

/// Several hosts agree on another time, at which the certificates that look wrong are valid.
fn measured(world: World<'_>, said: &Said<'_>) -> Option<Found> {
    let right = world.observations.time + said.offset;
    let cases: Vec<Case<'_>> = world.cases().filter(|c| !c.is_saved() && is_put_right(c, right)).collect();
    let names: Vec<String> = cases.iter().map(Case::host).collect();
    let subject = cases.first()?.subject();
    let early = said.offset.is_positive();
    let direction = if early { "behind" } else { "ahead" };
    let off = length(said.offset);
    let (says, time) = (said.clock, (said.clock + said.offset).replace_millisecond(0).unwrap_or(said.clock));
    let (code, wrong) = if early { (Code::NotYetValid, "not yet valid") } else { (Code::Expired, "expired") };
    let finding = Finding::problem(
        Code::ClockSkew,
        subject,
        format!("The clock of this computer is wrong: it is {off} {direction}."),
    )
    .certainty(if said.secured { Certainty::Is } else { Certainty::LooksLike })
    .evidence(format!("It says {}.", moment(says)))
    .evidence(format!(
        "{} say that it is {}, and agree within {}.",
        some(said.hosts, "hosts"),
        moment(time),
        length(said.within)
    ))
    .evidence(if said.secured {
        "They said so over connections whose certificates are valid at that time."
    } else {
        "They said so over plain HTTP, for which nobody vouches: no certificate here could be verified."
    })
    .evidence(format!("At that time the certificates of {} are valid.", some(&names, "hosts")))
    .not(code, format!("only by this computer's clock they are {wrong}"))
    .value("clock", stamp(said.clock))
    .value("right", stamp(time))
    .value("offset_seconds", said.offset.whole_seconds())
    .value("hosts", said.hosts.to_vec());
    Some(Found { targets: cases.iter().map(|c| c.index).collect(), finding: set_it(world, finding) })
}

/// Whether a chain is outside its validity now and within it at another time.
fn is_put_right(case: &Case<'_>, time: OffsetDateTime) -> bool {
    case.best().is_some_and(|verdict| {
        verdict.allowances.iter().any(|a| matches!(a, Allowance::Time { .. }))
            && verdict.path.iter().all(|c| is_valid_at(c, time))
    })
}

/// A length of time in words. Clocks are compared to the second, and what is longer is meant to the minute.
pub(super) fn length(length: Duration) -> String {
    let seconds = length.whole_seconds().abs();
    let rounded = if seconds > 120 { (seconds + 30) / 60 * 60 } else { seconds.max(1) };
    span(OffsetDateTime::UNIX_EPOCH, OffsetDateTime::UNIX_EPOCH + Duration::seconds(rounded))
}

/// Nobody could be asked, and no certificate that was seen is valid by this clock.
fn deduced(world: World<'_>) -> Vec<Found> {
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
    let finding = skew(world, &cases, early, from, until, youngest_root.filter(|_| before_roots));
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
    set_it(
        world,
        finding.not(code, "servers of different owners do not get their dates wrong at the same time"),
    )
}

fn set_it(world: World<'_>, finding: Finding) -> Finding {
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
