//! Finds every installation of every toolchain, asks it for its version, and reads what configures it.

mod ask;
mod config;
mod find;
pub(crate) mod formats;
mod hosts;
mod nss;
pub(crate) mod path;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ask::Answer;
use find::{Candidate, Finder};
pub use hosts::hosts;
use nss::Database;

use super::environment::matters;
use super::exports::exports;
use super::side_by_side::side_by_side;
use crate::catalogue::{self, Tool};
use crate::edge::{ListedOnce, PathKind, Reading};
use crate::facts::ToolId;
use crate::facts::tool::{Content, Context, Export, FileLook, FileState, RuntimeLook, ToolLook};
use crate::judge::tool::{View, environment_in, named_files, unit};

/// How many programs run at the same time: enough that slow starters overlap, few enough that they get their share.
const AT_ONCE: usize = 16;

/// The most that is read of a file or folder of certificates; the biggest bundles have some 300 KiB.
const MOST_READ: u64 = 2 * 1024 * 1024;

/// The most files that are read of a folder of certificates.
const MOST_FILES: usize = 2000;

/// What was found: the installations, and the files their settings name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolsLook {
    /// One row per installation, in the order of the catalogue and of `PATH`.
    pub tools: Vec<ToolLook>,
    /// Each file that a setting or a default names, once; those of a new shell's settings included.
    pub files: Vec<FileLook>,
    /// Who sets the variables that matter for what is started later.
    pub exports: Vec<Export>,
}

/// An installation that was asked.
struct Installation {
    tool: &'static Tool,
    candidate: Candidate,
    answer: Answer,
    /// Whether it is only there because a tool runs on it.
    hidden: bool,
}

/// Looks at these tools; a program that does not answer within `deadline` gets a row that says so.
pub fn look(reading: &dyn Reading, tools: &[&'static Tool], deadline: Duration) -> ToolsLook {
    if tools.is_empty() {
        return ToolsLook::default();
    }
    let reading = &ListedOnce::new(reading);
    let installations = installations(reading, tools, deadline);
    let wanted = |i: &&Installation| !i.hidden && tools.iter().any(|t| t.id == i.tool.id);
    let mut looks: Vec<(&'static Tool, ToolLook)> =
        installations.iter().filter(wanted).map(|i| (i.tool, i.look(&installations))).collect();
    let finder = Finder::new(reading);
    let read = side_by_side(&looks, AT_ONCE, |(tool, look)| {
        let databases = nss::read(reading, &finder, tool, look, deadline);
        (config::entries(reading, tool, look, deadline), databases)
    });
    let exports = exports(reading, &|name| matters(name, Some(catalogue::variables())));
    let now = reading.environment();
    let [desktop, shell] =
        [Context::Desktop, Context::Shell].map(|context| environment_in(context, None, now, &exports));
    let mut files = BTreeMap::new();
    for ((tool, look), (entries, databases)) in looks.iter_mut().zip(read) {
        look.entries = entries;
        for (path, database) in databases {
            match database {
                Database::Absent => look.absent.push(path),
                Database::Read(state) => drop(files.insert(path, state)),
                Database::Unknown => {}
            }
        }
        let named = |environment| named_files(View { tool, look, environment, os: reading.platform().os });
        let service = unit(look).map(|unit| environment_in(Context::Service, Some(unit), now, &exports));
        let all = [now, &desktop, &shell].into_iter().chain(&service);
        let named: Vec<String> = all.flat_map(named).collect();
        for path in named {
            let state = files.entry(path.clone()).or_insert_with(|| read_file(reading, &path));
            if *state == FileState::Missing && !look.absent.contains(&path) {
                look.absent.push(path);
            }
        }
    }
    ToolsLook {
        tools: looks.into_iter().map(|(_, look)| look).collect(),
        files: files.into_iter().map(|(path, state)| FileLook { path, state }).collect(),
        exports,
    }
}

/// Returns an installation with the configuration that it has when it works in another folder.
pub(crate) fn in_folder(
    reading: &dyn Reading,
    tool: &Tool,
    look: &ToolLook,
    folder: &Path,
    deadline: Duration,
) -> ToolLook {
    let mut there = look.clone();
    there.facts.insert("working_folder".to_owned(), folder.display().to_string());
    there.entries = config::entries(reading, tool, &there, deadline);
    there
}

/// Finds the installations of these tools and of the runtimes they run on, and asks them all, side by side.
fn installations(reading: &dyn Reading, tools: &[&'static Tool], deadline: Duration) -> Vec<Installation> {
    let finder = Finder::new(reading);
    let mut programs: Vec<(&'static Tool, Candidate, bool)> = Vec::new();
    for tool in with_runtimes(tools) {
        programs.extend(finder.programs(tool).into_iter().map(|c| (tool, c, false)));
    }
    // a tool's interpreter may be one that nobody would find otherwise, in a virtual environment of its own
    let interpreters: Vec<_> = programs
        .iter()
        .filter_map(|(tool, c, _)| {
            Some((catalogue::tool(tool.runs_on.as_ref()?)?, finder.at(c.interpreter()?)))
        })
        .collect();
    for (runtime, candidate) in interpreters {
        if !programs.iter().any(|(t, c, _)| t.id == runtime.id && c.same_place(&candidate)) {
            programs.push((runtime, candidate, true));
        }
    }
    let answers =
        side_by_side(&programs, AT_ONCE, |(tool, candidate, _)| ask::ask(reading, tool, candidate, deadline));
    let mut installations: Vec<Installation> = Vec::new();
    for ((tool, candidate, hidden), answer) in programs.into_iter().zip(answers) {
        let installation = Installation { tool, candidate, answer, hidden };
        let known = installations.iter().any(|i| i.tool.id == tool.id && i.key() == installation.key());
        if installation.answer.is_tool && !known {
            installations.push(installation);
        }
    }
    let libraries = tools.iter().filter_map(|t| Some((*t, t.detect.inside.as_ref()?)));
    let found: Vec<_> =
        libraries.flat_map(|(t, inside)| inside_of(reading, t, inside, &installations, deadline)).collect();
    installations.extend(found);
    installations.sort_by(|a, b| a.tool.id.cmp(&b.tool.id));
    installations
}

/// Returns the tools and the runtimes that they run on or are found in, each once.
fn with_runtimes(tools: &[&'static Tool]) -> Vec<&'static Tool> {
    let mut all: Vec<&'static Tool> = Vec::new();
    for tool in tools {
        let runtimes = [&tool.runs_on, &tool.detect.inside].into_iter().flatten();
        for tool in [*tool].into_iter().chain(runtimes.filter_map(catalogue::tool)) {
            if !all.iter().any(|t| t.id == tool.id) {
                all.push(tool);
            }
        }
    }
    all
}

/// Looks for a library in every installation of the runtime it lives in.
fn inside_of(
    reading: &dyn Reading,
    tool: &'static Tool,
    runtime: &ToolId,
    installations: &[Installation],
    deadline: Duration,
) -> Vec<Installation> {
    let runtimes = installations.iter().filter(|i| i.tool.id == *runtime && i.answer.trouble.is_none());
    runtimes
        .filter_map(|runtime| {
            let facts = runtime.answer.facts.iter().filter(|(name, _)| *name != "version");
            let facts = facts.map(|(n, v)| (n.clone(), v.clone())).collect();
            let candidate = Candidate { facts, ..runtime.candidate.clone() };
            let answer = ask::ask(reading, tool, &candidate, deadline);
            let there = answer.facts.contains_key("version");
            there.then_some(Installation { tool, candidate, answer, hidden: runtime.hidden })
        })
        .collect()
}

/// Reads a file or folder of certificates.
fn read_file(reading: &dyn Reading, path: &str) -> FileState {
    let unreadable = |e: std::io::Error| FileState::Unreadable { message: e.to_string() };
    match reading.kind(Path::new(path)) {
        None => FileState::Missing,
        Some(PathKind::Folder) => match reading.list(Path::new(path)) {
            Err(e) => unreadable(e),
            Ok(listed) => FileState::Folder { files: read_folder(reading, &listed) },
        },
        Some(PathKind::File | PathKind::Other) => match reading.read(Path::new(path), MOST_READ) {
            Ok(bytes) => FileState::File { content: Content::new(bytes) },
            Err(e) => unreadable(e),
        },
    }
}

fn read_folder(reading: &dyn Reading, listed: &[std::path::PathBuf]) -> Vec<(String, Content)> {
    let mut left = MOST_READ;
    let files = listed.iter().filter(|p| reading.kind(p) == Some(PathKind::File)).take(MOST_FILES);
    files
        .filter_map(|path| {
            let bytes = reading.read(path, left).ok()?;
            left -= bytes.len() as u64;
            let name = path::name(path.to_str()?, reading.platform().os).to_owned();
            Some((name, Content::new(bytes)))
        })
        .collect()
}

impl Candidate {
    fn interpreter(&self) -> Option<&str> {
        self.facts.get("interpreter").map(String::as_str)
    }

    /// Whether two paths start the same program from the same folder: a virtual environment's python is the system's
    /// behind its links, and yet another installation.
    fn same_place(&self, other: &Self) -> bool {
        self.real == other.real && self.facts.get("folder") == other.facts.get("folder")
    }
}

impl Installation {
    /// Returns what tells it from the tool's other installations.
    fn key(&self) -> &str {
        self.answer.facts.get("key").unwrap_or(&self.candidate.real)
    }

    fn look(&self, all: &[Self]) -> ToolLook {
        let runtime = self.runtime(all);
        let mut facts = self.answer.facts.clone();
        if let Some(version) = runtime.as_ref().and_then(|runtime| runtime.version.clone()) {
            facts.insert("runtime_version".to_owned(), version);
        }
        let real = facts.get("real").unwrap_or(&self.candidate.real);
        ToolLook {
            id: self.tool.id.clone(),
            path: self.candidate.path.clone(),
            real: (*real != self.candidate.path).then(|| real.clone()),
            version: facts.get("version").cloned(),
            first: self.candidate.first,
            runtime,
            facts,
            entries: Vec::new(),
            absent: Vec::new(),
            trouble: self.answer.trouble.clone(),
        }
    }

    fn runtime(&self, all: &[Self]) -> Option<RuntimeLook> {
        let wanted = self.tool.runs_on.as_ref().or(self.tool.detect.inside.as_ref())?;
        let place = match self.candidate.interpreter() {
            Some(interpreter) if self.tool.detect.inside.is_none() => interpreter,
            _ => &self.candidate.path,
        };
        let of_wanted = || all.iter().filter(|i| i.tool.id == *wanted);
        let found = of_wanted()
            .find(|i| {
                i.candidate.path == *place || i.candidate.facts.get("program").is_some_and(|p| p == place)
            })
            .or_else(|| of_wanted().find(|i| i.candidate.first))?;
        Some(RuntimeLook {
            id: wanted.clone(),
            path: found.candidate.path.clone(),
            version: found.answer.facts.get("version").cloned(),
            facts: found.answer.facts.clone(),
        })
    }
}
