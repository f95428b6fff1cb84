//! How a program that was started ended, and what it said.

use std::time::Duration;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Exit code, or why there is none.
    pub end: End,
    /// Standard output, at most 256 KiB, invalid UTF-8 replaced. Hostile text.
    pub stdout: String,
    /// Standard error, the same.
    pub stderr: String,
    /// How long it took.
    pub elapsed: Duration,
}

/// The end of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It exited with a code.
    Exited(i32),
    /// It could not be started, in the system's words.
    NotStarted(String),
    /// A signal ended it.
    Signalled(i32),
    /// Its deadline passed.
    TimedOut,
}

impl Finished {
    /// Returns both streams, standard output first.
    pub fn text(&self) -> String {
        format!(
            "{}{}{}",
            self.stdout,
            if self.stdout.ends_with('\n') || self.stdout.is_empty() { "" } else { "\n" },
            self.stderr
        )
    }
}
