//! `proxy-required`: the direct way leads nowhere, and a proxy that the environment does not name leads there.

use super::Found;
use super::case::{Case, World};
use super::ways::{Clients, how, place};
use super::words::{quoted, some};
use crate::facts::proxies::{ConfiguredProxy, Leads};
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Code, Os, Outcome, ProxyUrl, Route};
use crate::judge::detour::{is_worth_another_way, leads_there};
use crate::judge::hosts::{Standing, standing_of};
use crate::judge::portal::{Sign, sign};
use crate::text::sanitise;

pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    let proved = world.alike(about).into_iter().map(|(finding, cases)| several(finding, &cases));
    proved.chain(perhaps(*world)).collect()
}

/// A proxy was found that leads where the direct way does not.
fn about(case: &Case<'_>) -> Option<Finding> {
    let Route::Proxy { proxy, set_by } = &case.look.route else { return None };
    let first = case.look.tried.first().filter(|tried| matches!(tried.route, Route::Direct { .. }))?;
    if leads_there(&first.outcome) || !leads_there(&case.look.outcome) {
        return None;
    }
    let exempted_by = match &first.route {
        Route::Direct { exempted_by } => exempted_by.as_deref(),
        _ => None,
    };
    let world = case.world;
    let configured = world.observations.proxies.iter().find(|p| p.setter() == *set_by);
    let clients = Clients::of(case, proxy);
    let (through, direct) = clients.ids();
    let finding =
        Finding::problem(Code::ProxyRequired, case.subject(), message(&case.host(), exempted_by.is_some()))
            .evidence(format!("Directly {}; through the proxy {proxy} it answers.", how(&first.outcome)))
            .evidence(match (exempted_by, configured) {
                (Some(entry), _) => {
                    format!("The proxy is set by {}, and exempted by {}.", quoted(set_by), quoted(entry))
                }
                (None, Some(configured)) => format!("The proxy is configured in {}.", place(configured)),
                (None, None) => format!("The proxy is configured in {}.", quoted(set_by)),
            })
            .evidence_from(clients.sentence())
            .not(Code::ProxyUnreachable, "the proxy answered")
            .not(code_of(&first.outcome), "through the proxy the host was reached")
            .value("proxy", proxy.to_string())
            .value("set_by", sanitise(set_by))
            .value("through", through)
            .value("direct", direct);
    // an inspecting proxy makes a certificate for whatever name it is asked for
    let made_up = case.is_inspected()
        && matches!(first.outcome, Outcome::NotResolved { .. })
        && world.cases().any(|c| c.look.tried.is_empty() && c.was_reached());
    let finding = if made_up {
        finding.certainty(Certainty::LooksLike).evidence(
            "The proxy inspects, and such a proxy answers for names that do not exist too: check the spelling.",
        )
    } else {
        finding
    };
    if exempted_by.is_some() {
        let text = "Take the host out of NO_PROXY (in both spellings), or ask for a direct way if there ought to be one.";
        return Some(finding.remedy(Owner::You, text));
    }
    let mut text =
        "Set it for the programs of this shell, in its start-up file to keep it; outside of this network \
                    unset it."
            .to_owned();
    if proxy.credentials.is_some() {
        text.push_str(" It takes a user name and password, which stand before the host and an @.");
    }
    for hint in clients.hints() {
        text.push(' ');
        text.push_str(hint);
    }
    Some(finding.remedy_with(Owner::You, text, commands(world.os(), proxy, configured, &clients)))
}

fn message(hosts: &str, exempted: bool) -> String {
    if exempted {
        format!("Only a proxy leads to {hosts}, and NO_PROXY keeps programs from it.")
    } else {
        format!("Only a proxy leads to {hosts}, and the environment names none.")
    }
}

fn several(finding: Finding, cases: &[Case<'_>]) -> Found {
    let targets = cases.iter().map(|c| c.index).collect();
    if cases.len() < 2 {
        return Found { targets, finding };
    }
    let hosts: Vec<String> = cases.iter().map(Case::host).collect();
    let exempted = finding.message.contains("NO_PROXY");
    let message = message(&some(&hosts, "hosts"), exempted);
    let named: Vec<String> = cases.iter().map(Case::subject).collect();
    Found { targets, finding: Finding { message, ..finding }.value("targets", named) }
}

/// Nothing at all is reached directly, and somebody configured a PAC file: the way out that browsers know.
fn perhaps(world: World<'_>) -> Option<Found> {
    let stuck = |case: &Case<'_>| {
        matches!(case.look.route, Route::Direct { .. })
            && is_worth_another_way(&case.look.route, &case.look.outcome)
    };
    let cases: Vec<Case<'_>> = world.cases().filter(stuck).collect();
    let public = cases.iter().any(|c| standing_of(c.look) != Standing::Internal);
    let pac = world.observations.proxies.iter().find_map(|p| match &p.leads {
        Leads::Pac { url } => Some((p, url)),
        _ => None,
    });
    let (configured, url) = pac.filter(|_| public && !world.reached_anything())?;
    let first = cases.first()?;
    // where somebody answers in place of sites, that is what has to be mended first
    if world.observations.pages.iter().any(|page| sign(page) != Sign::Nothing) {
        return None;
    }
    let hosts: Vec<String> = cases.iter().map(Case::host).collect();
    let url = sanitise(url);
    let commands = if url.starts_with("http") {
        crate::text::quote::posix(&url).map(|url| format!("curl -fsS {url}")).into_iter().collect()
    } else {
        Vec::new()
    };
    let finding = Finding::problem(
        Code::ProxyRequired,
        first.subject(),
        format!("Nothing is reached directly, and a PAC file is configured here: {} may need a proxy.", some(&hosts, "hosts")),
    )
    .certainty(Certainty::LooksLike)
    .evidence(format!("Directly {}.", how(&first.look.outcome)))
    .evidence(format!("The PAC file {url} is configured in {}.", place(configured)))
    .evidence("Browsers run a PAC file to learn which proxy leads to a host; most tools on the command line do not.")
    .value("pac", url)
    .value("targets", cases.iter().map(Case::subject).collect::<Vec<_>>())
    .remedy_with(
        Owner::You,
        "Look for the word PROXY in the PAC file; what follows it is the proxy for https_proxy and HTTPS_PROXY.",
        commands,
    );
    Some(Found { targets: cases.iter().map(|c| c.index).collect(), finding })
}

/// Returns the lines that set a proxy for a shell.
fn commands(
    os: Os,
    proxy: &ProxyUrl,
    configured: Option<&ConfiguredProxy>,
    clients: &Clients,
) -> Vec<String> {
    let exempted = exemptions(configured.and_then(|c| c.exemptions.as_deref()));
    let mut settings = vec![("https_proxy", proxy.to_string()), ("no_proxy", exempted)];
    if clients.has("node-https") {
        settings.push(("NODE_USE_ENV_PROXY", "1".to_owned()));
    }
    let line = |(name, value): (&str, String)| {
        if os == Os::Windows {
            return Some(format!("$env:{} = \"{value}\"", name.to_ascii_uppercase()));
        }
        let value = crate::text::quote::posix(&value)?;
        let upper = name.to_ascii_uppercase();
        Some(if upper == name {
            format!("export {name}={value}")
        } else {
            format!("export {name}={value} {upper}={value}")
        })
    };
    settings.into_iter().filter_map(line).collect()
}

/// Returns exemptions in the spelling that most programs understand. What only its own place understands is left out.
fn exemptions(list: Option<&str>) -> String {
    let mut kept = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    for entry in list.unwrap_or_default().split([',', ';', '|', ' ']).map(str::trim) {
        let entry = entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/');
        let is_name = entry.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.');
        if is_name && entry.chars().all(plain) && !kept.iter().any(|known| known == entry) {
            kept.push(entry.to_owned());
        }
    }
    kept.join(",")
}

/// Returns the code of the finding that a failed direct way would be without the proxy.
fn code_of(outcome: &Outcome) -> Code {
    match outcome {
        Outcome::NotResolved { .. } => Code::NameNotResolved,
        Outcome::Refused => Code::Refused,
        Outcome::Reset { .. } => Code::ConnectionReset,
        Outcome::TimedOut { .. } => Code::Timeout,
        _ => Code::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exemptions_are_put_as_most_programs_read_them() {
        for (list, wanted) in [
            (None, "localhost,127.0.0.1"),
            (Some("*.corp.example;<local>;10.*"), "localhost,127.0.0.1,.corp.example"),
            (Some("localhost, 127.0.0.0/8, .a.example"), "localhost,127.0.0.1,127.0.0.0/8,.a.example"),
            (Some("$(rm -r ~);a.example"), "localhost,127.0.0.1,a.example"),
        ] {
            assert_eq!(exemptions(list), wanted);
        }
    }
}
