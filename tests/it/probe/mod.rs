//! One server in depth: `probe`, through the real program.

mod chains;
mod programs;
mod staples;
mod text;
mod versions;

use std::net::SocketAddr;

use serde_json::Value;
use trustgap::facts::report::Verdict;
use trustgap::lab::{Identity, Mint, Network};

use crate::support::{Command, Run, Sandbox, assert_documented};

/// Authorities and what the tests put there, with a machine of its own to look from.
struct Place {
    network: Network,
    sandbox: Sandbox,
}

impl Place {
    fn new() -> Self {
        Self { network: Network::empty(Mint::now()).unwrap(), sandbox: Sandbox::new() }
    }

    /// The whole lab.
    fn full() -> Self {
        Self { network: Network::start().unwrap(), sandbox: Sandbox::new() }
    }

    fn serve(&mut self, host: &str, identity: Identity) {
        self.network.tls("a site of the test", host, identity, Verdict::Ok).unwrap();
    }

    /// The program, ready to look at a host of this network alone; no programs are heard unless the test says which.
    fn probe(&self, host: &str, arguments: &[&str]) -> Command {
        let own_tools = arguments.iter().any(|a| a.starts_with("--tool"));
        self.sandbox
            .trustgap()
            .args(["probe", host, "--proxy=none"])
            .args(self.sandbox.in_lab(&self.network))
            .args(if own_tools { vec!["--timeout=20"] } else { vec!["--tool=none", "--timeout=2"] })
            .args(arguments)
    }

    fn json(&self, host: &str, arguments: &[&str]) -> Value {
        documented(&self.probe(host, arguments).arg("--json").output())
    }
}

/// Returns the JSON of a run, which is as the schema says.
fn documented(run: &Run) -> Value {
    let document = run.json();
    assert_documented(&document, "probe");
    document
}

/// The option that leads a host to an address.
fn detour(host: &str, address: SocketAddr) -> String {
    format!("--connect-to={host}:443:{address}")
}
