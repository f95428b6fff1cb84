//! `verify`: the real tools, run as they are now and with the settings.

use super::looking::{Otherwise, Subject};
use super::tools::ids;
use super::{Answer, Desk, Failure};
use crate::act;
use crate::cli::{SavedArgs, VerifyArgs};
use crate::diagnose::diagnose;
use crate::edge::{LiveHands, Reading as _, Scratch};
use crate::facts::environment::Changes;
use crate::facts::report::{InspectionVerdict, SCHEMA_VERSION, TargetReport, Verdict};
use crate::facts::tool::ToolLook;
use crate::facts::verification::Verification;
use crate::facts::{Observations, Report, Target, ToolId};
use crate::judge::judge;
use crate::observe::ToolScope;
use crate::observe::verify::{Trial, Visit, verify as run};
use crate::present;
use crate::present::verification;
use crate::remedy::settings::{Order, Prepared, prepare};

/// Looks, plans the settings, and runs the tools without and with them. Our files lie in a folder that is gone
/// afterwards: nothing on this machine changes.
pub(super) fn verify(desk: &Desk, args: VerifyArgs) -> Result<Answer, Failure> {
    let only = ids(&args.tool)?;
    let named = !args.targets.is_empty() || desk.looking.hosts_file.is_some();
    let subject = Subject { targets: args.targets, otherwise: Otherwise::Everybody, tools: ToolScope::All };
    let observations = desk.look(subject, &SavedArgs::default())?;
    let judgement = judge(&observations);
    let report = desk.redacted(&diagnose(&observations, &judgement))?;
    let handout = desk.handout(&observations, &judgement, &args.handout)?;
    let mut notes = present::handout::refusals(&handout, desk.notes_layout());

    let hosts = visits(&report, named);
    if hosts.is_empty() {
        notes.push_str(&present::report::conclusion(&report, desk.notes_layout()));
        return Err(Failure::undetermined("no host answered that the tools could be sent to")
            .notes(desk.paint_notes(&notes)));
    }
    let scratch = Scratch::new().map_err(|error| Failure::scratch(&error))?;
    let environment = desk.live.environment();
    let settings = if handout.is_refused() {
        Changes::default()
    } else {
        let order = Order {
            observations: &observations,
            handout: &handout,
            environment,
            folder: scratch.path(),
            only: &only,
        };
        let Prepared { plan, documents } = prepare(&order);
        act::export(&LiveHands::new(desk.live.clone()), &documents)
            .map_err(|error| Failure::export(&error))?;
        plan.script.changes()
    };
    let tools = tools(&observations, &only);
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
            trusts: &|_, _, _| None,
        },
    );
    drop(progress);
    let verification = Verification {
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        time: observations.time,
        runs,
        notes: Vec::new(),
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

/// The installations to run: those that a shell would start, or every one of the tools that are named.
fn tools(observations: &Observations, only: &[ToolId]) -> Vec<ToolLook> {
    let wanted = |look: &&ToolLook| if only.is_empty() { look.first } else { only.contains(&look.id) };
    observations.tools.iter().filter(wanted).cloned().collect()
}

/// The hosts to send the tools to: those that were named and answered, or one that is inspected and one that is not.
fn visits(report: &Report, named: bool) -> Vec<Visit> {
    let answered =
        report.targets.iter().filter(|target| target.role != "control" && !target.chain.is_empty());
    if named {
        return answered.map(visit).collect();
    }
    let everybody = report.targets.iter().filter(|target| !target.chain.is_empty());
    let inspected = answered.clone().find(|target| target.inspection == InspectionVerdict::Inspected);
    let clean = |target: &&TargetReport| {
        target.inspection == InspectionVerdict::NotInspected && target.verdict == Verdict::Ok
    };
    let clean = answered.clone().find(clean).or_else(|| everybody.clone().find(clean));
    inspected.into_iter().chain(clean).map(visit).collect()
}

fn visit(target: &TargetReport) -> Visit {
    Visit {
        target: Target::new(target.host.clone(), target.port),
        inspected: target.inspection == InspectionVerdict::Inspected,
        verdict: match target.verdict {
            Verdict::Ok => None,
            Verdict::Found(code) => Some(code),
        },
    }
}
