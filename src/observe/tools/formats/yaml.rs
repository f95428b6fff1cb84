//! YAML, its first document.

use saphyr_parser::{Event, Parser};

use super::{DEEPEST, Entry, below};

/// Where in the document the next event belongs.
enum Level {
    /// In a mapping: its key, and the key whose value comes next.
    Mapping { above: String, key: Option<String> },
    /// In a sequence: its key, and the number of the next element.
    Sequence { above: String, next: usize },
}

pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    let last_line = text.split('\n').count();
    for event in Parser::new_from_str(text) {
        // what stands before an error was read all the same, and before what is too deep for settings
        let Ok((event, span)) = event else { break };
        if levels.len() > DEEPEST {
            break;
        }
        match event {
            Event::Scalar(value, ..) => {
                if let Some(Level::Mapping { key: key @ None, .. }) = levels.last_mut() {
                    *key = Some(value.into_owned());
                } else {
                    let key = next_key(&mut levels);
                    // a value that is left out at the end is said to stand behind it
                    entries.push(Entry::new(span.start.line().min(last_line), key, value));
                }
            }
            Event::MappingStart(..) => {
                let above = next_key(&mut levels);
                levels.push(Level::Mapping { above, key: None });
            }
            Event::SequenceStart(..) => {
                let above = next_key(&mut levels);
                levels.push(Level::Sequence { above, next: 0 });
            }
            Event::MappingEnd | Event::SequenceEnd => drop(levels.pop()),
            Event::Alias(..) => drop(next_key(&mut levels)),
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    entries
}

/// Returns the key of the value that comes now.
fn next_key(levels: &mut [Level]) -> String {
    match levels.last_mut() {
        None => String::new(),
        Some(Level::Mapping { above, key }) => below(above, &key.take().unwrap_or_default()),
        Some(Level::Sequence { above, next }) => {
            *next += 1;
            below(above, &(*next - 1).to_string())
        }
    }
}
