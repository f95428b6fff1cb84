//! What each tool's roots say about each host, to be held against what the tool does.

use super::super::documents::Document;
use crate::catalogue;
use crate::facts::tool::ToolLook;
use crate::facts::{Certificate, Environment, Observations, Os, Target};
use crate::judge::tool::{Predictor, View};
use crate::judge::{Judgement, TargetJudgement, signed_by};

/// One predictor per host whose CA is known.
pub struct Predictions<'a> {
    os: Os,
    hosts: Vec<(Target, Predictor<'a>)>,
}

impl<'a> Predictions<'a> {
    /// Prepares for the hosts that were looked at; `confirmed` are CAs that the user confirmed, `own` our files.
    pub fn new(
        observations: &'a Observations,
        judgement: &Judgement,
        confirmed: &[Certificate],
        own: &[Document],
    ) -> Self {
        let host = |(look, judged): (&crate::facts::handshake::TargetLook, &TargetJudgement)| {
            let anchor = anchor(judged).or_else(|| {
                let top = look.chain().last()?;
                confirmed.iter().find(|ca| *ca == top || signed_by(top, ca) == Some(true)).cloned()
            })?;
            let seen = Predictor::new(&observations.stores, &observations.files, vec![anchor]);
            let with = |predictor: Predictor<'a>, document: &Document| {
                predictor.with_file(document.path.display().to_string(), document.bytes.as_slice())
            };
            Some((look.target.clone(), own.iter().fold(seen, with)))
        };
        let hosts = observations.targets.iter().zip(&judgement.targets).filter_map(host).collect();
        Self { os: observations.platform.os, hosts }
    }

    /// Returns whether an installation has the root that a host leads to, in an environment; `None`: cannot be told.
    pub fn trusts(&self, look: &ToolLook, target: &Target, environment: &Environment) -> Option<bool> {
        let (_, predictor) = self.hosts.iter().find(|(host, _)| host == target)?;
        let tool = catalogue::tool(&look.id)?;
        predictor.trust(View { tool, look, environment, os: self.os }).network
    }
}

/// Returns the root that closes a host's chain, in whichever store it is.
fn anchor(judged: &TargetJudgement) -> Option<Certificate> {
    let trust = judged.trust.as_ref()?;
    trust.system.anchor().or(trust.web.anchor()).or(trust.system.root()).cloned()
}
