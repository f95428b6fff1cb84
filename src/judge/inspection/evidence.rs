//! What speaks for and against inspection, piece by piece.

use time::{Duration, OffsetDateTime};

use super::hosts::Standing;
use super::{Group, Lead, LeadsTo};
use crate::facts::handshake::Role;
use crate::facts::store::Origin;
use crate::facts::{Fingerprint, Observations};

/// A leaf younger than this was made for this connection, or by chance the other day. Gateways date leafs back, because
/// clocks differ: mitmproxy by two days (mitmproxy/certs.py).
const FRESH: Duration = Duration::hours(60);

/// One piece of evidence for or against inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The chain leads to a web root.
    LeadsToWebRoot,
    /// The root came with the operating system.
    RootShipped,
    /// The distribution made the certificate for this machine alone.
    RootLeftover,
    /// The leaf signed itself.
    SelfSigned,
    /// The system store has the root, the web roots do not.
    LocalRoot {
        /// Who put it there.
        origin: Origin,
    },
    /// Neither store has the root.
    NoStore,
    /// The same authority signs these sites, which are known to be public.
    SignsPublicSites {
        /// Their targets.
        targets: Vec<String>,
    },
    /// The same authority signs these hosts of other organisations.
    SignsUnrelated {
        /// Their targets.
        targets: Vec<String>,
    },
    /// The same issuer signs these hosts, whose names or addresses belong to this network alone.
    SignsInternal {
        /// Their targets.
        targets: Vec<String>,
    },
    /// Public sites lead to web roots.
    PublicSitesAreClean {
        /// Their targets.
        targets: Vec<String>,
    },
    /// Public sites are signed by another authority than this host.
    PublicSitesSignedByOther {
        /// That authority, hostile text.
        authority: String,
    },
    /// Public sites are signed by an authority of the same name, with another key.
    NamedAsInspector,
    /// Public sites were looked at, and none showed a chain that tells.
    PublicSitesSilent,
    /// No public site was looked at.
    NoPublicSites,
    /// The host's name or address belongs to this network alone.
    InternalName,
    /// The host's name is like those on the internet.
    PublicLookingName,
    /// The leaf carries no certificate-transparency timestamps.
    NoTimestamps,
    /// The leaf carries certificate-transparency timestamps.
    Timestamps {
        /// How many.
        count: usize,
    },
    /// The leaf was made moments ago.
    Fresh {
        /// When its validity begins.
        since: OffsetDateTime,
    },
    /// Hosts of other organisations present the same key.
    SharedKey {
        /// Their targets.
        targets: Vec<String>,
    },
    /// The leaf names an organisation in its subject, as one that was copied from a public certificate does.
    NamesOrganisation {
        /// That organisation, hostile text.
        organisation: String,
    },
    /// The inspector signs this host with the CA it keeps for origins that it does not trust.
    DistrustedOrigin,
    /// Another CA under the same root signs this host than the one that signs public sites.
    OtherIssuerUnderSameRoot,
}

/// What the public sites beside the targets show.
pub(super) struct Surroundings {
    names: Vec<String>,
    fresh: Freshness,
    clean: Vec<usize>,
    /// Public sites that an inspector signs, with the group.
    inspected: Vec<(usize, usize)>,
    looked: bool,
}

impl Surroundings {
    pub(super) fn of(observations: &Observations, leads: &[Lead], groups: &[Group]) -> Self {
        let public = |index: &usize| leads[*index].standing == Standing::Public;
        let clean = (0..leads.len()).filter(|i| leads[*i].is_clean(Standing::Public)).collect();
        let inspected = groups
            .iter()
            .enumerate()
            .filter(|(_, g)| g.proven)
            .flat_map(|(own, g)| g.members.iter().copied().filter(public).map(move |i| (i, own)))
            .collect();
        Self {
            names: observations.targets.iter().map(|l| l.target.to_string()).collect(),
            fresh: Freshness::of(leads, observations.time),
            clean,
            inspected,
            looked: observations.targets.iter().any(|l| matches!(l.role, Role::Control | Role::WellKnown)),
        }
    }

    /// Whether a public site showed who signs public names here.
    pub(super) fn public_sites_answer(&self) -> bool {
        !self.clean.is_empty() || !self.inspected.is_empty()
    }

    /// Whether all these leafs were made moments ago, and that says something.
    pub(super) fn all_fresh(&self, members: &[usize], leads: &[Lead]) -> bool {
        members.iter().all(|i| leads[*i].minted.is_some_and(|m| self.fresh.is_telling(m)))
    }

    fn names(&self, indices: impl IntoIterator<Item = usize>) -> Vec<String> {
        indices.into_iter().map(|i| self.names[i].clone()).collect()
    }
}

/// How new the leafs of public CAs are here, beside which a new one is remarkable or not.
#[derive(Clone, Copy)]
pub(super) struct Freshness {
    now: OffsetDateTime,
    usual: bool,
}

impl Freshness {
    pub(super) fn of(leads: &[Lead], now: OffsetDateTime) -> Self {
        let clean = || leads.iter().filter(|l| l.is_clean(Standing::PublicLooking)).filter_map(|l| l.minted);
        let fresh = clean().filter(|minted| is_fresh(*minted, now)).count();
        Self { now, usual: fresh > 0 && 2 * fresh >= clean().count() }
    }

    /// Whether a validity began moments ago, while those of public CAs here mostly did not.
    pub(super) fn is_telling(self, minted: OffsetDateTime) -> bool {
        !self.usual && is_fresh(minted, self.now)
    }
}

/// Whether a validity began moments ago.
fn is_fresh(minted: OffsetDateTime, now: OffsetDateTime) -> bool {
    (Duration::ZERO..FRESH).contains(&(now - minted))
}

/// Whether a host of another organisation presents another certificate with the same key.
pub(super) fn shares_key_with_stranger(index: usize, leads: &[Lead]) -> bool {
    !strangers_with_key(index, leads).is_empty()
}

/// Whether a key tells who minted a leaf. One that lies behind a public CA's certificate too belongs to the servers.
pub(super) fn is_telling_key(key: Fingerprint, leads: &[Lead]) -> bool {
    !leads.iter().any(|l| l.is_clean(Standing::PublicLooking) && l.leaf_key == Some(key))
}

/// Collects what is known about one host of a group.
pub(super) fn about(own: usize, group: &Group, leads: &[Lead], around: &Surroundings) -> Vec<Evidence> {
    let lead = &leads[own];
    let others = || group.members.iter().copied().filter(|i| *i != own);
    let mut found = vec![match (lead.to, lead.origin) {
        (LeadsTo::LocalRoot, Some(origin)) => Evidence::LocalRoot { origin },
        _ => Evidence::NoStore,
    }];
    let public: Vec<usize> =
        others().filter(|i| leads[*i].standing == Standing::Public && leads[*i].name_matches).collect();
    let unrelated: Vec<usize> = others()
        .filter(|i| {
            leads[*i].standing == Standing::PublicLooking && leads[*i].organisation != lead.organisation
        })
        .collect();
    if !public.is_empty() {
        found.push(Evidence::SignsPublicSites { targets: around.names(public) });
    }
    if !unrelated.is_empty() {
        found.push(Evidence::SignsUnrelated { targets: around.names(unrelated) });
    }
    let internal: Vec<usize> = others()
        .filter(|i| leads[*i].standing == Standing::Internal && leads[*i].name_matches)
        .filter(|i| leads[*i].same_issuer(lead))
        .collect();
    if !internal.is_empty() {
        found.push(Evidence::SignsInternal { targets: around.names(internal) });
    }
    if !around.clean.is_empty() {
        found.push(Evidence::PublicSitesAreClean { targets: around.names(around.clean.iter().copied()) });
    }
    let by_others =
        || around.inspected.iter().filter(|(i, _)| !group.members.contains(i)).map(|(i, _)| &leads[*i]);
    if by_others().any(|site| site.top_name == lead.top_name) {
        found.push(Evidence::NamedAsInspector);
    } else if let Some(site) = by_others().next() {
        found.push(Evidence::PublicSitesSignedByOther { authority: site.top_common_name.clone() });
    }
    if !around.public_sites_answer() {
        found.push(if around.looked { Evidence::PublicSitesSilent } else { Evidence::NoPublicSites });
    }
    found.extend(match lead.standing {
        Standing::Internal => Some(Evidence::InternalName),
        Standing::PublicLooking => Some(Evidence::PublicLookingName),
        Standing::Public => None,
    });
    found.push(match lead.timestamps {
        0 => Evidence::NoTimestamps,
        count => Evidence::Timestamps { count },
    });
    if let Some(since) = lead.minted.filter(|m| around.fresh.is_telling(*m)) {
        found.push(Evidence::Fresh { since });
    }
    let sharing = strangers_with_key(own, leads);
    if !sharing.is_empty() {
        found.push(Evidence::SharedKey { targets: around.names(sharing) });
    }
    if let Some(organisation) = &lead.leaf_organisation {
        found.push(Evidence::NamesOrganisation { organisation: organisation.clone() });
    }
    found
}

fn strangers_with_key(index: usize, leads: &[Lead]) -> Vec<usize> {
    let own = &leads[index];
    (0..leads.len())
        .filter(|i| *i != index && own.leaf_key.is_some_and(|key| is_telling_key(key, leads)))
        .filter(|i| {
            let other = &leads[*i];
            other.leaf_key == own.leaf_key
                && other.leaf != own.leaf
                && other.organisation != own.organisation
                && other.standing >= Standing::PublicLooking
        })
        .collect()
}
