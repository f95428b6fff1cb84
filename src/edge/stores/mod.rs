//! The root stores of this machine: the system's, the environment's, the web's.
//!
//! Read while the first connections are in flight, so everything here works on its own, from any thread. The store
//! of the operating system is read whatever `SSL_CERT_FILE` and `SSL_CERT_DIR` say: the usual crates let those
//! variables take its place, on every system, even when they name a missing file.

mod environment;
mod file;
mod offered;
mod overrides;
mod unix;
mod web;

#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod native;
#[cfg(windows)]
#[path = "windows.rs"]
mod native;
#[cfg(not(any(windows, target_os = "macos")))]
#[path = "elsewhere.rs"]
mod native;

#[cfg(any(windows, test))]
mod windows_origin;

pub use offered::offered;
pub use overrides::{StoreOverrides, UnusableStore};

use crate::edge::Reading;
use crate::facts::{Os, Pool, Stores};

/// Reads the stores. Never fails: what cannot be read is among each store's problems.
pub fn load(reading: &dyn Reading, overrides: &StoreOverrides) -> Stores {
    let mut pool = Pool::default();
    let web = overrides.web.clone().unwrap_or_else(|| web::load(&mut pool));
    let system = overrides.system.clone().unwrap_or_else(|| match reading.platform().os {
        Os::Linux | Os::Unix => unix::load(reading, &web, &mut pool),
        Os::Macos | Os::Windows => native::load(reading, &web, &mut pool),
    });
    let environment = environment::load(reading, &mut pool);
    Stores { system, web, environment }
}

#[cfg(test)]
mod tests;
