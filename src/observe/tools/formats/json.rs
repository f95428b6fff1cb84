//! JSON, with the comments and trailing commas that editors allow.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{DEEPEST, Entry, Lines, below};

pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    if let Some(value) = parsed.ok().and_then(|p| p.value) {
        walk(&Lines::of(text), "", &value, 0, &mut entries);
    }
    entries
}

fn walk(lines: &Lines, key: &str, value: &Value, depth: usize, entries: &mut Vec<Entry>) {
    let scalar = match value {
        Value::Object(_) | Value::Array(_) if depth > DEEPEST => return,
        Value::Object(object) => {
            for property in &object.properties {
                walk(lines, &below(key, property.name.as_str()), &property.value, depth + 1, entries);
            }
            return;
        }
        Value::Array(array) => {
            for (index, element) in array.elements.iter().enumerate() {
                walk(lines, &below(key, &index.to_string()), element, depth + 1, entries);
            }
            return;
        }
        Value::StringLit(string) => string.value.to_string(),
        Value::NumberLit(number) => number.value.to_owned(),
        Value::BooleanLit(boolean) => boolean.value.to_string(),
        Value::NullKeyword(_) => "null".to_owned(),
    };
    entries.push(Entry::new(lines.number(value.start()), key, scalar));
}
