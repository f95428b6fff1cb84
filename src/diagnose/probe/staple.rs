//! What is known about a server's OCSP staple.

use crate::diagnose::case::Case;
use crate::facts::handshake::Outcome;
use crate::facts::probe::StapleAnswer;
use crate::judge::StapleStatus;
use crate::text::sanitise;

/// Returns the staple, or that there is none; `None` where the handshake did not come so far, or nothing was asked.
pub(super) fn answer(case: &Case<'_>) -> Option<StapleAnswer> {
    let leaf = case.look.chain().first()?;
    let details = leaf.details().ok();
    let demanded = details.is_some_and(|d| d.must_staple);
    let responders: Vec<String> =
        details.map(|d| d.ocsp_urls.iter().map(|url| sanitise(url)).collect()).unwrap_or_default();
    let Some(staple) = &case.judged.staple else {
        // a chain that was read without finishing the handshake comes with its staple too: both are in the clear
        let seen = matches!(case.look.outcome, Outcome::Completed | Outcome::LegacyOnly { .. });
        return (seen && !case.is_saved()).then(|| StapleAnswer {
            status: "none".to_owned(),
            demanded,
            sound: None,
            problems: Vec::new(),
            responder: None,
            produced_at: None,
            this_update: None,
            next_update: None,
            responders,
        });
    };
    Some(StapleAnswer {
        status: match &staple.status {
            None => "unusable",
            Some(StapleStatus::Good) => "good",
            Some(StapleStatus::Revoked { .. }) => "revoked",
            Some(StapleStatus::Unknown) => "unknown",
        }
        .to_owned(),
        demanded,
        sound: Some(staple.is_sound()),
        problems: staple.faults.iter().map(|fault| sanitise(&fault.to_string())).collect(),
        responder: staple.responder.as_deref().map(sanitise),
        produced_at: staple.produced_at,
        this_update: staple.this_update,
        next_update: staple.next_update,
        responders,
    })
}
