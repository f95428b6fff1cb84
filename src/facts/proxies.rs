//! Proxies that are configured somewhere on the machine, and the families of clients that are on it.

use serde::{Deserialize, Serialize};

use super::ProxyUrl;

/// A proxy that is configured somewhere, whether or not the environment names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfiguredProxy {
    /// The catalogue's id of the place; `startup` for a start-up file, `variable` for the environment itself.
    pub place: String,
    /// Who reads it, as the end of "is configured for ...".
    pub used_by: String,
    /// The file, the key of the registry, the variable, or the command that tells it.
    pub path: String,
    /// The line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The key in it.
    pub key: String,
    /// What it says.
    pub leads: Leads,
    /// The exemptions that stand beside it, as they are written there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemptions: Option<String>,
}

/// Where a configured proxy leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Leads {
    /// The network is asked for a PAC file (WPAD).
    Discovery,
    /// A PAC file decides for each address; it is a program for browsers and is not run here.
    Pac {
        /// Its address, without credentials and query.
        url: String,
    },
    /// Through this proxy.
    Proxy {
        /// Without its credentials in a record.
        proxy: ProxyUrl,
    },
    /// Nowhere: the text, which is not kept, is no address.
    Unreadable {
        /// What is wrong with it.
        problem: String,
    },
}

impl ConfiguredProxy {
    /// Returns the place in short, as whoever sets something is named: `FILE:LINE` or the place alone.
    pub fn setter(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.path),
            None => self.path.clone(),
        }
    }
}

/// A family of clients, of which at least one program is on the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientLook {
    /// The catalogue's id of the family.
    pub id: String,
    /// The programs that were found on `PATH`.
    pub programs: Vec<String>,
    /// The version of the first one; asked only where its way depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}
