//! zsh.

use super::{Rendered, Shell, Unsayable, sh};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    sh::render_as(Shell::Zsh, script, &[r#"Use: eval "$(trustgap env --shell zsh)""#])
}
