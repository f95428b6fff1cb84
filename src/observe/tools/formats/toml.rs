//! TOML.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::{DEEPEST, Entry, Lines, below};

pub(super) fn read(text: &str) -> Vec<Entry> {
    let (table, _) = DeTable::parse_recoverable(text);
    let mut walk = Walk { text, lines: Lines::of(text), entries: Vec::new() };
    walk.table("", table.get_ref(), 0);
    // a table's keys come sorted: the file's own order is that of the lines
    walk.entries.sort_by_key(|e| e.line);
    walk.entries
}

struct Walk<'t> {
    text: &'t str,
    lines: Lines,
    entries: Vec<Entry>,
}

impl Walk<'_> {
    fn table(&mut self, above: &str, table: &DeTable, depth: usize) {
        for (key, value) in table {
            self.value(&below(above, key.get_ref()), value, depth);
        }
    }

    fn value(&mut self, key: &str, value: &Spanned<DeValue>, depth: usize) {
        let scalar = match value.get_ref() {
            DeValue::Table(_) | DeValue::Array(_) if depth >= DEEPEST => return,
            DeValue::Table(table) => return self.table(key, table, depth + 1),
            DeValue::Array(array) => {
                for (index, element) in array.iter().enumerate() {
                    self.value(&below(key, &index.to_string()), element, depth + 1);
                }
                return;
            }
            DeValue::String(string) => string.to_string(),
            DeValue::Boolean(boolean) => boolean.to_string(),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
                self.text.get(value.span()).unwrap_or_default().to_owned()
            }
        };
        self.entries.push(Entry::new(self.lines.number(value.span().start), key, scalar));
    }
}
