//! What a command wants to know: whom to look at, by which way, how patiently, and which tools.

use std::time::Duration;

use crate::edge::stores::StoreOverrides;
use crate::facts::ToolId;
use crate::facts::handshake::Role;
use crate::facts::page::Page;
use crate::facts::route::{ConnectTo, ProxyChoice};
use crate::facts::target::Target;

/// Everything that decides what is observed. It holds no defaults of its own: the application fills it in.
#[derive(Clone, Debug)]
pub struct Question {
    /// Whom to look at and why, each target once, in the order they are reported.
    pub targets: Vec<(Target, Role)>,
    /// Whether the hosts that this machine's tools use are looked at too, before the others; needs [`Self::tools`].
    pub tool_hosts: bool,
    /// Pages of public sites that tell whether a login page answers in place of the network; asked only where public
    /// sites look caught.
    pub pages: Vec<Page>,
    /// Detours (`--connect-to`), first match wins.
    pub connect_to: Vec<ConnectTo>,
    /// Which proxy leads out.
    pub proxy: ProxyChoice,
    /// The longest a single step may take.
    pub timeout: Duration,
    /// How many targets are looked at at the same time; all of them when absent.
    pub jobs: Option<usize>,
    /// Stores that take the place of this machine's.
    pub stores: StoreOverrides,
    /// Which toolchains are examined.
    pub tools: ToolScope,
    /// How closely the targets are looked at that the user named.
    pub depth: Depth,
}

/// How closely a server is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Every TLS version is asked for, and the ClientHellos of the examined toolchains are heard and put before it.
    InDepth,
    /// One handshake.
    #[default]
    OneHandshake,
}

/// Which toolchains are examined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ToolScope {
    /// Every toolchain that is found.
    All,
    /// None: the command does not ask for them.
    #[default]
    None,
    /// These, by their ids.
    Only(Vec<ToolId>),
}
