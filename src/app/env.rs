//! `env`: the settings that make the tools of this machine work in this network.

use serde::Serialize;

use super::looking::{Otherwise, Subject};
use super::tools::ids;
use super::{Answer, Desk, Failure, export};
use crate::act::{self, Written};
use crate::cli::{EnvArgs, SavedArgs};
use crate::diagnose::diagnose;
use crate::edge::{LiveHands, Reading as _};
use crate::facts::tool::Context;
use crate::judge::judge;
use crate::judge::tool::environment_in;
use crate::observe::{Depth, ToolScope};
use crate::present;
use crate::present::handout::{self, HandoutReport};
use crate::present::settings::{self, SettingsReport};
use crate::remedy::settings::{Order, prepare};
use crate::remedy::shells::Shell;

/// The JSON answer.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    handout: HandoutReport,
    written: &'a [Written],
    #[serde(flatten)]
    settings: SettingsReport,
}

/// Looks, plans the settings, writes the files they point to, and prints them.
pub(super) fn env(desk: &Desk, args: EnvArgs) -> Result<Answer, Failure> {
    let only = ids(&args.tool)?;
    // every tool is looked at, also when few are asked for: none of the others may get worse
    let subject = Subject {
        targets: args.targets,
        otherwise: Otherwise::Everybody,
        tools: ToolScope::All,
        depth: Depth::OneHandshake,
    };
    let observations = desk.look(subject, &SavedArgs::default())?;
    let judgement = judge(&observations);
    let handout = desk.handout(&observations, &judgement, &args.handout)?;
    if handout.is_refused() {
        return export::refused(desk, &handout);
    }
    let folder = desk.own_folder()?;
    let environment = desk.live.environment();
    let shell = args.shell.unwrap_or_else(|| Shell::usual(observations.platform.os, environment));
    // what is not started from here has another environment
    let there = match shell.context() {
        Context::Shell => environment.clone(),
        context => environment_in(context, None, environment, &observations.exports),
    };
    let prepared = prepare(&Order {
        observations: &observations,
        handout: &handout,
        environment: &there,
        folder: &folder,
        only: &only,
        prefer: args.prefer,
    });
    let hands = LiveHands::new(desk.live.clone());
    let written = act::export(&hands, &prepared.documents).map_err(|error| Failure::export(&error))?;

    let mut notes = settings::notes(&prepared.plan, shell, desk.notes_layout());
    let mut code = 0;
    if handout.authorities.is_empty() {
        let report = desk.redacted(&diagnose(&observations, &judgement))?;
        notes = present::report::conclusion(&report, desk.notes_layout()) + &notes;
        code = export::code_without_authorities(&report);
    }
    let answer = if desk.common.json {
        let settings = settings::report(&prepared.plan);
        present::json(&Printed { handout: handout::report(&handout), written: &written, settings })?
    } else {
        let rendered = shell.render(&prepared.plan.script).map_err(|error| Failure::unsayable(&error))?;
        for remark in &rendered.remarks {
            notes.push_str(&desk.notes_layout().paragraph(remark, 0, 2));
        }
        rendered.text
    };
    // the settings need the paths as they are, what is said about them does not
    let notes = desk.person().redact(&notes);
    Ok(Answer { answer, notes: desk.paint_notes(&notes), code })
}
