//! Which CAs are handed out and which are not, for people and as JSON.

use serde::Serialize;
use time::OffsetDateTime;

use super::layout::Layout;
use super::style::Meaning;
use crate::facts::report::SCHEMA_VERSION;
use crate::facts::store::Origin;
use crate::facts::{Certificate, Fingerprint};
use crate::remedy::authorities::{Authority, Ground, Handout, Purpose, Refusal};
use crate::text::sanitise;

/// The JSON form: the part that every command that hands CAs out has in common.
#[derive(Clone, Debug, Serialize)]
pub struct HandoutReport {
    schema_version: u32,
    tool_version: &'static str,
    authorities: Vec<AuthorityReport>,
    refused: Vec<RefusalReport>,
}

#[derive(Clone, Debug, Serialize)]
struct AuthorityReport {
    subject: String,
    sha256: Fingerprint,
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    not_after: Option<OffsetDateTime>,
    purpose: &'static str,
    ground: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct RefusalReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Fingerprint>,
    reason: String,
    advice: String,
}

/// Returns the JSON form.
pub fn report(handout: &Handout) -> HandoutReport {
    let authority = |authority: &Authority| AuthorityReport {
        subject: subject(&authority.certificate),
        sha256: authority.certificate.fingerprint(),
        not_after: authority.certificate.details().ok().map(|details| details.not_after),
        purpose: match authority.purpose {
            Purpose::ClosesChain => "closes-chain",
            Purpose::Inspects => "inspects",
            Purpose::LocalAddition => "local-addition",
        },
        ground: match authority.ground {
            Ground::Confirmed { .. } => "confirmed",
            Ground::SystemStore { .. } => "system-store",
        },
    };
    let refused = |refusal: &Refusal| RefusalReport {
        subject: refusal.subject.as_deref().map(sanitise),
        sha256: refusal.fingerprint,
        reason: refusal.what(),
        advice: refusal.advice(),
    };
    HandoutReport {
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION"),
        authorities: handout.authorities.iter().map(authority).collect(),
        refused: handout.refusals.iter().map(refused).collect(),
    }
}

/// Returns a paragraph for each CA that is handed out: what it is for, why it may be, and how to be sure.
pub fn authorities(handout: &Handout, layout: Layout) -> String {
    let mut text = String::new();
    for authority in &handout.authorities {
        let purpose = match authority.purpose {
            Purpose::ClosesChain => "a private CA of this network",
            Purpose::Inspects => "inspects TLS here",
            Purpose::LocalAddition => "added to this computer",
        };
        let name = Meaning::Heading.mark(&subject(&authority.certificate));
        text.push_str(&layout.paragraph(&format!("{name}: {purpose}, {}", ground(&authority.ground)), 0, 2));
        text.push_str(&layout.paragraph(&format!("SHA-256 {}", authority.certificate.fingerprint()), 2, 2));
        if let Ok(details) = authority.certificate.details() {
            text.push_str(&layout.paragraph(&format!("valid until {}", details.not_after.date()), 2, 2));
        }
    }
    text
}

/// Returns why CAs are not handed out, and what would help, as an error and its hint.
pub fn refusals(handout: &Handout, layout: Layout) -> String {
    let mut text = String::new();
    for refusal in &handout.refusals {
        let label = Meaning::Problem.mark("error:");
        text.push_str(&layout.paragraph(&format!("{label} {}", refusal.what()), 0, 2));
        text.push_str(&layout.paragraph(&format!("hint: {}", refusal.advice()), 0, 2));
    }
    text
}

fn ground(ground: &Ground) -> String {
    match ground {
        Ground::Confirmed { place } => format!("confirmed by its fingerprint, from {}", sanitise(place)),
        Ground::SystemStore { origin } => {
            let who = match origin {
                Origin::Administrator => ", where an administrator put it",
                Origin::User => ", where a user put it",
                Origin::Leftover | Origin::Shipped | Origin::Unknown => "",
            };
            format!("in the system store{who}")
        }
    }
}

fn subject(certificate: &Certificate) -> String {
    certificate
        .details()
        .map_or_else(|_| "unreadable certificate".to_owned(), |d| sanitise(&d.subject.to_string()))
}
