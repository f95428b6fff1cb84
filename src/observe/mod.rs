//! Fills [`Observations`] by asking the edge. Judges nothing.

mod attempt;
pub mod away;
mod clock;
mod detours;
mod environment;
mod exports;
mod in_depth;
mod issuers;
mod look;
mod offers;
mod portal;
mod proxies;
pub mod question;
pub mod record;
pub mod saved;
mod side_by_side;
pub mod tools;
pub mod verify;
mod versions;

use std::thread;

pub use look::look_at_targets;
pub use offers::{look_at_offers, meet};
pub use question::{Depth, Question, ToolScope};
pub use saved::SavedChain;
pub use versions::look_at_versions;

use crate::catalogue::{self, Tool};
use crate::edge::{Reading, stores};
use crate::facts::handshake::{Role, TargetLook};
use crate::facts::{Observations, Route, Target};
use detours::Elsewhere;
use tools::ToolsLook;

/// How many times longer than a step on the network a program may take to say its version: dozens of them start at the
/// same time, some bring a Java machine along, and the computer may have other things to do.
const PATIENCE_WITH_PROGRAMS: u32 = 2;

/// Looks at everything the question asks for, all at the same time: the slowest host decides how long it takes. What
/// can be asked only when something is missing is asked behind that.
pub fn observe(reading: &dyn Reading, question: &Question) -> Observations {
    let seen = empty(reading);
    let named = (question.depth == Depth::InDepth).then(|| in_depth::about_the_named(question));
    let named = named.as_ref();
    let elsewhere = Elsewhere::new(reading);
    let known = &elsewhere;
    let mut seen = thread::scope(|scope| {
        let stores = scope.spawn(|| stores::load(reading, &question.stores));
        let versions = named.map(|named| scope.spawn(move || look_at_versions(reading, named)));
        // which hosts the tools use is known only after the tools: the other targets do not wait for that
        let tools = scope.spawn(move || {
            let deadline = question.timeout * PATIENCE_WITH_PROGRAMS;
            let found = tools::look(reading, &in_scope(&question.tools), deadline);
            let hosts = question.tool_hosts.then(|| look_at_tool_hosts(known, question, &found));
            let versions = versions.map(finish).unwrap_or_default();
            let (offers, meetings) = match named {
                Some(named) => in_depth::hear_and_meet(reading, named, &found.tools, &versions),
                None => (None, Vec::new()),
            };
            (found, hosts.unwrap_or_default(), versions, offers, meetings)
        });
        let others = look::look_from(known, question);
        let (found, mut targets, versions, offers, meetings) = finish(tools);
        targets.extend(others);
        // without tools the catalogue is not even read
        let named = (question.tools != ToolScope::None).then(catalogue::variables);
        let environment = environment::relevant(reading.environment(), named);
        let ToolsLook { tools, files, exports } = found;
        let stores = finish(stores);
        Observations {
            environment,
            stores,
            targets,
            tools,
            files,
            exports,
            versions,
            offers,
            meetings,
            ..seen
        }
    });
    (seen.proxies, seen.pages) = elsewhere.found();
    if !seen.proxies.is_empty() || seen.targets.iter().any(knows_a_proxy) {
        seen.clients = proxies::installed(reading, question.timeout);
    }
    issuers::look_at_issuers(reading, question, &mut seen);
    clock::look_at_clocks(reading, question, &mut seen);
    seen
}

/// Whether a proxy is configured for a host, even one that it is exempted from.
fn knows_a_proxy(look: &TargetLook) -> bool {
    look.route != Route::Direct { exempted_by: None }
}

fn look_at_tool_hosts(elsewhere: &Elsewhere<'_>, question: &Question, found: &ToolsLook) -> Vec<TargetLook> {
    let hosts = tools::hosts(elsewhere.reading, &found.tools, question.timeout);
    let known = |target: &Target| question.targets.iter().any(|(t, _)| t == target);
    let targets = hosts.into_iter().filter(|(target, _)| !known(target));
    let targets = targets.map(|(target, tool)| (target, Role::Tool(tool.0))).collect();
    look::look_from(elsewhere, &Question { targets, ..question.clone() })
}

fn in_scope(scope: &ToolScope) -> Vec<&'static Tool> {
    match scope {
        ToolScope::All => catalogue::tools().iter().collect(),
        ToolScope::None => Vec::new(),
        ToolScope::Only(ids) => ids.iter().filter_map(catalogue::tool).collect(),
    }
}

/// Waits for a thread and lets a panic in it be one here: there is no half of an observation.
fn finish<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Everything but what was looked at.
fn empty(reading: &dyn Reading) -> Observations {
    let environment = environment::relevant(reading.environment(), None);
    Observations { environment, ..Observations::new(reading.now(), reading.platform().clone()) }
}
