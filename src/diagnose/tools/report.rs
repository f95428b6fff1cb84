//! The rows of `tools`.

use super::{ToolFound, Tools, codes, say};
use crate::diagnose::words::list;
use crate::facts::report::{RootsReport, SettingReport, SettingState, ToolReport};
use crate::facts::tool::{Context, Trouble};
use crate::judge::tool::{Part, Place, SetBy, Standing, ToolJudgement, Unread};
use crate::text::sanitise;

/// Returns a row per installation.
pub(in crate::diagnose) fn tools(tools: &Tools<'_>, found: &[ToolFound]) -> Vec<ToolReport> {
    tools.judged.iter().enumerate().map(|(index, judged)| row(tools, judged, codes(found, index))).collect()
}

fn row(tools: &Tools<'_>, judged: &ToolJudgement, findings: Vec<crate::facts::Code>) -> ToolReport {
    let look = judged.look;
    ToolReport {
        id: look.id.clone(),
        name: judged.tool.name.clone(),
        version: look.version.as_deref().map(sanitise),
        path: sanitise(&look.path),
        first: look.first,
        runtime: look.runtime.as_ref().map(|runtime| {
            let version = runtime.version.as_deref().map(|v| format!(" {}", sanitise(v))).unwrap_or_default();
            format!("{}{version} ({})", runtime.id, sanitise(&runtime.path))
        }),
        roots: roots(judged),
        trusts_network: judged.trust.network.filter(|_| judged.trust.verifies),
        trusts_public: judged.trust.public.filter(|_| judged.trust.verifies),
        settings: settings(tools, judged),
        trouble: look.trouble.as_ref().map(trouble),
        alters: judged.tool.alters.clone().filter(|_| judged.trust.effective.uses_the_system_store()),
        notes: judged.tool.notes.clone(),
        findings,
    }
}

fn roots(judged: &ToolJudgement) -> RootsReport {
    let parts = &judged.trust.effective.parts;
    let of = |part: &Part| match say::class(part) {
        "file" if part.set_by == SetBy::Default && judged.trust.follows_system => "system",
        class => class,
    };
    let mut classes: Vec<&str> = Vec::new();
    for class in parts.iter().map(of) {
        if !classes.contains(&class) {
            classes.push(class);
        }
    }
    let unset = |part: &&Part| part.set_by != SetBy::Default;
    let set_by: Vec<String> = parts
        .iter()
        .filter(unset)
        .filter_map(|part| match &part.set_by {
            SetBy::Default => None,
            SetBy::Setting(place) => Some(set_by(place)),
        })
        .collect();
    let class = if !judged.trust.effective.verifies || parts.is_empty() {
        "none".to_owned()
    } else {
        classes.join("+")
    };
    RootsReport {
        class,
        source: parts.iter().map(say::source).collect::<Vec<_>>().join(", "),
        set_by: if set_by.is_empty() { "default".to_owned() } else { set_by.join(", ") },
    }
}

fn set_by(place: &Place) -> String {
    match place {
        Place::Variable(name) => sanitise(name),
        Place::Entry { .. } => say::where_it_stands(place),
    }
}

fn settings(tools: &Tools<'_>, judged: &ToolJudgement) -> Vec<SettingReport> {
    let effective = &judged.trust.effective;
    let seen = effective.settings.iter().map(|(seen, standing)| {
        let (state, beaten_by) = match standing {
            Standing::InEffect | Standing::ForHosts => (SettingState::InEffect, None),
            Standing::Overridden { by, .. } => (SettingState::Overridden, Some(sanitise(by))),
            Standing::FallsBack | Standing::NotRead => (SettingState::Ignored, None),
        };
        let because = match (standing, &seen.unread) {
            (Standing::FallsBack, _) => {
                Some("its file cannot be used, and the tool goes on without".to_owned())
            }
            (_, unread) => unread.as_ref().map(because),
        };
        SettingReport { because, beaten_by, ..setting(tools, &seen.place, &seen.value, state) }
    });
    let off = effective.off.iter();
    off.map(|off| setting(tools, &off.place, &off.value, SettingState::SwitchesOff)).chain(seen).collect()
}

/// Why a setting is not read, as the end of a sentence.
fn because(unread: &Unread) -> String {
    match unread {
        Unread::Never => "this tool never reads it".to_owned(),
        Unread::Needs(names) => format!("only with {}", list(names)),
        Unread::NotHere => "not on this system or by this build".to_owned(),
        Unread::Empty => "it is empty".to_owned(),
        Unread::NotOn => "its value does not switch it on".to_owned(),
        Unread::Version(versions) => format!("only by versions {versions}"),
    }
}

fn setting(tools: &Tools<'_>, place: &Place, value: &str, state: SettingState) -> SettingReport {
    let (set_in, set_for) = match place {
        Place::Variable(name) => {
            let whole = tools.observations.environment.get(name).unwrap_or_default();
            let exports =
                || tools.observations.exports.iter().filter(|e| e.name == *name && e.value == whole);
            let mut contexts: Vec<Context> = exports().flat_map(|export| export.contexts.clone()).collect();
            contexts.sort_unstable();
            contexts.dedup();
            (exports().next_back().map(say::export_line), Some(contexts))
        }
        Place::Entry { .. } => (None, None),
    };
    SettingReport {
        name: sanitise(place.name()),
        value: say::value(value),
        place: say::where_it_stands(place),
        set_in,
        set_for,
        state,
        because: None,
        beaten_by: None,
    }
}

fn trouble(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Hung { seconds } => format!("it did not answer within {seconds} seconds"),
        Trouble::NoVersion { said } if said.is_empty() => {
            "it said nothing when asked for its version".to_owned()
        }
        Trouble::NoVersion { said } => format!("asked for its version it said: {}", sanitise(said)),
        Trouble::NotStarted { message } => format!("it could not be started: {}", sanitise(message)),
    }
}
