//! The files that configure a tool, and the places in them and elsewhere where something stands.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Ask, Paths};
use crate::catalogue::pattern::Pattern;

/// A file that configures a tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Its name in this tool's other rows.
    pub id: String,
    /// How it is written.
    pub format: Format,
    /// Whom it concerns.
    pub scope: Scope,
    /// Where it is; the first that exists unless `every`.
    #[serde(default)]
    pub paths: Paths,
    /// Whether it is looked for from the working folder upwards.
    #[serde(default)]
    pub upwards: bool,
    /// Names of which one marks the folder, from the working folder upwards, that its paths start in; the working
    /// folder when there is none.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Whether every one that exists is read, the first being strongest.
    #[serde(default)]
    pub every: bool,
    /// Variables whose value is read as its path instead.
    #[serde(default)]
    pub moved_by: Vec<String>,
    /// Variables that keep it from being read when their value matches: pip reads no file at all where
    /// `PIP_CONFIG_FILE` is the null device.
    #[serde(default)]
    pub unless: BTreeMap<String, Pattern>,
    /// Arguments that make the tool list its configuration with its places, in place of reading files.
    #[serde(default)]
    pub listing: Option<Vec<String>>,
}

/// How a configuration file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// apt's `Name::Sub "value";`.
    Apt,
    /// curl's `name = value`, dashes allowed in front.
    Curlrc,
    /// `git config --list --show-origin -z`.
    Git,
    /// What `gsettings list-recursively` says; keys are `schema.key`, lists become `a,b`.
    Gsettings,
    /// Sections and `key = value`; keys are `section.key`.
    Ini,
    /// JSON, comments and trailing commas allowed; keys are dotted.
    Json,
    /// npm's `key=value`.
    Npmrc,
    /// Mozilla's `user_pref("key", value);`.
    Prefs,
    /// `key = value` lines without sections; Java's properties, wget's and others' files.
    Properties,
    /// What `reg query` says.
    Reg,
    /// What `scutil --proxy` says; lists become `a;b`.
    Scutil,
    /// A whole file that is one value, or command-line options over several lines (`.jvmopts`, `.mvn/jvm.config`).
    Text,
    /// TOML; keys are dotted.
    Toml,
    /// systemd's `Environment="NAME=value" ...`; the names are the keys.
    Unit,
    /// What `reg query` says of the proxy that WinHTTP keeps in one binary value.
    WinHttp,
    /// XML; keys are dotted, and `<add key="name" value="..."/>` has the key `name`.
    Xml,
    /// YAML; keys are dotted.
    Yaml,
    /// Yarn 1's `key "value"`.
    Yarnrc,
}

/// Whom a configuration file concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// This one installation.
    Installation,
    /// Whoever works in this folder.
    Project,
    /// Everybody on this computer.
    System,
    /// This user.
    User,
}

/// Where a setting stands. Exactly one of `environment`, `config`, `flag`, `command`, `code` is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// A variable.
    #[serde(default)]
    pub environment: Option<String>,
    /// Configuration files by their id, strongest first; with `key`.
    #[serde(default)]
    pub config: Vec<String>,
    /// The key in the file; `*` stands for any text without a dot, `**` for any text.
    #[serde(default)]
    pub key: Option<String>,
    /// A command-line option, which cannot be seen from outside.
    #[serde(default)]
    pub flag: Option<String>,
    /// A command that changes the tool's own store.
    #[serde(default)]
    pub command: Option<String>,
    /// Something in a program's own code.
    #[serde(default)]
    pub code: Option<String>,
    /// What the value must match to be this setting; its first group, if it has one, is the value.
    #[serde(default)]
    pub pattern: Option<Pattern>,
}

/// Where a tool's configuration names a host it talks to. Exactly one of `at` and `ask` is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostSource {
    /// A setting whose value is a URL, or has one by `at.pattern`.
    #[serde(default)]
    pub at: Option<At>,
    /// A question whose facts `url` (and `url2`, ...) are the answer: for defaults that are compiled in.
    #[serde(default)]
    pub ask: Option<Ask>,
    /// Whether it is the tool's default, used only when none of the rows above gave a host.
    #[serde(default)]
    pub default: bool,
}

impl At {
    /// Returns the name people know it by: the variable, the key, the option, the command.
    pub fn name(&self) -> &str {
        [&self.environment, &self.key, &self.flag, &self.command, &self.code]
            .into_iter()
            .find_map(Option::as_deref)
            .unwrap_or_default()
    }

    /// Whether an entry of a configuration file stands here: `*` in the key is any text without a dot, `**` any text.
    pub fn is_entry(&self, config: &str, key: &str) -> bool {
        self.config.iter().any(|c| c == config) && self.key.as_deref().is_some_and(|k| is_key(k, key))
    }

    /// Returns what the stars of its key stand for in an entry's key, such as the host of `http.**.sslverify`.
    pub fn starred<'k>(&self, key: &'k str) -> Vec<&'k str> {
        self.key.as_deref().and_then(|pattern| starred(pattern, key)).unwrap_or_default()
    }
}

/// Whether a key fits a pattern of keys; the case of letters does not matter.
fn is_key(pattern: &str, key: &str) -> bool {
    starred(pattern, key).is_some()
}

/// Returns what the stars of a pattern stand for in a key; `None` when it does not fit.
fn starred<'k>(pattern: &str, key: &'k str) -> Option<Vec<&'k str>> {
    let Some((head, tail)) = pattern.split_once('*') else {
        return pattern.eq_ignore_ascii_case(key).then(Vec::new);
    };
    let (tail, any) = tail.strip_prefix('*').map_or((tail, false), |tail| (tail, true));
    let rest = key.get(..head.len()).filter(|k| k.eq_ignore_ascii_case(head)).map(|_| &key[head.len()..])?;
    let longest = if any { rest.len() } else { rest.find('.').unwrap_or(rest.len()) };
    (0..=longest).filter(|at| rest.is_char_boundary(*at)).find_map(|at| {
        let mut found = starred(tail, &rest[at..])?;
        found.insert(0, &rest[..at]);
        Some(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_in_a_key_stops_at_a_dot_and_two_do_not() {
        for (pattern, key, fits) in [
            ("cafile", "cafile", true),
            ("http.sslCAInfo", "http.sslcainfo", true),
            ("http.**.sslCAInfo", "http.https://git.example/.sslcainfo", true),
            ("http.*.sslCAInfo", "http.https://git.example/.sslcainfo", false),
            ("tool.source.*.verify_ssl", "tool.source.0.verify_ssl", true),
            ("//**:cafile", "//r.example/npm/:cafile", true),
            ("**", "", true),
            ("*", "a.b", false),
            ("cafile", "ca", false),
        ] {
            assert_eq!(is_key(pattern, key), fits, "{pattern} {key}");
        }
        for (pattern, key, wanted) in [
            ("http.**.sslverify", "http.https://git.example/.sslverify", vec!["https://git.example/"]),
            ("*.trusted-host", "global.trusted-host", vec!["global"]),
            ("cafile", "cafile", vec![]),
        ] {
            let at = At { key: Some(pattern.to_owned()), ..At::default() };
            assert_eq!(at.starred(key), wanted, "{pattern} {key}");
        }
    }
}
