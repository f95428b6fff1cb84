//! What is said beside the settings that `env` prints: whom they help, whom they cannot help, and how they are used.

use serde::Serialize;
use serde_json::{Map, Value};

use super::layout::{Detail, Layout};
use super::style::Meaning;
use crate::remedy::plan::{Plan, Remark};
use crate::remedy::shells::Shell;

/// The settings as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct SettingsReport {
    /// What is set.
    set: Map<String, Value>,
    /// What is taken out.
    unset: Vec<String>,
    /// Installations that the settings put right.
    helped: Vec<RemarkReport>,
    /// Installations that need nothing.
    unneeded: Vec<RemarkReport>,
    /// Installations that no variable puts right.
    unsolved: Vec<RemarkReport>,
    /// Installations of which it cannot be told what they trust.
    unknown: Vec<RemarkReport>,
    /// What else must be known.
    warnings: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct RemarkReport {
    tool: String,
    name: String,
    path: String,
    message: String,
}

/// Returns the settings as JSON.
pub fn report(plan: &Plan) -> SettingsReport {
    let remarks = |remarks: &[Remark]| remarks.iter().map(remark).collect();
    SettingsReport {
        set: plan.script.set().map(|(name, value)| (name.to_string(), Value::String(value))).collect(),
        unset: plan.script.unset().map(ToString::to_string).collect(),
        helped: remarks(&plan.helped),
        unneeded: remarks(&plan.unneeded),
        unsolved: remarks(&plan.unsolved),
        unknown: remarks(&plan.unknown),
        warnings: plan.warnings.clone(),
    }
}

fn remark(remark: &Remark) -> RemarkReport {
    RemarkReport {
        tool: remark.tool.0.clone(),
        name: remark.name.clone(),
        path: remark.path.clone(),
        message: remark.sentence.clone(),
    }
}

/// Returns what a person wants to know beside the settings. A pipe never gets it: it goes to standard error.
pub fn notes(plan: &Plan, shell: Shell, layout: Layout) -> String {
    let mut text = String::new();
    let mut line = |label: &str, meaning: Meaning, sentence: &str| {
        text.push_str(&layout.paragraph(&format!("{}  {sentence}", meaning.mark(label)), 0, 2));
    };
    match (plan.script.is_empty(), plan.unsolved.is_empty()) {
        (true, true) => line("ok", Meaning::Ok, "no setting is needed here"),
        (true, false) => line("none", Meaning::Unknown, "nothing here that a variable would put right"),
        (false, _) => {}
    }
    let unneeded = if layout.detail == Detail::Full { plan.unneeded.as_slice() } else { &[] };
    let helped = if layout.detail == Detail::Brief { &[] } else { plan.helped.as_slice() };
    for (label, meaning, remarks) in [
        ("helped", Meaning::Ok, helped),
        ("unneeded", Meaning::Ok, unneeded),
        ("problem", Meaning::Problem, &plan.unsolved),
        ("unknown", Meaning::Unknown, &plan.unknown),
    ] {
        for (sentence, names) in grouped(remarks) {
            line(label, meaning, &format!("{}: {sentence}", names.join(", ")));
        }
    }
    for warning in &plan.warnings {
        line("warning", Meaning::Unknown, warning);
    }
    if let (false, Detail::Normal | Detail::Full, Some(command)) =
        (plan.script.is_empty(), layout.detail, usage(shell))
    {
        text.push_str(&layout.paragraph("To use them in this shell:", 0, 0));
        text.extend(["  ", &Meaning::Command.mark(command), "\n"]);
    }
    text
}

/// The installations about which the same is said, in the order of their first.
fn grouped(remarks: &[Remark]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for remark in remarks {
        match groups.iter_mut().find(|(sentence, _)| *sentence == remark.sentence) {
            Some((_, names)) if names.contains(&remark.name.as_str()) => {}
            Some((_, names)) => names.push(&remark.name),
            None => groups.push((&remark.sentence, vec![&remark.name])),
        }
    }
    groups
}

/// The command that puts the settings into effect, for shells that have one.
fn usage(shell: Shell) -> Option<&'static str> {
    match shell {
        Shell::Bash | Shell::Sh | Shell::Zsh => Some("eval \"$(trustgap env)\""),
        Shell::Fish => Some("trustgap env --shell fish | source"),
        Shell::Powershell => Some("trustgap env --shell powershell | Out-String | Invoke-Expression"),
        _ => None,
    }
}
