//! `captive-portal`: a login page answers in place of the network.

use std::collections::BTreeSet;
use std::net::IpAddr;

use url::Url;

use super::Found;
use super::case::{Case, World};
use super::words::{quoted, some, subject_of};
use crate::facts::handshake::Outcome;
use crate::facts::report::{Certainty, Finding, Owner};
use crate::facts::{Code, Fingerprint};
use crate::judge::hosts::{Standing, organisation, standing_of};
use crate::judge::portal::{self, Sign};
use crate::text::sanitise;

pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    let shown = Shown::of(*world);
    let mut found: Vec<Found> =
        same_wrong_certificate(*world).into_iter().chain(answers_with_a_page(*world)).collect();
    match &shown {
        Some(shown) if found.is_empty() => found.extend(shown.alone(*world)),
        Some(shown) => found.iter_mut().for_each(|found| shown.add_to(&mut found.finding)),
        None => {
            let pages = &world.observations.pages;
            let open = pages.iter().find(|page| portal::sign(page) == Sign::AsExpected);
            let said = open.map(|page| {
                let url = sanitise(&page.page.url);
                format!("Asked over plain HTTP, {url} answers as always: it is let through, or TLS alone is caught.")
            });
            for found in &mut found {
                found.finding.evidence.extend(said.clone());
            }
        }
    }
    found
}

/// What the pages show that were asked over plain HTTP.
struct Shown {
    evidence: Vec<String>,
    certainty: Certainty,
    /// Where they lead.
    place: Option<String>,
}

impl Shown {
    /// Reads the pages; nothing where one of them answered as always, or where a public site is reached as itself.
    fn of(world: World<'_>) -> Option<Self> {
        let pages = &world.observations.pages;
        let signs: Vec<(String, Sign)> =
            pages.iter().map(|p| (sanitise(&p.page.url), portal::sign(p))).collect();
        let open = signs.iter().any(|(_, sign)| *sign == Sign::AsExpected)
            || world.cases().any(|case| portal::gets_through(case.look));
        let told: Vec<&(String, Sign)> = signs.iter().filter(|(_, sign)| *sign != Sign::Nothing).collect();
        if open || told.is_empty() {
            return None;
        }
        let mut places: Vec<&str> = Vec::new();
        let mut evidence: Vec<String> = Vec::new();
        for (url, sign) in told {
            let sentence = match sign {
                Sign::Elsewhere(place) => {
                    places.push(place);
                    format!("Asked over plain HTTP, {url} leads to {}.", quoted(place))
                }
                Sign::Login => {
                    format!("Asked over plain HTTP, {url} answers 511, Network Authentication Required.")
                }
                Sign::OtherPage => format!("Asked over plain HTTP, another page stands in place of {url}."),
                Sign::AsExpected | Sign::Nothing => continue,
            };
            evidence.push(sentence);
        }
        let host = |place: &&str| Url::parse(place).ok().and_then(|url| url.host_str().map(str::to_owned));
        let hosts: Vec<Option<String>> = places.iter().map(host).collect();
        let same = hosts.len() > 1 && hosts.windows(2).all(|pair| pair[0].is_some() && pair[0] == pair[1]);
        let login = signs.iter().any(|(_, sign)| *sign == Sign::Login);
        let certainty = if same || login { Certainty::Is } else { Certainty::LooksLike };
        Some(Self { evidence, certainty, place: places.first().map(|place| sanitise(place)) })
    }

    fn add_to(&self, finding: &mut Finding) {
        if self.certainty == Certainty::Is {
            finding.certainty = Certainty::Is;
            finding.message = finding.message.replacen("looks to answer", "answers", 1);
        }
        finding.evidence.extend(self.evidence.iter().cloned());
        if let Some(place) = &self.place {
            finding.values.insert("portal".to_owned(), place.as_str().into());
        }
    }

    /// Nothing but the pages tells: the hosts refuse, cut or say nothing.
    fn alone(&self, world: World<'_>) -> Option<Found> {
        let public =
            |case: &Case<'_>| portal::looks_caught(case.look) && standing_of(case.look) != Standing::Internal;
        let portals: BTreeSet<IpAddr> =
            world.cases().filter(public).flat_map(|case| case.look.addresses.clone()).collect();
        // an internal name that leads to where public ones lead has been given the portal's address too
        let looks_caught = |case: &Case<'_>| {
            let led_there = || case.look.addresses.iter().any(|address| portals.contains(address));
            public(case) || portal::looks_caught(case.look) && led_there()
        };
        let cases: Vec<Case<'_>> = world.cases().filter(looks_caught).collect();
        if cases.is_empty() {
            return None;
        }
        let hosts: Vec<String> = cases.iter().map(Case::host).collect();
        let mut finding =
            caught(&cases, &hosts).not(Code::Unreachable, "plain HTTP is answered, by somebody else").not(
                Code::ProxyRequired,
                "a network that only a proxy leads out of does not answer in place of sites",
            );
        self.add_to(&mut finding);
        Some(Found { targets: cases.iter().map(|c| c.index).collect(), finding })
    }
}

/// How many of these are sites that everybody knows to be public.
fn public_sites<'a>(cases: impl Iterator<Item = Case<'a>>) -> usize {
    cases.filter(|case| standing_of(case.look) == Standing::Public).count()
}

/// How many public sites answer as themselves. A login page lets a few through, as its own payment service; a filter
/// takes the place of a few, and a server that does not know a name answers in place of nobody else's site.
fn reached_as_themselves(world: World<'_>) -> usize {
    public_sites(world.cases().filter(|case| portal::gets_through(case.look)))
}

/// Hosts of different owners present one and the same certificate, which is for none of them.
fn same_wrong_certificate(world: World<'_>) -> Option<Found> {
    let mut groups: Vec<(Fingerprint, Vec<Case<'_>>)> = Vec::new();
    for case in world.cases() {
        let Some(leaf) = case.look.chain().first() else { continue };
        if crate::judge::name::matches(leaf, &case.look.target.host).is_match() {
            continue;
        }
        match groups.iter_mut().find(|(known, _)| *known == leaf.fingerprint()) {
            Some((_, cases)) => cases.push(case),
            None => groups.push((leaf.fingerprint(), vec![case])),
        }
    }
    let unrelated = |cases: &[Case<'_>]| {
        let owners: BTreeSet<String> = cases.iter().map(|c| organisation(&c.look.target.host)).collect();
        owners.len() > 1 && public_sites(cases.iter().copied()) > reached_as_themselves(world)
    };
    let (_, cases) = groups.into_iter().find(|(_, cases)| unrelated(cases))?;
    let hosts: Vec<String> = cases.iter().map(Case::host).collect();
    let leaf = cases.first()?.look.chain().first()?;
    let finding = caught(&cases, &hosts)
        .evidence(format!(
            "All of them present the same certificate, {}, which is for none of them.",
            subject_of(leaf)
        ))
        .not(
            Code::TlsInspected,
            "an inspector makes a certificate for each host; this one pretends to be nobody else",
        )
        .not(Code::NameMismatch, "hosts of different owners do not mix up their certificates in the same way")
        .value("sha256", leaf.fingerprint().to_string());
    Some(Found { targets: cases.iter().map(|c| c.index).collect(), finding })
}

/// An HTTP answer to a TLS greeting that asks to log in (RFC 6585's 511), or sends everybody to the same place.
fn answers_with_a_page(world: World<'_>) -> Option<Found> {
    let pages: Vec<(Case<'_>, Option<&str>)> = world
        .cases()
        .filter_map(|c| match &c.look.outcome {
            Outcome::NotTls { excerpt } => Some((c, page(excerpt)?)),
            _ => None,
        })
        .collect();
    let owners: BTreeSet<String> = pages.iter().map(|(c, _)| organisation(&c.look.target.host)).collect();
    let says_login = pages.iter().any(|(_, location)| location.is_none());
    let same_place = pages.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let reached = reached_as_themselves(world);
    let holds_the_network = reached == 0 || public_sites(pages.iter().map(|(c, _)| *c)) > reached;
    let sends_all_there = owners.len() > 1 && same_place && holds_the_network;
    if pages.is_empty() || !(says_login || sends_all_there) {
        return None;
    }
    let cases: Vec<Case<'_>> = pages.iter().map(|(c, _)| *c).collect();
    let hosts: Vec<String> = cases.iter().map(Case::host).collect();
    let finding = caught(&cases, &hosts).evidence(match pages.first().and_then(|(_, l)| *l) {
        Some(location) => format!("They answer TLS with a web page that leads to {}.", quoted(location)),
        None => "The answer was 511, Network Authentication Required.".to_owned(),
    });
    Some(Found { targets: cases.iter().map(|c| c.index).collect(), finding })
}

/// Returns where an HTTP answer leads, or `None` inside for "log in first"; nothing when it is neither.
#[expect(
    clippy::option_option,
    reason = "no page, a page without an address, and a page with one are three things"
)]
fn page(excerpt: &str) -> Option<Option<&str>> {
    let status = excerpt.strip_prefix("HTTP/1.")?.get(2..5)?;
    if status == "511" {
        return Some(None);
    }
    if !matches!(status, "301" | "302" | "303" | "307" | "308") {
        return None;
    }
    excerpt.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        // a login page is often told whom the visitor wanted
        let place = value.trim().split(['?', '#']).next();
        name.eq_ignore_ascii_case("location").then_some(place)
    })
}

fn caught(cases: &[Case<'_>], hosts: &[String]) -> Finding {
    let subject = cases.first().map(Case::subject).unwrap_or_default();
    Finding::problem(
        Code::CaptivePortal,
        subject,
        format!("A login page of the network looks to answer in place of {}.", some(hosts, "hosts")),
    )
    .certainty(Certainty::LooksLike)
    .value("targets", cases.iter().map(Case::subject).collect::<Vec<_>>())
    .remedy(Owner::You, "Open any http:// page in a browser, log in to the network there, and look again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_that_send_away_or_ask_to_log_in_are_portals() {
        for (excerpt, wanted) in [
            (
                "HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n",
                Some(Some("http://login.example/")),
            ),
            (
                "HTTP/1.1 302 Found\r\nlocation:http://login.example/in?for=www.shop.example\r\n",
                Some(Some("http://login.example/in")),
            ),
            ("HTTP/1.0 511 Network Authentication Required\r\n", Some(None)),
            ("HTTP/1.1 400 Bad Request\r\n\r\n", None),
            ("HTTP/1.1 302 Found\r\n", None),
            ("SSH-2.0-OpenSSH_9.2", None),
            ("HTTP/1.", None),
        ] {
            assert_eq!(page(excerpt), wanted, "{excerpt}");
        }
    }
}
