//! Which way each family of clients takes to a host, by what it reads of the environment.

use super::detour::is_exempted;
use super::no_proxy;
use crate::catalogue::proxies::{Client, Empty, Options, client, place};
use crate::catalogue::version::Version;
use crate::facts::proxies::{ConfiguredProxy, Leads};
use crate::facts::{Environment, Observations, ProxyUrl, Route, Target};

/// The way of a family of clients to a host.
#[derive(Clone, Debug)]
pub struct ClientWay {
    /// The family.
    pub client: &'static Client,
    /// Its way.
    pub route: Route,
}

/// Returns the ways of all families of clients that are on the machine, by their own settings and the environment.
pub fn ways(observations: &Observations, target: &Target) -> Vec<ClientWay> {
    let way = |look: &crate::facts::proxies::ClientLook| {
        let client = client(&look.id)?;
        let own = observations.proxies.iter().find(|p| p.client() == Some(client.id.as_str()));
        let route = match own {
            Some(own) if is_exempted(own, target) => Route::Direct { exempted_by: Some(own.setter()) },
            Some(ConfiguredProxy { leads: Leads::Proxy { proxy }, .. }) => {
                Route::Proxy { proxy: proxy.clone(), set_by: own?.setter() }
            }
            _ => route_as(client, look.version.as_deref(), &observations.environment, target),
        };
        Some(ClientWay { client, route })
    };
    observations.clients.iter().filter_map(way).collect()
}

impl ConfiguredProxy {
    /// Returns the family of clients whose way this decides.
    fn client(&self) -> Option<&'static str> {
        place(&self.place)?.client.as_deref()
    }
}

/// Returns the way that a client takes to a host with which it speaks TLS.
///
/// `version` is its version; a client whose switch needs one and whose version is not known is taken for a current one.
pub fn route_as(client: &Client, version: Option<&str>, environment: &Environment, target: &Target) -> Route {
    let direct = Route::Direct { exempted_by: None };
    if !client.is_switched_on(version, environment) {
        return direct;
    }
    if let Some(options) = &client.options {
        return options.route(client, environment, target).unwrap_or(direct);
    }
    let named = client.variables.iter().find_map(|group| first(environment, group, client.empty));
    let Some((variable, value)) = named else { return direct };
    if let Some((name, list)) = first(environment, &client.exemptions, client.empty_exemptions)
        && let Some(entry) = no_proxy::exempting(client.dialect, list, target)
    {
        let needs_no_list = !list.contains(&entry);
        return Route::Direct {
            exempted_by: Some(if needs_no_list { entry } else { format!("{name}={entry}") }),
        };
    }
    // some exempt a host without any list
    if let Some(entry) = no_proxy::exempting(client.dialect, "", target) {
        return Route::Direct { exempted_by: Some(entry) };
    }
    if client.needs_scheme && !value.contains("://") {
        let problem = "not an address to this program: it has no http:// before it".to_owned();
        return Route::Unreadable { set_by: variable.to_owned(), problem };
    }
    read(value, variable)
}

fn read(value: &str, set_by: &str) -> Route {
    match value.parse::<ProxyUrl>() {
        Ok(proxy) => Route::Proxy { proxy, set_by: set_by.to_owned() },
        Err(problem) => Route::Unreadable { set_by: set_by.to_owned(), problem: problem.to_string() },
    }
}

impl Client {
    fn is_switched_on(&self, version: Option<&str>, environment: &Environment) -> bool {
        let Some(switch) = &self.switch else { return true };
        let known = version.and_then(Version::parse);
        let has_it = match (&switch.versions, known) {
            (Some(range), Some(version)) => range.holds(&version),
            _ => true,
        };
        let on = |(name, pattern): (&String, &crate::catalogue::Pattern)| {
            environment.get(name).is_some_and(|value| pattern.matches(value))
        };
        has_it && switch.any.iter().any(on)
    }
}

/// Returns the variable of a group that counts, with its value; none where that is empty.
fn first<'a>(environment: &'a Environment, group: &'a [String], empty: Empty) -> Option<(&'a str, &'a str)> {
    let mut set = group.iter().filter_map(|name| Some((name.as_str(), environment.get(name)?)));
    match empty {
        Empty::Counts => set.next().filter(|(_, value)| !value.is_empty()),
        Empty::Skipped => set.find(|(_, value)| !value.is_empty()),
    }
}

impl Options {
    fn route(&self, client: &Client, environment: &Environment, target: &Target) -> Option<Route> {
        let (variable, host) = self.last(environment, &self.host).filter(|(_, host)| !host.is_empty())?;
        let port = self.last(environment, &self.port).map_or(String::new(), |(_, port)| port);
        let port = if port.is_empty() { self.default_port.to_string() } else { port };
        let list = self.last(environment, &self.exemptions);
        let list = list.map_or_else(|| self.default_exemptions.clone(), |(_, list)| list);
        Some(match no_proxy::exempting(client.dialect, &list, target) {
            Some(entry) => Route::Direct { exempted_by: Some(format!("{}={entry}", self.exemptions)) },
            None => read(&format!("http://{host}:{port}"), variable),
        })
    }

    /// Returns the value of an option where it stands last, and the variable it stands in.
    fn last<'a>(&'a self, environment: &Environment, option: &str) -> Option<(&'a str, String)> {
        let beginning = format!("-D{option}=");
        self.variables.iter().rev().find_map(|variable| {
            let words = environment.get(variable)?.split_whitespace();
            let value = words.filter_map(|word| word.strip_prefix(&beginning)).next_back()?;
            Some((variable.as_str(), value.trim_matches(['"', '\'']).to_owned()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::route::route;
    use super::*;
    use crate::catalogue::proxies::clients;
    use crate::facts::route::ProxyChoice;

    fn said(route: Route) -> String {
        match route {
            Route::Direct { exempted_by: None } => "direct".to_owned(),
            Route::Direct { exempted_by: Some(why) } => format!("direct by {why}"),
            Route::Proxy { proxy, set_by } => format!("{proxy} by {set_by}"),
            Route::Unreadable { set_by, .. } => format!("unreadable {set_by}"),
        }
    }

    #[test]
    fn every_case_of_the_catalogue_holds() {
        for client in clients() {
            for case in &client.cases {
                let environment = case.environment.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                let target = case.target.parse().expect("a target");
                let route = route_as(client, case.version.as_deref(), &environment, &target);
                assert_eq!(said(route), case.way, "{}: {:?}", client.id, case.environment);
            }
        }
    }

    #[test]
    fn curl_s_row_says_what_this_program_does() {
        let curl = client("curl").expect("it is in the catalogue");
        let environment =
            Environment::from_iter([("HTTPS_PROXY", "http://p:1"), ("no_proxy", ".x.test,b.test")]);
        for target in ["x.test", "a.x.test", "b.test", "c.test", "localhost"] {
            let target = target.parse().expect("a target");
            let ours = route(&environment, &ProxyChoice::Environment, &target);
            assert_eq!(route_as(curl, None, &environment, &target), ours, "{target}");
        }
    }
}
