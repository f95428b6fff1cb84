//! What an OCSP staple, or its absence, means for clients.

use super::case::Case;
use crate::facts::Code;
use crate::facts::handshake::Outcome;
use crate::facts::report::{Finding, Owner};

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    let Some(details) = case.look.chain().first().and_then(|c| c.details().ok()) else { return Vec::new() };
    let stapled = case.look.handshake.as_ref().is_some_and(|h| h.staple.is_some());
    let finished = case.look.outcome == Outcome::Completed && !case.is_saved();
    if !details.must_staple || stapled || !finished {
        return Vec::new();
    }
    vec![
        Finding::problem(
            Code::StapleMissing,
            case.subject(),
            format!("The certificate of {} demands an OCSP staple, and the server sent none.", case.host()),
        )
        .evidence("The certificate carries the TLS feature extension with status_request (RFC 7633, must-staple).")
        .evidence("Firefox and other clients that honour it refuse the connection; most command-line tools do not look.")
        .not(Code::Revoked, "nothing says that the CA has revoked it")
        .remedy(
            Owner::ServerOperator,
            "Switch OCSP stapling on at the server, or get a certificate without that demand: several public CAs have \
             ended OCSP.",
        ),
    ]
}
