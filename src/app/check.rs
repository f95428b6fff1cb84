//! `check`: look, judge, diagnose, say.

use super::looking::redacted;
use super::{Answer, Desk, Failure};
use crate::cli::CheckArgs;
use crate::diagnose::diagnose;
use crate::judge::judge;
use crate::observe::ToolScope;
use crate::present;

/// Looks at the targets (or reads what was seen) and says what is wrong.
pub(super) fn check(desk: &Desk, args: CheckArgs) -> Result<Answer, Failure> {
    let observations = desk.look(args, ToolScope::None)?;
    let report = diagnose(&observations, &judge(&observations));
    let report = redacted(&report, &desk.person())?;
    let answer = if desk.common.json {
        present::json(&report)?
    } else {
        desk.paint(&present::report::text(&report, desk.layout()))
    };
    Ok(Answer { answer, code: report.exit_code(), ..Answer::default() })
}
