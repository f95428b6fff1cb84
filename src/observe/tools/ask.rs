//! Asks an installation what it is: from files where they tell, else by running it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::find::Candidate;
use super::path::{glob, is_slash};
use crate::catalogue::fill::Filling;
use crate::catalogue::schema::Ask;
use crate::catalogue::{Tool, Version};
use crate::edge::{End, Finished, Invocation, Reading};
use crate::facts::tool::Trouble;

/// The most that is read of a file that tells a version or what a program is built with; programs are among them.
const MOST_READ: u64 = 4 * 1024 * 1024;

/// The most lines of an answer that are taken for facts; real answers have some twenty.
const MOST_FACTS: usize = 500;

/// The most that is kept of what a program said instead of its version, in characters.
const MOST_SAID: usize = 200;

/// What an installation answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// The facts, those known before included.
    pub facts: BTreeMap<String, String>,
    /// What went wrong.
    pub trouble: Option<Trouble>,
    /// Whether it is the tool at all; `false` when another program has its name.
    pub is_tool: bool,
}

/// Asks everything the catalogue wants to know of a tool. Files come first; a program whose answers are known from
/// files is not started; files whose place only a program tells come last.
pub(crate) fn ask(reading: &dyn Reading, tool: &Tool, candidate: &Candidate, deadline: Duration) -> Answer {
    let mut answer = Answer { facts: candidate.facts.clone(), ..Answer::default() };
    let mut said = String::new();
    let os = reading.platform().os;
    let asks = tool.detect.asks.iter().filter(|a| a.os.is_empty() || a.os.contains(&os));
    let (of_files, of_programs): (Vec<_>, Vec<_>) = asks.partition(|a| a.arguments.is_none());
    let elsewhere: Vec<_> =
        of_files.into_iter().filter(|ask| !read(reading, ask, &mut answer.facts)).collect();
    for ask in of_programs {
        if ask.is_answered(&answer.facts) {
            continue;
        }
        let finished = run(reading, ask, candidate.program(), &answer.facts, deadline);
        match &finished.end {
            End::NotStarted(message) => {
                answer.trouble = Some(Trouble::NotStarted { message: message.clone() });
            }
            End::TimedOut => answer.trouble = Some(Trouble::Hung { seconds: deadline.as_secs().max(1) }),
            End::Exited(_) | End::Signalled(_) => {}
        }
        let text = finished.text();
        ask.take(&text, &mut answer.facts);
        said.push_str(&text);
        if finished.end == End::TimedOut {
            // what hung once hangs again: it is not waited for as often as there are questions
            break;
        }
    }
    for ask in elsewhere {
        read(reading, ask, &mut answer.facts);
    }
    let version = answer.facts.get("version");
    answer.is_tool = version.is_some() || {
        // what said nothing at all may be the tool with a broken leg; what spoke must speak as the tool does
        let text = said.trim();
        text.is_empty() || tool.detect.identity.as_ref().is_none_or(|p| p.matches(text))
    };
    let another = |version: &String| {
        let range = tool.detect.versions.as_ref();
        range.is_some_and(|range| Version::parse(version).is_some_and(|v| !range.holds(&v)))
    };
    if version.is_some_and(another) {
        answer.is_tool = false;
    }
    if tool.detect.reject.as_ref().is_some_and(|p| p.matches(&said)) {
        answer.is_tool = false;
    }
    if version.is_none() && answer.trouble.is_none() {
        let said = said.trim().chars().take(MOST_SAID).collect();
        answer.trouble = Some(Trouble::NoVersion { said });
    }
    answer
}

/// Reads the first file that exists, and takes from its text and path; tells whether there is one.
pub(crate) fn read(reading: &dyn Reading, ask: &Ask, facts: &mut BTreeMap<String, String>) -> bool {
    let filling = Filling { environment: reading.environment(), facts, os: reading.platform().os };
    let plain = |path: &str| path.replace(is_slash(reading.platform().os), "/");
    let patterns = ask.files.iter().flat_map(|template| filling.paths(template));
    let fits = |path: &String| ask.path_pattern.as_ref().is_none_or(|p| p.matches(&plain(path)));
    let Some(path) = patterns.flat_map(|pattern| glob(reading, &pattern)).find(fits) else { return false };
    if let Some(name) = &ask.path_as {
        facts.insert(name.clone(), path.clone());
    }
    if let Some(pattern) = &ask.path_pattern {
        let plain = plain(&path);
        let named = pattern.named(&plain).into_iter().map(|(n, v)| (n.to_owned(), v.to_owned()));
        facts.extend(named.collect::<Vec<_>>());
    }
    if ask.pattern.is_some() || ask.lines {
        let bytes = reading.read(Path::new(&path), MOST_READ).unwrap_or_default();
        ask.take(&String::from_utf8_lossy(&bytes), facts);
    }
    true
}

/// Runs the program in the user's environment, in the locale whose texts the catalogue knows.
pub(crate) fn run(
    reading: &dyn Reading,
    ask: &Ask,
    program: &str,
    facts: &BTreeMap<String, String>,
    deadline: Duration,
) -> Finished {
    let filling = Filling { environment: reading.environment(), facts, os: reading.platform().os };
    let mut environment = reading.environment().clone();
    environment.set("LC_ALL", "C");
    for (name, value) in &ask.environment {
        environment.set(name, filling.text(value));
    }
    let program = match &ask.program {
        Some(template) => filling.paths(template).into_iter().next().unwrap_or_default(),
        None => program.to_owned(),
    };
    let arguments = ask.arguments.iter().flatten().map(|a| filling.text(a));
    let folder = facts.get("working_folder").map(PathBuf::from);
    // ours is left as it is: it may be one that cannot be entered by its name
    let folder = folder.filter(|folder| *folder != reading.working_folder());
    reading.run(&Invocation { folder, ..Invocation::new(program, arguments, environment, deadline) })
}

impl Ask {
    /// Whether everything its pattern would tell is known.
    fn is_answered(&self, facts: &BTreeMap<String, String>) -> bool {
        let regex = self.pattern.as_ref().and_then(|p| p.regex());
        let mut names = regex.into_iter().flat_map(|r| r.capture_names().flatten()).peekable();
        names.peek().is_some() && names.all(|name| facts.contains_key(name))
    }

    /// Takes the facts out of an answer's text. A fact that is given several times has several lines.
    pub(crate) fn take(&self, text: &str, facts: &mut BTreeMap<String, String>) {
        for (name, value) in self.pattern.iter().flat_map(|p| p.named(text)) {
            facts.insert(name.to_owned(), value.to_owned());
        }
        if self.lines {
            let mut given: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            let lines = text.lines().take(MOST_FACTS);
            for (name, value) in lines.filter_map(|line| line.trim_end().split_once('=')) {
                given.entry(name).or_default().push(value);
            }
            facts.extend(given.into_iter().map(|(name, values)| (name.to_owned(), values.join("\n"))));
        }
    }
}
