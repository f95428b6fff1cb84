//! Programs that get along without an intermediate certificate that the server should send.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::facts::ToolId;

/// How a program comes by an intermediate certificate that was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// It carries those of all public CAs along.
    Carries,
    /// It fetches them from the address in the certificate (authorityInfoAccess), over plain HTTP.
    Fetches,
}

/// A program that gets along.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Which toolchain.
    pub tool: ToolId,
    /// How.
    pub way: Way,
    /// Where that is written.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    client: Vec<Client>,
}

static CLIENTS: LazyLock<Vec<Client>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("intermediates.toml"))
        .expect("the file is part of the program and a test reads it");
    file.client
});

/// Returns what is known of a tool that gets along; `None`: it does not, as far as is known.
pub fn find(tool: &ToolId) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.tool == *tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_a_tool_and_has_its_source() {
        for client in CLIENTS.iter() {
            assert!(crate::catalogue::tool(&client.tool).is_some(), "{}", client.tool);
            assert!(!client.source.is_empty(), "{}", client.tool);
        }
        let way = |id: &str| find(&ToolId(id.to_owned())).map(|client| client.way);
        assert_eq!((way("chromium"), way("curl")), (Some(Way::Fetches), None));
    }
}
