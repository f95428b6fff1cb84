//! Rooms lean one way: what a room may use stands here, and the imports are read from the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each room and the rooms it may use, as docs/architecture.md explains them.
const ROOMS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("facts", &["text"]),
    ("catalogue", &["facts", "text"]),
    ("judge", &["catalogue", "facts", "text"]),
    ("diagnose", &["judge", "catalogue", "facts", "text"]),
    ("remedy", &["diagnose", "judge", "catalogue", "facts", "text"]),
    ("edge", &["catalogue", "facts", "text"]),
    ("observe", &["edge", "judge", "catalogue", "facts", "text"]),
    ("act", &["edge", "remedy", "diagnose", "judge", "catalogue", "facts", "text"]),
    ("present", &["remedy", "facts", "text"]),
    ("lab", &["facts", "text"]),
    ("cli", &["remedy", "facts", "text"]),
];

/// The rooms that may use every other one, and are used by none but `main`.
const TOP: &[&str] = &["app", "main", "lib"];

#[test]
fn no_room_leans_upward() {
    let allowed: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in sources(&root().join("src")) {
        let room = room_of(&file);
        if TOP.contains(&room.as_str()) {
            continue;
        }
        let Some(allowed) = allowed.get(room.as_str()) else {
            panic!("{} is in the room `{room}`, which the table in this test does not know", file.display());
        };
        let text = std::fs::read_to_string(&file).expect("a source file");
        for used in used_rooms(&text) {
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses `{used}`, which `{room}` may not", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_map_names_every_room() {
    let map = std::fs::read_to_string(root().join("docs/architecture.md")).expect("the map");
    for (room, _) in ROOMS {
        assert!(map.contains(&format!("| `{room}` |")), "docs/architecture.md has no row for `{room}`");
    }
}

#[test]
fn imports_are_recognised_in_every_form() {
    let text = "use crate::facts::{Code, Host};\nuse crate::{text, judge::trust};\n\
                // crate::comment::x\nfn f() { crate::remedy::plan() }\n#[cfg(test)]\nmod tests { use crate::lab; }";
    let used: Vec<_> = used_rooms(text).into_iter().collect();
    assert_eq!(used, ["facts", "judge", "remedy", "text"]);
}

/// Returns the rooms that the code of a file names, its tests left out.
fn used_rooms(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let code: String =
        code.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let mut used = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            used.extend(group_members(group));
        } else {
            used.extend(name(rest));
        }
    }
    used
}

/// Returns the first name of each member of `{a, b::c, d::{e}}`, the opening brace left out.
fn group_members(group: &str) -> Vec<String> {
    let mut members = Vec::new();
    let mut depth = 1;
    let mut start = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            members.extend(name(group[start..at].trim()));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    members
}

fn name(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let name = &text[..end];
    name.chars().next().filter(|c| c.is_lowercase()).map(|_| name.to_owned())
}

fn room_of(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).expect("a source file");
    let first = inside.iter().next().and_then(|part| part.to_str()).expect("a readable name");
    first.trim_end_matches(".rs").to_owned()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
