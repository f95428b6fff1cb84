//! `untrusted-root`, `unknown-issuer` and `self-signed`: chains that end outside every store, without inspection.

use super::case::Case;
use super::fetched;
use super::words::{bare, excluded, issuer_of, quoted, some, stamp, subject_of};
use crate::catalogue::vendors;
use crate::facts::certificate::DistinguishedName;
use crate::facts::report::{Certainty, Finding, InspectionVerdict, Owner, Severity};
use crate::facts::{Certificate, Code};
use crate::judge::Verdict;
use crate::judge::inspection::{Evidence, LeadsTo};
use crate::judge::trust::{Allowance, Place};

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(trust) = case.trust() else { return Vec::new() };
    if case.is_inspected() {
        return Vec::new();
    }
    let finding = match case.judged.inspection.leads_to {
        LeadsTo::Itself | LeadsTo::Leftover => self_signed(case, &trust.system),
        LeadsTo::UntrustedRoot => untrusted_root(case, &trust.system),
        LeadsTo::UnknownIssuer if is_logged(case) => None,
        LeadsTo::UnknownIssuer => Some(unknown_issuer(case, &trust.system)),
        _ => distrusted(case, &trust.system),
    };
    finding.into_iter().collect()
}

/// What is known of the kind of CA or certificate that the names on a path are those of.
fn kinds(verdict: &Verdict) -> Vec<&'static vendors::LookAlike> {
    let details = verdict.path.iter().filter_map(|c| c.details().ok());
    let names: Vec<&DistinguishedName> = details.map(|d| &d.issuer).collect();
    vendors::look_alikes(&names).collect()
}

fn what_it_is(verdict: &Verdict) -> Vec<String> {
    kinds(verdict).into_iter().filter_map(|kind| kind.says.clone()).collect()
}

/// Whether a public log has the leaf: then its CA is a public one, and `missing-intermediate` says more.
pub(super) fn is_logged(case: &Case<'_>) -> bool {
    case.look.chain().first().and_then(|c| c.details().ok()).is_some_and(|d| d.certificate_timestamps > 0)
}

fn self_signed(case: &Case<'_>, verdict: &Verdict) -> Option<Finding> {
    let leaf = case.look.chain().first().filter(|c| c.is_self_issued())?;
    let host = case.host();
    let trusted = verdict.anchored;
    let message = if trusted {
        format!("The certificate of {host} signed itself, and this computer trusts that very certificate.")
    } else {
        format!("The certificate of {host} signed itself.")
    };
    let details = leaf.details().ok()?;
    let finding = Finding::problem(Code::SelfSigned, case.subject(), message)
        .severity(if trusted { Severity::Information } else { Severity::Problem })
        .evidence(format!(
            "Subject and issuer are both {}, and its own key made the signature.",
            quoted(&details.subject.to_string())
        ))
        .evidence_from(what_it_is(verdict).into_iter().filter(|_| !trusted))
        .evidence(format!("Its SHA-256 fingerprint is {}.", leaf.fingerprint().with_colons()))
        .not(Code::TlsInspected, "an inspector signs with a CA; nobody but the server itself signed this")
        .not(
            Code::MissingIntermediate,
            "a certificate that signed itself has no issuer that could be missing",
        )
        .not_from(excluded(case, verdict, &[Code::TlsInspected]))
        .value("sha256", leaf.fingerprint().to_string())
        .value("not_after", stamp(details.not_after));
    Some(if trusted {
        finding.remedy(
            Owner::You,
            "Programs with roots of their own still refuse it; give them this certificate, or have a CA sign the server's.",
        )
    } else {
        finding.remedy(
            Owner::ServerOperator,
            "Get a certificate from a CA that the clients have. Until then, a client that must connect can be given this \
             one certificate after its fingerprint was compared with the operator's.",
        )
    })
}

fn untrusted_root(case: &Case<'_>, verdict: &Verdict) -> Option<Finding> {
    let root = verdict.path.last()?;
    let name = subject_of(root);
    let sent = case.look.chain().contains(root);
    let host = case.host();
    let is_whole = verdict.missing_intermediates().next().is_none();
    let finding = Finding::problem(
        Code::UntrustedRoot,
        case.subject(),
        if is_whole {
            format!("The chain of {host} is complete and ends in {name}, a root that no store here has.")
        } else {
            format!("The chain of {host} leads to {name}, a root that no store here has.")
        },
    )
    .evidence(if sent {
        format!(
            "The server sent the root itself; its SHA-256 fingerprint is {}.",
            root.fingerprint().with_colons()
        )
    } else {
        format!(
            "The server did not send the root; it was {}. Its SHA-256 fingerprint is {}.",
            root_place(verdict).map_or_else(|| "met beside another host".to_owned(), fetched::whence),
            root.fingerprint().with_colons()
        )
    })
    .evidence_from(fetched::on_path(verdict))
    .evidence_from(what_it_is(verdict))
    .evidence_from(inspection_doubt(case))
    .not(
        Code::MissingIntermediate,
        if is_whole {
            "every certificate up to the self-signed root is there"
        } else {
            "what the server does not send was found, and leads to no root that is trusted here"
        },
    )
    .not(Code::SelfSigned, "the server's certificate and the root are two different certificates")
    .not_from(inspection_excluded(case))
    .not_from(excluded(case, verdict, &[Code::TlsInspected]))
    .value("root", name)
    .value("sha256", root.fingerprint().to_string());
    Some(who_to_ask(case, finding, verdict, Some(root)))
}

fn unknown_issuer(case: &Case<'_>, verdict: &Verdict) -> Finding {
    let top = verdict.path.last();
    let name = top.map(issuer_of).unwrap_or_default();
    let what = match verdict.path.len() {
        1 => "It".to_owned(),
        _ => format!("The chain ends in {}, which", top.map(subject_of).unwrap_or_default()),
    };
    let mut finding = Finding::problem(
        Code::UnknownIssuer,
        case.subject(),
        format!("Who signed the certificate of {} cannot be told: {name} was found nowhere.", case.host()),
    )
    .certainty(Certainty::CannotTell)
    .evidence(format!(
        "{what} names {name} as its issuer. The server did not send that certificate, and neither the system store nor \
         the Mozilla roots have it."
    ))
    .evidence_from(verdict.namesakes.iter().map(|other| {
        format!(
            "A CA of the same name is known ({}), but its key did not make the signature: the CA may have been replaced.",
            other.fingerprint().short()
        )
    }))
    .evidence_from(what_it_is(verdict))
    .evidence_from(inspection_doubt(case))
    .not_from(inspection_excluded(case))
    .not_from(excluded(case, verdict, &[Code::TlsInspected]))
    .value("issuer", name);
    if let Some(top) = top {
        finding = finding.evidence_from(fetched::on_path(verdict)).evidence_from(fetched::answers(case, top));
    }
    who_to_ask(case, finding, verdict, None)
}

fn root_place(verdict: &Verdict) -> Option<&Place> {
    verdict.allowances.iter().find_map(|a| match a {
        Allowance::Root { found_in, .. } => found_in.as_ref(),
        _ => None,
    })
}

/// A root that one of the stores refuses by name although it would close the chain.
fn distrusted(case: &Case<'_>, verdict: &Verdict) -> Option<Finding> {
    let sha256 = verdict.allowances.iter().find_map(|a| match a {
        Allowance::Distrusted { sha256 } => Some(*sha256),
        _ => None,
    })?;
    let refused = verdict.path.iter().find(|c| c.fingerprint() == sha256)?;
    Some(
        Finding::problem(
            Code::UntrustedRoot,
            case.subject(),
            format!("The chain of {} contains {}, which this computer refuses by name.", case.host(), subject_of(refused)),
        )
        .evidence("It is on the list of certificates that the system store distrusts, whatever else vouches for them.")
        .not(Code::SystemStoreOutdated, "the certificate is not missing, it was taken out")
        .not_from(excluded(case, verdict, &[]))
        .value("sha256", sha256.to_string())
        .remedy(
            Owner::ItDepartment,
            "Whoever administers this computer decided that. Ask for the reason before anything else is trusted in its place.",
        ),
    )
}

/// What speaks for or against inspection where the authority is unknown.
fn inspection_doubt(case: &Case<'_>) -> Vec<String> {
    let evidence = &case.judged.inspection.evidence;
    evidence
        .iter()
        .filter_map(|e| match e {
            Evidence::NoPublicSites if case.judged.inspection.verdict == InspectionVerdict::Unknown => Some(
                "Inspection cannot be ruled out, because no public site was looked at beside this host: `--controls` \
                 names some."
                    .to_owned(),
            ),
            Evidence::PublicSitesSilent => Some(
                "Inspection cannot be ruled out, because none of the public sites looked at showed a certificate."
                    .to_owned(),
            ),
            _ => None,
        })
        .collect()
}

fn inspection_excluded(case: &Case<'_>) -> Vec<(Code, String)> {
    let evidence = &case.judged.inspection.evidence;
    evidence
        .iter()
        .filter_map(|e| match e {
            Evidence::PublicSitesAreClean { targets } => Some((
                Code::TlsInspected,
                format!("{} lead to Mozilla roots from here", some(&bare(targets), "public sites")),
            )),
            Evidence::PublicSitesSignedByOther { authority } => Some((
                Code::TlsInspected,
                format!("what inspects here is {}, and that is not who signed this", quoted(authority)),
            )),
            _ => None,
        })
        .collect()
}

fn who_to_ask(case: &Case<'_>, finding: Finding, verdict: &Verdict, root: Option<&Certificate>) -> Finding {
    let internal = case.judged.inspection.evidence.contains(&Evidence::InternalName);
    let owner = match internal {
        // somebody's own computer is nobody else's to put right
        _ if kinds(verdict).iter().any(|kind| kind.development) => Owner::You,
        true => Owner::ItDepartment,
        false => Owner::ServerOperator,
    };
    match root {
        Some(root) => finding.remedy_with(
            owner,
            "Whoever runs the host has to say which CA it should have, and its fingerprint: ask them. Only if it is the one \
             shown here, the root may be trusted on this computer; what comes over the connection alone proves nothing.",
            vec![format!("trustgap export --fingerprint {} {}", root.fingerprint(), case.look.target)],
        ),
        None => finding.remedy(
            owner,
            "Whoever runs the host has to say which CA its certificate comes from: ask them. If it is a public one, the server \
             has to send the certificates between its own and the root; if it is a private one, this computer needs its \
             root from those who run it.",
        ),
    }
}
