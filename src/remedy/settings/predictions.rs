//! What each tool's roots and the library it verifies with say about each host, to be held against what the tool does.

use super::super::documents::Document;
use crate::catalogue;
use crate::facts::tool::ToolLook;
use crate::facts::{Certificate, Environment, Observations, Os, Target};
use crate::judge::tool::{Expected, Predictor, View};
use crate::judge::trust::Peculiarity;
use crate::judge::{Judgement, TargetJudgement, signed_by};

/// One predictor per host whose CA is known.
pub struct Predictions<'a> {
    os: Os,
    hosts: Vec<Host<'a>>,
}

/// A host whose CA is known.
struct Host<'a> {
    target: Target,
    predictor: Predictor<'a>,
    /// What some clients refuse about its chain; absent where no store closes it.
    peculiarities: Option<Vec<Peculiarity>>,
}

impl<'a> Predictions<'a> {
    /// Prepares for the hosts that were looked at; `confirmed` are CAs that the user confirmed, `own` our files.
    pub fn new(
        observations: &'a Observations,
        judgement: &Judgement,
        confirmed: &[Certificate],
        own: &[Document],
    ) -> Self {
        let with = |predictor: Predictor<'a>, document: &Document| {
            predictor.with_file(document.path.display().to_string(), document.bytes.as_slice())
        };
        let (stores, files) = (&observations.stores, &observations.files);
        let seen = Predictor::new(stores, files, Vec::new(), observations.time);
        let seen = own.iter().fold(seen, with);
        let host = |(look, judged): (&crate::facts::handshake::TargetLook, &TargetJudgement)| {
            let anchor = anchor(judged).or_else(|| {
                let top = look.chain().last()?;
                confirmed.iter().find(|ca| *ca == top || signed_by(top, ca) == Some(true)).cloned()
            })?;
            let closed =
                judged.trust.as_ref().and_then(|t| [&t.system, &t.web].into_iter().find(|v| v.anchored));
            Some(Host {
                target: look.target.clone(),
                predictor: seen.needing(vec![anchor]),
                peculiarities: closed.map(|verdict| verdict.peculiarities.clone()),
            })
        };
        let hosts = observations.targets.iter().zip(&judgement.targets).filter_map(host).collect();
        Self { os: observations.platform.os, hosts }
    }

    /// Returns what an installation is expected to do with a host, in an environment; `None`: cannot be told.
    pub fn expects(&self, look: &ToolLook, target: &Target, environment: &Environment) -> Option<Expected> {
        let host = self.hosts.iter().find(|host| host.target == *target)?;
        let tool = catalogue::tool(&look.id)?;
        let view = View { tool, look, environment, os: self.os };
        let trust = host.predictor.trust(view);
        if trust.fails {
            return Some(Expected::Unusable);
        }
        if !trust.network? {
            return Some(Expected::LacksCa);
        }
        let refused = view.refuses(host.peculiarities.as_ref()?)?;
        Some(if refused.is_empty() { Expected::Works } else { Expected::Refuses })
    }
}

/// Returns the root that closes a host's chain, in whichever store it is.
fn anchor(judged: &TargetJudgement) -> Option<Certificate> {
    let trust = judged.trust.as_ref()?;
    trust.system.anchor().or(trust.web.anchor()).or(trust.system.root()).cloned()
}
