//! How the programs of a machine find their proxy: which variables each family of clients reads, in which order, and
//! how it reads the exemptions. Programs disagree, so one goes through a proxy that another does not know of.

mod places;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Pattern, Range};
use crate::facts::route::ProxyScheme;
pub use places::{Place, place, places};

/// A family of programs that find their proxy in the same way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its stable id.
    pub id: String,
    /// Its name in a list: `Python (urllib)`.
    pub name: String,
    /// Names on `PATH` of which one says that the family is here, without `.exe`.
    pub programs: Vec<String>,
    /// The variables that name a proxy for `https://`, in groups: the first group with a proxy counts, in it the
    /// first variable that is set.
    #[serde(default)]
    pub variables: Vec<Vec<String>>,
    /// The variables that name exemptions, strongest first.
    #[serde(default)]
    pub exemptions: Vec<String>,
    /// What a variable for a proxy means that is set to nothing.
    #[serde(default)]
    pub empty: Empty,
    /// What a variable for exemptions means that is set to nothing.
    #[serde(default)]
    pub empty_exemptions: Empty,
    /// The kinds of proxy that it can speak to.
    pub speaks: Vec<ProxyScheme>,
    /// More kinds, on a condition.
    #[serde(default)]
    pub speaks_with: Option<SpeaksWith>,
    /// Whether a proxy's address without `http://` is no address to it.
    #[serde(default)]
    pub needs_scheme: bool,
    /// How a list of exemptions is read.
    pub dialect: Dialect,
    /// The switch without which it uses no proxy at all.
    #[serde(default)]
    pub switch: Option<Switch>,
    /// Options in variables that take the place of the others.
    #[serde(default)]
    pub options: Option<Options>,
    /// What makes it use a proxy where the usual variables do not: a sentence.
    #[serde(default)]
    pub hint: Option<String>,
    /// With which versions it was measured, or where it is written.
    pub verified: String,
    /// Where it is written.
    pub sources: Vec<String>,
    /// Its own tests.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// Kinds of proxy that a client can speak to on a condition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeaksWith {
    /// The kinds.
    pub kinds: Vec<ProxyScheme>,
    /// The condition, behind the client's name: `with PySocks`.
    pub condition: String,
}

/// What a variable that is set to nothing means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// It counts: no proxy, no exemptions, whatever the weaker spelling says.
    Counts,
    /// It is as if it were not set.
    #[default]
    Skipped,
}

/// How a list of exemptions is read; the same list means different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// curl, libcurl, git, PHP, R: and this program.
    Curl,
    /// Go's net/http.
    Go,
    /// Python's httpx.
    Httpx,
    /// The JVM's `http.nonProxyHosts`, with `|` between the entries.
    Java,
    /// The `https` module of Node.js.
    NodeAgent,
    /// `fetch` of Node.js.
    NodeFetch,
    /// npm.
    Npm,
    /// Python's requests before 2.33, which pip carries: any text at the end of the name.
    OldRequests,
    /// Python's requests.
    Requests,
    /// Python's urllib.
    Urllib,
    /// GNU Wget.
    Wget,
    /// Wget2.
    Wget2,
    /// Windows and Chromium: `*` anywhere, `;` between the entries, `<local>` for names without a dot.
    Windows,
}

/// A switch without which a client uses no proxy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Variables and what their value must match; one of them is enough.
    pub any: BTreeMap<String, Pattern>,
    /// The versions that have the switch.
    #[serde(default)]
    pub versions: Option<Range>,
}

/// Options that stand in variables, as the JVM's do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The variables, strongest last.
    pub variables: Vec<String>,
    /// The option that names the proxy's host.
    pub host: String,
    /// The option that names its port.
    pub port: String,
    /// The port without that option.
    pub default_port: u16,
    /// The option that names the exemptions.
    pub exemptions: String,
    /// The exemptions without that option.
    pub default_exemptions: String,
}

/// An environment, a target, and the way that this client takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The variables that are set.
    pub environment: BTreeMap<String, String>,
    /// Where to.
    #[serde(default = "usual_target")]
    pub target: String,
    /// Its version.
    #[serde(default)]
    pub version: Option<String>,
    /// `direct`, `direct by NAME=ENTRY` or `http://HOST:PORT by NAME`.
    pub way: String,
}

fn usual_target() -> String {
    "x.test".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clients {
    client: Vec<Client>,
}

static CLIENTS: LazyLock<Clients> = LazyLock::new(|| {
    toml::from_str(include_str!("clients.toml")).expect("the file is part of the program and a test reads it")
});

/// Returns the families of clients, in the order they are listed.
pub fn clients() -> &'static [Client] {
    &CLIENTS.client
}

/// Returns a family by its id.
pub fn client(id: &str) -> Option<&'static Client> {
    clients().iter().find(|client| client.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_found_by_a_program_and_has_cases() {
        for client in clients() {
            assert!(!client.programs.is_empty() && !client.sources.is_empty(), "{}", client.id);
            assert!(!client.cases.is_empty(), "{} has no case", client.id);
            assert_eq!(client.variables.is_empty(), client.exemptions.is_empty(), "{}", client.id);
        }
    }
}
