//! An empty folder that is gone afterwards, for programs that need one to run in.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

/// A folder of our own below the system's folder for temporary files; removed with everything in it when dropped.
#[derive(Debug)]
pub struct Scratch(TempDir);

impl Scratch {
    /// Makes an empty folder that only this user can enter.
    pub fn new() -> io::Result<Self> {
        tempfile::Builder::new().prefix("trustgap-").tempdir().map(Self)
    }

    /// Returns the folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Makes a folder in it.
    pub fn folder(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.inside(name)?;
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Writes a file in it, making the folders above it.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.inside(name)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// Refuses names that lead out of the folder.
    fn inside(&self, name: &str) -> io::Result<PathBuf> {
        let relative = Path::new(name);
        if relative.components().all(|part| matches!(part, Component::Normal(_))) {
            Ok(self.path().join(relative))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "the name leads out of the folder"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_gone_with_the_folder() {
        let scratch = Scratch::new().unwrap();
        let file = scratch.write("a/b/c.txt", b"text").unwrap();
        assert!(file.starts_with(scratch.path()) && file.is_file());
        let folder = scratch.path().to_owned();
        drop(scratch);
        assert!(!folder.exists());
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let scratch = Scratch::new().unwrap();
        for name in ["../x", "/etc/x", "a/../../x"] {
            assert!(scratch.write(name, b"").is_err(), "{name}");
        }
    }
}
