//! Files and folders of certificates, as parts of a store.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::edge::{PathKind, Reading};
use crate::facts::pem::{self, Contents, Problem};
use crate::facts::store::{Origin, Root, StoreProblem};
use crate::facts::{Certificate, Fingerprint, Pool, RootStore};

/// The longest file that is taken for a store's; the biggest bundles have some 300 KiB.
const LONGEST: u64 = 2 << 20;
/// How deep folders of local additions are searched, and how many files are looked at.
const DEEPEST: usize = 6;
const MOST_FILES: usize = 2000;
/// How many problems of one file are told.
const MOST_PROBLEMS: usize = 20;

/// Reads a file of certificates.
pub(super) fn read(reading: &dyn Reading, pool: &mut Pool, path: &Path) -> io::Result<Contents> {
    let bytes = reading.read(path, LONGEST)?;
    Ok(pem::read_through(&bytes, &mut |der| pool.certificate(der)))
}

/// A store while it is put together.
#[derive(Default)]
pub(super) struct Builder {
    store: RootStore,
    seen: HashSet<Fingerprint>,
}

impl Builder {
    /// Starts a store that will be shown under this name.
    pub(super) fn new(source: impl Into<String>) -> Self {
        Self { store: RootStore { source: source.into(), ..RootStore::default() }, ..Self::default() }
    }

    /// Adds a root unless it is there already or cannot be read; returns whether the store holds it now.
    pub(super) fn add(&mut self, certificate: Certificate, origin: Origin, place: Option<String>) -> bool {
        if certificate.details().is_err() {
            return false;
        }
        if self.seen.insert(certificate.fingerprint()) {
            self.store.roots.push(Root { certificate, origin, place });
        }
        true
    }

    /// Adds every certificate of a file and notes what is odd about it.
    pub(super) fn add_file(&mut self, reading: &dyn Reading, pool: &mut Pool, path: &Path) {
        match read(reading, pool, path) {
            Ok(contents) => {
                self.note_all(path, &contents.problems);
                for certificate in contents.certificates {
                    self.add(certificate, Origin::Unknown, Some(path.display().to_string()));
                }
            }
            Err(error) => self.note(path, error.to_string()),
        }
    }

    /// Whether the store holds the certificate.
    pub(super) fn holds(&self, certificate: &Certificate) -> bool {
        self.seen.contains(&certificate.fingerprint())
    }

    /// Adds a certificate that is not to be trusted, and takes it out of the roots.
    pub(super) fn distrust(&mut self, certificate: Certificate, origin: Origin, place: String) {
        if certificate.details().is_err() || self.store.distrusts(&certificate) {
            return;
        }
        self.store.roots.retain(|root| root.certificate != certificate);
        self.seen.insert(certificate.fingerprint());
        self.store.distrusted.push(Root { certificate, origin, place: Some(place) });
    }

    /// Notes that a part of the store cannot be used, or is odd.
    pub(super) fn note(&mut self, place: &Path, message: impl Into<String>) {
        let problem = StoreProblem { place: place.display().to_string(), message: message.into() };
        self.store.problems.push(problem);
    }

    /// Notes everything odd about a file, the first twenty in full.
    pub(super) fn note_all(&mut self, place: &Path, problems: &[Problem]) {
        for problem in problems.iter().take(MOST_PROBLEMS) {
            self.note(place, problem.to_string());
        }
        if let Some(more) = problems.len().checked_sub(MOST_PROBLEMS).filter(|more| *more > 0) {
            self.note(place, format!("and {more} more"));
        }
    }

    /// Returns the roots, to decide who put each there.
    pub(super) fn roots_mut(&mut self) -> &mut [Root] {
        &mut self.store.roots
    }

    /// Returns the finished store.
    pub(super) fn finish(self) -> RootStore {
        self.store
    }
}

/// Whether a file's name is one that OpenSSL looks for in a folder: eight hex digits, a dot, a number.
pub(super) fn is_hashed_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.split_once('.').is_some_and(|(hash, number)| {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        hash.len() == 8
            && hash.bytes().all(hex)
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Returns the files at and below a path, in order; places that are to be left out are not entered.
pub(super) fn files_below(reading: &dyn Reading, path: &Path, left_out: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    descend(reading, path, left_out, DEEPEST, &mut found);
    found
}

fn descend(reading: &dyn Reading, path: &Path, left_out: &[PathBuf], depth: usize, found: &mut Vec<PathBuf>) {
    if found.len() >= MOST_FILES || left_out.iter().any(|out| out == path) {
        return;
    }
    match reading.kind(path) {
        Some(PathKind::File) => found.push(path.to_owned()),
        // an unreadable folder of additions means only that nobody can say who added what
        Some(PathKind::Folder) if depth > 0 => {
            for inside in reading.list(path).unwrap_or_default() {
                descend(reading, &inside, left_out, depth - 1, found);
            }
        }
        _ => {}
    }
}
