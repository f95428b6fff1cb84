//! Names, connections, bytes: everything up to the first byte that somebody else has to understand.

pub mod connect;
pub mod resolve;
pub mod wire;

pub use wire::Wire;

use std::io;

/// Returns what the system says, without Rust's ` (os error 101)` behind it.
pub(super) fn words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
