//! Fetches the issuers that no server sent and no store has, from where the certificates say they are (AIA,
//! RFC 5280, 4.2.2.1). Where every chain is complete, nobody is asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::Question;
use super::look::{MOST_AT_ONCE, way};
use super::side_by_side::side_by_side;
use crate::edge::Reading;
use crate::edge::http::{Answer, Fetch, Method, Redirects, Way};
use crate::edge::look::Reach;
use crate::facts::handshake::TargetLook;
use crate::facts::issuer::{IssuerAnswer, IssuerLook};
use crate::facts::{Certificate, Observations, Route, Target};
use crate::judge::{self, WantedIssuer, route};

/// The longest answer that is read; a certificate has one or two kilobytes, a PKCS#7 message of a whole chain ten.
const LONGEST_ANSWER: usize = 64 * 1024;
/// A fetched intermediate may need another; no public CA has more than two below its root.
const ROUNDS: usize = 2;

/// Returns what stands behind every address that is wanted, all of a round at the same time.
pub(super) fn look_at_issuers(reading: &dyn Reading, question: &Question, seen: &mut Observations) {
    for _ in 0..ROUNDS {
        let wanted = judge::wanted_issuers(seen);
        if wanted.is_empty() {
            return;
        }
        let (stores, targets) = (&seen.stores, &seen.targets);
        let proxy_roots = || stores.roots().cloned().collect();
        let jobs = question.jobs.unwrap_or(MOST_AT_ONCE);
        let found = side_by_side(&wanted, jobs, |wanted| IssuerLook {
            url: wanted.url.clone(),
            answer: fetch_safely(
                wanted,
                question.timeout,
                &|target| way_out(reading, question, targets, target),
                &proxy_roots,
            ),
        });
        seen.issuers.extend(found);
    }
}

/// Returns the way to where an issuer is: that of plain HTTP where one is configured, else the one of TLS. Where the
/// environment names none, it leads through the proxy by which a target was reached: that is the way out of here.
fn way_out(reading: &dyn Reading, question: &Question, targets: &[TargetLook], target: &Target) -> Way {
    const NOTHING_SAID: Route = Route::Direct { exempted_by: None };
    let Way { detour, mut route } = way(reading, question, target);
    if detour.is_none() && route == NOTHING_SAID {
        route = route::route(reading.environment(), &question.proxy, target);
    }
    if detour.is_none() && route == NOTHING_SAID {
        let found = targets.iter().filter(|look| !look.chain().is_empty()).map(|look| &look.route);
        let proxy = found.into_iter().find(|route| matches!(route, Route::Proxy { .. }));
        route = proxy.unwrap_or(&route).clone();
    }
    Way { detour, route }
}

/// A look that breaks is an answer too, and not the end of the others.
fn fetch_safely(
    wanted: &WantedIssuer,
    timeout: Duration,
    way: &(dyn Fn(&Target) -> Way + Sync),
    proxy_roots: &(dyn Fn() -> Vec<Certificate> + Sync),
) -> IssuerAnswer {
    let fetch = || {
        let fetch = Fetch {
            method: Method::Get,
            url: &wanted.url,
            longest_body: LONGEST_ANSWER,
            redirects: Redirects::Followed,
            timeout,
            // a certificate that nobody vouches for named the address
            reach: if wanted.from_this_computer { Reach::Neighbours } else { Reach::Strangers },
            way,
            proxy_roots,
        };
        match fetch.run() {
            Ok(answer) => read(&answer),
            Err(none) => IssuerAnswer::Unanswered { reason: none.to_string() },
        }
    };
    catch_unwind(AssertUnwindSafe(fetch)).unwrap_or_else(|_| IssuerAnswer::Unanswered {
        reason: "reading it failed inside trustgap".to_owned(),
    })
}

fn read(answer: &Answer) -> IssuerAnswer {
    match (answer.head.status, answer.leads_to()) {
        (200..=299, _) if answer.body.cut => {
            IssuerAnswer::Unanswered { reason: "it sends more than 64 KiB".to_owned() }
        }
        (200..=299, _) => IssuerAnswer::read(&answer.body.bytes),
        (_, Some(place)) => IssuerAnswer::Elsewhere { place: place.to_owned() },
        (status, None) => IssuerAnswer::Status { status },
    }
}
