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
    /// The same on a condition.
    perhaps: Vec<(&'static Client, &'static str)>,
    /// Their settings lead to the proxy, and they cannot speak to one of its kind.
    unable: Vec<&'static Client>,
    beside: Vec<&'static Client>,
}

impl Clients {
    /// Parts the clients into those that go through this proxy to the host and the others.
    pub(super) fn of(case: &Case<'_>, proxy: &ProxyUrl) -> Self {
        let mut clients =
            Self { through: Vec::new(), perhaps: Vec::new(), unable: Vec::new(), beside: Vec::new() };
        for ClientWay { client, route } in ways(case.world.observations, &case.look.target) {
            let Route::Proxy { proxy: taken, .. } = &route else {
                clients.beside.push(client);
                continue;
            };
            let condition = client.speaks_with.as_ref().filter(|with| with.kinds.contains(&taken.scheme));
            if (&taken.host, taken.port) != (&proxy.host, proxy.port) {
                clients.beside.push(client);
            } else if client.speaks.contains(&taken.scheme) {
                clients.through.push(client);
            } else if let Some(with) = condition {
                clients.perhaps.push((client, &with.condition));
            } else {
                clients.unable.push(client);
            }
        }
        clients
    }

    /// Says who goes through the proxy and who does not, where there is somebody to speak of.
    pub(super) fn sentence(&self) -> Option<String> {
        let perhaps: Vec<&Client> = self.perhaps.iter().map(|(client, _)| *client).collect();
        let others = [&self.unable[..], &self.beside, &perhaps].concat();
        let mut through = names(&self.through, &others);
        through.extend(self.perhaps.iter().map(|(client, condition)| format!("{} {condition}", client.name)));
        let beside = if through.is_empty() && self.unable.is_empty() {
            "that do not go through it"
        } else {
            "that do not"
        };
        let groups = [
            ("that go through it", through),
            (
                "that cannot speak to such a proxy",
                names(&self.unable, &[&self.through[..], &self.beside, &perhaps].concat()),
            ),
            (beside, names(&self.beside, &[&self.through[..], &self.unable, &perhaps].concat())),
        ];
        let said: Vec<String> = groups
            .iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(what, names)| format!("{what}: {}", list(names)))
            .collect();
        (!said.is_empty()).then(|| format!("Programs here {}.", said.join("; ")))
    }

    /// Returns what the clients need for which the usual variables are not enough, one sentence each.
    pub(super) fn hints(&self) -> Vec<&'static str> {
        let mut hints: Vec<&str> = self.beside.iter().filter_map(|client| client.hint.as_deref()).collect();
        hints.dedup();
        hints
    }

    /// Whether one of these families is here.
    pub(super) fn has(&self, id: &str) -> bool {
        let perhaps = self.perhaps.iter().map(|(client, _)| client);
        let all = self.through.iter().chain(perhaps).chain(&self.unable).chain(&self.beside);
        all.into_iter().any(|client| client.id == id)
    }

    /// Returns the ids of those that go through, perhaps on a condition, and of those that do not.
    pub(super) fn ids(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let perhaps = self.perhaps.iter().map(|(client, _)| *client);
        let through = self.through.iter().copied().chain(perhaps);
        let others = self.unable.iter().chain(&self.beside);
        (
            through.map(|client| client.id.as_str()).collect(),
            others.map(|client| client.id.as_str()).collect(),
        )
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
        Outcome::ProxyAuthRequired { .. } => "the proxy wants a sign-in".to_owned(),
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
