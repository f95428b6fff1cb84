//! GitLab CI: part of .gitlab-ci.yml.

use super::{Lines, Rendered, Shell, Unsayable, comment, refuse_nul};
use crate::remedy::script::Script;

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    let mut rendered = Lines {
        comment: "#",
        tidy: comment,
        usage: &[
            "Use: put this into .gitlab-ci.yml, for runners of this network only.",
            "The files must be there at the same path; the docker executor mounts them with volumes in config.toml.",
        ],
        undo: &|names| format!("delete the lines of {}", names.join(", ")),
        set: &|name, value| {
            refuse_nul(Shell::GitlabCi, name, value)?;
            // GitLab replaces $NAME inside a value; $$ is a dollar sign (docs.gitlab.com/ci/variables)
            Ok(format!("  {name}: {}", quote(&value.replace('$', "$$"))))
        },
        unset: None,
    }
    .render(script)?;
    if script.set_names().next().is_some() {
        rendered.text.insert_str(0, "variables:\n");
    }
    Ok(rendered)
}

/// A double-quoted YAML scalar; what is neither printable ASCII nor a letter or digit is escaped.
fn quote(value: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_alphanumeric() || (' '..='~').contains(&c) => c.to_string(),
        c => format!("\\U{:08X}", u32::from(c)),
    };
    format!("\"{}\"", value.chars().map(escape).collect::<String>())
}
