//! The stable finding codes.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// What can be found. The kebab-case text of each is stable: scripts and runbooks depend on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the stable text.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

// the order is that of severity inside a group and of the groups in docs/findings
codes! {
    /// A gateway or a program on this machine re-signs the traffic.
    TlsInspected = "tls-inspected",
    /// Inspected, and the inspecting CA is in no store of this machine.
    InspectionCaNotInstalled = "inspection-ca-not-installed",
    /// The host's own CA is a private one that this machine trusts; no inspection.
    PrivateCa = "private-ca",
    /// A complete chain to a root that is in neither store, without signs of inspection.
    UntrustedRoot = "untrusted-root",
    /// The issuer was found nowhere; more cannot be told.
    UnknownIssuer = "unknown-issuer",
    /// The server's certificate signed itself.
    SelfSigned = "self-signed",
    /// A CA whose private key is public.
    KnownBadCa = "known-bad-ca",
    /// The web roots accept the chain, the system store does not.
    SystemStoreOutdated = "system-store-outdated",
    /// The server did not send a certificate between its own and the root.
    MissingIntermediate = "missing-intermediate",
    /// The certificates are all there, in an order RFC 5246 forbids.
    WrongChainOrder = "wrong-chain-order",
    /// The chain breaks a rule of RFC 5280: constraint, key usage, signature.
    InvalidChain = "invalid-chain",
    /// A certificate of the chain is past its end.
    Expired = "expired",
    /// A certificate of the chain is before its start.
    NotYetValid = "not-yet-valid",
    /// This machine's clock is wrong.
    ClockSkew = "clock-skew",
    /// The certificate is for other names.
    NameMismatch = "name-mismatch",
    /// A signature algorithm that is no longer accepted.
    WeakSignature = "weak-signature",
    /// A key too small to be accepted.
    WeakKey = "weak-key",
    /// Accepted by most clients and refused by strict ones.
    StrictProfile = "strict-profile",
    /// A client that insists on revocation information cannot get any.
    RevocationUnavailable = "revocation-unavailable",
    /// No OCSP staple, although the certificate demands one.
    StapleMissing = "staple-missing",
    /// A staple that proves nothing: expired, for another certificate, badly signed.
    StapleInvalid = "staple-invalid",
    /// The CA has revoked the certificate.
    Revoked = "revoked",
    /// The name does not resolve.
    NameNotResolved = "name-not-resolved",
    /// Nothing listens on the port.
    Refused = "refused",
    /// No route to the host.
    Unreachable = "unreachable",
    /// No answer in time.
    Timeout = "timeout",
    /// The connection was cut.
    ConnectionReset = "connection-reset",
    /// Something other than TLS answers.
    NotTls = "not-tls",
    /// The server and this program have no TLS version in common.
    TlsVersionRefused = "tls-version-refused",
    /// The server speaks only versions that are switched off nowadays.
    LegacyTlsOnly = "legacy-tls-only",
    /// The handshake failed for another reason.
    HandshakeFailed = "handshake-failed",
    /// The server wants a client certificate.
    ClientCertificateRequired = "client-certificate-required",
    /// A login page answers in place of the network.
    CaptivePortal = "captive-portal",
    /// Only a proxy leads out.
    ProxyRequired = "proxy-required",
    /// The proxy wants credentials.
    ProxyAuthRequired = "proxy-auth-required",
    /// The proxy refused the tunnel.
    ProxyRefused = "proxy-refused",
    /// The proxy does not answer.
    ProxyUnreachable = "proxy-unreachable",
    /// A tool does not trust the CA it meets.
    ToolLacksCa = "tool-lacks-ca",
    /// The CA file a tool is given cannot be used.
    ToolCaFileUnusable = "tool-ca-file-unusable",
    /// A replacing setting names a file that lacks the public roots.
    ToolBundleIncomplete = "tool-bundle-incomplete",
    /// A setting is beaten by another one.
    ToolSettingOverridden = "tool-setting-overridden",
    /// A tool does not verify at all.
    ToolVerificationOff = "tool-verification-off",
    /// A setting names something that is no longer true.
    ToolSettingStale = "tool-setting-stale",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|c| c.as_str() == text).ok_or(())
    }
}
