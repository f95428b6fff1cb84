//! Which CAs may be handed out: exported, or put into a setting.
//!
//! **What is only on the wire is never trusted.** Whoever sits on the way can mint a CA with any name. A CA is handed
//! out if somebody with the rights to do so put it into the system store, or if the user confirms its SHA-256; and
//! only if it is a CA, really signs what was presented, is valid now and not known to be bad.

mod refusal;

pub use refusal::{Reason, Refusal};

use time::OffsetDateTime;

use crate::catalogue::bad_authorities;
use crate::facts::handshake::TargetLook;
use crate::facts::store::{Offered, Origin};
use crate::facts::{Certificate, Fingerprint, Observations, RootStore};
use crate::judge::{Judgement, signed_by};

/// What the user said about which CAs to hand out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// CAs the user confirmed by their SHA-256 (`--fingerprint`).
    pub fingerprints: Vec<Fingerprint>,
    /// Certificates that were not presented and are in no store: from a file the user named, or found by their
    /// fingerprint. They are looked at only where a fingerprint confirms them.
    pub offered: Vec<Offered>,
    /// Whether every local addition of the system store comes along (`--local-roots`).
    pub local_roots: bool,
}

/// The CAs that may be handed out, and those that were asked for and may not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Handout {
    /// Inspecting CAs first, then private roots; each once.
    pub authorities: Vec<Authority>,
    /// What may not be handed out, and why.
    pub refusals: Vec<Refusal>,
}

/// A CA that may be handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its certificate.
    pub certificate: Certificate,
    /// What it is needed for.
    pub purpose: Purpose,
    /// What makes it trustworthy.
    pub ground: Ground,
}

/// What a CA is needed for; the order is that of handing out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// It signs in place of other CAs.
    Inspects,
    /// It closed the chain of a target that is not inspected.
    ClosesChain,
    /// It is a local addition and the user wants all of them.
    LocalAddition,
}

/// What makes a CA trustworthy enough to hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The user confirmed its fingerprint.
    Confirmed {
        /// Where its certificate was found.
        place: String,
    },
    /// It is in the system store, and did not come with the system.
    SystemStore {
        /// Who put it there.
        origin: Origin,
    },
}

/// Returns which CAs may be handed out after these observations.
pub fn handout(observations: &Observations, judgement: &Judgement, wishes: &Wishes) -> Handout {
    let mut desk = Desk { observations, judgement, wishes, handout: Handout::default() };
    for fingerprint in &wishes.fingerprints {
        desk.confirmed(*fingerprint);
    }
    for authority in &judgement.inspection.authorities {
        desk.inspecting(authority);
    }
    desk.private_roots();
    if wishes.local_roots {
        desk.local_additions();
    }
    let mut handout = desk.handout;
    handout.authorities.sort_by_key(|authority| authority.purpose);
    handout
}

impl Handout {
    /// Whether the command that asked has to give up: a confirmed CA was refused, or the traffic is inspected and
    /// none of the inspecting CAs may be handed out.
    pub fn is_refused(&self) -> bool {
        let inspecting = self.authorities.iter().any(|authority| authority.purpose == Purpose::Inspects);
        self.refusals.iter().any(|refusal| refusal.was_asked_for)
            || (!self.refusals.is_empty() && !inspecting)
    }

    /// Returns the certificates.
    pub fn certificates(&self) -> Vec<Certificate> {
        self.authorities.iter().map(|authority| authority.certificate.clone()).collect()
    }
}

struct Desk<'a> {
    observations: &'a Observations,
    judgement: &'a Judgement,
    wishes: &'a Wishes,
    handout: Handout,
}

impl Desk<'_> {
    /// A CA whose fingerprint the user gave: wherever its certificate comes from, the fingerprint vouches for it.
    fn confirmed(&mut self, fingerprint: Fingerprint) {
        let Some((certificate, place)) = self.find(fingerprint) else {
            self.refuse(Refusal::not_found(fingerprint));
            return;
        };
        match self.fault(&certificate) {
            None => {
                let inspects = !self.closes_private_chain(&certificate);
                let purpose = if inspects { Purpose::Inspects } else { Purpose::ClosesChain };
                self.hand_out(certificate, purpose, &Ground::Confirmed { place });
            }
            Some(reason) => self.refuse(Refusal { was_asked_for: true, ..Refusal::of(&certificate, reason) }),
        }
    }

    /// An inspecting CA: handed out if the system store holds it.
    fn inspecting(&mut self, authority: &crate::judge::Authority) {
        let Some(certificate) = &authority.certificate else {
            // nobody knows its certificate, unless the user has confirmed one of that name just now
            let confirmed = self.handout.authorities.iter().any(|handed| {
                handed.certificate.details().is_ok_and(|d| d.subject.to_string() == authority.name)
            });
            if !confirmed {
                let leaf = authority
                    .targets
                    .iter()
                    .find_map(|index| self.observations.targets.get(*index)?.chain().first())
                    .map(Certificate::fingerprint);
                self.refuse(Refusal::not_sent(authority.name.clone(), leaf));
            }
            return;
        };
        if self.is_handed_out(certificate) {
            return;
        }
        match self.fault(certificate) {
            Some(reason) => self.refuse(Refusal::of(certificate, reason)),
            None => match self.store_ground(certificate) {
                Some(ground) => self.hand_out(certificate.clone(), Purpose::Inspects, &ground),
                None => self.refuse(Refusal::of(certificate, self.ungrounded(certificate))),
            },
        }
    }

    /// Private roots that closed the chain of a target which is not inspected: replacing settings need them too.
    fn private_roots(&mut self) {
        let anchors: Vec<Certificate> = self
            .judgement
            .targets
            .iter()
            .filter_map(|target| target.trust.as_ref()?.system.anchor().cloned())
            .collect();
        for anchor in anchors {
            self.hand_out_from_store(&anchor, Purpose::ClosesChain);
        }
    }

    fn local_additions(&mut self) {
        for root in self.observations.stores.system.local_additions() {
            self.hand_out_from_store(&root.certificate, Purpose::LocalAddition);
        }
    }

    /// Hands out a local addition of the system store, if nothing speaks against it. Nobody asked for it by name, so
    /// what may not be handed out is passed over: what it is worth is said where it was met.
    fn hand_out_from_store(&mut self, certificate: &Certificate, purpose: Purpose) {
        let Some(ground) = self.store_ground(certificate) else { return };
        let fault = match self.fault(certificate) {
            Some(Reason::SignedNothing) if purpose == Purpose::LocalAddition => None,
            fault => fault,
        };
        if fault.is_none() && !self.is_handed_out(certificate) {
            self.hand_out(certificate.clone(), purpose, &ground);
        }
    }

    /// Adds a CA, and those above it that the system store holds: Node.js, Java and older OpenSSL want a self-signed
    /// root and refuse to stop at an intermediate.
    fn hand_out(&mut self, certificate: Certificate, purpose: Purpose, ground: &Ground) {
        let mut next = Some((certificate, ground.clone()));
        while let Some((certificate, ground)) = next.take() {
            if self.is_handed_out(&certificate) {
                return;
            }
            if !certificate.is_self_issued() {
                next = self.issuer_in_store(&certificate);
            }
            self.handout.authorities.push(Authority { certificate, purpose, ground });
        }
    }

    fn issuer_in_store(&self, certificate: &Certificate) -> Option<(Certificate, Ground)> {
        let issuer = &certificate.details().ok()?.issuer;
        let store = &self.observations.stores.system;
        store
            .local_additions()
            .map(|root| &root.certificate)
            .filter(|root| root.details().is_ok_and(|d| d.subject == *issuer))
            .filter(|root| signed_by(certificate, root) == Some(true) && self.own_fault(root).is_none())
            .find_map(|root| Some((root.clone(), self.store_ground(root)?)))
    }

    fn refuse(&mut self, refusal: Refusal) {
        let known =
            |other: &Refusal| other.fingerprint == refusal.fingerprint && other.subject == refusal.subject;
        if !self.handout.refusals.iter().any(known) {
            self.handout.refusals.push(refusal);
        }
    }

    fn is_handed_out(&self, certificate: &Certificate) -> bool {
        self.handout.authorities.iter().any(|authority| authority.certificate == *certificate)
    }

    /// Finds a certificate by its fingerprint: presented, in a store, in a file.
    fn find(&self, fingerprint: Fingerprint) -> Option<(Certificate, String)> {
        let stores = &self.observations.stores;
        let presented = self.observations.targets.iter().find_map(|look| {
            let found = look.chain().iter().find(|c| c.fingerprint() == fingerprint)?;
            Some((found.clone(), look.target.to_string()))
        });
        let in_store = |store: &RootStore| {
            store.find(fingerprint).map(|root| (root.certificate.clone(), store.source.clone()))
        };
        let offered = || {
            let found = self.wishes.offered.iter().find(|o| o.certificate.fingerprint() == fingerprint)?;
            Some((found.certificate.clone(), found.place.clone()))
        };
        presented
            .or_else(|| in_store(&stores.system))
            .or_else(|| stores.environment.as_ref().and_then(in_store))
            .or_else(offered)
    }

    /// Returns what speaks against handing a certificate out, whoever vouches for it.
    fn fault(&self, certificate: &Certificate) -> Option<Reason> {
        self.own_fault(certificate).or_else(|| (!self.signs(certificate)).then_some(Reason::SignedNothing))
    }

    /// [`Self::fault`], apart from whether it signed anything here.
    fn own_fault(&self, certificate: &Certificate) -> Option<Reason> {
        let details = match certificate.details() {
            Ok(details) => details,
            Err(malformed) => return Some(Reason::Malformed { message: malformed.to_string() }),
        };
        let now: OffsetDateTime = self.observations.time;
        if let Some(bad) = bad_authorities::find(certificate) {
            Some(Reason::KnownBad { name: bad.name.clone() })
        } else if self.observations.stores.system.distrusts(certificate) {
            Some(Reason::Distrusted)
        } else if !may_sign(certificate) {
            Some(Reason::NotAnAuthority)
        } else if self.is_for_bad_origins(certificate) {
            Some(Reason::ForBadOrigins)
        } else if details.not_after < now {
            Some(Reason::Expired { not_after: details.not_after })
        } else if details.not_before > now {
            Some(Reason::NotYetValid { not_before: details.not_before })
        } else {
            None
        }
    }

    /// Whether a gateway signs with it only what it does not trust itself: trusting that CA would hide every fault
    /// of the origin.
    fn is_for_bad_origins(&self, certificate: &Certificate) -> bool {
        let authorities = &self.judgement.inspection.authorities;
        let mut bad = authorities.iter().flat_map(|authority| &authority.distrusted_origins);
        bad.any(|index| {
            let chain = self.observations.targets.get(*index).map(TargetLook::chain).unwrap_or_default();
            chain.iter().any(|presented| presented != certificate && issued(presented, certificate))
                || chain.iter().skip(1).any(|presented| presented == certificate)
        })
    }

    /// Whether it signed a certificate of a presented chain, or one on the way from there to a root.
    fn signs(&self, certificate: &Certificate) -> bool {
        let presented = self.observations.targets.iter().flat_map(TargetLook::chain);
        let judged = self.judgement.targets.iter().filter_map(|target| target.trust.as_ref());
        let paths = judged.flat_map(|trust| trust.system.path.iter().chain(&trust.web.path));
        presented.chain(paths).any(|below| below != certificate && issued(below, certificate))
    }

    /// Whether it is the root of a target that is not inspected.
    fn closes_private_chain(&self, certificate: &Certificate) -> bool {
        use crate::facts::report::InspectionVerdict::NotInspected;
        self.judgement.targets.iter().zip(&self.observations.targets).any(|(judged, look)| {
            judged.inspection.verdict == NotInspected
                && look.chain().iter().any(|presented| issued(presented, certificate))
        })
    }

    fn store_ground(&self, certificate: &Certificate) -> Option<Ground> {
        let origin = self.observations.stores.system.find(certificate.fingerprint())?.origin;
        origin.is_local().then_some(Ground::SystemStore { origin })
    }

    /// Returns why a CA that nothing speaks against is still not handed out.
    fn ungrounded(&self, certificate: &Certificate) -> Reason {
        match self.observations.stores.system.find(certificate.fingerprint()) {
            Some(_) => Reason::Shipped,
            None => Reason::OnlyOnTheWire,
        }
    }
}

/// Whether a certificate may sign others: by basicConstraints, or, in roots from before there were any, by keyUsage or
/// by being self-signed (OpenSSL's `check_ca` knows the same exceptions).
pub(super) fn may_sign(certificate: &Certificate) -> bool {
    certificate.details().is_ok_and(|details| match details.basic_constraints {
        Some(constraints) => constraints.ca,
        None if details.version < 3 => certificate.is_self_issued(),
        None => details.key_usage.is_some_and(|usage| usage.key_cert_sign),
    })
}

/// Whether one certificate issued another: by name and signature; by name and key identifier where the signature is
/// of a kind that cannot be computed here.
fn issued(below: &Certificate, issuer: &Certificate) -> bool {
    let (Ok(lower), Ok(upper)) = (below.details(), issuer.details()) else { return false };
    lower.issuer == upper.subject
        && signed_by(below, issuer).unwrap_or_else(|| {
            lower.authority_key_identifier.is_some()
                && lower.authority_key_identifier == upper.subject_key_identifier
        })
}

#[cfg(test)]
mod tests;
