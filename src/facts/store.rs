//! Root stores: which certificates a store holds, where each came from, and what could not be read.

use serde::{Deserialize, Serialize};

use super::{Certificate, Fingerprint};

/// A set of trust anchors, with everything that went wrong while it was read.
///
/// One unreadable certificate never spoils a store: it becomes a [`StoreProblem`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootStore {
    /// Where it is, for people: a path, `Windows certificate store`, `Mozilla roots (webpki-root-certs 1.0.11)`.
    pub source: String,
    /// The roots, without duplicates.
    pub roots: Vec<Root>,
    /// Certificates this store refuses whatever signs them: the Disallowed store of Windows, a "never trust" of macOS,
    /// a blocklist of p11-kit, a root deselected in /etc/ca-certificates.conf. Never among `roots`, never in a bundle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub distrusted: Vec<Root>,
    /// What could not be used, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<StoreProblem>,
}

/// A trust anchor in a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// The certificate.
    pub certificate: Certificate,
    /// Who put it there.
    pub origin: Origin,
    /// The file or logical store it was found in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// Who put a root into a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Somebody with administrator rights added it (folder of local additions, group policy, device management).
    Administrator,
    /// It came with the operating system or its ca-certificates package.
    Shipped,
    /// The distribution made it for this machine and it signs nothing but this machine (ssl-cert-snakeoil).
    Leftover,
    /// The user added it to a store of their own.
    User,
    /// It is in the store and nothing tells who put it there.
    Unknown,
}

impl Origin {
    /// Whether somebody on this computer or in its company put the root there, as far as can be told.
    pub fn is_local(self) -> bool {
        matches!(self, Self::Administrator | Self::User | Self::Unknown)
    }
}

/// A part of a store that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreProblem {
    /// The file, folder or logical store.
    pub place: String,
    /// What is wrong with it.
    pub message: String,
}

/// A certificate in a file that is no store: nothing vouches for it but a fingerprint that somebody gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The certificate.
    pub certificate: Certificate,
    /// The file.
    pub place: String,
}

/// The stores of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stores {
    /// What the operating system trusts, whatever `SSL_CERT_FILE` and `SSL_CERT_DIR` say.
    pub system: RootStore,
    /// Mozilla's roots, compiled into this program.
    pub web: RootStore,
    /// What `SSL_CERT_FILE` and `SSL_CERT_DIR` give to programs that honour them; absent when neither is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<RootStore>,
}

impl Stores {
    /// Returns the roots of the system and of the web.
    pub fn roots(&self) -> impl Iterator<Item = &Certificate> {
        self.system.roots.iter().chain(&self.web.roots).map(|root| &root.certificate)
    }
}

impl RootStore {
    /// Returns the root with this fingerprint.
    pub fn find(&self, fingerprint: Fingerprint) -> Option<&Root> {
        self.roots.iter().find(|r| r.certificate.fingerprint() == fingerprint)
    }

    /// Whether the store holds this very certificate.
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.find(certificate.fingerprint()).is_some()
    }

    /// Whether the store refuses this very certificate.
    pub fn distrusts(&self, certificate: &Certificate) -> bool {
        self.distrusted.iter().any(|r| r.certificate == *certificate)
    }

    /// Returns what somebody added: every root that neither came with the system nor is a distribution's leftover.
    pub fn local_additions(&self) -> impl Iterator<Item = &Root> {
        self.roots.iter().filter(|r| r.origin.is_local())
    }
}
