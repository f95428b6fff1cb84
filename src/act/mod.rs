//! Carries plans out, through [`crate::edge::Changing`] alone.

pub mod export;

pub use export::{Written, export};
