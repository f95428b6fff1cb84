//! The tests that a tool's file carries.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Meaning;
use crate::facts::{Code, Os};

/// A test that a tool's file carries: either what an environment makes it trust, or what a text means.
///
/// Names of files stand for contents: `ca.pem` (the network's CA alone), `full.pem` (all roots with it), `web.pem`
/// (the public roots), `old.pem` (another CA alone), `ended.pem` (the public roots and the network's CA as it was before
/// it was renewed), `renewed.pem` (that and `full.pem`), `namesake.pem` (the public roots and another CA of its name),
/// `empty.pem`, `der.pem`, `broken.pem` (a broken block between
/// two good ones), `ca.p12`/`ca.jks` (key stores with the CA); anything else does not exist.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The sentence it proves.
    pub name: String,
    /// The tool's version.
    #[serde(default)]
    pub version: Option<String>,
    /// The version of the runtime that runs it.
    #[serde(default)]
    pub runtime: Option<String>,
    /// The operating system; Linux when absent.
    #[serde(default)]
    pub os: Option<Os>,
    /// Facts of the installation.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// The environment.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Configuration files by the id of their row, with their text.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Whether the system store holds the network's CA; it does when absent.
    #[serde(default = "Case::in_system_store")]
    pub installed: bool,
    /// Expected: whether the network's CA is trusted.
    #[serde(default)]
    pub trusts: Option<bool>,
    /// Expected: whether the public roots are trusted.
    #[serde(default)]
    pub public: Option<bool>,
    /// Expected: what decided, in the order of the report.
    #[serde(default)]
    pub set_by: Option<String>,
    /// Expected: the findings, in any order.
    #[serde(default)]
    pub findings: Option<Vec<Code>>,
    /// A text the probe printed.
    #[serde(default)]
    pub text: Option<String>,
    /// The code the probe ended with.
    #[serde(default)]
    pub exit: Option<i32>,
    /// Expected: what text and exit code mean.
    #[serde(default)]
    pub means: Option<Meaning>,
}

impl Case {
    fn in_system_store() -> bool {
        true
    }
}
