//! `tool-lacks-ca`: a tool does not trust a CA that is met here and that the system store holds.

use super::{ToolFound, Tools, say};
use crate::diagnose::words::{list, subject_of};
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Certificate, Code};
use crate::judge::tool::{Needed, ToolJudgement};

pub(super) fn rule(tools: &Tools<'_>) -> Vec<ToolFound> {
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, judged) in tools.judged.iter().enumerate() {
        if judged.trust.network != Some(false) || !judged.trust.verifies || judged.trust.lacks.is_empty() {
            continue;
        }
        let key = format!("{} {}", judged.look.id, say::roots(judged));
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, indices)) => indices.push(index),
            None => groups.push((key, vec![index])),
        }
    }
    groups
        .into_iter()
        .map(|(_, indices)| ToolFound { finding: lacks(tools, &indices), tools: indices })
        .collect()
}

fn lacks(tools: &Tools<'_>, indices: &[usize]) -> Finding {
    let rows: Vec<&ToolJudgement> = indices.iter().map(|i| &tools.judged[*i]).collect();
    let first = rows[0];
    let names: Vec<String> = first.trust.lacks.iter().map(subject_of).collect();
    let who = say::tools(rows.iter().copied());
    let mut finding = Finding::problem(
        Code::ToolLacksCa,
        who.clone(),
        format!("{who} {} not trust {}.", if rows.len() == 1 { "does" } else { "do" }, list(&names)),
    )
    .evidence(format!("Its roots are {}.", say::roots(first)));
    finding = match &tools.needed {
        Needed::Met(_) => finding.evidence(format!(
            "Servers that were looked at lead to {}, which the system store holds.",
            list(&names)
        )),
        Needed::Added(_) => finding.certainty(Certainty::LooksLike).evidence(format!(
            "Somebody with administrator rights added {} to the system store; no server was looked at.",
            list(&names)
        )),
    };
    let id = &first.look.id;
    finding
        .value("paths", rows.iter().map(|r| crate::text::sanitise(&r.look.path)).collect::<Vec<_>>())
        .value("lacks", first.trust.lacks.iter().map(fingerprint).collect::<Vec<_>>())
        .remedy_with(
            Owner::You,
            format!("Give {id} the CA. The settings are for this computer in this network."),
            vec![format!("trustgap env --tool {id}"), format!("trustgap verify --tool {id}")],
        )
}

fn fingerprint(certificate: &Certificate) -> String {
    certificate.fingerprint().to_string()
}
