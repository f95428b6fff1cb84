//! The rungs below TLS: names, connections, and what answered.

use super::case::Case;
use super::handshake;
use super::ways;
use super::words::{list, quoted, some};
use crate::facts::handshake::{Outcome, Step};
use crate::facts::report::{Finding, Owner, Severity};
use crate::facts::{Code, Host, Route, Target};

pub(super) fn rule(case: &Case<'_>) -> Vec<Finding> {
    about(case).map(|finding| finding.evidence_from(ways::tried(case))).into_iter().collect()
}

/// Puts one sentence in place of many where hosts share a fate.
pub(super) fn several(finding: Finding, cases: &[Case<'_>]) -> Finding {
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
    Finding { message, ..finding }
}

fn about(case: &Case<'_>) -> Option<Finding> {
    // nothing answered anywhere: then it is this computer's network, and nothing was found out
    let severity = if case.world.reached_anything() { Severity::Problem } else { Severity::Unknown };
    Some(match &case.look.outcome {
        Outcome::NotResolved { message } => not_resolved(case, message).severity(severity),
        Outcome::Refused => refused(case).severity(severity),
        Outcome::Unreachable { message } => unreachable(case, message).severity(severity),
        Outcome::TimedOut { step } => timeout(case, *step).severity(severity),
        Outcome::NotTls { excerpt } => not_tls(case, excerpt),
        _ => return handshake::about(case),
    })
}

fn problem(case: &Case<'_>, code: Code, message: String) -> Finding {
    Finding::problem(code, case.subject(), message)
}

fn not_resolved(case: &Case<'_>, words: &str) -> Finding {
    let host = case.host();
    let said = format!("The resolver said {}.", quoted(words));
    if is_about_the_resolver(words) {
        return problem(case, Code::NameNotResolved, format!("No resolver could say where {host} is."))
            .evidence(said)
            .evidence("That is what a resolver says that cannot be reached or that failed itself; the name may well exist.")
            .not(Code::Unreachable, "no address was known that could have been tried")
            .remedy(
                Owner::You,
                "Check this computer's network, its DNS servers and the VPN. If a proxy resolves names here, name it with \
                 `--proxy`.",
            );
    }
    problem(case, Code::NameNotResolved, format!("The name {host} does not resolve."))
        .evidence(said)
        .not(Code::Unreachable, "no address was known that could have been tried")
        .remedy(
            Owner::You,
            "Check the spelling, and whether the name exists only inside a company network or VPN that is not connected.",
        )
}

/// Whether a resolver's words say that it could not be asked, which is another matter than a name that is unknown
/// (`EAI_AGAIN` of the C libraries, `WSATRY_AGAIN` of Windows).
fn is_about_the_resolver(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["temporary failure", "try again", "temporary error"].iter().any(|part| words.contains(part))
}

fn refused(case: &Case<'_>) -> Finding {
    let (host, port) = (case.host(), case.look.target.port);
    let finding = problem(
        case,
        Code::Refused,
        format!("{host} refuses the connection: nothing listens on port {port}."),
    )
    .evidence("The connection was answered with a refusal, so the address is reachable.")
    .not(Code::Timeout, "the answer came at once");
    match misled(case) {
        Some((said, remedy)) => finding.evidence(said).remedy(Owner::You, remedy),
        None => finding.remedy(
            Owner::ServerOperator,
            "The service is not running, or on another port; a firewall that rejects looks the same.",
        ),
    }
}

fn unreachable(case: &Case<'_>, words: &str) -> Finding {
    let finding = problem(case, Code::Unreachable, format!("{} cannot be reached.", case.host()))
        .evidence(format!("The system said {}.", quoted(words)))
        .not(Code::NameNotResolved, "an address was known");
    match misled(case) {
        Some((said, remedy)) => finding.evidence(said).remedy(Owner::You, remedy),
        None => finding.remedy(
            Owner::You,
            "Check this computer's network and VPN; if only a proxy leads out, name it with `--proxy`.",
        ),
    }
}

/// Says that a name leads to an address at which its server cannot be: this computer, or no computer at all.
fn misled(case: &Case<'_>) -> Option<(String, &'static str)> {
    let Host::Name(name) = &case.look.target.host else { return None };
    let inside = name == "localhost" || name.ends_with(".localhost");
    let address = case.look.addresses.first().filter(|_| !inside)?;
    if !case.look.addresses.iter().all(|a| a.is_unspecified() || a.is_loopback()) {
        return None;
    }
    let what =
        if address.is_unspecified() { "which is no computer" } else { "which is this computer itself" };
    Some((
        format!("The name leads to {address}, {what}: DNS filters and the hosts file block names like that."),
        "Look for the name in the hosts file, and ask who runs the DNS servers here whether it is blocked.",
    ))
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
        Step::Handshake => return handshake::timeout(case),
    };
    problem(case, Code::Timeout, message)
        .evidence(evidence)
        .not(Code::Refused, "nothing refused the connection")
        .value("step", serde_json::to_value(step).unwrap_or_default())
        .remedy(Owner::You, TRY_AGAIN)
}

/// What to do where nothing came in time.
pub(super) const TRY_AGAIN: &str = "Try again with a longer `--timeout`; if it stays, check whether a firewall or VPN is \
                                    in the way, then ask the server's operator.";

fn not_tls(case: &Case<'_>, excerpt: &str) -> Finding {
    let what = match excerpt {
        text if text.starts_with("HTTP/") || text.trim_start().starts_with('<') => "a web server without TLS",
        text if text.starts_with("SSH-") => "an SSH server",
        text if text.starts_with("220") => "a mail or FTP server that starts in the clear",
        text if text.starts_with("* OK") => "an IMAP server that starts in the clear",
        text if text.starts_with("+OK") => "a POP3 server that starts in the clear",
        _ => "",
    };
    let what = if what.is_empty() { String::new() } else { format!(": {what}") };
    let Target { host, port } = &case.look.target;
    let message = match &case.look.route {
        Route::Proxy { proxy, .. } => {
            format!("Behind the proxy {proxy} something answers for {host} that does not speak TLS{what}.")
        }
        _ => format!("What answers on port {port} of {host} does not speak TLS{what}."),
    };
    let finding = Finding::problem(Code::NotTls, case.subject(), message)
        .evidence(if is_text(excerpt) {
            format!("It said {}.", quoted(excerpt))
        } else {
            "It sent bytes that are no text.".to_owned()
        })
        .not(Code::TlsVersionRefused, "the answer is not a TLS message of any version");
    if let Route::Proxy { proxy, .. } = &case.look.route {
        return finding
            .evidence(format!("The answer came through the proxy {proxy}, which may have given it itself."))
            .remedy(
                Owner::You,
                "Compare the proxy's address with the one that is meant: web servers that are no proxy answer like this. If \
                 it is right, check the port; the server's operator has to switch TLS on there.",
            );
    }
    finding.remedy(
        Owner::You,
        "Check the port. If it is right, the server's operator has to switch TLS on there; a proxy or login page of the \
         network can also answer in its place.",
    )
}

/// Whether most of an answer can be read; what no text can be was replaced.
fn is_text(excerpt: &str) -> bool {
    let odd = |c: &char| *c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
    2 * excerpt.chars().filter(odd).count() <= excerpt.chars().count()
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
