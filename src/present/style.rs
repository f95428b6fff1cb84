//! Meanings, and the one table that turns them into colours.
//!
//! Text is composed with *marks*: characters without width that stand for a meaning. Wrapping and tables measure
//! and cut the text as if they were not there; [`paint`] makes colours of them at the very end, or takes them out.
//! [`crate::text::sanitise`] lets no such character in from outside.

use anstyle::{AnsiColor, Style};

/// What a piece of text is, never how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A command to copy.
    Command,
    /// Second in line: codes, sources, times.
    Faint,
    /// A heading or the sentence that matters.
    Heading,
    /// All is well.
    Ok,
    /// Something is wrong.
    Problem,
    /// Could not be found out.
    Unknown,
}

const ALL: [Meaning; 6] =
    [Meaning::Command, Meaning::Faint, Meaning::Heading, Meaning::Ok, Meaning::Problem, Meaning::Unknown];

/// Ends the piece that a meaning's mark began.
const END: char = '\u{2060}';

impl Meaning {
    /// Marks a piece of text as having this meaning. Pieces do not nest.
    pub fn mark(self, text: &str) -> String {
        format!("{}{text}{END}", self.start())
    }

    fn start(self) -> char {
        match self {
            Self::Command => '\u{2061}',
            Self::Faint => '\u{2062}',
            Self::Heading => '\u{2063}',
            Self::Ok => '\u{2064}',
            Self::Problem => '\u{206a}',
            Self::Unknown => '\u{206b}',
        }
    }

    /// The table: the sixteen colours every terminal has, none that vanishes on a light or a dark background.
    fn style(self) -> Style {
        match self {
            Self::Command => Style::new().fg_color(Some(AnsiColor::Cyan.into())),
            Self::Faint => Style::new().dimmed(),
            Self::Heading => Style::new().bold(),
            Self::Ok => Style::new().fg_color(Some(AnsiColor::Green.into())),
            Self::Problem => Style::new().fg_color(Some(AnsiColor::Red.into())).bold(),
            Self::Unknown => Style::new().fg_color(Some(AnsiColor::Magenta.into())),
        }
    }
}

/// Whether marks become colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// They are taken out.
    Off,
    /// They become colours.
    On,
}

/// Turns marks into colours, or takes them out.
pub fn paint(text: &str, colour: Colour) -> String {
    let mut painted = String::with_capacity(text.len());
    for c in text.chars() {
        let begun = ALL.iter().find(|m| m.start() == c);
        match (begun, colour) {
            (Some(meaning), Colour::On) => painted.push_str(&meaning.style().render().to_string()),
            (None, Colour::On) if c == END => painted.push_str("\u{1b}[0m"),
            (Some(_), Colour::Off) => {}
            (None, Colour::Off) if c == END => {}
            (None, _) => painted.push(c),
        }
    }
    painted
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn marks_have_no_width_and_leave_no_trace() {
        for meaning in ALL {
            let marked = meaning.mark("word");
            assert_eq!(marked.width(), 4, "{meaning:?}");
            assert_eq!(paint(&marked, Colour::Off), "word");
            let painted = paint(&marked, Colour::On);
            assert!(painted.starts_with("\u{1b}[") && painted.ends_with("\u{1b}[0m"), "{painted:?}");
        }
    }

    #[test]
    fn nothing_from_outside_can_bring_a_mark_along() {
        let all: String = ALL.iter().map(|m| m.start()).chain([END]).collect();
        let harmless = crate::text::sanitise(&format!("x{all}x"));
        assert_eq!(paint(&harmless, Colour::On), harmless);
    }
}
