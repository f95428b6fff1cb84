//! What `git config --list --show-origin -z` prints: git alone knows which files count, conditional includes and all.

use std::collections::HashMap;

use super::{Entry, LONGEST_KEY, MOST_PIECES};

/// Reads pairs of `origin NUL key LF value NUL`; a later entry beats an earlier one, so they are turned round.
///
/// Lines are not in it: whoever has the files at hand looks them up.
pub(super) fn listing(text: &str) -> Vec<Entry> {
    let mut parts = text.split('\0');
    let mut entries = Vec::new();
    while let (Some(origin), Some(setting)) = (parts.next(), parts.next()) {
        let (key, value) = setting.split_once('\n').unwrap_or((setting, "true"));
        let file =
            origin.split_once(':').filter(|(kind, _)| *kind == "file").map(|(_, path)| path.to_owned());
        entries.push(Entry {
            file: Some(file.unwrap_or_else(|| origin.trim_end_matches(':').to_owned())),
            line: None,
            key: key.to_owned(),
            value: value.to_owned(),
        });
    }
    entries.reverse();
    entries
}

/// Returns the line of each key of a git configuration file, the last one where it is set several times. Sections and
/// names are in lower case, as `git config --list` has them.
pub(crate) fn lines(text: &str) -> HashMap<String, usize> {
    let mut section = String::new();
    let mut found = HashMap::new();
    for (index, line) in text.lines().enumerate().take(MOST_PIECES) {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default();
            section = match header.split_once(char::is_whitespace) {
                Some((name, sub)) => {
                    format!("{}.{}", name.to_ascii_lowercase(), sub.trim().trim_matches('"'))
                }
                None => header.to_ascii_lowercase(),
            };
        }
        let assigned = line.split(']').next_back().unwrap_or(line);
        let name = assigned.split('=').next().unwrap_or_default().trim();
        if !name.is_empty() && section.len() + name.len() < LONGEST_KEY {
            found.insert(format!("{section}.{}", name.to_ascii_lowercase()), index + 1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entry_comes_first_and_knows_its_file() {
        let listed = "file:/etc/gitconfig\0http.sslverify\nfalse\0file:/h/.gitconfig\0http.sslcainfo\n/a.pem\0command line:\0http.x\0";
        let entries = listing(listed);
        let seen: Vec<_> = entries
            .iter()
            .map(|e| (e.file.as_deref().unwrap_or(""), e.key.as_str(), e.value.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                ("command line", "http.x", "true"),
                ("/h/.gitconfig", "http.sslcainfo", "/a.pem"),
                ("/etc/gitconfig", "http.sslverify", "false")
            ]
        );
    }

    #[test]
    fn a_key_is_found_below_its_own_section() {
        let text = "[user]\n  name = x\n[http]\n\tsslVerify = true\n[http \"https://git.example/\"]\n  sslVerify = false\n";
        let lines = lines(text);
        assert_eq!(lines.get("http.sslverify"), Some(&4));
        assert_eq!(lines.get("http.https://git.example/.sslverify"), Some(&6));
        assert_eq!(lines.get("http.sslcainfo"), None);
    }
}
