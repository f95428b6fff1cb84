//! `tool-lacks-ca`: a tool does not trust a CA that is met here and that the system store holds.

use super::{ToolFound, Tools, say};
use crate::diagnose::words::{list, set_and_verify, subject_of};
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Certificate, Code};
use crate::judge::tool::{Needed, ToolJudgement};
use crate::text::sanitise;

pub(super) fn rule(tools: &Tools<'_>) -> Vec<ToolFound> {
    let mut groups: Vec<(&[Certificate], Vec<usize>)> = Vec::new();
    for (index, judged) in tools.judged.iter().enumerate() {
        if judged.trust.network != Some(false) || !judged.trust.verifies || judged.trust.lacks.is_empty() {
            continue;
        }
        match groups.iter_mut().find(|(lacks, _)| *lacks == judged.trust.lacks) {
            Some((_, indices)) => indices.push(index),
            None => groups.push((&judged.trust.lacks, vec![index])),
        }
    }
    groups
        .into_iter()
        .map(|(missing, indices)| ToolFound { finding: lacks(tools, missing, &indices), tools: indices })
        .collect()
}

fn lacks(tools: &Tools<'_>, missing: &[Certificate], indices: &[usize]) -> Finding {
    let rows: Vec<&ToolJudgement> = indices.iter().map(|i| &tools.judged[*i]).collect();
    let names: Vec<String> = missing.iter().map(subject_of).collect();
    let who = say::tools(rows.iter().copied());
    let mut finding = Finding::problem(
        Code::ToolLacksCa,
        who.clone(),
        format!("{who} {} not trust {}.", if rows.len() == 1 { "does" } else { "do" }, list(&names)),
    );
    let which = if names.len() == 1 { "it" } else { "them" };
    finding = match &tools.needed {
        Needed::Met(_) => finding.evidence(format!(
            "Servers that were looked at lead to {which}, and the system store holds {which}.",
        )),
        Needed::Added(_) => finding.certainty(Certainty::LooksLike).evidence(format!(
            "Somebody with administrator rights added {which} to the system store; no server was looked at.",
        )),
    };
    let mut roots: Vec<(String, Vec<&ToolJudgement>)> = Vec::new();
    for row in &rows {
        let own = say::roots(row);
        match roots.iter_mut().find(|(known, _)| *known == own) {
            Some((_, those)) => those.push(row),
            None => roots.push((own, vec![row])),
        }
    }
    finding = finding.evidence_from(
        roots.iter().map(|(own, those)| format!("Roots of {}: {own}.", say::tools(those.iter().copied()))),
    );
    let mut ids: Vec<&str> = rows.iter().map(|r| r.look.id.0.as_str()).collect();
    ids.dedup();
    finding
        .value("paths", rows.iter().map(|r| sanitise(&r.look.path)).collect::<Vec<_>>())
        .value("lacks", missing.iter().map(fingerprint).collect::<Vec<_>>())
        .remedy_with(
            Owner::You,
            "Let these tools trust the CA; the settings are for this computer in this network.",
            set_and_verify(tools.observations.platform.os, &ids),
        )
}

fn fingerprint(certificate: &Certificate) -> String {
    certificate.fingerprint().to_string()
}
