//! The drawing of a chain: what was sent, what was found elsewhere, and where it ends.

use std::fmt::Write as _;

use time::OffsetDateTime;

use super::{list, not_examined};
use crate::facts::Fingerprint;
use crate::facts::probe::{LinkRemark, LinkReport, PathReport, ServerReport};
use crate::present::layout::{Detail, Layout};
use crate::present::style::Meaning;

/// The column in which names begin.
const NAMES: usize = 12;

pub(super) fn text(server: &ServerReport, time: OffsetDateTime, layout: Layout) -> String {
    if server.chain.is_empty() {
        return not_examined("no certificate was seen", layout);
    }
    let drawing = Drawing { server, time, layout };
    let mut text = String::new();
    let mut drawn: Vec<&[Fingerprint]> = Vec::new();
    for path in &server.paths {
        if !drawn.contains(&path.certificates.as_slice()) {
            drawn.push(&path.certificates);
        }
    }
    for certificates in &drawn {
        let own: Vec<&PathReport> =
            server.paths.iter().filter(|path| path.certificates == *certificates).collect();
        text.push_str(&drawing.path(certificates, &own));
    }
    let on_a_path = |link: &&LinkReport| {
        drawn.iter().any(|path| path.contains(&link.certificate.sha256))
            && !link.remarks.contains(&LinkRemark::Duplicate)
    };
    let others: Vec<&LinkReport> = server.chain.iter().filter(|link| !on_a_path(link)).collect();
    if !others.is_empty() {
        text.push_str(&layout.paragraph("Sent besides, and of no use here:", 2, 2));
    }
    for link in others {
        let expired = link.certificate.not_after.is_some_and(|end| time > end);
        let expired = if expired { ", and it has expired" } else { "" };
        text.push_str(&drawing.line(&tag(link), &format!("{}: {}{expired}", link.name, why_useless(link))));
    }
    text
}

struct Drawing<'a> {
    server: &'a ServerReport,
    time: OffsetDateTime,
    layout: Layout,
}

impl Drawing<'_> {
    /// A path from the server's own certificate up, and what the stores say to it.
    fn path(&self, certificates: &[Fingerprint], own: &[&PathReport]) -> String {
        let mut text = String::new();
        let unknown = own.iter().find_map(|path| path.unknown_issuer.as_ref());
        for (step, sha256) in certificates.iter().enumerate() {
            let Some(link) = self.server.chain.iter().find(|link| link.certificate.sha256 == *sha256) else {
                continue;
            };
            let last = step + 1 == certificates.len() && unknown.is_none();
            text.push_str(&self.line(&tag(link), &Meaning::Heading.mark(&link.name)));
            for fact in self.facts(link) {
                text.push_str(&self.line(if last { "" } else { "|" }, &fact));
            }
            if !last {
                text.push_str("  | signed by\n");
            }
        }
        if let Some(issuer) = unknown {
            text.push_str(&self.line("?", &format!("{issuer}: neither sent nor found")));
        }
        for path in own {
            text.push_str(&self.layout.paragraph(&end(path), 2, 2));
        }
        text
    }

    /// A line with something in the column on the left, which a path's line may run through.
    fn line(&self, left: &str, text: &str) -> String {
        let rest = self.layout.paragraph(text, NAMES, 0);
        let mut lines = rest.lines().map(|line| &line[NAMES..]);
        let width = NAMES - 2;
        let mut drawn = format!("  {left:<width$}{}\n", lines.next().unwrap_or_default());
        let left = if left == "|" { left } else { "" };
        for line in lines {
            let _ = writeln!(drawn, "  {left:<width$}{line}");
        }
        drawn
    }

    fn facts(&self, link: &LinkReport) -> Vec<String> {
        let mut facts = Vec::new();
        let mut kind: Vec<String> = Vec::new();
        kind.extend(link.key.clone());
        kind.extend(link.signature.as_ref().map(|signature| format!("signed with {signature}")));
        facts.extend((!kind.is_empty()).then(|| kind.join(", ")));
        facts.extend(validity(link, self.time));
        if let Some(matches) = link.is_for_host {
            facts.push(names(link, &self.server.host.to_string(), matches, self.layout));
        }
        if let Some(count) = link.certificate_timestamps {
            facts.push(match count {
                0 => "no certificate-transparency timestamps".to_owned(),
                1 => "1 certificate-transparency timestamp".to_owned(),
                _ => format!("{count} certificate-transparency timestamps"),
            });
        }
        facts.extend(link.remarks.iter().filter_map(|remark| said(*remark)).map(str::to_owned));
        if !link.found_in.is_empty() {
            facts.push(format!("in {}", list(&link.found_in)));
        }
        if self.layout.detail == Detail::Full {
            facts.push(format!("SHA-256 {}", link.certificate.sha256));
        }
        facts
    }
}

/// What stands on the left of a certificate.
fn tag(link: &LinkReport) -> String {
    match link.position {
        Some(position) => format!("sent {position}"),
        None if link.remarks.contains(&LinkRemark::Missing) => "NOT SENT".to_owned(),
        None => "root".to_owned(),
    }
}

fn validity(link: &LinkReport, time: OffsetDateTime) -> Option<String> {
    let (from, to) = (link.certificate.not_before?, link.certificate.not_after?);
    let state = if time > to {
        format!("expired {} ago", days((time - to).whole_days()))
    } else if time < from {
        format!("begins in {}", days((from - time).whole_days()))
    } else {
        format!("{} left", days((to - time).whole_days()))
    };
    Some(format!("valid {} to {}: {state}", from.date(), to.date()))
}

fn days(count: i64) -> String {
    match count {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        2..730 => format!("{count} days"),
        _ => format!("{} years", count / 365),
    }
}

/// The names of the server's certificate; the one that matches needs no repeating.
fn names(link: &LinkReport, host: &str, matches: bool, layout: Layout) -> String {
    const SOME: usize = 4;
    let most = if layout.detail == Detail::Full { link.names.len() } else { SOME };
    let mut names: Vec<String> = link.names.iter().take(most).cloned().collect();
    let count = link.name_count.unwrap_or_default();
    if count > names.len() {
        names.push(format!("{} more", count - names.len()));
    }
    let names = if names.is_empty() { "no host at all".to_owned() } else { list(&names) };
    if matches { format!("for {names}: matches") } else { format!("for {names}: not for {host}") }
}

fn said(remark: LinkRemark) -> Option<&'static str> {
    match remark {
        LinkRemark::OutOfOrder => Some("out of order: it stands before a certificate that it signed"),
        LinkRemark::RootIncluded => Some("a root: it need not be sent"),
        LinkRemark::Missing => Some("the server should send it"),
        LinkRemark::Duplicate | LinkRemark::Unrelated | LinkRemark::Unreadable => None,
    }
}

fn why_useless(link: &LinkReport) -> &'static str {
    let is = |remark| link.remarks.contains(&remark);
    if is(LinkRemark::Duplicate) {
        "sent a second time"
    } else if is(LinkRemark::Unreadable) {
        "cannot be read"
    } else if is(LinkRemark::RootIncluded) {
        "a root, which clients have or must not take from the server"
    } else if is(LinkRemark::Unrelated) {
        "signed nothing of this chain"
    } else {
        "another way upwards; no store here needs it"
    }
}

/// What a store says to a path.
fn end(path: &PathReport) -> String {
    let stores: Vec<String> = path
        .stores
        .iter()
        .map(|store| match store.as_str() {
            "system" => "system store".to_owned(),
            "web" => "web roots".to_owned(),
            _ => "SSL_CERT_FILE/SSL_CERT_DIR".to_owned(),
        })
        .collect();
    let stores = list(&stores);
    let mut letters = stores.chars();
    let stores: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    match &path.reason {
        None if path.trusted => format!("{stores}: {}", Meaning::Ok.mark("trusted")),
        Some(reason) => format!("{stores}: {}, {reason}", Meaning::Problem.mark("not trusted")),
        None => format!("{stores}: {}", Meaning::Problem.mark("not trusted")),
    }
}
