//! One short function per command: the pipeline spelled out. Nothing here prints; `main` does, once.

mod check;
mod demo;
mod documents;
mod env;
mod explain;
mod export;
mod failure;
mod handout;
mod looking;
mod probe;
mod tools;
mod verify;

use std::path::PathBuf;

use crate::cli::{Cli, Command, Common, When};
use crate::edge::Live;
use crate::edge::terminal::{Progress, Stream};
use crate::facts::Environment;
use crate::present::style::{self, Colour};
use crate::present::{Detail, Layout};

pub use failure::Failure;

/// What a command has to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// For standard output.
    pub answer: String,
    /// For standard error: what a person wants to know beside the answer, and a pipe does not.
    pub notes: String,
    /// Exit code.
    pub code: u8,
}

impl Answer {
    fn plain(answer: String) -> Self {
        Self { answer, ..Self::default() }
    }
}

/// The two streams that the answer goes to.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    /// Standard output.
    pub output: Stream,
    /// Standard error.
    pub error: Stream,
}

/// Runs the command that the arguments name.
pub fn run(cli: Cli, streams: Streams) -> Result<Answer, Failure> {
    let live = Live::new(cli.common.home.clone());
    carry_out(cli, live, streams)
}

/// Runs a command on a machine; `demo` gives it another home and environment than this process has.
fn carry_out(cli: Cli, live: Live, streams: Streams) -> Result<Answer, Failure> {
    let Cli { common, looking, check, command } = cli;
    let desk = Desk { common, looking, live, streams };
    match command {
        None => {
            documents::refuse_what_reads_as_a_command(&check.targets)?;
            check::check(&desk, check)
        }
        Some(_) if !check.is_empty() => Err(Failure::before_command()),
        Some(Command::Check(args)) => check::check(&desk, args),
        Some(Command::Completions { shell }) => Ok(documents::completions(shell)),
        Some(Command::Demo) => demo::demo(&desk),
        Some(Command::Env(args)) => env::env(&desk, args),
        Some(Command::Export(args)) => export::export(&desk, &args),
        Some(Command::Explain(args)) => explain::explain(&desk, &args),
        Some(Command::Probe(args)) => probe::probe(&desk, &args),
        Some(Command::Tools(args)) => tools::tools(&desk, &args),
        Some(Command::Verify(args)) => verify::verify(&desk, args),
        Some(Command::Man { command }) => documents::manual(command.as_deref()),
    }
}

/// What every command works with: the machine, the options, the streams.
struct Desk {
    common: Common,
    looking: crate::cli::Looking,
    live: Live,
    streams: Streams,
}

impl Desk {
    fn layout(&self) -> Layout {
        layout(self.streams.output, self.detail())
    }

    /// The layout of what goes to standard error.
    fn notes_layout(&self) -> Layout {
        layout(self.streams.error, self.detail())
    }

    fn detail(&self) -> Detail {
        match (self.common.quiet, self.common.verbose) {
            (true, _) => Detail::Brief,
            (_, true) => Detail::Full,
            _ => Detail::Normal,
        }
    }

    /// The folder trustgap keeps its own files in.
    fn own_folder(&self) -> Result<PathBuf, Failure> {
        use crate::edge::Reading as _;
        self.live.own_folder().ok_or_else(|| {
            Failure::undetermined("there is no folder to keep files in: the user has no configuration folder")
                .hint("name one with `--home DIR` or `TRUSTGAP_HOME`")
        })
    }

    /// Makes marked text fit for standard output.
    fn paint(&self, text: &str) -> String {
        style::paint(text, self.colour(self.streams.output))
    }

    /// Makes marked text fit for standard error.
    fn paint_notes(&self, text: &str) -> String {
        style::paint(text, self.colour(self.streams.error))
    }

    fn colour(&self, stream: Stream) -> Colour {
        use crate::edge::Reading as _;
        colour(self.common.color, self.live.environment(), stream)
    }

    /// Says what is being waited for, where somebody is watching.
    fn progress(&self, question: &str) -> Progress {
        let watched = self.streams.error.is_terminal && !self.common.quiet;
        if watched { Progress::start(question) } else { Progress::silent() }
    }
}

fn layout(stream: Stream, detail: Detail) -> Layout {
    if stream.is_terminal { Layout::terminal(stream.width, detail) } else { Layout::pipe(detail) }
}

/// Whether a stream gets colours: an explicit wish wins, then the environment's conventions, then what the stream is.
pub fn colour(wish: When, environment: &Environment, stream: Stream) -> Colour {
    let on = match wish {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            let forced = environment.get_filled("CLICOLOR_FORCE").is_some_and(|v| v != "0");
            let unwanted = environment.get_filled("NO_COLOR").is_some();
            let dumb = environment.get("TERM") == Some("dumb");
            !unwanted && (forced || (stream.is_terminal && !dumb))
        }
    };
    if on { Colour::On } else { Colour::Off }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_follows_the_wish_then_the_conventions_then_the_stream() {
        let terminal = Stream { is_terminal: true, width: Some(80) };
        let pipe = Stream { is_terminal: false, width: None };
        for (wish, variables, stream, wanted) in [
            (When::Auto, &[][..], terminal, Colour::On),
            (When::Auto, &[], pipe, Colour::Off),
            (When::Auto, &[("NO_COLOR", "1")], terminal, Colour::Off),
            (When::Auto, &[("NO_COLOR", "")], terminal, Colour::On),
            (When::Auto, &[("TERM", "dumb")], terminal, Colour::Off),
            (When::Auto, &[("CLICOLOR_FORCE", "1")], pipe, Colour::On),
            (When::Auto, &[("CLICOLOR_FORCE", "0")], pipe, Colour::Off),
            (When::Auto, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], pipe, Colour::Off),
            (When::Always, &[("NO_COLOR", "1")], pipe, Colour::On),
            (When::Never, &[("CLICOLOR_FORCE", "1")], terminal, Colour::Off),
        ] {
            let environment: Environment = variables.iter().copied().collect();
            assert_eq!(colour(wish, &environment, stream), wanted, "{wish:?} {variables:?} {stream:?}");
        }
    }
}
