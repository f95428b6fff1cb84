//! Where each target's chain leads, and what else its leaf says.

use time::OffsetDateTime;

use super::Standing;
use crate::catalogue::vendors;
use crate::facts::certificate::DistinguishedName;
use crate::facts::handshake::TargetLook;
use crate::facts::store::Origin;
use crate::facts::{Certificate, Fingerprint, Observations};
use crate::judge::trust::{Allowance, Verdict};
use crate::judge::{TrustJudgement, hosts, name};

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadsTo {
    /// A signature on the way is not the named issuer's, or is of a kind that cannot be checked.
    Broken,
    /// The leaf signed itself.
    Itself,
    /// A root of the system store that the distribution made for this machine alone.
    Leftover,
    /// A root of the system store that did not come with the system, as far as can be told.
    LocalRoot,
    /// No chain was seen.
    Nowhere,
    /// A root that the operating system ships and the web roots do not have.
    Shipped,
    /// An issuer of which only the name is known.
    UnknownIssuer,
    /// A root that neither store has.
    UntrustedRoot,
    /// A web root.
    WebRoot,
}

/// What one target's chain says about who signs.
#[derive(Clone, Debug)]
pub struct Lead {
    /// Where it ends.
    pub to: LeadsTo,
    /// The certificate at the end, where it is known.
    pub top: Option<Certificate>,
    /// Distinguished name at the end, hostile text.
    pub top_name: String,
    /// The name people know the end by, hostile text.
    pub top_common_name: String,
    /// The leaf's issuer.
    pub issuer: Option<DistinguishedName>,
    /// The key of the leaf's issuer, where its certificate is known.
    pub issuer_key: Option<Fingerprint>,
    /// The product that the names on the path belong to.
    pub vendor: Option<String>,
    /// Whether the names on the path are those of a CA for one developer's own machine.
    pub is_development_ca: bool,
    /// Who put the root into the system store.
    pub origin: Option<Origin>,
    /// What the host's name says.
    pub standing: Standing,
    /// Whether the host is on our own list of public sites: not only somebody's word makes it one.
    pub is_listed: bool,
    /// Who registered the host's name.
    pub organisation: String,
    /// Whether the leaf is for this host.
    pub name_matches: bool,
    /// How many certificate-transparency timestamps the leaf carries.
    pub timestamps: usize,
    /// The leaf's key.
    pub leaf_key: Option<Fingerprint>,
    /// The leaf itself.
    pub leaf: Option<Fingerprint>,
    /// When the leaf's validity begins.
    pub minted: Option<OffsetDateTime>,
    /// The organisation in the leaf's subject, hostile text.
    pub leaf_organisation: Option<String>,
}

impl LeadsTo {
    /// Whether an authority signs that the web roots do not know and the system did not ship.
    pub fn is_outside_web_roots(self) -> bool {
        matches!(self, Self::LocalRoot | Self::UnknownIssuer | Self::UntrustedRoot)
    }
}

impl Lead {
    /// Whether a web root vouches for a host of at least this standing, under its own name.
    pub fn is_clean(&self, least: Standing) -> bool {
        self.to == LeadsTo::WebRoot && self.name_matches && self.standing >= least
    }

    /// Whether two chains lead to the same authority: the same name with the same key, as far as keys are known.
    pub fn same_authority(&self, other: &Self) -> bool {
        let key = |lead: &Self| lead.top.as_ref().and_then(|c| c.details().ok()).map(|d| d.spki_sha256);
        self.top_name == other.top_name && (key(self) == key(other))
    }

    /// Whether the leafs have the same issuer.
    pub fn same_issuer(&self, other: &Self) -> bool {
        self.issuer == other.issuer
            && (self.issuer_key.is_none()
                || other.issuer_key.is_none()
                || self.issuer_key == other.issuer_key)
    }

    /// Whether the issuer's name says that it stands for origins that are not trusted.
    pub fn says_untrusted(&self) -> bool {
        let says = |text: &str| {
            let text = text.to_lowercase();
            text.contains("untrust") || text.contains("not trusted")
        };
        says(&self.top_name) || self.issuer.as_ref().is_some_and(|i| says(&i.to_string()))
    }
}

/// Returns one lead per target.
pub(super) fn leads(observations: &Observations, trust: &[Option<TrustJudgement>]) -> Vec<Lead> {
    observations
        .targets
        .iter()
        .zip(trust)
        .map(|(look, trust)| lead(observations, look, trust.as_ref()))
        .collect()
}

fn lead(observations: &Observations, look: &TargetLook, trust: Option<&TrustJudgement>) -> Lead {
    let leaf = look.chain().first();
    let details = leaf.and_then(|c| c.details().ok());
    let (to, path) = match trust {
        None => (LeadsTo::Nowhere, None),
        Some(trust) => end(observations, trust),
    };
    let origin = path
        .and_then(Verdict::anchor)
        .and_then(|root| observations.stores.system.find(root.fingerprint()))
        .map(|root| root.origin);
    let top = path.and_then(Verdict::root);
    let last = path.and_then(|v| v.path.last()).and_then(|c| c.details().ok());
    let top_name = match (top.and_then(|c| c.details().ok()), last) {
        (Some(top), _) => Some(&top.subject),
        (None, Some(last)) => Some(&last.issuer),
        (None, None) => details.map(|d| &d.issuer),
    };
    let issuer_key = path.and_then(|v| v.path.get(1)).and_then(|c| c.details().ok()).map(|d| d.spki_sha256);
    let (vendor, is_development_ca) =
        if to.is_outside_web_roots() { label(path, top_name) } else { (None, false) };
    Lead {
        to,
        top: top.cloned(),
        top_name: top_name.map(ToString::to_string).unwrap_or_default(),
        top_common_name: top_name.map(DistinguishedName::common_name).unwrap_or_default(),
        issuer: details.map(|d| d.issuer.clone()),
        issuer_key,
        vendor,
        is_development_ca,
        origin,
        standing: hosts::standing_of(look),
        is_listed: hosts::is_listed(look),
        organisation: hosts::organisation(&look.target.host),
        name_matches: leaf.is_some_and(|l| name::matches(l, &look.target.host).is_match()),
        timestamps: details.map_or(0, |d| d.certificate_timestamps),
        leaf_key: details.map(|d| d.spki_sha256),
        leaf: leaf.map(Certificate::fingerprint),
        minted: details.map(|d| d.not_before),
        leaf_organisation: details.and_then(|d| d.subject.attribute("O")).map(str::to_owned),
    }
}

/// Returns where a chain ends, and the verdict whose path shows it.
fn end<'a>(observations: &Observations, trust: &'a TrustJudgement) -> (LeadsTo, Option<&'a Verdict>) {
    let (system, web) = (&trust.system, &trust.web);
    if web.hopeless.is_some() || is_unproved(web) || is_unproved(system) {
        return (LeadsTo::Broken, None);
    }
    if web.anchored {
        return (LeadsTo::WebRoot, Some(web));
    }
    if web.is_self_signed_leaf() {
        return (LeadsTo::Itself, Some(system));
    }
    if let Some(root) = system.anchor() {
        let origin = observations.stores.system.find(root.fingerprint()).map(|r| r.origin);
        let to = match origin {
            Some(Origin::Shipped) => LeadsTo::Shipped,
            Some(Origin::Leftover) => LeadsTo::Leftover,
            _ => LeadsTo::LocalRoot,
        };
        return (to, Some(system));
    }
    if system.missing_root().is_some() {
        return (LeadsTo::UntrustedRoot, Some(system));
    }
    (LeadsTo::UnknownIssuer, Some(system))
}

/// Whether a path hangs on a signature that could not be computed: its names could be anybody's.
fn is_unproved(verdict: &Verdict) -> bool {
    verdict.allowances.iter().any(|a| matches!(a, Allowance::UncheckedSignature { .. }))
}

/// Returns the product that the CA names on a path belong to, and whether they are a development CA's.
fn label(path: Option<&Verdict>, top: Option<&DistinguishedName>) -> (Option<String>, bool) {
    let mut names: Vec<&DistinguishedName> = Vec::new();
    for certificate in path.map_or(&[][..], |v| &v.path) {
        if let Ok(details) = certificate.details() {
            names.push(&details.issuer);
        }
    }
    names.extend(top);
    let vendor = vendors::label(&names).map(|v| v.product.clone());
    (vendor, vendors::is_look_alike(&names))
}
