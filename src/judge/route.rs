//! Which way leads to a host: directly or through a proxy, as curl reads the environment.
//!
//! Programs disagree about these variables; curl's reading is the most common one. What the others make of them is
//! in [`super::route_as`].

use super::no_proxy;
use crate::catalogue::proxies::Dialect;
use crate::facts::route::ProxyChoice;
use crate::facts::{Environment, ProxyUrl, Route, Target};

/// Returns the way to a host with which TLS is spoken.
///
/// Read in this order, empty meaning unset: `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY`; against them
/// `no_proxy`, `NO_PROXY`.
pub fn route(environment: &Environment, choice: &ProxyChoice, target: &Target) -> Route {
    choose(environment, choice, target, &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
}

/// Returns the way to a host that is asked over plain HTTP (an issuer's certificate, a captive portal's test page).
///
/// `HTTP_PROXY` in upper case is not read: a web server hands a request's `Proxy` header to its programs under that
/// name (<https://httpoxy.org>).
pub fn route_of_plain_http(environment: &Environment, choice: &ProxyChoice, target: &Target) -> Route {
    choose(environment, choice, target, &["http_proxy", "all_proxy", "ALL_PROXY"])
}

fn choose(environment: &Environment, choice: &ProxyChoice, target: &Target, variables: &[&str]) -> Route {
    match choice {
        ProxyChoice::Never => return Route::Direct { exempted_by: None },
        ProxyChoice::Only(proxy) => {
            return Route::Proxy { proxy: proxy.clone(), set_by: "--proxy".to_owned() };
        }
        ProxyChoice::Environment => {}
    }
    let Some((variable, value)) = first_filled(environment, variables) else {
        return Route::Direct { exempted_by: None };
    };
    if let Some((name, list)) = first_filled(environment, &["no_proxy", "NO_PROXY"])
        && let Some(entry) = no_proxy::exempting(Dialect::Curl, list, target)
    {
        return Route::Direct { exempted_by: Some(format!("{name}={entry}")) };
    }
    match value.parse::<ProxyUrl>() {
        Ok(proxy) => Route::Proxy { proxy, set_by: variable.to_owned() },
        Err(problem) => Route::Unreadable { set_by: variable.to_owned(), problem: problem.to_string() },
    }
}

fn first_filled<'a>(environment: &'a Environment, names: &[&'a str]) -> Option<(&'a str, &'a str)> {
    names.iter().find_map(|name| Some((*name, environment.get_filled(name)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(variables: &[(&str, &str)], target: &str) -> String {
        let environment = variables.iter().map(|(n, v)| (*n, *v)).collect();
        match route(&environment, &ProxyChoice::Environment, &target.parse().unwrap()) {
            Route::Direct { exempted_by: None } => "direct".to_owned(),
            Route::Direct { exempted_by: Some(why) } => format!("direct by {why}"),
            Route::Proxy { proxy, set_by } => format!("{proxy} by {set_by}"),
            Route::Unreadable { set_by, problem } => format!("unreadable {set_by}: {problem}"),
        }
    }

    #[test]
    fn variables_are_read_as_curl_reads_them() {
        let (lower, upper) = (("https_proxy", "http://low:1"), ("HTTPS_PROXY", "http://up:2"));
        for (variables, wanted) in [
            (vec![], "direct"),
            (vec![lower, upper], "http://low:1 by https_proxy"),
            (vec![upper], "http://up:2 by HTTPS_PROXY"),
            (vec![("https_proxy", ""), upper], "http://up:2 by HTTPS_PROXY"),
            (vec![("http_proxy", "http://plain:1")], "direct"),
            (vec![("ALL_PROXY", "socks5h://s:9")], "socks5h://s:9 by ALL_PROXY"),
            (vec![upper, ("ALL_PROXY", "socks5h://s:9")], "http://up:2 by HTTPS_PROXY"),
            (vec![upper, ("no_proxy", "other"), ("NO_PROXY", "a.example")], "http://up:2 by HTTPS_PROXY"),
            (vec![upper, ("no_proxy", ""), ("NO_PROXY", "a.example")], "direct by NO_PROXY=a.example"),
            (vec![upper, ("no_proxy", "*")], "direct by no_proxy=*"),
        ] {
            assert_eq!(way(&variables, "a.example"), wanted, "{variables:?}");
        }
    }

    #[test]
    fn an_unreadable_proxy_is_said_without_its_text() {
        let said = way(&[("https_proxy", "http://user:secret@[bad")], "a.example");
        assert_eq!(said, "unreadable https_proxy: not a proxy address: expected http://HOST:PORT");
    }

    #[test]
    fn the_upper_case_http_proxy_is_not_trusted() {
        let environment = Environment::from_iter([("HTTP_PROXY", "http://evil:1")]);
        let target = "a.example:80".parse().unwrap();
        assert_eq!(
            route_of_plain_http(&environment, &ProxyChoice::Environment, &target),
            Route::Direct { exempted_by: None }
        );
    }

    #[test]
    fn a_given_proxy_is_for_every_host_and_none_is_for_no_host() {
        let environment = Environment::from_iter([("https_proxy", "http://e:1"), ("no_proxy", "*")]);
        let (target, given) = ("a.example".parse().unwrap(), "http://g:2".parse::<ProxyUrl>().unwrap());
        assert_eq!(
            route(&environment, &ProxyChoice::Only(given.clone()), &target),
            Route::Proxy { proxy: given, set_by: "--proxy".to_owned() }
        );
        assert_eq!(route(&environment, &ProxyChoice::Never, &target), Route::Direct { exempted_by: None });
    }
}
