//! `check`: look, judge, diagnose, say.

use super::looking::{Otherwise, Subject};
use super::{Answer, Desk, Failure};
use crate::cli::CheckArgs;
use crate::diagnose::diagnose;
use crate::judge::judge;
use crate::observe::{Depth, ToolScope};
use crate::present;

/// Looks at the targets (or reads what was seen) and says what is wrong.
pub(super) fn check(desk: &Desk, args: CheckArgs) -> Result<Answer, Failure> {
    let CheckArgs { targets, saved } = args;
    // whoever names a host waits for that host alone; `tools` and `verify` are for the rest
    let tools = if targets.is_empty() && desk.looking.hosts_file.is_none() {
        ToolScope::All
    } else {
        ToolScope::None
    };
    let subject = Subject { targets, otherwise: Otherwise::Everybody, tools, depth: Depth::OneHandshake };
    let observations = desk.look(subject, &saved)?;
    let report = diagnose(&observations, &judge(&observations));
    let report = desk.redacted(&report)?;
    let answer = if desk.common.json {
        present::json(&report)?
    } else {
        desk.paint(&present::report::text(&report, desk.layout()))
    };
    Ok(Answer { answer, code: report.exit_code(), ..Answer::default() })
}
