//! The form of a tool's file in `tools/`: what TOML says becomes these values, and unknown keys are errors.
//!
//! **Slots** are the idea behind trust. The roots a tool uses are the union of what lies in its slots: the roots
//! compiled into it, the system store, a file, a folder, a key store, an extra file. A [`Trust`] row fills the slots
//! of an untouched installation; a [`Setting`] fills one slot and may clear others. Rows stand in the order of their
//! precedence: of those that fill the same slot the first one that is set wins, and what it clears stays cleared
//! for the rows below it.

mod case;
mod condition;
mod config;
mod detect;
mod error;
mod probe;
mod setting;
mod switch;
mod trust;
mod verifies;

use serde::Deserialize;

use crate::facts::ToolId;

pub use case::Case;
pub use condition::{Condition, Demand};
pub use config::{At, Config, Format, HostSource, Scope};
pub use detect::{Ask, Detect, Paths};
pub use error::{Cause, Class, ErrorText, Texts};
pub use probe::{Meaning, Probe, Rule};
pub use setting::{Effect, Empty, RelativeTo, Setting, Value};
pub use switch::{Off, On, Reach};
pub use trust::{Reader, Slot, Trust};
pub use verifies::Verifies;

/// What is known about one toolchain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its id, also the name of its file.
    pub id: ToolId,
    /// Its name as its makers write it.
    pub name: String,
    /// Other names under which people look for what is said here: programs that are, use or run on it.
    #[serde(default)]
    pub also: Vec<String>,
    /// The family it is listed under.
    pub family: Family,
    /// What sort of thing it is.
    pub kind: Kind,
    /// The tool whose rows follow its own, weaker than they: `requests` for what is built on requests.
    #[serde(default)]
    pub like: Option<ToolId>,
    /// The runtime that runs it; rows taken over from that one are judged by that one's version and facts.
    #[serde(default)]
    pub runs_on: Option<ToolId>,
    /// How its rows are known, unless a row says otherwise.
    pub verified: Verified,
    /// Where its rows come from: documentation, source, `tried`.
    pub sources: Vec<String>,
    /// What programs it starts get of its trust.
    #[serde(default)]
    pub children: Option<String>,
    /// For a library that people install to make others follow the system store: what it changes in which programs,
    /// and what trusting it means.
    #[serde(default)]
    pub alters: Option<String>,
    /// What surprises people about it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// How installations of it are found.
    pub detect: Detect,
    /// The files that configure it, strongest first.
    #[serde(default, rename = "config")]
    pub configs: Vec<Config>,
    /// The roots of an untouched installation; the first row that applies counts. None for a tool that connects only
    /// through what it starts.
    #[serde(default)]
    pub trust: Vec<Trust>,
    /// What changes them, strongest first.
    #[serde(default, rename = "setting")]
    pub settings: Vec<Setting>,
    /// What switches verification off.
    #[serde(default)]
    pub off: Vec<Off>,
    /// Which library verifies, and so what it refuses although the CA is trusted; the first row that applies counts.
    #[serde(default)]
    pub verifies: Vec<Verifies>,
    /// Names of files in `errors/` whose texts it may print as well; the loader puts them behind its own.
    #[serde(default)]
    pub speaks: Vec<String>,
    /// What it prints, per cause.
    #[serde(default, rename = "error")]
    pub errors: Vec<ErrorText>,
    /// Why it cannot be tried, where no probe applies: a sentence without a full stop that goes on with "it".
    #[serde(default)]
    pub untried: Option<String>,
    /// How it is run for real; the first row that applies counts.
    #[serde(default, rename = "probe")]
    pub probes: Vec<Probe>,
    /// Where its configuration names the hosts it talks to.
    #[serde(default, rename = "host")]
    pub hosts: Vec<HostSource>,
    /// Its own tests.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// The family a tool is listed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Assistants on the command line.
    Ai,
    /// Desktop programs and browsers.
    App,
    /// Clouds and their SDKs.
    Cloud,
    /// Containers and orchestration.
    Container,
    /// The JavaScript world.
    Javascript,
    /// Java and its build tools.
    Jvm,
    /// Compiled tools and their libraries.
    Native,
    /// Infrastructure and CI.
    Ops,
    /// Packages of an operating system.
    Packages,
    /// The Python world.
    Python,
    /// Other languages.
    Runtime,
}

/// What sort of thing a tool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A desktop program.
    App,
    /// A command.
    Command,
    /// Runs in the background, with an environment of its own.
    Daemon,
    /// Found inside a runtime.
    Library,
    /// Fetches packages.
    PackageManager,
    /// Runs other programs.
    Runtime,
}

/// How something is known: `ran 20.20.2, 22.23.3` or `documentation`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Verified {
    /// Whether it was seen to happen.
    pub ran: bool,
    /// With which versions, or where it is written.
    pub text: String,
}

impl TryFrom<String> for Verified {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_whitespace().next() {
            Some("ran") => Ok(Self { ran: true, text }),
            Some("documentation" | "source") => Ok(Self { ran: false, text }),
            _ => Err(format!("`{text}` begins neither with `ran` nor with `documentation` or `source`")),
        }
    }
}
