//! `tool-setting-overridden`: a setting that would matter is beaten by a stronger one.

use super::{ToolFound, Tools, say};
use crate::facts::Code;
use crate::facts::report::{Finding, Owner, Severity};
use crate::judge::tool::{Place, Seen, Standing, ToolJudgement};

/// A beaten setting, what beats it, and the installations in which it does.
struct Group<'t> {
    seen: &'t Seen<'t>,
    by: &'t str,
    winner: Option<&'t Place>,
    tools: Vec<usize>,
}

pub(super) fn rule(tools: &Tools<'_>) -> Vec<ToolFound> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, judged) in tools.judged.iter().enumerate() {
        for (seen, standing) in &judged.trust.effective.settings {
            let Standing::Overridden { by, place } = standing else { continue };
            if says_the_same(judged, seen, by, place.as_ref()) {
                continue;
            }
            let same =
                |g: &&mut Group| g.seen.place == seen.place && g.by == by && g.winner == place.as_ref();
            match groups.iter_mut().find(same) {
                Some(group) => group.tools.push(index),
                None => groups.push(Group { seen, by, winner: place.as_ref(), tools: vec![index] }),
            }
        }
    }
    groups
        .into_iter()
        .map(|group| ToolFound { finding: overridden(tools, &group), tools: group.tools })
        .collect()
}

/// Whether winner and loser name the same thing, or the file and its own folder: then nobody is misled.
fn says_the_same(judged: &ToolJudgement, loser: &Seen, by: &str, winner: Option<&Place>) -> bool {
    let settings = &judged.trust.effective.settings;
    let of_winner = settings.iter().map(|(seen, _)| seen).find(|seen| match winner {
        Some(place) => seen.place == *place,
        None => seen.row.at.name() == by,
    });
    of_winner.is_some_and(|winner| {
        let rest = winner.value.strip_prefix(loser.value.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || !loser.value.is_empty() && rest.starts_with('/'))
    })
}

fn overridden(tools: &Tools<'_>, group: &Group) -> Finding {
    let rows: Vec<&ToolJudgement> = group.tools.iter().map(|i| &tools.judged[*i]).collect();
    let who = say::tools(rows.iter().copied());
    let winner = group.winner.map_or_else(|| format!("`{}`", group.by), say::place);
    let severity = if rows.iter().any(|r| r.trust.network == Some(false)) {
        Severity::Problem
    } else {
        Severity::Information
    };
    let (way_back, commands) = match group.winner {
        Some(place) => say::way_back(tools, place),
        None => say::way_back(tools, &Place::Variable(group.by.to_owned())),
    };
    Finding::problem(
        Code::ToolSettingOverridden,
        who.clone(),
        format!("{} has no effect on {who}: {winner} beats it.", say::place(&group.seen.place)),
    )
    .severity(severity)
    .evidence(format!("{} is {}.", say::place(&group.seen.place), say::value(&group.seen.value)))
    .value("place", say::where_it_stands(&group.seen.place))
    .value("beaten_by", winner)
    .remedy_with(Owner::You, format!("{way_back} if the other one is meant to count."), commands)
}
