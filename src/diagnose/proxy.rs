//! What a proxy between this computer and a host said, or did not say.

use super::Found;
use super::case::{Case, World};
use super::proxy_refusal::{Refusal, distrust};
use super::ways::{ANSWERS_DIRECTLY, Clients, answers_through, is_of_the_environment, place};
use super::words::{list, quoted, some};
use crate::facts::handshake::{Outcome, SOCKS_PASSWORD};
use crate::facts::report::{Finding, Owner, Severity};
use crate::facts::{Code, Os, ProxyUrl, Route};
use crate::judge::detour::leads_there;
use crate::text::sanitise;

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
    let finding = said(case)?;
    let Route::Proxy { proxy, .. } = &case.look.route else {
        return Some(with_the_direct_way(case, finding));
    };
    let clients = Clients::of(case, proxy);
    let (through, direct) = clients.ids();
    // one that the user named on the command line is nobody else's
    let finding = if through.is_empty() {
        finding
    } else {
        finding.evidence_from(clients.sentence()).value("through", through).value("direct", direct)
    };
    Some(with_the_direct_way(case, finding))
}

/// Says where other ways led; one that leads to the host is what helps.
fn with_the_direct_way(case: &Case<'_>, finding: Finding) -> Finding {
    let Some(tried) = case.look.tried.iter().find(|tried| leads_there(&tried.outcome)) else {
        let hopeless = case.look.tried.iter().any(|tried| matches!(tried.route, Route::Direct { .. }));
        return if hopeless {
            finding.evidence("Directly, without the proxy, the host is not reached either.")
        } else {
            finding
        };
    };
    match &tried.route {
        Route::Direct { .. } => {
            let finding = finding.severity(Severity::Problem).evidence(ANSWERS_DIRECTLY);
            if finding.code == Code::ProxyAuthRequired {
                return finding;
            }
            let name = &case.look.target.host;
            let command = match case.world.os() {
                Os::Windows => format!("$env:NO_PROXY = \"$env:NO_PROXY,{name}\""),
                _ => format!("export no_proxy=\"$no_proxy,{name}\" NO_PROXY=\"$NO_PROXY,{name}\""),
            };
            finding.remedy_with(
                Owner::You,
                "Exempt the host from the proxy, or unset the proxy where this network does not need it. If the proxy \
                 ought to let it through, its operator has to act.",
                vec![command],
            )
        }
        Route::Proxy { proxy, set_by } => {
            let at = case.world.observations.proxies.iter().find(|p| p.setter() == *set_by);
            let at = at.map_or_else(|| quoted(set_by), place);
            let text = if is_of_the_environment(case, proxy) {
                "Put the same user name and password into the proxy's address in the variable, percent-encoded, where only \
                 you can read it."
            } else {
                "Compare the two addresses: the variable may be an old one. Set it to the proxy that answers."
            };
            let said = answers_through(case, proxy, &at);
            finding.severity(Severity::Problem).evidence(said).remedy(Owner::You, text)
        }
        Route::Unreadable { .. } => finding,
    }
}

fn said(case: &Case<'_>) -> Option<Finding> {
    let (proxy, set_by) = match &case.look.route {
        Route::Proxy { proxy, set_by } => (proxy, quoted(set_by)),
        Route::Unreadable { set_by, problem } => return Some(unreadable(case, &quoted(set_by), problem)),
        Route::Direct { .. } => return None,
    };
    let start = |code, message: String| start(case, code, message, &proxy.to_string(), &set_by);
    Some(match &case.look.outcome {
        Outcome::ProxyAuthRequired { schemes, credentials_sent } => {
            let schemes: Vec<String> = schemes.iter().map(|s| sanitise(s)).collect();
            let asks = if schemes.is_empty() { "names no scheme".to_owned() } else { format!("offers {}", list(&schemes)) };
            let (owner, remedy) = sign_in(&schemes, *credentials_sent);
            start(Code::ProxyAuthRequired, wants(proxy, &schemes, *credentials_sent))
                .evidence(format!("It asks who is there and {asks}. The proxy was set by {set_by}."))
                .evidence_from(abilities(&schemes))
                .not(Code::ProxyRefused, "it would let the connection through for somebody it knows")
                .value("schemes", schemes)
                .remedy(owner, remedy)
        }
        Outcome::ProxyRefused { status, reason } => {
            let Refusal { message, owner, remedy } = Refusal::of(proxy, *status, reason, &case.host());
            let said = match status {
                Some(reply) if proxy.scheme.is_socks() => {
                    format!("It answered {} (SOCKS reply {reply}).", quoted(reason))
                }
                Some(status) => format!("It answered {status} {}.", quoted(reason)),
                None => format!("It did not answer as such a proxy does: {}.", quoted(reason)),
            };
            start(Code::ProxyRefused, message)
                .evidence(format!("{said} The proxy was set by {set_by}."))
                .not(Code::ProxyUnreachable, "something answered at the proxy's address")
                .remedy(owner, remedy)
        }
        Outcome::ProxyUnreachable { message } => {
            start(Code::ProxyUnreachable, format!("The proxy {proxy} cannot be reached."))
                .severity(unreached(case))
                .evidence(format!("The connection failed with {}. The proxy was set by {set_by}.", quoted(message)))
                .not(Code::Unreachable, "the host itself was never asked")
                .remedy(
                    Owner::You,
                    "Check the proxy's name and port and whether the company network or VPN is connected. Outside of it, \
                     unset the variable or use `--proxy none`.",
                )
        }
        Outcome::ProxyUntrusted { reason } => {
            let (why, owner, remedy) = distrust(case, proxy);
            start(Code::ProxyUnreachable, format!("The certificate of the proxy {proxy} is not trusted."))
                .evidence(format!("It is spoken to over TLS, and its chain fails: {}.", why.unwrap_or_else(|| quoted(reason))))
                .evidence(format!("The proxy was set by {set_by}. Nothing was asked of it."))
                .not(Code::UntrustedRoot, "it is the proxy's certificate, not the host's")
                .remedy(owner, remedy)
        }
        _ => return None,
    })
}

fn start(case: &Case<'_>, code: Code, message: String, proxy: &str, set_by: &str) -> Finding {
    Finding::problem(code, case.subject(), message)
        .value("proxy", proxy)
        .value("set_by", set_by.trim_matches('"'))
}

fn unreached(case: &Case<'_>) -> Severity {
    if case.world.reached_anything() { Severity::Problem } else { Severity::Unknown }
}

fn unreadable(case: &Case<'_>, set_by: &str, problem: &str) -> Finding {
    let message = format!("{set_by} names a proxy with an address that cannot be read.");
    start(case, Code::ProxyUnreachable, message, "the proxy", set_by)
        .severity(unreached(case))
        .evidence(format!("What stands there: {}.", sanitise(problem)))
        .not(Code::Unreachable, "the host itself was never asked")
        .remedy(
            Owner::You,
            "Write it as http://HOST:PORT, with special characters in a password percent-encoded; or unset it.",
        )
}

fn wants(proxy: &ProxyUrl, schemes: &[String], credentials_sent: bool) -> String {
    let takes_passwords = schemes.is_empty() || offers(schemes, &["basic", "digest", SOCKS_PASSWORD]);
    match (credentials_sent, takes_passwords) {
        (true, true) => format!("The proxy {proxy} does not accept the user name and password it was given."),
        (true, false) => {
            format!("The proxy {proxy} takes no user name and password: it wants {}.", schemes.join(" or "))
        }
        (false, true) => format!("The proxy {proxy} wants a user name and password."),
        (false, false) => format!("The proxy {proxy} wants a sign-in of the kind {}.", schemes.join(" or ")),
    }
}

fn offers(schemes: &[String], names: &[&str]) -> bool {
    schemes.iter().any(|s| names.iter().any(|name| s.eq_ignore_ascii_case(name)))
}

/// Says what the tools can do with each scheme that is asked for.
fn abilities(schemes: &[String]) -> Vec<String> {
    let offered = |names: &[&str]| offers(schemes, names);
    let mut said = Vec::new();
    if offered(&["basic"]) {
        said.push(
            "Basic: nearly every tool sends the user name and password of the proxy's address; Java only with an empty \
             jdk.http.auth.tunneling.disabledSchemes.",
        );
    }
    if offered(&["digest"]) {
        said.push("Digest: `curl --proxy-digest` and git (`http.proxyAuthMethod`) can do it, hardly any other tool.");
    }
    if offered(&["negotiate", "kerberos"]) {
        said.push(
            "Negotiate is the computer's own sign-in (Kerberos): `curl --proxy-negotiate -U :`, git \
             (`http.proxyAuthMethod`), .NET and browsers can do it.",
        );
    }
    if offered(&["ntlm"]) {
        said.push(
            "NTLM is the sign-in of Windows: `curl --proxy-ntlm`, git (`http.proxyAuthMethod`), .NET and browsers can do it.",
        );
    }
    said.into_iter().map(str::to_owned).collect()
}

/// Returns who has to act when a proxy wants to know who is there, and how.
fn sign_in(schemes: &[String], credentials_sent: bool) -> (Owner, &'static str) {
    let takes_passwords = schemes.is_empty() || offers(schemes, &["basic", SOCKS_PASSWORD]);
    if takes_passwords && credentials_sent {
        let text = "Check user name and password in the proxy's address: special characters have to be percent-encoded; a \
                    password may have been changed, an account locked.";
        (Owner::You, text)
    } else if takes_passwords {
        let text = "Put user name and password into the proxy's address, percent-encoded: USER:PASSWORD and an @ before \
                    the host. Keep it where only you can read it.";
        (Owner::You, text)
    } else if offers(schemes, &["digest"]) {
        (
            Owner::ItDepartment,
            "Ask for Basic over an https:// proxy, or for an exemption for developer tools.",
        )
    } else if !offers(schemes, &["negotiate", "ntlm"]) {
        let text = "Most tools cannot sign in like this by themselves. Ask how programs without a browser are let through, \
                    or for an exemption for developer tools.";
        (Owner::ItDepartment, text)
    } else {
        let text = "Most tools cannot sign in like this by themselves. A local helper such as px or cntlm does it for \
                    them: the tools get its address as their proxy. Ask for one, or for an exemption for developer tools.";
        (Owner::ItDepartment, text)
    }
}
