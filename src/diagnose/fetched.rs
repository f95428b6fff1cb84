//! What the addresses at which an issuer should be fetched really gave.

use super::case::Case;
use super::words::{list, quoted, subject_of};
use crate::facts::Certificate;
use crate::facts::issuer::IssuerAnswer;
use crate::judge::Verdict;
use crate::judge::trust::Place;
use crate::text::sanitise;

/// Says where a certificate was found that the server did not send, as the end of "it was".
pub(super) fn whence(place: &Place) -> String {
    match place {
        Place::Fetched(url) => format!("fetched from {}, as the certificate below it says", quoted(url)),
        other => format!("found in {other}"),
    }
}

/// Says where each certificate of an incomplete path comes from that the server did not send.
pub(super) fn on_path(verdict: &Verdict) -> Vec<String> {
    let found = verdict.missing_intermediates().filter_map(|(sha256, place)| {
        let certificate = verdict.path.iter().find(|c| c.fingerprint() == sha256)?;
        Some(format!("The server did not send {} either: it was {}.", subject_of(certificate), whence(place)))
    });
    found.collect()
}

/// Says where each certificate that the server did not send was found.
pub(super) fn each_on_path(verdict: &Verdict) -> Vec<String> {
    let found = verdict.path.iter().filter_map(|certificate| {
        let sha256 = certificate.fingerprint();
        let (_, place) = verdict.missing_intermediates().find(|(missing, _)| *missing == sha256)?;
        Some(format!("{} was {}.", subject_of(certificate), whence(place)))
    });
    found.collect()
}

/// Says for each address that a certificate names what stands behind it, and for one that was not asked why.
pub(super) fn answers(case: &Case<'_>, certificate: &Certificate) -> Vec<String> {
    let Ok(details) = certificate.details() else { return Vec::new() };
    if details.issuer_urls.is_empty() {
        return vec!["The certificate does not say where its issuer could be fetched.".to_owned()];
    }
    let known = &case.world.observations.issuers;
    details
        .issuer_urls
        .iter()
        .take(3)
        .map(|url| {
            let whence = quoted(url);
            let Some(look) = known.iter().find(|look| look.url == *url) else {
                return match url.get(..5) {
                    Some(scheme) if scheme.eq_ignore_ascii_case("http:") => {
                        format!("The certificate says that its issuer can be fetched from {whence}; that was not tried.")
                    }
                    _ => format!("The certificate says that its issuer is at {whence}, which is not plain HTTP and was not tried."),
                };
            };
            match &look.answer {
                IssuerAnswer::Certificates { certificates, .. } => match certificates.as_slice() {
                    [] => format!("At {whence}, where the certificate says its issuer is, stands an empty list of certificates."),
                    some => {
                        let names: Vec<String> = some.iter().take(3).map(subject_of).collect();
                        format!("At {whence}, where the certificate says its issuer is, stands another one: {}.", list(&names))
                    }
                },
                IssuerAnswer::Elsewhere { place } => format!(
                    "{whence}, where the certificate says its issuer is, leads to {}, which was not followed.",
                    quoted(place)
                ),
                IssuerAnswer::Something { page: true, .. } => {
                    format!("At {whence}, where the certificate says its issuer is, stands a web page.")
                }
                IssuerAnswer::Something { page: false, .. } => {
                    format!("At {whence}, where the certificate says its issuer is, stands something that is no certificate.")
                }
                IssuerAnswer::Status { status } => {
                    format!("{whence}, where the certificate says its issuer is, answers with status {status}.")
                }
                IssuerAnswer::Unanswered { reason } => {
                    format!("{whence}, where the certificate says its issuer is, gave nothing: {}.", sanitise(reason))
                }
            }
        })
        .collect()
}
