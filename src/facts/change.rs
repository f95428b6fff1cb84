//! What is otherwise than in an earlier record: who signs, and what was found.

use serde::{Deserialize, Serialize};

use super::Fingerprint;
use super::report::{InspectionVerdict, Verdict};

/// Hosts about which the same changed. Texts in here are sanitised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What changed.
    pub kind: ChangeKind,
    /// The targets, as `host:port`.
    pub targets: Vec<String>,
    /// One sentence for people.
    pub message: String,
    /// What follows from it, where something does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// Complete commands, one per line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// How it was in the record; absent for a host that is not in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Situation>,
    /// How it is now.
    pub now: Situation,
}

/// What changed, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It is inspected, and was not.
    NowInspected,
    /// Another CA inspects it: another name.
    OtherInspector,
    /// Its inspecting CA has the same name and is another certificate.
    InspectingCaRotated,
    /// It is not inspected any more.
    NoLongerInspected,
    /// It is not inspected, and another CA issued its certificate.
    OtherIssuer,
    /// The verdict is another one.
    OtherVerdict,
    /// The record does not know it.
    NewHost,
}

/// What was said about a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// `ok` or the headline finding's code.
    pub verdict: Verdict,
    /// Whether it is inspected.
    pub inspection: InspectionVerdict,
    /// The inspecting CA's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// The inspecting CA's fingerprint, where its certificate is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority_sha256: Option<Fingerprint>,
    /// Who issued the certificate, where that is what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}
