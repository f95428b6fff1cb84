//! The answer of `probe`: what is known about single servers, beside the report that `check` gives. Every text in it
//! is sanitised.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::offers::Offer;
use super::report::{CertificateReport, Report, Severity};
use super::versions::KeyExchange;
use super::{Fingerprint, Host, TlsVersion, ToolId};

/// The answer of `probe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// What `check` says, of the tools only what keeps them from these servers.
    #[serde(flatten)]
    pub report: Report,
    /// Where one server was named: its [`ServerReport::versions`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<BTreeMap<TlsVersion, String>>,
    /// Where one server was named: its [`ServerReport::staple`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staple: Option<StapleAnswer>,
    /// The servers that were named, in their order.
    pub servers: Vec<ServerReport>,
    /// The chain file that was written (`--fix-chain`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<WrittenChain>,
}

/// A chain file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenChain {
    /// Where.
    pub path: String,
    /// SHA-256 of the whole file.
    pub sha256: Fingerprint,
}

/// One server in depth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerReport {
    /// Host.
    pub host: Host,
    /// Port.
    pub port: u16,
    /// Every TLS version in a word: `accepted`, `refused`, `reset`, `silent` or `not-examined`; absent when none was
    /// asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<BTreeMap<TlsVersion, String>>,
    /// The same answers in full.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<TlsVersion, VersionReport>,
    /// Whether it can agree on keys with forward secrecy up to TLS 1.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_secrecy: Option<bool>,
    /// Bits of its finite-field Diffie-Hellman group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diffie_hellman_bits: Option<usize>,
    /// Whether it renegotiates securely (RFC 5746).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_renegotiation: Option<bool>,
    /// What should change about its versions and keys by today's rules, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<String>,
    /// What it sent, in the order sent, and behind that what was found elsewhere and belongs to a path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<LinkReport>,
    /// Where the chain leads, for each store.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<PathReport>,
    /// The PEM file it should send: its own certificate, the intermediates, no root. Absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_to_send: Option<String>,
    /// Why it is not known what it should send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_unknown: Option<String>,
    /// The stapled OCSP response, or that there is none; absent when the handshake did not come so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staple: Option<StapleAnswer>,
    /// The toolchains of this machine and this server; absent when none was examined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meetings: Option<Vec<MeetingReport>>,
}

/// What became of one TLS version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionReport {
    /// The word, as in [`ServerReport::versions`].
    pub answer: String,
    /// The cipher suite it chose, in IANA's spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cipher_suite: Option<String>,
    /// How keys are agreed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_exchange: Option<KeyExchange>,
    /// The alert it refused with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertReport>,
    /// The older version it chose instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub downgraded_to: Option<TlsVersion>,
    /// What happened, in words that end a line.
    pub words: String,
}

/// A TLS alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertReport {
    /// Its number.
    pub number: u8,
    /// Its name in RFC 8446.
    pub name: String,
}

/// A certificate of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkReport {
    /// What every report says about a certificate.
    #[serde(flatten)]
    pub certificate: CertificateReport,
    /// The name people know it by.
    pub name: String,
    /// Its place in what was sent, counted from 1; absent when it was not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    /// Where it is, beside what was sent: stores, other targets, an address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found_in: Vec<String>,
    /// Its key, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The algorithm it was signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Of the server's own certificate: the hosts it is for, the first hundred of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Of the server's own certificate: how many hosts it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_count: Option<usize>,
    /// Of the server's own certificate: whether it is for the host that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_for_host: Option<bool>,
    /// Of the server's own certificate: how many certificate-transparency timestamps are embedded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_timestamps: Option<usize>,
    /// What is remarkable about its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<LinkRemark>,
}

/// What is remarkable about a certificate's place in what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkRemark {
    /// It was sent before.
    Duplicate,
    /// It belongs between what was sent and the root, and was not sent.
    Missing,
    /// It stands before the certificate that it signed.
    OutOfOrder,
    /// A root: clients have it or must not take it from the server.
    RootIncluded,
    /// It signed nothing of the chain.
    Unrelated,
    /// It is no certificate.
    Unreadable,
}

/// Where a chain leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathReport {
    /// The stores of which this is the path: `system`, `web`, `environment`.
    pub stores: Vec<String>,
    /// Whether a client with these roots connects.
    pub trusted: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The certificates, from the server's own to the end.
    pub certificates: Vec<Fingerprint>,
    /// Whether the last one is a root of these stores.
    pub anchored: bool,
    /// The issuer that was found nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_issuer: Option<String>,
}

/// What is known about a server's OCSP staple.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StapleAnswer {
    /// `none`, `good`, `revoked`, `unknown`, or `unusable` where it says nothing about the certificate.
    pub status: String,
    /// Whether the certificate demands one (RFC 7633, must-staple).
    pub demanded: bool,
    /// Whether it proves what it says; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<bool>,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// Who answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responder: Option<String>,
    /// When the response was made.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub produced_at: Option<OffsetDateTime>,
    /// From when on it holds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub this_update: Option<OffsetDateTime>,
    /// By when there will be a newer one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub next_update: Option<OffsetDateTime>,
    /// Where the certificate says that its status can be asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responders: Vec<String>,
}

/// One installation and one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingReport {
    /// Which toolchain.
    pub tool: ToolId,
    /// Its name as its makers write it.
    pub name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The program.
    pub path: String,
    /// What its own ClientHello says; absent when none was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// Why nothing was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unheard: Option<String>,
    /// What the server answered to that ClientHello; absent when it was not put before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<MeetingWords>,
    /// Whether they still agree when TLS 1.0 and 1.1 are switched off; absent when that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_old_versions: Option<bool>,
    /// Whether its roots accept the chain; absent when there is no chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<ChainWords>,
}

/// What a server answered to a program's ClientHello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingWords {
    /// `agreed`, `refused`, `reset`, `too-old`, `signature-too-weak` or `not-examined`.
    pub result: String,
    /// The version agreed on or chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<TlsVersion>,
    /// The cipher suite, in IANA's spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cipher_suite: Option<String>,
    /// The alert it refused with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertReport>,
    /// Why, where a word does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a toolchain's roots say to a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainWords {
    /// What.
    pub result: ChainResult,
    /// Why, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a toolchain's roots say to a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChainResult {
    /// The server leaves an intermediate out, and the tool fetches or has it.
    Completes,
    /// The server leaves an intermediate out, and the tool has it not.
    Incomplete,
    /// Its roots do not have the one that the chain leads to.
    LacksRoot,
    /// It verifies nothing.
    NotVerified,
    /// It has the root and refuses for another reason.
    Refused,
    /// It accepts the chain.
    Trusted,
    /// It cannot be told.
    Unknown,
    /// The chain ends at an issuer that was neither sent nor found.
    UnknownIssuer,
    /// A setting names a file that it cannot use, so it does not work at all.
    Unusable,
}

impl ProbeReport {
    /// Returns the exit code: that of the report, and 1 where a toolchain of this machine cannot talk to a server.
    pub fn exit_code(&self) -> u8 {
        let problem = self.report.findings.iter().any(|f| f.severity == Severity::Problem);
        let kept_out = || self.servers.iter().flat_map(|s| s.meetings.iter().flatten());
        if problem || kept_out().any(MeetingReport::is_kept_out) { 1 } else { self.report.exit_code() }
    }
}

impl MeetingReport {
    /// Whether it is known that the tool does not come to a connection.
    pub fn is_kept_out(&self) -> bool {
        let refused = self
            .answer
            .as_ref()
            .is_some_and(|answer| !matches!(answer.result.as_str(), "agreed" | "not-examined"));
        let distrusts = self.chain.as_ref().is_some_and(|chain| {
            matches!(
                chain.result,
                ChainResult::Incomplete
                    | ChainResult::LacksRoot
                    | ChainResult::Refused
                    | ChainResult::UnknownIssuer
                    | ChainResult::Unusable
            )
        });
        refused || distrusts
    }
}
