//! The sentences of a plan.

use super::cover::{Chosen, Obstacle};
use super::{Situation, Trust};
use crate::remedy::script::{Change, File, Script};
use crate::text::sanitise;

/// Why a variable is set: what it does, for whom, and what it was before.
pub(super) fn remark(situation: &Situation<'_>, chosen: &Chosen) -> String {
    let mut names: Vec<String> =
        chosen.helps.iter().map(|&i| situation.tools[i].look.id.to_string()).collect();
    names.dedup();
    let tools = list(&names);
    let file = chosen.candidate.value.files().next();
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
pub(super) fn unsolved(situation: &Situation<'_>, trust: &Trust, obstacle: &Obstacle) -> String {
    if !trust.verifies {
        return trust.because.clone();
    }
    let because = &trust.because;
    match obstacle {
        Obstacle::Harm { name, victim } => {
            format!("{name} would help, but {victim} would no longer work: {because}")
        }
        Obstacle::NoVariable { entry: Some(entry) } => {
            let place = entry
                .file
                .as_ref()
                .map_or_else(|| "its configuration".to_owned(), |file| format!("`{}`", sanitise(file)));
            format!(
                "{because}, and no variable changes that: set `{}` in {place} to `{}`",
                sanitise(&entry.key),
                sanitise(&entry.value.here(situation.places))
            )
        }
        Obstacle::NoVariable { entry: None } => format!("{because}, and no variable changes that"),
        Obstacle::Secret { name, addition } => format!(
            "{name} holds a password of yours and would have to be printed: add `{}` to it where it is set",
            sanitise(addition)
        ),
        Obstacle::Stronger => format!("no variable beats what is set: {because}"),
    }
}

/// What a reader of the settings must know besides.
pub(super) fn warnings(script: &Script, needs_the_system_store: usize) -> Vec<String> {
    let mut warnings = Vec::new();
    if needs_the_system_store > 0 {
        let installations = if needs_the_system_store == 1 {
            "1 installation follows"
        } else {
            &format!("{needs_the_system_store} installations follow")
        };
        warnings.push(format!(
            "{installations} the system store and nothing else: ask your IT department to add the CA there, which puts \
             every tool right that follows it"
        ));
    }
    for line in &script.lines {
        let Change::Set(value) = &line.change else { continue };
        if value.files().any(|file| file == File::TrustStore) {
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
