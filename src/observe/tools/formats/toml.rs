//! TOML.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::{Entry, below, line_of};

pub(super) fn read(text: &str) -> Vec<Entry> {
    let (table, _) = DeTable::parse_recoverable(text);
    let mut entries = Vec::new();
    walk_table(text, "", table.get_ref(), &mut entries);
    // a table's keys come sorted: the file's own order is that of the lines
    entries.sort_by_key(|e| e.line);
    entries
}

fn walk_table(text: &str, above: &str, table: &DeTable, entries: &mut Vec<Entry>) {
    for (key, value) in table {
        walk(text, &below(above, key.get_ref()), value, entries);
    }
}

fn walk(text: &str, key: &str, value: &Spanned<DeValue>, entries: &mut Vec<Entry>) {
    let scalar = match value.get_ref() {
        DeValue::Table(table) => return walk_table(text, key, table, entries),
        DeValue::Array(array) => {
            for (index, element) in array.iter().enumerate() {
                walk(text, &below(key, &index.to_string()), element, entries);
            }
            return;
        }
        DeValue::String(string) => string.to_string(),
        DeValue::Boolean(boolean) => boolean.to_string(),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
            text.get(value.span()).unwrap_or_default().to_owned()
        }
    };
    entries.push(Entry::new(line_of(text, value.span().start), key, scalar));
}
