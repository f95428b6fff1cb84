//! Whether traffic is inspected, from evidence and never from a product's name.

use crate::facts::report::{Certainty, InspectionVerdict};
use crate::facts::{Certificate, Observations};

use super::TrustJudgement;

/// The headline, and who inspects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The answer over all targets and controls.
    pub verdict: InspectionVerdict,
    /// How sure it is.
    pub certainty: Certainty,
    /// The inspecting CAs, each once, the one that signs most targets first.
    pub authorities: Vec<Authority>,
}

/// An inspecting CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its distinguished name, hostile text.
    pub name: String,
    /// Its certificate; absent when only its name is known (leaf only on the wire, CA in no store).
    pub certificate: Option<Certificate>,
    /// Whether the system store holds it.
    pub in_system_store: bool,
    /// Whether the web roots hold it.
    pub in_web_roots: bool,
    /// Indices of the targets it signs.
    pub targets: Vec<usize>,
    /// The product that its name belongs to; a label, never evidence.
    pub vendor: Option<String>,
    /// Indices of the targets that the same product signs with a CA for origins it does not trust itself.
    pub distrusted_origins: Vec<usize>,
}

/// Whether one host is inspected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostInspection {
    /// The answer.
    pub verdict: InspectionVerdict,
    /// How sure it is.
    pub certainty: Certainty,
    /// Index into [`Inspection::authorities`].
    pub authority: Option<usize>,
    /// What the answer rests on.
    pub evidence: Vec<Evidence>,
}

/// One piece of evidence for or against inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The chain leads to a web root.
    LeadsToWebRoot,
}

/// Decides for every target and for all of them together.
pub(super) fn judge(
    observations: &Observations,
    _trust: &[Option<TrustJudgement>],
) -> (Inspection, Vec<HostInspection>) {
    let unknown = HostInspection {
        verdict: InspectionVerdict::Unknown,
        certainty: Certainty::CannotTell,
        authority: None,
        evidence: Vec::new(),
    };
    let headline = Inspection {
        verdict: InspectionVerdict::Unknown,
        certainty: Certainty::CannotTell,
        authorities: Vec::new(),
    };
    (headline, vec![unknown; observations.targets.len()])
}
