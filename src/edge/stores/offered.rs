//! A CA that no server presents and no store holds, found in a file: the one that IT sent, confirmed by its SHA-256.

use std::path::{Path, PathBuf};

use super::file;
use super::overrides::UnusableStore;
use crate::edge::{PathKind, Reading};
use crate::facts::store::Offered;
use crate::facts::{Fingerprint, Pool};

/// The longest file that is looked into, in bytes, and how many in one folder.
const LONGEST: u64 = 1 << 20;
const MOST_FILES: usize = 500;

/// Returns the certificates of the files the user named, and those with one of these fingerprints that lie where
/// people put such files: in the working folder and those above it, the home folder, its folders for downloads and
/// documents, and the folder that homes are in. Nothing is searched without a fingerprint, and nothing found is
/// trusted without one.
///
/// # Errors
///
/// When a named file cannot be read or holds no certificate. Files that were not named never fail anything.
pub fn offered(
    reading: &dyn Reading,
    files: &[PathBuf],
    fingerprints: &[Fingerprint],
) -> Result<Vec<Offered>, UnusableStore> {
    let mut pool = Pool::default();
    let mut offered = Vec::new();
    for path in files {
        let io = |error| UnusableStore::Io { path: path.clone(), error };
        let contents = file::read(reading, &mut pool, path).map_err(io)?;
        if contents.certificates.is_empty() {
            let problems = contents.problems.iter().map(ToString::to_string).collect();
            return Err(UnusableStore::NoCertificate { path: path.clone(), problems });
        }
        let place = path.display().to_string();
        offered.extend(
            contents
                .certificates
                .into_iter()
                .map(|certificate| Offered { certificate, place: place.clone() }),
        );
    }
    for folder in if fingerprints.is_empty() { Vec::new() } else { likely_folders(reading) } {
        search(reading, &mut pool, &folder, fingerprints, &mut offered);
    }
    Ok(offered)
}

fn search(
    reading: &dyn Reading,
    pool: &mut Pool,
    folder: &Path,
    fingerprints: &[Fingerprint],
    offered: &mut Vec<Offered>,
) {
    let paths = reading.list(folder).unwrap_or_default();
    for path in paths.into_iter().filter(|path| may_hold_certificates(path)).take(MOST_FILES) {
        if reading.kind(&path) != Some(PathKind::File) || reading.read(&path, LONGEST).is_err() {
            continue;
        }
        let Ok(contents) = file::read(reading, pool, &path) else { continue };
        for certificate in contents.certificates {
            let fingerprint = certificate.fingerprint();
            let is_new = offered.iter().all(|o| o.certificate != certificate);
            if fingerprints.contains(&fingerprint) && is_new {
                offered.push(Offered { certificate, place: path.display().to_string() });
            }
        }
    }
}

fn likely_folders(reading: &dyn Reading) -> Vec<PathBuf> {
    let working = reading.working_folder();
    let mut folders: Vec<PathBuf> = working.ancestors().map(Path::to_owned).collect();
    if let Some(home) = reading.home() {
        folders.extend(["Downloads", "Desktop", "Documents"].map(|name| home.join(name)));
        folders.extend(home.parent().map(Path::to_owned));
        folders.push(home);
    }
    folders.sort();
    folders.dedup();
    folders
}

fn may_hold_certificates(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    ["pem", "crt", "cer", "der", "cert", "ca-bundle"].contains(&ending.as_str())
}
