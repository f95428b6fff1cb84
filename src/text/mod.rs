//! Text that came from outside and text that goes to people: sanitise, redact, quote, measure.

pub mod colours;
pub mod quote;
pub mod redact;
pub mod sanitise;

pub use sanitise::sanitise;
