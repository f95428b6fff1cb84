//! A place of its own for each test: an empty home, a folder for trustgap's files, and nothing of this machine's settings.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use trustgap::facts::RootStore;
use trustgap::lab::Network;
use trustgap::lab::network::pem;

use super::run::Command;

/// Temporary folders that vanish with it.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("trustgap-it-").tempdir().expect("a temporary folder");
        for name in ["home", "own", "work"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder in it");
        }
        Self { folder }
    }

    /// Returns the empty home.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Returns trustgap's own folder (`TRUSTGAP_HOME`).
    pub(crate) fn own(&self) -> PathBuf {
        self.folder.path().join("own")
    }

    /// Returns the folder that holds everything.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file beside the home and returns its path.
    pub(crate) fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("its folder");
        }
        std::fs::write(&path, contents).expect("a file in a temporary folder");
        path
    }

    /// Returns the real program, ready for arguments.
    pub(crate) fn trustgap(&self) -> Command {
        self.program(env!("CARGO_BIN_EXE_trustgap")).env("TRUSTGAP_HOME", self.own())
    }

    /// Returns any program, in a cleared environment with an empty home.
    pub(crate) fn program(&self, program: impl Into<PathBuf>) -> Command {
        let home = self.home();
        Command::new(program)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .env("USERPROFILE", &home)
            .env("LANG", "C.UTF-8")
            .folder(self.folder.path().join("work"))
    }

    /// Returns the arguments that put a command into the lab: its stores, its addresses, no other hosts; the proxy is
    /// for the test to name.
    pub(crate) fn in_lab(&self, network: &Network) -> Vec<String> {
        let stores = network.stores();
        let system = self.file("system-roots.pem", store_pem(&stores.system));
        let web = self.file("web-roots.pem", store_pem(&stores.web));
        let mut arguments = vec![
            format!("--system-roots={}", system.display()),
            format!("--web-roots={}", web.display()),
            "--controls=none".to_owned(),
        ];
        let direct = network.endpoints.iter().filter(|e| e.proxy.is_none());
        arguments.extend(direct.map(|e| format!("--connect-to={}", e.connect_to())));
        arguments
    }
}

fn store_pem(store: &RootStore) -> String {
    pem(store.roots.iter().map(|root| &root.certificate))
}
