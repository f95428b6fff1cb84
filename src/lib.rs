//! trustgap tells a developer why TLS fails on this machine and puts it right.
//!
//! Look ([`observe`], through [`edge`]) → [`facts::Observations`] → [`judge`] → [`diagnose`] → [`remedy`] →
//! [`act`] → [`facts::Report`] → [`present`]. The rooms lean one way only; `tests/it/layering.rs` guards that, and
//! `docs/architecture.md` has the map.

pub mod act;
pub mod app;
pub mod catalogue;
pub mod cli;
pub mod diagnose;
pub mod edge;
pub mod facts;
pub mod judge;
pub mod lab;
pub mod observe;
pub mod present;
pub mod remedy;
pub mod text;
