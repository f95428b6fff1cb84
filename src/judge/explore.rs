//! The search for the path that needs the fewest allowances.
//!
//! Every certificate is expanded once, cheapest first, and the effort of the signature checks is bounded, so a hundred
//! certificates that sign each other in a circle cost no more than a hundred that do not.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use time::OffsetDateTime;

use super::plain::{self, MOST_CERTIFICATES};
use super::profile;
use super::roots::RootSet;
use super::signature::{self, Signature};
use super::trust::{Allowance, Elsewhere, Place, Question};
use crate::facts::certificate::{Details, Key};
use crate::facts::{Certificate, Fingerprint};

/// Certificates from leaf to anchor; no client follows more than ten.
const LONGEST_PATH: usize = 16;
/// What a certificate found elsewhere costs where the server sent another one of the same CA: nothing is missing there,
/// the one that was sent has ended, and that is what is to be said.
const REPLACED: u32 = 20;
/// Beyond every other path: used where the search led into a dead end behind certificates that fit.
const LAST_RESORT: u32 = 100_000;

/// What the search found.
pub(super) enum Search {
    /// The best path.
    Path {
        /// From the leaf upwards.
        path: Vec<Certificate>,
        /// Whether its last certificate is in the root set.
        anchored: bool,
        /// What has to be overlooked; empty for what webpki refuses and most clients accept.
        allowances: BTreeSet<Allowance>,
        /// Certificates of the wanted name with another key.
        namesakes: Vec<Certificate>,
    },
    /// The chain breaks at a signature that is not the named issuer's.
    BadSignature {
        /// From the leaf to the certificate with the bad signature.
        path: Vec<Certificate>,
        /// Whose signature it claims to be.
        issuer: Certificate,
    },
}

/// Searches for the path that needs the fewest allowances. The leaf must be readable.
pub(super) fn best_path(question: &Question<'_>, roots: &RootSet, elsewhere: &Elsewhere) -> Search {
    let mut explorer = Explorer::new(question, roots, elsewhere);
    let end = explorer.run();
    explorer.conclude(end)
}

/// Returns a moment at which all certificates are valid, as near to `time` as can be.
pub(super) fn common_moment(path: &[Certificate], time: OffsetDateTime) -> Option<OffsetDateTime> {
    let start = path.iter().filter_map(|c| c.details().ok()).map(|d| d.not_before).max()?;
    let end = path.iter().filter_map(|c| c.details().ok()).map(|d| d.not_after).min()?;
    (start <= end).then(|| time.clamp(start, end))
}

struct Explorer<'a> {
    time: OffsetDateTime,
    sent: Vec<&'a Certificate>,
    roots: &'a RootSet,
    elsewhere: &'a Elsewhere,
    nodes: Vec<Node>,
    queue: BinaryHeap<Reverse<(u32, usize)>>,
    settled: HashSet<Fingerprint>,
    /// By the certificate and the key that may have signed it: many certificates may hold one key.
    signatures: HashMap<(Fingerprint, Fingerprint), Signature>,
    /// What checking them cost, as if none had been checked before.
    effort: u32,
    namesakes: Vec<Certificate>,
    broken: Vec<(usize, Certificate)>,
}

/// A certificate on a path, linked towards the leaf.
struct Node {
    certificate: Certificate,
    below: Option<usize>,
    position: usize,
    cost: u32,
    faults: Vec<Allowance>,
    end: Option<End>,
    found_in: Option<Place>,
}

/// Where a candidate for an issuer comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// An address that the certificate names.
    Fetched,
    /// A store, or another target.
    Known,
    /// The server itself.
    Sent,
}

/// How a path may end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Anchored,
    MissingRoot,
    UnknownIssuer,
}

impl<'a> Explorer<'a> {
    fn new(question: &Question<'a>, roots: &'a RootSet, elsewhere: &'a Elsewhere) -> Self {
        Self {
            time: question.time,
            sent: question.chain.iter().take(MOST_CERTIFICATES).filter(|c| c.details().is_ok()).collect(),
            roots,
            elsewhere,
            nodes: Vec::new(),
            queue: BinaryHeap::new(),
            settled: HashSet::new(),
            signatures: HashMap::new(),
            effort: 0,
            namesakes: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Returns the node that ends the cheapest path.
    fn run(&mut self) -> usize {
        let leaf = self.sent[0].clone();
        self.push(leaf, None, None, None, Vec::new(), 0);
        while let Some(Reverse((_, index))) = self.queue.pop() {
            if self.nodes[index].end.is_some() {
                return index;
            }
            if self.settled.insert(self.nodes[index].certificate.fingerprint()) {
                self.expand(index);
            }
        }
        0
    }

    fn expand(&mut self, index: usize) {
        let node = &self.nodes[index];
        let certificate = node.certificate.clone();
        let found_in = node.found_in.clone();
        let Ok(details) = certificate.details() else { return };
        // a leaf that another CA signed is trusted by few clients only because it lies in the store
        if self.roots.contains(&certificate)
            && (self.nodes[index].position > 0 || certificate.is_self_issued())
        {
            self.end(index, End::Anchored, Vec::new(), 0);
        }
        let self_signed = certificate.is_self_issued()
            && self
                .signature(&certificate, &certificate, details.spki_sha256)
                .is_some_and(|answer| answer != Signature::Bad);
        if self_signed {
            let missing = Allowance::Root { sha256: certificate.fingerprint(), found_in };
            self.end(index, End::MissingRoot, vec![missing], 0);
        }
        let mut went_on = self_signed;
        if self.nodes[index].position < LONGEST_PATH {
            went_on |= self.climb(index, &certificate, details);
        }
        let unknown = Allowance::UnknownIssuer { issuer: details.issuer.to_string() };
        let mut faults = vec![unknown];
        faults.extend(self.signature_fault(index, details, Signature::Good));
        self.end(index, End::UnknownIssuer, faults, if went_on { LAST_RESORT } else { 0 });
    }

    /// Follows every certificate that bears the issuer's name and made the signature; tells whether there was one.
    fn climb(&mut self, index: usize, certificate: &Certificate, details: &Details) -> bool {
        let mut went_on = false;
        let anchors: Vec<Certificate> = self.roots.named(&details.issuer).cloned().collect();
        for root in anchors.iter().filter(|r| *r != certificate) {
            if let Some(faults) = self.edge(index, certificate, root, Source::Known) {
                went_on = true;
                self.push(root.clone(), Some(index), Some(End::Anchored), None, faults, 0);
            }
        }
        let named = |c: &Certificate| c.details().is_ok_and(|d| d.subject == details.issuer);
        let sent: Vec<Certificate> = self.sent.iter().filter(|c| named(c)).map(|c| (*c).clone()).collect();
        for issuer in &sent {
            if self.is_loop(index, issuer) {
                continue;
            }
            if let Some(faults) = self.edge(index, certificate, issuer, Source::Sent) {
                went_on = true;
                self.push(issuer.clone(), Some(index), None, None, faults, 0);
            }
        }
        let others: Vec<(Certificate, Place)> =
            self.elsewhere.iter().filter(|(c, _)| named(c)).map(|(c, p)| (c.clone(), p.clone())).collect();
        for (issuer, place) in &others {
            if sent.contains(issuer) || anchors.contains(issuer) || self.is_loop(index, issuer) {
                continue;
            }
            let source = if matches!(place, Place::Fetched(_)) { Source::Fetched } else { Source::Known };
            if let Some(mut faults) = self.edge(index, certificate, issuer, source) {
                went_on = true;
                let mut extra = 0;
                if !issuer.is_self_issued() {
                    let sha256 = issuer.fingerprint();
                    faults.push(Allowance::Intermediate { sha256, found_in: place.clone() });
                    if sent.iter().any(|own| same_key(own, issuer)) {
                        extra = REPLACED;
                    }
                }
                self.push(issuer.clone(), Some(index), None, Some(place.clone()), faults, extra);
            }
        }
        went_on
    }

    /// Checks one signature; returns its faults, or `None` when the issuer did not make it.
    fn edge(
        &mut self,
        index: usize,
        signed: &Certificate,
        issuer: &Certificate,
        source: Source,
    ) -> Option<Vec<Allowance>> {
        let (Ok(lower), Ok(upper)) = (signed.details(), issuer.details()) else { return None };
        let identifiers = (&lower.authority_key_identifier, &upper.subject_key_identifier);
        let identifiers_agree = match identifiers {
            (Some(wanted), Some(offered)) => Some(wanted == offered),
            _ => None,
        };
        let answer = self.signature(signed, issuer, upper.spki_sha256)?;
        match answer {
            Signature::Good => {}
            Signature::Unknown if identifiers_agree != Some(false) => {}
            // what came over plain HTTP from wherever the certificate says may complete a chain, never break one
            Signature::Bad if source == Source::Fetched => return None,
            Signature::Bad
                if identifiers_agree == Some(true)
                    || (source == Source::Sent && identifiers_agree.is_none()) =>
            {
                self.broken.push((index, issuer.clone()));
                return None;
            }
            _ => {
                if !self.namesakes.contains(issuer) {
                    self.namesakes.push(issuer.clone());
                }
                return None;
            }
        }
        Some(self.signature_fault(index, lower, answer).into_iter().collect())
    }

    /// Checks a signature unless that was done for this key; `None` when the budget is spent.
    fn signature(
        &mut self,
        signed: &Certificate,
        issuer: &Certificate,
        key: Fingerprint,
    ) -> Option<Signature> {
        let question = (signed.fingerprint(), key);
        if let Some(answer) = self.signatures.get(&question) {
            return Some(*answer);
        }
        self.effort = self.effort.saturating_add(signature::effort(issuer));
        if self.effort > signature::MOST_EFFORT {
            return None;
        }
        let answer = signature::check(signed, issuer);
        self.signatures.insert(question, answer);
        Some(answer)
    }

    fn signature_fault(&self, index: usize, details: &Details, answer: Signature) -> Option<Allowance> {
        let position = self.nodes[index].position;
        let oid = &details.signature_algorithm;
        match (signature::weak_name(oid), answer) {
            (Some(algorithm), _) => {
                Some(Allowance::WeakSignature { position, algorithm: algorithm.to_owned() })
            }
            (None, Signature::Unknown) => {
                Some(Allowance::UncheckedSignature { position, algorithm: oid.clone() })
            }
            (None, _) => None,
        }
    }

    fn push(
        &mut self,
        certificate: Certificate,
        below: Option<usize>,
        end: Option<End>,
        found_in: Option<Place>,
        mut faults: Vec<Allowance>,
        extra: u32,
    ) {
        if end.is_none() && self.settled.contains(&certificate.fingerprint()) {
            // a cheaper path leads through it already
            return;
        }
        let position = below.map_or(0, |b| self.nodes[b].position + 1);
        faults.extend(own_faults(&certificate, position, self.time, end == Some(End::Anchored)));
        if self.roots.distrusts(&certificate) {
            faults.push(Allowance::Distrusted { sha256: certificate.fingerprint() });
        }
        let cost = below.map_or(0, |b| self.nodes[b].cost)
            + extra
            + faults.iter().map(Allowance::weight).sum::<u32>();
        self.queue.push(Reverse((cost, self.nodes.len())));
        self.nodes.push(Node { certificate, below, position, cost, faults, end, found_in });
    }

    /// Ends a path at a node that is on it already.
    fn end(&mut self, index: usize, end: End, faults: Vec<Allowance>, extra: u32) {
        let node = &self.nodes[index];
        let cost = node.cost + extra + faults.iter().map(Allowance::weight).sum::<u32>();
        let end = Node {
            certificate: node.certificate.clone(),
            below: Some(index),
            position: node.position,
            cost,
            faults,
            end: Some(end),
            found_in: None,
        };
        self.queue.push(Reverse((cost, self.nodes.len())));
        self.nodes.push(end);
    }

    /// Whether the same name with the same key is on the path already (RFC 4158, 5.2).
    fn is_loop(&self, index: usize, candidate: &Certificate) -> bool {
        let Ok(wanted) = candidate.details() else { return true };
        let mut at = Some(index);
        while let Some(i) = at {
            let node = &self.nodes[i];
            if node
                .certificate
                .details()
                .is_ok_and(|d| d.subject == wanted.subject && d.spki_sha256 == wanted.spki_sha256)
            {
                return true;
            }
            at = node.below;
        }
        false
    }

    fn conclude(self, end: usize) -> Search {
        let mut chain = Vec::new();
        let mut at = Some(end);
        while let Some(index) = at {
            chain.push(&self.nodes[index]);
            at = self.nodes[index].below;
        }
        chain.reverse();
        let mut path: Vec<Certificate> = Vec::new();
        for node in &chain {
            if path.last() != Some(&node.certificate) {
                path.push(node.certificate.clone());
            }
        }
        let how = self.nodes[end].end;
        if how == Some(End::UnknownIssuer)
            && let Some(below) = self.nodes[end].below
            && let Some((_, issuer)) = self.broken.iter().find(|(index, _)| *index == below)
        {
            return Search::BadSignature { path, issuer: issuer.clone() };
        }
        let mut allowances: BTreeSet<Allowance> = chain.iter().flat_map(|n| n.faults.clone()).collect();
        let knows_ca_fault = allowances.iter().any(|a| matches!(a, Allowance::Profile { .. }));
        if path.len() > 1
            && !knows_ca_fault
            && let Some(error) = plain::further_fault(&path, self.time)
        {
            let position = plain::culprit(&error, &path);
            allowances.insert(Allowance::Profile { position, rule: plain::rule(&error) });
        }
        let anchored = how == Some(End::Anchored);
        if path.len() == 1 && anchored && allowances.is_empty() {
            // cannot happen: the leaf in the store is trusted by `plain` unless its time is wrong
            allowances.insert(Allowance::Profile { position: Some(0), rule: "refused by webpki".into() });
        }
        if let Some(position) = path.iter().position(plain::is_too_long) {
            let rule = "a certificate is longer than 64 KiB, and clients read no more than that".to_owned();
            allowances.insert(Allowance::Profile { position: Some(position), rule });
        }
        if allowances.is_empty() && !profile::explains_webpki(&path) {
            let rule = "refused by webpki for a reason of its own".to_owned();
            allowances.insert(Allowance::Profile { position: None, rule });
        }
        Search::Path { path, anchored, allowances, namesakes: self.namesakes }
    }
}

fn same_key(one: &Certificate, other: &Certificate) -> bool {
    matches!((one.details(), other.details()), (Ok(a), Ok(b)) if a.spki_sha256 == b.spki_sha256)
}

/// What is wrong with a certificate by itself, at its place in a path.
fn own_faults(
    certificate: &Certificate,
    position: usize,
    time: OffsetDateTime,
    anchor: bool,
) -> Vec<Allowance> {
    let Ok(details) = certificate.details() else { return Vec::new() };
    let mut faults = Vec::new();
    if time < details.not_before {
        faults.push(Allowance::Time { position, expired: false, bound: details.not_before });
    } else if time > details.not_after {
        faults.push(Allowance::Time { position, expired: true, bound: details.not_after });
    }
    faults.extend(weak_key(details).map(|key| Allowance::WeakKey { position, key }));
    if position > 0 && !anchor && !certificate.is_ca() && !certificate.is_self_issued() {
        let rule = if details.version < 3 {
            "a version 1 certificate, which cannot be marked as a CA, signed another".to_owned()
        } else {
            "a certificate that is not marked as a CA signed another (basicConstraints)".to_owned()
        };
        faults.push(Allowance::Profile { position: Some(position), rule });
    }
    if position == 0 && plain::may_not_serve(certificate) {
        let rule = "keyUsage does not allow the key to be used by a TLS server".to_owned();
        faults.push(Allowance::Profile { position: Some(position), rule });
    }
    if position > 0 && !anchor && plain::may_not_sign(certificate) {
        let rule = "a CA signed another certificate that may not (keyUsage without keyCertSign)".to_owned();
        faults.push(Allowance::Profile { position: Some(position), rule });
    }
    faults
}

/// Returns the key in words if clients refuse it for its size or kind.
pub(super) fn weak_key(details: &Details) -> Option<String> {
    match &details.key {
        Key::Rsa { bits } if *bits < 2048 => Some(details.key.to_string()),
        Key::Ec { bits } if (1..224).contains(bits) => Some(details.key.to_string()),
        Key::Other(oid) if oid == "1.2.840.10040.4.1" => Some("DSA".to_owned()),
        _ => None,
    }
}
