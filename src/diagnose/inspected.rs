//! `tls-inspected` and `inspection-ca-not-installed`: one finding for each inspecting CA, and one for each origin
//! that the inspector itself does not accept.

use super::Found;
use super::case::{Case, World};
use super::words::{
    self, authority, bare, excluded, issuer_of, quoted, set_and_verify, some, stamp, subject_of,
};
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::store::Origin;
use crate::facts::{Certificate, Code};
use crate::judge::Authority;
use crate::judge::inspection::Evidence;

pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    let authorities = world.judgement.inspection.authorities.iter();
    authorities.flat_map(|authority| about(*world, authority)).collect()
}

fn about(world: World<'_>, authority: &Authority) -> Vec<Found> {
    let cases: Vec<Case<'_>> = authority.targets.iter().filter_map(|i| world.case(*i)).collect();
    // what is proved and what only looks so are two statements
    let mut found: Vec<Found> = [Certainty::Is, Certainty::LooksLike]
        .into_iter()
        .filter_map(|certainty| {
            let own: Vec<Case<'_>> =
                cases.iter().copied().filter(|c| c.judged.inspection.certainty == certainty).collect();
            let first = own.first()?;
            let finding = inspected(world, authority, first, &own, certainty);
            Some(Found { targets: own.iter().map(|c| c.index).collect(), finding })
        })
        .collect();
    for case in cases.iter().filter(|c| authority.distrusted_origins.contains(&c.index)) {
        found.push(Found { targets: vec![case.index], finding: distrusted_origin(case, authority) });
    }
    found
}

fn inspected(
    world: World<'_>,
    ca: &Authority,
    first: &Case<'_>,
    cases: &[Case<'_>],
    certainty: Certainty,
) -> Finding {
    let hosts: Vec<String> = cases.iter().map(Case::host).collect();
    let who = authority(ca);
    let hosts_text = some(&hosts, "hosts");
    let (code, message) = match (ca.in_system_store, certainty) {
        (true, Certainty::Is) => (Code::TlsInspected, format!("TLS to {hosts_text} is inspected by {who}.")),
        (true, _) => (Code::TlsInspected, format!("TLS to {hosts_text} looks inspected by {who}.")),
        (false, Certainty::Is) => (
            Code::InspectionCaNotInstalled,
            format!("TLS to {hosts_text} is inspected by {who}, and this computer does not have that CA."),
        ),
        (false, _) => (
            Code::InspectionCaNotInstalled,
            format!("TLS to {hosts_text} looks inspected by {who}, and this computer does not have that CA."),
        ),
    };
    let mut finding = Finding::problem(code, first.subject(), message)
        .certainty(certainty)
        .evidence_from(evidence(cases, ca))
        .not_from(ruled_out(cases, ca))
        .value("targets", cases.iter().map(Case::subject).collect::<Vec<_>>())
        .value("authority", crate::text::sanitise(&ca.name));
    if let Some(certificate) = &ca.certificate {
        finding = finding.value("sha256", certificate.fingerprint().to_string());
        if let Ok(details) = certificate.details() {
            finding = finding.value("not_after", stamp(details.not_after));
        }
    }
    if ca.in_system_store {
        give_to_tools(world, finding, cases)
    } else {
        ask_for(finding, ca.certificate.as_ref())
    }
}

fn evidence(cases: &[Case<'_>], ca: &Authority) -> Vec<String> {
    let name = quoted(&ca.common_name);
    let own = cases.iter().filter(|c| !ca.distrusted_origins.contains(&c.index)).count();
    let theirs = match own {
        1 if cases.len() == 1 => "The certificate leads",
        _ if own < cases.len() => "The certificates of the servers that it accepts lead",
        _ => "The certificates lead",
    };
    let mut sentences = vec![if ca.in_system_store {
        format!("{theirs} to {name}, {}; the Mozilla roots do not have it.", put_there(cases))
    } else {
        format!("{theirs} to {name}, which neither the system store nor the Mozilla roots have.")
    }];
    sentences.extend(namesake(cases, ca));
    let public: Vec<String> = cases.iter().filter(|c| c.is_public_site()).map(Case::host).collect();
    match public.len() {
        0 => {}
        1 => sentences.push(format!("{} is a public site, whose own CA is a public one.", public[0])),
        _ => sentences.push(format!(
            "It signs for {}, public sites of different organisations that share no CA of their own.",
            some(&public, "sites")
        )),
    }
    let has =
        |wanted: fn(&Evidence) -> bool| cases.iter().any(|c| c.judged.inspection.evidence.iter().any(wanted));
    if cases.iter().all(|c| c.judged.inspection.evidence.contains(&Evidence::NoTimestamps)) {
        let whose = if cases.len() == 1 { "The certificate carries" } else { "The certificates carry" };
        sentences.push(format!("{whose} no certificate-transparency timestamps; those of public CAs do."));
    }
    if let Some(since) = cases.iter().find_map(|c| {
        c.judged.inspection.evidence.iter().find_map(|e| match e {
            Evidence::Fresh { since } => Some((c, *since)),
            _ => None,
        })
    }) {
        let (case, since) = since;
        let age = words::span(since, case.world.observations.time);
        sentences.push(format!("The certificate for {} is {age} old.", case.host()));
    }
    if let Some(sharing) = cases.iter().find_map(|c| {
        c.judged.inspection.evidence.iter().find_map(|e| match e {
            Evidence::SharedKey { targets } => Some((c, targets)),
            _ => None,
        })
    }) {
        let (case, targets) = sharing;
        sentences.push(format!(
            "{} presents the same key as {}, in another certificate.",
            case.host(),
            some(&bare(targets), "hosts")
        ));
    }
    if has(|e| matches!(e, Evidence::NamedAsInspector)) {
        sentences.push(
            "Public sites are inspected by a CA of the same name with another key: the gateway, or one of several, may \
             have been given a new one."
                .to_owned(),
        );
    }
    if has(|e| matches!(e, Evidence::NoPublicSites)) {
        sentences.push(
            "No public site was looked at beside it. If one leads to a Mozilla root, this is the CA of the host \
             itself and not inspection."
                .to_owned(),
        );
    }
    if has(|e| matches!(e, Evidence::PublicSitesSilent)) {
        sentences.push(
            "None of the public sites looked at beside it showed a certificate that would tell. If one leads to a \
             Mozilla root from here, this is the CA of the host itself and not inspection."
                .to_owned(),
        );
    }
    sentences
}

/// A public root of the same name, with which the CA could be confused.
fn namesake(cases: &[Case<'_>], ca: &Authority) -> Option<String> {
    let web = &cases.first()?.world.observations.stores.web;
    let same = |c: &Certificate| c.details().is_ok_and(|d| d.subject.to_string() == ca.name);
    let known = web.roots.iter().map(|root| &root.certificate).find(|c| same(c))?;
    Some(format!(
        "Mozilla has a root of the same name ({}), but that one's key is another: a name proves nothing.",
        known.fingerprint().short()
    ))
}

/// Who put the CA into the system store, as the rest of a sentence.
fn put_there(cases: &[Case<'_>]) -> &'static str {
    let origin = cases.iter().find_map(|c| {
        c.judged.inspection.evidence.iter().find_map(|e| match e {
            Evidence::LocalRoot { origin } => Some(*origin),
            _ => None,
        })
    });
    match origin {
        Some(Origin::Administrator) => "which an administrator added to the system store",
        Some(Origin::User) => "which you added to your own certificate store",
        _ => "which the system store has",
    }
}

fn ruled_out(cases: &[Case<'_>], ca: &Authority) -> Vec<(Code, String)> {
    let mut excluded_codes = Vec::new();
    let Some(first) = cases.first() else { return excluded_codes };
    let several = ca.targets.len() > 1;
    let is_missing = |c: &Case<'_>| c.best().is_some_and(|v| v.missing_intermediates().next().is_some());
    if !cases.iter().any(is_missing) {
        excluded_codes.push((
            Code::MissingIntermediate,
            if ca.in_system_store {
                "the chain ends in a root of the system store without any further certificate".to_owned()
            } else if several {
                "a forgotten certificate would be one server's mistake, and several servers lead to this issuer"
                    .to_owned()
            } else {
                "the issuer is no public CA".to_owned()
            },
        ));
    }
    if first.judged.inspection.certainty == Certainty::Is {
        excluded_codes.push((
            Code::PrivateCa,
            "an organisation's own CA does not sign for public sites of other organisations".to_owned(),
        ));
    }
    if let Some(verdict) = first.best() {
        excluded_codes.extend(excluded(first, verdict, &[]));
    }
    excluded_codes
}

fn give_to_tools(world: World<'_>, finding: Finding, cases: &[Case<'_>]) -> Finding {
    let works = |c: &Case<'_>| c.trust().is_some_and(|trust| trust.system.is_trusted());
    if !cases.iter().any(works) {
        return finding.remedy(
            Owner::ItDepartment,
            "Programs that follow the system store have this CA and fail all the same: the findings below say why. That has \
             to be put right first; giving the CA to more programs does not help them until then.",
        );
    }
    let work = if cases.iter().all(works) {
        "Programs that follow the system store work."
    } else {
        "Programs that follow the system store work, but for the hosts with findings of their own below."
    };
    finding.remedy_with(
        Owner::You,
        format!(
            "{work} `trustgap tools` lists those that do not: give them this CA, for this shell first, and see that they \
             connect."
        ),
        set_and_verify(world.os(), &[]),
    )
}

fn ask_for(finding: Finding, certificate: Option<&Certificate>) -> Finding {
    match certificate {
        Some(certificate) => {
            let fingerprint = certificate.fingerprint();
            finding
                .evidence(format!("The SHA-256 fingerprint of the CA as it was presented is {}.", fingerprint.with_colons()))
                .remedy_with(
                    Owner::ItDepartment,
                    "Nothing here can tell whether that CA is your company's. Ask the IT department to install it, or \
                     compare the fingerprint with the one they publish; only if it is the same, export it.",
                    vec![format!("trustgap export --fingerprint {fingerprint}")],
                )
        }
        None => finding.remedy(
            Owner::ItDepartment,
            "The certificate of that CA was not sent, only its name is known. Ask the IT department to install it; it \
             must come from them and not from the connection.",
        ),
    }
}

/// The origin's own fault, behind the inspection.
fn distrusted_origin(case: &Case<'_>, ca: &Authority) -> Finding {
    let issuer = case.look.chain().first().map(issuer_of).unwrap_or_default();
    let top = case.best().and_then(|v| v.root()).map(subject_of);
    Finding::problem(
        Code::UntrustedRoot,
        case.subject(),
        format!("The inspector itself does not accept the certificate of {}.", case.host()),
    )
    .evidence(format!(
        "It signed this host with {}, the CA it keeps for servers it does not trust, and others with {}.",
        top.unwrap_or_else(|| issuer.clone()),
        quoted(&ca.common_name)
    ))
    .evidence("What is wrong with the server's own certificate only the inspector saw: it may be expired, incomplete, self-signed or for another name.")
    .not(Code::InspectionCaNotInstalled, "that CA is left out of the stores on purpose")
    .value("issuer", issuer)
    .remedy(
        Owner::ServerOperator,
        "The server's certificate has to be put in order. Never install the CA that signed this connection: with it \
         every server that the inspector rejects would look genuine.",
    )
}
