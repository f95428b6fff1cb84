//! For programs: one JSON object, from variable to value; `null` for a variable that is taken out.

use serde_json::{Map, Value};

use super::{Rendered, Shell, Unsayable, header, refuse_nul};
use crate::remedy::script::{Change, Script};

pub(super) fn render(script: &Script) -> Result<Rendered, Unsayable> {
    let object = Value::Object(variables(Shell::Json, script, |_| Ok(()))?);
    let undo = |names: &[&str]| format!("take out {}", names.join(", "));
    Ok(Rendered { text: format!("{object:#}\n"), remarks: header(script, &[], &undo, super::comment) })
}

/// Returns the variables as a JSON object, after `check` has seen each value.
pub(super) fn variables(
    shell: Shell,
    script: &Script,
    check: impl Fn((&crate::remedy::script::Name, &str)) -> Result<(), Unsayable>,
) -> Result<Map<String, Value>, Unsayable> {
    let mut object = Map::new();
    for line in &script.lines {
        let value = match &line.change {
            Change::Set(value) => {
                let value = value.here(&script.places);
                refuse_nul(shell, &line.name, &value)?;
                check((&line.name, &value))?;
                Value::String(value)
            }
            Change::Unset => Value::Null,
        };
        object.insert(line.name.to_string(), value);
    }
    Ok(object)
}
