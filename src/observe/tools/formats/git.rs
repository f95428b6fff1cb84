//! What `git config --list --show-origin -z` prints: git alone knows which files count, conditional includes and all.

use super::Entry;

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

/// Returns the line of a key in a git configuration file: the last line that sets its last part below its section.
pub(crate) fn line_of(text: &str, key: &str) -> Option<usize> {
    let (section, name) = key.rsplit_once('.')?;
    let (section, subsection) = section.split_once('.').map_or((section, None), |(s, sub)| (s, Some(sub)));
    let mut inside = false;
    let mut found = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default();
            let (its_section, its_subsection) = header
                .split_once(char::is_whitespace)
                .map_or((header, None), |(s, sub)| (s, Some(sub.trim().trim_matches('"'))));
            inside = its_section.eq_ignore_ascii_case(section) && its_subsection == subsection;
        }
        let assigned = line.split(']').next_back().unwrap_or(line);
        let its_name = assigned.split('=').next().unwrap_or_default().trim();
        if inside && its_name.eq_ignore_ascii_case(name) {
            found = Some(index + 1);
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
        assert_eq!(line_of(text, "http.sslverify"), Some(4));
        assert_eq!(line_of(text, "http.https://git.example/.sslverify"), Some(6));
        assert_eq!(line_of(text, "http.sslcainfo"), None);
    }
}
