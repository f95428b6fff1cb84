//! Whether an installation trusts the CAs of this network, and the public ones: its files as it reads them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use regex::Regex;
use time::OffsetDateTime;

use super::anchors::{Anchors, anchors};
use super::effective::{Effective, Part, SetBy, Source, Standing, effective};
use super::seen::{Place, Seen, SwitchedOff, View};
use crate::catalogue::schema::{Reach, Reader, Slot, Value};
use crate::facts::tool::{Content, FileLook, FileState};
use crate::facts::{Certificate, Fingerprint, Stores};
use crate::judge::reader::{Ending, Fault, Held, Shelf};

/// What every installation is judged with: the stores, the files, and the CAs that are met here.
pub struct Predictor<'a> {
    stores: &'a Stores,
    web: HashSet<Fingerprint>,
    files: Arc<BTreeMap<String, FileState>>,
    needed: Vec<Certificate>,
    shelf: Arc<Shelf>,
    time: OffsetDateTime,
    read: Arc<Mutex<HashMap<Question, Arc<Held>>>>,
}

/// What is named, who reads it, and how.
type Question = (String, Reader, Named);

/// How something is read: as what the setting that names it is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Named {
    /// As a file, with the password it is opened with.
    File(Option<String>),
    /// As a folder.
    Folder,
}

/// What an installation trusts in an environment.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub struct ToolTrust<'a> {
    /// Where its roots come from, and what became of every setting.
    pub effective: Effective<'a>,
    /// The roots it has, as far as they are known.
    pub roots: Vec<Certificate>,
    /// What its store holds besides and it does not take for a root: it has ended, or a namesake hides it.
    pub idle: Vec<Certificate>,
    /// Whether these are all of them.
    pub roots_known: bool,
    /// Whether it trusts every CA that is met here; `None`: there is none, or it cannot be told.
    pub network: Option<bool>,
    /// The CAs met here that it does not trust.
    pub lacks: Vec<Certificate>,
    /// Whether it trusts the public roots; `None`: cannot be told.
    pub public: Option<bool>,
    /// Whether it verifies what it connects to.
    pub verifies: bool,
    /// Whether a file of its settings keeps it from working at all.
    pub fails: bool,
    /// What is wrong with the files that its settings name.
    pub faults: Vec<FileFault>,
    /// Whether its defaults are the system's own store, read from its file or folder.
    pub follows_system: bool,
}

/// A file that a setting names and that is not as it should be.
#[derive(Clone, Debug)]
pub struct FileFault {
    /// The setting's name.
    pub setting: String,
    /// Where it stands.
    pub place: Place,
    /// The file.
    pub path: String,
    /// What becomes of the setting.
    pub ending: Ending,
    /// What is wrong.
    pub fault: Fault,
}

impl<'a> Predictor<'a> {
    /// Prepares for judging at a moment; `needed` are the CAs that a tool must trust to work here.
    pub fn new(
        stores: &'a Stores,
        files: &[FileLook],
        needed: Vec<Certificate>,
        time: OffsetDateTime,
    ) -> Self {
        Self {
            stores,
            web: stores.web.roots.iter().map(|r| r.certificate.fingerprint()).collect(),
            files: Arc::new(files.iter().map(|f| (f.path.clone(), f.state.clone())).collect()),
            needed,
            time,
            shelf: Arc::new(Shelf::with(stores.roots())),
            read: Arc::default(),
        }
    }

    /// Returns one for other CAs, which shares with this one what was read.
    #[must_use]
    pub fn needing(&self, needed: Vec<Certificate>) -> Self {
        Self {
            stores: self.stores,
            web: self.web.clone(),
            files: Arc::clone(&self.files),
            needed,
            time: self.time,
            shelf: Arc::clone(&self.shelf),
            read: Arc::clone(&self.read),
        }
    }

    /// Adds a file that is not there yet: one of our own, to judge what it would change.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Arc::make_mut(&mut self.files).insert(path.into(), FileState::File { content: Content::new(bytes) });
        self.read = Arc::default();
        self
    }

    /// Judges one installation in one environment.
    pub fn trust<'v>(&self, view: View<'v>) -> ToolTrust<'v> {
        let effective = effective(view, &|path, reader| {
            reader != Reader::Java && self.held(path, reader, &Named::File(None)).ending == Ending::Ignored
                || reader == Reader::Java && self.state(path).is_none_or(|s| *s == FileState::Missing)
        });
        let mut parts = Vec::new();
        let mut known = !effective.parts.is_empty();
        let mut fails = false;
        for part in &effective.parts {
            match self.roots(view, part) {
                Some(held) => {
                    fails |= part.set_by != SetBy::Default
                        && held.iter().any(|h| h.ending == Ending::Fails)
                        && part.slot != Slot::Directory;
                    parts.push((part, held));
                }
                None => known = false,
            }
        }
        let Anchors { roots, idle } = anchors(&parts, self.time);
        let faults = self.faults(view, &effective);
        let follows_system = effective.parts.iter().any(|part| self.is_system(view, part));
        let told = |yes: bool| if yes { Some(true) } else { known.then_some(false) };
        let held: HashSet<Fingerprint> = roots.iter().map(Certificate::fingerprint).collect();
        let lacks: Vec<Certificate> = self.needed.iter().filter(|ca| !holds(&roots, ca)).cloned().collect();
        let public = held.intersection(&self.web).count() * 2 > self.web.len();
        let off = effective.switched_off().is_some();
        ToolTrust {
            network: if self.needed.is_empty() { None } else { told(lacks.is_empty() && !fails) },
            public: told(public && !fails),
            verifies: effective.verifies && !off,
            lacks: if known { lacks } else { Vec::new() },
            roots,
            idle,
            roots_known: known,
            fails,
            faults,
            follows_system,
            effective,
        }
    }

    /// Whether a part that nobody set holds all that the system store holds.
    fn is_system(&self, view: View, part: &Part) -> bool {
        let reads = matches!(part.source, Source::Directories(_) | Source::File(_));
        let roots = &self.stores.system.roots;
        part.set_by == SetBy::Default
            && reads
            && !roots.is_empty()
            && self.roots(view, part).is_some_and(|held| {
                let held: HashSet<Fingerprint> =
                    held.iter().flat_map(|h| &h.certificates).map(Certificate::fingerprint).collect();
                roots.iter().all(|root| held.contains(&root.certificate.fingerprint()))
            })
    }

    /// Reads the roots of a part; `None` when they cannot be told.
    fn roots(&self, view: View, part: &Part) -> Option<Vec<Arc<Held>>> {
        let of_store = |roots: &[crate::facts::store::Root]| {
            let certificates = roots.iter().map(|r| r.certificate.clone()).collect();
            Some(vec![Arc::new(Held { certificates, ..Held::default() })])
        };
        let reader = part.reader.unwrap_or(Reader::OpensslDefault);
        let password = password(view, part);
        let held = |path: &String, named: &Named| self.state(path).map(|_| self.held(path, reader, named));
        match &part.source {
            Source::Bundled => of_store(&self.stores.web.roots),
            Source::System => of_store(&self.stores.system.roots),
            Source::Directories(paths) => paths.iter().map(|path| held(path, &Named::Folder)).collect(),
            Source::File(path) | Source::Nss(path) => Some(vec![held(path, &Named::File(None))?]),
            Source::Keystore(path) => {
                self.state(path)?;
                Some(vec![self.held(path, Reader::Java, &Named::File(password))])
            }
            Source::Inline(text) => {
                let text = text.replace("\\n", "\n");
                let state = FileState::File { content: Content::new(text) };
                Some(vec![Arc::new(self.shelf.read(&state, reader, None))])
            }
            Source::Nothing => Some(Vec::new()),
        }
    }

    fn state(&self, path: &str) -> Option<&FileState> {
        self.files.get(path)
    }

    /// Reads a file once per reader: dozens of tools name the same one.
    fn held(&self, path: &str, reader: Reader, named: &Named) -> Arc<Held> {
        let state = self.state(path).unwrap_or(&FileState::Missing);
        let look = || match named {
            Named::File(password) => self.shelf.read(state, reader, password.as_deref()),
            Named::Folder => self.shelf.read_folder(state, reader),
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path.to_owned(), reader, named.clone());
        Arc::clone(read.entry(key).or_insert_with(|| Arc::new(look())))
    }

    /// Says what is wrong with the files of settings that the installation reads.
    fn faults(&self, view: View, effective: &Effective) -> Vec<FileFault> {
        let mut faults = Vec::new();
        for (seen, standing) in &effective.settings {
            if !matches!(standing, Standing::InEffect | Standing::FallsBack | Standing::ForHosts) {
                continue;
            }
            let Some(reader) = seen.row.reader else { continue };
            let named = match seen.row.value {
                Value::Directory => Named::Folder,
                _ => Named::File(password_beside(view, seen)),
            };
            for path in view.files(seen) {
                if self.state(&path).is_none() {
                    continue;
                }
                let held = self.held(&path, reader, &named);
                if let Some(fault) = &held.fault {
                    let is_harmless = matches!(fault, Fault::NotHashed) && seen.row.list;
                    if !is_harmless {
                        faults.push(FileFault {
                            setting: seen.row.at.name().to_owned(),
                            place: seen.place.clone(),
                            path,
                            ending: held.ending,
                            fault: fault.clone(),
                        });
                    }
                }
            }
        }
        faults
    }
}

/// Whether roots hold a CA: itself, or a certificate of the same name and key.
fn holds(roots: &[Certificate], ca: &Certificate) -> bool {
    roots.iter().any(|root| {
        root == ca
            || match (root.details(), ca.details()) {
                (Ok(a), Ok(b)) => a.subject == b.subject && a.spki_sha256 == b.spki_sha256,
                _ => false,
            }
    })
}

fn password(view: View, part: &Part) -> Option<String> {
    match &part.set_by {
        SetBy::Setting(Place::Variable(name)) => password_in(view.environment.get(name)?),
        SetBy::Setting(Place::Entry { .. }) => Some("changeit".to_owned()),
        SetBy::Default => None,
    }
}

fn password_beside(view: View, seen: &Seen) -> Option<String> {
    if seen.row.value != Value::Keystore {
        return None;
    }
    match &seen.place {
        Place::Variable(name) => password_in(view.environment.get(name)?),
        Place::Entry { .. } => Some("changeit".to_owned()),
    }
}

/// Returns the password that Java options give.
fn password_in(options: &str) -> Option<String> {
    let pattern = Regex::new(r#"-Djavax\.net\.ssl\.trustStorePassword=("[^"]*"|\S*)"#).ok()?;
    let found = pattern.captures(options)?.get(1)?;
    Some(found.as_str().trim_matches('"').to_owned())
}

impl<'a> Effective<'a> {
    /// Returns a switch that makes the tool accept any certificate of any host.
    pub fn switched_off(&self) -> Option<&SwitchedOff<'a>> {
        self.off.iter().find(|off| off.row.reach == Reach::All)
    }
}
