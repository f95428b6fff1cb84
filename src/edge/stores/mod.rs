//! The root stores of this machine: the system's, the environment's, the web's.
//!
//! Read while the first connections are in flight, so everything here works on its own, from any thread. The store
//! of the operating system is read whatever `SSL_CERT_FILE` and `SSL_CERT_DIR` say: the usual crates let those
//! variables take its place, on every system, even when they name a missing file.

use std::io;
use std::path::{Path, PathBuf};

use crate::edge::Reading;
use crate::facts::{RootStore, Stores};

/// Stores that take the place of this machine's, already read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreOverrides {
    /// In place of the operating system's store (`--system-roots`).
    pub system: Option<RootStore>,
    /// In place of the bundled web roots (`--web-roots`).
    pub web: Option<RootStore>,
}

/// Why a file or folder cannot take the place of a store.
#[derive(Debug)]
pub enum UnusableStore {
    /// It cannot be read.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Nothing in it is a certificate.
    NoCertificate {
        /// The file or folder.
        path: PathBuf,
        /// What is in it instead.
        problems: Vec<String>,
    },
}

impl StoreOverrides {
    /// Reads the files or folders that take the place of a store, before anything else is looked at.
    pub fn read(
        reading: &dyn Reading,
        system: Option<&Path>,
        web: Option<&Path>,
    ) -> Result<Self, UnusableStore> {
        let _ = (reading, system, web);
        Ok(Self::default())
    }
}

/// Reads the stores. Never fails: what cannot be read is among each store's problems.
pub fn load(reading: &dyn Reading, overrides: &StoreOverrides) -> Stores {
    let _ = (reading, overrides);
    Stores::default()
}
