//! Pure judgement: what the observations mean for each store. No contact with the outside, no wording for people.

pub mod trust;
