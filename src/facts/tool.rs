//! Toolchains found on the machine, and the files of certificates that their settings name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of a toolchain in the catalogue, for example `node`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ToolId(pub String);

impl fmt::Display for ToolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One installation of a toolchain, as seen: where it is, which version, what configures it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolLook {
    /// Which toolchain.
    pub id: ToolId,
    /// The program, as a path; of a library, the runtime it is found in.
    pub path: String,
    /// Where links and shims lead, when that is another path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<String>,
    /// Its version as it says itself; absent when it would not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it is the one that its name starts in this environment (the first on `PATH`).
    #[serde(default)]
    pub first: bool,
    /// The runtime that runs it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeLook>,
    /// What it answered when it was asked, and `home` and `working_folder`; the catalogue names them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// The entries of its configuration files that matter to trust, strongest file first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<ConfigEntry>,
    /// Files and folders that its default would use and that are not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// What went wrong while it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

/// The runtime that runs a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeLook {
    /// Which toolchain.
    pub id: ToolId,
    /// The program, as a path.
    pub path: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it answered when it was asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

/// One entry of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigEntry {
    /// The catalogue's id of the file.
    pub config: String,
    /// The file.
    pub path: String,
    /// Its line, counted from 1, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The key, with its sections, as the catalogue writes keys.
    pub key: String,
    /// The value, unquoted; it may hold secrets: redact before showing.
    pub value: String,
}

/// A place that sets a variable for what is started later: a start-up file, the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The variable.
    pub name: String,
    /// Its value, as far as it can be told without running the file.
    pub value: String,
    /// The file, or the key of the registry.
    pub path: String,
    /// The line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Who gets it: `your interactive bash`.
    pub reaches: String,
    /// What starts with it.
    #[serde(default = "Context::shell_alone", skip_serializing_if = "is_shell_alone")]
    pub contexts: Vec<Context>,
}

/// From where something is started, which decides what environment it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// The desktop: a menu, a dock, a file that is opened.
    Desktop,
    /// The system's manager of services, or cron.
    Service,
    /// A new shell in a terminal.
    Shell,
}

impl Context {
    fn shell_alone() -> Vec<Self> {
        vec![Self::Shell]
    }
}

fn is_shell_alone(contexts: &[Context]) -> bool {
    contexts == [Context::Shell]
}

/// Why an installation could not be looked at properly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Trouble {
    /// It did not answer in time.
    Hung {
        /// Seconds it was given.
        seconds: u64,
    },
    /// It answered nothing in which a version could be found.
    NoVersion {
        /// The beginning of what it said; hostile.
        said: String,
    },
    /// It could not be started.
    NotStarted {
        /// The system's words.
        message: String,
    },
}

/// A file or folder that a setting or a tool's default names, as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLook {
    /// Its path as it was named.
    pub path: String,
    /// What is there.
    pub state: FileState,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum FileState {
    /// A file.
    File {
        /// What is in it.
        content: Content,
    },
    /// A folder with its files.
    Folder {
        /// Their names and contents, in the order of the names.
        files: Vec<(String, Content)>,
    },
    /// Nothing.
    Missing,
    /// Something that could not be read.
    Unreadable {
        /// The system's words.
        message: String,
    },
}

/// A file's bytes, without the private keys it may hold. Serialises as text where it is text, else as base64.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Content(Arc<[u8]>);

impl Content {
    /// Takes a file's bytes; the bodies of private keys are blanked, line by line, so that offsets stay.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let mut bytes = bytes.into();
        blank_private_keys(&mut bytes);
        Self(bytes.into())
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Overwrites what stands between `-----BEGIN ... PRIVATE KEY-----` and the next `-----` with `*`.
fn blank_private_keys(bytes: &mut [u8]) {
    const LABEL: &[u8] = b"PRIVATE KEY-----";
    let mut start = 0;
    while let Some(found) = find(&bytes[start..], LABEL) {
        let body = start + found + LABEL.len();
        let end = find(&bytes[body..], b"-----").map_or(bytes.len(), |length| body + length);
        bytes[body..end].iter_mut().filter(|b| !b.is_ascii_whitespace()).for_each(|b| *b = b'*');
        // the END line has the label too: the search goes on behind it
        start = find(&bytes[end..], LABEL).map_or(bytes.len(), |at| end + at + LABEL.len());
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serializer.serialize_str(&format!("base64:{}", BASE64.encode(&self.0))),
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.strip_prefix("base64:") {
            Some(encoded) => BASE64.decode(encoded).map(Self::new).map_err(serde::de::Error::custom),
            None => Ok(Self::new(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_never_gets_into_a_record() {
        let pem = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEsecret\nmore==\n-----END RSA PRIVATE KEY-----\n\
                   -----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n\
                   -----BEGIN PRIVATE KEY-----\nunfinished";
        let recorded = serde_json::to_string(&Content::new(pem)).unwrap();
        for secret in ["secret", "more", "unfinished"] {
            assert!(!recorded.contains(secret), "{recorded}");
        }
        assert!(recorded.contains("MIIC"));
    }

    #[test]
    fn bytes_that_are_not_text_survive_a_record() {
        for bytes in [&b"\x30\x82\xff\x00"[..], b"", b"text\r\n", b"\xef\xbb\xbf-----BEGIN"] {
            let content = Content::new(bytes);
            let json = serde_json::to_string(&content).unwrap();
            assert_eq!(serde_json::from_str::<Content>(&json).unwrap(), content, "{json}");
        }
    }
}
