//! An inspected network on loopback, for `demo` and the tests: certification authorities that mint any chain with
//! any fault, servers that present exactly that chain, and the gateways and proxies of a company.
//!
//! Everything listens on 127.0.0.1 with a port of its own, in plain threads, and ends when it is dropped. Each
//! [`Endpoint`] carries its truth: the verdict that trustgap must reach about it.
#![expect(
    clippy::disallowed_methods,
    reason = "this room is a network of its own, which listens on loopback"
)]

pub mod gateway;
mod http;
pub mod mint;
#[cfg(test)]
pub(crate) mod mutated;
pub mod network;
pub mod proxy;
pub mod responder;
pub mod service;
pub mod site;

pub use gateway::{Inspector, Presents};
pub use mint::{Authority, Identity, Mint, Profile};
pub use network::{Endpoint, Network};
pub use proxy::{Access, Proxy};
pub use responder::Statement;
pub use service::Service;
pub use site::{Site, TlsOptions};
