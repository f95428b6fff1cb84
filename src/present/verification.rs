//! The answer of `verify` for people: before and after, host by host, and why something could not be proved.

use std::collections::BTreeSet;
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
    parts.extend(reasons(verification, layout));
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
    text
}

/// Says in the tools' own words why they do not work, once where the hosts give the same reason.
fn reasons(verification: &Verification, layout: Layout) -> Option<String> {
    let alike = |a: &ToolRun, b: &ToolRun| {
        name(a) == name(b) && (a.after.result, a.after.code) == (b.after.result, b.after.code)
    };
    let mut told: Vec<&ToolRun> = Vec::new();
    for run in verification.runs.iter().filter(|run| run.after.result != ToolResult::Works) {
        if run.after.message.is_some() && !told.iter().any(|other| alike(other, run)) {
            told.push(run);
        }
    }
    let paragraph = |run: &&ToolRun| {
        let why = run.after.message.as_deref().unwrap_or_default();
        layout.paragraph(&format!("{}: {why}", name(run)), 2, 2)
    };
    let heading = layout.paragraph(&Meaning::Heading.mark("Why not"), 0, 2);
    (!told.is_empty()).then(|| heading + &told.iter().map(paragraph).collect::<String>())
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
    let fails = verification.still_failing().count();
    let unproved = runs.len() - works - fails;
    let mut sentence = format!("With the settings {works} of {} connections work", runs.len());
    if helped > 0 {
        let _ = write!(sentence, "; {helped} of these fail without them");
    }
    sentence.push('.');
    if fails > 0 {
        let failed: BTreeSet<String> = verification.still_failing().map(name).collect();
        let failed: Vec<String> = failed.into_iter().collect();
        let _ = write!(sentence, " {fails} fail with them too ({}).", failed.join(", "));
    }
    for (number, words) in [
        (unproved, "could not be proved either way"),
        (count(&ToolRun::is_made_worse), "worked before and no longer do"),
    ] {
        if number > 0 {
            let _ = write!(sentence, " {number} {words}.");
        }
    }
    layout.paragraph(&Meaning::Heading.mark(&sentence), 0, 0)
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::facts::report::SCHEMA_VERSION;
    use crate::facts::{Code, ToolId};

    fn run(tool: &str, host: &str, result: ToolResult, message: &str) -> ToolRun {
        let after = ToolOutcome {
            result,
            code: (result == ToolResult::Fails).then_some(Code::ToolLacksCa),
            message: (!message.is_empty()).then(|| message.to_owned()),
            predicted: None,
            predicted_code: None,
        };
        ToolRun {
            tool: ToolId(tool.to_owned()),
            version: None,
            path: String::new(),
            target: host.parse().expect("a target"),
            inspected: true,
            before: after.clone(),
            after,
        }
    }

    #[test]
    fn a_reason_is_told_once_and_who_still_fails_is_named() {
        let verification = Verification {
            schema_version: SCHEMA_VERSION,
            tool_version: String::new(),
            time: OffsetDateTime::UNIX_EPOCH,
            runs: vec![
                run("docker", "a.example", ToolResult::Inconclusive, "its daemon downloads"),
                run("gsutil", "a.example", ToolResult::Fails, "refused, line 1"),
                run("node", "a.example", ToolResult::Works, ""),
                run("docker", "b.example", ToolResult::Inconclusive, "its daemon downloads"),
                run("gsutil", "b.example", ToolResult::Fails, "refused, line 2"),
            ],
            notes: Vec::new(),
        };
        let text = text(&verification, Layout::terminal(Some(80), Detail::Normal));
        for once in ["docker: its daemon downloads", "gsutil: refused", "Why not"] {
            assert_eq!(text.matches(once).count(), 1, "{once}: {text}");
        }
        assert!(text.contains("2 fail with them too (gsutil)."), "{text}");
        assert!(text.contains("could not be proved either way."), "{text}");
    }
}
