//! A machine made of values, of any operating system: for tests, and for judging what another machine would do.
//!
//! Paths are compared as the pretended system compares them: on Windows `C:\Users` and `c:/users` are one.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;

use super::{Changing, End, Finished, Invocation, PathKind, Reading};
use crate::facts::{Environment, Os, Platform};

/// A machine made of values. Nothing it does reaches the real one.
pub struct Pretend {
    platform: Platform,
    environment: Environment,
    now: OffsetDateTime,
    home: Option<PathBuf>,
    own_folder: Option<PathBuf>,
    working_folder: PathBuf,
    things: Mutex<BTreeMap<String, Thing>>,
    programs: Vec<Program>,
    started: Mutex<Vec<Invocation>>,
}

/// What is at a path; the path is kept as it was written.
#[derive(Clone)]
struct Thing {
    path: PathBuf,
    what: What,
}

#[derive(Clone)]
enum What {
    File(Vec<u8>),
    Folder,
    Link(PathBuf),
    Unreadable,
}

/// What a program answers: the first one that has an answer is taken.
type Program = Box<dyn Fn(&Invocation) -> Option<Finished> + Send + Sync>;

impl Pretend {
    /// Makes an empty machine with a home folder, in the year 2026.
    pub fn new(os: Os) -> Self {
        let (home, own_folder, variable) = match os {
            Os::Windows => (r"C:\Users\you", r"C:\Users\you\AppData\Roaming\trustgap", "USERPROFILE"),
            Os::Macos => ("/Users/you", "/Users/you/Library/Application Support/trustgap", "HOME"),
            Os::Linux | Os::Unix => ("/home/you", "/home/you/.config/trustgap", "HOME"),
        };
        Self {
            platform: Platform { os, arch: "x86_64".to_owned(), distribution: Vec::new() },
            environment: Environment::from_iter([(variable, home)]).of(os),
            now: time::macros::datetime!(2026-06-01 12:00 UTC),
            home: Some(home.into()),
            own_folder: Some(own_folder.into()),
            working_folder: home.into(),
            things: Mutex::default(),
            programs: Vec::new(),
            started: Mutex::default(),
        }
        .folder(home)
    }

    /// Sets the clock.
    #[must_use]
    pub fn at(mut self, now: OffsetDateTime) -> Self {
        self.now = now;
        self
    }

    /// Names the distribution, most specific first.
    #[must_use]
    pub fn distribution<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.platform.distribution = names.map(str::to_owned).to_vec();
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.set(name, value);
        self
    }

    /// Moves the home folder, or takes it away.
    #[must_use]
    pub fn home(mut self, home: Option<&str>) -> Self {
        self.home = home.map(PathBuf::from);
        self
    }

    /// Moves trustgap's own folder, or takes it away.
    #[must_use]
    pub fn own_folder(mut self, folder: Option<&str>) -> Self {
        self.own_folder = folder.map(PathBuf::from);
        self
    }

    /// Changes the working folder.
    #[must_use]
    pub fn working_folder(mut self, folder: &str) -> Self {
        self.working_folder = folder.into();
        self.folder(folder)
    }

    /// Puts a file and the folders above it.
    #[must_use]
    pub fn file(self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Self {
        self.put(path.as_ref(), What::File(bytes.as_ref().to_vec()));
        self
    }

    /// Puts a folder and those above it.
    #[must_use]
    pub fn folder(self, path: impl AsRef<Path>) -> Self {
        self.put(path.as_ref(), What::Folder);
        self
    }

    /// Puts a link; a relative target is meant from the link's folder.
    #[must_use]
    pub fn link(self, path: impl AsRef<Path>, target: impl AsRef<Path>) -> Self {
        self.put(path.as_ref(), What::Link(target.as_ref().to_owned()));
        self
    }

    /// Puts a file that this user may neither read nor write.
    #[must_use]
    pub fn unreadable(self, path: impl AsRef<Path>) -> Self {
        self.put(path.as_ref(), What::Unreadable);
        self
    }

    /// Puts a program that answers every call on standard output, with exit code 0.
    #[must_use]
    pub fn program(self, path: impl AsRef<Path>, stdout: &str) -> Self {
        let (path, stdout) = (path.as_ref().to_owned(), stdout.to_owned());
        self.file(&path, "").answering(move |invocation| {
            (invocation.program == path).then(|| Finished::saying(0, &stdout, ""))
        })
    }

    /// Lets programs be answered by a function; the earliest that has an answer is taken, and a program without
    /// any could not be started.
    #[must_use]
    pub fn answering(
        mut self,
        program: impl Fn(&Invocation) -> Option<Finished> + Send + Sync + 'static,
    ) -> Self {
        self.programs.push(Box::new(program));
        self
    }

    /// Returns what was started so far, in order.
    pub fn started(&self) -> Vec<Invocation> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns every file with its bytes, by path: what a test compares before and after.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let things = self.things();
        let files = things.values().filter_map(|thing| match &thing.what {
            What::File(bytes) => Some((thing.path.clone(), bytes.clone())),
            _ => None,
        });
        files.collect()
    }

    fn things(&self) -> MutexGuard<'_, BTreeMap<String, Thing>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, path: &Path, what: What) {
        let path = self.absolute(path);
        let mut things = self.things();
        for above in ancestors(&path, self.platform.os) {
            let folder = Thing { path: above.clone(), what: What::Folder };
            things.entry(self.key(&above)).or_insert(folder);
        }
        things.insert(self.key(&path), Thing { path, what });
    }

    /// Returns what a path leads to, links in every part of it followed.
    fn find(&self, path: &Path) -> io::Result<Thing> {
        let things = self.things();
        let mut path = self.absolute(path);
        for _ in 0..40 {
            let link =
                ancestors(&path, self.platform.os).into_iter().chain([path.clone()]).find_map(|part| {
                    match things.get(&self.key(&part)).map(|thing| &thing.what) {
                        Some(What::Link(target)) => Some((part, target.clone())),
                        _ => None,
                    }
                });
            let Some((link, target)) = link else {
                return match things.get(&self.key(&path)) {
                    // the path as asked, not as first written: a folder reached through a link has the target's path
                    Some(thing) => Ok(thing.clone()),
                    None => Err(io::Error::new(io::ErrorKind::NotFound, path.display().to_string())),
                };
            };
            let rest = text(&path)[text(&link).len()..].trim_start_matches(['/', '\\']).to_owned();
            let folder = ancestors(&link, self.platform.os).pop().unwrap_or_default();
            let target = if is_absolute(&target) { target } else { folder.join(target) };
            path = self.spelt(if rest.is_empty() { target } else { target.join(rest) });
        }
        Err(io::Error::other("links that lead in a circle"))
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        self.spelt(if is_absolute(path) { path.to_owned() } else { self.working_folder.join(path) })
    }

    /// Spells a path as the pretended system does: joined on Windows, a path of a pretended Linux has backslashes.
    fn spelt(&self, path: PathBuf) -> PathBuf {
        let is_foreign = cfg!(windows) && self.platform.os != Os::Windows;
        if is_foreign { text(&path).replace('\\', "/").into() } else { path }
    }

    /// Returns the form in which paths are compared: `.` and `..` resolved, one kind of slash, one case on Windows.
    fn key(&self, path: &Path) -> String {
        let mut text = text(path);
        if self.platform.os == Os::Windows {
            text = text.replace('\\', "/").to_lowercase();
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        parts.join("/")
    }
}

impl Reading for Pretend {
    fn now(&self) -> OffsetDateTime {
        self.now
    }

    fn platform(&self) -> &Platform {
        &self.platform
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn home(&self) -> Option<PathBuf> {
        self.home.clone()
    }

    fn own_folder(&self) -> Option<PathBuf> {
        self.own_folder.clone()
    }

    fn working_folder(&self) -> PathBuf {
        self.working_folder.clone()
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        match self.find(path)?.what {
            What::File(bytes) if bytes.len() as u64 > limit => Err(io::ErrorKind::FileTooLarge.into()),
            What::File(bytes) => Ok(bytes),
            What::Unreadable => Err(io::ErrorKind::PermissionDenied.into()),
            What::Folder | What::Link(_) => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn read_start(&self, path: &Path, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = self.read(path, u64::MAX)?;
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(bytes)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let found = self.find(folder)?;
        if !matches!(found.what, What::Folder) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let above = self.key(&found.path);
        let prefix = if above.is_empty() { above } else { above + "/" };
        let inside =
            |key: &str| key.strip_prefix(&prefix).is_some_and(|name| !name.is_empty() && !name.contains('/'));
        let mut paths: Vec<PathBuf> = self
            .things()
            .iter()
            .filter(|(key, _)| inside(key))
            .filter_map(|(_, thing)| {
                Some(self.spelt(folder.join(text(&thing.path).rsplit(['/', '\\']).next()?)))
            })
            .collect();
        paths.sort();
        Ok(paths)
    }

    fn kind(&self, path: &Path) -> Option<PathKind> {
        Some(match self.find(path).ok()?.what {
            What::File(_) | What::Unreadable => PathKind::File,
            What::Folder | What::Link(_) => PathKind::Folder,
        })
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.find(path).map(|thing| thing.path)
    }

    fn run(&self, invocation: &Invocation) -> Finished {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).push(invocation.clone());
        let answer = self.programs.iter().find_map(|program| program(invocation));
        answer.unwrap_or_else(|| Finished {
            end: End::NotStarted(format!("no such program: {}", invocation.program.display())),
            stdout: String::new(),
            stderr: String::new(),
            elapsed: Duration::ZERO,
        })
    }
}

impl Changing for Pretend {
    fn write(&self, path: &Path, bytes: &[u8], _mode: u32) -> io::Result<()> {
        let target = match self.find(path) {
            Ok(Thing { what: What::Unreadable, .. }) => return Err(io::ErrorKind::PermissionDenied.into()),
            Ok(Thing { what: What::Folder, .. }) => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(thing) => thing.path,
            // a link that leads nowhere yet: its target's path is in the error
            Err(e) if e.kind() == io::ErrorKind::NotFound => PathBuf::from(e.to_string()),
            Err(e) => return Err(e),
        };
        if let Some(folder) = ancestors(&target, self.platform.os).pop()
            && !matches!(self.kind(&folder), Some(PathKind::Folder))
        {
            let message = format!("cannot write in the folder `{}`: it does not exist", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        self.put(&target, What::File(bytes.to_vec()));
        Ok(())
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        match self.kind(path) {
            Some(PathKind::Folder) => Ok(()),
            Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
            None => {
                self.put(path, What::Folder);
                Ok(())
            }
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let key = self.key(&self.absolute(path));
        let mut things = self.things();
        match things.get(&key).map(|thing| &thing.what) {
            Some(What::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            Some(_) => {
                things.remove(&key);
                Ok(())
            }
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        if !self.list(path)?.is_empty() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        let key = self.key(&self.absolute(path));
        self.things().remove(&key);
        Ok(())
    }
}

impl Finished {
    /// Makes a program's answer, for [`Pretend::answering`].
    pub fn saying(code: i32, stdout: &str, stderr: &str) -> Self {
        Self {
            end: End::Exited(code),
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
            elapsed: Duration::from_millis(1),
        }
    }
}

impl fmt::Debug for Pretend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a pretended {} machine with {} things", self.platform.os.name(), self.things().len())
    }
}

/// Whether a path is absolute on any system: `/x`, `\\server`, `C:\x`.
fn is_absolute(path: &Path) -> bool {
    let text = text(path);
    let bytes = text.as_bytes();
    matches!(bytes.first(), Some(b'/' | b'\\'))
        || bytes.get(1) == Some(&b':') && matches!(bytes.get(2), Some(b'/' | b'\\'))
}

/// Returns the folders above a path, outermost first: the host's own `Path` knows nothing of the pretended system.
fn ancestors(path: &Path, os: Os) -> Vec<PathBuf> {
    let text = text(path);
    let is_slash = |c: char| c == '/' || os == Os::Windows && c == '\\';
    text.char_indices()
        .filter(|(_, c)| is_slash(*c))
        .map(|(index, _)| &text[..index.max(usize::from(index == 0))])
        .filter(|above| *above != text && !above.ends_with(':'))
        .map(PathBuf::from)
        .collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_paths_work_on_any_host() {
        let machine = Pretend::new(Os::Windows).file(r"C:\Users\you\.npmrc", "cafile=x");
        assert_eq!(machine.read(Path::new("c:/users/YOU/.npmrc"), 100).unwrap(), b"cafile=x");
        let home = machine.home.clone().unwrap();
        assert_eq!(machine.read(&home.join(".npmrc"), 100).unwrap(), b"cafile=x");
        assert_eq!(machine.kind(Path::new(r"C:\Users")), Some(PathKind::Folder));
        let listed = machine.list(&home).unwrap();
        assert!(listed == [home.join(".npmrc")], "{listed:?}");
    }

    #[test]
    fn links_are_followed_in_every_part_of_a_path() {
        let machine = Pretend::new(Os::Linux)
            .file("/usr/share/ca/root.pem", "pem")
            .link("/etc/ssl", "../usr/share")
            .link("/etc/bundle", "ssl/ca/root.pem");
        for path in ["/etc/ssl/ca/root.pem", "/etc/bundle"] {
            assert_eq!(machine.read(Path::new(path), 10).unwrap(), b"pem", "{path}");
            assert_eq!(machine.canonical(Path::new(path)).unwrap(), Path::new("/usr/share/ca/root.pem"));
        }
    }

    #[test]
    fn writing_goes_through_links_and_needs_a_folder() {
        let machine = Pretend::new(Os::Linux).link("/home/you/.npmrc", "/home/you/dotfiles/npmrc");
        let path = Path::new("/home/you/.npmrc");
        assert_eq!(machine.write(path, b"x", 0o644).unwrap_err().kind(), io::ErrorKind::NotFound);
        machine.make_folder(Path::new("/home/you/dotfiles")).unwrap();
        machine.write(path, b"x", 0o644).unwrap();
        assert_eq!(machine.read(Path::new("/home/you/dotfiles/npmrc"), 10).unwrap(), b"x");
        machine.remove(path).unwrap();
        assert_eq!(machine.kind(path), None);
        assert_eq!(machine.files().len(), 1);
    }

    #[test]
    fn programs_answer_and_are_remembered() {
        let machine = Pretend::new(Os::Linux).program("/usr/bin/node", "v24.1.0\n");
        let ask = |program: &str| {
            machine.run(&Invocation::new(program, ["--version"], Environment::default(), Duration::ZERO))
        };
        assert_eq!(ask("/usr/bin/node").stdout, "v24.1.0\n");
        assert!(matches!(ask("/usr/bin/python").end, End::NotStarted(_)));
        assert_eq!(machine.started().len(), 2);
    }

    #[test]
    fn a_relative_path_is_meant_from_the_working_folder() {
        let machine = Pretend::new(Os::Linux).working_folder("/src").file("/src/hosts.txt", "a");
        assert_eq!(machine.read(Path::new("hosts.txt"), 10).unwrap(), b"a");
        assert_eq!(machine.read(Path::new("../src/./hosts.txt"), 10).unwrap(), b"a");
    }
}
