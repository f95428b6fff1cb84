//! Servers and inspectors that other people wrote: OpenSSL's, nginx, Squid, mitmproxy. Each is started in a folder of
//! its own with a configuration of its own, on loopback, and ended by its id.

mod mitmproxy;
mod nginx;
mod openssl;
mod squid;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use trustgap::lab::mint::{Authority, Identity, Mint, Profile};
use trustgap::lab::network::pem;

use crate::support::Sandbox;

/// Who signs for the servers of a test, and files in the form that servers read.
struct Scene {
    sandbox: Sandbox,
    mint: Mint,
    root: Authority,
    issuer: Authority,
}

impl Scene {
    fn new() -> Self {
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
    fn trust(&self, added: &[&Authority]) {
        let all = [&self.root].into_iter().chain(added.iter().copied());
        self.sandbox.file("system.pem", pem(all.map(Authority::certificate)));
    }

    fn folder(&self) -> &Path {
        self.sandbox.path()
    }

    /// A public site's certificate, with one thing changed; the chain is the leaf alone.
    fn leaf(&self, host: &str, change: impl FnOnce(&mut Profile)) -> Identity {
        let mut profile = Profile::public_leaf(&[host]);
        change(&mut profile);
        self.issuer.issue(&profile).unwrap()
    }

    /// A public site's certificate with its intermediate.
    fn site(&self, host: &str) -> Identity {
        self.leaf(host, |_| {}).with(&[self.issuer.certificate()])
    }

    /// Writes `NAME.pem` and `NAME.key`.
    fn write(&self, name: &str, identity: &Identity) {
        self.sandbox.file(&format!("{name}.pem"), identity.chain_pem());
        self.sandbox.file(&format!("{name}.key"), identity.key_pem());
    }

    /// Checks hosts at these addresses.
    fn check(&self, servers: &[(&str, SocketAddr)], arguments: &[&str]) -> Value {
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
    fn check_alone(&self, host: &str, at: SocketAddr) -> Value {
        self.check(&[(host, at)], &["--controls=none", "--proxy=none", host])
    }
}

/// The codes found about a host, its verdict first.
fn codes(report: &Value, host: &str) -> Vec<String> {
    let target = target(report, host);
    let found = target["findings"].as_array().unwrap();
    let codes: Vec<String> = found.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    let verdict = codes.first().map_or("ok", String::as_str);
    assert_eq!(target["verdict"], verdict, "{target}");
    codes
}

fn target<'a>(report: &'a Value, host: &str) -> &'a Value {
    let all = report["targets"].as_array().unwrap();
    all.iter().find(|t| t["host"] == host).unwrap_or_else(|| panic!("{host} is not in {report}"))
}

/// The finding of this code.
fn finding<'a>(report: &'a Value, code: &str) -> &'a Value {
    let all = report["findings"].as_array().unwrap();
    all.iter().find(|f| f["code"] == code).unwrap_or_else(|| panic!("no {code} in {report}"))
}

/// A program that serves until it is dropped.
struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts a program in a cleared environment and waits until it listens everywhere it should.
    fn start(program: &Path, folder: &Path, arguments: &[&str], listens: &[SocketAddr]) -> Self {
        let mut daemon = Self::spawn(program, folder, arguments);
        for address in listens {
            daemon.wait_until(|_| TcpStream::connect(address).is_ok());
        }
        daemon
    }

    /// The same for a program that one connection without a request keeps busy: it says when it listens.
    fn start_that_says(program: &Path, folder: &Path, arguments: &[&str], words: &str) -> Self {
        let mut daemon = Self::spawn(program, folder, arguments);
        daemon.wait_until(|log| log.contains(words));
        daemon
    }

    fn spawn(program: &Path, folder: &Path, arguments: &[&str]) -> Self {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let name = program.file_name().unwrap().to_string_lossy().into_owned();
        let log = folder.join(format!("{name}-{}.log", STARTED.fetch_add(1, Ordering::Relaxed)));
        let output = std::fs::File::create(&log).unwrap();
        let child = std::process::Command::new(program)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("LANG", "C.UTF-8")
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|e| panic!("{} does not start: {e}", program.display()));
        Self { child, log }
    }

    fn wait_until(&mut self, ready: impl Fn(&str) -> bool) {
        let patience = Instant::now() + Duration::from_secs(60);
        while !ready(&self.log()) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < patience, "{ended:?}: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ports on which nothing listens now.
fn free_addresses<const N: usize>() -> [SocketAddr; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.each_ref().map(|listener| listener.local_addr().unwrap())
}
