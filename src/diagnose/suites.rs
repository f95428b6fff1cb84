//! `legacy-tls-only`, and servers of TLS 1.2 that choose nothing but what part of the current clients refuses.

use super::Finding;
use super::case::Case;
use super::words::{list, quoted};
use crate::catalogue::cipher_suites::{self, Takers};
use crate::facts::report::Owner;
use crate::facts::{Code, TlsVersion};

/// Says what a server chose that agrees on nothing newer.
pub(super) fn legacy(case: &Case<'_>, version: TlsVersion, cipher_suite: &str) -> Finding {
    if version < TlsVersion::Tls12 {
        old_version(case, version, cipher_suite)
    } else {
        old_suite(case, cipher_suite)
    }
}

fn old_version(case: &Case<'_>, version: TlsVersion, cipher_suite: &str) -> Finding {
    let host = case.host();
    let deprecated = if version == TlsVersion::Ssl30 {
        "SSL 3.0 must not be used any more (RFC 7568, of 2015)."
    } else {
        "TLS 1.0 and 1.1 are deprecated (RFC 8996)."
    };
    Finding::problem(
        Code::LegacyTlsOnly,
        case.subject(),
        format!("{host} speaks nothing newer than {version}, which current clients have switched off."),
    )
    .evidence(format!("From everything offered it chose {version} with {}.", quoted(cipher_suite)))
    .evidence(deprecated)
    .not(Code::NotTls, "it speaks TLS, an old version of it")
    .not(
        Code::UntrustedRoot,
        "the handshake failed before any certificate was checked; the chain was judged apart",
    )
    .value("version", version.to_string())
    .value("cipher_suite", cipher_suite)
    .remedy(
        Owner::ServerOperator,
        "Switch on TLS 1.2 and 1.3 at the server, or put a proxy in front of it that has them.",
    )
}

fn old_suite(case: &Case<'_>, cipher_suite: &str) -> Finding {
    let host = case.host();
    let chose = format!("From everything offered it chose {}", quoted(cipher_suite));
    let finding = |message: String| Finding::problem(Code::HandshakeFailed, case.subject(), message);
    let finding = match cipher_suites::takers(cipher_suite) {
        Takers::Usual(who) => {
            finding(format!("{host} speaks TLS 1.2 with cipher suites only that {who} takes."))
                .evidence(format!("{chose}."))
        }
        Takers::Parted { refused_by, taken_by } => {
            let finding = finding(format!(
                "{host} speaks TLS 1.2 with old cipher suites only, and not every client takes those."
            ))
            .evidence(format!("{chose}: {}.", what_is_old(cipher_suite)))
            .evidence(format!("Refused by {}.", list(&refused_by)))
            .value("refused_by", refused_by);
            if taken_by.is_empty() {
                finding
            } else {
                finding.evidence(format!("Taken by {}.", list(&taken_by)))
            }
        }
    };
    let bits = case.look.handshake.as_ref().and_then(|handshake| handshake.diffie_hellman_bits);
    let small =
        bits.map(|bits| (bits, cipher_suites::refusers_of_group(bits))).filter(|(_, who)| !who.is_empty());
    let finding = match small {
        Some((bits, who)) => {
            let who: Vec<String> = who.into_iter().map(str::to_owned).collect();
            finding
                .evidence(format!(
                    "Its Diffie-Hellman group has {bits} bits, too few for {} (`dh key too small`).",
                    list(&who)
                ))
                .value("diffie_hellman_bits", bits)
        }
        None => finding,
    };
    finding.not(Code::LegacyTlsOnly, "TLS 1.2 itself is current").value("cipher_suite", cipher_suite).remedy(
        Owner::ServerOperator,
        "Switch on ECDHE cipher suites with AES-GCM or ChaCha20-Poly1305, or TLS 1.3.",
    )
}

fn what_is_old(cipher_suite: &str) -> String {
    use cipher_suites::Trait;
    let words = |part: &Trait| match part {
        Trait::CbcSha1 => "it encrypts in CBC mode, with SHA-1",
        Trait::CbcSha2 => "it encrypts in CBC mode",
        Trait::Dhe => "its keys are agreed on with finite-field Diffie-Hellman",
        Trait::Rsa => "its keys have no forward secrecy",
    };
    let said: Vec<String> =
        cipher_suites::traits(cipher_suite).iter().map(|part| words(part).to_owned()).collect();
    list(&said)
}
