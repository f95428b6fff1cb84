//! Fills [`crate::facts::Observations`] by asking the edge. Judges nothing.

pub mod question;

pub use question::{Question, RootOverrides, ToolScope};
