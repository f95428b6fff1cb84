//! Looks at all targets at once, so that one that hangs holds nobody back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use super::Question;
use super::detours::{Elsewhere, look_at_all};
use crate::edge::http::Way;
use crate::edge::look::{Errand, Reach, look};
use crate::edge::{Reading, stores};
use crate::facts::handshake::{Role, TargetLook};
use crate::facts::{Certificate, Outcome, Target};
use crate::judge::route::{route, route_of_plain_http};

/// The most targets looked at at the same time when nobody says otherwise: each takes a socket and a thread.
pub(super) const MOST_AT_ONCE: usize = 128;

/// Looks at every target of the question; the answers are in the question's order.
///
/// The certificate of an `https://` proxy is verified with the stores, which are read when the first such proxy is
/// met: nothing else here needs them.
pub fn look_at_targets(reading: &dyn Reading, question: &Question) -> Vec<TargetLook> {
    look_from(&Elsewhere::new(reading), question)
}

/// [`look_at_targets`], with what is known of the machine's proxies.
pub(super) fn look_from(elsewhere: &Elsewhere<'_>, question: &Question) -> Vec<TargetLook> {
    with_errands(elsewhere.reading, question, |errands| {
        look_at_all(elsewhere, question, errands, question.jobs.unwrap_or(MOST_AT_ONCE))
    })
}

/// Hands over an errand for each target of the question, in its order.
pub(super) fn with_errands<T>(
    reading: &dyn Reading,
    question: &Question,
    work: impl FnOnce(&[Errand<'_>]) -> T,
) -> T {
    let roots = OnceLock::new();
    let proxy_roots = || roots.get_or_init(|| all_roots(reading, &question.stores)).clone();
    let targets = question.targets.iter();
    let errands: Vec<Errand<'_>> =
        targets.map(|(target, role)| errand(reading, question, target, role, &proxy_roots)).collect();
    work(&errands)
}

pub(super) fn errand<'a>(
    reading: &dyn Reading,
    question: &Question,
    target: &Target,
    role: &Role,
    proxy_roots: &'a (dyn Fn() -> Vec<Certificate> + Sync),
) -> Errand<'a> {
    Errand {
        target: target.clone(),
        role: role.clone(),
        detour: detour(question, target),
        route: route(reading.environment(), &question.proxy, target),
        timeout: question.timeout,
        until: None,
        reach: Reach::Anywhere,
        proxy_roots,
    }
}

/// Returns the way to a host that is asked over plain HTTP.
pub(super) fn way(reading: &dyn Reading, question: &Question, target: &Target) -> Way {
    let route = route_of_plain_http(reading.environment(), &question.proxy, target);
    Way { detour: detour(question, target), route }
}

fn detour(question: &Question, target: &Target) -> Option<Target> {
    question.connect_to.iter().find_map(|detour| detour.apply(target))
}

/// A look that breaks is an answer too, and not the end of the others.
pub(super) fn look_safely(errand: &Errand<'_>) -> TargetLook {
    catch_unwind(AssertUnwindSafe(|| look(errand))).unwrap_or_else(|_| TargetLook {
        route: errand.route.clone(),
        ..TargetLook::new(
            errand.target.clone(),
            errand.role.clone(),
            Outcome::HandshakeFailed { reason: "looking at it failed inside trustgap".to_owned() },
        )
    })
}

/// Returns the roots of the system and of the web.
pub(super) fn all_roots(reading: &dyn Reading, overrides: &stores::StoreOverrides) -> Vec<Certificate> {
    stores::load(reading, overrides).roots().cloned().collect()
}
