//! Which other ways may lead to a host, when the way that the environment names leads nowhere.

use std::net::IpAddr;

use super::no_proxy;
use super::route::route;
use crate::catalogue::proxies::{Dialect, place};
use crate::facts::proxies::{ConfiguredProxy, Leads};
use crate::facts::route::ProxyChoice;
use crate::facts::{Environment, Host, Outcome, Route, Target};

/// The most proxies that are tried for a host.
const MOST: usize = 3;

/// Whether a look ended in a way that another way may mend.
pub fn is_worth_another_way(route: &Route, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::NotResolved { .. }
        | Outcome::Refused
        | Outcome::Unreachable { .. }
        | Outcome::TimedOut { .. }
        | Outcome::Reset { .. } => true,
        Outcome::ProxyAuthRequired { .. }
        | Outcome::ProxyRefused { .. }
        | Outcome::ProxyUnreachable { .. }
        | Outcome::ProxyUntrusted { .. } => !matches!(route, Route::Direct { .. }),
        _ => false,
    }
}

/// Whether an outcome proves that a way leads to the host: TLS was spoken with it, however that ended.
pub fn leads_there(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Completed
            | Outcome::Alert { .. }
            | Outcome::HandshakeFailed { .. }
            | Outcome::LegacyOnly { .. }
    )
}

/// Returns the other ways that may lead to a host, best first.
///
/// The direct way where a proxy fails, unless that proxy is one that is not to give the host's name away (SOCKS);
/// the proxy that `NO_PROXY` exempts the host from; and the proxies that are configured elsewhere and do not exempt it.
pub fn other_ways(
    first: &Route,
    environment: &Environment,
    configured: &[ConfiguredProxy],
    target: &Target,
) -> Vec<Route> {
    let mut ways = Vec::new();
    if is_this_computer(&target.host) {
        return ways;
    }
    match first {
        Route::Proxy { proxy, .. } if !proxy.scheme.is_socks() => {
            ways.push(Route::Direct { exempted_by: None });
        }
        Route::Proxy { .. } | Route::Direct { exempted_by: None } => {}
        Route::Unreadable { .. } => ways.push(Route::Direct { exempted_by: None }),
        Route::Direct { exempted_by: Some(_) } => {
            let mut without = environment.clone();
            for name in ["no_proxy", "NO_PROXY"] {
                without.unset(name);
            }
            ways.push(route(&without, &ProxyChoice::Environment, target));
        }
    }
    for configured in configured {
        let Leads::Proxy { proxy } = &configured.leads else { continue };
        let is = |way: &Route| matches!(way, Route::Proxy { proxy: known, .. } if known == proxy);
        if is(first) || ways.iter().any(is) || is_exempted(configured, target) {
            continue;
        }
        ways.push(Route::Proxy { proxy: proxy.clone(), set_by: configured.setter() });
    }
    ways.truncate(MOST);
    ways
}

/// Whether the exemptions beside a configured proxy are about this host.
pub fn is_exempted(configured: &ConfiguredProxy, target: &Target) -> bool {
    let dialect = place(&configured.place).map_or(Dialect::Curl, |place| place.dialect);
    configured.exemptions.as_deref().is_some_and(|list| no_proxy::exempting(dialect, list, target).is_some())
}

/// No proxy leads to this computer.
fn is_this_computer(host: &Host) -> bool {
    match host {
        Host::Ip(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_unspecified() || ip.is_link_local(),
        Host::Ip(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local(),
        Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str, proxy: &str, exemptions: Option<&str>) -> ConfiguredProxy {
        ConfiguredProxy {
            place: "git".to_owned(),
            used_by: "git".to_owned(),
            path: path.to_owned(),
            line: Some(3),
            key: "http.proxy".to_owned(),
            leads: Leads::Proxy { proxy: proxy.parse().unwrap() },
            exemptions: exemptions.map(str::to_owned),
        }
    }

    fn ways(variables: &[(&str, &str)], configured: &[ConfiguredProxy], target: &str) -> Vec<String> {
        let environment = variables.iter().copied().collect();
        let target = target.parse().unwrap();
        let first = route(&environment, &ProxyChoice::Environment, &target);
        other_ways(&first, &environment, configured, &target)
            .into_iter()
            .map(|way| match way {
                Route::Proxy { proxy, set_by } => format!("{proxy} by {set_by}"),
                _ => "direct".to_owned(),
            })
            .collect()
    }

    #[test]
    fn each_first_way_has_its_others() {
        let git = at("/g", "http://g:1", Some(".corp.example"));
        let twice = at("/h", "http://g:1", None);
        let proxied = ("https_proxy", "http://e:2");
        for (variables, configured, target, wanted) in [
            (vec![], vec![], "a.example", vec![]),
            (vec![], vec![git.clone(), twice.clone()], "a.example", vec!["http://g:1 by /g:3"]),
            (vec![], vec![git.clone()], "a.corp.example", vec![]),
            (vec![], vec![git.clone()], "localhost:8443", vec![]),
            (vec![], vec![git.clone()], "127.0.0.1:8443", vec![]),
            (vec![proxied], vec![git.clone()], "a.example", vec!["direct", "http://g:1 by /g:3"]),
            (vec![("https_proxy", "http://g:1")], vec![git.clone()], "a.example", vec!["direct"]),
            (vec![("https_proxy", "http://[")], vec![], "a.example", vec!["direct"]),
            (vec![("ALL_PROXY", "socks5h://t:9050")], vec![], "a.onion", vec![]),
            (vec![proxied, ("no_proxy", ".example")], vec![], "a.example", vec!["http://e:2 by https_proxy"]),
        ] {
            assert_eq!(ways(&variables, &configured, target), wanted, "{variables:?} {target}");
        }
    }
}
