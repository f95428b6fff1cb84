//! `tool-verification-off`: a switch makes a tool accept any certificate.

use super::{ToolFound, Tools, say};
use crate::catalogue::schema::{On, Reach};
use crate::facts::Code;
use crate::facts::report::{Finding, Owner, Severity};
use crate::judge::tool::{SwitchedOff, ToolJudgement};

pub(super) fn rule(tools: &Tools<'_>) -> Vec<ToolFound> {
    let mut groups: Vec<(&SwitchedOff, Vec<usize>)> = Vec::new();
    for (index, judged) in tools.judged.iter().enumerate() {
        for off in &judged.trust.effective.off {
            match groups.iter_mut().find(|(known, _)| {
                known.place == off.place && known.value == off.value && known.row.reach == off.row.reach
            }) {
                Some((_, indices)) => indices.push(index),
                None => groups.push((off, vec![index])),
            }
        }
    }
    // where a switch is fully on for one tool, what it does to a part of another need not be told apart
    let wholly: Vec<_> =
        groups.iter().filter(|(o, _)| o.row.reach == Reach::All).map(|(o, _)| o.place.clone()).collect();
    groups.retain(|(off, _)| off.row.reach != Reach::Part || !wholly.contains(&off.place));
    let mut found: Vec<ToolFound> = groups
        .into_iter()
        .map(|(off, indices)| ToolFound { finding: switched_off(tools, off, &indices), tools: indices })
        .collect();
    found.extend(by_default(tools));
    found
}

fn switched_off(tools: &Tools<'_>, off: &SwitchedOff, indices: &[usize]) -> Finding {
    let rows: Vec<&ToolJudgement> = indices.iter().map(|i| &tools.judged[*i]).collect();
    let who = say::tools(rows.iter().copied());
    let place = say::place(&off.place);
    let value = say::value(&off.value);
    let message = match off.row.reach {
        Reach::All => format!("{place} switches the verification of certificates off in {who}."),
        Reach::Hosts => {
            let hosts = off.hosts();
            let hosts = if hosts.is_empty() { "the hosts it is set for" } else { &say::value(&hosts) };
            format!("{place} lets {who} accept any certificate of {hosts}.")
        }
        Reach::Names => format!("{place} lets {who} accept certificates of other names."),
        Reach::Part => format!("{place} switches verification off in a part of what {who} does."),
    };
    let (way_back, commands) = say::way_back(tools, &off.place);
    // an option that is there or not says nothing by its value, and a list of hosts has been told
    let is_told = off.row.on == On::Present || off.row.on == On::Filled && off.row.reach == Reach::Hosts;
    let mut finding = Finding::problem(Code::ToolVerificationOff, who, message)
        .evidence_from((!is_told).then(|| format!("Its value is {value}.")))
        .evidence("Whoever stands between this computer and the server can read and change everything sent.");
    finding = finding.evidence_from(say::who_sets(tools, &off.place));
    if off.row.reach == Reach::Part {
        finding = finding.severity(Severity::Information);
    }
    if let Some(note) = &off.row.note {
        finding = finding.evidence(sentence(note));
    }
    finding.value("place", say::where_it_stands(&off.place)).value("value", value).remedy_with(
        Owner::You,
        format!("{way_back}, and let the tool trust the CA instead: `trustgap env` says how."),
        commands,
    )
}

/// Tools that verify nothing unless the program that uses them asks for it.
fn by_default(tools: &Tools<'_>) -> Vec<ToolFound> {
    let all = tools.judged.iter().enumerate().filter(|(_, judged)| !judged.trust.effective.verifies);
    all.map(|(index, judged)| {
        let who = say::tool(judged);
        let finding = Finding::note(
            Code::ToolVerificationOff,
            who.clone(),
            format!("{who} verifies no certificate unless the program that uses it asks for it."),
        )
        .remedy(
            Owner::You,
            "Use a version that verifies, or ask for verification in the program.".to_owned(),
        );
        ToolFound { tools: vec![index], finding }
    })
    .collect()
}

/// A note of the catalogue as a sentence of its own.
fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}{}", letters.as_str(), if note.ends_with('.') { "" } else { "." })
}
