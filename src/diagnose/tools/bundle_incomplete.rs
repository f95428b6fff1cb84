//! `tool-bundle-incomplete`: a setting that takes the place of the public roots names a file without them.

use super::{ToolFound, Tools, say};
use crate::facts::Code;
use crate::facts::report::{Finding, Owner};
use crate::judge::tool::{Part, Place, SetBy, ToolJudgement};

pub(super) fn rule(tools: &Tools<'_>) -> Vec<ToolFound> {
    let mut groups: Vec<(&Part, &Place, Vec<usize>)> = Vec::new();
    for (index, judged) in tools.judged.iter().enumerate() {
        if judged.trust.public != Some(false) || judged.trust.fails || !judged.trust.verifies {
            continue;
        }
        let Some((part, place)) = culprit(judged) else { continue };
        match groups.iter_mut().find(|(p, at, _)| p.source == part.source && *at == place) {
            Some((_, _, indices)) => indices.push(index),
            None => groups.push((part, place, vec![index])),
        }
    }
    groups
        .into_iter()
        .map(|(part, place, indices)| ToolFound {
            finding: incomplete(tools, part, place, &indices),
            tools: indices,
        })
        .collect()
}

/// Returns the part that stands where the public roots would be; a file that cannot be read is another finding.
fn culprit<'j>(judged: &'j ToolJudgement) -> Option<(&'j Part, &'j Place)> {
    judged.trust.effective.parts.iter().find_map(|part| match &part.set_by {
        SetBy::Setting(place) if judged.trust.faults.iter().all(|f| f.place != *place) => Some((part, place)),
        _ => None,
    })
}

fn incomplete(tools: &Tools<'_>, part: &Part, place: &Place, indices: &[usize]) -> Finding {
    let rows: Vec<&ToolJudgement> = indices.iter().map(|i| &tools.judged[*i]).collect();
    let who = say::tools(rows.iter().copied());
    let held = rows[0].trust.roots.len();
    let (way_back, commands) = say::way_back(tools, place);
    Finding::problem(
        Code::ToolBundleIncomplete,
        who.clone(),
        format!(
            "With {} {who} {} only the {held} certificate{} of {}: hosts that are not inspected will fail.",
            say::place(place),
            if rows.len() == 1 { "trusts" } else { "trust" },
            if held == 1 { "" } else { "s" },
            say::source(part)
        ),
    )
    .evidence(format!("{} takes the place of the roots that would be used without it.", say::place(place)))
    .evidence_from(say::who_sets(tools, place))
    .value("place", say::where_it_stands(place))
    .value("certificates", held)
    .remedy_with(
        Owner::You,
        format!("Let it name a file that holds all roots; `trustgap env` makes one. Or: {way_back}."),
        commands,
    )
}
