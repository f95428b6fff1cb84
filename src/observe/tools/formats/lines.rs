//! Formats that are read line by line.

use super::{DEEPEST, Entry, below};

/// npm's: `key=value`, comments with `#` and `;`, a key alone is true.
pub(super) fn npmrc(text: &str) -> Vec<Entry> {
    meaningful(text, &['#', ';'])
        .filter(|(_, line)| !line.starts_with('['))
        .map(|(number, line)| match line.split_once('=') {
            Some((key, value)) => {
                Entry::new(number, key.trim().trim_end_matches("[]"), unquoted(value.trim()))
            }
            None => Entry::new(number, line, "true"),
        })
        .collect()
}

/// Sections and `key = value` or `key: value`; indented lines go on with the value above, as Python's configparser
/// has it. Several values stand in one, separated by blanks.
pub(super) fn ini(text: &str) -> Vec<Entry> {
    let mut section = String::new();
    let mut entries: Vec<Entry> = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let line = raw.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.split_once(']')) {
            name.0.trim().clone_into(&mut section);
        } else if raw.starts_with([' ', '\t'])
            && !entries.is_empty()
            && !line.contains('=')
            && let Some(last) = entries.last_mut()
        {
            if !last.value.is_empty() {
                last.value.push(' ');
            }
            last.value.push_str(line);
        } else if let Some((key, value)) = line.split_once(['=', ':']) {
            entries.push(Entry::new(index + 1, below(&section, key.trim()), unquoted(value.trim())));
        } else {
            entries.push(Entry::new(index + 1, below(&section, line), ""));
        }
    }
    entries
}

/// curl's: an option per line, its dashes optional, the value after a blank, `=` or `:`. After a single dash stand
/// letters, whose keys keep the dash.
pub(super) fn curlrc(text: &str) -> Vec<Entry> {
    let value = |text: &str| unquoted(text.trim_start_matches(ends_a_curl_name).trim()).to_owned();
    let option = |(number, line): (usize, &str)| match line.strip_prefix('-') {
        Some(letters) if !letters.starts_with('-') => {
            let word = letters.split(ends_a_curl_name).next().unwrap_or_default();
            let with_value = word.find(CURL_LETTERS_WITH_VALUES);
            let alone = word[..with_value.unwrap_or(word.len())].chars();
            let alone = alone.map(|letter| Entry::new(number, format!("-{letter}"), ""));
            let last = with_value
                .map(|at| Entry::new(number, format!("-{}", &letters[at..=at]), value(&letters[at + 1..])));
            alone.chain(last).collect()
        }
        _ => {
            let line = line.trim_start_matches('-');
            let (name, rest) = line.split_at(line.find(ends_a_curl_name).unwrap_or(line.len()));
            vec![Entry::new(number, name, value(rest))]
        }
    };
    meaningful(text, &['#']).flat_map(option).collect()
}

fn ends_a_curl_name(c: char) -> bool {
    c.is_whitespace() || matches!(c, '=' | ':')
}

/// The options of one letter that take a value (`curl --help all` of 8.17).
const CURL_LETTERS_WITH_VALUES: &[char] = &[
    'A', 'C', 'D', 'E', 'F', 'H', 'K', 'P', 'Q', 'T', 'U', 'X', 'Y', 'b', 'c', 'd', 'e', 'm', 'o', 'r', 't',
    'u', 'w', 'x', 'y', 'z',
];

/// Java's properties, and files of `key = value` lines that are like them: wget's, aria2's.
pub(super) fn properties(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut unfinished: Option<(usize, String)> = None;
    for (index, raw) in text.lines().enumerate() {
        let line = raw.trim();
        if unfinished.is_none() && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let (number, mut whole) = unfinished.take().unwrap_or((index + 1, String::new()));
        whole.push_str(line.strip_suffix('\\').unwrap_or(line));
        if line.ends_with('\\') {
            unfinished = Some((number, whole));
        } else {
            entries.push(property(number, &whole));
        }
    }
    entries.extend(unfinished.map(|(number, whole)| property(number, &whole)));
    entries
}

fn property(number: usize, line: &str) -> Entry {
    let (key, value) = line
        .split_once('=')
        .or_else(|| line.split_once(':'))
        .or_else(|| line.split_once(char::is_whitespace))
        .unwrap_or((line, ""));
    // properties escape `:`, `=` and backslashes; Windows paths are full of the latter
    let value = value.trim().replace("\\\\", "\\").replace("\\:", ":").replace("\\=", "=");
    Entry::new(number, key.trim(), unquoted(&value))
}

/// Yarn 1's: `key "value"`.
pub(super) fn yarnrc(text: &str) -> Vec<Entry> {
    meaningful(text, &['#'])
        .map(|(number, line)| match line.split_once([' ', '\t']) {
            Some((key, value)) => {
                Entry::new(number, unquoted(key).trim_end_matches(':'), unquoted(value.trim()))
            }
            None => Entry::new(number, line, "true"),
        })
        .collect()
}

/// apt's: `A::B "value";` and `A { B "value"; };`.
pub(super) fn apt(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut above: Vec<String> = Vec::new();
    for (number, line) in meaningful(text, &['#']).filter(|(_, l)| !l.starts_with("//")) {
        for piece in line.split_inclusive([';', '{', '}']) {
            let (body, end) = piece.split_at(piece.len() - usize::from(piece.ends_with([';', '{', '}'])));
            let (name, value) = body.trim().split_once(char::is_whitespace).unwrap_or((body.trim(), ""));
            match end {
                // deeper than anything of apt's: what follows would be put where it is not
                "{" if above.len() > DEEPEST => return entries,
                "{" => above.push(name.to_owned()),
                "}" => drop(above.pop()),
                _ if !name.is_empty() => {
                    let key = above.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("::");
                    entries.push(Entry::new(number, key, unquoted(value.trim())));
                }
                _ => {}
            }
        }
    }
    entries
}

/// Mozilla's: `user_pref("key", value);`.
pub(super) fn prefs(text: &str) -> Vec<Entry> {
    meaningful(text, &['#', '/'])
        .filter_map(|(number, line)| {
            let inside = line.split_once("pref(")?.1.rsplit_once(')')?.0;
            let (key, value) = inside.split_once(',')?;
            Some(Entry::new(number, unquoted(key.trim()), unquoted(value.trim())))
        })
        .collect()
}

/// systemd's: `Environment=` and `DefaultEnvironment=` with assignments between blanks, each quoted or not.
pub(super) fn unit(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (number, line) in meaningful(text, &['#', ';']) {
        let Some((_, assigned)) = line.split_once("Environment=") else { continue };
        let mut words: Vec<String> = vec![String::new()];
        let mut quote = None;
        for c in assigned.chars() {
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(c),
                (Some(q), _) if q == c => quote = None,
                (None, c) if c.is_whitespace() => words.push(String::new()),
                _ => words.last_mut().into_iter().for_each(|word| word.push(c)),
            }
        }
        let pairs = words.iter().filter_map(|word| word.split_once('='));
        entries.extend(pairs.map(|(name, value)| Entry::new(number, name, value)));
    }
    entries
}

/// Returns the lines that are neither empty nor comments, trimmed, with their numbers.
fn meaningful<'t>(text: &'t str, comments: &'static [char]) -> impl Iterator<Item = (usize, &'t str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(move |(_, line)| !line.is_empty() && !line.starts_with(comments))
}

fn unquoted(value: &str) -> &str {
    ['"', '\''].iter().find_map(|q| value.strip_prefix(*q).and_then(|v| v.strip_suffix(*q))).unwrap_or(value)
}
