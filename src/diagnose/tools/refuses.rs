//! `strict-profile` of a tool: it trusts the CA, and the library it verifies with refuses the form of a certificate.

use super::{ToolFound, Tools, say};
use crate::catalogue::verifiers::Verifier;
use crate::diagnose::profile::{demand, until_then};
use crate::diagnose::words::{list, subject_of};
use crate::facts::report::{Finding, Owner};
use crate::facts::{Certificate, Code, Departure, Observations};
use crate::judge::Judgement;
use crate::judge::tool::{Needed, View};
use crate::judge::trust::anchor_peculiarities;

/// A departure in a chain of this network, with the certificate as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Met {
    whom: String,
    departure: Departure,
}

/// Returns what is peculiar about the chains that tools meet here, each once.
pub(super) fn met(judgement: &Judgement, needed: &Needed) -> Vec<Met> {
    let mut met: Vec<Met> = Vec::new();
    let mut add = |whom: String, departure: Departure| {
        let one = Met { whom, departure };
        if !met.contains(&one) {
            met.push(one);
        }
    };
    match needed {
        Needed::Met(_) => {
            let trust = judgement.targets.iter().filter_map(|t| t.trust.as_ref());
            for verdict in trust.filter(|t| !t.web.is_trusted()).map(|t| &t.system) {
                for peculiarity in verdict.peculiarities.iter().filter(|_| verdict.is_trusted()) {
                    let certificate = verdict.path.get(peculiarity.position);
                    let whom = match certificate {
                        Some(certificate) if peculiarity.position > 0 => subject_of(certificate),
                        _ => "the servers' certificates".to_owned(),
                    };
                    add(whom, peculiarity.departure);
                }
            }
        }
        Needed::Added(authorities) => {
            for certificate in authorities {
                for peculiarity in anchor_peculiarities(certificate) {
                    add(subject_of(certificate), peculiarity.departure);
                }
            }
        }
    }
    met
}

pub(super) fn rule(tools: &Tools<'_>) -> Vec<ToolFound> {
    let mut groups: Vec<(&'static Verifier, Vec<usize>)> = Vec::new();
    for (index, judged) in tools.judged.iter().enumerate() {
        if judged.trust.network != Some(true) || !judged.trust.verifies {
            continue;
        }
        let Some(verifier) = view(tools.observations, judged).verifier() else { continue };
        if !tools.met.iter().any(|met| verifier.refuses(met.departure)) {
            continue;
        }
        match groups.iter_mut().find(|(known, _)| *known == verifier) {
            Some((_, indices)) => indices.push(index),
            None => groups.push((verifier, vec![index])),
        }
    }
    groups
        .into_iter()
        .map(|(verifier, indices)| ToolFound { finding: refuses(tools, verifier, &indices), tools: indices })
        .collect()
}

fn view<'a>(observations: &'a Observations, judged: &super::ToolJudgement<'a>) -> View<'a> {
    let environment = &observations.environment;
    View { tool: judged.tool, look: judged.look, environment, os: observations.platform.os }
}

fn refuses(tools: &Tools<'_>, verifier: &Verifier, indices: &[usize]) -> Finding {
    let who = say::tools(indices.iter().map(|i| &tools.judged[*i]));
    let authorities: Vec<String> = tools.needed.certificates().iter().map(subject_of).collect();
    let (trust, refuse) = if indices.len() == 1 { ("trusts", "refuses") } else { ("trust", "refuse") };
    let refused: Vec<&Met> = tools.met.iter().filter(|met| verifier.refuses(met.departure)).collect();
    let departures: Vec<Departure> = refused.iter().map(|met| met.departure).collect();
    let mut wanted: Vec<String> = Vec::new();
    for met in &refused {
        let one = demand(met.departure).to_owned();
        if !wanted.contains(&one) {
            wanted.push(one);
        }
    }
    let message = format!("{who} {trust} {} and {refuse} its chain all the same.", list(&authorities));
    Finding::problem(Code::StrictProfile, who, message)
        .evidence_from(
            refused.iter().map(|met| format!("Refused in {}: {}.", met.whom, met.departure.what())),
        )
        .value("lacks", wanted.clone())
        .value("authorities", tools.needed.certificates().iter().map(fingerprint).collect::<Vec<_>>())
        .not(Code::ToolLacksCa, "the CA is among its roots; no setting of CAs helps")
        .remedy(
            Owner::ItDepartment,
            format!(
                "The certificates have to be issued anew, with {}.{}",
                list(&wanted),
                until_then(&[verifier], &departures)
            ),
        )
}

fn fingerprint(certificate: &Certificate) -> String {
    certificate.fingerprint().to_string()
}
