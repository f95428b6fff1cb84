//! What a new shell would add: variables that start-up files set and this environment lacks, or has another value of.

use std::collections::BTreeMap;

use super::{ToolFound, say};
use crate::facts::Observations;
use crate::facts::tool::{Context, Export};
use crate::text::sanitise;

/// Returns the same machine with the environment of a new shell; `None` where that is the one at hand.
pub(super) fn observations(now: &Observations) -> Option<Observations> {
    let added = added(now);
    if added.is_empty() {
        return None;
    }
    let mut later = now.clone();
    for export in added {
        later.environment.set(export.name.as_str(), export.value.as_str());
    }
    Some(later)
}

/// Returns the findings that there are only then, with where their variables come from.
pub(super) fn only_then(
    now: &[ToolFound],
    then: Vec<ToolFound>,
    observations: &Observations,
) -> Vec<ToolFound> {
    let known = |one: &ToolFound| {
        now.iter().any(|f| f.finding.code == one.finding.code && f.finding.message == one.finding.message)
    };
    let added = added(observations);
    let mut new: Vec<ToolFound> = then.into_iter().filter(|one| !known(one)).collect();
    new.retain_mut(|one| {
        let text = format!("{} {}", one.finding.message, one.finding.evidence.join(" "));
        let named: Vec<&&Export> = added.iter().filter(|e| text.contains(&format!("`{}`", e.name))).collect();
        for export in &named {
            one.finding.evidence.push(format!(
                "Not so in this environment, but in the next: {} sets `{}` for {}.",
                say::export_place(export),
                sanitise(&export.name),
                export.reaches
            ));
            one.finding.values.insert("place".to_owned(), say::export_line(export).into());
        }
        !named.is_empty()
    });
    new
}

/// Returns, per variable, the last place that sets it, where that changes the environment.
fn added(now: &Observations) -> Vec<&Export> {
    let of_shells = now.exports.iter().filter(|export| export.contexts.contains(&Context::Shell));
    let last: BTreeMap<&str, &Export> = of_shells.map(|export| (export.name.as_str(), export)).collect();
    last.into_values().filter(|e| now.environment.get(&e.name) != Some(e.value.as_str())).collect()
}
