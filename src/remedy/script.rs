//! Settings as a value: which variables get which text, why, and where the files are that they point to.
//!
//! [`super::plan`] makes one, [`super::shells`] prints it for a shell or a place.

use std::fmt;
use std::str::FromStr;

use crate::facts::Os;
use crate::facts::environment::Changes;

/// Everything `env` has to say, before it is put into the words of a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The system the settings are for.
    pub os: Os,
    /// Where the files are that the settings point to.
    pub places: Places,
    /// What to set and what to take out, in the order it is printed.
    pub lines: Vec<Line>,
    /// What a reader of the settings must know, one sentence each; printed as comments.
    pub notes: Vec<String>,
}

/// One variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The variable.
    pub name: Name,
    /// What happens to it.
    pub change: Change,
    /// Why, in one sentence; printed as a comment.
    pub remark: String,
}

/// What happens to a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It gets this value.
    Set(Value),
    /// It is taken out. Never the same as set to nothing: an empty `GIT_SSL_NO_VERIFY` or `AWS_CA_BUNDLE` is a setting.
    Unset,
}

/// A value, in which our own files stay recognisable: inside a container they have other paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value(pub Vec<Part>);

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The path of one of our files.
    File(File),
    /// Text as it is.
    Text(String),
}

/// The files that settings point to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum File {
    /// The company's roots alone (PEM), for settings that add.
    Authorities,
    /// The full bundle (PEM), for settings that replace.
    Bundle,
    /// The full bundle as a key store, for Java.
    TrustStore,
}

/// Where our files are on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The folder that holds all of them.
    pub folder: String,
    /// [`File::Authorities`].
    pub authorities: String,
    /// [`File::Bundle`].
    pub bundle: String,
    /// [`File::TrustStore`].
    pub trust_store: String,
}

/// The name of an environment variable: letters, digits and underscores, which no shell gives a meaning to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

/// The text is not the name of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAName;

impl Script {
    /// Whether there is nothing to set and nothing to take out.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the variables that get a value, with that value as it is on this machine.
    pub fn set(&self) -> impl Iterator<Item = (&Name, String)> {
        self.lines.iter().filter_map(|line| match &line.change {
            Change::Set(value) => Some((&line.name, value.here(&self.places))),
            Change::Unset => None,
        })
    }

    /// Returns what the settings do to an environment on this machine.
    pub fn changes(&self) -> Changes {
        Changes {
            set: self.set().map(|(name, value)| (name.to_string(), value)).collect(),
            unset: self.unset().map(ToString::to_string).collect(),
        }
    }

    /// Returns the names of the variables that get a value.
    pub fn set_names(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter(|line| line.change != Change::Unset).map(|line| line.name.as_str())
    }

    /// Returns the variables that are taken out.
    pub fn unset(&self) -> impl Iterator<Item = &Name> {
        self.lines.iter().filter(|line| line.change == Change::Unset).map(|line| &line.name)
    }

    /// Returns the files the settings point to, each once.
    pub fn files(&self) -> Vec<File> {
        let mut files: Vec<File> = self
            .lines
            .iter()
            .filter_map(|line| match &line.change {
                Change::Set(value) => Some(value),
                Change::Unset => None,
            })
            .flat_map(Value::files)
            .collect();
        files.sort_unstable();
        files.dedup();
        files
    }
}

impl Value {
    /// Makes a value that is the path of one of our files.
    pub fn file(file: File) -> Self {
        Self(vec![Part::File(file)])
    }

    /// Makes a value that holds none of our files.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// Returns our files that it names.
    pub fn files(&self) -> impl Iterator<Item = File> {
        self.0.iter().filter_map(|part| match part {
            Part::File(file) => Some(*file),
            Part::Text(_) => None,
        })
    }

    /// Returns the value as it is on this machine.
    pub fn here(&self, places: &Places) -> String {
        self.with(|file| places.path(file).to_owned())
    }

    /// Returns the value with the paths that `path` gives.
    pub fn with(&self, path: impl Fn(File) -> String) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::File(file) => path(*file),
                Part::Text(text) => text.clone(),
            })
            .collect()
    }
}

impl Places {
    /// Returns the path of a file.
    pub fn path(&self, file: File) -> &str {
        match file {
            File::Authorities => &self.authorities,
            File::Bundle => &self.bundle,
            File::TrustStore => &self.trust_store,
        }
    }

    /// Returns the path of a file below the folder, with `/` between its parts.
    pub fn below_folder(&self, file: File) -> String {
        let path = self.path(file);
        let below = path.strip_prefix(&self.folder).unwrap_or(path);
        below.replace('\\', "/").trim_start_matches('/').to_owned()
    }
}

impl Name {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if text.is_empty() || text.as_bytes()[0].is_ascii_digit() || !text.bytes().all(word) {
            return Err(NotAName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NotAName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a variable's name consists of letters, digits and underscores and does not begin with a digit",
        )
    }
}

impl std::error::Error for NotAName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_shell_would_read_as_more_is_none() {
        for good in ["SSL_CERT_FILE", "_x", "npm_config_cafile"] {
            assert_eq!(good.parse::<Name>().map(|n| n.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "1A", "A B", "A;touch x", "A=B", "A\n", "Ä", "A-B", "$(x)"] {
            assert_eq!(bad.parse::<Name>(), Err(NotAName), "{bad}");
        }
    }

    #[test]
    fn a_path_below_the_folder_is_the_same_on_every_system() {
        let places = |folder: &str, bundle: &str| Places {
            folder: folder.into(),
            authorities: String::new(),
            bundle: bundle.into(),
            trust_store: String::new(),
        };
        assert_eq!(places("/home/a/t", "/home/a/t/ca/x.pem").below_folder(File::Bundle), "ca/x.pem");
        assert_eq!(places(r"C:\Users\a\t", r"C:\Users\a\t\ca\x.pem").below_folder(File::Bundle), "ca/x.pem");
    }
}
