//! Fills [`crate::facts::Observations`] by asking the edge. Judges nothing.

pub mod question;
pub mod tools;

pub use question::{Question, RootOverrides, ToolScope};
