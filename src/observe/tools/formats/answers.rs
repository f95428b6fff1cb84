//! What programs say of the system's settings.

use super::Entry;

/// `gsettings list-recursively`: `schema key value`, texts quoted, lists as `['a', 'b']`.
pub(super) fn gsettings(text: &str) -> Vec<Entry> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.trim().splitn(3, ' ');
            let (schema, key, value) = (words.next()?, words.next()?, words.next()?);
            let value = match value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
                Some(list) => {
                    list.split(',').map(|v| v.trim().trim_matches('\'')).collect::<Vec<_>>().join(",")
                }
                None => value.trim_matches('\'').to_owned(),
            };
            Some(Entry { line: None, ..Entry::new(0, format!("{schema}.{key}"), value) })
        })
        .collect()
}

/// `reg query`: `    NAME    REG_SZ    value`.
pub(super) fn reg(text: &str) -> Vec<Entry> {
    text.lines()
        .filter_map(|line| {
            let mut parts = line.trim().splitn(3, "    ");
            let (name, kind, value) = (parts.next()?, parts.next()?, parts.next()?);
            let is_value = kind.starts_with("REG_");
            is_value.then(|| Entry { line: None, ..Entry::new(0, name, value) })
        })
        .collect()
}

/// `scutil --proxy`: `  Key : value`, lists with numbered lines between braces.
pub(super) fn scutil(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut list: Option<(String, Vec<&str>)> = None;
    for line in text.lines().map(str::trim) {
        let pair = line.split_once(" : ");
        match (&mut list, pair) {
            (Some((_, values)), Some((_, value))) => values.push(value),
            (Some(_), None) => {
                if let Some((key, values)) = list.take() {
                    entries.push(Entry { line: None, ..Entry::new(0, key, values.join(";")) });
                }
            }
            (None, Some((key, value))) if value.starts_with("<array>") => {
                list = Some((key.to_owned(), vec![]));
            }
            (None, Some((key, value))) => entries.push(Entry { line: None, ..Entry::new(0, key, value) }),
            (None, None) => {}
        }
    }
    entries
}

/// WinHTTP's binary value: three numbers, of which the third says by its second bit whether there is a proxy, then
/// the proxy and the exemptions, each behind its length.
pub(super) fn win_http(text: &str) -> Vec<Entry> {
    let Some(hex) = reg(text).into_iter().find(|e| e.key == "WinHttpSettings") else { return Vec::new() };
    let digits = hex.value.as_bytes().chunks_exact(2);
    let bytes: Option<Vec<u8>> =
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let bytes = bytes.unwrap_or_default();
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    let text_at = |at: usize| {
        let length = number(at)?;
        let text = bytes.get(at + 4..(at + 4).checked_add(length)?)?;
        Some((String::from_utf8_lossy(text).into_owned(), at + 4 + length))
    };
    let read = || {
        let has_proxy = number(8)? & 2 != 0;
        let (proxy, next) = text_at(12).filter(|_| has_proxy)?;
        let mut entries = vec![Entry { line: None, ..Entry::new(0, "ProxyServer", proxy) }];
        entries.extend(
            text_at(next).map(|(list, _)| Entry { line: None, ..Entry::new(0, "ProxyOverride", list) }),
        );
        Some(entries)
    };
    read().unwrap_or_default()
}
