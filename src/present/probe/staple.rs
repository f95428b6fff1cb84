//! What a server staples about its certificate.

use time::OffsetDateTime;

use super::not_examined;
use crate::facts::probe::{ServerReport, StapleAnswer};
use crate::present::layout::Layout;
use crate::present::style::Meaning;

pub(super) fn text(server: &ServerReport, layout: Layout) -> String {
    let Some(staple) = &server.staple else {
        return not_examined("the handshake did not come so far, or no server was asked", layout);
    };
    if staple.status == "none" {
        return layout.paragraph(&none(staple), 2, 2);
    }
    let status = match (staple.status.as_str(), staple.sound) {
        ("good", Some(true)) => Meaning::Ok.mark("good: the CA has not revoked the certificate"),
        ("good", _) => Meaning::Problem.mark("says good, but proves nothing"),
        ("revoked", _) => Meaning::Problem.mark("revoked"),
        ("unknown", _) => Meaning::Problem.mark("unknown: the responder does not know the certificate"),
        _ => Meaning::Problem.mark("unusable: it says nothing about this certificate"),
    };
    let mut text = layout.paragraph(&status, 2, 2);
    let mut line = |sentence: String| text.push_str(&layout.paragraph(&sentence, 2, 2));
    for problem in &staple.problems {
        line(format!("- {problem}"));
    }
    if let Some(responder) = &staple.responder {
        let made = staple.produced_at.map_or_else(String::new, |at| format!(", made {}", moment(at)));
        line(format!("responder: {responder}{made}"));
    }
    if let Some(from) = staple.this_update {
        let until = staple.next_update.map_or_else(
            || "there is no date for the next one".to_owned(),
            |until| format!("to {}", moment(until)),
        );
        line(format!("holds {} {until}", moment(from)));
    }
    if staple.demanded {
        line("The certificate demands a staple (must-staple, RFC 7633).".to_owned());
    }
    text
}

fn none(staple: &StapleAnswer) -> String {
    if staple.demanded {
        return format!(
            "{}. The certificate demands one (must-staple, RFC 7633): clients that honour that refuse the connection.",
            Meaning::Problem.mark("none")
        );
    }
    "none. That is normal: the certificate does not demand one, and several public CAs ended OCSP in 2025."
        .to_owned()
}

/// `2026-03-01 12:00 UTC`.
fn moment(time: OffsetDateTime) -> String {
    format!("{} {:02}:{:02} UTC", time.date(), time.hour(), time.minute())
}
