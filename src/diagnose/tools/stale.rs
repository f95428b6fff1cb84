//! `tool-setting-stale`: a setting's file holds an outdated copy of the CA, or one that has ended.

use std::collections::BTreeSet;

use super::{ToolFound, Tools, say};
use crate::diagnose::words::{list, subject_of};
use crate::facts::report::{Finding, Owner, Severity};
use crate::facts::{Certificate, Code};
use crate::judge::tool::{Part, Place, SetBy, Source, ToolJudgement};

pub(super) fn rule(tools: &Tools<'_>) -> Vec<ToolFound> {
    let mut groups: Vec<(&Part, &Place, Vec<String>, Vec<usize>)> = Vec::new();
    for (index, judged) in tools.judged.iter().enumerate() {
        for part in &judged.trust.effective.parts {
            let SetBy::Setting(place) = &part.set_by else { continue };
            if !matches!(part.source, Source::File(_) | Source::Inline(_) | Source::Keystore(_)) {
                continue;
            }
            let outdated = outdated(tools, judged);
            if outdated.is_empty() {
                continue;
            }
            match groups.iter_mut().find(|(p, at, _, _)| p.source == part.source && *at == place) {
                Some((_, _, _, indices)) => indices.push(index),
                None => groups.push((part, place, outdated, vec![index])),
            }
        }
    }
    groups
        .into_iter()
        .map(|(part, place, outdated, indices)| ToolFound {
            finding: stale(tools, part, place, &outdated, &indices),
            tools: indices,
        })
        .collect()
}

/// Says what is outdated: a CA of the same name as one that is needed, with another key; or a local one that has ended.
fn outdated(tools: &Tools<'_>, judged: &ToolJudgement) -> Vec<String> {
    let web: BTreeSet<_> =
        tools.observations.stores.web.roots.iter().map(|r| r.certificate.fingerprint()).collect();
    let held = judged.trust.roots.iter().chain(&judged.trust.idle);
    let own = held.filter(|c| !web.contains(&c.fingerprint()));
    let mut sentences: Vec<String> = own.filter_map(|c| why(tools, judged, c)).collect();
    sentences.dedup();
    sentences
}

fn why(tools: &Tools<'_>, judged: &ToolJudgement, certificate: &Certificate) -> Option<String> {
    let details = certificate.details().ok()?;
    let namesake = judged.trust.lacks.iter().find(|needed| {
        needed.details().is_ok_and(|d| d.subject == details.subject && d.spki_sha256 != details.spki_sha256)
    });
    if namesake.is_some() {
        return Some(format!("It holds an older {} with another key.", subject_of(certificate)));
    }
    let is_local =
        tools.needed.certificates().iter().any(|n| n.details().is_ok_and(|d| d.subject == details.subject));
    (is_local && details.not_after < tools.observations.time).then(|| {
        format!("It holds {}, which ended on {}.", subject_of(certificate), details.not_after.date())
    })
}

fn stale(tools: &Tools<'_>, part: &Part, place: &Place, outdated: &[String], indices: &[usize]) -> Finding {
    let rows: Vec<&ToolJudgement> = indices.iter().map(|i| &tools.judged[*i]).collect();
    let who = say::tools(rows.iter().copied());
    let lacks: Vec<String> = rows[0].trust.lacks.iter().map(subject_of).collect();
    let works = lacks.is_empty();
    Finding::problem(
        Code::ToolSettingStale,
        who.clone(),
        format!("{} gives {who} an outdated copy of the CA: {}.", say::place(place), say::source(part)),
    )
    .severity(if works { Severity::Information } else { Severity::Problem })
    .evidence_from(outdated.iter().cloned())
    .evidence_from((!works).then(|| format!("The one in use now, {}, is not in it.", list(&lacks))))
    .value("place", say::where_it_stands(place))
    .remedy_with(
        Owner::You,
        "Bring the file up to date, or let the setting name the file that `trustgap env` makes.",
        vec!["trustgap env".to_owned()],
    )
}
