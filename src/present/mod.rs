//! Speaks: a finished report as text for people or as JSON. Decides nothing; every sentence about a finding comes
//! with the finding.

mod changes;
pub mod handout;
pub mod layout;
pub mod probe;
pub mod report;
#[cfg(test)]
mod sample;
pub mod settings;
mod signers;
pub mod style;
pub mod table;
pub mod target;
pub mod tools;
pub mod verification;
pub mod words;

pub use layout::{Detail, Layout};

use serde::Serialize;

/// Returns a document as JSON with a final newline.
pub fn json<T: Serialize>(document: &T) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}
