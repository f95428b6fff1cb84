//! What to do, as values: which CAs may be handed out, bundles and key stores, plans, settings for every shell.

pub mod authorities;
pub mod bundle;
pub mod documents;
pub mod formats;
pub mod plan;
pub mod script;
pub mod settings;
pub mod shells;
