//! The answer of `probe` for people: what `check` says, and each server in depth.

mod chain;
mod staple;
mod tools;
mod versions;

use super::layout::{Detail, Layout};
use super::style::Meaning;
use super::{report, target};
use crate::facts::probe::{ProbeReport, ServerReport};
use crate::facts::report::InspectionVerdict;

/// Returns the whole answer, with marks for [`super::style::paint`].
pub fn text(probe: &ProbeReport, layout: Layout) -> String {
    if layout.detail == Detail::Brief {
        return headline(probe, layout)
            + &target::in_trouble(&probe.report, layout)
            + &written(probe, layout);
    }
    let mut parts = vec![target::table(&probe.report, layout), headline(probe, layout)];
    parts.extend(report::findings(&probe.report, layout));
    for server in &probe.servers {
        let whose = if probe.servers.len() > 1 {
            format!(": {}", target::place(&server.host, server.port))
        } else {
            String::new()
        };
        parts.extend(self::server(probe, server, &whose, layout));
    }
    parts.push(written(probe, layout));
    parts.push(report::stores(&probe.report, layout));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// The headline of the report, and how many programs cannot connect.
fn headline(probe: &ProbeReport, layout: Layout) -> String {
    let kept_out = |server: &ServerReport| {
        let meetings = server.meetings.as_deref().unwrap_or_default();
        let count = meetings.iter().filter(|meeting| meeting.is_kept_out()).count();
        let to = match probe.servers.len() {
            1 => "it".to_owned(),
            _ => target::place(&server.host, server.port),
        };
        (count > 0).then(|| {
            format!("{count} of {} programs on this machine cannot connect to {to}.", meetings.len())
        })
    };
    report::headline_with(&probe.report, probe.servers.iter().filter_map(kept_out).collect(), layout)
}

fn server(probe: &ProbeReport, server: &ServerReport, whose: &str, layout: Layout) -> Vec<String> {
    let section = |title: &str, body: String| {
        layout.paragraph(&Meaning::Heading.mark(&format!("{title}{whose}")), 0, 2) + &body
    };
    let gateway = probe.report.targets.iter().any(|t| {
        t.host == server.host && t.port == server.port && t.inspection == InspectionVerdict::Inspected
    });
    // whoever inspects speaks TLS in place of the server
    let aside = |text: String| if gateway { layout.paragraph(GATEWAY, 2, 2) + &text } else { text };
    vec![
        section("Chain", chain::text(server, probe.report.time, layout)),
        section("TLS versions", aside(versions::text(server, layout))),
        section("OCSP staple", staple::text(server, layout)),
        section("Programs of this machine", tools::text(server, layout)),
    ]
}

/// What to do with the chain file.
fn written(probe: &ProbeReport, layout: Layout) -> String {
    let (Some(written), Some(server)) = (&probe.written, probe.servers.first()) else {
        return String::new();
    };
    let count = server.chain_to_send.as_deref().unwrap_or_default().matches("BEGIN").count();
    let what = match count {
        1 => "the server's certificate alone: no intermediate belongs to it".to_owned(),
        2 => "the server's certificate and 1 intermediate, no root".to_owned(),
        _ => format!("the server's certificate and {} intermediates, no root", count - 1),
    };
    let mut text = format!("written  {}\n", written.path);
    text.push_str(&layout.paragraph(&format!("It holds {what}."), 2, 2));
    if layout.detail == Detail::Brief {
        return text;
    }
    let todo = "To do (the server's operator): Let the server use it in place of its chain file (nginx ssl_certificate, \
                Apache SSLCertificateFile; HAProxy wants the private key in it too), reload the server, and look again.";
    text.push_str(&layout.paragraph(todo, 2, 2));
    let place = target::place(&server.host, server.port);
    let command = Meaning::Command.mark(&format!("trustgap probe {place}"));
    text.extend(["    ", &command, "\n"]);
    text
}

const GATEWAY: &str = "What answers is the inspecting gateway, not the server behind it.";

/// What a section says of which nothing is known.
fn not_examined(why: &str, layout: Layout) -> String {
    layout.paragraph(&Meaning::Unknown.mark(&format!("not examined: {why}")), 2, 2)
}

/// Joins words as a sentence does: `a, b and c`.
fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
