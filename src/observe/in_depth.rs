//! What is looked at besides when a server is looked at in depth: every TLS version, and the programs of this machine.

use super::{Question, ToolScope, look_at_offers, meet};
use crate::edge::Reading;
use crate::facts::handshake::Role;
use crate::facts::offers::{MeetingsLook, OfferLook};
use crate::facts::tool::ToolLook;
use crate::facts::versions::{VersionAnswer, VersionsLook};

/// Returns the question about the targets that the user named, without those beside them.
pub(super) fn about_the_named(question: &Question) -> Question {
    let targets = question.targets.iter().filter(|(_, role)| *role == Role::Asked).cloned().collect();
    Question { targets, ..question.clone() }
}

/// Hears what the toolchains offer and puts that before the servers that speak TLS. Where none does, nobody is heard:
/// starting dozens of programs would be waited for in vain.
pub(super) fn hear_and_meet(
    reading: &dyn Reading,
    named: &Question,
    tools: &[ToolLook],
    versions: &[VersionsLook],
) -> (Option<Vec<OfferLook>>, Vec<MeetingsLook>) {
    let mut speaking = named.clone();
    speaking
        .targets
        .retain(|(target, _)| versions.iter().any(|look| look.target == *target && speaks_tls(look)));
    if named.tools == ToolScope::None || speaking.targets.is_empty() {
        return (None, Vec::new());
    }
    let offers = look_at_offers(reading, tools, named.timeout, named.jobs);
    let met = meet(reading, &speaking, &offers);
    let targets = speaking.targets.into_iter().map(|(target, _)| target);
    let meetings = targets.zip(met).map(|(target, meetings)| MeetingsLook { target, meetings }).collect();
    (Some(offers), meetings)
}

/// Whether a server answered a ClientHello at all, if only by ending the connection.
fn speaks_tls(look: &VersionsLook) -> bool {
    look.versions
        .values()
        .any(|answer| !matches!(answer, VersionAnswer::NotExamined { .. } | VersionAnswer::Silent))
}
