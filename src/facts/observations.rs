//! Everything that was seen in one run: the only thing that judging gets, the only fixture format, and what
//! `--record` saves and `--replay` reads.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::clock::ClockSample;
use super::handshake::TargetLook;
use super::issuer::IssuerLook;
use super::offers::{MeetingsLook, OfferLook};
use super::page::PageLook;
use super::proxies::{ClientLook, ConfiguredProxy};
use super::tool::{Export, FileLook, ToolLook};
use super::versions::VersionsLook;
use super::{Environment, Platform, Stores};

/// Version of the record format; raised when a reader of the old form would misunderstand the new one.
pub const RECORD_VERSION: u32 = 1;

/// A machine and its network at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observations {
    /// [`RECORD_VERSION`].
    pub record_version: u32,
    /// Version of the program that looked.
    pub tool_version: String,
    /// The machine's clock when looking began, or the time the user asked to judge at (`--at`).
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// Whether the user chose that time: then nothing that it makes invalid is the clock's fault.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub time_chosen: bool,
    /// The computer.
    pub platform: Platform,
    /// The variables that matter to TLS, proxies and the tools; never the whole environment.
    pub environment: Environment,
    /// The root stores.
    pub stores: Stores,
    /// The targets and the control hosts, in the order they are reported.
    pub targets: Vec<TargetLook>,
    /// What stands behind the addresses at which issuers can be fetched; only those that were needed were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<IssuerLook>,
    /// What other computers say the time is; asked only where a chain is outside its validity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clock: Vec<ClockSample>,
    /// The proxies that are configured elsewhere than in the environment; read only where the way that the
    /// environment names led nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proxies: Vec<ConfiguredProxy>,
    /// Pages of public sites, asked over plain HTTP where everything looked as it does behind a login page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<PageLook>,
    /// The families of clients on this machine; looked for only where a proxy is configured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<ClientLook>,
    /// The toolchains that were examined; empty when the command does not ask for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolLook>,
    /// The files of certificates that settings and tools name; each path once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileLook>,
    /// Where the variables that matter are set for what is started later; later ones win.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<Export>,
    /// Which TLS versions the targets accept; of those that were looked at in depth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<VersionsLook>,
    /// What the toolchains offer when they speak TLS; absent when the command does not ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offers: Option<Vec<OfferLook>>,
    /// What the targets that were looked at in depth answer to these offers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meetings: Vec<MeetingsLook>,
}

impl Observations {
    /// Chooses another time for judging; nothing changes without one.
    pub fn judge_at(&mut self, time: Option<OffsetDateTime>) {
        if let Some(time) = time {
            self.time = time;
            self.time_chosen = true;
        }
    }

    /// Starts observations in which nothing was looked at yet.
    pub fn new(time: OffsetDateTime, platform: Platform) -> Self {
        Self {
            record_version: RECORD_VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            time,
            time_chosen: false,
            platform,
            environment: Environment::default(),
            stores: Stores::default(),
            targets: Vec::new(),
            issuers: Vec::new(),
            clock: Vec::new(),
            proxies: Vec::new(),
            clients: Vec::new(),
            pages: Vec::new(),
            tools: Vec::new(),
            files: Vec::new(),
            exports: Vec::new(),
            versions: Vec::new(),
            offers: None,
            meetings: Vec::new(),
        }
    }
}
