//! direnv: a `.envrc`, which is bash and applies below its folder.

use super::{Rendered, Shell, Unsayable, sh};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    let usage = ["Use: trustgap env --shell direnv >> .envrc, then direnv allow. Keep it out of the repository."];
    sh::render_as(Shell::Direnv, script, &usage)
}
