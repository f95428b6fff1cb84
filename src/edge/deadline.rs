//! A moment by which something must be over.

use std::io;
use std::time::{Duration, Instant};

/// A moment by which something must be over.
///
/// A step as a whole has a deadline, never a single read: a peer that sends a byte now and then gains nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// Returns the deadline this long from now.
    pub fn after(duration: Duration) -> Self {
        let now = Instant::now();
        // a duration too long for the clock is as good as a year
        Self(now.checked_add(duration).unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 3600)))
    }

    /// Returns the time that is left, or `None` when the moment has passed.
    pub fn left(self) -> Option<Duration> {
        self.0.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// Returns the time that is left, or an error of kind `TimedOut`: for sockets, where zero means "for ever".
    pub fn left_or_late(self) -> io::Result<Duration> {
        self.left().ok_or_else(|| io::Error::new(io::ErrorKind::TimedOut, "the deadline has passed"))
    }

    /// Whether the moment has passed.
    pub fn passed(self) -> bool {
        self.left().is_none()
    }

    /// Returns the earlier of the two.
    #[must_use]
    pub fn or_earlier(self, other: Self) -> Self {
        self.min(other)
    }
}
