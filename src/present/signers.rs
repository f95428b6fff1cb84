//! Which authority signs for which hosts, where that is not the same for all.

use super::layout::Layout;
use super::report::authorities;
use super::style::Meaning;
use crate::facts::Target;
use crate::facts::report::{InspectionVerdict, Report, TargetReport};

/// Returns the list of authorities with their hosts; nothing where all hosts have the same answer.
pub(super) fn text(report: &Report, layout: Layout) -> String {
    let of = |wanted: InspectionVerdict| {
        let seen = report.targets.iter().filter(|t| !t.chain.is_empty());
        seen.filter(|t| t.inspection == wanted).collect::<Vec<_>>()
    };
    let (inspected, clean) = (of(InspectionVerdict::Inspected), of(InspectionVerdict::NotInspected));
    let known = &report.inspection.authorities;
    if inspected.is_empty() || (known.len() < 2 && clean.is_empty()) {
        return String::new();
    }
    let mut text = layout.paragraph(&Meaning::Heading.mark("Who signs for whom"), 0, 2);
    let mut line = |who: &str, hosts: &[String]| {
        if !hosts.is_empty() {
            text.push_str(&layout.paragraph(&format!("- {who}: {}", hosts.join(", ")), 2, 2));
        }
    };
    for (own, called) in known.iter().zip(authorities(&report.inspection)) {
        let signs = |t: &&&TargetReport| own.targets.contains(&target(t).to_string());
        line(&called, &inspected.iter().filter(signs).map(|t| name(t)).collect::<Vec<_>>());
    }
    let names = |rows: &[&TargetReport]| rows.iter().map(|t| name(t)).collect::<Vec<_>>();
    line("not inspected", &names(&clean));
    line("cannot tell", &names(&of(InspectionVerdict::Unknown)));
    text
}

fn target(row: &TargetReport) -> Target {
    Target::new(row.host.clone(), row.port)
}

fn name(row: &TargetReport) -> String {
    let place = target(row).to_string();
    place.strip_suffix(":443").unwrap_or(&place).to_owned()
}
