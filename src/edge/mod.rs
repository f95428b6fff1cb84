//! The only room that touches the outside: files, programs, sockets, the clock, the environment, the terminal.
//!
//! Reading and changing are two types. A command that only looks is handed a [`Reading`] and cannot write: there
//! is no method for it. [`Live`] reads this machine, [`LiveHands`] also changes it; [`Pretend`] is a machine made of
//! values, of any operating system.
#![expect(clippy::disallowed_methods, reason = "this is the room that owns the doors the rest must not use")]

pub mod deadline;
pub mod hands;
pub mod http;
pub mod listener;
pub mod live;
pub mod look;
pub mod net;
pub mod pretend;
pub mod proxy;
mod run;
pub mod scratch;
pub mod stores;
pub mod terminal;
pub mod through;
pub mod tls;

pub use deadline::Deadline;
pub use hands::LiveHands;
pub use live::Live;
pub use pretend::Pretend;
pub use scratch::Scratch;
pub use through::{ListedOnce, Through};

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;

pub use crate::facts::run::{End, Finished};
use crate::facts::{Environment, Platform};

/// Looks at the machine. Nothing in here changes it.
pub trait Reading: Send + Sync {
    /// Returns the machine's clock.
    fn now(&self) -> OffsetDateTime;

    /// Returns which computer this is.
    fn platform(&self) -> &Platform;

    /// Returns the environment this process was given.
    fn environment(&self) -> &Environment;

    /// Returns the user's home folder, if there is one.
    fn home(&self) -> Option<PathBuf>;

    /// Returns the folder trustgap keeps its own files in: `--home`, `TRUSTGAP_HOME`, else the configuration folder's.
    fn own_folder(&self) -> Option<PathBuf>;

    /// Returns the working folder.
    fn working_folder(&self) -> PathBuf;

    /// Returns a file's bytes; a file longer than `limit` bytes is an error of kind `FileTooLarge`.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Returns the first bytes of a file, at most `length`.
    fn read_start(&self, path: &Path, length: u64) -> io::Result<Vec<u8>>;

    /// Returns the full paths of what is in a folder, sorted.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// Returns what a path leads to, links followed; `None` when nothing is there.
    fn kind(&self, path: &Path) -> Option<PathKind>;

    /// Returns the path with every link followed.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// Starts a program by argument list, with exactly the given environment but for a folder of its own for temporary
    /// files, and waits for it until its deadline.
    fn run(&self, invocation: &Invocation) -> Finished;

    /// [`Self::run`] for a program of which only one thing is wanted: a moment after `enough` says yes for the first
    /// time it counts as late, however long it would go on (some try again for half a minute).
    fn run_until(&self, invocation: &Invocation, enough: &dyn Fn() -> bool) -> Finished {
        let _ = enough;
        self.run(invocation)
    }
}

/// Changes the machine; implies reading.
pub trait Changing: Reading {
    /// Puts bytes into a file in one step: a neighbour is written, flushed and renamed over it, so that a reader
    /// sees the old file or the new one and a full disk loses nothing. Links are followed to their target, mode and
    /// (where permitted) ownership of an existing file are kept; a new file gets `mode` (ignored on Windows).
    fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()>;

    /// Makes a folder and its parents.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Removes a file; of a link, the link.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A device, socket or pipe.
    Other,
}

/// A program to start.
#[derive(Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The program's path.
    pub program: PathBuf,
    /// Its arguments, never joined to a shell string.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub environment: Environment,
    /// Its working folder; ours when absent.
    pub folder: Option<PathBuf>,
    /// What it reads on standard input; nothing when absent.
    pub input: Option<Vec<u8>>,
    /// After this long it and its children are ended.
    pub deadline: Duration,
}

impl Invocation {
    /// Makes an invocation in the working folder, without input.
    pub fn new<A: Into<String>>(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = A>,
        environment: Environment,
        deadline: Duration,
    ) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment,
            folder: None,
            input: None,
            deadline,
        }
    }
}

impl fmt::Debug for Invocation {
    /// Leaves the environment out: it may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.program.display(), self.arguments)
    }
}
