//! What time other computers say it is.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::Target;

/// One host's clock beside this computer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockSample {
    /// Whom was asked; port 80 where it was asked over plain HTTP.
    pub target: Target,
    /// What it said, to the second (the `Date` field of HTTP; RFC 9110, 6.6.1).
    #[serde(with = "time::serde::rfc3339")]
    pub date: OffsetDateTime,
    /// This computer's clock when the answer came.
    #[serde(with = "time::serde::rfc3339")]
    pub clock: OffsetDateTime,
    /// Whether it was said over TLS whose certificate verified in everything but, perhaps, its time.
    pub secured: bool,
}

impl ClockSample {
    /// Returns what has to be added to this computer's clock to get the host's.
    pub fn offset(&self) -> Duration {
        self.date - self.clock
    }
}
