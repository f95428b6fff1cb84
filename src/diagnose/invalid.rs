//! `invalid-chain`: constraints, key usage, a signature that does not verify, a certificate that cannot be read.

use super::case::Case;
use super::profile::refusing;
use super::words::{excluded, list, quoted, subject_of};
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Code, Departure};
use crate::judge::trust::{Allowance, Hopeless};

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(verdict) = case.best() else { return Vec::new() };
    let start = |message: String| Finding::problem(Code::InvalidChain, case.subject(), message);
    let host = case.host();
    let finding = match &verdict.hopeless {
        Some(Hopeless::Unreadable { reason }) => Some(
            start(format!("The certificate of {host} cannot be read."))
                .evidence(format!("The parser stopped with {}.", quoted(reason)))
                .evidence("A client cannot tell whom such a certificate is for or who signed it."),
        ),
        Some(Hopeless::BadSignature { position, issuer }) => {
            let signed = verdict.path.get(*position).map(subject_of).unwrap_or_default();
            Some(
                start(format!("The chain of {host} is broken: the signature of {signed} is not that of its issuer."))
                    .evidence(format!("It names {} as its issuer, and that certificate's key did not make the signature.", subject_of(issuer)))
                    .evidence("A certificate that was changed after signing looks like this, and one that somebody made in another CA's name.")
                    .not(Code::UnknownIssuer, "the issuer's certificate is there")
                    .not(Code::MissingIntermediate, "the issuer's certificate is there")
                    .value("issuer_sha256", issuer.fingerprint().to_string()),
            )
        }
        Some(Hopeless::NoChain) => None,
        None => broken_rules(case, &start).or_else(|| unchecked(case, &start)),
    };
    let in_whose_name = match &verdict.hopeless {
        Some(Hopeless::BadSignature { issuer, .. }) => Some(issuer),
        _ => None,
    };
    let inspector_named = in_whose_name.is_some_and(|issuer| {
        let authorities = &case.world.judgement.inspection.authorities;
        authorities.iter().any(|a| a.certificate.as_ref() == Some(issuer))
    });
    let owner =
        if case.is_inspected() || inspector_named { Owner::ItDepartment } else { Owner::ServerOperator };
    finding
        .map(|f| {
            if inspector_named {
                return f.remedy(
                    owner,
                    "The CA that inspects here is named as the issuer, and did not sign: its gateway, or one of several, \
                     may have another CA of the same name. Until that is known, do not connect: whoever answers may not be \
                     the host.",
                );
            }
            if in_whose_name.is_some() {
                return f.remedy(
                    owner,
                    "Put the certificates in place once more as the CA delivered them: often the file of another CA of the \
                     same name was taken. If they are the CA's own, the CA has to issue them anew. Until then, do not \
                     connect: whoever answers may not be the host.",
                );
            }
            f.remedy(owner, "Whoever issued the certificate has to issue it anew, in the form RFC 5280 asks for. Clients cannot be told to accept it.")
        })
        .into_iter()
        .collect()
}

/// A signature or key of a kind that neither this program nor the strict clients can compute.
fn unchecked(case: &Case<'_>, start: &impl Fn(String) -> Finding) -> Option<Finding> {
    let verdict = case.best()?;
    let (position, algorithm) = verdict.allowances.iter().find_map(|a| match a {
        Allowance::UncheckedSignature { position, algorithm } => Some((*position, algorithm)),
        _ => None,
    })?;
    let signed = verdict.path.get(position).map(subject_of).unwrap_or_default();
    let issuer = verdict.path.get(position + 1).map_or_else(String::new, subject_of);
    Some(
        start(format!("A signature in the chain of {} cannot be checked, so what it leads to proves nothing.", case.host()))
            .certainty(Certainty::CannotTell)
            .evidence(format!("{signed} names {issuer} as its issuer; the algorithm {algorithm}, or the form of that key, is not one that this program computes."))
            .evidence("Clients on rustls refuse it for the same reason; OpenSSL may know more kinds.")
            .value("algorithm", algorithm.as_str()),
    )
}

fn broken_rules(case: &Case<'_>, start: &impl Fn(String) -> Finding) -> Option<Finding> {
    let verdict = case.best()?;
    let rules: Vec<(Option<usize>, &String)> = verdict
        .allowances
        .iter()
        .filter_map(|a| match a {
            Allowance::Profile { position, rule } => Some((*position, rule)),
            _ => None,
        })
        .collect();
    let (_, first) = rules.first()?;
    let mut finding = start(format!("The chain of {} breaks a rule: {first}.", case.host()));
    for (position, rule) in &rules {
        let whom = position.and_then(|p| verdict.path.get(p)).map(subject_of);
        if let Some(whom) = whom {
            finding = finding.evidence(format!("It concerns {whom}: {rule}."));
        }
    }
    if verdict.peculiarities.iter().any(|p| p.departure == Departure::LeafIsCa) {
        let strict = refusing(Departure::LeafIsCa, case.world.os());
        finding =
            finding.evidence(format!("Firefox and {} refuse that; many others overlook it.", list(&strict)));
    }
    if let Some(root) = verdict.root() {
        finding = finding.evidence(format!("The path that was judged leads to {}.", subject_of(root)));
    }
    Some(finding.value("rule", first.as_str()).not_from(excluded(case, verdict, &[])))
}
