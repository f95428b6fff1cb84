//! This machine, changed: the only code of the program that writes.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Changing, Live, PathKind, Reading, Through};

/// How many links are followed from one name to the file it means; Linux gives up at as many.
const MOST_LINKS: usize = 40;

/// This machine, with permission to change it.
#[derive(Clone, Debug)]
pub struct LiveHands(Live);

impl LiveHands {
    /// Adds hands to a pair of eyes.
    pub fn new(live: Live) -> Self {
        Self(live)
    }
}

impl Changing for LiveHands {
    fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let target = follow(path)?;
        match self.kind(&target) {
            Some(PathKind::Folder) => return Err(io::ErrorKind::IsADirectory.into()),
            // a device or pipe is written into: put in its place, a file would be the end of /dev/null
            Some(PathKind::Other) => return write_into(&target, bytes),
            Some(PathKind::File) | None => {}
        }
        let folder = match target.parent() {
            Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
            Some(folder) => folder,
            None => return Err(io::ErrorKind::IsADirectory.into()),
        };
        let mut neighbour = tempfile::Builder::new()
            .prefix(".trustgap-")
            .tempfile_in(folder)
            .map_err(|e| explain(&e, "cannot write in the folder", folder))?;
        neighbour.write_all(bytes)?;
        let existing = fs::metadata(&target).ok();
        take_after(&neighbour, existing.as_ref(), mode)?;
        neighbour.as_file().sync_all()?;
        neighbour.persist(&target).map_err(|e| explain(&e.error, "cannot replace", &target))?;
        flush_folder(folder);
        Ok(())
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
}

/// Returns the file a path means: links are followed even where the last one leads to nothing yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&target) {
            Ok(metadata) if metadata.file_type().is_symlink() => {
                let next = fs::read_link(&target)?;
                target = target.parent().map_or_else(|| next.clone(), |folder| folder.join(&next));
            }
            _ => return Ok(target),
        }
    }
    Err(io::Error::other("links that lead in a circle"))
}

fn write_into(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.write_all(bytes)?;
    file.flush()
}

/// Gives the new file the mode and, where permitted, the owner of the one it replaces.
#[cfg(unix)]
fn take_after(new: &NamedTempFile, existing: Option<&fs::Metadata>, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use rustix::fs::{Gid, Uid, fchown};

    if let Some(old) = existing {
        // each alone: a user who may not give a file away may still have the group right; root has both
        let _ = fchown(new, None, Some(Gid::from_raw(old.gid())));
        let _ = fchown(new, Some(Uid::from_raw(old.uid())), None);
    }
    let mode = existing.map_or(mode, |old| old.permissions().mode() & 0o7777);
    new.as_file().set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "one signature for every system")]
fn take_after(_: &NamedTempFile, _: Option<&fs::Metadata>, _: u32) -> io::Result<()> {
    Ok(())
}

/// Makes the renaming itself survive a power cut; not every file system can, and the file is in place anyway.
fn flush_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

/// Says what was tried, in the error's own words without the path that `tempfile` adds to them: it names the
/// neighbour, which nobody knows.
fn explain(error: &io::Error, what: &str, path: &Path) -> io::Error {
    let words = error.to_string();
    let words = words.split(" at path ").next().unwrap_or(&words);
    io::Error::new(error.kind(), format!("{what} `{}`: {words}", path.display()))
}

impl Through for LiveHands {
    fn beneath(&self) -> &dyn Reading {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hands() -> LiveHands {
        LiveHands::new(Live::new(None))
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_no_neighbour_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for text in ["first", "second, which is longer"] {
            hands().write(&path, text.as_bytes(), 0o644).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let error = hands().write(folder.path(), b"x", 0o644).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        assert!(folder.path().is_dir());
    }

    #[test]
    fn a_missing_folder_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = hands().write(&folder.path().join("none/file"), b"x", 0o644).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains("none`: "), "{error}");
        assert!(!error.to_string().contains(".trustgap-"), "{error}");
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

        use super::*;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o7777
        }

        #[test]
        fn the_mode_of_an_existing_file_stays_and_a_new_file_gets_its_own() {
            let folder = tempfile::tempdir().unwrap();
            let (old, new) = (folder.path().join("old"), folder.path().join("new"));
            fs::write(&old, b"x").unwrap();
            fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
            let inode = fs::metadata(&old).unwrap().ino();
            hands().write(&old, b"y", 0o644).unwrap();
            hands().write(&new, b"y", 0o600).unwrap();
            assert_eq!((mode(&old), mode(&new)), (0o640, 0o600));
            assert_ne!(fs::metadata(&old).unwrap().ino(), inode, "the file was not replaced in one step");
        }

        #[test]
        fn links_stay_links_and_their_target_changes() {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("dotfiles")).unwrap();
            symlink("dotfiles/npmrc", folder.path().join("link")).unwrap();
            symlink("link", folder.path().join("link-to-link")).unwrap();
            // the first write meets a link that leads nowhere yet
            for text in ["one", "two"] {
                hands().write(&folder.path().join("link-to-link"), text.as_bytes(), 0o644).unwrap();
                assert_eq!(fs::read_to_string(folder.path().join("dotfiles/npmrc")).unwrap(), text);
            }
            assert!(fs::symlink_metadata(folder.path().join("link")).unwrap().file_type().is_symlink());
        }

        #[test]
        fn links_in_a_circle_are_an_error() {
            let folder = tempfile::tempdir().unwrap();
            symlink("b", folder.path().join("a")).unwrap();
            symlink("a", folder.path().join("b")).unwrap();
            assert!(hands().write(&folder.path().join("a"), b"x", 0o644).is_err());
        }

        #[test]
        #[cfg(target_os = "linux")]
        fn a_full_disk_is_an_error_and_the_device_survives() {
            use std::os::unix::fs::FileTypeExt as _;
            let error = hands().write(Path::new("/dev/full"), b"x", 0o644).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert!(fs::metadata("/dev/full").unwrap().file_type().is_char_device());
        }
    }
}
