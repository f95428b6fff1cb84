//! The answer of `verify` for people: before and after, host by host, and why something could not be proved.

use std::fmt::Write as _;

use super::layout::{Detail, Layout};
use super::style::Meaning;
use super::table::Table;
use super::words;
use crate::facts::Target;
use crate::facts::verification::{ToolOutcome, ToolResult, ToolRun, Verification};

/// Returns the whole answer.
pub fn text(verification: &Verification, layout: Layout) -> String {
    let conclusion = conclusion(verification, layout);
    if layout.detail == Detail::Brief {
        return conclusion;
    }
    let mut hosts: Vec<&Target> = Vec::new();
    for run in &verification.runs {
        if !hosts.contains(&&run.target) {
            hosts.push(&run.target);
        }
    }
    let mut parts: Vec<String> =
        hosts.into_iter().map(|host| self::host(verification, host, layout)).collect();
    parts.extend(verification.notes.iter().map(|note| layout.paragraph(note, 0, 2)));
    parts.push(conclusion);
    parts.join("\n")
}

fn host(verification: &Verification, host: &Target, layout: Layout) -> String {
    let runs: Vec<_> = verification.runs.iter().filter(|run| run.target == *host).collect();
    let inspected = if runs.iter().any(|run| run.inspected) { "inspected" } else { "not inspected" };
    let name = host.to_string();
    let name = name.strip_suffix(":443").unwrap_or(&name);
    let mut text = layout.paragraph(&Meaning::Heading.mark(&format!("{name}, {inspected}")), 0, 2);
    let mut table = Table::new(&["tool", "before", "after"]);
    for run in &runs {
        table.row(vec![self::name(run), outcome(&run.before), outcome(&run.after)]);
    }
    text.push_str(&table.render(layout));
    for run in runs {
        let why = run.after.message.as_ref().filter(|_| run.after.result != ToolResult::Works);
        if let Some(why) = why {
            text.push_str(&layout.paragraph(&format!("{}: {why}", self::name(run)), 2, 2));
        }
    }
    text
}

fn name(run: &ToolRun) -> String {
    match &run.version {
        Some(version) => format!("{} {version}", run.tool),
        None => run.tool.to_string(),
    }
}

fn outcome(outcome: &ToolOutcome) -> String {
    let why = outcome.code.map(|code| format!(", {}", words::code(code))).unwrap_or_default();
    match outcome.result {
        ToolResult::Fails => Meaning::Problem.mark(&format!("fails{why}")),
        ToolResult::Inconclusive => Meaning::Unknown.mark("not proved"),
        ToolResult::Works => Meaning::Ok.mark("works"),
    }
}

fn conclusion(verification: &Verification, layout: Layout) -> String {
    let runs = &verification.runs;
    let count = |wanted: &dyn Fn(&ToolRun) -> bool| runs.iter().filter(|run| wanted(run)).count();
    let works = count(&|run| run.after.result == ToolResult::Works);
    let helped =
        count(&|run| run.after.result == ToolResult::Works && run.before.result == ToolResult::Fails);
    let fails = count(&|run| run.after.result == ToolResult::Fails);
    let unproved = runs.len() - works - fails;
    let mut sentence = format!("With the settings {works} of {} connections work", runs.len());
    if helped > 0 {
        let _ = write!(sentence, "; {helped} of these fail without them");
    }
    sentence.push('.');
    for (number, words) in [
        (fails, "fail with them too"),
        (unproved, "could not be proved either way"),
        (count(&ToolRun::is_made_worse), "worked before and no longer do"),
    ] {
        if number > 0 {
            let _ = write!(sentence, " {number} {words}.");
        }
    }
    layout.paragraph(&Meaning::Heading.mark(&sentence), 0, 0)
}
