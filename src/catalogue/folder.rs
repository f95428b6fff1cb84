//! A folder of the catalogue: each file is one thing, and is named after it.

use std::collections::BTreeMap;

use include_dir::Dir;
use serde::de::DeserializeOwned;

/// Reads every file of a folder; the things are sorted by their ids. Fails with the file's name where one cannot be
/// read, or is about something else than its name says.
pub(super) fn read<T: DeserializeOwned>(
    folder: &Dir<'_>,
    id: impl Fn(&T) -> &str,
) -> Result<BTreeMap<String, T>, String> {
    let mut read = BTreeMap::new();
    for file in folder.files() {
        let name = file.path().display();
        let text = file.contents_utf8().ok_or_else(|| format!("{name} is not UTF-8"))?;
        let thing: T = toml::from_str(text).map_err(|e| format!("{name}: {e}"))?;
        if file.path().file_stem().is_none_or(|stem| stem != id(&thing)) {
            return Err(format!("{name} is about `{}`", id(&thing)));
        }
        read.insert(id(&thing).to_owned(), thing);
    }
    Ok(read)
}
