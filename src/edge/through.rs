//! Looking at a machine through something else: all that is not said otherwise is as beneath.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use time::OffsetDateTime;

use super::{Finished, Invocation, PathKind, Reading};
use crate::facts::{Environment, Platform};

/// Reads what another one reads.
pub trait Through: Send + Sync {
    /// Returns what is looked at.
    fn beneath(&self) -> &dyn Reading;

    /// Returns what [`Reading::list`] returns.
    fn listing(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.beneath().list(folder)
    }
}

impl<T: Through> Reading for T {
    fn now(&self) -> OffsetDateTime {
        self.beneath().now()
    }

    fn platform(&self) -> &Platform {
        self.beneath().platform()
    }

    fn environment(&self) -> &Environment {
        self.beneath().environment()
    }

    fn home(&self) -> Option<PathBuf> {
        self.beneath().home()
    }

    fn own_folder(&self) -> Option<PathBuf> {
        self.beneath().own_folder()
    }

    fn working_folder(&self) -> PathBuf {
        self.beneath().working_folder()
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.beneath().read(path, limit)
    }

    fn read_start(&self, path: &Path, length: u64) -> io::Result<Vec<u8>> {
        self.beneath().read_start(path, length)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.listing(folder)
    }

    fn kind(&self, path: &Path) -> Option<PathKind> {
        self.beneath().kind(path)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.beneath().canonical(path)
    }

    fn run(&self, invocation: &Invocation) -> Finished {
        self.beneath().run(invocation)
    }

    fn run_until(&self, invocation: &Invocation, enough: &dyn Fn() -> bool) -> Finished {
        self.beneath().run_until(invocation, enough)
    }
}

/// A folder's paths, once they were listed; `None`: it cannot be listed.
type Listed = Arc<OnceLock<Option<Vec<PathBuf>>>>;

/// Lists each folder once, for as long as it lives: a folder of Python's packages is asked for dozens of them.
pub struct ListedOnce<'a> {
    beneath: &'a dyn Reading,
    folders: Mutex<HashMap<PathBuf, Listed>>,
}

impl<'a> ListedOnce<'a> {
    /// Begins without having listed anything.
    pub fn new(beneath: &'a dyn Reading) -> Self {
        Self { beneath, folders: Mutex::default() }
    }
}

impl Through for ListedOnce<'_> {
    fn beneath(&self) -> &dyn Reading {
        self.beneath
    }

    fn listing(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let listed = Arc::clone(folders.entry(folder.to_owned()).or_default());
        drop(folders);
        let mut failed = None;
        let paths = listed.get_or_init(|| self.beneath.list(folder).map_err(|e| failed = Some(e)).ok());
        match (paths, failed) {
            (Some(paths), _) => Ok(paths.clone()),
            (None, Some(error)) => Err(error),
            // it failed before: the reason is the machine's to say again
            (None, None) => self.beneath.list(folder),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::edge::Live;

    #[test]
    fn a_folder_is_listed_once_and_what_cannot_be_listed_says_why_each_time() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "").unwrap();
        let live = Live::new(None);
        let once = ListedOnce::new(&live);
        let gone = folder.path().join("gone");
        for _ in 0..2 {
            assert_eq!(once.list(folder.path()).unwrap(), [folder.path().join("a")]);
            assert_eq!(once.list(&gone).unwrap_err().kind(), io::ErrorKind::NotFound);
            fs::write(folder.path().join("b"), "").unwrap();
        }
        assert_eq!(live.list(folder.path()).unwrap().len(), 2);
        assert!(once.kind(&folder.path().join("b")).is_some(), "nothing else is remembered");
    }
}
