//! What a root set says to a chain, and which smallest set of allowances would make it say yes.
//!
//! [`verdict`] is the one question of this program. It is put to the system store, to the web roots, to what the
//! environment gives and to the roots of every tool, and the difference between the answers is the diagnosis.

use std::collections::BTreeSet;
use std::fmt;

use time::OffsetDateTime;

use super::explore::{self, Search};
use super::name::{self, NameMatch};
use super::plain;
use super::profile;
use super::roots::RootSet;
use super::signature;
use crate::facts::{Certificate, Code, Departure, Fingerprint, Host};

/// A presented chain, and what it has to prove.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The certificates as sent, leaf first.
    pub chain: &'a [Certificate],
    /// Whom the client asked for.
    pub host: &'a Host,
    /// The moment of judging.
    pub time: OffsetDateTime,
}

/// A root set's answer to a presented chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The path from the leaf to the anchor, both included: of the plain chain if it is trusted, else the one that
    /// the allowances made possible; at least the leaf if there is one.
    pub path: Vec<Certificate>,
    /// Whether the last certificate of the path is in the root set.
    pub anchored: bool,
    /// What is needed for a yes; empty means trusted.
    pub allowances: BTreeSet<Allowance>,
    /// Why no set of allowances leads to a yes: nothing presented, an unreadable leaf, a signature that does not verify.
    pub hopeless: Option<Hopeless>,
    /// What strict clients refuse about a path that most accept.
    pub peculiarities: Vec<Peculiarity>,
    /// Certificates that bear the name of an issuer that was wanted, and whose key is another.
    pub namesakes: Vec<Certificate>,
}

/// One thing a verifier would have to overlook, or be given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allowance {
    /// A certificate of the path is outside its validity at the time of judging.
    Time {
        /// Position in the path, 0 is the leaf.
        position: usize,
        /// Whether it is past its end (else it is before its start).
        expired: bool,
        /// The bound that is broken.
        bound: OffsetDateTime,
    },
    /// Another name.
    Name(NameMatch),
    /// An intermediate the server did not send, found elsewhere.
    Intermediate {
        /// Its fingerprint.
        sha256: Fingerprint,
        /// Where it was found.
        found_in: Place,
    },
    /// A root the store does not hold.
    Root {
        /// Its fingerprint.
        sha256: Fingerprint,
        /// Where it was seen; absent when the server sent it.
        found_in: Option<Place>,
    },
    /// An issuer that was found nowhere.
    UnknownIssuer {
        /// Distinguished name, hostile text.
        issuer: String,
    },
    /// A signature algorithm that is no longer accepted (SHA-1, MD5).
    WeakSignature {
        /// Position in the path.
        position: usize,
        /// The algorithm's name.
        algorithm: String,
    },
    /// A signature of an algorithm that this program cannot check.
    UncheckedSignature {
        /// Position in the path.
        position: usize,
        /// The algorithm's OID.
        algorithm: String,
    },
    /// A key that is too small.
    WeakKey {
        /// Position in the path.
        position: usize,
        /// The key in words.
        key: String,
    },
    /// A certificate that the store refuses by name: a distrust list, a root that was deselected.
    Distrusted {
        /// Its fingerprint.
        sha256: Fingerprint,
    },
    /// A rule of the CA profile: constraint, key usage, unknown critical extension.
    Profile {
        /// Position in the path, where the rule concerns one certificate.
        position: Option<usize>,
        /// The rule, in RFC 5280's words.
        rule: String,
    },
}

/// Why nothing helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hopeless {
    /// No certificate was presented.
    NoChain,
    /// The leaf cannot be read.
    Unreadable {
        /// The parser's words.
        reason: String,
    },
    /// The issuer named by key identifier is there, and the signature is not its own.
    BadSignature {
        /// Position in the path of the certificate whose signature is wrong.
        position: usize,
        /// The certificate that did not make it.
        issuer: Certificate,
    },
}

/// Where a certificate that the server did not send was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the operating system's store.
    SystemStore,
    /// Among the web roots.
    WebRoots,
    /// In the store that `SSL_CERT_FILE` and `SSL_CERT_DIR` give.
    EnvironmentStore,
    /// In the chain that another target presented, named `host:port`.
    Beside(String),
    /// Behind the address that the certificate itself names (AIA).
    Fetched(String),
}

/// A departure from the certificate profile that only some clients mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peculiarity {
    /// Position in the path, 0 is the leaf.
    pub position: usize,
    /// What is peculiar.
    pub departure: Departure,
}

/// The certificates that may complete a chain beside what the server sent and the roots being asked.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    certificates: Vec<(Certificate, Place)>,
    known: std::collections::HashSet<Fingerprint>,
}

/// Judges a presented chain against a root set.
///
/// Trusted means: webpki accepts it with the roots that are within their validity, or the store holds the leaf itself.
/// Otherwise the path that needs the fewest allowances is the answer; paths that end in the root set come first.
pub fn verdict(question: &Question<'_>, roots: &RootSet, elsewhere: &Elsewhere) -> Verdict {
    let Some(leaf) = question.chain.first() else {
        return Verdict::hopeless(Vec::new(), Hopeless::NoChain);
    };
    if let Err(malformed) = leaf.details() {
        return Verdict::hopeless(vec![leaf.clone()], Hopeless::Unreadable { reason: malformed.to_string() });
    }
    // certificates know whole seconds, and their last second is still within
    let question =
        &Question { time: question.time.replace_nanosecond(0).unwrap_or(question.time), ..*question };
    let mut verdict = match plain::trusted_path(question, roots) {
        Some(path) => Verdict::anchored(path),
        None => match explore::best_path(question, roots, elsewhere) {
            // webpki searched a part of it; the path that was found it judges whole
            Search::Path { path, anchored: true, .. }
                if plain::is_tangled(question.chain)
                    && plain::trusted_path(&Question { chain: &path, ..*question }, roots).is_some() =>
            {
                Verdict::anchored(path)
            }
            Search::Path { path, anchored, allowances, namesakes } => {
                Verdict { path, anchored, allowances, namesakes, hopeless: None, peculiarities: Vec::new() }
            }
            Search::BadSignature { path, issuer } => {
                let position = path.len() - 1;
                Verdict::hopeless(path, Hopeless::BadSignature { position, issuer })
            }
        },
    };
    if let Ok(details) = leaf.details()
        && let Some(key) = explore::weak_key(details)
    {
        // webpki never looks at the leaf's own key
        verdict.allowances.insert(Allowance::WeakKey { position: 0, key });
    }
    let name = name::matches(leaf, question.host);
    if !name.is_match() {
        verdict.allowances.insert(Allowance::Name(name));
    }
    verdict.peculiarities =
        profile::peculiarities(&continued(&verdict, roots, question.time), verdict.anchored);
    // what lies above the anchor is no part of the path
    verdict.peculiarities.retain(|peculiarity| peculiarity.position < verdict.path.len());
    verdict
}

/// Returns the path as a client takes it that wants a self-signed root: up through the set, where it has what signed an
/// intermediate that is in it too. Companies install both.
fn continued(verdict: &Verdict, roots: &RootSet, time: OffsetDateTime) -> Vec<Certificate> {
    const MOST_STEPS: usize = 8;
    let mut path = verdict.path.clone();
    for _ in 0..MOST_STEPS {
        let Some(last) = path.last().filter(|last| verdict.anchored && !last.is_self_issued()) else { break };
        let signed_it = |root: &&Certificate| {
            let in_force = root.details().is_ok_and(|d| d.not_before <= time && time <= d.not_after);
            in_force && !roots.distrusts(root) && signature::check(last, root) == signature::Signature::Good
        };
        let Some(root) = last.details().ok().and_then(|d| roots.named(&d.issuer).find(signed_it)) else {
            break;
        };
        if path.contains(root) {
            break;
        }
        path.push(root.clone());
    }
    path
}

/// Returns what only some clients mind about a CA certificate by itself, as an anchor.
pub fn anchor_peculiarities(anchor: &Certificate) -> Vec<Peculiarity> {
    profile::of_anchor(anchor, 0)
}

/// Returns what is wrong with a CA certificate by itself, as an anchor.
pub fn weaknesses(anchor: &Certificate, time: OffsetDateTime) -> Vec<Code> {
    let Ok(details) = anchor.details() else { return vec![Code::InvalidChain] };
    let mut codes = Vec::new();
    if time > details.not_after {
        codes.push(Code::Expired);
    } else if time < details.not_before {
        codes.push(Code::NotYetValid);
    }
    if explore::weak_key(details).is_some() {
        codes.push(Code::WeakKey);
    }
    if !profile::of_anchor(anchor, 0).is_empty() {
        codes.push(Code::StrictProfile);
    }
    codes
}

impl Verdict {
    /// Holds a path to what browsers insist on, though many libraries overlook it: a server's certificate is no CA's.
    /// What one library overlooks is asked where that library is judged.
    #[must_use]
    pub fn by_browsers(mut self) -> Self {
        let is_ca = self.peculiarities.iter().any(|p| p.departure == Departure::LeafIsCa);
        if is_ca && self.reaches_roots() {
            let rule = "the server's certificate is marked as a CA (basicConstraints cA)".to_owned();
            self.allowances.insert(Allowance::Profile { position: Some(0), rule });
        }
        self
    }

    /// Whether a client with these roots connects.
    pub fn is_trusted(&self) -> bool {
        self.hopeless.is_none() && self.allowances.is_empty()
    }

    /// Whether the path ends in the root set, whatever else is wrong with it.
    pub fn reaches_roots(&self) -> bool {
        self.anchored && self.hopeless.is_none()
    }

    /// Returns the certificate of the root set that closed the path.
    pub fn anchor(&self) -> Option<&Certificate> {
        self.path.last().filter(|_| self.anchored)
    }

    /// Returns the root that closes the path, in the set or not, if it is known.
    pub fn root(&self) -> Option<&Certificate> {
        self.path.last().filter(|_| self.anchored || self.missing_root().is_some())
    }

    /// Returns the fingerprint of the root the set would have to hold.
    pub fn missing_root(&self) -> Option<Fingerprint> {
        self.allowances.iter().find_map(|a| match a {
            Allowance::Root { sha256, .. } => Some(*sha256),
            _ => None,
        })
    }

    /// Returns the issuer that was found nowhere.
    pub fn unknown_issuer(&self) -> Option<&str> {
        self.allowances.iter().find_map(|a| match a {
            Allowance::UnknownIssuer { issuer } => Some(issuer.as_str()),
            _ => None,
        })
    }

    /// Returns the intermediates that the server did not send, with where each was found.
    pub fn missing_intermediates(&self) -> impl Iterator<Item = (Fingerprint, &Place)> {
        self.allowances.iter().filter_map(|a| match a {
            Allowance::Intermediate { sha256, found_in } => Some((*sha256, found_in)),
            _ => None,
        })
    }

    /// Returns what the server should send: the path without the root, which every client has or must not take from it.
    pub fn chain_to_send(&self) -> &[Certificate] {
        match self.path.split_last() {
            Some((last, rest)) if !rest.is_empty() && last.is_self_issued() => rest,
            _ => &self.path,
        }
    }

    /// Whether the leaf is the whole path and signed itself: its own name as the issuer's is not enough, a CA and the
    /// server's certificate may have been given the same name.
    pub fn is_self_signed_leaf(&self) -> bool {
        self.unknown_issuer().is_none() && matches!(self.path.as_slice(), [leaf] if leaf.is_self_issued())
    }

    /// Returns what is wrong in the words a log would use, the gravest first; `None` when trusted.
    pub fn reason(&self) -> Option<String> {
        if let Some(hopeless) = &self.hopeless {
            return Some(hopeless.to_string());
        }
        let worst = self.allowances.iter().max_by_key(|a| a.weight())?;
        Some(worst.to_string())
    }

    fn anchored(path: Vec<Certificate>) -> Self {
        Self {
            path,
            anchored: true,
            allowances: BTreeSet::new(),
            hopeless: None,
            peculiarities: Vec::new(),
            namesakes: Vec::new(),
        }
    }

    fn hopeless(path: Vec<Certificate>, why: Hopeless) -> Self {
        Self {
            path,
            anchored: false,
            allowances: BTreeSet::new(),
            hopeless: Some(why),
            peculiarities: Vec::new(),
            namesakes: Vec::new(),
        }
    }
}

impl Allowance {
    /// Returns what it costs to overlook this: what a client could most easily be given is cheapest.
    ///
    /// Any path into the root set beats one that needs another root, and any known root beats an unknown issuer.
    pub fn weight(&self) -> u32 {
        match self {
            Self::Intermediate { .. } => 1_000,
            Self::Time { .. } => 1_010,
            Self::Name(_) => 1_020,
            Self::WeakSignature { .. } => 1_030,
            Self::WeakKey { .. } => 1_040,
            Self::UncheckedSignature { .. } => 1_500,
            Self::Profile { .. } => 2_000,
            Self::Distrusted { .. } => 10_000,
            Self::Root { .. } => 20_000,
            Self::UnknownIssuer { .. } => 40_000,
        }
    }
}

impl Elsewhere {
    /// Adds a certificate unless it is there already; the first place it was found in is kept.
    pub fn add(&mut self, certificate: &Certificate, place: &Place) {
        if self.known.insert(certificate.fingerprint()) {
            self.certificates.push((certificate.clone(), place.clone()));
        }
    }

    /// Returns the certificates in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&Certificate, &Place)> {
        self.certificates.iter().map(|(certificate, place)| (certificate, place))
    }
}

impl fmt::Display for Allowance {
    /// Hostile text inside: sanitise before showing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time { position, expired, bound } => write!(
                f,
                "{} {} on {}",
                if *position == 0 {
                    "certificate".to_owned()
                } else {
                    format!("certificate {position} of the path")
                },
                if *expired { "expired" } else { "becomes valid" },
                bound.date()
            ),
            Self::Name(_) => f.write_str("the certificate is for another name"),
            Self::Intermediate { .. } => f.write_str("an intermediate certificate is missing"),
            Self::Root { .. } => f.write_str("the root is not in this store"),
            Self::UnknownIssuer { issuer } => write!(f, "unknown issuer: {issuer}"),
            Self::WeakSignature { algorithm, .. } => write!(f, "signed with {algorithm}"),
            Self::UncheckedSignature { algorithm, .. } => write!(f, "signature of unknown kind {algorithm}"),
            Self::WeakKey { key, .. } => write!(f, "key too weak: {key}"),
            Self::Distrusted { .. } => f.write_str("this store distrusts a certificate of the path"),
            Self::Profile { rule, .. } => f.write_str(rule),
        }
    }
}

impl fmt::Display for Hopeless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoChain => f.write_str("no certificate was presented"),
            Self::Unreadable { reason } => write!(f, "the certificate cannot be read: {reason}"),
            Self::BadSignature { position, .. } => {
                write!(f, "the signature of certificate {position} is not its issuer's")
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SystemStore => f.write_str("the system store"),
            Self::WebRoots => f.write_str("the web roots"),
            Self::EnvironmentStore => f.write_str("the store that SSL_CERT_FILE or SSL_CERT_DIR names"),
            Self::Beside(target) => write!(f, "the chain of {target}"),
            Self::Fetched(url) => f.write_str(url),
        }
    }
}
