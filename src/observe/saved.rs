//! A chain that somebody saved, observed without any network.

use time::OffsetDateTime;

use super::empty;
use crate::edge::Reading;
use crate::edge::stores::{self, StoreOverrides};
use crate::facts::handshake::{Handshake, Outcome, Role, TargetLook};
use crate::facts::target::{Host, Target};
use crate::facts::{Certificate, Observations, Route};

/// A saved chain and what it is judged for.
#[derive(Clone, Debug)]
pub struct SavedChain {
    /// The certificates in the order they were sent.
    pub chain: Vec<Certificate>,
    /// The host that sent them.
    pub host: Host,
    /// When to judge; now when absent.
    pub at: Option<OffsetDateTime>,
}

impl SavedChain {
    /// Puts the chain beside this machine's stores, or those that take their place.
    pub fn observe(self, reading: &dyn Reading, overrides: &StoreOverrides) -> Observations {
        let look = TargetLook {
            target: Target::new(self.host, 443),
            role: Role::Saved,
            route: Route::Direct { exempted_by: None },
            addresses: Vec::new(),
            address: None,
            outcome: Outcome::Completed,
            handshake: Some(Handshake { chain: self.chain, ..Handshake::default() }),
            proxy_handshake: None,
            tried: Vec::new(),
            connect_ms: None,
            handshake_ms: None,
        };
        let stores = stores::load(reading, overrides);
        let mut seen = Observations { stores, targets: vec![look], ..empty(reading) };
        seen.judge_at(self.at);
        seen
    }
}
