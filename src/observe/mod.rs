//! Asks the edge and fills the observations.
