//! What `export`, `env` and `verify` share: which CAs may be handed out.

use super::{Desk, Failure};
use crate::cli::HandoutArgs;
use crate::edge::stores;
use crate::facts::Observations;
use crate::judge::Judgement;
use crate::remedy::authorities::{Handout, Wishes, handout};

impl Desk {
    /// Decides which CAs may be handed out, after what the user said about them.
    pub(super) fn handout(
        &self,
        observations: &Observations,
        judgement: &Judgement,
        args: &HandoutArgs,
    ) -> Result<Handout, Failure> {
        let offered = stores::offered(&self.live, &args.ca_file, &args.fingerprint)
            .map_err(|error| Failure::store(&error))?;
        let wishes =
            Wishes { fingerprints: args.fingerprint.clone(), offered, local_roots: args.local_roots };
        Ok(handout(observations, judgement, &wishes))
    }
}
