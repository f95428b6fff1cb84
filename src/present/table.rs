//! Rows under headings; where they do not fit the width, the same rows as a list.

use unicode_width::UnicodeWidthStr;

use super::layout::Layout;
use super::style::Meaning;

/// A table of short texts. Cells are never cut and never wrapped.
#[derive(Clone, Debug)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    cells: Vec<String>,
    /// What stands on lines of their own below.
    below: Vec<String>,
}

const GAP: usize = 2;

/// What a cell holds that has nothing to say; a list leaves it out.
pub const NOTHING: &str = "-";

impl Table {
    /// Makes an empty table.
    pub fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.to_vec(), rows: Vec::new() }
    }

    /// Adds a row; cells may hold marks.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(Row { cells, below: Vec::new() });
    }

    /// Says something below the last row that is too long for a column.
    pub fn below(&mut self, text: String) {
        if let Some(row) = self.rows.last_mut() {
            row.below.push(text);
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the table as lines, or as a list where the layout has no room for it.
    pub fn render(&self, layout: Layout) -> String {
        if self.is_empty() {
            return String::new();
        }
        if self.fits(layout) { self.lines(&self.widths()) } else { self.list(layout) }
    }

    /// Whether the layout has room for all its columns.
    pub fn fits(&self, layout: Layout) -> bool {
        let widths = self.widths();
        layout.fits(widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1))
    }

    fn widths(&self) -> Vec<usize> {
        (0..self.headings.len()).map(|column| self.width_of(column)).collect()
    }

    fn width_of(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| cell.width());
        cells.chain([self.headings[column].width()]).max().unwrap_or(0)
    }

    fn lines(&self, widths: &[usize]) -> String {
        let headings: Vec<String> = self.headings.iter().map(|h| Meaning::Faint.mark(h)).collect();
        let mut lines = line(&headings, widths);
        for row in &self.rows {
            lines.push_str(&line(&row.cells, widths));
            for below in &row.below {
                lines.extend(["  ", below, "\n"]);
            }
        }
        lines
    }

    fn list(&self, layout: Layout) -> String {
        let mut lines = String::new();
        for row in &self.rows {
            for (number, (heading, cell)) in self.headings.iter().zip(&row.cells).enumerate() {
                match number {
                    0 => lines.push_str(&layout.paragraph(cell, 0, 2)),
                    _ if cell == NOTHING => {}
                    _ => lines.push_str(&layout.paragraph(&format!("{heading}: {cell}"), 2, 2)),
                }
            }
            for below in &row.below {
                lines.push_str(&layout.paragraph(below, 2, 2));
            }
        }
        lines
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(cell);
        line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + GAP));
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::super::Detail;
    use super::super::style::{Colour, paint};
    use super::*;

    fn example() -> Table {
        let mut table = Table::new(&["target", "verdict"]);
        table.row(vec!["a.example".into(), Meaning::Ok.mark("ok")]);
        table.row(vec!["日本.example".into(), Meaning::Problem.mark("expired")]);
        table
    }

    #[test]
    fn columns_line_up_by_display_width() {
        let text = paint(&example().render(Layout::terminal(Some(80), Detail::Normal)), Colour::Off);
        assert_eq!(text, "target        verdict\na.example     ok\n日本.example  expired\n");
    }

    #[test]
    fn a_narrow_terminal_gets_a_list() {
        let text = paint(&example().render(Layout::terminal(Some(50), Detail::Normal)), Colour::Off);
        assert_eq!(text, "a.example\n  verdict: ok\n日本.example\n  verdict: expired\n");
    }
}
