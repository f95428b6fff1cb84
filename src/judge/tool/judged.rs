//! Every installation that was seen, judged in the environment it was seen in.

use super::predict::{Predictor, ToolTrust};
use super::seen::View;
use crate::catalogue::{self, Tool};
use crate::facts::store::Origin;
use crate::facts::tool::ToolLook;
use crate::facts::{Certificate, Observations};
use crate::judge::Judgement;

/// One installation, judged.
#[derive(Clone, Debug)]
pub struct ToolJudgement<'a> {
    /// What is known about the tool.
    pub tool: &'static Tool,
    /// The installation.
    pub look: &'a ToolLook,
    /// What it trusts.
    pub trust: ToolTrust<'a>,
}

/// The CAs that a tool must trust to work here, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    /// Servers that were looked at lead to them, and they are in the system store.
    Met(Vec<Certificate>),
    /// No server was looked at that would tell: they were added to the system store by somebody.
    Added(Vec<Certificate>),
}

impl Needed {
    /// Works out which CAs are needed: those that closed a chain with the system store and not with the web roots.
    pub fn of(observations: &Observations, judgement: &Judgement) -> Self {
        let mut met: Vec<Certificate> = Vec::new();
        for trust in judgement.targets.iter().filter_map(|t| t.trust.as_ref()) {
            let anchor =
                trust.system.anchor().filter(|_| trust.system.is_trusted() && !trust.web.is_trusted());
            if let Some(anchor) = anchor.filter(|a| !met.contains(a)) {
                met.push(anchor.clone());
            }
        }
        if judgement.targets.iter().any(|t| t.trust.is_some()) {
            return Self::Met(met);
        }
        let added = observations.stores.system.roots.iter().filter(|r| r.origin == Origin::Administrator);
        let in_force = |c: &Certificate| c.details().is_ok_and(|d| d.not_after >= observations.time);
        Self::Added(added.map(|r| r.certificate.clone()).filter(in_force).collect())
    }

    /// Returns the CAs.
    pub fn certificates(&self) -> &[Certificate] {
        match self {
            Self::Added(all) | Self::Met(all) => all,
        }
    }
}

/// Judges every installation.
pub fn judge<'a>(observations: &'a Observations, needed: &Needed) -> Vec<ToolJudgement<'a>> {
    let needed = needed.certificates().to_vec();
    let predictor = Predictor::new(&observations.stores, &observations.files, needed, observations.time);
    let looks = observations.tools.iter().filter_map(|look| Some((look, catalogue::tool(&look.id)?)));
    looks
        .map(|(look, tool)| {
            let view =
                View { tool, look, environment: &observations.environment, os: observations.platform.os };
            ToolJudgement { tool, look, trust: predictor.trust(view) }
        })
        .collect()
}
