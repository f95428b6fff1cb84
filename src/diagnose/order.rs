//! `wrong-chain-order`: everything is there, in an order that RFC 5246 forbids.

use super::case::Case;
use super::words::{excluded, subject_of};
use crate::facts::Code;
use crate::facts::report::{Finding, Owner};
use crate::judge::Verdict;

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let shape = &case.judged.shape;
    if !shape.is_wrong_order() {
        return Vec::new();
    }
    let sent: Vec<String> = case
        .look
        .chain()
        .iter()
        .enumerate()
        .take(10)
        .map(|(position, certificate)| format!("{}. {}", position + 1, subject_of(certificate)))
        .collect();
    let mut finding = Finding::note(
        Code::WrongChainOrder,
        case.subject(),
        format!("{} sends its certificates in the wrong order.", case.host()),
    )
    .evidence(format!("Sent were: {}.", sent.join(", ")))
    .evidence("Each certificate should be followed by the one that signed it; most clients sort them, some old ones fail.")
    .value("out_of_order", shape.out_of_order.iter().map(|p| p + 1).collect::<Vec<_>>());
    if !shape.duplicates.is_empty() {
        finding = finding.evidence(format!("{} of them were sent twice.", shape.duplicates.len()));
    }
    if !shape.unrelated.is_empty() {
        finding =
            finding.evidence(format!("{} of them have nothing to do with the chain.", shape.unrelated.len()));
    }
    if let Some(verdict) = case.best().filter(|v| v.reaches_roots()) {
        finding = finding
            .not(Code::MissingIntermediate, "every certificate of the path was sent")
            .not_from(excluded(case, verdict, &[]));
    }
    let owner = if case.is_inspected() { Owner::ItDepartment } else { Owner::ServerOperator };
    let known = !case.is_inspected() && !case.is_saved() && case.best().is_some_and(Verdict::reaches_roots);
    let command = known.then(|| format!("trustgap probe {} --fix-chain chain.pem", case.host()));
    vec![finding.remedy_with(
        owner,
        "Write the chain file anew: the server's own certificate first, then the CA that signed it, and so on; the root \
         can be left out.",
        command.into_iter().collect(),
    )]
}
