//! XML: elements as dotted keys, with their lines. A document type is refused, and with it every expansion.

use roxmltree::{Document, Node};

use super::{Entry, below};

/// How deep elements are followed; settings have some five levels.
const DEEPEST: usize = 32;

pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Ok(document) = Document::parse(text) {
        walk(&document, document.root_element(), "", 0, &mut entries);
    }
    entries
}

fn walk(document: &Document<'_>, node: Node<'_, '_>, above: &str, depth: usize, entries: &mut Vec<Entry>) {
    let line = usize::try_from(document.text_pos_at(node.range().start).row).unwrap_or_default();
    if let (Some(key), Some(value)) = (node.attribute("key"), node.attribute("value")) {
        return entries.push(Entry::new(line, below(above, key), value));
    }
    let key = below(above, node.tag_name().name());
    let mut children = node.children().filter(Node::is_element).peekable();
    if children.peek().is_none() {
        entries.push(Entry::new(line, key.as_str(), node.text().unwrap_or_default().trim()));
    } else if depth < DEEPEST {
        children.for_each(|child| walk(document, child, &key, depth + 1, entries));
    }
}
