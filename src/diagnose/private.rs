//! `private-ca`: a CA that this computer trusts and the web roots do not have, without inspection.

use super::case::Case;
use super::words::{bare, excluded, quoted, some, subject_of};
use crate::facts::Code;
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::store::Origin;
use crate::judge::inspection::{Evidence, LeadsTo};
use crate::judge::trust::Allowance;

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let inspection = &case.judged.inspection;
    if case.is_inspected() || !matches!(inspection.leads_to, LeadsTo::LocalRoot | LeadsTo::Shipped) {
        return Vec::new();
    }
    let Some(trust) = case.trust() else { return Vec::new() };
    let Some(root) = trust.system.anchor() else { return Vec::new() };
    let name = subject_of(root);
    let host = case.host();
    let shipped = inspection.leads_to == LeadsTo::Shipped;
    let answers_for_another = !inspection.evidence.contains(&Evidence::InternalName)
        && trust.system.allowances.iter().any(|a| matches!(a, Allowance::Name(_)));
    let message = match (shipped, inspection.certainty) {
        (true, _) => format!(
            "{host} leads to {name}, a root that {} ships and Mozilla does not have.",
            case.world.os().name()
        ),
        (false, Certainty::Is) => {
            format!("{host} has a certificate of a private CA, {name}, which this computer trusts.")
        }
        (false, _) if answers_for_another => format!(
            "What answers for {host} has a certificate of a private CA, {name}, which this computer trusts."
        ),
        (false, _) => {
            format!("{host} looks like a site of a private CA, {name}, which this computer trusts.")
        }
    };
    let mut finding = Finding::note(Code::PrivateCa, case.subject(), message)
        .certainty(if inspection.certainty == Certainty::CannotTell {
            Certainty::LooksLike
        } else {
            inspection.certainty
        })
        .evidence_from(inspection.evidence.iter().filter_map(|e| sentence(case, e)))
        .not_from(ruled_out(case))
        .not_from(excluded(case, &trust.system, &[Code::TlsInspected]))
        .value("root", name)
        .value("sha256", root.fingerprint().to_string());
    if inspection.certainty != Certainty::Is {
        finding = finding.evidence(
            "What would settle it: the same host seen from a network outside, or the owner of the CA asked what it signs.",
        );
    }
    if answers_for_another {
        return vec![finding.remedy(
            Owner::You,
            format!("Giving the CA to more programs does not help: the certificate is not for {host}."),
        )];
    }
    let connect = if trust.system.is_trusted() {
        "Programs that follow the system store connect."
    } else {
        "Programs that follow the system store connect as soon as what else is wrong with the host was put right."
    };
    vec![finding.remedy_with(
        Owner::You,
        format!(
            "{connect} Those that carry their own roots (Node.js, Java, many Python programs) refuse the host until they \
             are given this CA too. The settings include it when the host is named:"
        ),
        vec![format!("trustgap env {}", case.subject())],
    )]
}

fn sentence(case: &Case<'_>, evidence: &Evidence) -> Option<String> {
    Some(match evidence {
        Evidence::LocalRoot { origin: Origin::Administrator } => {
            "An administrator added the CA to the system store.".to_owned()
        }
        Evidence::LocalRoot { origin: Origin::User } => "The CA is in your own certificate store.".to_owned(),
        Evidence::LocalRoot { .. } => {
            "The system store has the CA; who put it there cannot be told.".to_owned()
        }
        Evidence::SignsInternal { targets }
            if !case.judged.inspection.evidence.contains(&Evidence::InternalName) =>
        {
            let what = if targets.len() == 1 { "a name" } else { "names" };
            format!("The same CA signs for {}, {what} of this network alone.", some(&bare(targets), "hosts"))
        }
        Evidence::InternalName => {
            format!("{} is a name or an address of this network alone.", case.look.target.host)
        }
        Evidence::Timestamps { count } => {
            format!(
                "The certificate carries {count} certificate-transparency timestamps, as those of public CAs do."
            )
        }
        _ => return None,
    })
}

fn ruled_out(case: &Case<'_>) -> Vec<(Code, String)> {
    let mut excluded = Vec::new();
    for evidence in &case.judged.inspection.evidence {
        match evidence {
            Evidence::PublicSitesAreClean { targets } => excluded.push((
                Code::TlsInspected,
                format!("{} lead to Mozilla roots from here", some(&bare(targets), "public sites")),
            )),
            Evidence::PublicSitesSignedByOther { authority } => excluded.push((
                Code::TlsInspected,
                format!("what inspects here is {}, and that is not who signs this host", quoted(authority)),
            )),
            Evidence::RootShipped => {
                excluded.push((Code::TlsInspected, "the root came with the operating system".to_owned()));
            }
            _ => {}
        }
    }
    excluded
}
