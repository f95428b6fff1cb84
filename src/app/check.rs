//! `check`: look, judge, diagnose, say.

use super::looking::{Otherwise, Subject};
use super::tools::ids;
use super::{Answer, Desk, Failure};
use crate::cli::CheckArgs;
use crate::diagnose::{diagnose, since};
use crate::judge::judge;
use crate::observe::{Depth, ToolScope};
use crate::present;

/// Looks at the targets (or reads what was seen) and says what is wrong.
pub(super) fn check(desk: &Desk, args: CheckArgs) -> Result<Answer, Failure> {
    let CheckArgs { targets, tool, baseline, saved } = args;
    // read first: `--record` may write to the same file
    let baseline = baseline.map(|path| desk.baseline(&path)).transpose()?;
    // whoever names a host waits for that host alone; `tools` and `verify` are for the rest
    let tools = match (ids(&tool)?, targets.is_empty() && desk.looking.hosts_file.is_none()) {
        (ids, _) if !ids.is_empty() => ToolScope::Only(ids),
        (_, true) => ToolScope::All,
        (_, false) => ToolScope::None,
    };
    let subject = Subject { targets, otherwise: Otherwise::Everybody, tools, depth: Depth::OneHandshake };
    let observations = desk.look(subject, &saved)?;
    let mut report = diagnose(&observations, &judge(&observations));
    if let Some(before) = baseline {
        report.changes = Some(since(&diagnose(&before, &judge(&before)), &report));
        report.baseline_time = Some(before.time);
    }
    let report = desk.redacted(&report)?;
    let answer = if desk.common.json {
        present::json(&report)?
    } else {
        desk.paint(&present::report::text(&report, desk.layout()))
    };
    Ok(Answer { answer, code: report.exit_code(), ..Answer::default() })
}
