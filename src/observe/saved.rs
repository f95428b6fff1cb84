//! A chain that somebody saved, observed without any network.

use time::OffsetDateTime;

use super::empty;
use crate::edge::Reading;
use crate::edge::stores::{self, StoreOverrides};
use crate::facts::handshake::{Handshake, Outcome, Role, TargetLook};
use crate::facts::target::{Host, Target};
use crate::facts::{Certificate, Observations};

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
            handshake: Some(Handshake { chain: self.chain, ..Handshake::default() }),
            ..TargetLook::new(Target::new(self.host, 443), Role::Saved, Outcome::Completed)
        };
        let stores = stores::load(reading, overrides);
        let mut seen = Observations { stores, targets: vec![look], ..empty(reading) };
        seen.judge_at(self.at);
        seen
    }
}
