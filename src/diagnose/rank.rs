//! Which finding is a target's headline, which ones follow from another, and how grave each is for the exit code.

use super::case::World;
use super::{Found, merge};
use crate::facts::Code;
use crate::facts::report::{Finding, Severity};

/// Codes from the one that explains most to the one that explains least. A target's headline is the first of its own.
const HEADLINES: &[Code] = &[
    // what stands before TLS
    Code::ProxyAuthRequired,
    Code::ProxyUnreachable,
    Code::ProxyRefused,
    Code::ProxyRequired,
    Code::NameNotResolved,
    Code::Unreachable,
    Code::Refused,
    Code::CaptivePortal,
    Code::NotTls,
    // who signs
    Code::KnownBadCa,
    Code::InspectionCaNotInstalled,
    Code::TlsInspected,
    Code::ClockSkew,
    // clients give up before they look at a certificate
    Code::LegacyTlsOnly,
    Code::TlsVersionRefused,
    // what is wrong with the chain
    Code::Revoked,
    Code::InvalidChain,
    Code::SelfSigned,
    Code::UntrustedRoot,
    Code::UnknownIssuer,
    Code::MissingIntermediate,
    Code::SystemStoreOutdated,
    Code::Expired,
    Code::NotYetValid,
    Code::NameMismatch,
    Code::WeakSignature,
    Code::WeakKey,
    Code::StapleInvalid,
    Code::StapleMissing,
    // what is wrong with the handshake, where no chain explains it
    Code::ClientCertificateRequired,
    Code::HandshakeFailed,
    Code::ConnectionReset,
    Code::Timeout,
    // what only some clients mind
    Code::PrivateCa,
    Code::WrongChainOrder,
    Code::RevocationUnavailable,
    Code::StrictProfile,
];

/// Orders findings: problems first, in each the headline codes first, then in the order of the targets. Findings that
/// follow from another are dropped, and those that say the same of several hosts are put together.
pub(super) fn ranked(world: &World<'_>, mut found: Vec<Found>) -> Vec<Found> {
    for own in &mut found {
        soften(world, own);
    }
    let mut kept: Vec<Found> = Vec::new();
    let follows: Vec<bool> = found.iter().map(|own| follows_from_another(own, &found)).collect();
    for (own, follows) in found.into_iter().zip(follows) {
        if !follows {
            kept.push(own);
        }
    }
    let mut kept = merge::merged(world, kept);
    stand_by_what_was_found(&mut kept);
    kept.sort_by_key(|f| (f.finding.severity, position(f.finding.code), f.targets.first().copied()));
    kept
}

/// Returns a target's findings, headline first: problems before notes, each in the order of [`HEADLINES`].
pub(super) fn of_target(found: &[Found], target: usize) -> Vec<&Finding> {
    let mut own: Vec<&Finding> =
        found.iter().filter(|f| f.targets.contains(&target)).map(|f| &f.finding).collect();
    own.sort_by_key(|f| (f.severity == Severity::Information, position(f.code)));
    own.dedup_by_key(|f| f.code);
    own
}

pub(super) fn position(code: Code) -> usize {
    HEADLINES.iter().position(|c| *c == code).unwrap_or(HEADLINES.len())
}

/// What is wrong with a control site itself is nobody's problem here; only what it says about this network counts.
fn soften(world: &World<'_>, found: &mut Found) {
    let about_this_side = matches!(
        found.finding.code,
        Code::TlsInspected
            | Code::InspectionCaNotInstalled
            | Code::KnownBadCa
            | Code::SystemStoreOutdated
            | Code::ClockSkew
            | Code::CaptivePortal
    );
    let controls_only = !found.targets.is_empty()
        && found.targets.iter().all(|i| world.case(*i).is_some_and(|c| c.is_control()));
    if controls_only && !about_this_side {
        found.finding.severity = Severity::Information;
    }
}

/// Nothing is ruled out that another finding says of the same host.
fn stand_by_what_was_found(found: &mut [Found]) {
    let said: Vec<(Code, Vec<usize>)> = found.iter().map(|f| (f.finding.code, f.targets.clone())).collect();
    for own in found {
        let is_said = |code: Code| {
            said.iter()
                .any(|(other, targets)| *other == code && targets.iter().any(|t| own.targets.contains(t)))
        };
        own.finding.ruled_out.retain(|excluded| !is_said(excluded.code));
    }
}

/// Whether a finding adds nothing to another about the same target.
fn follows_from_another(own: &Found, all: &[Found]) -> bool {
    let causes: &[Code] = match own.finding.code {
        Code::Expired | Code::NotYetValid => &[Code::ClockSkew],
        // what is known of the certificate is known of the login page, not of the host
        Code::NameMismatch
        | Code::NotTls
        | Code::PrivateCa
        | Code::SelfSigned
        | Code::UnknownIssuer
        | Code::UntrustedRoot => &[Code::CaptivePortal],
        Code::NameNotResolved | Code::Unreachable | Code::Refused | Code::Timeout | Code::ConnectionReset => {
            &[Code::ProxyRequired, Code::CaptivePortal]
        }
        // our own library gave up over something that is reported by name
        Code::HandshakeFailed => &[
            Code::WeakKey,
            Code::WeakSignature,
            Code::InvalidChain,
            Code::LegacyTlsOnly,
            Code::TlsVersionRefused,
        ],
        // what strict clients refuse is no news where all do
        Code::StrictProfile => &[Code::InvalidChain],
        Code::TlsVersionRefused => &[Code::LegacyTlsOnly],
        _ => return false,
    };
    !own.targets.is_empty()
        && own.targets.iter().all(|target| {
            all.iter().any(|other| causes.contains(&other.finding.code) && other.targets.contains(target))
        })
}
