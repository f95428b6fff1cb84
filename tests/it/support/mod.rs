//! What the stories share: an empty home, the real program in a cleared environment, the lab as arguments, tools.

pub(crate) mod looking;
pub(crate) mod openssl;
mod run;
mod sandbox;
pub(crate) mod scene;
mod schema;
mod skip;
pub(crate) mod web;

pub(crate) use run::{Command, Run, decent};
pub(crate) use sandbox::Sandbox;
pub(crate) use schema::{assert_documented, check};
pub(crate) use skip::{is_root, shared, skip, skip_even_in_ci, tool};
