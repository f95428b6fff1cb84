//! What a proxy between this computer and a host said, or did not say.

use super::Found;
use super::case::{Case, World};
use super::words::{list, quoted, some};
use crate::facts::handshake::Outcome;
use crate::facts::report::{Finding, Owner, Severity};
use crate::facts::{Code, Route};

/// One finding for all hosts behind the same proxy that failed in the same way.
pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    world
        .alike(about)
        .into_iter()
        .map(|(mut finding, cases)| {
            if cases.len() > 1 {
                let hosts: Vec<String> = cases.iter().map(Case::host).collect();
                finding = finding
                    .evidence(format!("It concerns {}.", some(&hosts, "hosts")))
                    .value("targets", cases.iter().map(Case::subject).collect::<Vec<_>>());
            }
            Found { targets: cases.iter().map(|c| c.index).collect(), finding }
        })
        .collect()
}

fn about(case: &Case<'_>) -> Option<Finding> {
    let (proxy, set_by) = match &case.look.route {
        Route::Proxy { proxy, set_by } => (proxy.to_string(), set_by.clone()),
        Route::Unreadable { set_by, .. } => ("the proxy".to_owned(), set_by.clone()),
        Route::Direct { .. } => return None,
    };
    let set_by = quoted(&set_by);
    let unreached = if case.world.reached_anything() { Severity::Problem } else { Severity::Unknown };
    let start = |code, message: String| {
        Finding::problem(code, case.subject(), message)
            .value("proxy", proxy.as_str())
            .value("set_by", set_by.trim_matches('"'))
    };
    Some(match &case.look.outcome {
        Outcome::ProxyAuthRequired { schemes, credentials_sent } => {
            let schemes: Vec<String> = schemes.iter().map(|s| crate::text::sanitise(s)).collect();
            let asks = if schemes.is_empty() { "names no scheme".to_owned() } else { format!("offers {}", list(&schemes)) };
            let basic = schemes.iter().any(|s| s.eq_ignore_ascii_case("basic"));
            start(
                Code::ProxyAuthRequired,
                if *credentials_sent {
                    format!("The proxy {proxy} does not accept the user name and password it was given.")
                } else {
                    format!("The proxy {proxy} wants a user name and password.")
                },
            )
            .evidence(format!("It answered 407 and {asks}. The proxy was set by {set_by}."))
            .not(Code::ProxyRefused, "it would let the connection through for somebody it knows")
            .value("schemes", schemes)
            .remedy(
                if basic { Owner::You } else { Owner::ItDepartment },
                if basic {
                    "Put user name and password into the proxy's address (http://USER:PASSWORD@HOST:PORT), percent-encoded, \
                     where only you can read it."
                } else {
                    "The proxy accepts only the computer's own sign-in (Negotiate or NTLM), which most tools cannot do by \
                     themselves. Ask for a local helper or an exemption for developer tools."
                },
            )
        }
        Outcome::ProxyRefused { status, reason } => {
            let said = match status {
                Some(status) => format!("It answered {status} {}.", quoted(reason)),
                None => format!("It did not answer as an HTTP proxy does: {}.", quoted(reason)),
            };
            let origin = matches!(status, Some(502..=504));
            start(
                Code::ProxyRefused,
                if origin {
                    format!("The proxy {proxy} could not connect to {}.", case.host())
                } else {
                    format!("The proxy {proxy} refuses the connection to {}.", case.host())
                },
            )
            .evidence(format!("{said} The proxy was set by {set_by}."))
            .not(Code::ProxyUnreachable, "the proxy itself answered")
            .remedy(
                Owner::ItDepartment,
                if origin {
                    "The proxy reached neither the name nor the server. An internal host may have to be exempted from it: \
                     NO_PROXY."
                } else {
                    "Ask why the host is not allowed. If it is an internal one, it has to be exempted from the proxy: \
                     NO_PROXY."
                },
            )
        }
        Outcome::ProxyUnreachable { message } => {
            start(Code::ProxyUnreachable, format!("The proxy {proxy} cannot be reached."))
                .severity(unreached)
                .evidence(format!("The connection failed with {}. The proxy was set by {set_by}.", quoted(message)))
                .not(Code::Unreachable, "the host itself was never asked")
                .remedy(
                    Owner::You,
                    "Check the proxy's name and port and whether the company network or VPN is connected. Outside of it, \
                     unset the variable or use `--proxy none`.",
                )
        }
        Outcome::ProxyUntrusted { reason } => {
            start(Code::ProxyUnreachable, format!("The certificate of the proxy {proxy} is not trusted."))
                .evidence(format!("It is spoken to over TLS, and its chain fails: {}.", quoted(reason)))
                .evidence(format!("The proxy was set by {set_by}. Nothing was asked of it."))
                .not(Code::UntrustedRoot, "it is the proxy's certificate, not the host's")
                .remedy(Owner::ItDepartment, "The CA of the proxy has to be in the system store of this computer.")
        }
        _ => return None,
    })
}
