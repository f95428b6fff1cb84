//! Pure: what was judged, as findings for people: codes, evidence, what is ruled out, remedies; and the report.
//!
//! One file per rule or group of rules. A rule looks at one target or at all of them and says what it found; what it
//! quotes from certificates and other programs it has sanitised itself. [`rank`] decides which finding is a target's
//! headline and which ones follow from it.

mod assemble;
mod bad_authority;
mod captive;
mod case;
mod changes;
mod clock;
mod fetched;
mod finding;
mod handshake;
mod inspected;
mod intermediate;
mod invalid;
mod issuer;
mod merge;
mod names;
mod order;
mod outdated;
mod private;
mod probe;
mod profile;
mod proxy;
mod proxy_refusal;
mod proxy_required;
mod rank;
mod revocation;
mod staple;
mod strength;
mod suites;
mod tools;
mod validity;
mod ways;
mod wire;
mod words;

use crate::facts::probe::ProbeReport;
use crate::facts::report::Report;
use crate::facts::{Finding, Observations};
use crate::judge::Judgement;

pub use changes::since;

use case::{Case, World};
use tools::Tools;

/// Turns judgement into a finished report: every text in it is sanitised and complete.
pub fn diagnose(observations: &Observations, judgement: &Judgement) -> Report {
    let world = World { observations, judgement };
    examine(&world, &Tools::of(&world))
}

/// Turns judgement into the answer about single servers: the report, and what is known of each in depth.
pub fn probe(observations: &Observations, judgement: &Judgement) -> ProbeReport {
    let world = World { observations, judgement };
    let tools = Tools::of(&world);
    probe::report(world, &tools, examine(&world, &tools))
}

fn examine(world: &World<'_>, tools: &Tools<'_>) -> Report {
    let mut found: Vec<Found> = EVERYWHERE.iter().flat_map(|rule| rule(world)).collect();
    for case in world.cases() {
        for rule in PER_TARGET {
            found.extend(rule(&case).into_iter().map(|finding| Found { targets: vec![case.index], finding }));
        }
    }
    let about_tools = tools.all_findings();
    let rows = (!tools.observations.tools.is_empty()).then(|| tools::reports(tools, &about_tools));
    found.extend(about_tools.into_iter().map(Found::from));
    let mut report = assemble::report(world, rank::ranked(world, found));
    report.tools = rows;
    report
}

/// A finding and the targets it is about; none where it is about the computer.
struct Found {
    targets: Vec<usize>,
    finding: Finding,
}

/// Rules that compare targets, or say one thing about many of them.
const EVERYWHERE: &[fn(&World<'_>) -> Vec<Found>] = &[
    bad_authority::rule,
    captive::rule,
    clock::rule,
    inspected::rule,
    outdated::rule,
    proxy::rule,
    proxy_required::rule,
    revocation::rule,
];

/// Rules about one target.
const PER_TARGET: &[fn(&Case<'_>) -> Vec<Finding>] = &[
    intermediate::rule,
    invalid::rule,
    issuer::rule,
    names::rule,
    order::rule,
    private::rule,
    profile::rule,
    staple::rule,
    strength::rule,
    validity::rule,
    handshake::client_certificate,
    wire::rule,
];
