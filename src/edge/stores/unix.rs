//! The store of Linux and the BSDs: a bundle, a folder of hashed names, and folders that tell who added what.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::file::{self, Builder, files_below, is_hashed_name};
use crate::catalogue::stores::{Family, family};
use crate::edge::Reading;
use crate::facts::store::Origin;
use crate::facts::{Certificate, Fingerprint, Pool, RootStore};

/// Reads the store of the family of systems this one belongs to.
pub(super) fn load(reading: &dyn Reading, web: &RootStore, pool: &mut Pool) -> RootStore {
    let exists = |path: &str| reading.kind(Path::new(path)).is_some();
    let Some(family) = family(&reading.platform().distribution, exists) else {
        let mut store = Builder::new("no system store");
        store.note(Path::new("/etc/ssl/certs"), "none of the usual places of a root store exists");
        return store.finish();
    };
    let mut place = Place { reading, family, pool };
    let mut store = Builder::new(place.source());
    place.read_bundle(&mut store);
    place.read_folders(&mut store);
    place.read_distrusted(&mut store);
    place.decide_origins(&mut store, web);
    store.finish()
}

/// Where a family keeps its store, on one machine.
struct Place<'a> {
    reading: &'a dyn Reading,
    family: &'static Family,
    pool: &'a mut Pool,
}

impl Place<'_> {
    /// Returns what people know the store by: its bundle, else its folder.
    fn source(&self) -> String {
        let first = self.bundle().or_else(|| self.folders().into_iter().next());
        first.map(|path| path.display().to_string()).unwrap_or_default()
    }

    fn bundle(&self) -> Option<PathBuf> {
        self.family.bundles.iter().map(PathBuf::from).find(|path| self.reading.kind(path).is_some())
    }

    fn folders(&self) -> Vec<PathBuf> {
        self.family.folders.iter().map(PathBuf::from).filter(|p| self.reading.kind(p).is_some()).collect()
    }

    fn read_bundle(&mut self, store: &mut Builder) {
        if let Some(bundle) = self.bundle() {
            store.add_file(self.reading, self.pool, &bundle);
        }
    }

    /// Adds what OpenSSL would find in the folders. The bundle and the folder are made in one go by the same
    /// command and still differ in practice: a file with two certificates is only in the bundle, a link put by hand
    /// only in the folder.
    fn read_folders(&mut self, store: &mut Builder) {
        for folder in self.folders() {
            let paths = match self.reading.list(&folder) {
                Ok(paths) => paths,
                Err(error) => {
                    store.note(&folder, error.to_string());
                    continue;
                }
            };
            let (hashed, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| is_hashed_name(path));
            for path in hashed {
                store.add_file(self.reading, self.pool, &path);
            }
            for path in others.iter().filter(|path| is_certificate_name(path)) {
                self.note_unhashed(store, path);
            }
        }
    }

    /// Go and rustls-native-certs read every file of the folder, OpenSSL only those with hashed names: a CA copied
    /// there by hand works in half of the tools, which nobody understands without being told.
    fn note_unhashed(&mut self, store: &mut Builder, path: &Path) {
        let Ok(contents) = file::read(self.reading, self.pool, path) else { return };
        let missing = contents.certificates.iter().any(|c| c.details().is_ok() && !store.holds(c));
        if missing {
            store.note(
                path,
                "holds a certificate that is not in the bundle and has no hashed name: programs written in Go and \
                 Rust trust it, those that use OpenSSL do not",
            );
        }
    }

    fn read_distrusted(&mut self, store: &mut Builder) {
        let listed = self.family.distrusted.iter().flat_map(|f| files_below(self.reading, Path::new(f), &[]));
        let deselected = self.deselected();
        for path in listed.chain(deselected).collect::<Vec<_>>() {
            let Ok(contents) = file::read(self.reading, self.pool, &path) else { continue };
            for certificate in contents.certificates {
                store.distrust(certificate, Origin::Administrator, path.display().to_string());
            }
        }
    }

    /// Returns the roots that an administrator deselected and whose files are still there.
    fn deselected(&self) -> Vec<PathBuf> {
        let Some(deselected) = &self.family.deselected else { return Vec::new() };
        let list = self.reading.read(Path::new(&deselected.list), 1 << 20).unwrap_or_default();
        String::from_utf8_lossy(&list)
            .lines()
            .filter_map(|line| line.strip_prefix('!'))
            .map(|name| Path::new(&deselected.folder).join(name.trim()))
            .filter(|path| self.reading.kind(path).is_some())
            .collect()
    }

    /// Says of every root who put it there. A root that Mozilla ships is shipped, whoever copied it where.
    fn decide_origins(&mut self, store: &mut Builder, web: &RootStore) {
        let leftovers = self.certificates_of(&self.family.leftovers.clone(), &[], &[]);
        let left_out: Vec<PathBuf> =
            self.family.shipped.iter().chain(&self.family.distrusted).map(PathBuf::from).collect();
        let additions =
            self.certificates_of(&self.family.additions.clone(), &self.family.addition_endings, &left_out);
        // most systems have nothing that is neither the web's nor an addition: then this is never read
        let mut shipped = None;
        for root in store.roots_mut() {
            let fingerprint = root.certificate.fingerprint();
            if leftovers.contains_key(&fingerprint) {
                root.origin = Origin::Leftover;
            } else if web.contains(&root.certificate) {
                root.origin = Origin::Shipped;
            } else if let Some(path) = additions.get(&fingerprint) {
                root.origin = Origin::Administrator;
                root.place = Some(path.display().to_string());
            } else {
                let shipped = shipped
                    .get_or_insert_with(|| self.certificates_of(&self.family.shipped.clone(), &[], &[]));
                root.origin =
                    if shipped.contains_key(&fingerprint) { Origin::Shipped } else { Origin::Unknown };
            }
        }
    }

    /// Returns the certificates in files at and below these places, with the file each is in.
    fn certificates_of(
        &mut self,
        places: &[String],
        endings: &[String],
        left_out: &[PathBuf],
    ) -> HashMap<Fingerprint, PathBuf> {
        let mut found = HashMap::new();
        let paths = places.iter().flat_map(|place| files_below(self.reading, Path::new(place), left_out));
        for path in paths.collect::<Vec<_>>() {
            if !ends_with_any(&path, endings) {
                continue;
            }
            let Ok(contents) = file::read(self.reading, self.pool, &path) else { continue };
            for certificate in &contents.certificates {
                found.entry(Certificate::fingerprint(certificate)).or_insert_with(|| path.clone());
            }
        }
        found
    }
}

fn is_certificate_name(path: &Path) -> bool {
    ends_with_any(path, &[".pem", ".crt", ".cer"])
}

fn ends_with_any(path: &Path, endings: &[impl AsRef<str>]) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending.as_ref()))
}
