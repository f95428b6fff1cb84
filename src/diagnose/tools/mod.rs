//! Findings about toolchains: which does not trust the CA, whose file is of no use, what is overridden or switched off.
//!
//! One rule per file. A setting that dozens of installations share is one finding that names them, not dozens.

mod bundle_incomplete;
mod elsewhere;
mod file_unusable;
mod lacks_ca;
mod later;
mod overridden;
mod refuses;
mod report;
mod revocation;
mod say;
mod stale;
mod verification_off;

#[cfg(test)]
mod tests;

pub(super) use report::tools as reports;

use super::Found;
use super::case::World;
use super::revocation::nobody_to_ask;
use crate::facts::report::Finding;
use crate::facts::tool::Export;
use crate::facts::{Code, Observations};
use crate::judge::tool::{Needed, ToolJudgement, judge};

/// All installations, judged.
pub(super) struct Tools<'a> {
    pub(super) observations: &'a Observations,
    pub(super) needed: Needed,
    /// What is peculiar about the chains that tools meet here.
    met: Vec<refuses::Met>,
    /// The hosts about whose certificates nobody can be asked whether they were revoked.
    nobody_to_ask: Vec<String>,
    pub(super) judged: Vec<ToolJudgement<'a>>,
}

/// A finding and the installations it is about.
pub(super) struct ToolFound {
    pub(super) tools: Vec<usize>,
    pub(super) finding: Finding,
}

impl<'a> Tools<'a> {
    pub(super) fn of(world: &World<'a>) -> Self {
        let needed = Needed::of(world.observations, world.judgement);
        let met = refuses::met(world.judgement, &needed);
        let judged = judge(world.observations, &needed);
        let nobody_to_ask = world.cases().filter(nobody_to_ask).map(|case| case.host()).collect();
        Self { observations: world.observations, needed, met, nobody_to_ask, judged }
    }

    /// Returns what every rule found.
    pub(super) fn findings(&self) -> Vec<ToolFound> {
        RULES.iter().flat_map(|rule| rule(self)).collect()
    }

    /// Returns what every rule found here, and what it would find besides in a new shell.
    pub(super) fn all_findings(&self) -> Vec<ToolFound> {
        let mut found = self.findings();
        if let Some(later) = later::observations(self.observations) {
            let judged = judge(&later, &self.needed);
            let then = Tools {
                observations: &later,
                needed: self.needed.clone(),
                met: self.met.clone(),
                nobody_to_ask: self.nobody_to_ask.clone(),
                judged,
            };
            found.extend(later::only_then(&found, then.findings(), self.observations));
        }
        found.extend(elsewhere::findings(self));
        found
    }

    /// Returns who sets a variable to this value for what is started later.
    pub(super) fn exporter(&self, name: &str, value: &str) -> Option<&'a Export> {
        let mut exports = self.observations.exports.iter().rev();
        exports.find(|export| export.name == name && export.value == value)
    }
}

/// The rules, in the order of their weight.
const RULES: &[fn(&Tools<'_>) -> Vec<ToolFound>] = &[
    lacks_ca::rule,
    refuses::rule,
    revocation::rule,
    file_unusable::rule,
    bundle_incomplete::rule,
    verification_off::rule,
    overridden::rule,
    stale::rule,
];

/// Returns the codes of one installation, the gravest first.
pub(super) fn codes(found: &[ToolFound], index: usize) -> Vec<Code> {
    let mut codes: Vec<_> = found
        .iter()
        .filter(|f| f.tools.contains(&index))
        .map(|f| (f.finding.severity, f.finding.code))
        .collect();
    codes.sort_by_key(|(severity, _)| *severity);
    let mut codes: Vec<Code> = codes.into_iter().map(|(_, code)| code).collect();
    codes.dedup();
    codes
}

impl From<ToolFound> for Found {
    fn from(found: ToolFound) -> Self {
        Self { targets: Vec::new(), finding: found.finding }
    }
}
