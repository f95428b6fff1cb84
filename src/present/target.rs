//! The targets of a report: the table, and with `-v` everything that is known about each.

use super::layout::Layout;
use super::style::Meaning;
use super::table::{NOTHING, Table};
use super::words;
use crate::facts::report::{
    CertificateReport, Finding, InspectionVerdict, Report, Severity, TargetReport, TrustReport, Verdict,
    WayReport,
};
use crate::facts::{Host, Target};

/// Returns the table of targets. Control sites that say the same share a row.
pub fn table(report: &Report, layout: Layout) -> String {
    let environment = report.targets.iter().any(|t| t.environment.is_some());
    let mut headings = vec!["target", "verdict", "system store", "web roots"];
    if environment {
        headings.push("SSL_CERT_*");
    }
    let mut table = Table::new(&headings);
    let mut folded: Vec<(&TargetReport, usize)> = Vec::new();
    for target in &report.targets {
        let same = |(first, _): &&mut (&TargetReport, usize)| is_control(target) && alike(first, target);
        match folded.iter_mut().find(same) {
            Some((_, count)) => *count += 1,
            None => folded.push((target, 1)),
        }
    }
    for (target, count) in folded {
        let name = if count > 1 { format!("{count} control sites") } else { name(target) };
        let mut cells = vec![name, verdict(report, target)];
        cells.push(trust(target.system.as_ref()));
        cells.push(trust(target.web.as_ref()));
        if environment {
            cells.push(trust(target.environment.as_ref()));
        }
        table.row(cells);
    }
    table.render(layout)
}

/// Returns a line for each target with a problem, or about which nothing could be found out.
pub fn in_trouble(report: &Report, layout: Layout) -> String {
    let bad =
        |target: &&TargetReport| !matches!(severity(report, target), None | Some(Severity::Information));
    let line = |target| layout.paragraph(&format!("{}: {}", name(target), verdict(report, target)), 0, 2);
    report.targets.iter().filter(bad).map(line).collect()
}

/// Returns everything that is known about each target.
pub fn details(report: &Report, layout: Layout) -> String {
    report.targets.iter().map(|target| detail(report, target, layout)).collect::<Vec<_>>().join("\n")
}

fn detail(report: &Report, target: &TargetReport, layout: Layout) -> String {
    let mut text = layout.paragraph(&Meaning::Heading.mark(&name(target)), 0, 2);
    let mut line = |label: &str, value: &str| {
        text.push_str(&layout.paragraph(format!("{label:<14}{value}").trim_end(), 2, 14));
    };
    line("verdict", &verdict(report, target));
    line("inspection", words::inspection(target.inspection));
    if let Some(proxy) = &target.proxy {
        line("proxy", proxy);
    }
    for (label, ways) in ways(target) {
        line(label, &ways);
    }
    if let Some(address) = &target.address {
        line("address", address);
    }
    if let Some(version) = target.tls_version {
        let took = target.handshake_ms.map_or_else(String::new, |ms| format!(", handshake in {ms} ms"));
        line("protocol", &format!("{version}{took}"));
    }
    for (label, trust) in
        [("system store", &target.system), ("web roots", &target.web), ("SSL_CERT_*", &target.environment)]
    {
        if let Some(trust) = trust {
            line(label, &trust_in_full(trust));
        }
    }
    if !target.chain.is_empty() {
        line("sent", "");
    }
    for (number, certificate) in target.chain.iter().enumerate() {
        text.push_str(&layout.paragraph(&format!("{}  {}", number + 1, certificate.subject), 4, 3));
        for fact in facts(certificate) {
            text.push_str(&layout.paragraph(&fact, 7, 2));
        }
    }
    text
}

/// The families of programs by their way, those together that are told by the same setting.
fn ways(target: &TargetReport) -> Vec<(&'static str, String)> {
    let mut groups: Vec<(&WayReport, Vec<&str>)> = Vec::new();
    for way in &target.ways {
        match groups.iter_mut().find(|(first, _)| (&first.proxy, &first.set_by) == (&way.proxy, &way.set_by))
        {
            Some((_, names)) => names.push(&way.name),
            None => groups.push((way, vec![&way.name])),
        }
    }
    groups.sort_by_key(|(first, _)| first.proxy.is_none());
    let line = |(first, names): (&WayReport, Vec<&str>)| {
        let by = first.set_by.as_ref().map_or(String::new(), |by| format!(" ({by})"));
        let label = if first.proxy.is_some() { "through proxy" } else { "directly" };
        (label, format!("{}{by}", names.join(", ")))
    };
    groups.into_iter().map(line).collect()
}

fn facts(certificate: &CertificateReport) -> Vec<String> {
    let mut facts = Vec::new();
    facts.push(if certificate.self_signed {
        "issued by itself".to_owned()
    } else {
        format!("issued by {}", certificate.issuer)
    });
    if let (Some(start), Some(end)) = (certificate.not_before, certificate.not_after) {
        facts.push(format!(
            "valid {} to {}{}",
            start.date(),
            end.date(),
            if certificate.is_ca { ", CA" } else { "" }
        ));
    }
    facts.push(format!("SHA-256 {}", certificate.sha256));
    facts
}

fn trust_in_full(trust: &TrustReport) -> String {
    match (&trust.reason, trust.anchor_sha256) {
        (_, Some(anchor)) if trust.trusted => format!("trusted, by the root {anchor}"),
        (Some(reason), _) if !trust.trusted => format!("not trusted: {reason}"),
        _ => self::trust(Some(trust)),
    }
}

/// The host, with its port where that is not 443, and whose it is where nobody asked for it.
fn name(target: &TargetReport) -> String {
    let place = place(&target.host, target.port);
    if is_control(target) { format!("{place} (control)") } else { place }
}

/// Returns a host with its port where that is not 443.
pub fn place(host: &Host, port: u16) -> String {
    let place = Target::new(host.clone(), port).to_string();
    place.strip_suffix(":443").map_or(place.clone(), str::to_owned)
}

fn is_control(target: &TargetReport) -> bool {
    target.role == "control"
}

fn alike(one: &TargetReport, other: &TargetReport) -> bool {
    let trusted = |t: &TargetReport| {
        [&t.system, &t.web, &t.environment].map(|store| store.as_ref().map(|trust| trust.trusted))
    };
    is_control(one)
        && one.verdict == other.verdict
        && one.inspection == other.inspection
        && trusted(one) == trusted(other)
}

fn verdict(report: &Report, target: &TargetReport) -> String {
    let severity = severity(report, target);
    let words = words::verdict(target.verdict);
    let is_trusted = target.system.as_ref().is_some_and(|system| system.trusted);
    let words = match severity {
        // a private CA that this machine trusts is no alarm: the first word says so. A public site that is down is none
        // either, but it is not in order
        Some(Severity::Information) if is_trusted => format!("ok, {words}"),
        _ => words.to_owned(),
    };
    let inspected_too = target.inspection == InspectionVerdict::Inspected && !words.contains("inspected");
    let words = if inspected_too { format!("{words}, inspected") } else { words };
    words::meaning(severity).mark(&words)
}

/// How bad the target's headline is: that of the finding about it, or of the first with its code.
fn severity(report: &Report, target: &TargetReport) -> Option<Severity> {
    let Verdict::Found(code) = target.verdict else {
        return None;
    };
    let place = Target::new(target.host.clone(), target.port).to_string();
    let of_code = |finding: &&Finding| finding.code == code;
    let own = report.findings.iter().filter(of_code).find(|f| f.subject == place);
    let finding = own.or_else(|| report.findings.iter().find(of_code));
    Some(finding.map_or(Severity::Problem, |f| f.severity))
}

fn trust(trust: Option<&TrustReport>) -> String {
    match trust {
        None => NOTHING.to_owned(),
        Some(trust) if trust.trusted => "trusted".to_owned(),
        Some(_) => "not trusted".to_owned(),
    }
}
