//! `verify`: the real tools, run as they are now and with the settings.

use std::collections::BTreeSet;

use super::looking::{Otherwise, Subject};
use super::tools::ids;
use super::{Answer, Desk, Failure};
use crate::act;
use crate::cli::{SavedArgs, VerifyArgs};
use crate::diagnose::diagnose;
use crate::edge::{LiveHands, Reading as _, Scratch};
use crate::facts::ToolId;
use crate::facts::environment::Changes;
use crate::facts::report::SCHEMA_VERSION;
use crate::facts::tool::{ConfigEntry, ToolLook};
use crate::facts::verification::{ToolRun, Verification};
use crate::judge::judge;
use crate::observe::away::{Away, away};
use crate::observe::verify::{Trial, verify as run, visits};
use crate::observe::{Depth, ToolScope};
use crate::present;
use crate::present::verification;
use crate::remedy::settings::{Order, Predictions, Prepared, prepare};
use crate::text::sanitise;

/// Looks, plans the settings, and runs the tools without and with them. Our files lie in a folder that is gone
/// afterwards: nothing on this machine changes.
pub(super) fn verify(desk: &Desk, args: VerifyArgs) -> Result<Answer, Failure> {
    let only = ids(&args.tool)?;
    let subject = Subject {
        targets: args.targets,
        otherwise: Otherwise::Everybody,
        tools: ToolScope::All,
        depth: Depth::OneHandshake,
    };
    let observations = desk.look(subject, &SavedArgs::default())?;
    let judgement = judge(&observations);
    let report = desk.redacted(&diagnose(&observations, &judgement))?;
    let handout = desk.handout(&observations, &judgement, &args.handout)?;
    let mut notes = present::handout::refusals(&handout, desk.notes_layout());

    let hosts = visits(&report);
    if hosts.is_empty() {
        notes.push_str(&present::report::conclusion(&report, desk.notes_layout()));
        return Err(Failure::undetermined("no host answered that the tools could be sent to")
            .notes(desk.paint_notes(&notes)));
    }
    let scratch = Scratch::new().map_err(|error| Failure::scratch(&error))?;
    let environment = desk.live.environment();
    let (settings, documents) = if handout.is_refused() {
        (Changes::default(), Vec::new())
    } else {
        let order = Order {
            observations: &observations,
            handout: &handout,
            environment,
            folder: scratch.path(),
            only: &only,
            prefer: args.prefer,
        };
        let Prepared { plan, documents } = prepare(&order);
        act::export(&LiveHands::new(desk.live.clone()), &documents)
            .map_err(|error| Failure::export(&error))?;
        (plan.script.changes(), documents)
    };
    let predictions = Predictions::new(&observations, &judgement, &handout.certificates(), &documents);
    let elsewhere = scratch.folder("elsewhere").map_err(|error| Failure::scratch(&error))?;
    let away = away(&desk.live, &tools(&observations.tools, &only), &elsewhere, desk.looking.timeout.0);
    let tools: Vec<ToolLook> = away.iter().map(|away| away.look.clone()).collect();
    let progress = desk.progress(&format!("running {} tools", tools.len()));
    let runs = run(
        &desk.live,
        &Trial {
            tools: &tools,
            hosts: &hosts,
            environment,
            settings: &settings,
            proxy: &desk.proxy()?,
            timeout: desk.looking.timeout.0,
            jobs: desk.looking.jobs.map(usize::from),
            expects: &|look, visit, environment| predictions.expects(look, &visit.target, environment),
        },
    );
    drop(progress);
    let verification = Verification {
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        time: observations.time,
        notes: notes_of(desk, &away, &runs),
        runs,
    };
    let verification: Verification = desk.redacted(&verification)?;
    let answer = if desk.common.json {
        present::json(&verification)?
    } else {
        desk.paint(&verification::text(&verification, desk.layout()))
    };
    let code = if handout.is_refused() { 1 } else { verification.exit_code() };
    Ok(Answer { answer, notes: desk.paint_notes(&notes), code })
}

/// What must be known to read the rows.
fn notes_of(desk: &Desk, away: &[Away], runs: &[ToolRun]) -> Vec<String> {
    let detour = "`--connect-to` leads this program's own connections elsewhere, not those of the tools: they went to \
                  the addresses that their names resolve to.";
    let detour = (!desk.looking.connect_to.is_empty()).then(|| detour.to_owned());
    let left_out = away.iter().flat_map(|away| away.left_out.iter().map(|entry| left_out(&away.look, entry)));
    let left_out: BTreeSet<String> = left_out.collect();
    detour.into_iter().chain(left_out).chain(runs.iter().flat_map(ToolRun::contradictions)).collect()
}

/// Says that a setting of the folder at hand was not in force.
fn left_out(look: &ToolLook, entry: &ConfigEntry) -> String {
    let line = entry.line.map(|line| format!(", line {line},")).unwrap_or_default();
    let (id, key, path) = (&look.id, sanitise(&entry.key), sanitise(&entry.path));
    format!(
        "`{key}` in {path}{line} counts for {id} in this folder and not in these runs: each happens in a folder of its \
         own, because a project may hold programs. `trustgap tools {id}` says what it does here."
    )
}

/// The installations to run: of the tools that are named every one; of all tools those that a shell would start, and one
/// of each other version.
fn tools(all: &[ToolLook], only: &[ToolId]) -> Vec<ToolLook> {
    let same = |a: &ToolLook, b: &ToolLook| (&a.id, &a.version) == (&b.id, &b.version);
    let stands_for_others = |(index, look): (usize, &ToolLook)| {
        let is_run = |other: &ToolLook| other.first && same(other, look);
        look.first || !all.iter().any(is_run) && !all[..index].iter().any(|other| same(other, look))
    };
    let wanted = |(index, look): &(usize, &ToolLook)| match only {
        [] => stands_for_others((*index, look)),
        only => only.contains(&look.id),
    };
    all.iter().enumerate().filter(wanted).map(|(_, look)| look.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(id: &str, path: &str, version: &str, first: bool) -> ToolLook {
        let json = serde_json::json!({ "id": id, "path": path, "version": version, "first": first });
        serde_json::from_value(json).expect("a look")
    }

    #[test]
    fn each_version_is_run_once_and_what_a_shell_would_start_always() {
        let all = [
            look("java", "/jdk25/java", "25.0.3", false),
            look("java", "/usr/bin/java", "17.0.15", true),
            look("java", "/jdk17/java", "17.0.15", false),
            look("java", "/other25/java", "25.0.3", false),
            look("node", "/usr/bin/node", "20.20.2", true),
        ];
        let paths = |only: &[&str]| -> Vec<String> {
            let only: Vec<ToolId> = only.iter().map(|id| ToolId((*id).to_owned())).collect();
            tools(&all, &only).into_iter().map(|look| look.path).collect()
        };
        assert_eq!(paths(&[]), ["/jdk25/java", "/usr/bin/java", "/usr/bin/node"]);
        assert_eq!(paths(&["java"]).len(), 4);
    }
}
