//! How a handshake ended that did not end well: cut, silent, refused with an alert, or given up by this side.

use super::Finding;
use super::case::Case;
use super::suites;
use super::wire::{TRY_AGAIN, alert_name};
use super::words::quoted;
use crate::facts::Code;
use crate::facts::handshake::{Handshake, NO_COMMON_GROUP, Outcome, Reached, Step, TlsVersion};
use crate::facts::report::{Certainty, Owner};
use crate::facts::versions::VersionAnswer;

/// `client-certificate-required`: the chain was judged all the same.
pub(super) fn client_certificate(case: &Case<'_>) -> Vec<Finding> {
    let asked = case.look.handshake.as_ref().is_some_and(|h| h.client_certificate_requested);
    let insists = matches!(case.look.outcome, Outcome::Alert { description: 116 })
        || (asked && matches!(case.look.outcome, Outcome::Alert { .. } | Outcome::Reset { .. }));
    if !asked && !insists {
        return Vec::new();
    }
    let host = case.host();
    let message = if insists {
        format!("{host} wants a client certificate and ended the handshake without one.")
    } else {
        format!("{host} asks for a client certificate.")
    };
    vec![
        Finding::note(Code::ClientCertificateRequired, case.subject(), message)
            .evidence(if case.look.chain().is_empty() {
                "It ended the handshake before it presented its own certificates: they are not judged."
            } else {
                "The server's own certificates were seen before that and are judged as always."
            })
            .evidence(if insists {
                "Programs that have no client certificate for it cannot connect, whatever CAs they trust."
            } else {
                "It finished the handshake without one; it may still refuse requests."
            })
            .not(Code::UntrustedRoot, "the server ended or asked, not the client's check of the server")
            .remedy(
                Owner::ServerOperator,
                if insists {
                    "Whoever runs the service has to give you a client certificate, and say how the program is told of it."
                } else {
                    "Nothing has to be done unless requests are refused. Then whoever runs the service has to give you a \
                     client certificate, and say how the program is told of it."
                },
            ),
    ]
}

/// Says what the end of a handshake means, where it means anything.
pub(super) fn about(case: &Case<'_>) -> Option<Finding> {
    match &case.look.outcome {
        Outcome::Alert { .. } | Outcome::Reset { .. } if !client_certificate(case).is_empty() => None,
        Outcome::Alert { description } => Some(alert(case, *description)),
        Outcome::Completed => renegotiation(case),
        Outcome::HandshakeFailed { reason } => Some(given_up(case, reason)),
        Outcome::LegacyOnly { version, cipher_suite } => Some(suites::legacy(case, *version, cipher_suite)),
        Outcome::Reset { closed } => Some(reset(case, *closed)),
        _ => None,
    }
}

/// The server stopped answering.
pub(super) fn timeout(case: &Case<'_>) -> Finding {
    let host = case.host();
    let (message, evidence) = match case.look.reached {
        Reached::Nothing => (
            format!("{host} accepts the connection and then says nothing."),
            "The TCP connection was made; the TLS greeting got no answer.".to_owned(),
        ),
        Reached::Hello => (
            format!("{host} begins the TLS handshake and then says nothing."),
            format!(
                "It answered the greeting{}; its certificates did not come, or not all of them.",
                with_version(case)
            ),
        ),
        Reached::Certificates | Reached::Finished => (
            format!("{host} presents its certificates and then says nothing."),
            "It did not answer the last message of the handshake.".to_owned(),
        ),
    };
    let finding = Finding::problem(Code::Timeout, case.subject(), message).evidence(evidence);
    let finding = match case.look.reached {
        Reached::Nothing if tls12_alone_was_accepted(case) => finding.evidence(
            "A greeting that offers TLS 1.2 alone is answered: the server, or something before it, does not take TLS 1.3.",
        ),
        Reached::Nothing | Reached::Hello => {
            finding.evidence("Paths that lose large packets (MTU, common in VPNs) show themselves here as well.")
        }
        Reached::Certificates | Reached::Finished => finding,
    };
    finding
        .not(Code::Refused, "nothing refused the connection")
        .value("step", serde_json::to_value(Step::Handshake).unwrap_or_default())
        .remedy(Owner::You, TRY_AGAIN)
}

/// Whether the server was asked with every version apart, and answered to TLS 1.2.
fn tls12_alone_was_accepted(case: &Case<'_>) -> bool {
    let asked = case.world.observations.versions.iter().find(|look| look.target == case.look.target);
    let answer = asked.and_then(|look| look.versions.get(&TlsVersion::Tls12));
    matches!(answer, Some(VersionAnswer::Accepted { .. }))
}

fn with_version(case: &Case<'_>) -> String {
    // certificates that did not come in the first handshake are those of a second one, and so is the version
    let first = case.look.handshake.as_ref().filter(|handshake| handshake.chain.is_empty());
    let version = first.and_then(|handshake| handshake.version);
    version.map_or(String::new(), |version| format!(" with {version}"))
}

fn reset(case: &Case<'_>, closed: bool) -> Finding {
    let host = case.host();
    let cut = |message: String| Finding::problem(Code::ConnectionReset, case.subject(), message);
    if let Some(version) = case.look.tolerates {
        let message =
            format!("The connection to {host} is cut when TLS 1.3 is offered, although it takes {version}.");
        return intolerant(cut(message), version, if closed { "closed without a word" } else { "reset" });
    }
    let finding = cut(match case.look.reached {
        Reached::Finished => format!("The connection to {host} was cut right after the handshake."),
        _ => format!("The connection to {host} was cut during the handshake."),
    });
    let how = if closed {
        "the other side closed the connection in order, without a TLS alert"
    } else {
        "the connection was reset"
    };
    let (when, who) = match case.look.reached {
        Reached::Nothing => (
            if closed {
                "The other side closed the connection in order, without a TLS alert.".to_owned()
            } else {
                "The connection was reset after the TLS greeting.".to_owned()
            },
            "Firewalls that block by host name do that, and servers that do not know the name or the TLS version.",
        ),
        Reached::Hello => (
            format!("The greeting was answered{}; then {how}.", with_version(case)),
            "So the name is not what is blocked. Filters that look into certificates do that, and servers that break down.",
        ),
        Reached::Certificates => (
            format!("The server presented its certificates; then {how}."),
            "So the name is not what is blocked. Filters that look into certificates do that, servers that break down, and \
             clusters whose members disagree.",
        ),
        Reached::Finished => (
            format!("The handshake was finished; then {how}, before anything was asked."),
            "Filters that look into certificates do that, and servers that break down.",
        ),
    };
    let finding = finding.evidence(when).evidence(who).not(Code::Refused, "the connection itself was made");
    if case.look.reached == Reached::Nothing {
        return finding.remedy(
            Owner::ItDepartment,
            "Ask whether this host is blocked. If it is not, the server's operator has to look: `trustgap probe` shows which \
             TLS versions it takes.",
        );
    }
    finding.remedy(
        Owner::ServerOperator,
        "The server's log should say why. If it shows a handshake that was cut by the client, a firewall or gateway in \
         between did it: then ask your IT department.",
    )
}

/// Finishes what is said of a server that answers nobody who offers a version newer than this one.
fn intolerant(finding: Finding, version: TlsVersion, how: &str) -> Finding {
    finding
        .evidence(format!("A greeting that offers TLS 1.3 beside {version}, as those of current clients do, is {how}."))
        .evidence(format!("One that offers {version} alone is answered, and the handshake was finished."))
        .evidence("A server has to ignore versions that it does not know; old load balancers, firewalls and gateways do not.")
        .not(Code::LegacyTlsOnly, format!("{version} is current"))
        .value("tolerates", version.to_string())
        .remedy_with(
            Owner::ServerOperator,
            format!(
                "Update the server, or what stands before it. Until then a program connects that is kept at {version}, as \
                 curl is with `--tls-max 1.2` and Node.js with `--tls-max-v1.2`."
            ),
            Vec::new(),
        )
}

fn alert(case: &Case<'_>, description: u8) -> Finding {
    let host = case.host();
    let said = format!("alert {description} ({})", alert_name(description));
    let problem =
        |code, message: String| Finding::problem(code, case.subject(), message).value("alert", description);
    let ended = format!("The server ended the handshake with {said}.");
    if let Some(version) = case.look.tolerates {
        let code = if description == 70 { Code::TlsVersionRefused } else { Code::HandshakeFailed };
        let message = format!("{host} refuses clients that offer TLS 1.3, although it takes {version}.");
        return intolerant(problem(code, message), version, &format!("refused with {said}"));
    }
    match description {
        70 => problem(Code::TlsVersionRefused, format!("{host} accepts neither TLS 1.3 nor TLS 1.2."))
            .evidence(ended)
            .evidence("TLS 1.0 and 1.1 are deprecated (RFC 8996) and switched off in current clients.")
            .not(Code::NotTls, "the alert is a TLS message")
            .remedy(
                Owner::ServerOperator,
                "Switch on TLS 1.2 and 1.3 at the server; `trustgap probe` shows which versions it takes today.",
            ),
        112 => problem(Code::HandshakeFailed, format!("The server at {host} does not know that name."))
            .evidence(ended)
            .evidence("It has several sites, and the name that was asked for (SNI) is none of them.")
            .not(Code::NameMismatch, "no certificate was presented")
            .remedy(
                Owner::ServerOperator,
                "Check that the name leads to the right server; there, the site has to be configured under this name.",
            ),
        40 | 71 => problem(Code::HandshakeFailed, format!("{host} accepts nothing of what current clients offer."))
            .certainty(Certainty::LooksLike)
            .evidence(ended)
            .evidence("Servers answer like this that want other cipher suites, groups or signature algorithms than offered.")
            .evidence("Some that insist on a client certificate or do not know the name asked for say the same.")
            .not(Code::NotTls, "the alert is a TLS message")
            .remedy(
                Owner::ServerOperator,
                "Look into the server's log and at its cipher settings; `trustgap probe` shows what it takes.",
            ),
        // "I close the connection" is no reason
        0 => problem(Code::HandshakeFailed, format!("{host} ended the TLS handshake without a reason."))
            .evidence(ended)
            .not(Code::ConnectionReset, "it said in TLS that it closes")
            .remedy(Owner::ServerOperator, "The server's log may say more."),
        _ => problem(Code::HandshakeFailed, format!("{host} ended the TLS handshake."))
            .evidence(ended)
            .not(Code::ConnectionReset, "it said why before it closed")
            .remedy(Owner::ServerOperator, "The server's log says more about this alert."),
    }
}

/// This side ended the handshake, as other clients do or would.
fn given_up(case: &Case<'_>, reason: &str) -> Finding {
    let host = case.host();
    let failed = |message: String| Finding::problem(Code::HandshakeFailed, case.subject(), message);
    let nothing = Handshake::default();
    let seen = case.look.handshake.as_ref().unwrap_or(&nothing);
    if seen.bad_signature.is_some() {
        return failed(format!("{host} does not prove that the certificate it presents is its own."))
            .evidence(format!("Proof is a signature with the certificate's key: {}.", quoted(reason)))
            .evidence("Every client ends the handshake there (`bad signature`, `decrypt error`), whatever CAs it trusts.")
            .not(Code::UntrustedRoot, "clients come no further than this signature")
            .remedy(
                Owner::ServerOperator,
                "Give the server the key that belongs to its certificate: `openssl x509 -noout -pubkey` with the certificate's \
                 file and `openssl pkey -pubout` with the key's have to print the same.",
            );
    }
    if seen.proved_with_sha1 {
        return failed(format!("{host} signs its TLS handshake with SHA-1, which current clients refuse."))
            .evidence("Asked without SHA-1 it ends the handshake; with it, it chose TLS 1.2 and signed over SHA-1.")
            .evidence(
                "RFC 9155 forbids such signatures. OpenSSL 3 (curl, Python, Node.js, PHP, Ruby), programs on rustls, Go since \
                 1.25 and Java since 25 do not offer them and get alert 40; GnuTLS and older programs connect.",
            )
            .not(Code::WeakSignature, "it is not a certificate that is signed so")
            .remedy(Owner::ServerOperator, "Let the server sign with SHA-256: update its TLS library or take out the setting that keeps it at SHA-1.");
    }
    let finding = failed(format!("The TLS handshake with {host} failed."))
        .evidence(format!("The TLS library gave up with {}.", quoted(reason)));
    let finding = if let Some(version) = case.look.tolerates {
        return intolerant(finding, version, "not answered properly");
    } else if case.look.chain().is_empty() {
        finding
    } else {
        finding.evidence("The certificates that came before that were judged all the same.")
    };
    if reason == NO_COMMON_GROUP {
        return finding
            .evidence(
                "Programs on OpenSSL, GnuTLS, Go and Java have groups that this one lacks (P-521, some also X448) and may \
                 connect; programs on rustls do not.",
            )
            .remedy(Owner::ServerOperator, "Switch on X25519 or P-256 beside the group that the server insists on.");
    }
    finding.remedy(
        Owner::ServerOperator,
        "Look at the server's TLS settings with `trustgap probe`; other clients may take what this one refuses.",
    )
}

/// A server that does not know RFC 5746: OpenSSL 3 refuses it before any certificate counts.
fn renegotiation(case: &Case<'_>) -> Option<Finding> {
    let handshake = case.look.handshake.as_ref()?;
    if handshake.secure_renegotiation != Some(false) {
        return None;
    }
    let message =
        format!("Programs on OpenSSL 3 refuse {}: it does not know secure renegotiation.", case.host());
    Some(
        Finding::problem(Code::HandshakeFailed, case.subject(), message)
            .evidence("Its answer to the greeting has no renegotiation_info (RFC 5746, of 2010).")
            .evidence(
                "curl, Python, Node.js, PHP and Ruby on OpenSSL 3 end the handshake with `unsafe legacy renegotiation \
                 disabled`; programs on GnuTLS, Go, Java and rustls connect.",
            )
            .not(Code::LegacyTlsOnly, "the version it chose is current")
            .remedy(
                Owner::ServerOperator,
                "Update the server's TLS library, or the gateway before it. Switching the check off in the clients would open \
                 them to an attack on every connection.",
            ),
    )
}
