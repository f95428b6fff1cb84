//! The sentences of a plan.

use super::cover::Chosen;
use super::{Candidate, Situation, Trust};
use crate::remedy::script::{Change, File, Name, Part, Script};
use crate::text::sanitise;

/// Why a variable is set: what it does, for whom, and what it was before.
pub(super) fn remark(situation: &Situation<'_>, chosen: &Chosen) -> String {
    let mut names: Vec<String> =
        chosen.helps.iter().map(|&i| situation.tools[i].look.id.to_string()).collect();
    names.dedup();
    let tools = list(&names);
    let file = chosen.candidate.value.0.iter().find_map(|part| match part {
        Part::File(file) => Some(*file),
        Part::Text(_) => None,
    });
    let what = match file {
        Some(File::Authorities) => format!("For {tools}: added to the roots they have."),
        Some(File::Bundle | File::TrustStore) => {
            format!("For {tools}: replaces their roots, so the file holds all of them.")
        }
        None => format!("For {tools}: follow the system store."),
    };
    match situation.environment.get_filled(chosen.candidate.name.as_str()) {
        Some(before)
            if file.is_some()
                && is_path(before)
                && before != chosen.candidate.value.here(situation.places) =>
        {
            format!("{what} Was {}.", sanitise(before))
        }
        _ => what,
    }
}

/// Whether a value is one path and nothing that might hold a secret.
fn is_path(value: &str) -> bool {
    !value.contains("://") && !value.contains('=')
}

/// Which variables put an installation right.
pub(super) fn helped(position: usize, chosen: &[Chosen]) -> String {
    let names: Vec<String> =
        chosen.iter().filter(|c| c.helps.contains(&position)).map(|c| c.candidate.name.to_string()).collect();
    format!("put right by {}", list(&names))
}

/// Why no variable puts an installation right.
pub(super) fn unsolved(
    trust: &Trust,
    candidates: &[Candidate],
    harmed: Option<&(Name, String)>,
    secret: Option<&(String, String)>,
) -> String {
    if let Some((name, addition)) = secret {
        return format!(
            "{name} holds a password of yours and would have to be printed: add `{}` to it where it is set",
            sanitise(addition)
        );
    }
    if !trust.verifies {
        return trust.because.clone();
    }
    match harmed {
        Some((name, victim)) => {
            format!("{name} would help, but {victim} would no longer work: {}", trust.because)
        }
        None if candidates.is_empty() => format!("no variable changes its roots: {}", trust.because),
        None => format!("a stronger setting decides: {}", trust.because),
    }
}

/// What a reader of the settings must know besides.
pub(super) fn warnings(script: &Script) -> Vec<String> {
    let mut warnings = Vec::new();
    for line in &script.lines {
        let Change::Set(value) = &line.change else { continue };
        if value.0.contains(&Part::File(File::TrustStore)) {
            warnings.push(format!(
                "with {} every Java program prints a line `Picked up {} ...` on standard error",
                line.name, line.name
            ));
        }
    }
    warnings
}

fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
