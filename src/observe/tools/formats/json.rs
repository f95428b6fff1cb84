//! JSON, with the comments and trailing commas that editors allow.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{Entry, below, line_of};

pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    if let Some(value) = parsed.ok().and_then(|p| p.value) {
        walk(text, "", &value, &mut entries);
    }
    entries
}

fn walk(text: &str, key: &str, value: &Value, entries: &mut Vec<Entry>) {
    let scalar = match value {
        Value::Object(object) => {
            for property in &object.properties {
                walk(text, &below(key, property.name.as_str()), &property.value, entries);
            }
            return;
        }
        Value::Array(array) => {
            for (index, element) in array.elements.iter().enumerate() {
                walk(text, &below(key, &index.to_string()), element, entries);
            }
            return;
        }
        Value::StringLit(string) => string.value.to_string(),
        Value::NumberLit(number) => number.value.to_owned(),
        Value::BooleanLit(boolean) => boolean.value.to_string(),
        Value::NullKeyword(_) => "null".to_owned(),
    };
    entries.push(Entry::new(line_of(text, value.start()), key, scalar));
}
