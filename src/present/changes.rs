//! What is otherwise than in an earlier record.

use super::layout::Layout;
use super::style::Meaning;
use crate::facts::report::Report;

/// Returns the section about the earlier record; nothing where there is none.
pub(super) fn text(report: &Report, layout: Layout) -> String {
    let (Some(time), Some(changes)) = (report.baseline_time, &report.changes) else { return String::new() };
    let clock = time.time();
    let since = format!("Since {} {:02}:{:02} UTC", time.date(), clock.hour(), clock.minute());
    if changes.is_empty() {
        return layout.paragraph(&format!("{}: nothing changed.", Meaning::Heading.mark(&since)), 0, 2);
    }
    let mut text = layout.paragraph(&Meaning::Heading.mark(&since), 0, 2);
    for change in changes {
        text.push_str(&layout.paragraph(&format!("- {}", change.message), 2, 2));
        if let Some(advice) = &change.advice {
            text.push_str(&layout.paragraph(advice, 4, 0));
        }
        for command in &change.commands {
            text.extend(["      ", &Meaning::Command.mark(command), "\n"]);
        }
    }
    text
}
