//! What we know about tools, vendors and stores: data with its schema and loader.
//!
//! A new tool is one new file in `tools/` and no Rust: [`schema`] says what can stand in it.

pub mod bad_authorities;
pub mod cipher_suites;
pub mod fill;
mod folder;
pub mod intermediates;
mod loader;
pub mod pattern;
pub mod proxies;
pub mod schema;
pub mod sites;
pub mod startup;
pub mod stores;
pub mod vendors;
pub mod verifiers;
pub mod version;

pub use loader::variables;
pub use loader::{texts, tool, tools};
pub use pattern::Pattern;
pub use schema::Tool;
pub use version::{Range, Version};
