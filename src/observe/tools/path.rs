//! Paths as text, of whichever system is looked at: `std::path` knows only the one we were built for.

use std::path::Path;

use crate::edge::{PathKind, Reading};
use crate::facts::Os;

/// Whether a character separates the parts of a path.
pub(crate) fn is_slash(os: Os) -> impl Fn(char) -> bool + Copy {
    move |c| c == '/' || os == Os::Windows && c == '\\'
}

/// Returns the folder a path is in; the root's is the root.
pub(crate) fn folder(path: &str, os: Os) -> &str {
    match path.trim_end_matches(is_slash(os)).rfind(is_slash(os)) {
        Some(0) => &path[..1],
        Some(at) => &path[..at],
        None => ".",
    }
}

/// Returns the last part of a path.
pub(crate) fn name(path: &str, os: Os) -> &str {
    path.rsplit(is_slash(os)).next().unwrap_or(path)
}

/// Whether a path does not depend on the working folder.
pub(crate) fn is_absolute(path: &str, os: Os) -> bool {
    path.starts_with(is_slash(os))
        || os == Os::Windows && path.as_bytes().get(1) == Some(&b':') && path.len() > 2
}

/// Returns the folders from this one up to the root.
pub(crate) fn upwards(start: &str, os: Os) -> Vec<String> {
    let mut folders = vec![start.to_owned()];
    while let Some(last) = folders.last() {
        let above = folder(last, os).to_owned();
        if above == *last || above == "." || above.len() >= last.len() {
            break;
        }
        folders.push(above);
    }
    folders
}

/// Returns what a pattern of paths stands for, sorted; `*` matches inside one name. Without a star, the path itself
/// where something is there.
pub(crate) fn glob(reading: &dyn Reading, pattern: &str) -> Vec<String> {
    let os = reading.platform().os;
    let Some(star) = pattern.find('*') else {
        return reading.kind(Path::new(pattern)).map(|_| pattern.to_owned()).into_iter().collect();
    };
    let start = pattern[..star].rfind(is_slash(os)).map_or(0, |at| at + 1);
    let end = pattern[star..].find(is_slash(os)).map_or(pattern.len(), |at| star + at);
    let (base, wanted, rest) = (&pattern[..start], &pattern[start..end], &pattern[end..]);
    let Ok(listed) = reading.list(Path::new(if base.is_empty() { "." } else { base })) else {
        return Vec::new();
    };
    let found = listed.iter().filter_map(|path| {
        let text = path.to_str()?;
        fits(wanted, name(text, os)).then(|| format!("{base}{}{rest}", name(text, os)))
    });
    found.flat_map(|path| glob(reading, &path)).collect()
}

/// Whether a name fits a pattern with stars.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => name.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.is_char_boundary(at) && fits(tail, &rest[at..]))
        }),
    }
}

/// Whether a program's name fits a pattern, in which `#` stands for digits: `python3.#` is not `python3.11-config`.
pub(crate) fn is_program(pattern: &str, name: &str) -> bool {
    match pattern.split_once('#') {
        None => pattern == name,
        Some((head, tail)) => name.strip_prefix(head).is_some_and(|rest| {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            digits > 0 && rest[digits..] == *tail
        }),
    }
}

/// Whether a path leads to a file.
pub(crate) fn is_file(reading: &dyn Reading, path: &str) -> bool {
    reading.kind(Path::new(path)) == Some(PathKind::File)
}

/// Returns the path with its links followed, or as it is.
pub(crate) fn canonical(reading: &dyn Reading, path: &str) -> String {
    let real = reading.canonical(Path::new(path)).ok();
    real.and_then(|p| p.to_str().map(str::to_owned)).unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::Pretend;

    #[test]
    fn stars_match_inside_one_name() {
        let machine = Pretend::new(Os::Linux)
            .file("/v/18.1/bin/node", "")
            .file("/v/20.2/bin/node", "")
            .file("/v/20.2/bin/npm", "")
            .file("/v/readme", "");
        for (pattern, wanted) in [
            ("/v/*/bin/node", vec!["/v/18.1/bin/node", "/v/20.2/bin/node"]),
            ("/v/2*/bin/n*", vec!["/v/20.2/bin/node", "/v/20.2/bin/npm"]),
            ("/v/readme", vec!["/v/readme"]),
            ("/v/nothing", vec![]),
            ("/none/*/x", vec![]),
        ] {
            assert_eq!(glob(&machine, pattern), wanted, "{pattern}");
        }
        for (pattern, name, wanted) in [
            ("python3.#", "python3.11", true),
            ("python3.#", "python3.11-config", false),
            ("python3.#", "python3.", false),
            ("python3", "python3", true),
        ] {
            assert_eq!(is_program(pattern, name), wanted, "{name}");
        }
        let windows = Pretend::new(Os::Windows).file(r"C:\Py\Python312\python.exe", "");
        assert_eq!(glob(&windows, "C:/Py/Python*/python.exe"), ["C:/Py/Python312/python.exe"]);
    }

    #[test]
    fn a_path_has_folders_on_any_system() {
        assert_eq!(folder("/usr/bin/node", Os::Linux), "/usr/bin");
        assert_eq!(folder("/node", Os::Linux), "/");
        assert_eq!(folder(r"C:\a\b", Os::Windows), r"C:\a");
        assert_eq!(folder("node", Os::Linux), ".");
        assert_eq!(upwards("/a/b", Os::Linux), ["/a/b", "/a", "/"]);
        assert_eq!(upwards(r"C:\a", Os::Windows), [r"C:\a", "C:"]);
        assert!(is_absolute("C:/x", Os::Windows) && !is_absolute("C:/x", Os::Linux));
    }
}
