//! Environment variables, as a value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Os;

/// A set of environment variables. Values may hold secrets: redact before showing or recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    #[serde(skip)]
    ignores_case: bool,
}

impl Environment {
    /// Returns the variables as the operating system looks them up: on Windows `Path` and `PATH` are one variable.
    #[must_use]
    pub fn of(mut self, os: Os) -> Self {
        self.ignores_case = os == Os::Windows;
        self
    }

    /// Returns the value of a variable; an empty value is a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(self.key(name)).map(String::as_str)
    }

    /// Returns the value of a variable unless it is unset or empty.
    pub fn get_filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|v| !v.is_empty())
    }

    /// Returns the variables in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Sets a variable.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        let key = self.key(&name).to_owned();
        self.variables.insert(key, value.into());
    }

    /// Removes a variable.
    pub fn unset(&mut self, name: &str) {
        let key = self.key(name).to_owned();
        self.variables.remove(&key);
    }

    /// Returns the name under which a variable is kept, or the name itself where it is not set.
    fn key<'a>(&'a self, name: &'a str) -> &'a str {
        if self.ignores_case && !self.variables.contains_key(name) {
            self.variables.keys().find(|k| k.eq_ignore_ascii_case(name)).map_or(name, String::as_str)
        } else {
            name
        }
    }
}

/// Changes to an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What is set.
    pub set: Vec<(String, String)>,
    /// What is taken out.
    pub unset: Vec<String>,
}

impl Changes {
    /// Returns the environment with the changes.
    pub fn apply(&self, environment: &Environment) -> Environment {
        let mut changed = environment.clone();
        for name in &self.unset {
            changed.unset(name);
        }
        for (name, value) in &self.set {
            changed.set(name.as_str(), value.as_str());
        }
        changed
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self {
            variables: pairs.into_iter().map(|(n, v)| (n.into(), v.into())).collect(),
            ignores_case: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_has_one_variable_per_name_whatever_its_case() {
        let mut windows = Environment::from_iter([("Path", "a")]).of(Os::Windows);
        windows.set("PATH", "b");
        assert_eq!(windows.iter().collect::<Vec<_>>(), [("Path", "b")]);
        windows.unset("path");
        assert_eq!(windows.get("Path"), None);
    }

    #[test]
    fn elsewhere_case_tells_variables_apart() {
        let linux = Environment::from_iter([("http_proxy", "a")]).of(Os::Linux);
        assert_eq!((linux.get("http_proxy"), linux.get("HTTP_PROXY")), (Some("a"), None));
    }
}
