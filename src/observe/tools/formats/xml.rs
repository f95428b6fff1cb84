//! XML: elements as dotted keys, with their lines. A document type is refused, and with it every expansion.

use roxmltree::{Document, Node};

use super::{DEEPEST, Entry, Lines, below};

pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Ok(document) = Document::parse(text) {
        walk(&Lines::of(text), document.root_element(), "", 0, &mut entries);
    }
    entries
}

fn walk(lines: &Lines, node: Node<'_, '_>, above: &str, depth: usize, entries: &mut Vec<Entry>) {
    let line = lines.number(node.range().start);
    if let (Some(key), Some(value)) = (node.attribute("key"), node.attribute("value")) {
        return entries.push(Entry::new(line, below(above, key), value));
    }
    let key = below(above, node.tag_name().name());
    let mut children = node.children().filter(Node::is_element).peekable();
    if children.peek().is_none() {
        entries.push(Entry::new(line, key.as_str(), node.text().unwrap_or_default().trim()));
    } else if depth < DEEPEST {
        children.for_each(|child| walk(lines, child, &key, depth + 1, entries));
    }
}
