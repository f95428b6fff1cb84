//! Which variables make every tool here work, and no tool worse: the least set of settings.
//!
//! What a tool would trust in an environment is asked of an [`Oracle`] (`judge` on a machine, a table in tests). So the
//! plan knows no tool: it tries variables that the catalogue names, in the environment as it is, and keeps those that
//! help. One variable is preferred to several, and a variable that takes something away from any tool is never kept.

mod candidate;
mod cover;
mod words;

pub use candidate::Candidate;

use crate::catalogue::Tool;
use crate::facts::tool::ToolLook;
use crate::facts::{Environment, Os, ToolId};
use crate::judge::tool::{Place, View};
use crate::remedy::script::{Change, File, Line, Name, Places, Script, Value};
use crate::text::sanitise;

/// What the plan is made for.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// The system the settings are for.
    pub os: Os,
    /// The environment as it is.
    pub environment: &'a Environment,
    /// Every installation found here, also those that nobody asked about: none of them may get worse.
    pub tools: &'a [Installed<'a>],
    /// Which toolchains are to work (`--tool`); empty means all.
    pub only: &'a [ToolId],
    /// What is tried first.
    pub prefer: Prefer,
    /// Where our files are, or will be.
    pub places: &'a Places,
}

/// What is tried first, where a tool can be put right in more than one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefer {
    /// Files of ours.
    Files,
    /// The tool's own way of following the system store, where it is proved for its version: it stays right when the
    /// company changes its CA.
    #[default]
    System,
}

impl std::str::FromStr for Prefer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "files" => Ok(Self::Files),
            "system" => Ok(Self::System),
            other => Err(format!("`{}` is neither `files` nor `system`", sanitise(other))),
        }
    }
}

/// An installation with what the catalogue knows about it.
#[derive(Clone, Copy, Debug)]
pub struct Installed<'a> {
    /// What was seen.
    pub look: &'a ToolLook,
    /// What is known.
    pub tool: &'a Tool,
}

/// Tells what an installation would trust in an environment, our files being where [`Places`] says.
pub trait Oracle {
    /// Returns the trust of one installation.
    fn trust(&self, installed: Installed<'_>, environment: &Environment) -> Trust;
}

/// What an installation trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Whether it trusts the CAs of this network; `None`: cannot be told.
    pub network: Option<bool>,
    /// Whether it trusts the public roots; `None`: cannot be told.
    pub public: Option<bool>,
    /// Whether it verifies at all.
    pub verifies: bool,
    /// Whether its roots are those of the system store.
    pub follows_system: bool,
    /// Where its roots come from and who says so, as the rest of a sentence: `it follows the system store`.
    pub because: String,
}

/// What to set, and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Plan {
    /// The settings; empty when nothing is needed.
    pub script: Script,
    /// Installations that need nothing, and why.
    pub unneeded: Vec<Remark>,
    /// Installations that the settings put right, and by which variables.
    pub helped: Vec<Remark>,
    /// Installations that no variable puts right, and what stands in the way.
    pub unsolved: Vec<Remark>,
    /// Installations of which it cannot be told what they trust, and why.
    pub unknown: Vec<Remark>,
    /// What else must be known, one sentence each.
    pub warnings: Vec<String>,
    /// Files of ours that a sentence names and no setting does.
    pub named: Vec<File>,
}

/// An entry in a tool's own configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    key: String,
    /// The user's file, where the tool always looks for it there.
    file: Option<String>,
    value: Value,
}

/// A sentence about an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Which toolchain.
    pub tool: ToolId,
    /// `node 20.20.2`.
    pub name: String,
    /// The program.
    pub path: String,
    /// The rest of the sentence. Sanitised.
    pub sentence: String,
}

/// Makes the plan.
pub fn plan(situation: &Situation<'_>, oracle: &dyn Oracle) -> Plan {
    let clean = candidate::without_ours(situation);
    let situation = &Situation { environment: &clean, ..situation.clone() };
    let mut environment = clean.clone();
    let switched_off = take_switches_out(situation, &mut environment);
    let cover = cover::cover(situation, oracle, &environment);
    let mut lines: Vec<Line> = switched_off;
    lines.extend(cover.chosen.iter().map(|chosen| Line {
        name: chosen.candidate.name.clone(),
        change: Change::Set(chosen.candidate.value.clone()),
        remark: words::remark(situation, chosen),
    }));
    let script = Script { os: situation.os, places: situation.places.clone(), lines, notes: Vec::new() };
    let mut warnings = words::warnings(&script, cover.needs_the_system_store);
    warnings.extend(situation.wanted().filter_map(|i| i.alteration(&oracle.trust(i, situation.environment))));
    Plan {
        script,
        unneeded: cover.unneeded,
        helped: cover.helped,
        unsolved: cover.unsolved,
        unknown: cover.unknown,
        warnings,
        named: cover.named,
    }
}

/// Takes the variables out of the environment that switch verification off in a tool that is asked about.
fn take_switches_out(situation: &Situation<'_>, environment: &mut Environment) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for installed in situation.wanted() {
        // one variable may hide another that does the same
        while let Some((name, note)) = installed.switch_that_is_on(situation, environment) {
            environment.unset(name.as_str());
            if lines.iter().all(|line| line.name != name) {
                let what = note.map(|note| format!(" {}", sanitise(&note))).unwrap_or_default();
                let remark = format!("It switches verification off in {}.{what}", installed.tool.name);
                lines.push(Line { name, change: Change::Unset, remark });
            }
        }
    }
    lines
}

impl Situation<'_> {
    /// Returns the installations that are to work.
    fn wanted(&self) -> impl Iterator<Item = Installed<'_>> {
        self.tools.iter().copied().filter(|i| self.only.is_empty() || self.only.contains(&i.look.id))
    }
}

impl<'a> Installed<'a> {
    /// Returns how people name it: `node 20.20.2`.
    pub fn name(&self) -> String {
        match &self.look.version {
            Some(version) => format!("{} {}", self.look.id, sanitise(version)),
            None => self.look.id.to_string(),
        }
    }

    fn view<'v>(&self, situation: &'v Situation<'_>) -> View<'v>
    where
        'a: 'v,
    {
        View { tool: self.tool, look: self.look, environment: situation.environment, os: situation.os }
    }

    fn remark(&self, sentence: impl Into<String>) -> Remark {
        Remark {
            tool: self.look.id.clone(),
            name: self.name(),
            path: sanitise(&self.look.path),
            sentence: sentence.into(),
        }
    }

    /// Says what trusting a library means that makes other programs follow the system store, where it does.
    fn alteration(&self, trust: &Trust) -> Option<String> {
        let alters = self.tool.alters.as_deref().filter(|_| trust.follows_system)?;
        Some(format!("{} in {}: {alters}", self.name(), sanitise(&self.look.path)))
    }

    /// Returns the entry of its own configuration that gives it roots, the catalogue's first choice first.
    fn own_entry(&self, situation: &Situation<'_>) -> Option<Entry> {
        let view = self.view(situation);
        let rows = self.tool.settings.iter().filter(|row| row.sets.is_some() && view.applies(&row.condition));
        let entries = rows.filter_map(|row| {
            let config =
                row.at.config.iter().find_map(|id| self.tool.configs.iter().find(|c| c.id == *id))?;
            let entry = Entry {
                key: row.at.key.as_deref()?.trim_start_matches('*').to_owned(),
                file: config.paths.of(situation.os).find(|path| path.starts_with("~/")).map(str::to_owned),
                value: candidate::value(row, None, situation.places)?,
            };
            Some((row.emit.unwrap_or(u8::MAX), entry))
        });
        entries.min_by_key(|(rank, _)| *rank).map(|(_, entry)| entry)
    }

    /// Whether this installation looks at a variable at all.
    fn reads(&self, name: &str) -> bool {
        let settings = self.tool.settings.iter().any(|row| {
            row.at.environment.as_deref() == Some(name)
                || row.needs.iter().chain(&row.unless).any(|other| other == name)
        });
        settings || self.tool.off.iter().any(|row| row.at.environment.as_deref() == Some(name))
    }

    /// Returns a variable that switches verification off and that can be taken out, and what is worth knowing about it.
    fn switch_that_is_on(
        &self,
        situation: &Situation<'_>,
        environment: &Environment,
    ) -> Option<(Name, Option<String>)> {
        let view = View { environment, ..self.view(situation) };
        view.switched_off().into_iter().find_map(|off| {
            // a switch inside a list of options is taken out by whoever wrote the list
            let is_whole = off.row.at.pattern.is_none();
            match off.place {
                Place::Variable(name) if is_whole => Some((name.parse().ok()?, off.row.note.clone())),
                _ => None,
            }
        })
    }
}

#[cfg(test)]
mod tests;
