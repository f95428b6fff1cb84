//! `weak-signature` and `weak-key`: algorithms and sizes that clients no longer accept.

use super::case::Case;
use super::words::{excluded, list, subject_of};
use crate::facts::Code;
use crate::facts::report::{Finding, Owner};
use crate::judge::Verdict;
use crate::judge::trust::Allowance;

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(verdict) = case.best() else { return Vec::new() };
    [signature(case, verdict), key(case, verdict)].into_iter().flatten().collect()
}

fn signature(case: &Case<'_>, verdict: &Verdict) -> Option<Finding> {
    let weak: Vec<(usize, &String)> = verdict
        .allowances
        .iter()
        .filter_map(|a| match a {
            Allowance::WeakSignature { position, algorithm } => Some((*position, algorithm)),
            _ => None,
        })
        .collect();
    let (_, algorithm) = weak.first()?;
    let names: Vec<String> = weak.iter().filter_map(|(p, _)| verdict.path.get(*p)).map(subject_of).collect();
    let finding = Finding::problem(
        Code::WeakSignature,
        case.subject(),
        format!("The chain of {} is signed with {algorithm}, which clients no longer accept.", case.host()),
    )
    .evidence(format!("It is the signature of {}.", list(&names)))
    .evidence("Go, rustls, Java, browsers and OpenSSL at its usual security level refuse it; a root's own signature would not matter, this one does.")
    .not(Code::InvalidChain, "the signature is genuine, only its algorithm is too old")
    .not_from(excluded(case, verdict, &[]))
    .value("algorithm", algorithm.as_str())
    .value("certificates", names);
    Some(finding.remedy(owner(case), "The certificate has to be issued anew with SHA-256 or better."))
}

fn key(case: &Case<'_>, verdict: &Verdict) -> Option<Finding> {
    let weak: Vec<(usize, &String)> = verdict
        .allowances
        .iter()
        .filter_map(|a| match a {
            Allowance::WeakKey { position, key } => Some((*position, key)),
            _ => None,
        })
        .collect();
    let (position, key) = weak.first()?;
    let whose = verdict.path.get(*position).map(subject_of).unwrap_or_default();
    let message = match position {
        0 => format!("The certificate of {} has a weak key: {key}.", case.host()),
        _ => format!("A certificate in the chain of {} has a weak key: {whose}, {key}.", case.host()),
    };
    let finding = Finding::problem(Code::WeakKey, case.subject(), message)
        .evidence(format!("{whose} has {key}; clients ask for RSA of at least 2048 bits or an elliptic curve of at least 224."))
        .evidence("Debian's and other OpenSSL at security level 2, rustls and browsers refuse it; some older clients still connect.")
        .not_from(excluded(case, verdict, &[]))
        .value("key", key.as_str())
        .value("certificate", whose);
    Some(
        finding
            .remedy(owner(case), "A new key and a new certificate are needed: RSA with 2048 bits, or P-256."),
    )
}

fn owner(case: &Case<'_>) -> Owner {
    if case.is_inspected() { Owner::ItDepartment } else { Owner::ServerOperator }
}
