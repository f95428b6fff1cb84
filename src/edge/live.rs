//! This machine, read: files, folders, programs, the environment, the clock.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use time::OffsetDateTime;

use super::{Finished, Invocation, PathKind, Reading, run};
use crate::facts::{Environment, Os, Platform};

/// How long a pipe or device may take to give its bytes; a regular file is not waited for.
const PATIENCE_WITH_PIPES: Duration = Duration::from_secs(10);

/// This machine, read only.
#[derive(Clone, Debug)]
pub struct Live {
    platform: Platform,
    environment: Environment,
    own_folder: Option<PathBuf>,
}

impl Live {
    /// Takes in the environment and the platform; `own_folder` is what `--home` says.
    pub fn new(own_folder: Option<PathBuf>) -> Self {
        let environment = environment();
        let own_folder = own_folder
            .or_else(|| environment.get_filled("TRUSTGAP_HOME").map(PathBuf::from))
            .map(|folder| std::path::absolute(&folder).unwrap_or(folder))
            .or_else(|| dirs::config_dir().map(|folder| folder.join("trustgap")));
        Self { platform: platform(), environment, own_folder }
    }

    /// Replaces the environment: what a command would see, had it been started with another one.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment.of(Os::current());
        self
    }
}

impl Reading for Live {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn platform(&self) -> &Platform {
        &self.platform
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn home(&self) -> Option<PathBuf> {
        let variable = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        // without the variable the password database still knows the home folder
        self.environment.get_filled(variable).map(PathBuf::from).or_else(dirs::home_dir)
    }

    fn own_folder(&self) -> Option<PathBuf> {
        self.own_folder.clone()
    }

    fn working_folder(&self) -> PathBuf {
        // it can have been removed under our feet
        std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // what the kernel makes up (`/proc/kmsg`) says that it is a file, has no length, and may let one wait
        if metadata.is_file() && metadata.len() > 0 {
            read_at_most(path, limit)
        } else {
            read_patiently(path.to_owned(), limit)
        }
    }

    fn read_start(&self, path: &Path, length: u64) -> io::Result<Vec<u8>> {
        if self.kind(path) != Some(PathKind::File) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut paths =
            fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
        // of one folder all, so by their bytes, which is quicker than by their parts
        paths.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
        Ok(paths)
    }

    fn kind(&self, path: &Path) -> Option<PathKind> {
        let metadata = fs::metadata(path).ok()?;
        Some(if metadata.is_file() {
            PathKind::File
        } else if metadata.is_dir() {
            PathKind::Folder
        } else {
            PathKind::Other
        })
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let canonical = fs::canonicalize(path)?;
        // `\\?\C:\x` is right and nobody writes it: programs and people expect `C:\x`
        let plain = canonical
            .to_str()
            .and_then(|text| text.strip_prefix(r"\\?\"))
            .filter(|rest| cfg!(windows) && rest.as_bytes().get(1) == Some(&b':'))
            .map(PathBuf::from);
        Ok(plain.unwrap_or(canonical))
    }

    fn run(&self, invocation: &Invocation) -> Finished {
        run::run(invocation)
    }

    fn run_until(&self, invocation: &Invocation, enough: &dyn Fn() -> bool) -> Finished {
        run::run_until(invocation, enough)
    }
}

fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {limit} bytes")));
    }
    Ok(bytes)
}

/// Reads a pipe, a device, or a file without a length on a thread of its own: one that nobody writes to would be waited
/// for without end, while `--chain <(openssl s_client ...)` and `/dev/stdin` are welcome.
fn read_patiently(path: PathBuf, limit: u64) -> io::Result<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        // nobody listens any more when it took too long
        let _ = sender.send(read_at_most(&path, limit));
    })?;
    receiver.recv_timeout(PATIENCE_WITH_PIPES).unwrap_or_else(|_| {
        Err(io::Error::new(io::ErrorKind::TimedOut, "nothing was written to it for ten seconds"))
    })
}

/// Returns this process's environment. `std::env::vars` panics on a variable that is not UTF-8; here such a value
/// keeps what can be read of it, and such a name is left out.
fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .collect::<Environment>()
        .of(Os::current())
}

fn platform() -> Platform {
    let os = Os::current();
    let release = ["/etc/os-release", "/usr/lib/os-release"]
        .iter()
        .filter(|_| os == Os::Linux)
        .find_map(|path| read_at_most(Path::new(path), 64 * 1024).ok())
        .unwrap_or_default();
    Platform {
        os,
        arch: std::env::consts::ARCH.to_owned(),
        distribution: distribution(&String::from_utf8_lossy(&release)),
    }
}

/// Returns `ID` and then the words of `ID_LIKE` (os-release(5)).
fn distribution(os_release: &str) -> Vec<String> {
    let value = |wanted: &str| {
        os_release.lines().find_map(|line| {
            let (name, value) = line.trim().split_once('=')?;
            (name == wanted).then(|| value.trim_matches(['"', '\'']).to_owned())
        })
    };
    ["ID", "ID_LIKE"]
        .iter()
        .filter_map(|name| value(name))
        .flat_map(|names| names.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_named_with_its_relatives() {
        for (text, wanted) in [
            ("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n", vec!["ubuntu", "debian"]),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=9",
                vec!["rocky", "rhel", "centos", "fedora"],
            ),
            ("ID='alpine'", vec!["alpine"]),
            ("", vec![]),
        ] {
            assert_eq!(distribution(text), wanted);
        }
    }

    #[test]
    fn a_file_longer_than_its_limit_is_an_error_and_one_as_long_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"12345").unwrap();
        let live = Live::new(None);
        assert_eq!(live.read(&path, 5).unwrap(), b"12345");
        assert_eq!(live.read(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_folder_is_not_a_file_and_lists_its_paths_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "a"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        let live = Live::new(None);
        assert_eq!(live.read(folder.path(), 10).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(live.kind(folder.path()), Some(PathKind::Folder));
        assert_eq!(live.list(folder.path()).unwrap(), [folder.path().join("a"), folder.path().join("b")]);
    }

    #[cfg(unix)]
    #[test]
    fn an_endless_device_is_cut_at_the_limit() {
        let live = Live::new(None);
        assert_eq!(live.kind(Path::new("/dev/zero")), Some(PathKind::Other));
        let error = live.read(Path::new("/dev/zero"), 1000).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(live.read(Path::new("/dev/null"), 1000).unwrap(), b"");
    }

    #[test]
    fn the_own_folder_is_what_home_says_made_absolute() {
        let folder = Live::new(Some(PathBuf::from("here"))).own_folder().unwrap();
        assert!(folder.is_absolute() && folder.ends_with("here"), "{}", folder.display());
    }
}
