//! Pure judgement: what the observations mean for each store. No contact with the outside, no wording for people.

pub mod clock;
mod der;
pub mod detour;
mod explore;
pub mod hello;
pub mod hosts;
pub mod inspection;
pub mod meeting;
pub mod name;
pub mod no_proxy;
mod plain;
pub mod portal;
pub mod probe;
mod profile;
pub mod reader;
pub mod roots;
pub mod route;
pub mod route_as;
pub mod shape;
mod signature;
pub mod staple;
pub mod tool;
pub mod trust;
mod twin;

pub use clock::Clock;
pub use inspection::{Authority, HostInspection, Inspection};
pub use name::NameMatch;
pub use roots::RootSet;
pub use shape::Shape;
pub use staple::{Staple, StapleFault, StapleStatus};
pub use trust::{Allowance, Elsewhere, Hopeless, Place, Question, Verdict};

use time::OffsetDateTime;

use crate::facts::handshake::TargetLook;
use crate::facts::{Certificate, Observations, Route};

/// What the observations mean.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// One per target, in the order of the observations.
    pub targets: Vec<TargetJudgement>,
    /// Whether TLS is inspected, and by whom.
    pub inspection: Inspection,
    /// Whether this computer's clock is right.
    pub clock: Clock,
}

/// What a target's chain means.
#[derive(Clone, Debug)]
pub struct TargetJudgement {
    /// The stores' answers; absent when no chain was seen.
    pub trust: Option<TrustJudgement>,
    /// What the stapled OCSP response proves; absent when there is none.
    pub staple: Option<Staple>,
    /// The order and contents of what was sent.
    pub shape: Shape,
    /// Whether this very host is inspected.
    pub inspection: HostInspection,
}

/// What each store says to one chain.
#[derive(Clone, Debug)]
pub struct TrustJudgement {
    /// The system store's answer.
    pub system: Verdict,
    /// The web roots' answer.
    pub web: Verdict,
    /// The answer of what `SSL_CERT_FILE` and `SSL_CERT_DIR` give, where they are set.
    pub environment: Option<Verdict>,
}

/// Judges everything that was seen.
pub fn judge(observations: &Observations) -> Judgement {
    let stores = &observations.stores;
    let system = RootSet::of(&stores.system);
    let web = RootSet::of(&stores.web);
    let environment = stores.environment.as_ref().map(RootSet::of);
    let elsewhere = known_certificates(observations);
    let judge_target = |look: &TargetLook| {
        (!look.chain().is_empty()).then(|| {
            let question = Question { chain: look.chain(), host: &look.target.host, time: observations.time };
            let answer = |set: &RootSet| trust::verdict(&question, set, &elsewhere).by_browsers();
            TrustJudgement {
                system: answer(&system),
                web: answer(&web),
                environment: environment.as_ref().map(answer),
            }
        })
    };
    let trust: Vec<Option<TrustJudgement>> = observations.targets.iter().map(judge_target).collect();
    let (inspection, hosts) = inspection::judge(observations, &trust);
    let targets = observations
        .targets
        .iter()
        .zip(trust)
        .zip(hosts)
        .map(|((look, trust), inspection)| TargetJudgement {
            staple: staple(look, trust.as_ref(), observations.time),
            trust,
            shape: Shape::of(look.chain()),
            inspection,
        })
        .collect();
    Judgement { targets, inspection, clock: clock::clock(observations) }
}

fn staple(look: &TargetLook, trust: Option<&TrustJudgement>, time: OffsetDateTime) -> Option<Staple> {
    let bytes = look.handshake.as_ref()?.staple.as_ref()?;
    let leaf = look.chain().first()?;
    let mut paths = trust.into_iter().flat_map(|t| [&t.web, &t.system]);
    let issuer = paths.find_map(|verdict| verdict.path.get(1));
    Some(staple::judge(&bytes.0, leaf, issuer, time))
}

/// Returns every certificate that may complete a chain: the stores' and the CAs that other targets presented.
pub fn known_certificates(observations: &Observations) -> Elsewhere {
    let mut elsewhere = Elsewhere::default();
    let stores = &observations.stores;
    for (store, place) in [
        (Some(&stores.system), Place::SystemStore),
        (Some(&stores.web), Place::WebRoots),
        (stores.environment.as_ref(), Place::EnvironmentStore),
    ] {
        for root in store.into_iter().flat_map(|s| &s.roots) {
            elsewhere.add(&root.certificate, &place);
        }
    }
    for look in &observations.targets {
        let place = Place::Beside(look.target.to_string());
        for certificate in look.chain().iter().skip(1).filter(|c| c.is_ca()) {
            elsewhere.add(certificate, &place);
        }
    }
    for look in &observations.issuers {
        let place = Place::Fetched(look.url.clone());
        for certificate in look.answer.certificates() {
            elsewhere.add(certificate, &place);
        }
    }
    elsewhere
}

/// An address at which an issuer that is found nowhere could be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedIssuer {
    /// The address, hostile text.
    pub url: String,
    /// Whether a server that answers on this computer itself sent the chain that names it.
    pub from_this_computer: bool,
}

/// Returns the addresses at which issuers that are found nowhere could be fetched, each once, without those that were
/// asked already. Only plain HTTP is asked: an issuer proves itself by its signature, and fetching it over TLS could
/// need the very issuer that is missing.
pub fn wanted_issuers(observations: &Observations) -> Vec<WantedIssuer> {
    let sets = [RootSet::of(&observations.stores.system), RootSet::of(&observations.stores.web)];
    let unled = |look: &&TargetLook| !look.chain().is_empty() && names_lead_to_a_root(look, &sets).is_none();
    let unled: Vec<&TargetLook> = observations.targets.iter().filter(unled).collect();
    if unled.is_empty() {
        return Vec::new();
    }
    let elsewhere = known_certificates(observations);
    let mut wanted: Vec<WantedIssuer> = Vec::new();
    for look in unled {
        let question = Question { chain: look.chain(), host: &look.target.host, time: observations.time };
        let [system, web] = sets.each_ref().map(|set| trust::verdict(&question, set, &elsewhere));
        if web.unknown_issuer().is_none() || system.anchored {
            continue;
        }
        let Some(Ok(top)) = web.path.last().map(Certificate::details) else { continue };
        for url in top.issuer_urls.iter().filter(|url| is_plain_http(url)).take(MOST_ADDRESSES) {
            let from_this_computer = answers_here(look);
            if observations.issuers.iter().any(|i| i.url == *url) {
                continue;
            }
            match wanted.iter_mut().find(|known| known.url == *url) {
                Some(known) => known.from_this_computer |= from_this_computer,
                None => wanted.push(WantedIssuer { url: url.clone(), from_this_computer }),
            }
        }
    }
    wanted.truncate(MOST_WANTED);
    wanted
}

/// Returns the certificates, root included, by which the names and key identifiers in a chain lead to a root. That
/// proves nothing, but then no issuer is missing: a whole chain costs no signature check here.
fn names_lead_to_a_root<'a>(look: &'a TargetLook, sets: &'a [RootSet]) -> Option<Vec<&'a Certificate>> {
    let mut path = vec![look.chain().first()?];
    for _ in look.chain() {
        let below = path.last()?.details().ok()?;
        let fits = |issuer: &&Certificate| {
            issuer.details().is_ok_and(|above| {
                let keys = (&below.authority_key_identifier, &above.subject_key_identifier);
                above.subject == below.issuer && !matches!(keys, (Some(wanted), Some(own)) if wanted != own)
            })
        };
        if let Some(root) = sets.iter().flat_map(|set| set.named(&below.issuer)).find(fits) {
            path.push(root);
            return Some(path);
        }
        path.push(look.chain().iter().skip(1).find(fits)?);
    }
    None
}

/// The most addresses asked for one certificate.
const MOST_ADDRESSES: usize = 2;
/// The most addresses asked in one go; the certificates of an evil server may name any number of them.
const MOST_WANTED: usize = 32;

/// Whether this computer itself answered, and not a proxy on it for somebody far away.
fn answers_here(look: &TargetLook) -> bool {
    matches!(look.route, Route::Direct { .. })
        && look.address.is_some_and(|address| address.to_canonical().is_loopback())
}

fn is_plain_http(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// Whether `issuer`'s key made the signature on `certificate`; `None` when this program cannot compute that.
pub fn signed_by(certificate: &Certificate, issuer: &Certificate) -> Option<bool> {
    match signature::check(certificate, issuer) {
        signature::Signature::Good => Some(true),
        signature::Signature::Bad => Some(false),
        signature::Signature::Unknown => None,
    }
}

/// Returns the name of the algorithm that a certificate was signed with, or its OID.
pub fn signature_name(certificate: &Certificate) -> Option<String> {
    let oid = &certificate.details().ok()?.signature_algorithm;
    Some(signature::name(oid).map_or_else(|| oid.clone(), str::to_owned))
}

impl Judgement {
    /// Returns the authority that signs a target, if it is inspected.
    pub fn authority_of(&self, target: &TargetJudgement) -> Option<&Authority> {
        target.inspection.authority.and_then(|index| self.inspection.authorities.get(index))
    }
}
