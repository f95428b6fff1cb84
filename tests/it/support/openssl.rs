//! OpenSSL's own server, which speaks what modern libraries no longer do.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use super::Sandbox;

/// `openssl s_server` on a free port; it ends when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(openssl: &Path, folder: &Path, arguments: &[&str]) -> Self {
        let mut child = std::process::Command::new(openssl)
            .env_clear()
            .args(["s_server", "-accept", "127.0.0.1:0", "-cert", "chain.pem", "-key", "key.pem"])
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl starts");
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let address = lines
            .find_map(|line| line.ok()?.strip_prefix("ACCEPT ")?.parse().ok())
            .unwrap_or_else(|| panic!("openssl s_server {arguments:?} does not listen"));
        // what it prints later would fill the pipe
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a key and a self-signed certificate with them.
pub(crate) fn mint(openssl: &Path, sandbox: &Sandbox, arguments: &[&str]) -> PathBuf {
    let made = sandbox
        .program(openssl)
        .args(["req", "-x509", "-nodes", "-days", "30", "-keyout", "key.pem", "-out", "chain.pem"])
        .args(["-subj", "/CN=old.fabrikam.example", "-addext", "subjectAltName=DNS:old.fabrikam.example"])
        .args(arguments)
        .folder(sandbox.path())
        .output();
    assert_eq!(made.code, Some(0), "{made:?}");
    sandbox.path().to_owned()
}
