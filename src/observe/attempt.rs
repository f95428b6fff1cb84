//! Sends one tool to one host, as the catalogue says.
//!
//! Each run gets an empty folder of its own, which is gone afterwards. It is not the user's working folder on purpose:
//! a folder that somebody else filled may hold programs and configuration that the tools would run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::catalogue::Tool;
use crate::catalogue::fill::Filling;
use crate::catalogue::schema::Probe;
use crate::edge::{Finished, Invocation, Reading, Scratch};
use crate::facts::tool::ToolLook;
use crate::facts::{Environment, Os, Target};
use crate::judge::tool::View;

/// The most that is copied of a file of the user's configuration; a larger one is left out.
const MOST_COPIED: u64 = 1024 * 1024;

/// One tool, one host, one environment.
pub(super) struct Attempt<'a> {
    pub(super) reading: &'a dyn Reading,
    pub(super) os: Os,
    pub(super) look: &'a ToolLook,
    pub(super) tool: &'a Tool,
    pub(super) target: &'a Target,
    pub(super) environment: &'a Environment,
    /// The shortest deadline; the catalogue's counts where it is longer.
    pub(super) timeout: Duration,
}

impl<'a> Attempt<'a> {
    pub(super) fn view(&self) -> View<'a> {
        View { tool: self.tool, look: self.look, environment: self.environment, os: self.os }
    }

    /// Runs the tool's probe; says why where it cannot be run.
    pub(super) fn run(&self) -> Result<(&'a Probe, Finished), String> {
        self.run_until(&|| false)
    }

    /// [`Self::run`], as [`Reading::run_until`] does it.
    pub(super) fn run_until(&self, enough: &dyn Fn() -> bool) -> Result<(&'a Probe, Finished), String> {
        let view = self.view();
        let applies = |p: &&Probe| view.applies(&p.condition);
        let untried = || self.tool.untried.as_deref().unwrap_or("it is not known how to try this version");
        let probe = self.tool.probes.iter().find(applies).ok_or_else(untried)?;
        let scratch = Scratch::new().map_err(|error| format!("there is no folder to run it in: {error}"))?;
        let facts = self.facts(&scratch);
        let filling = Filling { environment: self.environment, facts: &facts, os: self.os };
        for (name, text) in &probe.files {
            let written = scratch.write(name, filling.text(text).as_bytes());
            written.map_err(|error| format!("its files could not be written: {error}"))?;
        }
        for (name, template) in &probe.copies {
            let path = filling.paths(template).into_iter().next();
            let Some(bytes) = path.and_then(|path| self.reading.read(Path::new(&path), MOST_COPIED).ok())
            else {
                continue;
            };
            let written = scratch.write(name, &bytes);
            written.map_err(|error| format!("its configuration could not be copied: {error}"))?;
        }
        let program = match &probe.program {
            Some(template) => match filling.paths(template).into_iter().next() {
                Some(path) => self.on_path(&path),
                None => return Err(format!("there is no {template} to try it with")),
            },
            None => PathBuf::from(&self.look.path),
        };
        let mut environment = self.environment.clone();
        for (name, value) in &probe.environment {
            environment.set(name.as_str(), filling.text(value));
        }
        let invocation = Invocation {
            program,
            arguments: probe.arguments.iter().map(|argument| filling.text(argument)).collect(),
            environment,
            folder: Some(scratch.path().to_owned()),
            input: probe.input.as_ref().map(|input| filling.text(input).into_bytes()),
            deadline: Duration::from_secs(probe.deadline).max(self.timeout),
        };
        let finished = self.reading.run_until(&invocation, enough);
        Ok((probe, finished))
    }

    /// What is filled into the probe.
    fn facts(&self, scratch: &Scratch) -> BTreeMap<String, String> {
        let mut facts = self.look.facts.clone();
        facts.insert("url".into(), format!("https://{}/", self.target));
        facts.insert("host".into(), self.target.host.to_string());
        facts.insert("port".into(), self.target.port.to_string());
        facts.insert("scratch".into(), scratch.path().display().to_string());
        facts
    }

    /// Finds a program that is named without a folder.
    fn on_path(&self, program: &str) -> PathBuf {
        if program.contains(['/', '\\']) {
            return program.into();
        }
        let suffix = if self.os == Os::Windows { ".exe" } else { "" };
        let folders = self.environment.get_filled("PATH").unwrap_or_default().split(self.os.list_separator());
        let mut candidates = folders.map(|folder| PathBuf::from(folder).join(format!("{program}{suffix}")));
        candidates.find(|path| self.reading.kind(path).is_some()).unwrap_or_else(|| program.into())
    }
}
