//! Asks several hosts what time it is, where a chain is outside its validity: the certificate may be to blame, or the
//! clock of this computer. Where every chain is valid, nobody is asked.

use super::Question;
use super::look::{MOST_AT_ONCE, errand, way};
use super::side_by_side::side_by_side;
use crate::edge::http::{Fetch, Head, Method, Redirects, secured_head};
use crate::edge::look::{Errand, Reach};
use crate::edge::{Deadline, Reading};
use crate::facts::clock::ClockSample;
use crate::facts::{Certificate, Observations, Target};
use crate::judge::clock::{self, Ask, Clock};

/// Takes the samples that are needed.
pub(super) fn look_at_clocks(reading: &dyn Reading, question: &Question, seen: &mut Observations) {
    let Some(asks) = clock::wanted(seen) else { return };
    let roots: Vec<Certificate> = seen.stores.roots().cloned().collect();
    let proxy_roots = || roots.clone();
    let jobs = question.jobs.unwrap_or(MOST_AT_ONCE);
    let sample = |target: &Target, head: Option<Head>, secured: bool| {
        let clock = reading.now();
        Some(ClockSample { target: target.clone(), date: head?.date()?, clock, secured })
    };
    let samples = side_by_side(&asks, jobs, |Ask { index, moment }| {
        let look = &seen.targets[*index];
        let until = Some(Deadline::after(question.timeout));
        let errand = errand(reading, question, &look.target, &look.role, &proxy_roots);
        // by the way that led there before, which need not be the one of the environment
        let head = secured_head(&Errand { until, route: look.route.clone(), ..errand }, &roots, *moment);
        sample(&look.target, head, true)
    });
    seen.clock.extend(samples.into_iter().flatten());
    if clock::clock(seen) != Clock::Unknown {
        return;
    }
    let samples = side_by_side(&clock::wanted_in_the_clear(seen), jobs, |target| {
        let fetch = Fetch {
            method: Method::Head,
            url: &format!("http://{target}/"),
            longest_body: 0,
            redirects: Redirects::Reported,
            timeout: question.timeout,
            reach: Reach::Anywhere,
            way: &|target| way(reading, question, target),
            proxy_roots: &proxy_roots,
        };
        sample(target, fetch.run().ok().map(|answer| answer.head), false)
    });
    seen.clock.extend(samples.into_iter().flatten());
}
