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
use super::{finish, portal, proxies};
use crate::edge::look::Errand;
use crate::edge::{Deadline, Reading};
use crate::facts::Route;
use crate::facts::handshake::{Role, TargetLook, Tried};
use crate::facts::page::PageLook;
use crate::facts::proxies::ConfiguredProxy;
use crate::facts::route::ProxyChoice;
use crate::judge::detour::{is_worth_another_way, leads_there, other_ways};
use crate::judge::portal::{gets_through, is_likely};

/// The part of a step's time after which a look that is still waiting is not waited for.
const PATIENCE: u32 = 4;

/// The machine with its proxies, which are read when they are first needed.
pub(super) struct Elsewhere<'a> {
    pub(super) reading: &'a dyn Reading,
    configured: OnceLock<Vec<ConfiguredProxy>>,
    pages: OnceLock<Vec<PageLook>>,
}

impl<'a> Elsewhere<'a> {
    pub(super) fn new(reading: &'a dyn Reading) -> Self {
        Self { reading, configured: OnceLock::new(), pages: OnceLock::new() }
    }

    /// Returns what was read and asked; nothing where nothing was needed.
    pub(super) fn found(self) -> (Vec<ConfiguredProxy>, Vec<PageLook>) {
        (self.configured.into_inner().unwrap_or_default(), self.pages.into_inner().unwrap_or_default())
    }

    fn other_ways(&self, errand: &Errand<'_>) -> Vec<Route> {
        let read = || proxies::configured(self.reading, errand.timeout / PATIENCE);
        let configured = self.configured.get_or_init(read);
        other_ways(&errand.route, self.reading.environment(), configured, &errand.target)
    }
}

/// Looks at all of these, and again where the way that the environment names leads nowhere. A way that the user named
/// is the only one. Where public sites look caught, the pages are asked that tell of a login page.
pub(super) fn look_at_all(
    elsewhere: &Elsewhere<'_>,
    question: &Question,
    errands: &[Errand<'_>],
    at_once: usize,
) -> Vec<TargetLook> {
    let round = Round {
        elsewhere,
        question,
        errands,
        progress: errands.iter().map(|_| Progress::default()).collect(),
        until: Deadline::after(question.timeout),
    };
    let round = &round;
    let waited_for = Deadline::after(question.timeout / PATIENCE);
    let (sender, ended) = mpsc::channel();
    let looks = thread::scope(|scope| {
        let late = scope.spawn(move || round.beside(&ended, waited_for));
        let numbers: Vec<usize> = (0..errands.len()).collect();
        let mut looks = side_by_side(&numbers, at_once, |&number| {
            let look = round.look(number);
            // nobody listens any more when nothing is waited for
            let _ = sender.send((number, gets_through(&look)));
            look
        });
        drop(sender);
        for (number, others) in finish(late) {
            if is_worth_another_way(&looks[number].route, &looks[number].outcome) {
                let look = looks[number].clone();
                looks[number] = put_together(look, &others);
            }
        }
        looks
    });
    if is_likely(&looks) && !round.until.passed() {
        round.ask_pages();
    }
    looks
}

/// Everything that is looked at together.
struct Round<'a> {
    elsewhere: &'a Elsewhere<'a>,
    question: &'a Question,
    errands: &'a [Errand<'a>],
    progress: Vec<Progress>,
    until: Deadline,
}

/// How far a look is.
#[derive(Default)]
struct Progress {
    begun: AtomicBool,
    /// Whether somebody looks at the other ways.
    claimed: AtomicBool,
}

impl Round<'_> {
    /// Looks at one, and at its other ways where it failed in time.
    fn look(&self, number: usize) -> TargetLook {
        self.progress[number].begun.store(true, Ordering::SeqCst);
        let until = Deadline::after(self.question.timeout);
        let look = look_safely(&self.errands[number]);
        if is_worth_another_way(&look.route, &look.outcome) && !until.passed() && self.claim(number) {
            return put_together(look, &self.look_again(number, until));
        }
        look
    }

    /// Waits for the looks until a moment. What is still waiting then is looked at by the other ways; and where no public
    /// site got through by then, the pages are asked.
    fn beside(&self, ended: &Receiver<(usize, bool)>, by: Deadline) -> Vec<(usize, Vec<TargetLook>)> {
        let mut waiting: Vec<bool> = self.errands.iter().map(|_| true).collect();
        let mut caught = self.errands.iter().any(|errand| errand.role == Role::Control);
        while let Some(left) = by.left() {
            match ended.recv_timeout(left) {
                Ok((number, through)) => {
                    waiting[number] = false;
                    caught &= !through;
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Vec::new(),
            }
        }
        let begun = |number: &usize| self.progress[*number].begun.load(Ordering::SeqCst);
        let slow = (0..waiting.len()).filter(|number| waiting[*number]).filter(begun);
        let claimed: Vec<usize> = slow.filter(|number| self.claim(*number)).collect();
        thread::scope(|scope| {
            if caught {
                scope.spawn(|| self.ask_pages());
            }
            let looks = side_by_side(&claimed, claimed.len(), |number| self.look_again(*number, self.until));
            claimed.into_iter().zip(looks).collect()
        })
    }

    /// Whether nobody looked at the other ways before; now somebody does.
    fn claim(&self, number: usize) -> bool {
        self.question.proxy == ProxyChoice::Environment
            && !self.progress[number].claimed.swap(true, Ordering::SeqCst)
    }

    /// Looks at a host by the other ways, side by side.
    fn look_again(&self, number: usize, until: Deadline) -> Vec<TargetLook> {
        let errand = &self.errands[number];
        let ways = self.elsewhere.other_ways(errand);
        side_by_side(&ways, ways.len(), |way| by_way(errand, way, until))
    }

    fn ask_pages(&self) {
        let ask = || portal::look_at_pages(self.elsewhere.reading, self.question, self.until);
        self.elsewhere.pages.get_or_init(ask);
    }
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
fn put_together(first: TargetLook, others: &[TargetLook]) -> TargetLook {
    let way = |look: &TargetLook| Tried { route: look.route.clone(), outcome: look.outcome.clone() };
    let reached = others.iter().position(|look| leads_there(&look.outcome));
    match reached {
        Some(index) if matches!(first.route, Route::Direct { .. }) => {
            let before = others[..index].iter().map(way);
            let tried = [way(&first)].into_iter().chain(before).collect();
            TargetLook { tried, ..others[index].clone() }
        }
        _ => TargetLook { tried: others.iter().map(way).collect(), ..first },
    }
}
