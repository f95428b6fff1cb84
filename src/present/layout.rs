//! Where lines end: prose is wrapped by display width, never commands, paths, hosts or fingerprints.

use textwrap::{Options, WordSeparator, WordSplitter};

/// How text is laid out and how much of it there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Columns; absent on a pipe, where nothing is wrapped.
    pub width: Option<usize>,
    /// How much is said.
    pub detail: Detail,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The conclusion alone (`-q`).
    Brief,
    /// Conclusion, evidence, action.
    #[default]
    Normal,
    /// All evidence (`-v`).
    Full,
}

/// The widest a line of prose gets, however wide the terminal.
const WIDEST: usize = 100;
/// Below this, tables become lists.
const NARROW: usize = 60;

impl Layout {
    /// Lays out for a terminal of so many columns, 80 when it does not say.
    pub fn terminal(columns: Option<u16>, detail: Detail) -> Self {
        let columns = columns.map_or(80, usize::from);
        Self { width: Some(columns.clamp(20, WIDEST)), detail }
    }

    /// Lays out for a pipe or a file.
    pub fn pipe(detail: Detail) -> Self {
        Self { width: None, detail }
    }

    /// Returns the same layout with another detail.
    #[must_use]
    pub fn with_detail(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// Whether there is room for a table whose lines are so wide.
    pub fn fits(&self, columns: usize) -> bool {
        self.width.is_none_or(|width| width >= NARROW && columns <= width)
    }

    /// Returns a paragraph, each line indented, with a final newline; later lines by `hang` more than the first.
    pub fn paragraph(&self, text: &str, indent: usize, hang: usize) -> String {
        let first = " ".repeat(indent);
        let rest = " ".repeat(indent + hang);
        let Some(width) = self.width else {
            return format!("{first}{text}\n");
        };
        let options = Options::new(width)
            .initial_indent(&first)
            .subsequent_indent(&rest)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        let mut lines = textwrap::wrap(text, options).join("\n");
        lines.push('\n');
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_wrapped_and_what_people_copy_is_not_cut() {
        let layout = Layout::terminal(Some(30), Detail::Normal);
        let fingerprint = "ab".repeat(32);
        let text = format!("The fingerprint of the authority is {fingerprint} as sent.");
        let lines = layout.paragraph(&text, 2, 2);
        assert!(lines.contains(&fingerprint), "{lines}");
        assert_eq!(lines.lines().next(), Some("  The fingerprint of the"));
        assert!(lines.lines().skip(1).all(|l| l.starts_with("    ")));
    }

    #[test]
    fn a_pipe_gets_one_line_per_paragraph() {
        let text = "word ".repeat(100);
        assert_eq!(Layout::pipe(Detail::Normal).paragraph(text.trim(), 2, 0).lines().count(), 1);
    }

    #[test]
    fn wide_terminals_are_not_filled_and_tiny_ones_do_not_break_anything() {
        assert_eq!(Layout::terminal(Some(300), Detail::Normal).width, Some(100));
        assert_eq!(Layout::terminal(None, Detail::Normal).width, Some(80));
        let tiny = Layout::terminal(Some(1), Detail::Normal).paragraph("two words", 8, 8);
        assert!(tiny.contains("two"));
    }
}
