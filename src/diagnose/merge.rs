//! Puts findings together that say the same about several hosts: one sentence about all is read, ten alike are not.

use super::Found;
use super::case::{Case, World};
use super::words::some;
use super::{profile, wire};
use crate::facts::Code;
use crate::facts::report::Finding;

/// Puts findings together whose hosts share a fate; the place of the first one is theirs.
pub(super) fn merged(world: &World<'_>, found: Vec<Found>) -> Vec<Found> {
    let mut groups: Vec<(Option<Fate>, Vec<Found>)> = Vec::new();
    for own in found {
        let fate = Fate::of(world, &own);
        match groups.iter_mut().find(|(known, _)| fate.is_some() && *known == fate) {
            Some((_, members)) => members.push(own),
            None => groups.push((fate, vec![own])),
        }
    }
    groups.into_iter().map(|(fate, members)| together(world, fate, members)).collect()
}

/// What several findings have in common.
#[derive(PartialEq, Eq)]
struct Fate {
    manner: Manner,
    code: Code,
    /// What was seen, without the name of the host it was seen at.
    said: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// One inspector made the same mistake everywhere.
    Inspector(usize),
    /// Their chains depart from the profile in the same way.
    Profile,
    /// They ended in the same way before any certificate decided.
    Wire,
}

impl Fate {
    fn of(world: &World<'_>, found: &Found) -> Option<Self> {
        let [target] = found.targets.as_slice() else { return None };
        let case = world.case(*target)?;
        let Finding { code, message, evidence, .. } = &found.finding;
        let manner = Manner::of(&case, *code)?;
        let said = match manner {
            Manner::Inspector(_) => {
                let host = case.look.target.host.to_string();
                std::iter::once(message).chain(evidence).map(|text| text.replace(&host, "")).collect()
            }
            Manner::Profile | Manner::Wire => evidence.clone(),
        };
        Some(Self { manner, code: *code, said })
    }
}

impl Manner {
    fn of(case: &Case<'_>, code: Code) -> Option<Self> {
        match code {
            Code::StrictProfile => Some(Self::Profile),
            Code::ConnectionReset
            | Code::HandshakeFailed
            | Code::LegacyTlsOnly
            | Code::NameNotResolved
            | Code::NotTls
            | Code::Refused
            | Code::Timeout
            | Code::TlsVersionRefused
            | Code::Unreachable => Some(Self::Wire),
            Code::Expired
            | Code::InvalidChain
            | Code::MissingIntermediate
            | Code::NameMismatch
            | Code::NotYetValid
            | Code::WeakKey
            | Code::WeakSignature => case.judged.inspection.authority.map(Self::Inspector),
            _ => None,
        }
    }
}

fn together(world: &World<'_>, fate: Option<Fate>, mut members: Vec<Found>) -> Found {
    // what is a problem at one host is no note because it is only a note at a control site
    members.sort_by_key(|found| found.finding.severity);
    let targets: Vec<usize> = members.iter().flat_map(|found| found.targets.iter().copied()).collect();
    let cases: Vec<Case<'_>> = targets.iter().filter_map(|index| world.case(*index)).collect();
    let finding = members.swap_remove(0).finding;
    let Some(Fate { manner, .. }) = fate.filter(|_| cases.len() > 1) else {
        return Found { targets, finding };
    };
    let finding = match manner {
        Manner::Inspector(_) => {
            let others: Vec<String> = cases[1..].iter().map(Case::host).collect();
            let (holds, them) = (some(&others, "hosts"), if others.len() == 1 { "it" } else { "them" });
            finding.evidence(format!("The same holds for {holds}: the same CA signs for {them}."))
        }
        Manner::Profile => profile::several(finding, &cases),
        Manner::Wire => wire::several(finding, &cases),
    };
    let named: Vec<String> = cases.iter().map(Case::subject).collect();
    Found { targets, finding: finding.value("targets", named) }
}
