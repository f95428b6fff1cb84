//! Why a proxy does not let anybody through: what its answer means, and what is wrong with its own certificate.

use super::case::Case;
use super::words::{issuer_of, moment, quoted};
use crate::facts::ProxyUrl;
use crate::facts::handshake::{PROXY_CLOSED, PROXY_CUT};
use crate::facts::report::Owner;
use crate::judge::name;
use crate::text::sanitise;

/// What a refusal means, and who has to act.
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) owner: Owner,
    pub(super) remedy: &'static str,
}

impl Refusal {
    pub(super) fn of(proxy: &ProxyUrl, status: Option<u16>, reason: &str, host: &str) -> Self {
        let refuses = format!("The proxy {proxy} refuses the connection to {host}.");
        let could_not = format!("The proxy {proxy} could not connect to {host}.");
        let kind = if proxy.scheme.is_socks() { "a SOCKS proxy" } else { "an HTTP proxy" };
        let said = |message: String, owner, remedy| Self { message, owner, remedy };
        match (status, proxy.scheme.is_socks()) {
            (None, _) if reason == PROXY_CLOSED || reason == PROXY_CUT => said(
                format!("The proxy {proxy} cuts the connection when it is asked for {host}."),
                Owner::ItDepartment,
                "Ask whether the proxy serves this computer and this host. What is no proxy at all does the same: compare \
                 the address with the one that is meant.",
            ),
            (None, _) => said(
                format!("What answers at {proxy} does not speak as {kind} does."),
                Owner::You,
                "Compare the proxy's address with the one that is meant: host, port, and what it begins with (http://, \
                 https://, socks5h://).",
            ),
            (Some(500 | 502..=504), false) | (Some(1 | 3..=6 | 91), true) => said(
                could_not,
                Owner::ItDepartment,
                "The proxy reached neither the name nor the server. An internal host may have to be exempted from it: \
                 NO_PROXY.",
            ),
            (Some(7 | 8), true) => said(
                format!("The proxy {proxy} cannot do what it is asked for {host}."),
                Owner::You,
                "It may want addresses where it was told a name, or the other way round: try socks5:// in place of \
                 socks5h://, or socks5h:// in place of socks5://.",
            ),
            (Some(300..=399 | 511), false) => said(
                format!("The proxy {proxy} leads to a web page instead of {host}."),
                Owner::You,
                "Open that page, or any http:// page, in a browser: it asks for a login or says why the host is not \
                 allowed.",
            ),
            (Some(429), false) => said(
                refuses,
                Owner::ItDepartment,
                "It has had too many requests for now: wait and look again. If that stays, ask what the limit is and who \
                 else shares this computer's address or sign-in.",
            ),
            (Some(400 | 404 | 405 | 501), false) => said(
                refuses,
                Owner::You,
                "Web servers that are no proxy answer like this: compare the address with the one that is meant. If it is \
                 the proxy, its operator has to allow CONNECT to this host and port.",
            ),
            _ => said(
                refuses,
                Owner::ItDepartment,
                "Ask why the host is not allowed. If it is an internal one, it has to be exempted from the proxy: NO_PROXY.",
            ),
        }
    }
}

/// Says what is wrong with the certificate of an `https://` proxy, as far as it shows it itself, and who has to act.
pub(super) fn distrust(case: &Case<'_>, proxy: &ProxyUrl) -> (Option<String>, Owner, &'static str) {
    let unknown = "The CA of the proxy has to be in the system store of this computer.";
    let leaf = case.look.proxy_handshake.as_ref().and_then(|handshake| handshake.chain.first());
    let (Some(leaf), Some(details)) = (leaf, leaf.and_then(|leaf| leaf.details().ok())) else {
        return (None, Owner::ItDepartment, unknown);
    };
    let now = case.world.observations.time;
    if proxy.host.parse().is_ok_and(|host| !name::matches(leaf, &host).is_match()) {
        let said = format!(
            "it is for {}, not for {}",
            quoted(&details.subject.common_name()),
            sanitise(&proxy.host)
        );
        let remedy = "Write the proxy's address with a name that its certificate is for; if there is none, the proxy's \
                      operator has to issue it anew.";
        return (Some(said), Owner::You, remedy);
    }
    if details.not_after < now {
        let said = format!("it expired on {}", moment(details.not_after));
        return (Some(said), Owner::ItDepartment, "The certificate of the proxy has to be renewed.");
    }
    if details.not_before > now {
        let said = format!("it becomes valid only on {}", moment(details.not_before));
        return (
            Some(said),
            Owner::You,
            "Look at the clock of this computer first, then at the proxy's certificate.",
        );
    }
    let said = format!("its issuer {} leads to no root of this computer", issuer_of(leaf));
    (Some(said), Owner::ItDepartment, unknown)
}
