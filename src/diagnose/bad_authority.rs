//! `known-bad-ca`: a CA whose private key is public signs a host, or lies in a store.

use super::Found;
use super::case::World;
use super::words::{quoted, subject_of};
use crate::catalogue::bad_authorities::{self, BadAuthority};
use crate::facts::report::{Finding, Owner, Severity};
use crate::facts::{Certificate, Code};

pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    let mut found: Vec<(&'static BadAuthority, Certificate, Vec<usize>)> = Vec::new();
    let mut note = |bad, certificate: &Certificate, target: Option<usize>| match found
        .iter_mut()
        .find(|(_, known, _)| known == certificate)
    {
        Some((_, _, targets)) => targets.extend(target),
        None => found.push((bad, certificate.clone(), target.into_iter().collect())),
    };
    for case in world.cases() {
        for certificate in case.best().map_or(&[][..], |v| &v.path) {
            if let Some(bad) = bad_authorities::find(certificate) {
                note(bad, certificate, Some(case.index));
            }
        }
    }
    for root in &world.observations.stores.system.roots {
        if let Some(bad) = bad_authorities::find(&root.certificate) {
            note(bad, &root.certificate, None);
        }
    }
    found.into_iter().map(|(bad, certificate, targets)| about(*world, bad, &certificate, targets)).collect()
}

fn about(world: World<'_>, bad: &BadAuthority, certificate: &Certificate, targets: Vec<usize>) -> Found {
    let stores = &world.observations.stores;
    let in_system = stores.system.contains(certificate);
    let name = subject_of(certificate);
    let hosts: Vec<String> = targets.iter().filter_map(|i| world.case(*i)).map(|c| c.host()).collect();
    let subject = targets.first().and_then(|i| world.case(*i)).map_or_else(|| name.clone(), |c| c.subject());
    let message = match (hosts.as_slice(), in_system) {
        ([], _) => format!("The system store trusts {name}, a CA whose private key is public."),
        (hosts, _) => format!(
            "{} is signed by {name}, a CA whose private key is public.",
            super::words::some(hosts, "hosts")
        ),
    };
    let mut finding = Finding::problem(Code::KnownBadCa, subject, message)
        .evidence(format!("{} was {}.", quoted(&bad.name), bad.why))
        .evidence("Anybody who has the key can pretend to be any site to a computer that trusts this CA.")
        .evidence(if in_system {
            "The system store of this computer holds it."
        } else {
            "No store of this computer holds it."
        })
        .value("sha256", certificate.fingerprint().to_string())
        .value("known_as", bad.name.as_str())
        .value("sources", bad.source.clone());
    finding = if targets.is_empty() {
        finding.not(Code::TlsInspected, "none of the hosts looked at leads to it")
    } else {
        finding.not(Code::PrivateCa, "a private CA keeps its key to itself")
    };
    if stores.web.contains(certificate) {
        // somebody gave this CA as a web root on purpose, as a test bench does
        finding = finding
            .severity(Severity::Information)
            .evidence("It is among the roots given in place of Mozilla's, so what it signs was accepted.");
    }
    let finding = finding.remedy(
        Owner::ItDepartment,
        "Remove the CA from every store of this computer and the program that installed it, and look for signs of misuse. \
         trustgap never exports it.",
    );
    Found { targets, finding }
}
