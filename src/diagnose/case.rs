//! What a rule is handed: everything, or everything about one target.

use crate::facts::handshake::{Outcome, Role, TargetLook};
use crate::facts::report::{Finding, InspectionVerdict};
use crate::facts::{Observations, Os};
use crate::judge::trust::Allowance;
use crate::judge::{Judgement, TargetJudgement, TrustJudgement, Verdict};

/// All targets.
#[derive(Clone, Copy)]
pub(super) struct World<'a> {
    pub(super) observations: &'a Observations,
    pub(super) judgement: &'a Judgement,
}

/// One target.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) world: World<'a>,
    pub(super) index: usize,
    pub(super) look: &'a TargetLook,
    pub(super) judged: &'a TargetJudgement,
}

impl<'a> World<'a> {
    pub(super) fn cases(self) -> impl Iterator<Item = Case<'a>> {
        let looks = self.observations.targets.iter().zip(&self.judgement.targets).enumerate();
        looks.map(move |(index, (look, judged))| Case { world: self, index, look, judged })
    }

    /// Asks about every target, and puts those together whose findings have the same code and the same evidence.
    pub(super) fn alike(self, about: impl Fn(&Case<'a>) -> Option<Finding>) -> Vec<(Finding, Vec<Case<'a>>)> {
        let mut groups: Vec<(Finding, Vec<Case<'a>>)> = Vec::new();
        for case in self.cases() {
            let Some(finding) = about(&case) else { continue };
            let same = |known: &Finding| known.code == finding.code && known.evidence == finding.evidence;
            match groups.iter_mut().find(|(known, _)| same(known)) {
                Some((_, cases)) => cases.push(case),
                None => groups.push((finding, vec![case])),
            }
        }
        groups
    }

    pub(super) fn case(self, index: usize) -> Option<Case<'a>> {
        self.cases().nth(index)
    }

    pub(super) fn os(self) -> Os {
        self.observations.platform.os
    }

    /// Whether any server was reached at all.
    pub(super) fn reached_anything(self) -> bool {
        self.cases().any(|c| c.was_reached())
    }
}

impl<'a> Case<'a> {
    /// `host:port`.
    pub(super) fn subject(&self) -> String {
        self.look.target.to_string()
    }

    /// The host as people say it: with its port only where that is unusual.
    pub(super) fn host(&self) -> String {
        if self.look.target.port == 443 { self.look.target.host.to_string() } else { self.subject() }
    }

    pub(super) fn trust(&self) -> Option<&'a TrustJudgement> {
        self.judged.trust.as_ref()
    }

    /// The answer that says most about the chain itself: that of the store whose roots the path reaches.
    pub(super) fn best(&self) -> Option<&'a Verdict> {
        let trust = self.trust()?;
        let weight = |v: &Verdict| v.allowances.iter().map(Allowance::weight).sum::<u32>();
        Some(if !trust.web.reaches_roots() {
            &trust.system
        } else if !trust.system.reaches_roots() || weight(&trust.web) < weight(&trust.system) {
            &trust.web
        } else {
            &trust.system
        })
    }

    pub(super) fn is_inspected(&self) -> bool {
        self.judged.inspection.verdict == InspectionVerdict::Inspected
    }

    pub(super) fn is_control(&self) -> bool {
        self.look.role == Role::Control
    }

    /// Whether it is a site that everybody knows to be public.
    pub(super) fn is_public_site(&self) -> bool {
        use crate::judge::inspection::Evidence;
        let evidence = &self.judged.inspection.evidence;
        !evidence.iter().any(|e| matches!(e, Evidence::InternalName | Evidence::PublicLookingName))
    }

    pub(super) fn is_saved(&self) -> bool {
        self.look.role == Role::Saved
    }

    /// Whether a server (or something in its place) answered.
    pub(super) fn was_reached(&self) -> bool {
        self.look.handshake.as_ref().is_some_and(|h| !h.chain.is_empty())
            || matches!(
                self.look.outcome,
                Outcome::Completed
                    | Outcome::Alert { .. }
                    | Outcome::HandshakeFailed { .. }
                    | Outcome::NotTls { .. }
            )
    }
}
