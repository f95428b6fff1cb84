//! GNU bash.

use super::{Rendered, Shell, Unsayable, sh};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    sh::render_as(Shell::Bash, script, &[r#"Use: eval "$(trustgap env --shell bash)""#])
}
