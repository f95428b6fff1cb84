//! `revocation-unavailable`: nobody can be asked whether a certificate was revoked, and some clients insist on asking.
//!
//! Only where such clients exist: elsewhere it would be a warning about nothing.

use super::Found;
use super::case::{Case, World};
use super::words::{quoted, some};
use crate::catalogue::verifiers::verifiers;
use crate::facts::Code;
use crate::facts::report::{Finding, Owner};
use crate::judge::StapleStatus;

/// What leaves out the question about revocation and nothing else, for programs of one's own choice.
const BEST_EFFORT: [&str; 3] = [
    "curl --ssl-revoke-best-effort URL",
    "git config --global http.schannelCheckRevoke best-effort",
    "$Env:CARGO_HTTP_CHECK_REVOKE = 'false'",
];

/// What these settings give up, and what not.
pub(super) const WHAT_IT_COSTS: &str = "Until then these programs can be told to go on where nobody can be asked. That \
     weakens the check for revocation alone: who signed, the names and the dates are checked as before.";

pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    if !verifiers().iter().any(|v| v.insists_on_revocation && v.is_on(world.os())) {
        return Vec::new();
    }
    world
        .alike(about)
        .into_iter()
        .map(|(finding, cases)| {
            let hosts = some(&cases.iter().map(Case::host).collect::<Vec<_>>(), "hosts");
            let message = format!(
                "Programs on Windows that insist on asking whether a certificate was revoked refuse {hosts}."
            );
            let finding = Finding { message, ..finding }
                .value("targets", cases.iter().map(Case::subject).collect::<Vec<_>>());
            Found { targets: cases.iter().map(|c| c.index).collect(), finding }
        })
        .collect()
}

/// Whether a chain that this computer trusts by a root of its own names nobody who could be asked about a certificate,
/// and the server brings no answer along.
pub(super) fn nobody_to_ask(case: &Case<'_>) -> bool {
    let Some(trust) = case.trust().filter(|t| t.system.is_trusted() && !t.web.is_trusted()) else {
        return false;
    };
    let answered = case
        .judged
        .staple
        .as_ref()
        .is_some_and(|staple| staple.is_sound() && staple.status == Some(StapleStatus::Good));
    let below = trust.system.path.split_last().map_or(&[][..], |(_, below)| below);
    !answered
        && below
            .iter()
            .filter_map(|c| c.details().ok())
            .any(|d| d.crl_urls.is_empty() && d.ocsp_urls.is_empty())
}

fn about(case: &Case<'_>) -> Option<Finding> {
    if !nobody_to_ask(case) {
        return None;
    }
    let root = case.trust()?.system.anchor()?.details().ok()?;
    let (owner, who) = if case.is_inspected() {
        (Owner::ItDepartment, "The gateway has to put the address of a CRL into the certificates it makes")
    } else {
        (Owner::ItDepartment, "The CA has to put the address of a CRL into the certificates it issues")
    };
    Some(
        Finding::note(Code::RevocationUnavailable, case.subject(), "")
            .evidence(format!(
                "Certificates below {} name neither a CRL nor an OCSP responder, and no OCSP answer is stapled.",
                quoted(&root.subject.common_name())
            ))
            .evidence("They fail with CRYPT_E_NO_REVOCATION_CHECK (0x80092012); browsers and most programs connect.")
            .not(Code::Revoked, "nobody says that a certificate was revoked; nobody can be asked")
            .not(Code::ToolLacksCa, "this computer trusts the CA")
            .remedy_with(
                owner,
                format!("{who}, and clients must reach it. {WHAT_IT_COSTS}"),
                BEST_EFFORT.map(str::to_owned).to_vec(),
            ),
    )
}
