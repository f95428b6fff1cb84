//! Plain data: what was seen, what was concluded, what is reported. No contact with the outside, no decisions.

pub mod certificate;
pub mod clock;
pub mod code;
pub(crate) mod der;
pub mod environment;
pub mod fingerprint;
pub mod handshake;
pub mod issuer;
pub mod observations;
pub mod offers;
pub mod pem;
pub mod pkcs7;
pub mod platform;
pub mod probe;
pub mod proxies;
pub mod report;
pub mod route;
pub mod run;
pub mod store;
pub mod target;
pub mod tool;
pub mod verification;
pub mod versions;

pub use certificate::Certificate;
pub use code::Code;
pub use environment::Environment;
pub use fingerprint::Fingerprint;
pub use handshake::{Handshake, Outcome, TlsVersion};
pub use observations::Observations;
pub use platform::{Os, Platform};
pub use report::{Certainty, Finding, Report};
pub use route::{ProxyUrl, Route};
pub use store::{RootStore, Stores};
pub use target::{Host, Target};
pub use tool::ToolId;
