//! `tools`: every toolchain found, which roots it uses, who said so, and what is wrong.

use super::looking::{Otherwise, Subject};
use super::{Answer, Desk, Failure};
use crate::catalogue;
use crate::cli::{SavedArgs, ToolsArgs};
use crate::diagnose::diagnose;
use crate::facts::ToolId;
use crate::judge::judge;
use crate::observe::{Depth, ToolScope};
use crate::present;
use crate::text::sanitise;

/// Looks at the toolchains; at all of them, or at those that are named, in full.
pub(super) fn tools(desk: &Desk, args: &ToolsArgs) -> Result<Answer, Failure> {
    let scope = scope(&args.tools)?;
    let subject = Subject {
        targets: Vec::new(),
        otherwise: Otherwise::Nobody,
        tools: scope,
        depth: Depth::OneHandshake,
    };
    let observations = desk.look(subject, &SavedArgs::default())?;
    let report = desk.redacted(&diagnose(&observations, &judge(&observations)))?;
    let answer = if desk.common.json {
        present::json(&report)?
    } else {
        let in_full = !args.tools.is_empty();
        desk.paint(&present::tools::text(&report, in_full, desk.layout()))
    };
    Ok(Answer { answer, code: report.exit_code(), ..Answer::default() })
}

/// Which toolchains are meant: all, or the named ones.
fn scope(names: &[String]) -> Result<ToolScope, Failure> {
    Ok(if names.is_empty() { ToolScope::All } else { ToolScope::Only(ids(names)?) })
}

/// The ids of tools that the user named.
pub(super) fn ids(names: &[String]) -> Result<Vec<ToolId>, Failure> {
    let known = |name: &String| {
        let id = ToolId(name.to_ascii_lowercase());
        match catalogue::tool(&id) {
            Some(tool) => Ok(tool.id.clone()),
            None => Err(Failure::usage(format!("`{}` is not a tool that trustgap knows", sanitise(name)))
                .hint(format!("it knows {}", all_names()))),
        }
    };
    names.iter().map(known).collect()
}

fn all_names() -> String {
    catalogue::tools().iter().map(|tool| tool.id.0.as_str()).collect::<Vec<_>>().join(", ")
}
