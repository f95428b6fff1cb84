//! Who signs for the servers of a test, and the real program sent to look at them.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::Value;
use trustgap::lab::mint::{Authority, Identity, Mint, Profile};
use trustgap::lab::network::pem;

use super::Sandbox;

/// Who signs for the servers of a test, and files in the form that servers read.
pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    pub(crate) mint: Mint,
    pub(crate) root: Authority,
    pub(crate) issuer: Authority,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let mint = Mint::now();
        let root = mint.root_of(&Profile::root("Public Trust Root").of("Public Trust")).unwrap();
        let issuer = root.subordinate("Public Trust Issuing 1").unwrap();
        let scene = Self { sandbox: Sandbox::new(), mint, root, issuer };
        scene.sandbox.file("web.pem", scene.root.certificate().pem());
        scene.sandbox.file("issuer.pem", scene.issuer.certificate().pem());
        scene.sandbox.file("issuer.key", scene.issuer.key_pem());
        scene.trust(&[]);
        scene
    }

    /// Puts these CAs into the system store, beside the public root.
    pub(crate) fn trust(&self, added: &[&Authority]) {
        let all = [&self.root].into_iter().chain(added.iter().copied());
        self.sandbox.file("system.pem", pem(all.map(Authority::certificate)));
    }

    pub(crate) fn folder(&self) -> &Path {
        self.sandbox.path()
    }

    /// A public site's certificate, with one thing changed; the chain is the leaf alone.
    pub(crate) fn leaf(&self, host: &str, change: impl FnOnce(&mut Profile)) -> Identity {
        let mut profile = Profile::public_leaf(&[host]);
        change(&mut profile);
        self.issuer.issue(&profile).unwrap()
    }

    /// A public site's certificate with its intermediate.
    pub(crate) fn site(&self, host: &str) -> Identity {
        self.leaf(host, |_| {}).with(&[self.issuer.certificate()])
    }

    /// Writes `NAME.pem` and `NAME.key`.
    pub(crate) fn write(&self, name: &str, identity: &Identity) {
        self.sandbox.file(&format!("{name}.pem"), identity.chain_pem());
        self.sandbox.file(&format!("{name}.key"), identity.key_pem());
    }

    /// Checks hosts at these addresses.
    pub(crate) fn check(&self, servers: &[(&str, SocketAddr)], arguments: &[&str]) -> Value {
        let run = self
            .sandbox
            .trustgap()
            .args(["check", "--json", "--timeout=10", "--web-roots"])
            .arg(self.folder().join("web.pem"))
            .arg("--system-roots")
            .arg(self.folder().join("system.pem"))
            .args(
                servers.iter().map(|(host, at)| format!("--connect-to={host}:443:{}:{}", at.ip(), at.port())),
            )
            .args(arguments)
            .output();
        assert!(matches!(run.code, Some(0 | 1 | 3)), "{}", run.text());
        run.json()
    }

    /// Checks one host alone, without anything beside it.
    pub(crate) fn check_alone(&self, host: &str, at: SocketAddr) -> Value {
        self.check(&[(host, at)], &["--controls=none", "--proxy=none", host])
    }
}

/// The codes found about a host, its verdict first.
pub(crate) fn codes(report: &Value, host: &str) -> Vec<String> {
    let target = target(report, host);
    let found = target["findings"].as_array().unwrap();
    let codes: Vec<String> = found.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    let verdict = codes.first().map_or("ok", String::as_str);
    assert_eq!(target["verdict"], verdict, "{target}");
    codes
}

pub(crate) fn target<'a>(report: &'a Value, host: &str) -> &'a Value {
    let all = report["targets"].as_array().unwrap();
    all.iter().find(|t| t["host"] == host).unwrap_or_else(|| panic!("{host} is not in {report}"))
}

/// The finding of this code.
pub(crate) fn finding<'a>(report: &'a Value, code: &str) -> &'a Value {
    let all = report["findings"].as_array().unwrap();
    all.iter().find(|f| f["code"] == code).unwrap_or_else(|| panic!("no {code} in {report}"))
}
