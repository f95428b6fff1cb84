//! The table of this machine's programs and one server.

use super::{list, not_examined};
use crate::facts::TlsVersion;
use crate::facts::offers::Offer;
use crate::facts::probe::{ChainResult, MeetingReport, MeetingWords, ServerReport};
use crate::present::layout::{Detail, Layout};
use crate::present::style::Meaning;
use crate::present::table::{NOTHING, Table};

pub(super) fn text(server: &ServerReport, layout: Layout) -> String {
    let answered = |word: &String| !matches!(word.as_str(), "not-examined" | "silent");
    if server.versions.as_ref().is_some_and(|versions| !versions.values().any(answered)) {
        return not_examined("the server did not answer to TLS", layout);
    }
    let Some(meetings) = &server.meetings else {
        return not_examined("no program was heard", layout);
    };
    let (heard, unheard): (Vec<_>, Vec<_>) = meetings.iter().partition(|m| m.offer.is_some());
    if meetings.is_empty() {
        return layout.paragraph("No program that trustgap knows was found on this machine.", 2, 2);
    }
    let mut text = String::new();
    if !heard.is_empty() {
        text.push_str(&table(&heard, layout));
        text.push_str(&legend(&heard, layout));
    }
    text.push_str(&not_heard(&unheard, layout));
    text
}

fn table(heard: &[&MeetingReport], layout: Layout) -> String {
    let mut table = Table::new(&COLUMNS);
    let one_each = layout.detail == Detail::Full;
    let mut rows: Vec<(Vec<String>, Vec<&MeetingReport>)> = Vec::new();
    for meeting in heard {
        let cells = cells(meeting);
        match rows.iter_mut().find(|(known, _)| !one_each && *known == cells) {
            Some((_, programs)) => programs.push(meeting),
            None => rows.push((cells, vec![meeting])),
        }
    }
    // whoever is kept out comes first, then the largest groups
    rows.sort_by_key(|(_, programs)| (!programs[0].is_kept_out(), std::cmp::Reverse(programs.len())));
    if !layout.fits(NARROWEST) {
        return rows.iter().map(|(cells, programs)| listed(cells, programs, layout)).collect();
    }
    for (cells, programs) in rows {
        table.row(cells);
        let mut below = layout.paragraph(&list(&names(&programs)), 2, 0);
        if one_each {
            below.push_str(&layout.paragraph(&in_full(programs[0]), 4, 0));
        }
        table.below(below.trim().to_owned());
    }
    table.render(layout)
}

const COLUMNS: [&str; 7] = ["agrees on", "offers", "SNI", "ALPN", "PQ", "1.0/1.1 off", "roots"];
/// The least columns that the table needs.
const NARROWEST: usize = 64;

/// Programs and their cells where there is no room for a table.
fn listed(cells: &[String], programs: &[&MeetingReport], layout: Layout) -> String {
    let mut text = layout.paragraph(&list(&names(programs)), 2, 0);
    for (column, cell) in COLUMNS.iter().zip(cells).filter(|(_, cell)| *cell != NOTHING) {
        text.push_str(&layout.paragraph(&format!("{column}: {cell}"), 4, 2));
    }
    text
}

fn cells(meeting: &MeetingReport) -> Vec<String> {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let offer = meeting.offer.as_ref();
    vec![
        meeting.answer.as_ref().map_or_else(|| Meaning::Unknown.mark("not tried"), agreed),
        offer.map_or_else(String::new, versions),
        // a name without a dot, which is what the listener has, some programs never send
        offer.map_or_else(String::new, |o| if o.server_name.is_some() { yes(true) } else { "?".to_owned() }),
        offer.map_or_else(String::new, protocols),
        offer.map_or_else(String::new, |offer| yes(offer.post_quantum)),
        later(meeting),
        roots(meeting),
    ]
}

fn agreed(answer: &MeetingWords) -> String {
    match (answer.result.as_str(), answer.version, &answer.alert) {
        ("agreed", Some(version), _) if answer.reason.is_some() => {
            Meaning::Unknown.mark(&format!("{version}?"))
        }
        ("agreed", Some(version), _) => Meaning::Ok.mark(&version.to_string()),
        ("refused", _, Some(alert)) => Meaning::Problem.mark(&format!("alert {}", alert.number)),
        ("reset", ..) => Meaning::Problem.mark("cut off"),
        ("too-old" | "signature-too-weak", ..) => Meaning::Problem.mark("nothing"),
        _ => Meaning::Unknown.mark("not tried"),
    }
}

fn versions(offer: &Offer) -> String {
    let number = |version: TlsVersion| version.to_string().trim_start_matches("TLS ").to_owned();
    let highest = number(offer.highest);
    match offer.lowest {
        Some(lowest) if lowest == offer.highest => highest,
        Some(lowest) => format!("{}-{highest}", number(lowest)),
        None => format!("?-{highest}"),
    }
}

fn protocols(offer: &Offer) -> String {
    match offer.application_protocols.as_slice() {
        [] => "no".to_owned(),
        protocols if protocols.iter().any(|p| p == "h2") => "h2".to_owned(),
        protocols if protocols.iter().any(|p| p.starts_with("http/1")) => "h1".to_owned(),
        [other, ..] if other.chars().count() <= 4 => other.clone(),
        _ => "yes".to_owned(),
    }
}

fn later(meeting: &MeetingReport) -> String {
    let agrees = meeting.answer.as_ref().is_some_and(|answer| answer.result == "agreed");
    match meeting.without_old_versions {
        _ if !agrees => NOTHING.to_owned(),
        Some(true) => Meaning::Ok.mark("works on"),
        Some(false) => Meaning::Problem.mark("stops"),
        None => Meaning::Unknown.mark("cannot tell"),
    }
}

fn roots(meeting: &MeetingReport) -> String {
    let Some(chain) = &meeting.chain else { return NOTHING.to_owned() };
    match chain.result {
        ChainResult::Completes => Meaning::Ok.mark("completes"),
        ChainResult::Incomplete => Meaning::Problem.mark("incomplete"),
        ChainResult::LacksRoot => Meaning::Problem.mark("no root"),
        ChainResult::NotVerified => Meaning::Problem.mark("no check"),
        ChainResult::Refused => Meaning::Problem.mark("refuse"),
        ChainResult::Trusted => Meaning::Ok.mark("trust it"),
        ChainResult::Unknown => Meaning::Unknown.mark("unknown"),
        ChainResult::UnknownIssuer => Meaning::Problem.mark("no issuer"),
        ChainResult::Unusable => Meaning::Problem.mark("bad file"),
    }
}

/// The names of programs with their versions, each once.
fn names(programs: &[&MeetingReport]) -> Vec<String> {
    let mut names: Vec<(String, usize)> = Vec::new();
    for program in programs {
        let name = name(program);
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => names.push((name, 1)),
        }
    }
    let counted =
        |(name, count): (String, usize)| if count > 1 { format!("{name} ({count} times)") } else { name };
    names.into_iter().map(counted).collect()
}

fn name(program: &MeetingReport) -> String {
    match &program.version {
        Some(version) => format!("{} {version}", program.tool),
        None => program.tool.to_string(),
    }
}

fn in_full(program: &MeetingReport) -> String {
    let mut parts = vec![program.path.clone()];
    if let Some(offer) = &program.offer {
        if !offer.application_protocols.is_empty() {
            parts.push(format!("ALPN {}", offer.application_protocols.join(" ")));
        }
        parts.push(format!("key shares {}", words_or_none(&offer.key_shares)));
        parts.push(format!("groups {}", words_or_none(&offer.groups)));
        parts.push(format!("{} cipher suites", offer.cipher_suites));
    }
    if let Some(suite) = program.answer.as_ref().and_then(|answer| answer.cipher_suite.as_ref()) {
        parts.push(format!("chosen {suite}"));
    }
    parts.join("; ")
}

fn words_or_none(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(" ") }
}

/// What the words of the table mean, as far as they stand in it.
fn legend(heard: &[&MeetingReport], layout: Layout) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = |line: String| {
        if !lines.contains(&line) {
            lines.push(line);
        }
    };
    line(
        "offers, SNI, ALPN: the TLS versions, the host name and the protocols in its ClientHello".to_owned(),
    );
    line("PQ: whether it sends a key share that is safe from quantum computers".to_owned());
    line("1.0/1.1 off: what becomes of it where TLS 1.0 and 1.1 are switched off".to_owned());
    line("roots: what the roots that it really uses say to the server's chain".to_owned());
    if heard.iter().any(|m| m.offer.as_ref().is_some_and(|offer| offer.server_name.is_none())) {
        line("SNI ?: it sent none to `localhost`; Java, for one, sends only names with a dot".to_owned());
    }
    for meeting in heard {
        if let Some(answer) = &meeting.answer {
            let cell = agreed(answer);
            match (&answer.alert, &answer.reason) {
                (Some(alert), _) => {
                    line(format!("{cell}: the server refuses its ClientHello, {}", alert.name));
                }
                (None, Some(reason)) => line(format!("{cell}: {reason}")),
                (None, None) => {}
            }
        }
        if let Some(reason) = meeting.chain.as_ref().and_then(|chain| chain.reason.as_ref()) {
            line(format!("{}: {reason}", roots(meeting)));
        }
    }
    lines.iter().map(|line| layout.paragraph(line, 2, 2)).collect()
}

/// Who was not heard, and why.
fn not_heard(unheard: &[&MeetingReport], layout: Layout) -> String {
    let mut groups: Vec<(&str, Vec<&MeetingReport>)> = Vec::new();
    for meeting in unheard {
        let reason = meeting.unheard.as_deref().unwrap_or("nothing came");
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, programs)) => programs.push(meeting),
            None => groups.push((reason, vec![meeting])),
        }
    }
    let sentence = |(reason, programs): &(&str, Vec<&MeetingReport>)| {
        layout.paragraph(&format!("- {}: {reason}", list(&names(programs))), 2, 2)
    };
    let sentences: String = groups.iter().map(sentence).collect();
    if sentences.is_empty() { sentences } else { layout.paragraph("Not heard:", 2, 0) + &sentences }
}
