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

/// The most paths that one pattern stands for.
const MOST_PATHS: usize = 1000;

/// Returns what a pattern of paths stands for, sorted; `*` matches inside one name. Without a star, the path itself
/// where something is there; so it is with a folder that has a star in its name.
pub(crate) fn glob(reading: &dyn Reading, pattern: &str) -> Vec<String> {
    let os = reading.platform().os;
    let mut found = vec![String::new()];
    let mut rest = pattern;
    while let Some(star) = rest.find('*') {
        let start = rest[..star].rfind(is_slash(os)).map_or(0, |at| at + 1);
        let end = rest[star..].find(is_slash(os)).map_or(rest.len(), |at| star + at);
        let (between, wanted) = (&rest[..start], &rest[start..end]);
        let below = found.iter().flat_map(|base| in_folder(reading, &format!("{base}{between}"), wanted, os));
        found = below.take(MOST_PATHS).collect();
        rest = &rest[end..];
    }
    for path in &mut found {
        path.push_str(rest);
    }
    found.retain(|path| reading.kind(Path::new(path)).is_some());
    found
}

/// Returns the paths of what has such a name in a folder, which ends with its separator or is the working one.
fn in_folder(reading: &dyn Reading, folder: &str, wanted: &str, os: Os) -> Vec<String> {
    let itself = format!("{folder}{wanted}");
    if reading.kind(Path::new(&itself)).is_some() {
        return vec![itself];
    }
    let listed = reading.list(Path::new(if folder.is_empty() { "." } else { folder })).unwrap_or_default();
    let names = listed.iter().filter_map(|path| Some(name(path.to_str()?, os)));
    names.filter(|name| fits(wanted, name)).map(|name| format!("{folder}{name}")).collect()
}

/// Whether a name fits a pattern with stars. The first place that fits a piece between two stars is as good as any.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(head) else { return false };
    let mut pieces = tail.split('*');
    let last = pieces.next_back().unwrap_or_default();
    for piece in pieces {
        match name.split_once(piece) {
            Some((_, rest)) => name = rest,
            None => return false,
        }
    }
    name.ends_with(last)
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
    fn a_folder_with_stars_in_its_name_is_itself_and_costs_nothing() {
        let odd = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";
        let machine = Pretend::new(Os::Linux)
            .file(format!("/src/{odd}/x/npmrc"), "")
            .file(format!("/src/{}c/x/npmrc", "a".repeat(200)), "");
        assert_eq!(glob(&machine, &format!("/src/{odd}/*/npmrc")), [format!("/src/{odd}/x/npmrc")]);
        assert!(glob(&machine, &format!("/src/{odd}b/*/npmrc")).is_empty());
        for (pattern, name, wanted) in [
            ("*", "", true),
            ("a*", "a", true),
            ("a*b*c", "axbxbc", true),
            ("a*b*c", "abxcb", false),
            ("*.rc", "x.rc", true),
            ("a*a", "a", false),
            ("**", "x", true),
        ] {
            assert_eq!(fits(pattern, name), wanted, "{pattern} {name}");
        }
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
