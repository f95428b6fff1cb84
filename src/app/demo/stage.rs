//! What the demo plays on: the lab, temporary folders, and this machine with a cleared environment.

use std::fmt::Write as _;
use std::io;

use clap::Parser;

use super::super::{Answer, Desk, Failure, Streams, carry_out, colour};
use super::script::{Step, Stores};
use crate::cli::Cli;
use crate::edge::{Live, Reading as _, Scratch};
use crate::facts::{Environment, Fingerprint};
use crate::lab::network::pem;
use crate::lab::{Inspector, Network, Presents, Service};
use crate::present::style::Colour;

/// The variables that find programs, temporary files and the terminal's manners; none of them is about trust or proxies.
const KEPT: &[&str] = &[
    "PATH",
    "PATHEXT",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "COMSPEC",
    "PROGRAMFILES",
    "PROGRAMFILES(X86)",
    "TMPDIR",
    "TMP",
    "TEMP",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TERM",
    "SHELL",
    "JAVA_HOME",
    "PYENV_ROOT",
    "NVM_DIR",
    "VOLTA_HOME",
    "ASDF_DATA_DIR",
    "MISE_DATA_DIR",
    "SDKMAN_DIR",
];

/// The lab and the machine to look at it with. Everything is gone when it is dropped.
pub(super) struct Stage {
    network: Network,
    /// The gateway that the tools are sent to: they resolve no other name than `localhost`.
    gateway: Service,
    scratch: Scratch,
    environment: Environment,
    streams: Streams,
    /// What every command is told about the manner of speaking.
    manner: Vec<String>,
}

impl Stage {
    /// Starts the network and makes the folders.
    pub(super) fn set(desk: &Desk) -> Result<Self, Failure> {
        Self::build(desk).map_err(|error| {
            Failure::undetermined(format!("the demo's network could not be started: {error}"))
                .hint("it needs free ports on 127.0.0.1 and a writable folder for temporary files")
        })
    }

    fn build(desk: &Desk) -> io::Result<Self> {
        let network = Network::start()?;
        let gateway =
            Inspector::new(network.authorities.gateway_ca.clone(), Presents::LeafAndCa)?.transparent()?;
        let scratch = Scratch::new()?;
        let home = scratch.folder("home")?.display().to_string();
        let stores = network.stores();
        for (name, store) in [("system.pem", &stores.system), ("web.pem", &stores.web)] {
            scratch.write(name, pem(store.roots.iter().map(|root| &root.certificate)).as_bytes())?;
        }
        let given = desk.live.environment();
        let mut environment: Environment =
            KEPT.iter().filter_map(|name| Some((*name, given.get(name)?))).collect();
        for name in ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"] {
            environment.set(name, home.as_str());
        }
        let painted = colour(desk.common.color, given, desk.streams.output) == Colour::On;
        let mut manner = vec![format!("--color={}", if painted { "always" } else { "never" })];
        manner.extend(desk.common.verbose.then(|| "--verbose".to_owned()));
        manner.extend(desk.common.quiet.then(|| "--quiet".to_owned()));
        Ok(Self { network, gateway, scratch, environment, streams: desk.streams, manner })
    }

    /// Returns `localhost:PORT`, where the gateway answers for the tools.
    pub(super) fn tools_meet(&self) -> String {
        format!("localhost:{}", self.gateway.address().port())
    }

    /// Returns the inspecting CA's fingerprint, as the company's IT department would publish it.
    pub(super) fn published_fingerprint(&self) -> Fingerprint {
        self.network.authorities.gateway_ca.certificate().fingerprint()
    }

    /// Carries out a step as `main` would carry out its command line.
    pub(super) fn carry_out(&self, step: &Step, json: bool) -> Result<Answer, Failure> {
        let mut words = vec!["trustgap".to_owned()];
        words.extend(step.words.iter().cloned());
        words.extend(self.manner.iter().cloned());
        words.extend(self.detours(step));
        words.extend(json.then(|| "--json".to_owned()));
        let cli = Cli::try_parse_from(&words).map_err(|error| {
            let mut what = "the demo does not fit this program".to_owned();
            let _ = write!(what, ": {}", error.kind());
            Failure::undetermined(what)
        })?;
        let own = self.scratch.path().join("trustgap");
        let live = Live::new(Some(own)).with_environment(self.environment.clone());
        carry_out(cli, live, self.streams)
    }

    /// Returns what leads a command into the lab.
    fn detours(&self, step: &Step) -> Vec<String> {
        let mut detours = vec![format!("--controls={}", step.controls), "--proxy=none".to_owned()];
        if step.stores == Stores::OfTheLab {
            for (option, file) in [("--system-roots", "system.pem"), ("--web-roots", "web.pem")] {
                detours.push(format!("{option}={}", self.scratch.path().join(file).display()));
            }
        }
        let direct = self.network.endpoints.iter().filter(|endpoint| endpoint.proxy.is_none());
        detours.extend(direct.map(|endpoint| format!("--connect-to={}", endpoint.connect_to())));
        detours
    }
}
