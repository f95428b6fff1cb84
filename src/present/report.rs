//! The answer of `check` for people: the targets, the headline, what was found and what to do about it.

use unicode_width::UnicodeWidthStr;

use super::layout::{Detail, Layout};
use super::style::Meaning;
use super::{changes, signers, target, words};
use crate::facts::Certainty;
use crate::facts::report::{
    Authority, Finding, Inspection, InspectionVerdict, Remedy, Report, Severity, StoreReport, common_name,
};

/// Returns the whole answer, with marks for [`super::style::paint`].
pub fn text(report: &Report, layout: Layout) -> String {
    if layout.detail == Detail::Brief {
        return headline(report, layout) + &target::in_trouble(report, layout);
    }
    let mut parts =
        vec![target::table(report, layout), headline(report, layout), signers::text(report, layout)];
    parts.push(changes::text(report, layout));
    parts.extend(findings(report, layout));
    if layout.detail == Detail::Full {
        parts.push(target::details(report, layout));
    }
    parts.push(stores(report, layout));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Returns the headline and who is in trouble, whatever the layout's detail.
pub fn conclusion(report: &Report, layout: Layout) -> String {
    text(report, layout.with_detail(Detail::Brief))
}

/// Returns what was found, the worst first, each as a text of its own.
pub(super) fn findings(report: &Report, layout: Layout) -> Vec<String> {
    let mut findings: Vec<_> = report.findings.iter().collect();
    findings.sort_by_key(|finding| finding.severity);
    findings.into_iter().map(|finding| self::finding(finding, layout)).collect()
}

/// The one or two sentences that matter.
fn headline(report: &Report, layout: Layout) -> String {
    headline_with(report, Vec::new(), layout)
}

/// [`headline`], with what else is wrong.
pub(super) fn headline_with(report: &Report, wrong: Vec<String>, layout: Layout) -> String {
    let mut sentences = vec![inspection(report, &report.inspection)];
    sentences.extend(wrong);
    if sentences.len() == 1 && report.findings.iter().all(|f| f.severity == Severity::Information) {
        sentences.push("Nothing wrong was found.".to_owned());
    }
    layout.paragraph(&Meaning::Heading.mark(&sentences.join(" ")), 0, 0)
}

fn inspection(report: &Report, inspection: &Inspection) -> String {
    let looked_at = report.targets.iter().filter(|t| !t.chain.is_empty()).count();
    let inspected = report.targets.iter().filter(|t| t.inspection == InspectionVerdict::Inspected).count();
    let is = if inspection.certainty == Certainty::Is { "is" } else { "looks" };
    match inspection.verdict {
        InspectionVerdict::Inspected => {
            let hosts = match (inspected, looked_at) {
                (1, 1) => String::new(),
                (n, all) if n == all => format!(" ({all} of {all} hosts)"),
                (n, all) => format!(" ({n} of {all} hosts)"),
            };
            let by = authorities(inspection).join(" and by ");
            let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
            format!("TLS {is} inspected here{by}{hosts}.")
        }
        InspectionVerdict::NotInspected if report.targets.len() == 1 => {
            "TLS to this host is not inspected.".to_owned()
        }
        InspectionVerdict::NotInspected => "TLS is not inspected here.".to_owned(),
        InspectionVerdict::Unknown => "Whether TLS is inspected here cannot be told.".to_owned(),
    }
}

/// What each authority is called: a second one of the same name is not taken for the first.
pub(super) fn authorities(inspection: &Inspection) -> Vec<String> {
    let mut called: Vec<String> = Vec::new();
    for own in &inspection.authorities {
        let name = authority(own);
        called.push(if called.contains(&name) { format!("another CA named {name}") } else { name });
    }
    called
}

fn authority(authority: &Authority) -> String {
    let name = common_name(&authority.subject);
    match &authority.vendor {
        Some(vendor) if !name.contains(vendor.as_str()) => format!("{vendor} (\"{name}\")"),
        _ => format!("\"{name}\""),
    }
}

/// Conclusion, evidence, action, check.
fn finding(finding: &Finding, layout: Layout) -> String {
    let mut text = sentence(finding, layout);
    for sentence in &finding.evidence {
        text.push_str(&layout.paragraph(&format!("- {sentence}"), 2, 2));
    }
    // the nearest look-alikes come first; the others are for those who want everything
    let shown = if layout.detail == Detail::Full { finding.ruled_out.len() } else { 2 };
    for ruled_out in finding.ruled_out.iter().take(shown) {
        let code = Meaning::Faint.mark(ruled_out.code.as_str());
        text.push_str(&layout.paragraph(&format!("- Not {code}: {}", ruled_out.because), 2, 2));
    }
    if let Some(remedy) = &finding.remedy {
        text.push_str(&action(remedy, layout));
    }
    text
}

/// The sentence, with its code at the end of the line where there is room.
fn sentence(finding: &Finding, layout: Layout) -> String {
    let label = match finding.severity {
        Severity::Problem => Meaning::Problem.mark("problem"),
        Severity::Unknown => Meaning::Unknown.mark("unknown"),
        Severity::Information => Meaning::Ok.mark("note"),
    };
    let code = format!("[{}]", finding.code);
    let labelled = format!("{label}  {}", Meaning::Heading.mark(&finding.message));
    let code_mark = Meaning::Faint.mark(&code);
    let mut text = layout.paragraph(&labelled, 0, 2);
    let last = text.lines().next_back().map_or(0, UnicodeWidthStr::width);
    match layout.width {
        Some(width) if last + 2 + code.width() <= width => {
            text.pop();
            text.push_str(&" ".repeat(width - last - code.width()));
            text.push_str(&code_mark);
            text.push('\n');
        }
        Some(_) => text.extend(["  ", &code_mark, "\n"]),
        None => {
            text.pop();
            text.extend(["  ", &code_mark, "\n"]);
        }
    }
    text
}

fn action(remedy: &Remedy, layout: Layout) -> String {
    let mut text =
        layout.paragraph(&format!("To do ({}): {}", words::owner(remedy.owner), remedy.text), 2, 2);
    for command in &remedy.commands {
        text.extend(["    ", &Meaning::Command.mark(command), "\n"]);
    }
    text
}

/// What everything was judged against.
pub(super) fn stores(report: &Report, layout: Layout) -> String {
    let mut text = String::new();
    let mut line = |label: &str, store: &StoreReport| {
        let added = store.local_additions.as_ref().filter(|a| !a.is_empty());
        let added = added.map_or(String::new(), |a| format!(", {} added on this machine", a.len()));
        let sentence = format!("{label}: {} roots{added}, {}", store.count, store.source);
        text.push_str(&layout.paragraph(&Meaning::Faint.mark(&sentence), 0, 2));
        for problem in &store.problems {
            text.push_str(&layout.paragraph(&format!("warning: {problem}"), 2, 2));
        }
    };
    line("System store", &report.stores.system);
    line("Web roots", &report.stores.web);
    if let Some(environment) = &report.stores.environment {
        line("SSL_CERT_FILE/SSL_CERT_DIR", environment);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::super::style::{Colour, paint};
    use super::*;

    fn plain(report: &Report, layout: Layout) -> String {
        paint(&text(report, layout), Colour::Off)
    }

    #[test]
    fn the_whole_answer_at_80_columns() {
        let layout = Layout::terminal(Some(80), Detail::Normal);
        assert_eq!(plain(&sample::inspected(), layout), include_str!("golden/inspected-80.txt"));
    }

    #[test]
    fn the_whole_answer_where_there_is_no_room_for_a_table() {
        let layout = Layout::terminal(Some(50), Detail::Normal);
        assert_eq!(plain(&sample::inspected(), layout), include_str!("golden/inspected-50.txt"));
    }

    #[test]
    fn everything_that_is_known_on_a_pipe() {
        let layout = Layout::pipe(Detail::Full);
        assert_eq!(plain(&sample::inspected(), layout), include_str!("golden/inspected-full.txt"));
    }

    #[test]
    fn quiet_is_the_headline_and_who_is_in_trouble() {
        let layout = Layout::pipe(Detail::Brief);
        assert_eq!(
            plain(&sample::inspected(), layout),
            "TLS is inspected here by \"Northwind TLS Inspection Root CA\" (4 of 6 hosts).\n\
             registry.example: inspected\nmirror.example:8443: refused\nwww.one.example (control): inspected\n\
             www.two.example (control): inspected\nwww.three.example (control): inspected\n"
        );
        assert_eq!(
            plain(&sample::well(), layout),
            "TLS to this host is not inspected. Nothing wrong was found.\n"
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_unless_it_cannot_be_cut() {
        for width in 20..=120 {
            let layout = Layout::terminal(Some(width), Detail::Normal);
            for line in plain(&sample::inspected(), layout).lines() {
                let words = line.split_whitespace().count();
                let command = line.starts_with("    ") && line.contains("trustgap");
                assert!(
                    line.width() <= usize::from(width).min(100) || words <= 2 || command,
                    "{width}: {line}"
                );
            }
        }
    }
}
