//! Whether traffic is inspected, from evidence and never from a product's name.
//!
//! Hosts are grouped by the authority their chains lead to. A group whose authority the web roots do not know, and
//! that signs for a site which is known to be public, is inspection: nobody else could. What the other groups are
//! is said as far as the evidence goes: an internal name or clean public sites speak for a private CA, a
//! public-looking name without any public site to compare with looks like inspection.

mod evidence;
mod lead;

use std::collections::BTreeSet;

use time::OffsetDateTime;

use crate::facts::report::{Certainty, InspectionVerdict};
use crate::facts::{Certificate, Observations};

use super::TrustJudgement;
use super::hosts::{self, Standing};
pub use evidence::Evidence;
pub use lead::{Lead, LeadsTo};

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
    /// The name people know it by, hostile text.
    pub common_name: String,
    /// Its certificate; absent when only its name is known (leaf only on the wire, CA in no store).
    pub certificate: Option<Certificate>,
    /// Whether the system store holds it.
    pub in_system_store: bool,
    /// Whether the web roots hold it.
    pub in_web_roots: bool,
    /// Indices of the targets it signs.
    pub targets: Vec<usize>,
    /// Indices of those targets that it signs with a CA for origins it does not trust itself.
    pub distrusted_origins: Vec<usize>,
    /// The product that its name belongs to; a label, never evidence.
    pub vendor: Option<String>,
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
    /// Where the chain leads.
    pub leads_to: LeadsTo,
    /// What the answer rests on.
    pub evidence: Vec<Evidence>,
    /// Whether the inspector re-signed this host with a CA that stands for "the origin's certificate is bad".
    pub origin_distrusted: bool,
}

/// Hosts whose chains lead to one authority that the web roots do not know.
struct Group {
    members: Vec<usize>,
    /// A site that is known to be public is among them.
    proven: bool,
    /// Names of more than one organisation are among them.
    unrelated: bool,
}

/// What a member's answer is before authorities are counted.
struct Opinion {
    verdict: InspectionVerdict,
    certainty: Certainty,
    evidence: Vec<Evidence>,
    sibling: Option<usize>,
}

/// Decides for every target and for all of them together.
pub(super) fn judge(
    observations: &Observations,
    trust: &[Option<TrustJudgement>],
) -> (Inspection, Vec<HostInspection>) {
    let leads = lead::leads(observations, trust);
    let groups = groups(&leads, observations.time);
    let surroundings = evidence::Surroundings::of(observations, &leads, &groups);
    let mut opinions: Vec<Opinion> = (0..leads.len())
        .map(|index| match groups.iter().position(|g| g.members.contains(&index)) {
            None => ungrouped(&leads[index]),
            Some(own) => grouped(index, own, &leads, &groups, &surroundings),
        })
        .collect();
    let (authorities, membership) = authorities(observations, &leads, &groups, &opinions);
    let hosts = leads
        .iter()
        .zip(opinions.drain(..))
        .zip(membership)
        .map(|((lead, opinion), authority)| HostInspection {
            verdict: opinion.verdict,
            certainty: opinion.certainty,
            authority,
            leads_to: lead.to,
            evidence: opinion.evidence,
            origin_distrusted: opinion.sibling.is_some(),
        })
        .collect::<Vec<_>>();
    (headline(&leads, &hosts, authorities), hosts)
}

fn headline(leads: &[Lead], hosts: &[HostInspection], authorities: Vec<Authority>) -> Inspection {
    let surest = |verdict| hosts.iter().filter(|h| h.verdict == verdict).map(|h| h.certainty).min();
    if let Some(certainty) = surest(InspectionVerdict::Inspected) {
        return Inspection { verdict: InspectionVerdict::Inspected, certainty, authorities };
    }
    let clean = |standing: Standing| leads.iter().any(|l| l.is_clean(standing));
    let (verdict, certainty) = if clean(Standing::Public) {
        (InspectionVerdict::NotInspected, Certainty::Is)
    } else if clean(Standing::PublicLooking) {
        // the hosts asked about are clean; without a public site beside them the network is not known
        (InspectionVerdict::NotInspected, Certainty::LooksLike)
    } else {
        (InspectionVerdict::Unknown, Certainty::CannotTell)
    };
    Inspection { verdict, certainty, authorities }
}

/// Puts hosts together whose chains lead to the same authority outside the web roots.
fn groups(leads: &[Lead], now: OffsetDateTime) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, lead) in leads.iter().enumerate() {
        if !lead.to.is_outside_web_roots() {
            continue;
        }
        match groups.iter_mut().find(|g| leads[g.members[0]].same_authority(lead)) {
            Some(group) => group.members.push(index),
            None => groups.push(Group { members: vec![index], proven: false, unrelated: false }),
        }
    }
    let fresh = evidence::Freshness::of(leads, now);
    let any_clean = leads.iter().any(|l| l.is_clean(Standing::Public));
    for group in &mut groups {
        let named_right = || group.members.iter().map(|i| &leads[*i]).filter(|l| l.name_matches);
        let organisations = |least: Standing| -> BTreeSet<&str> {
            named_right().filter(|l| l.standing >= least).map(|l| l.organisation.as_str()).collect()
        };
        let public = || named_right().filter(|l| l.standing == Standing::Public);
        group.unrelated = organisations(Standing::PublicLooking).len() > 1;
        // an authority that no store has may be one site's own mistake, if somebody only says that the site is public
        let could_be_a_mistake = |l: &Lead| l.to != LeadsTo::LocalRoot && !group.unrelated && !l.is_listed;
        let unlogged = public().any(|l| l.timestamps == 0 && !could_be_a_mistake(l));
        // timestamps can be copied. A public CA that the web roots lack does not issue for everybody in the same two
        // days, nor is it everybody's CA
        let owners = organisations(Standing::Public).len();
        let minted = owners > 1 && public().all(|l| l.minted.is_some_and(|m| fresh.is_telling(m)));
        let signs_for_all = owners > 2 && !any_clean;
        group.proven = unlogged || minted || signs_for_all;
    }
    groups
}

/// The answer for a host whose chain leads to no authority that could inspect.
fn ungrouped(lead: &Lead) -> Opinion {
    let (verdict, certainty, evidence) = match lead.to {
        LeadsTo::WebRoot => (InspectionVerdict::NotInspected, Certainty::Is, vec![Evidence::LeadsToWebRoot]),
        LeadsTo::Shipped => (InspectionVerdict::NotInspected, Certainty::Is, vec![Evidence::RootShipped]),
        LeadsTo::Leftover => (InspectionVerdict::NotInspected, Certainty::Is, vec![Evidence::RootLeftover]),
        // a gateway signs with a CA; this certificate signed itself
        LeadsTo::Itself => {
            (InspectionVerdict::NotInspected, Certainty::LooksLike, vec![Evidence::SelfSigned])
        }
        LeadsTo::Broken | LeadsTo::Nowhere => (InspectionVerdict::Unknown, Certainty::CannotTell, Vec::new()),
        LeadsTo::LocalRoot | LeadsTo::UnknownIssuer | LeadsTo::UntrustedRoot => {
            (InspectionVerdict::Unknown, Certainty::CannotTell, Vec::new())
        }
    };
    Opinion { verdict, certainty, evidence, sibling: None }
}

/// The answer for a host whose chain leads to an authority that the web roots do not know.
fn grouped(
    index: usize,
    own: usize,
    leads: &[Lead],
    groups: &[Group],
    surroundings: &evidence::Surroundings,
) -> Opinion {
    use Certainty::{CannotTell, Is, LooksLike};
    use InspectionVerdict::{Inspected, NotInspected, Unknown};
    let lead = &leads[index];
    let group = &groups[own];
    let mut evidence = evidence::about(index, group, leads, surroundings);
    let sibling = sibling_of_untrust(lead, own, leads, groups);
    let local = lead.to == LeadsTo::LocalRoot;
    let internal = lead.standing == Standing::Internal;
    let bears_inspectors_name = evidence.contains(&Evidence::NamedAsInspector);
    let (verdict, certainty) = if sibling.is_some() {
        evidence.push(Evidence::DistrustedOrigin);
        (Inspected, Is)
    } else if group.proven {
        let same_issuer =
            group.members.iter().map(|i| &leads[*i]).any(|other| {
                other.standing == Standing::Public && other.name_matches && other.same_issuer(lead)
            });
        if !internal || same_issuer {
            (Inspected, Is)
        } else {
            // one company root above two CAs: the one for inspection and the one for its own servers
            evidence.push(Evidence::OtherIssuerUnderSameRoot);
            (NotInspected, LooksLike)
        }
    } else if bears_inspectors_name && lead.timestamps == 0 && !internal {
        // a gateway that was set up anew, or a second one, has a new key; no CA of others has its name
        if lead.name_matches { (Inspected, LooksLike) } else { (Unknown, CannotTell) }
    } else if lead.timestamps > 0 {
        // a CA that writes to public logs: a public root that one of the stores does not have
        (NotInspected, if local { Is } else { LooksLike })
    } else if surroundings.public_sites_answer() {
        let minted =
            evidence::shares_key_with_stranger(index, leads) || surroundings.all_fresh(&group.members, leads);
        if group.unrelated && minted && !internal {
            (Inspected, LooksLike)
        } else {
            (NotInspected, if local && internal { Is } else { LooksLike })
        }
    } else if internal {
        if local { (NotInspected, LooksLike) } else { (Unknown, CannotTell) }
    } else if !lead.name_matches {
        // a login or block page, or the wrong server: no sign that somebody pretends to be this host
        (Unknown, CannotTell)
    } else if lead.is_development_ca {
        (NotInspected, LooksLike)
    } else if local && !group.unrelated && signs_internal(&evidence) {
        // the CA of the organisation whose network this is, or an inspector that spares nothing: the names are one
        // owner's as far as they can be told
        (Unknown, CannotTell)
    } else if local || group.unrelated {
        (Inspected, LooksLike)
    } else {
        (Unknown, CannotTell)
    };
    Opinion { verdict, certainty, evidence, sibling }
}

fn signs_internal(evidence: &[Evidence]) -> bool {
    evidence.iter().any(|e| matches!(e, Evidence::SignsInternal { .. }))
}

/// Gateways re-sign origins whose own certificate is bad with another CA that is not distributed. Returns the group
/// of the CA that is: the two are told by name (`Forward Untrust`, Squid's `Not trusted by`), by the product both
/// are labelled with, or by minted leafs that share a key.
fn sibling_of_untrust(lead: &Lead, own: usize, leads: &[Lead], groups: &[Group]) -> Option<usize> {
    if !matches!(lead.to, LeadsTo::UntrustedRoot | LeadsTo::UnknownIssuer) {
        return None;
    }
    let internal = lead.standing == Standing::Internal;
    let others = groups.iter().enumerate().filter(|(other, g)| *other != own && g.proven);
    others
        .filter(|(_, g)| {
            let named_so = lead.says_untrusted();
            let unproven = !groups[own].proven;
            let same_product = || lead.vendor.is_some() && leads[g.members[0]].vendor == lead.vendor;
            let minted_with = lead.leaf_key.filter(|key| evidence::is_telling_key(*key, leads));
            let shared_key =
                || minted_with.is_some() && g.members.iter().any(|i| leads[*i].leaf_key == minted_with);
            // an internal host may have a CA of the same maker's appliance; nobody calls his own CA untrusted
            named_so || (!internal && unproven && (same_product() || shared_key()))
        })
        .map(|(other, _)| other)
        .min_by_key(|other| leads[groups[*other].members[0]].to != LeadsTo::LocalRoot)
}

/// Counts the authorities that sign inspected hosts; returns them and each host's index into them.
fn authorities(
    observations: &Observations,
    leads: &[Lead],
    groups: &[Group],
    opinions: &[Opinion],
) -> (Vec<Authority>, Vec<Option<usize>>) {
    let inspected = |i: &usize| opinions[*i].verdict == InspectionVerdict::Inspected;
    let mut found: Vec<(usize, Vec<usize>, Vec<usize>)> = Vec::new();
    for (own, group) in groups.iter().enumerate() {
        let under = |i: &usize| opinions[*i].sibling.is_none();
        let mut targets: Vec<usize> =
            group.members.iter().copied().filter(|i| inspected(i) && under(i)).collect();
        let distrusted: Vec<usize> =
            (0..opinions.len()).filter(|i| opinions[*i].sibling == Some(own)).collect();
        targets.extend(&distrusted);
        targets.sort_unstable();
        if !targets.is_empty() {
            found.push((own, targets, distrusted));
        }
    }
    found.sort_by_key(|(own, targets, _)| (std::cmp::Reverse(targets.len()), *own));
    let mut membership = vec![None; leads.len()];
    let mut authorities = Vec::new();
    for (rank, (own, targets, distrusted_origins)) in found.into_iter().enumerate() {
        let model = groups[own]
            .members
            .iter()
            .map(|i| &leads[*i])
            .max_by_key(|l| l.top.is_some())
            .unwrap_or(&leads[groups[own].members[0]]);
        for target in &targets {
            membership[*target] = Some(rank);
        }
        let held_by = |store: &crate::facts::RootStore| model.top.as_ref().is_some_and(|c| store.contains(c));
        authorities.push(Authority {
            name: model.top_name.clone(),
            common_name: model.top_common_name.clone(),
            certificate: model.top.clone(),
            in_system_store: held_by(&observations.stores.system),
            in_web_roots: held_by(&observations.stores.web),
            targets,
            distrusted_origins,
            vendor: model.vendor.clone(),
        });
    }
    (authorities, membership)
}
