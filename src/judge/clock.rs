//! Whether this computer's clock is right, by what several hosts say.
//!
//! It is asked only where some chain is outside its validity. A host is believed as far as its connection is verified
//! **by the time it says itself**: whoever answers with an expired certificate cannot vouch for the present. Nobody is
//! believed alone against this computer, and hosts of one owner count once.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::explore::common_moment;
use super::hosts::organisation;
use super::trust::{self, Allowance, Question, Verdict};
use super::{Elsewhere, RootSet, names_lead_to_a_root};
use crate::facts::clock::ClockSample;
use crate::facts::handshake::{Outcome, Role, TargetLook};
use crate::facts::{Certificate, Observations, Target};

/// How far apart clocks may be that are said to agree.
const TOLERANCE: Duration = Duration::minutes(1);
/// The most owners that are asked.
const MOST_ASKED: usize = 5;

/// What hosts say about this computer's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// They contradict each other.
    Contradicted {
        /// Who said something.
        hosts: Vec<String>,
    },
    /// One host alone says something else than this computer.
    Doubted {
        /// Who.
        host: String,
        /// What it says.
        date: OffsetDateTime,
    },
    /// They agree with it.
    Right {
        /// Who.
        hosts: Vec<String>,
        /// How far from it they are at most.
        within: Duration,
    },
    /// Nobody was asked, or nobody gave an answer that counts.
    #[default]
    Unknown,
    /// They agree with each other and not with it.
    Wrong {
        /// Who.
        hosts: Vec<String>,
        /// What has to be added to this computer's clock.
        offset: Duration,
        /// How far from each other they are at most.
        within: Duration,
        /// What this computer's clock said.
        clock: OffsetDateTime,
        /// Whether they were asked over verified connections.
        secured: bool,
    },
}

/// A host to ask for its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its index among the targets.
    pub index: usize,
    /// The moment at which its chain verifies.
    pub moment: OffsetDateTime,
}

/// Returns whom to ask over TLS; `None` where every chain is within its validity, so that the clock does not matter.
///
/// Hosts whose chains verify now are asked; where too few do, also those whose chains lack nothing but another time.
pub fn wanted(observations: &Observations) -> Option<Vec<Ask>> {
    let sets = [RootSet::of(&observations.stores.system), RootSet::of(&observations.stores.web)];
    if !in_question(observations, &sets) {
        return None;
    }
    let (mut now, mut at_another_time) = (BTreeMap::new(), BTreeMap::new());
    let speaks_http = |look: &TargetLook| look.outcome == Outcome::Completed && look.role != Role::Saved;
    for (index, look) in observations.targets.iter().enumerate().filter(|(_, look)| speaks_http(look)) {
        let organisation = organisation(&look.target.host);
        for verdict in sets.iter().map(|set| verdict(look, observations.time, set)) {
            if verdict.is_trusted() {
                now.entry(organisation.clone()).or_insert(Ask { index, moment: observations.time });
            } else if lacks_only_time(&verdict)
                && let Some(moment) = common_moment(&verdict.path, observations.time)
            {
                at_another_time.entry(organisation.clone()).or_insert(Ask { index, moment });
            }
        }
    }
    if now.len() < 2 {
        for (organisation, ask) in at_another_time {
            now.entry(organisation).or_insert(ask);
        }
    }
    Some(now.into_values().take(MOST_ASKED).collect())
}

/// Returns whom to ask over plain HTTP where nobody could be asked over TLS: the public sites, one of each owner.
pub fn wanted_in_the_clear(observations: &Observations) -> Vec<Target> {
    let public = |look: &&TargetLook| matches!(look.role, Role::Control | Role::WellKnown);
    let mut asked: BTreeMap<String, Target> = BTreeMap::new();
    for look in observations.targets.iter().filter(public) {
        let target = Target::new(look.target.host.clone(), 80);
        asked.entry(organisation(&look.target.host)).or_insert(target);
    }
    asked.into_values().take(MOST_ASKED).collect()
}

/// Says what the samples mean; for a time that somebody chose they mean nothing.
pub fn clock(observations: &Observations) -> Clock {
    if observations.clock.is_empty() || observations.time_chosen {
        return Clock::Unknown;
    }
    let sets = [RootSet::of(&observations.stores.system), RootSet::of(&observations.stores.web)];
    let all: Vec<&ClockSample> = observations.clock.iter().collect();
    let vouched: Vec<_> =
        all.iter().copied().filter(|s| s.secured && vouches(observations, s, &sets)).collect();
    if !vouched.is_empty() {
        return weigh(&vouched, true);
    }
    // whoever is expired by its own clock cannot accuse this one, but independent clocks do not agree by chance
    match weigh(&all, false) {
        right @ Clock::Right { .. } => right,
        _ => weigh(&all.into_iter().filter(|s| !s.secured).collect::<Vec<_>>(), false),
    }
}

/// Whether the connection that a sample came over is verified by the time it says.
fn vouches(observations: &Observations, sample: &ClockSample, sets: &[RootSet]) -> bool {
    let look = observations.targets.iter().find(|look| look.target == sample.target);
    look.is_some_and(|look| sets.iter().any(|set| verdict(look, sample.date, set).is_trusted()))
}

fn weigh(samples: &[&ClockSample], secured: bool) -> Clock {
    let mut owners: BTreeMap<String, &ClockSample> = BTreeMap::new();
    for sample in samples {
        owners.entry(organisation(&sample.target.host)).or_insert(sample);
    }
    let samples: Vec<&ClockSample> = owners.into_values().collect();
    let mut offsets: Vec<Duration> = samples.iter().map(|sample| sample.offset()).collect();
    offsets.sort();
    let Some(&median) = offsets.get(offsets.len().saturating_sub(1) / 2) else { return Clock::Unknown };
    let name = |sample: &&ClockSample| sample.target.host.to_string();
    let agreeing: Vec<&ClockSample> =
        samples.iter().copied().filter(|s| (s.offset() - median).abs() <= TOLERANCE).collect();
    if agreeing.len() * 2 <= samples.len() {
        return Clock::Contradicted { hosts: samples.iter().map(name).collect() };
    }
    let hosts = agreeing.iter().map(name).collect();
    let distance =
        |from: Duration| agreeing.iter().map(|s| (s.offset() - from).abs()).max().unwrap_or_default();
    if median.abs() <= TOLERANCE {
        return Clock::Right { hosts, within: distance(Duration::ZERO) };
    }
    match agreeing.as_slice() {
        [alone] => Clock::Doubted { host: alone.target.host.to_string(), date: alone.date },
        [first, ..] => {
            Clock::Wrong { hosts, offset: median, within: distance(median), clock: first.clock, secured }
        }
        [] => Clock::Unknown,
    }
}

/// Whether some chain is outside its validity. Where the names in a chain lead to a root and all of them are within
/// theirs, no signature is checked.
fn in_question(observations: &Observations, sets: &[RootSet; 2]) -> bool {
    let now = observations.time;
    let looks = observations.targets.iter().filter(|l| l.role != Role::Saved && !l.chain().is_empty());
    looks.into_iter().any(|look| {
        let plainly_valid =
            names_lead_to_a_root(look, sets).is_some_and(|path| path.iter().all(|c| is_valid_at(c, now)));
        !plainly_valid && {
            let verdicts = sets.each_ref().map(|set| verdict(look, now, set));
            !verdicts.iter().any(Verdict::is_trusted) && verdicts.iter().any(has_time_fault)
        }
    })
}

/// Whether a certificate is within its validity.
pub fn is_valid_at(certificate: &Certificate, time: OffsetDateTime) -> bool {
    certificate.details().is_ok_and(|d| d.not_before <= time && time <= d.not_after)
}

fn verdict(look: &TargetLook, time: OffsetDateTime, set: &RootSet) -> Verdict {
    let question = Question { chain: look.chain(), host: &look.target.host, time };
    trust::verdict(&question, set, &Elsewhere::default())
}

fn has_time_fault(verdict: &Verdict) -> bool {
    verdict.allowances.iter().any(|a| matches!(a, Allowance::Time { .. }))
}

fn lacks_only_time(verdict: &Verdict) -> bool {
    verdict.reaches_roots() && verdict.allowances.iter().all(|a| matches!(a, Allowance::Time { .. }))
}
