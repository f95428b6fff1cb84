//! The matrix of TLS versions.

use super::not_examined;
use crate::facts::TlsVersion;
use crate::facts::probe::{ServerReport, VersionReport};
use crate::present::layout::Layout;
use crate::present::style::Meaning;

pub(super) fn text(server: &ServerReport, layout: Layout) -> String {
    if server.answers.is_empty() {
        return not_examined("nothing was asked of the server", layout);
    }
    let mut answers = server.answers.values();
    if let Some(first) = answers.next().filter(|a| a.answer == "not-examined")
        && answers.all(|other| other == first)
    {
        return not_examined(&first.words, layout);
    }
    // under the words, where there is room for them
    let hang = if layout.fits(70) { 23 } else { 2 };
    let mut text = String::new();
    for (version, answer) in &server.answers {
        let word = format!("{:<12}", answer.answer);
        let line = format!("{version}  {}  {}", meaning(*version, answer).mark(&word), answer.words);
        text.push_str(&layout.paragraph(&line, 2, hang));
    }
    if let Some(terms) = terms(server) {
        text.push_str(&layout.paragraph(&terms, 2, 2));
    }
    let old = server.answers.iter().filter(|(version, _)| **version < TlsVersion::Tls12);
    let modern = server.answers.values().any(|answer| answer.answer == "accepted");
    if modern && old.map(|(_, answer)| answer.answer.as_str()).eq(["refused"; 2]) {
        text.push_str(&layout.paragraph("TLS 1.0 and 1.1 are refused as they should be (RFC 8996).", 2, 2));
    }
    for sentence in &server.advice {
        text.push_str(&layout.paragraph(&format!("- {sentence}"), 2, 2));
    }
    text
}

/// That an old version is refused is as it should be.
fn meaning(version: TlsVersion, answer: &VersionReport) -> Meaning {
    let modern = version >= TlsVersion::Tls12;
    match answer.answer.as_str() {
        "accepted" if modern => Meaning::Ok,
        "accepted" => Meaning::Problem,
        "refused" | "reset" if !modern => Meaning::Ok,
        "refused" | "reset" => Meaning::Faint,
        _ => Meaning::Unknown,
    }
}

/// What holds up to TLS 1.2, in one line.
fn terms(server: &ServerReport) -> Option<String> {
    let yes = |is: bool| if is { "yes" } else { "no" };
    let mut terms = Vec::new();
    terms.extend(server.forward_secrecy.map(|is| format!("forward secrecy: {}", yes(is))));
    terms.extend(server.secure_renegotiation.map(|is| format!("secure renegotiation: {}", yes(is))));
    terms.extend(server.diffie_hellman_bits.map(|bits| format!("Diffie-Hellman group: {bits} bits")));
    (!terms.is_empty()).then(|| format!("Up to TLS 1.2: {}", terms.join(", ")))
}
