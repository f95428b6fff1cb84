//! `strict-profile`: what most clients accept and strict ones refuse, who of them is here, and who has to act.

use super::case::Case;
use super::words::{list, some, subject_of};
use crate::catalogue;
use crate::catalogue::verifiers::{Verifier, verifier, verifiers};
use crate::facts::report::{Finding, Owner};
use crate::facts::{Certificate, Code, Departure, Os};
use crate::judge::tool::View;
use crate::judge::trust::Peculiarity;
use crate::text::sanitise;

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    about(case).into_iter().collect()
}

/// Says it of all hosts whose chains depart in the same way: a gateway's are all alike.
pub(super) fn several(finding: Finding, cases: &[Case<'_>]) -> Finding {
    let hosts = some(&cases.iter().map(Case::host).collect::<Vec<_>>(), "hosts");
    match cases.first() {
        Some(first) => Finding { message: message(&hosts, "their CA", &departing(first)), ..finding },
        None => finding,
    }
}

/// What is peculiar about a path, and who minds.
struct Departing<'a> {
    path: &'a [Certificate],
    found: Vec<Peculiarity>,
    /// The libraries on this system that refuse it.
    strict: Vec<&'static Verifier>,
    /// The installations here that refuse it, each with its version.
    here: Vec<String>,
}

fn departing<'a>(case: &Case<'a>) -> Departing<'a> {
    let verdict = case.best().filter(|v| v.reaches_roots());
    let os = case.world.os();
    let all = verdict.into_iter().flat_map(|v| &v.peculiarities);
    let found: Vec<Peculiarity> = all.filter(|p| matters(p.departure, os)).copied().collect();
    let refuses = |v: &&Verifier| v.is_on(os) && found.iter().any(|p| v.refuses(p.departure));
    Departing {
        path: verdict.map_or(&[], |v| &v.path),
        strict: verifiers().iter().filter(refuses).collect(),
        here: installed(case, &found),
        found,
    }
}

fn about(case: &Case<'_>) -> Option<Finding> {
    let departing = departing(case);
    if departing.found.is_empty() {
        return None;
    }
    let message = message(&case.host(), "its CA", &departing);
    let Departing { path, found, strict, here } = departing;
    let mut finding = Finding::note(Code::StrictProfile, case.subject(), message);
    for peculiarity in &found {
        let by = clients(&strict, &|v| v.refuses(peculiarity.departure));
        let what = peculiarity.departure.what();
        let whom = match path.get(peculiarity.position) {
            Some(certificate) if peculiarity.position > 0 => subject_of(certificate),
            _ => "The server's certificate".to_owned(),
        };
        finding = finding.evidence(match by.as_slice() {
            [] => format!("{whom}: {what} (no client is known to refuse that)."),
            by => format!("{whom}: {what} (refused by {}).", list(by)),
        });
    }
    if here.is_empty() && !strict.is_empty() && !case.world.observations.tools.is_empty() {
        finding = finding.evidence("None of the tools found on this computer is known to refuse it.");
    }
    let departures: Vec<Departure> = found.iter().map(|p| p.departure).collect();
    let (owner, text) = remedy(case, &found, path.len());
    // the findings about the tools say it otherwise
    let until_then = if here.is_empty() { until_then(&strict, &departures) } else { String::new() };
    Some(
        finding
            .value("clients", clients(&strict, &|_| true))
            .value("departures", serde_json::to_value(&departures).unwrap_or_default())
            .value("tools", here)
            .not(Code::UntrustedRoot, "the root is trusted; it is the form of a certificate that is refused")
            .remedy(owner, format!("{text}{until_then}")),
    )
}

fn message(hosts: &str, whose_ca: &str, departing: &Departing) -> String {
    match (departing.here.as_slice(), departing.strict.as_slice()) {
        ([], []) => format!("The certificates of {hosts} depart from RFC 5280's profile."),
        ([], strict) => {
            format!(
                "Some clients refuse {hosts} although they trust {whose_ca}: {}.",
                list(&clients(strict, &|_| true))
            )
        }
        (here, _) => {
            let refuse = if here.len() == 1 { "refuses" } else { "refuse" };
            format!("{} {refuse} {hosts} although {whose_ca} is trusted.", some(here, "tools"))
        }
    }
}

/// Returns who on this system refuses a departure.
pub(super) fn refusing(departure: Departure, os: Os) -> Vec<String> {
    let strict: Vec<&Verifier> = verifiers().iter().filter(|v| v.is_on(os) && v.refuses(departure)).collect();
    clients(&strict, &|_| true)
}

/// Who refuses something, a library's variants folded into it where it refuses as well.
fn clients(strict: &[&Verifier], refuses: &dyn Fn(&Verifier) -> bool) -> Vec<String> {
    let refusing: Vec<&&Verifier> = strict.iter().filter(|v| refuses(v)).collect();
    let is_covered = |v: &Verifier| refusing.iter().any(|other| v.like.as_ref() == Some(&other.id));
    refusing.iter().filter(|v| !is_covered(v)).map(|v| v.clients.clone()).collect()
}

/// What helps against these departures until the certificates are issued anew, as sentences after others.
pub(super) fn until_then(strict: &[&Verifier], departures: &[Departure]) -> String {
    // a variant's own help is of no use where the library itself refuses as well
    let helps = |v: &&&Verifier| {
        let model = v.like.as_deref().and_then(verifier);
        model.is_none_or(|model| !departures.iter().any(|d| model.refuses(*d)))
    };
    let help: Vec<&str> = strict.iter().filter(helps).filter_map(|v| v.until_then.as_deref()).collect();
    if help.is_empty() { String::new() } else { format!(" Until then: {}", help.join(" ")) }
}

/// Whether a departure is worth a word on a system: not where only clients of other systems refuse it.
fn matters(departure: Departure, os: Os) -> bool {
    let mut refusing = verifiers().iter().filter(|v| v.refuses(departure)).peekable();
    match departure {
        // nobody is known to mind, and many certificates are like this
        Departure::LeafWithoutServerUse | Departure::LifetimeOver825Days => refusing.any(|v| v.is_on(os)),
        _ => refusing.peek().is_none() || refusing.any(|v| v.is_on(os)),
    }
}

/// The installations that refuse the path, each with its version.
fn installed(case: &Case<'_>, found: &[Peculiarity]) -> Vec<String> {
    let observations = case.world.observations;
    let refusing = observations.tools.iter().filter_map(|look| {
        let tool = catalogue::tool(&look.id)?;
        let view = View { tool, look, environment: &observations.environment, os: case.world.os() };
        view.refuses(found).is_some_and(|refused| !refused.is_empty()).then(|| {
            let version = look.version.as_deref().map(|v| format!(" {}", sanitise(v))).unwrap_or_default();
            format!("{}{version}", tool.name)
        })
    });
    let mut names: Vec<String> = Vec::new();
    for name in refusing {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Who has to act, and what has to be different in which certificate.
fn remedy(case: &Case<'_>, found: &[Peculiarity], length: usize) -> (Owner, String) {
    let wanted = |of_ca: bool| {
        let mut wanted: Vec<String> = Vec::new();
        let others = found.iter().filter(|p| p.departure != Departure::AnchorNotSelfSigned);
        for peculiarity in others.filter(|p| (p.position > 0) == of_ca) {
            let one = demand(peculiarity.departure).to_owned();
            if !wanted.contains(&one) {
                wanted.push(one);
            }
        }
        (!wanted.is_empty()).then(|| list(&wanted))
    };
    let in_anchor = found.iter().any(|p| p.position > 0 && p.position + 1 == length);
    let owner = if in_anchor || case.is_inspected() { Owner::ItDepartment } else { Owner::ServerOperator };
    let mut sentences = Vec::new();
    let has_no_root = found.iter().any(|p| p.departure == Departure::AnchorNotSelfSigned);
    if has_no_root {
        sentences
            .push("The self-signed root above that CA has to be put into the store beside it.".to_owned());
    }
    if let Some(wanted) = wanted(true) {
        sentences.push(format!("The CA has to be issued anew with {wanted}."));
    }
    if let Some(wanted) = wanted(false) {
        let whose = if case.is_inspected() {
            "The gateway's certificates need"
        } else {
            "The server's certificate needs"
        };
        sentences.push(format!("{whose} {wanted}."));
    }
    if !has_no_root {
        sentences.push("Trusting the CA in more places does not help.".to_owned());
    }
    (owner, sentences.join(" "))
}

/// What a certificate has to have instead.
pub(super) fn demand(departure: Departure) -> &'static str {
    match departure {
        Departure::AnchorExtendedKeyUsage => "no extendedKeyUsage in the root",
        Departure::AnchorNotACa
        | Departure::BasicConstraintsMissing
        | Departure::BasicConstraintsNotCritical => "critical basicConstraints with cA",
        Departure::AnchorNotSelfSigned => "the self-signed root in the store",
        Departure::AnchorPathLengthExceeded => "a root whose pathLenConstraint allows the chain",
        Departure::AnchorVersionOne | Departure::LeafVersionOne => "X.509 version 3 with its extensions",
        Departure::AnchorWithoutServerUse | Departure::LeafWithoutServerUse => {
            "extendedKeyUsage with serverAuth"
        }
        Departure::AuthorityKeyIdentifierCritical | Departure::SubjectKeyIdentifierCritical => {
            "key identifiers that are not critical"
        }
        Departure::AuthorityKeyIdentifierEmpty | Departure::AuthorityKeyIdentifierMissing => {
            "an authorityKeyIdentifier with the issuer's key identifier"
        }
        Departure::AnchorNamesAnotherIssuer => {
            "an authorityKeyIdentifier that names the root itself, or none"
        }
        Departure::AuthorityKeyIdentifierMismatch => "an authorityKeyIdentifier that names its issuer's key",
        Departure::CaSubjectEmpty => "a subject",
        Departure::CertSignWithoutCa => "keyUsage without keyCertSign",
        Departure::KeyForPssOnly => "an issuer whose key is plain RSA",
        Departure::KeyUsageMissing | Departure::KeyUsageWithoutCertSign => "keyUsage with keyCertSign",
        Departure::LeafIsCa => "basicConstraints without cA",
        Departure::LeafWithoutDigitalSignature => "keyUsage with digitalSignature",
        Departure::LifetimeOver825Days => "a validity of at most 825 days",
        Departure::PathLengthWithoutCa => "no pathLenConstraint",
        Departure::PssSaltUncommon => "a signature whose RSA-PSS salt is as long as its hash",
        Departure::SelfSignedLeafIsCa => "an issuer: a CA in the store, and not itself",
        Departure::SerialNegative => "a positive serial number",
        Departure::SerialTooLong => "a serial number of at most 20 octets",
        Departure::SubjectEmptyNamesNotCritical => "a subject, or a subjectAltName marked critical",
        Departure::SubjectKeyIdentifierMissing => "a subjectKeyIdentifier",
        Departure::UnknownCriticalExtension => "no critical extension that clients do not know",
    }
}
