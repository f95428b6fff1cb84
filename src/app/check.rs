//! `check`: look, judge, diagnose, say.

use super::{Answer, Desk, Failure};
use crate::cli::CheckArgs;
use crate::observe::ToolScope;
use crate::observe::record;

/// Looks at the targets (or reads what was seen). Until judging is joined up, the answer is what was seen.
pub(super) fn check(desk: &Desk, args: CheckArgs) -> Result<Answer, Failure> {
    let observations = desk.look(args, ToolScope::None)?;
    Ok(Answer { answer: record::write(&observations, &desk.person())?, ..Answer::default() })
}
