//! Why there is no answer: what happened, and what to do next.

use std::fmt;
use std::io;
use std::path::Path;

use crate::act::export::ExportError;
use crate::edge::stores::UnusableStore;
use crate::remedy::documents::NoDocument;
use crate::remedy::shells::Unsayable;
use crate::text::sanitise::sanitise_line;
use crate::text::{redact, sanitise};

/// Why a command gave no answer. Texts are sanitised and carry no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    kind: Kind,
    what: String,
    hint: Option<String>,
    /// What was found out on the way, ready for standard error.
    notes: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The program was used wrongly.
    Usage,
    /// The answer could not be found out, or not delivered.
    Undetermined,
}

/// How many things that are wrong with a file or folder are told.
const MOST_PROBLEMS: usize = 5;

impl Failure {
    /// The arguments, or a file they name, make no sense.
    pub fn usage(what: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, what: what.into(), hint: None, notes: String::new() }
    }

    /// What was asked could not be found out.
    pub fn undetermined(what: impl Into<String>) -> Self {
        Self { kind: Kind::Undetermined, what: what.into(), hint: None, notes: String::new() }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what was found out on the way.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = notes.into();
        self
    }

    /// There is no folder for temporary files.
    pub fn scratch(error: &io::Error) -> Self {
        Self::undetermined(format!("there is no folder for temporary files: {}", words(error)))
            .hint("name one with `TMPDIR` (on Windows `TEMP`)")
    }

    /// A file that the user named cannot be read.
    pub fn unreadable(path: &Path, error: &io::Error) -> Self {
        let path = shown(path);
        match error.kind() {
            io::ErrorKind::NotFound => Self::usage(format!("there is no file {path}")),
            io::ErrorKind::IsADirectory => Self::usage(format!("{path} is a folder, and a file is needed")),
            io::ErrorKind::FileTooLarge => {
                Self::usage(format!("{path} is too large to be what is needed: {error}"))
            }
            _ => Self::usage(format!("{path} cannot be read: {}", words(error))),
        }
    }

    /// A file that the user named cannot be written.
    pub fn unwritable(path: &Path, error: &io::Error) -> Self {
        Self::undetermined(format!("{} cannot be written: {}", shown(path), words(error)))
    }

    /// The answer did not reach standard output.
    pub fn undelivered(error: &io::Error) -> Self {
        Self::undetermined(format!("the answer could not be written: {}", words(error)))
    }

    /// Options or targets of `check` stand before another command.
    pub fn before_command() -> Self {
        Self::usage("targets and options of a command stand after its name")
            .hint("write `trustgap COMMAND [OPTIONS] [TARGET]...`")
    }

    /// A file or folder cannot take the place of a store.
    pub fn store(error: &UnusableStore) -> Self {
        match error {
            UnusableStore::Io { path, error } => Self::unreadable(path, error),
            UnusableStore::NoCertificate { path, problems } => {
                let mut told: Vec<String> = problems.iter().take(MOST_PROBLEMS).cloned().collect();
                if let Some(more) = problems.len().checked_sub(MOST_PROBLEMS).filter(|more| *more > 0) {
                    told.push(format!("and {more} more"));
                }
                let why = if told.is_empty() { String::new() } else { format!(": {}", told.join("; ")) };
                Self::usage(format!("{} holds no root certificate{why}", shown(path)))
            }
        }
    }

    /// Files for other programs could not be written.
    pub fn export(error: &ExportError) -> Self {
        match error {
            ExportError::Io { path, error } => Self::unwritable(path, error),
            ExportError::NotReadBack { path } => Self::undetermined(format!(
                "{} was not written: its text does not read back as certificates, which is a defect of trustgap",
                shown(path)
            )),
        }
    }

    /// What was asked for does not fit into the place that was named.
    pub fn no_document(error: &NoDocument) -> Self {
        match error {
            NoDocument::OneFileForMany { path, documents } => {
                Self::usage(format!("{} is one file, and {documents} would be written", shown(path)))
                    .hint("name an existing folder with `--out`, or one format")
            }
        }
    }

    /// A shell cannot express a setting.
    pub fn unsayable(error: &Unsayable) -> Self {
        Self::undetermined(error.to_string())
            .hint("keep trustgap's files elsewhere with `--home DIR`, or choose another `--shell`")
    }

    /// Returns the exit code: 2 for wrong use, 3 for what could not be found out.
    pub fn code(&self) -> u8 {
        match self.kind {
            Kind::Usage => 2,
            Kind::Undetermined => 3,
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::undetermined(format!("the answer could not be put into JSON: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.notes)?;
        // names of files and other programs' words are in it: one line, harmless, whoever put it together
        writeln!(f, "error: {}", sanitise_line(&redact::credentials(&self.what)))?;
        match &self.hint {
            Some(hint) => writeln!(f, "hint: {}", sanitise_line(hint)),
            None => Ok(()),
        }
    }
}

/// A path between backticks, or the words for standard input.
pub(super) fn shown(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        format!("`{}`", sanitise(&path.to_string_lossy()))
    }
}

/// The system's words without the number that Rust adds.
fn words(error: &io::Error) -> String {
    let text = sanitise(&error.to_string());
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
