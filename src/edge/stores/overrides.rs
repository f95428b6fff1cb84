//! Files and folders that take the place of a store: another machine's, an image's, a test's.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::file::{self, Builder};
use crate::edge::{PathKind, Reading};
use crate::facts::store::Origin;
use crate::facts::{Pool, RootStore};

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
        /// What is in it instead; empty for an empty folder.
        problems: Vec<String>,
    },
}

impl StoreOverrides {
    /// Reads the files or folders that take the place of a store: PEM or DER, told apart by their contents.
    ///
    /// A folder's files are read one by one, whatever their names, its sub-folders are not entered.
    pub fn read(
        reading: &dyn Reading,
        system: Option<&Path>,
        web: Option<&Path>,
    ) -> Result<Self, UnusableStore> {
        let mut pool = Pool::default();
        let web = web.map(|path| read(reading, &mut pool, path)).transpose()?;
        let mut system = system.map(|path| empty_or(read(reading, &mut pool, path), reading)).transpose()?;
        if let Some(system) = &mut system {
            let shipped = web.clone().unwrap_or_else(|| super::web::load(&mut pool));
            for root in system.roots.iter_mut().filter(|root| shipped.contains(&root.certificate)) {
                root.origin = Origin::Shipped;
            }
        }
        Ok(Self { system, web })
    }
}

/// An empty folder is the store of a system without the package `ca-certificates`, as small images are.
fn empty_or(
    read: Result<RootStore, UnusableStore>,
    reading: &dyn Reading,
) -> Result<RootStore, UnusableStore> {
    match read {
        Err(UnusableStore::NoCertificate { path, problems })
            if problems.is_empty() && reading.kind(&path) == Some(PathKind::Folder) =>
        {
            Ok(RootStore { source: path.display().to_string(), ..RootStore::default() })
        }
        other => other,
    }
}

fn read(reading: &dyn Reading, pool: &mut Pool, path: &Path) -> Result<RootStore, UnusableStore> {
    let io = |error| UnusableStore::Io { path: path.to_owned(), error };
    let mut store = Builder::new(path.display().to_string());
    if reading.kind(path) == Some(PathKind::Folder) {
        for file in reading.list(path).map_err(io)? {
            if reading.kind(&file) != Some(PathKind::Folder) {
                store.add_file(reading, pool, &file);
            }
        }
    } else {
        let contents = file::read(reading, pool, path).map_err(io)?;
        store.note_all(path, &contents.problems);
        for certificate in contents.certificates {
            store.add(certificate, Origin::Unknown, Some(path.display().to_string()));
        }
    }
    let store = store.finish();
    if store.roots.is_empty() {
        let told = |p: crate::facts::store::StoreProblem| {
            if Path::new(&p.place) == path { p.message } else { format!("{}: {}", p.place, p.message) }
        };
        let problems = store.problems.into_iter().map(told).collect();
        return Err(UnusableStore::NoCertificate { path: path.to_owned(), problems });
    }
    Ok(store)
}

impl fmt::Display for UnusableStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "cannot read `{}`: {error}", path.display()),
            Self::NoCertificate { path, problems } if problems.is_empty() => {
                write!(f, "the folder `{}` holds no file", path.display())
            }
            Self::NoCertificate { path, problems } => {
                write!(f, "no certificate can be read from `{}`: {}", path.display(), problems[0])?;
                match problems.len() {
                    1 => Ok(()),
                    more => write!(f, " (and {} more)", more - 1),
                }
            }
        }
    }
}

impl std::error::Error for UnusableStore {}
