//! The smallest set of candidates that puts right what can be put right.

use super::{Candidate, Entry, Installed, Oracle, Prefer, Remark, Situation, Trust, candidate, words};
use crate::facts::Environment;
use crate::remedy::script::{File, Name};

/// What was chosen, and what became of each installation.
pub(super) struct Cover {
    /// The variables, by name.
    pub(super) chosen: Vec<Chosen>,
    pub(super) unneeded: Vec<Remark>,
    pub(super) helped: Vec<Remark>,
    pub(super) unsolved: Vec<Remark>,
    pub(super) unknown: Vec<Remark>,
    /// Files of ours that a remark names and no variable does.
    pub(super) named: Vec<File>,
    /// How many of the unsolved would work if the system store had the CA.
    pub(super) needs_the_system_store: usize,
}

/// What stands in the way of putting an installation right.
pub(super) enum Obstacle {
    /// The variable that would help harms another installation.
    Harm {
        /// The variable.
        name: Name,
        /// The other installation.
        victim: String,
    },
    /// No variable changes its roots.
    NoVariable {
        /// The entry of its own configuration that does, if there is one.
        entry: Option<Entry>,
    },
    /// The variable would have to be printed with a secret in it.
    Secret {
        /// The variable.
        name: String,
        /// What the user would have to add to it.
        addition: String,
    },
    /// Something beats every variable.
    Stronger,
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

    let chosen = state.attribute(chosen, environment, &needy);
    let remark = |i: usize, sentence: String| situation.tools[i].remark(sentence);
    let (mut helped, mut unsolved, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    let (mut named, mut needs_the_system_store) = (Vec::new(), 0);
    for (&i, own) in needy.iter().zip(&own) {
        if state.trusts[i].is_good() {
            helped.push(remark(i, words::helped(i, &chosen)));
        } else if own.is_empty() && state.trusts[i].is_unknown() {
            unknown.push(remark(i, state.trusts[i].because.clone()));
        } else {
            let harmed = own.iter().find_map(|c| Some((c, state.harmed(c)?)));
            let harmed = harmed.map(|(c, i)| (c.name.clone(), situation.tools[i].name()));
            let trust = &state.trusts[i];
            needs_the_system_store += usize::from(trust.follows_system && trust.network == Some(false));
            let secret = candidate::behind_a_secret(situation.tools[i], situation);
            let obstacle = match (secret, harmed) {
                (Some((name, addition)), _) => Obstacle::Secret { name, addition },
                (None, Some((name, victim))) => Obstacle::Harm { name, victim },
                (None, None) if own.is_empty() => {
                    let entry = situation.tools[i].own_entry(situation);
                    named.extend(entry.iter().flat_map(|entry| entry.value.files()));
                    Obstacle::NoVariable { entry }
                }
                (None, None) => Obstacle::Stronger,
            };
            unsolved.push(remark(i, words::unsolved(situation, &state.trusts[i], &obstacle)));
        }
    }
    let unneeded = wanted.iter().filter(|&&i| before[i].is_good());
    let unneeded = unneeded.map(|&i| remark(i, before[i].because.clone())).collect();
    Cover { chosen, unneeded, helped, unsolved, unknown, named, needs_the_system_store }
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
        // of equals the first counts: each tool's candidates stand in the order of their strength
        let scored = candidates.map(|c| (helps(c), c)).filter(|(count, _)| *count > 0);
        scored.min_by_key(|(count, c)| (usize::MAX - *count, c.rank)).map(|(_, best)| best.clone())
    }

    /// Says whom each choice helps: those that need it, and those that any of several would help.
    fn attribute(&self, chosen: Vec<Candidate>, environment: &Environment, needy: &[usize]) -> Vec<Chosen> {
        let good = |candidates: &[&Candidate]| {
            let mut state = State::new(self.situation, self.oracle, environment.clone());
            for candidate in candidates {
                state.set(candidate);
            }
            state.trusts.iter().map(Trust::is_good).collect::<Vec<bool>>()
        };
        let without = |left_out: usize| {
            let others: Vec<_> =
                chosen.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, c)| c).collect();
            good(&others)
        };
        let lost: Vec<Vec<bool>> = (0..chosen.len()).map(without).collect();
        let alone: Vec<Vec<bool>> = chosen.iter().map(|candidate| good(&[candidate])).collect();
        let helps = |index: usize| {
            let needed = |i: &usize| self.trusts[*i].is_good() && !lost[index][*i];
            let any_of_several = |i: &usize| lost.iter().all(|good| good[*i]) && alone[index][*i];
            needy.iter().copied().filter(|i| needed(i) || any_of_several(i)).collect()
        };
        let helped: Vec<Vec<usize>> = (0..chosen.len()).map(helps).collect();
        chosen.into_iter().zip(helped).map(|(candidate, helps)| Chosen { candidate, helps }).collect()
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

    /// Whether it verifies with roots that are not known.
    fn is_unknown(&self) -> bool {
        self.verifies && self.network.is_none()
    }

    /// Whether something that it trusts now would no longer be trusted.
    fn loses(&self, then: &Self) -> bool {
        (self.network == Some(true) && then.network != Some(true))
            || (self.public == Some(true) && then.public != Some(true))
            || (self.verifies && !then.verifies)
    }
}
