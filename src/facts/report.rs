//! The finished answer: what text, JSON and Markdown are views of. `docs/report.schema.json` describes it.
//!
//! Texts in here are already sanitised and redacted; keys and codes are stable (adding is compatible, renaming is not).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::change::Change;
use super::tool::{Context, ToolId};
use super::{Code, Fingerprint, Host, TlsVersion};

/// Version of the JSON form.
pub const SCHEMA_VERSION: u32 = 1;

/// The answer of `check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Version of this program.
    pub tool_version: String,
    /// The time everything was judged at.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// The headline.
    pub inspection: Inspection,
    /// Host by host.
    pub targets: Vec<TargetReport>,
    /// What was found, most important first.
    pub findings: Vec<Finding>,
    /// The toolchains, when they were examined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<ToolReport>>,
    /// The stores everything was judged against.
    pub stores: StoresReport,
    /// When the record was made that this is compared with (`--baseline`).
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub baseline_time: Option<OffsetDateTime>,
    /// What is otherwise than in that record, the gravest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<Change>>,
}

/// Whether this network inspects TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// The answer over all targets and controls.
    pub verdict: InspectionVerdict,
    /// How sure it is.
    pub certainty: Certainty,
    /// Who inspects.
    pub authorities: Vec<Authority>,
}

/// The headline's three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InspectionVerdict {
    /// At least one host is inspected.
    Inspected,
    /// Hosts that would show it are not inspected.
    NotInspected,
    /// What was seen does not tell.
    Unknown,
}

/// How sure a statement is; the order is from surest to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Proved.
    Is,
    /// Strong evidence, which the finding names.
    LooksLike,
    /// Something needed to tell is missing, which the finding names.
    CannotTell,
}

/// An inspecting CA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// Its distinguished name.
    pub subject: String,
    /// Its fingerprint; of the issuer's certificate. Absent when only its name is known (leaf only on the wire, CA in no store).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Fingerprint>,
    /// The product it belongs to by its name; a label, never the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Whether the system store holds it.
    pub in_system_store: bool,
    /// Whether the web roots hold it.
    pub in_web_roots: bool,
    /// The targets it signs, as `host:port`.
    pub targets: Vec<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub not_after: Option<OffsetDateTime>,
    /// What is wrong with the CA certificate itself.
    pub weaknesses: Vec<Code>,
    /// The certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
}

/// One target's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetReport {
    /// Host.
    pub host: Host,
    /// Port.
    pub port: u16,
    /// Why it was looked at: `asked`, `control`, `tool`, `well-known`, `saved`.
    pub role: String,
    /// The address that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The proxy used, without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The ways of the programs here, where a proxy is in play.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<WayReport>,
    /// `ok` or the headline finding's code.
    pub verdict: Verdict,
    /// All codes of this target, headline first.
    pub findings: Vec<Code>,
    /// Whether this very host is inspected.
    pub inspection: InspectionVerdict,
    /// TLS version agreed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_version: Option<TlsVersion>,
    /// The presented chain, leaf first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<CertificateReport>,
    /// Judged against the system store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<TrustReport>,
    /// Judged against the web roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web: Option<TrustReport>,
    /// Judged against what `SSL_CERT_FILE` and `SSL_CERT_DIR` give, where they are set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<TrustReport>,
    /// Milliseconds from the start of the look to the TCP connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_ms: Option<u64>,
    /// The stapled OCSP response, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staple: Option<StapleReport>,
    /// Milliseconds of the TLS handshake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake_ms: Option<u64>,
}

/// The way of a family of programs to a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayReport {
    /// The family's stable id.
    pub client: String,
    /// Its name.
    pub name: String,
    /// The proxy it goes through, without credentials; absent when it goes directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Who says so: a variable, a place, an exemption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<String>,
}

/// A stapled OCSP response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StapleReport {
    /// `good`, `revoked` or `unknown`; absent when it says nothing about the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether it proves what it says.
    pub sound: bool,
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
}

/// `ok`, or a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing wrong.
    Ok,
    /// The headline finding.
    Found(Code),
}

/// A certificate of a presented chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateReport {
    /// Subject's distinguished name.
    pub subject: String,
    /// Issuer's distinguished name.
    pub issuer: String,
    /// Fingerprint.
    pub sha256: Fingerprint,
    /// Start of validity; absent when the certificate cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub not_before: Option<OffsetDateTime>,
    /// End of validity; absent when the certificate cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub not_after: Option<OffsetDateTime>,
    /// Marked as a CA.
    pub is_ca: bool,
    /// Issued by itself.
    pub self_signed: bool,
}

/// A store's answer to a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustReport {
    /// Whether a client with this store connects.
    pub trusted: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The root that closed the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_sha256: Option<Fingerprint>,
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub certainty: Certainty,
    /// Whom or what it is about: `host:port`, a tool, a CA.
    pub subject: String,
    /// One sentence for people.
    pub message: String,
    /// What it rests on, one sentence each.
    pub evidence: Vec<String>,
    /// Look-alikes that were considered, and what excludes each.
    pub ruled_out: Vec<RuledOut>,
    /// Named values a person will ask for: dates, names, fingerprints, paths.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub values: serde_json::Map<String, serde_json::Value>,
    /// What to do, and who has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

/// How bad a finding is; the order is from worst to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Something does not work, or traffic is inspected: exit code 1.
    Problem,
    /// Could not be found out: exit code 3 when nothing else was found.
    Unknown,
    /// Worth knowing: does not change the exit code.
    Information,
}

/// A look-alike that it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuledOut {
    /// The look-alike.
    pub code: Code,
    /// What excludes it.
    pub because: String,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// Who has to.
    pub owner: Owner,
    /// What, in a sentence or two.
    pub text: String,
    /// Complete commands, one per line, if there are any.
    pub commands: Vec<String>,
}

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// The reader's IT department.
    ItDepartment,
    /// Whoever operates the server.
    ServerOperator,
    /// The reader.
    You,
}

/// One installation of a toolchain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolReport {
    /// Which.
    pub id: ToolId,
    /// Its name as its makers write it.
    pub name: String,
    /// Its version, where it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it is.
    pub path: String,
    /// Whether it is the one that its name starts.
    pub first: bool,
    /// The runtime that runs it, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The roots really in effect.
    pub roots: RootsReport,
    /// Whether it trusts the CAs of this network; absent when there are none or it cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusts_network: Option<bool>,
    /// Whether it trusts the public roots; absent when it cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusts_public: Option<bool>,
    /// Every setting that was seen, strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<SettingReport>,
    /// What could not be found out about it, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// For a library that makes other programs follow the system store, and does so here: what trusting it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alters: Option<String>,
    /// What surprises people about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What is wrong.
    pub findings: Vec<Code>,
}

/// A setting of a tool that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingReport {
    /// The variable or key.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it stands: `environment`, or a file with its line.
    pub place: String,
    /// For a variable: the start-up file with its line that sets it, where one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_in: Option<String>,
    /// For a variable: from where what is started has it, too, as far as start-up files tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_for: Option<Vec<Context>>,
    /// What becomes of it.
    pub state: SettingState,
    /// Why it is not read, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What beats it, where something does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beaten_by: Option<String>,
}

/// What becomes of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingState {
    /// This version of the tool does not read it.
    Ignored,
    /// It counts.
    InEffect,
    /// A stronger one beats it.
    Overridden,
    /// It switches verification off.
    SwitchesOff,
}

/// The roots a tool really uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootsReport {
    /// `bundled`, `system`, `file`, `none` and combinations with `+`.
    pub class: String,
    /// File, folder or store.
    pub source: String,
    /// What decided it: `default`, a variable, a config file with its line.
    pub set_by: String,
}

/// The stores, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoresReport {
    /// The system store.
    pub system: StoreReport,
    /// The web roots.
    pub web: StoreReport,
    /// What the environment gives, where it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<StoreReport>,
}

/// A store, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreReport {
    /// Where it is.
    pub source: String,
    /// How many roots it holds.
    pub count: usize,
    /// What somebody added to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_additions: Option<Vec<LocalAddition>>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// A root that did not come with the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalAddition {
    /// Its distinguished name.
    pub subject: String,
    /// Its fingerprint.
    pub sha256: Fingerprint,
    /// Who added it: `administrator`, `user`, `unknown`.
    pub added_by: super::store::Origin,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub not_after: Option<OffsetDateTime>,
}

/// Returns the common name of a distinguished name in text form, or the whole where there is none.
pub fn common_name(subject: &str) -> &str {
    let after = subject.strip_prefix("CN=").or_else(|| subject.split_once(", CN=").map(|(_, rest)| rest));
    after.map_or(subject, |rest| rest.split(", ").next().unwrap_or(rest))
}

impl Report {
    /// Returns the exit code: 1 something found, 3 could not find out, 0 nothing wrong.
    pub fn exit_code(&self) -> u8 {
        match self.findings.iter().map(|f| f.severity).min() {
            Some(Severity::Problem) => 1,
            Some(Severity::Unknown) => 3,
            Some(Severity::Information) | None => 0,
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ok => serializer.serialize_str("ok"),
            Self::Found(code) => code.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "ok" {
            return Ok(Self::Ok);
        }
        text.parse().map(Self::Found).map_err(|()| serde::de::Error::custom(format!("unknown code `{text}`")))
    }
}
