//! A second way to the hosts to which the first one does not lead, while the others are still looked at.
//!
//! A look that failed at once is followed by those at the other ways. One that is still waiting after a quarter of a
//! step's time is not waited for: the others are looked at beside it, so that a host that hangs costs no more time.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use super::Question;
use super::look::look_safely;
use super::side_by_side::side_by_side;
use super::{finish, proxies};
use crate::edge::look::Errand;
use crate::edge::{Deadline, Reading};
use crate::facts::handshake::{TargetLook, Tried};
use crate::facts::proxies::ConfiguredProxy;
use crate::facts::route::ProxyChoice;
use crate::facts::{Outcome, Route};
use crate::judge::detour::{is_worth_another_way, leads_there, other_ways};

/// The part of a step's time after which a look that is still waiting is not waited for.
const PATIENCE: u32 = 4;

/// The machine with its proxies, which are read when they are first needed.
pub(super) struct Elsewhere<'a> {
    pub(super) reading: &'a dyn Reading,
    configured: OnceLock<Vec<ConfiguredProxy>>,
}

impl<'a> Elsewhere<'a> {
    pub(super) fn new(reading: &'a dyn Reading) -> Self {
        Self { reading, configured: OnceLock::new() }
    }

    /// Returns what was read; nothing where nothing was needed.
    pub(super) fn found(self) -> Vec<ConfiguredProxy> {
        self.configured.into_inner().unwrap_or_default()
    }

    fn other_ways(&self, errand: &Errand<'_>) -> Vec<Route> {
        let configured = self.configured.get_or_init(|| proxies::configured(self.reading));
        other_ways(&errand.route, self.reading.environment(), configured, &errand.target)
    }

    /// Looks at a host by the other ways, side by side.
    fn look_again(&self, errand: &Errand<'_>, until: Deadline) -> Vec<TargetLook> {
        let ways = self.other_ways(errand);
        side_by_side(&ways, ways.len(), |way| by_way(errand, way, until))
    }
}

/// Looks at all of these, and again where the way that the environment names leads nowhere. A way that the user named
/// is the only one.
pub(super) fn look_at_all(
    elsewhere: &Elsewhere<'_>,
    question: &Question,
    errands: &[Errand<'_>],
    at_once: usize,
) -> Vec<TargetLook> {
    if question.proxy != ProxyChoice::Environment {
        return side_by_side(errands, at_once, look_safely);
    }
    let progress: Vec<Progress> = errands.iter().map(|_| Progress::default()).collect();
    let (sender, ended) = mpsc::channel();
    let until = Deadline::after(question.timeout);
    let waited_for = Deadline::after(question.timeout / PATIENCE);
    thread::scope(|scope| {
        let progress = &progress;
        let late = scope.spawn(move || {
            let waiting = waiting(&ended, waited_for, progress);
            beside(elsewhere, errands, &waiting, progress, until)
        });
        let numbers: Vec<usize> = (0..errands.len()).collect();
        let mut looks = side_by_side(&numbers, at_once, |&number| {
            let (errand, progress) = (&errands[number], &progress[number]);
            progress.begun.store(true, Ordering::SeqCst);
            let until = Deadline::after(question.timeout);
            let look = look_safely(errand);
            let again = is_worth_another_way(&look.route, &look.outcome) && !until.passed();
            let look = if again && progress.claim() {
                put_together(look, elsewhere.look_again(errand, until))
            } else {
                look
            };
            // nobody listens any more when nothing is waited for
            let _ = sender.send(number);
            look
        });
        drop(sender);
        for (number, others) in finish(late) {
            if is_worth_another_way(&looks[number].route, &looks[number].outcome) {
                let look = looks[number].clone();
                looks[number] = put_together(look, others);
            }
        }
        looks
    })
}

/// How far a look is.
#[derive(Default)]
struct Progress {
    begun: AtomicBool,
    /// Whether somebody looks at the other ways.
    claimed: AtomicBool,
}

impl Progress {
    /// Whether nobody looked at the other ways before; now somebody does.
    fn claim(&self) -> bool {
        !self.claimed.swap(true, Ordering::SeqCst)
    }
}

/// Returns the looks that have begun and not ended by a moment.
fn waiting(ended: &Receiver<usize>, by: Deadline, progress: &[Progress]) -> Vec<usize> {
    let mut done = vec![false; progress.len()];
    while let Some(left) = by.left() {
        match ended.recv_timeout(left) {
            Ok(number) => done[number] = true,
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return Vec::new(),
        }
    }
    let begun = |number: &usize| progress[*number].begun.load(Ordering::SeqCst);
    (0..progress.len()).filter(|number| !done[*number]).filter(begun).collect()
}

/// Looks by the other ways at hosts that are still waited for.
fn beside(
    elsewhere: &Elsewhere<'_>,
    errands: &[Errand<'_>],
    waiting: &[usize],
    progress: &[Progress],
    until: Deadline,
) -> Vec<(usize, Vec<TargetLook>)> {
    let claimed: Vec<usize> = waiting.iter().copied().filter(|number| progress[*number].claim()).collect();
    let looks =
        side_by_side(&claimed, claimed.len(), |number| elsewhere.look_again(&errands[*number], until));
    claimed.into_iter().zip(looks).collect()
}

fn by_way(errand: &Errand<'_>, way: &Route, until: Deadline) -> TargetLook {
    look_safely(&Errand {
        target: errand.target.clone(),
        role: errand.role.clone(),
        detour: errand.detour.clone(),
        route: way.clone(),
        until: Some(until),
        ..*errand
    })
}

/// Puts a look that failed and those by other ways together. Where a host cannot be reached directly and a proxy leads
/// to it, that is the look that is reported; a proxy that the environment names stays what every program meets.
fn put_together(first: TargetLook, others: Vec<TargetLook>) -> TargetLook {
    let way = |look: &TargetLook| Tried { route: look.route.clone(), outcome: look.outcome.clone() };
    let reached = others.iter().position(|look| leads_there(&look.outcome));
    let refused_by_host = |look: &TargetLook| matches!(look.outcome, Outcome::NotTls { .. });
    match reached {
        Some(index) if matches!(first.route, Route::Direct { .. }) => {
            let before = others[..index].iter().map(way);
            let tried = [way(&first)].into_iter().chain(before).collect();
            TargetLook { tried, ..others[index].clone() }
        }
        _ => TargetLook { tried: others.iter().filter(|o| !refused_by_host(o)).map(way).collect(), ..first },
    }
}
