//! The store that `SSL_CERT_FILE` and `SSL_CERT_DIR` give to OpenSSL and whatever follows its rules.

use std::path::{Path, PathBuf};

use super::file::{self, Builder, is_hashed_name};
use crate::catalogue::stores::{OpensslDefaults, family};
use crate::edge::Reading;
use crate::facts::pem::{Encoding, Problem};
use crate::facts::store::Origin;
use crate::facts::{Pool, RootStore};

/// Reads the store the variables give; `None` when neither is set.
///
/// Each variable takes the place of one of OpenSSL's defaults and leaves the other alone (crypto/x509/by_file.c,
/// by_dir.c): with `SSL_CERT_FILE` alone, the hashed folder still counts. A variable that is set and empty names
/// nothing and still switches its default off.
pub(super) fn load(reading: &dyn Reading, pool: &mut Pool) -> Option<RootStore> {
    let variables = reading.environment();
    let (file, folders) = (variables.get("SSL_CERT_FILE"), variables.get("SSL_CERT_DIR"));
    if file.is_none() && folders.is_none() {
        return None;
    }
    let defaults = defaults(reading);
    let mut store = Builder::new(source(file, folders));
    match file {
        Some("") => store.note(Path::new("SSL_CERT_FILE"), "is set and empty: no file is read"),
        Some(file) => add_file(&mut store, reading, pool, Path::new(file)),
        None => {
            if let Some(file) = defaults.map(|d| Path::new(&d.file)).filter(|f| reading.kind(f).is_some()) {
                add_file(&mut store, reading, pool, file);
            }
        }
    }
    match folders {
        Some("") => store.note(Path::new("SSL_CERT_DIR"), "is set and empty: no folder is read"),
        Some(list) => {
            for folder in list.split(reading.platform().os.list_separator()).filter(|f| !f.is_empty()) {
                add_folder(&mut store, reading, pool, Path::new(folder));
            }
        }
        None => {
            if let Some(folder) = defaults.map(|d| Path::new(&d.folder)).filter(|f| reading.kind(f).is_some())
            {
                add_folder(&mut store, reading, pool, folder);
            }
        }
    }
    Some(store.finish())
}

/// Adds the certificates of a file, if OpenSSL gets any from it: it reads all of a file or nothing, in silence.
fn add_file(store: &mut Builder, reading: &dyn Reading, pool: &mut Pool, path: &Path) {
    let contents = match file::read(reading, pool, path) {
        Ok(contents) => contents,
        Err(error) => return store.note(path, error.to_string()),
    };
    store.note_all(path, &contents.problems);
    let spoils = |p: &Problem| p.loses_certificate() || matches!(p, Problem::Joined { .. } | Problem::Utf16);
    if contents.encoding == Encoding::Der || contents.problems.iter().any(spoils) {
        return store.note(path, "OpenSSL reads no certificate from this file");
    }
    for certificate in contents.certificates {
        store.add(certificate, Origin::Unknown, Some(path.display().to_string()));
    }
}

fn add_folder(store: &mut Builder, reading: &dyn Reading, pool: &mut Pool, folder: &Path) {
    match reading.list(folder) {
        Ok(paths) => {
            let hashed: Vec<PathBuf> = paths.into_iter().filter(|path| is_hashed_name(path)).collect();
            if hashed.is_empty() {
                store.note(
                    folder,
                    "holds no file with a hashed name: OpenSSL finds nothing here (`openssl rehash`)",
                );
            }
            for path in hashed {
                add_file(store, reading, pool, &path);
            }
        }
        Err(error) => store.note(folder, error.to_string()),
    }
}

fn defaults(reading: &dyn Reading) -> Option<&'static OpensslDefaults> {
    let exists = |path: &str| reading.kind(Path::new(path)).is_some();
    family(&reading.platform().distribution, exists)?.openssl.as_ref()
}

fn source(file: Option<&str>, folders: Option<&str>) -> String {
    let said = |name: &str, value: Option<&str>| value.map(|value| format!("{name}={value}"));
    [said("SSL_CERT_FILE", file), said("SSL_CERT_DIR", folders)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}
