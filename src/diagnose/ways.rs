//! Sentences about ways: which programs of this machine go through a proxy, and where the other ways led.

use super::case::Case;
use super::words::{list, quoted};
use crate::catalogue::proxies::Client;
use crate::facts::proxies::{ConfiguredProxy, Leads};
use crate::facts::{Outcome, ProxyUrl, Route};
use crate::judge::detour::{is_worth_another_way, leads_there};
use crate::judge::route_as::{ClientWay, ways};
use crate::text::sanitise;

/// Said where the direct way leads to a host and a proxy does not.
pub(super) const ANSWERS_DIRECTLY: &str = "Directly, without the proxy, the host answers.";

/// The clients of this machine, by their way to a host.
pub(super) struct Clients {
    through: Vec<&'static Client>,
    beside: Vec<&'static Client>,
}

impl Clients {
    /// Parts the clients into those that go through this proxy to the host and the others.
    pub(super) fn of(case: &Case<'_>, proxy: &ProxyUrl) -> Self {
        let goes_through = |way: &ClientWay| match &way.route {
            Route::Proxy { proxy: taken, .. } => taken.host == proxy.host && taken.port == proxy.port,
            _ => false,
        };
        let all = ways(case.world.observations, &case.look.target);
        let (through, beside): (Vec<_>, Vec<_>) = all.into_iter().partition(goes_through);
        let clients = |ways: Vec<ClientWay>| ways.into_iter().map(|way| way.client).collect();
        Self { through: clients(through), beside: clients(beside) }
    }

    /// Says who goes through the proxy and who does not, where there is somebody to speak of.
    pub(super) fn sentence(&self) -> Option<String> {
        let through = names(&self.through, &self.beside);
        let beside = names(&self.beside, &self.through);
        match (through.is_empty(), beside.is_empty()) {
            (true, true) => None,
            (false, true) => Some(format!("Programs here that go through it: {}.", list(&through))),
            (true, false) => Some(format!("Programs here that do not go through it: {}.", list(&beside))),
            (false, false) => Some(format!(
                "Programs here that go through it: {}; that do not: {}.",
                list(&through),
                list(&beside)
            )),
        }
    }

    /// Returns what the clients need for which the usual variables are not enough, one sentence each.
    pub(super) fn hints(&self) -> Vec<&'static str> {
        let mut hints: Vec<&str> = self.beside.iter().filter_map(|client| client.hint.as_deref()).collect();
        hints.dedup();
        hints
    }

    /// Whether one of these families is here.
    pub(super) fn has(&self, id: &str) -> bool {
        self.through.iter().chain(&self.beside).any(|client| client.id == id)
    }

    /// Returns the ids of those that go through, and of those that do not.
    pub(super) fn ids(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let ids = |clients: &[&'static Client]| clients.iter().map(|client| client.id.as_str()).collect();
        (ids(&self.through), ids(&self.beside))
    }
}

/// Returns names for a list; relatives that all go the same way share one: `Python` for `Python (urllib)` and others.
fn names(own: &[&'static Client], others: &[&'static Client]) -> Vec<String> {
    let relation = |client: &Client| client.name.split(" (").next().unwrap_or_default().to_owned();
    let mut names: Vec<String> = Vec::new();
    for client in own {
        let apart = others.iter().any(|other| relation(other) == relation(client));
        let name = if apart { client.name.clone() } else { relation(client) };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Says where the other ways led that were tried and are not reported themselves, and which PAC file might know one.
pub(super) fn tried(case: &Case<'_>) -> Vec<String> {
    let observations = case.world.observations;
    let mut sentences: Vec<String> = case
        .look
        .tried
        .iter()
        .filter_map(|tried| {
            let leads = leads_there(&tried.outcome);
            let Route::Proxy { proxy, set_by } = &tried.route else {
                return leads.then(|| ANSWERS_DIRECTLY.to_owned());
            };
            let at = observations.proxies.iter().find(|p| p.setter() == *set_by);
            let place = at.map_or_else(|| quoted(set_by), place);
            if leads {
                return Some(answers_through(case, proxy, &place));
            }
            Some(format!("Through {proxy} ({place}) it is not reached either: {}.", how(&tried.outcome)))
        })
        .collect();
    let asked = is_worth_another_way(&case.look.route, &case.look.outcome);
    let pac = observations.proxies.iter().find(|p| matches!(p.leads, Leads::Pac { .. }));
    if let Some(pac) = pac.filter(|_| asked) {
        let place = place(pac);
        sentences.push(format!(
            "A PAC file ({place}) may name a proxy for it; browsers ask it, most tools do not."
        ));
    }
    sentences
}

/// Says that a host answers through a proxy that is configured elsewhere: another one, or the same with a password.
pub(super) fn answers_through(case: &Case<'_>, proxy: &ProxyUrl, place: &str) -> String {
    if is_of_the_environment(case, proxy) {
        format!("With the user name and password of another place it answers: {place}.")
    } else {
        format!("Through another proxy it answers: {proxy} ({place}).")
    }
}

/// Whether a proxy is the one that the look went through, whoever signs in.
pub(super) fn is_of_the_environment(case: &Case<'_>, proxy: &ProxyUrl) -> bool {
    match &case.look.route {
        Route::Proxy { proxy: taken, .. } => (&taken.host, taken.port) == (&proxy.host, proxy.port),
        _ => false,
    }
}

/// Returns where a proxy is configured and for whom: `/etc/gitconfig, line 3, for git`.
pub(super) fn place(configured: &ConfiguredProxy) -> String {
    let line = configured.line.map_or(String::new(), |line| format!(", line {line}"));
    format!("{}{line}, for {}", sanitise(&configured.path), configured.used_by)
}

/// Returns how a look ended, as the end of a sentence.
pub(super) fn how(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Alert { .. }
        | Outcome::Completed
        | Outcome::HandshakeFailed { .. }
        | Outcome::LegacyOnly { .. } => "it answers".to_owned(),
        Outcome::NotResolved { .. } => "the name does not resolve".to_owned(),
        Outcome::NotTls { .. } => "what answers does not speak TLS".to_owned(),
        Outcome::ProxyAuthRequired { .. } => "the proxy wants a user name and password".to_owned(),
        Outcome::ProxyRefused { status: Some(status), reason } => {
            format!("the proxy answers {status} {}", quoted(reason))
        }
        Outcome::ProxyRefused { status: None, .. } => "the proxy does not answer as one".to_owned(),
        Outcome::ProxyUnreachable { .. } => "the proxy cannot be reached".to_owned(),
        Outcome::ProxyUntrusted { .. } => "the proxy's certificate is not trusted".to_owned(),
        Outcome::Refused => "the connection is refused".to_owned(),
        Outcome::Reset { .. } => "the connection is cut".to_owned(),
        Outcome::TimedOut { .. } => "there is no answer in time".to_owned(),
        Outcome::Unreachable { .. } => "there is no way to it".to_owned(),
    }
}
