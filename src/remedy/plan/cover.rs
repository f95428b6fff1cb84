//! The smallest set of candidates that puts right what can be put right.

use super::{Candidate, Installed, Oracle, Prefer, Remark, Situation, Trust, candidate, words};
use crate::facts::Environment;

/// What was chosen, and what became of each installation.
pub(super) struct Cover {
    /// The variables, by name.
    pub(super) chosen: Vec<Chosen>,
    pub(super) unneeded: Vec<Remark>,
    pub(super) helped: Vec<Remark>,
    pub(super) unsolved: Vec<Remark>,
}

/// A variable worth setting.
pub(super) struct Chosen {
    pub(super) candidate: Candidate,
    /// Positions of the installations that it puts right.
    pub(super) helps: Vec<usize>,
}

/// Chooses greedily: of the variables that harm nobody the one that helps most, until none helps; then drops what
/// later choices made superfluous.
pub(super) fn cover(situation: &Situation<'_>, oracle: &dyn Oracle, environment: &Environment) -> Cover {
    let mut state = State::new(situation, oracle, environment.clone());
    let before = state.trusts.clone();
    let wanted: Vec<usize> = (0..situation.tools.len())
        .filter(|&i| situation.only.is_empty() || situation.only.contains(&situation.tools[i].look.id))
        .collect();
    let needy: Vec<usize> = wanted.iter().copied().filter(|&i| !before[i].is_good()).collect();
    let own: Vec<Vec<Candidate>> =
        needy.iter().map(|&i| candidate::of(situation.tools[i], situation)).collect();
    let mut candidates: Vec<Candidate> = Vec::new();
    for candidate in own.iter().flatten() {
        match candidates.iter_mut().find(|c| c.name == candidate.name && c.value == candidate.value) {
            Some(same) => {
                same.rank = same.rank.min(candidate.rank);
                same.follows_system |= candidate.follows_system;
            }
            None => candidates.push(candidate.clone()),
        }
    }

    let mut chosen: Vec<Candidate> = Vec::new();
    let system_first: fn(&Candidate) -> bool = match situation.prefer {
        Prefer::Files => |_| false,
        Prefer::System => |c| c.follows_system && c.rank < candidate::LAST_RESORT,
    };
    for allowed in [system_first, |c| c.rank < candidate::LAST_RESORT, |_| true] {
        while let Some(best) = state.best(candidates.iter().filter(|c| allowed(c)), &needy) {
            state.set(&best);
            candidates.retain(|c| c.name != best.name);
            chosen.push(best);
        }
    }
    drop_the_superfluous(&mut chosen, &mut state, environment, &needy);
    chosen.sort_by(|a, b| a.name.cmp(&b.name));

    let chosen: Vec<Chosen> = chosen
        .into_iter()
        .map(|candidate| {
            let helps =
                |&i: &usize| state.trusts[i].is_good() && situation.tools[i].reads(candidate.name.as_str());
            Chosen { helps: needy.iter().copied().filter(helps).collect(), candidate }
        })
        .collect();
    let remark = |i: usize, sentence: String| situation.tools[i].remark(sentence);
    let (mut helped, mut unsolved) = (Vec::new(), Vec::new());
    for (&i, own) in needy.iter().zip(&own) {
        if state.trusts[i].is_good() {
            helped.push(remark(i, words::helped(i, &chosen)));
        } else {
            let harmed = own.iter().find_map(|c| Some((c, state.harmed(c)?)));
            let harmed = harmed.map(|(c, i)| (c.name.clone(), situation.tools[i].name()));
            let secret = candidate::behind_a_secret(situation.tools[i], situation);
            let why = words::unsolved(&state.trusts[i], own, harmed.as_ref(), secret.as_ref());
            unsolved.push(remark(i, why));
        }
    }
    let unneeded = wanted.iter().filter(|&&i| before[i].is_good());
    let unneeded = unneeded.map(|&i| remark(i, before[i].because.clone())).collect();
    Cover { chosen, unneeded, helped, unsolved }
}

/// Takes back each choice without which everything that works still works.
fn drop_the_superfluous(
    chosen: &mut Vec<Candidate>,
    state: &mut State<'_>,
    environment: &Environment,
    needy: &[usize],
) {
    let goal: Vec<bool> = state.trusts.iter().map(Trust::is_good).collect();
    let mut index = 0;
    while index < chosen.len() {
        let mut fewer = State::new(state.situation, state.oracle, environment.clone());
        chosen.iter().enumerate().filter(|(i, _)| *i != index).for_each(|(_, c)| fewer.set(c));
        if needy.iter().all(|&i| fewer.trusts[i].is_good() || !goal[i]) {
            *state = fewer;
            chosen.remove(index);
        } else {
            index += 1;
        }
    }
}

/// An environment, and what every installation trusts in it.
struct State<'a> {
    situation: &'a Situation<'a>,
    oracle: &'a dyn Oracle,
    environment: Environment,
    trusts: Vec<Trust>,
}

impl<'a> State<'a> {
    fn new(situation: &'a Situation<'a>, oracle: &'a dyn Oracle, environment: Environment) -> Self {
        let trusts = situation.tools.iter().map(|&i| oracle.trust(i, &environment)).collect();
        Self { situation, oracle, environment, trusts }
    }

    fn set(&mut self, candidate: &Candidate) {
        let changed = candidate.in_environment(&self.environment, self.situation.places);
        self.trusts = self.trusts_in(&changed, candidate);
        self.environment = changed;
    }

    /// Returns what everybody trusts with one variable changed; who does not read it is not asked again.
    fn trusts_in(&self, changed: &Environment, candidate: &Candidate) -> Vec<Trust> {
        let ask = |(&installed, now): (&Installed<'_>, &Trust)| {
            if installed.reads(candidate.name.as_str()) {
                self.oracle.trust(installed, changed)
            } else {
                now.clone()
            }
        };
        self.situation.tools.iter().zip(&self.trusts).map(ask).collect()
    }

    /// Returns the candidate that helps most and harms nobody; of equals the one the catalogue prefers.
    fn best<'c>(
        &self,
        candidates: impl Iterator<Item = &'c Candidate>,
        needy: &[usize],
    ) -> Option<Candidate> {
        let helps = |candidate: &Candidate| {
            let changed = candidate.in_environment(&self.environment, self.situation.places);
            let then = self.trusts_in(&changed, candidate);
            if self.first_harmed(&then).is_some() {
                return 0;
            }
            needy.iter().filter(|&&i| !self.trusts[i].is_good() && then[i].is_good()).count()
        };
        let scored = candidates.map(|c| (helps(c), c)).filter(|(count, _)| *count > 0);
        let order = |(count, c): &(usize, &Candidate)| (usize::MAX - *count, c.rank, c.name.clone());
        scored.min_by_key(order).map(|(_, best)| best.clone())
    }

    /// Returns the first installation that a candidate would take something from.
    fn harmed(&self, candidate: &Candidate) -> Option<usize> {
        let changed = candidate.in_environment(&self.environment, self.situation.places);
        self.first_harmed(&self.trusts_in(&changed, candidate))
    }

    fn first_harmed(&self, then: &[Trust]) -> Option<usize> {
        self.trusts.iter().zip(then).position(|(now, then)| now.loses(then))
    }
}

impl Trust {
    /// Whether the tool verifies, and connects to hosts of this network and to public ones.
    fn is_good(&self) -> bool {
        self.verifies && self.network == Some(true) && self.public != Some(false)
    }

    /// Whether something that it trusts now would no longer be trusted.
    fn loses(&self, then: &Self) -> bool {
        (self.network == Some(true) && then.network != Some(true))
            || (self.public == Some(true) && then.public != Some(true))
            || (self.verifies && !then.verifies)
    }
}
