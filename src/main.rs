//! Parses the arguments, calls the library, prints what it says, returns the exit code.

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind as ClapKind;
use trustgap::app::{self, Answer, Failure, Streams};
use trustgap::cli::Cli;
use trustgap::edge::terminal;
use trustgap::text::sanitise::sanitise_line;

fn main() -> ExitCode {
    let streams = Streams { output: terminal::standard_output(), error: terminal::standard_error() };
    let outcome = match Cli::try_parse() {
        Ok(cli) => app::run(cli, streams),
        Err(error) => Ok(parsed_wrongly(&error)),
    };
    ExitCode::from(deliver(outcome))
}

/// Says the outcome and returns its exit code.
fn deliver(outcome: Result<Answer, Failure>) -> u8 {
    match outcome {
        Ok(Answer { answer, notes, code }) => {
            terminal::say(&notes);
            match terminal::answer(&answer) {
                // whoever read us has seen enough
                Err(error) if error.kind() == ErrorKind::BrokenPipe => code,
                Err(error) => deliver(Err(Failure::undelivered(&error))),
                Ok(()) => code,
            }
        }
        Err(failure) => {
            terminal::say(&failure.to_string());
            failure.code()
        }
    }
}

/// Help and version are answers; everything else that clap says is an error, and repeats what it was given.
fn parsed_wrongly(error: &clap::Error) -> Answer {
    let rendered = error.render().to_string();
    if matches!(error.kind(), ClapKind::DisplayHelp | ClapKind::DisplayVersion) {
        return Answer { answer: rendered, ..Answer::default() };
    }
    let lines: Vec<_> = rendered.lines().map(sanitise_line).collect();
    Answer { notes: lines.join("\n") + "\n", code: 2, ..Answer::default() }
}
