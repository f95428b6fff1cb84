//! The rungs below the certificates: names, connections, what answered, and how the handshake ended.

use super::Found;
use super::case::{Case, World};
use super::ways;
use super::words::{list, quoted, some};
use crate::facts::handshake::{Outcome, Step, TlsVersion};
use crate::facts::report::{Finding, Owner, Severity};
use crate::facts::{Code, Route, Target};

/// One finding for all hosts that failed in the same way.
pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    let about = |case: &Case<'_>| Some(about(case)?.evidence_from(ways::tried(case)));
    world.alike(about).into_iter().map(|(finding, cases)| several(finding, &cases)).collect()
}

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
            .evidence("The server's own certificates were seen before that and are judged as always.")
            .evidence(if insists {
                "Programs that have no client certificate for it cannot connect, whatever CAs they trust."
            } else {
                "It finished the handshake without one; it may still refuse requests."
            })
            .not(Code::UntrustedRoot, "the server ended or asked, not the client's check of the server")
            .remedy(
                Owner::ServerOperator,
                "Ask whoever runs the service for a client certificate and how to give it to the program.",
            ),
    ]
}

/// Puts one sentence in place of many where hosts share a fate.
fn several(finding: Finding, cases: &[Case<'_>]) -> Found {
    let targets = cases.iter().map(|c| c.index).collect();
    if cases.len() < 2 {
        return Found { targets, finding };
    }
    let hosts: Vec<String> = cases.iter().map(Case::host).collect();
    let hosts = some(&hosts, "hosts");
    let message = match finding.code {
        Code::NameNotResolved => format!("The names {hosts} do not resolve."),
        Code::Refused => format!("{hosts} refuse the connection."),
        Code::Unreachable => format!("{hosts} cannot be reached."),
        Code::Timeout => format!("{hosts} did not answer in time."),
        Code::ConnectionReset => format!("The connections to {hosts} were cut during the handshake."),
        Code::NotTls => format!("What answers for {hosts} does not speak TLS."),
        _ => format!(
            "{} The same holds for {}.",
            finding.message,
            list(&cases[1..].iter().map(Case::host).collect::<Vec<_>>())
        ),
    };
    let named: Vec<String> = cases.iter().map(Case::subject).collect();
    Found { targets, finding: Finding { message, ..finding }.value("targets", named) }
}

fn about(case: &Case<'_>) -> Option<Finding> {
    let host = case.host();
    let problem = |code, message: String| Finding::problem(code, case.subject(), message);
    // nothing answered anywhere: then it is this computer's network, and nothing was found out
    let severity = if case.world.reached_anything() { Severity::Problem } else { Severity::Unknown };
    Some(match &case.look.outcome {
        Outcome::Completed
        | Outcome::ProxyAuthRequired { .. }
        | Outcome::ProxyRefused { .. }
        | Outcome::ProxyUnreachable { .. }
        | Outcome::ProxyUntrusted { .. } => return None,
        Outcome::NotResolved { message } => problem(Code::NameNotResolved, format!("The name {host} does not resolve."))
            .severity(severity)
            .evidence(format!("The resolver said {}.", quoted(message)))
            .not(Code::Unreachable, "no address was known that could have been tried")
            .remedy(
                Owner::You,
                "Check the spelling, and whether the name exists only inside a company network or VPN that is not connected.",
            ),
        Outcome::Refused => problem(Code::Refused, format!("{host} refuses the connection: nothing listens on port {}.", case.look.target.port))
            .severity(severity)
            .evidence("The connection was answered with a refusal, so the address is reachable.")
            .not(Code::Timeout, "the answer came at once")
            .remedy(
                Owner::ServerOperator,
                "The service is not running, or on another port; a firewall that rejects looks the same.",
            ),
        Outcome::Unreachable { message } => problem(Code::Unreachable, format!("{host} cannot be reached."))
            .severity(severity)
            .evidence(format!("The system said {}.", quoted(message)))
            .not(Code::NameNotResolved, "the name resolved")
            .remedy(Owner::You, "Check this computer's network and VPN; if only a proxy leads out, name it with `--proxy`."),
        Outcome::TimedOut { step } => timeout(case, *step).severity(severity),
        Outcome::Reset { .. } => return client_certificate(case).is_empty().then(|| reset(case)),
        Outcome::NotTls { excerpt } => not_tls(case, excerpt),
        Outcome::Alert { description } => return alert(case, *description),
        Outcome::LegacyOnly { version, cipher_suite } => legacy(case, *version, cipher_suite),
        Outcome::HandshakeFailed { reason } => problem(Code::HandshakeFailed, format!("The TLS handshake with {host} failed."))
            .evidence(format!("The TLS library gave up with {}.", quoted(reason)))
            .evidence("The certificates that came before that, if any, were judged all the same.")
            .remedy(
                Owner::ServerOperator,
                "Look at the server's TLS settings with `trustgap probe`; other clients may take what this one refuses.",
            ),
    })
}

fn timeout(case: &Case<'_>, step: Step) -> Finding {
    let host = case.host();
    let (message, evidence) = match step {
        Step::Resolve => {
            (format!("The name {host} was not resolved in time."), "The resolver did not answer.")
        }
        Step::Connect => (
            format!("{host} did not answer in time."),
            "Packets to the port get no answer at all: the host is off, or a firewall drops them.",
        ),
        Step::Proxy => (
            format!("The proxy did not connect to {host} in time."),
            "The proxy took the request and then said nothing.",
        ),
        Step::Handshake => (
            format!("{host} accepts the connection and then says nothing."),
            "The TCP connection was made; the TLS greeting got no answer.",
        ),
    };
    Finding::problem(Code::Timeout, case.subject(), message)
        .evidence(evidence)
        .not(Code::Refused, "nothing refused the connection")
        .value("step", serde_json::to_value(step).unwrap_or_default())
        .remedy(
            Owner::You,
            "Try again with a longer `--timeout`; if it stays, check whether a firewall or VPN is in the way, then ask the \
             server's operator.",
        )
}

fn reset(case: &Case<'_>) -> Finding {
    let closed = matches!(case.look.outcome, Outcome::Reset { closed: true });
    Finding::problem(
        Code::ConnectionReset,
        case.subject(),
        format!("The connection to {} was cut during the handshake.", case.host()),
    )
    .evidence(if closed {
        "The other side closed the connection in order, without a TLS alert."
    } else {
        "The connection was reset after the TLS greeting."
    })
    .evidence("Firewalls that block by host name do that, and servers that do not know the name or the TLS version.")
    .not(Code::Refused, "the connection itself was made")
    .remedy(
        Owner::ItDepartment,
        "Ask whether this host is blocked. If it is not, the server's operator has to look: `trustgap probe` shows which \
         TLS versions it takes.",
    )
}

fn not_tls(case: &Case<'_>, excerpt: &str) -> Finding {
    let what = match excerpt {
        text if text.starts_with("HTTP/") || text.trim_start().starts_with('<') => "a web server without TLS",
        text if text.starts_with("SSH-") => "an SSH server",
        text if text.starts_with("220") => "a mail or FTP server that starts in the clear",
        text if text.starts_with("* OK") => "an IMAP server that starts in the clear",
        text if text.starts_with("+OK") => "a POP3 server that starts in the clear",
        _ => "something else",
    };
    let Target { host, port } = &case.look.target;
    let message = match &case.look.route {
        Route::Proxy { proxy, .. } => {
            format!("Behind the proxy {proxy} something answers for {host} that does not speak TLS: {what}.")
        }
        _ => format!("What answers on port {port} of {host} does not speak TLS: {what}."),
    };
    Finding::problem(Code::NotTls, case.subject(), message)
    .evidence(format!("It said {}.", quoted(excerpt)))
    .not(Code::TlsVersionRefused, "the answer is not a TLS message of any version")
    .remedy(
        Owner::You,
        "Check the port. If it is right, the server's operator has to switch TLS on there; a proxy or login page of the \
         network can also answer in its place.",
    )
}

fn alert(case: &Case<'_>, description: u8) -> Option<Finding> {
    let host = case.host();
    let problem = |code, message: String| {
        Finding::problem(code, case.subject(), message)
            .evidence(format!(
                "The server ended the handshake with alert {description} ({}).",
                alert_name(description)
            ))
            .value("alert", description)
    };
    if !client_certificate(case).is_empty() {
        return None;
    }
    Some(match description {
        70 => problem(Code::TlsVersionRefused, format!("{host} accepts neither TLS 1.3 nor TLS 1.2."))
            .evidence("TLS 1.0 and 1.1 are deprecated (RFC 8996) and switched off in current clients.")
            .not(Code::NotTls, "the alert is a TLS message")
            .remedy(
                Owner::ServerOperator,
                "Switch on TLS 1.2 and 1.3 at the server; `trustgap probe` shows which versions it takes today.",
            ),
        112 => problem(Code::HandshakeFailed, format!("The server at {host} does not know that name."))
            .evidence("It has several sites, and the name that was asked for (SNI) is none of them.")
            .not(Code::NameMismatch, "no certificate was presented")
            .remedy(
                Owner::ServerOperator,
                "Check that the name leads to the right server; there, the site has to be configured under this name.",
            ),
        40 | 71 => problem(Code::HandshakeFailed, format!("{host} and this program have no cipher in common."))
            .evidence("The server saw nothing it accepts among the cipher suites, groups and signature algorithms offered.")
            .evidence("Servers that insist on a client certificate or do not know the name asked for answer like this too.")
            .not(Code::NotTls, "the alert is a TLS message")
            .remedy(
                Owner::ServerOperator,
                "Look at the server's cipher settings; `trustgap probe` shows what it takes.",
            ),
        _ => problem(Code::HandshakeFailed, format!("{host} ended the TLS handshake."))
            .not(Code::ConnectionReset, "it said why before it closed")
            .remedy(Owner::ServerOperator, "The server's log says more about this alert."),
    })
}

fn legacy(case: &Case<'_>, version: TlsVersion, cipher_suite: &str) -> Finding {
    let host = case.host();
    let suite = quoted(cipher_suite);
    if version < TlsVersion::Tls12 {
        return Finding::problem(
            Code::LegacyTlsOnly,
            case.subject(),
            format!("{host} speaks nothing newer than {version}, which current clients have switched off."),
        )
        .evidence(format!("From everything offered it chose {version} with {suite}."))
        .evidence("TLS 1.0 and 1.1 are deprecated (RFC 8996).")
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
        );
    }
    Finding::problem(
        Code::HandshakeFailed,
        case.subject(),
        format!("{host} speaks {version} with old cipher suites only."),
    )
    .evidence(format!(
        "From everything offered it chose {suite}; clients that ask for forward secrecy or AEAD refuse that."
    ))
    .evidence("Older OpenSSL programs may still connect.")
    .not(Code::LegacyTlsOnly, format!("{version} itself is current"))
    .value("cipher_suite", cipher_suite)
    .remedy(
        Owner::ServerOperator,
        "Switch on ECDHE cipher suites with AES-GCM or ChaCha20-Poly1305, or TLS 1.3.",
    )
}

/// RFC 8446, section 6.
pub(super) fn alert_name(description: u8) -> &'static str {
    match description {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => "unknown",
    }
}
