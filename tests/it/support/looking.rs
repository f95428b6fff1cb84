//! Asking the library to look at servers of a test, as `check` would.

use std::net::SocketAddr;
use std::time::Duration;

use trustgap::edge::Live;
use trustgap::edge::stores::StoreOverrides;
use trustgap::facts::Environment;
use trustgap::facts::handshake::{Role, TargetLook};
use trustgap::facts::route::{ConnectTo, ProxyChoice};
use trustgap::facts::versions::VersionsLook;
use trustgap::observe::{Depth, Question, ToolScope, look_at_targets, look_at_versions};

/// The longest a step may take in a test that waits for it to pass.
pub(crate) const BRIEF: Duration = Duration::from_millis(600);

/// Returns a question about servers that are found at these addresses, asked directly.
pub(crate) fn question(servers: &[(&str, SocketAddr)]) -> Question {
    let targets = servers.iter().map(|(name, _)| (name.parse().expect("a target"), Role::Asked)).collect();
    let connect_to = servers.iter().map(|(name, address)| detour(name, *address)).collect();
    Question {
        targets,
        tool_hosts: false,
        pages: Vec::new(),
        connect_to,
        proxy: ProxyChoice::Never,
        timeout: Duration::from_secs(10),
        jobs: None,
        stores: StoreOverrides::default(),
        tools: ToolScope::None,
        depth: Depth::OneHandshake,
    }
}

fn detour(name: &str, address: SocketAddr) -> ConnectTo {
    let (host, port) = name.rsplit_once(':').unwrap_or((name, "443"));
    format!("{host}:{port}:{}:{}", address.ip(), address.port()).parse().expect("a detour")
}

/// Looks, from a machine without any variable.
pub(crate) fn look(question: &Question) -> Vec<TargetLook> {
    look_at_targets(&Live::new(None).with_environment(Environment::default()), question)
}

/// Looks at one server.
pub(crate) fn look_at(name: &str, address: SocketAddr) -> TargetLook {
    look(&question(&[(name, address)])).remove(0)
}

/// Looks at one server and gives it little time.
pub(crate) fn look_briefly(name: &str, address: SocketAddr) -> TargetLook {
    look(&Question { timeout: BRIEF, ..question(&[(name, address)]) }).remove(0)
}

/// Asks for every TLS version.
pub(crate) fn versions(question: &Question) -> Vec<VersionsLook> {
    look_at_versions(&Live::new(None).with_environment(Environment::default()), question)
}
