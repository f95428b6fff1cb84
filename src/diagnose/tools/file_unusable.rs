//! `tool-ca-file-unusable`: a setting names a file that the tool cannot use, wholly or in part.

use super::{ToolFound, Tools, say};
use crate::facts::Code;
use crate::facts::report::{Finding, Owner, Severity};
use crate::judge::reader::{Ending, Fault};
use crate::judge::tool::{FileFault, ToolJudgement};
use crate::text::sanitise;

/// A fault, and the installations that meet it.
struct Group<'t> {
    fault: &'t FileFault,
    tools: Vec<usize>,
}

pub(super) fn rule(tools: &Tools<'_>) -> Vec<ToolFound> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, judged) in tools.judged.iter().enumerate() {
        for fault in &judged.trust.faults {
            let same = |g: &&mut Group| {
                g.fault.path == fault.path && g.fault.place == fault.place && g.fault.fault == fault.fault
            };
            match groups.iter_mut().find(same) {
                Some(group) if group.tools.contains(&index) => {}
                Some(group) => group.tools.push(index),
                None => groups.push(Group { fault, tools: vec![index] }),
            }
        }
    }
    groups
        .into_iter()
        .map(|group| ToolFound { finding: unusable(tools, &group), tools: group.tools })
        .collect()
}

fn unusable(tools: &Tools<'_>, group: &Group) -> Finding {
    let rows: Vec<&ToolJudgement> = group.tools.iter().map(|i| &tools.judged[*i]).collect();
    let FileFault { place, path, .. } = group.fault;
    let path = sanitise(path);
    let who = say::tools(rows.iter().copied());
    let works = rows.iter().all(|r| r.trust.network != Some(false) && r.trust.public != Some(false));
    let (way_back, commands) = say::way_back(tools, place);
    let finding = Finding::problem(
        Code::ToolCaFileUnusable,
        who.clone(),
        format!("{} names {path}, {}.", say::place(place), what(&group.fault.fault)),
    );
    let mut finding = if works { finding.severity(Severity::Information) } else { finding };
    for ending in [Ending::Fails, Ending::Ignored, Ending::Used] {
        let those: Vec<_> =
            rows.iter().copied().filter(|r| ending_of(r, group.fault) == Some(ending)).collect();
        let (one, several) = doing(ending, &group.fault.fault);
        let verb = say::verb(those.len(), one, several);
        let named = say::tools(those);
        finding = finding.evidence_from((!named.is_empty()).then(|| format!("{named} {verb}.")));
    }
    finding
        .evidence_from(say::who_sets(tools, place))
        .value("path", path)
        .value("setting", group.fault.setting.clone())
        .value("place", say::where_it_stands(place))
        .remedy_with(
            Owner::You,
            format!("{way_back}, or let it name a file that can be read; `trustgap env` makes one."),
            commands,
        )
}

fn ending_of(judged: &ToolJudgement, fault: &FileFault) -> Option<Ending> {
    let own = judged.trust.faults.iter().find(|f| f.place == fault.place && f.path == fault.path);
    own.map(|f| f.ending)
}

/// What a tool does with such a file, and what several do.
fn doing(ending: Ending, fault: &Fault) -> (&'static str, &'static str) {
    match (ending, fault) {
        (Ending::Fails, _) => ("refuses to connect with it", "refuse to connect with it"),
        (Ending::Ignored, _) => (
            "goes on as if the setting were not there, without trusting anything from it",
            "go on as if the setting were not there, without trusting anything from it",
        ),
        (Ending::Used, Fault::Lost { .. }) => ("takes what is left of it", "take what is left of it"),
        (Ending::Used, _) => ("goes on without a root from it", "go on without a root from it"),
    }
}

/// What is wrong, as a relative clause.
fn what(fault: &Fault) -> String {
    match fault {
        Fault::File => "which is a file, and a folder is read".to_owned(),
        Fault::Folder => "which is a folder, and a file is read".to_owned(),
        Fault::Lost { held, problem } => format!(
            "which cannot be read whole ({problem}; it holds {held} certificate{} besides)",
            if *held == 1 { "" } else { "s" }
        ),
        Fault::Missing => "which does not exist".to_owned(),
        Fault::NoCertificate { der: true, .. } => {
            "which is a DER certificate where PEM text is read".to_owned()
        }
        Fault::NoCertificate { problem: Some(problem), .. } => format!("which is of no use: {problem}"),
        Fault::NoCertificate { problem: None, .. } => "which holds no certificate".to_owned(),
        Fault::NotHashed => {
            "a folder whose files do not have the hashed names that are looked for".to_owned()
        }
        Fault::Unreadable(message) => format!("which cannot be read: {}", sanitise(message)),
        Fault::Unopened(why) => format!("which cannot be opened: {}", sanitise(why)),
    }
}
