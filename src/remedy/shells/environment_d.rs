//! systemd's environment.d: what desktops and the services of a user are started with.
//!
//! environment.d(5): the quotes of a shell, and `$` begins a variable. Values that a .env file has in one form only
//! are read the same here.

use super::{Lines, Rendered, Shell, Unsayable, comment, dotenv};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    Lines {
        comment: "#",
        tidy: comment,
        usage: &[
            "Use: trustgap env --shell environment-d > ~/.config/environment.d/90-trustgap.conf, then log in anew.",
        ],
        undo: &|_| "delete ~/.config/environment.d/90-trustgap.conf, and log in anew".to_owned(),
        set: &|name, value| {
            if value.is_empty() {
                let what = "no text at all";
                return Err(Unsayable { shell: Shell::EnvironmentD, name: name.clone(), what });
            }
            Ok(format!("{name}={}", dotenv::word(Shell::EnvironmentD, name, value)?))
        },
        unset: None,
    }
    .render(script)
}
