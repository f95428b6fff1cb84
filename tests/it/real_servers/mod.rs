//! Servers and inspectors that other people wrote: OpenSSL's, nginx, Squid, tinyproxy, mitmproxy. Each is started in a
//! folder of its own with a configuration of its own, on loopback, and ended by its id.

mod mitmproxy;
mod nginx;
mod openssl;
mod proxies;
mod squid;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

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
