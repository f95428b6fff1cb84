//! What is otherwise than in an earlier record of the same machine or another one.

use super::words::{bare, some};
use crate::facts::change::{Change, ChangeKind, Situation};
use crate::facts::report::{InspectionVerdict, Report, TargetReport, Verdict, common_name};

/// Compares a report with an earlier one, host by host; hosts that share a change share an entry, the gravest first.
/// Hosts that were not looked at this time are left out: nothing is known about them.
pub fn since(before: &Report, now: &Report) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for row in &now.targets {
        let old = before.targets.iter().find(|old| (&old.host, old.port) == (&row.host, row.port));
        let Some((kind, before, now)) = changed(old.map(|old| (before, old)), (now, row)) else { continue };
        let same = |known: &&mut Change| known.kind == kind && known.before == before && known.now == now;
        match changes.iter_mut().find(same) {
            Some(known) => known.targets.push(name(row)),
            None => changes.push(Change {
                kind,
                targets: vec![name(row)],
                message: String::new(),
                advice: None,
                commands: Vec::new(),
                before,
                now,
            }),
        }
    }
    changes.iter_mut().for_each(complete);
    changes.sort_by_key(|change| change.kind);
    changes
}

type Row<'a> = (&'a Report, &'a TargetReport);

/// What changed about one host, if anything did.
fn changed(before: Option<Row<'_>>, now: Row<'_>) -> Option<(ChangeKind, Option<Situation>, Situation)> {
    let after = situation(now);
    let Some(before) = before else { return Some((ChangeKind::NewHost, None, after)) };
    let earlier = situation(before);
    let inspected = |s: &Situation| s.inspection == InspectionVerdict::Inspected;
    let kind = match (inspected(&earlier), inspected(&after)) {
        (true, true) if earlier.authority != after.authority => ChangeKind::OtherInspector,
        (true, true) if rotated(&earlier, &after) => ChangeKind::InspectingCaRotated,
        // a host that could not be looked at says nothing about inspection
        (true, false) if after.inspection == InspectionVerdict::NotInspected => ChangeKind::NoLongerInspected,
        (false, true) if earlier.inspection == InspectionVerdict::NotInspected => ChangeKind::NowInspected,
        (false, false)
            if issuer(before.1).is_some() && issuer(now.1).is_some_and(|i| Some(i) != issuer(before.1)) =>
        {
            let named =
                |s: Situation, row: &TargetReport| Situation { issuer: issuer(row).map(str::to_owned), ..s };
            let (earlier, after) = (named(earlier, before.1), named(after, now.1));
            return Some((ChangeKind::OtherIssuer, Some(earlier), after));
        }
        _ if earlier.verdict != after.verdict => ChangeKind::OtherVerdict,
        _ => return None,
    };
    Some((kind, Some(earlier), after))
}

fn rotated(before: &Situation, now: &Situation) -> bool {
    matches!((before.authority_sha256, now.authority_sha256), (Some(old), Some(new)) if old != new)
}

fn situation((report, row): Row<'_>) -> Situation {
    let own = name(row);
    let authority = report.inspection.authorities.iter().find(|a| a.targets.contains(&own));
    Situation {
        verdict: row.verdict,
        inspection: row.inspection,
        authority: authority.map(|a| a.subject.clone()),
        authority_sha256: authority.and_then(|a| a.sha256),
        issuer: None,
    }
}

/// Who issued the certificate that a host presented.
fn issuer(row: &TargetReport) -> Option<&str> {
    row.chain.first().map(|leaf| leaf.issuer.as_str())
}

/// Adds the sentences, now that all hosts are known.
fn complete(change: &mut Change) {
    let hosts = some(&bare(&change.targets), "hosts");
    let many = change.targets.len() > 1;
    let (is, was, they) = if many { ("are", "were", "they") } else { ("is", "was", "it") };
    let old = change.before.as_ref();
    let by = |situation: Option<&Situation>| {
        let name = situation.and_then(|s| s.authority.as_deref());
        name.map_or_else(|| "an unknown CA".to_owned(), |name| format!("\"{}\"", common_name(name)))
    };
    let (before, now) = (by(old), by(Some(&change.now)));
    let issuer = |situation: Option<&Situation>| {
        situation.and_then(|s| s.issuer.as_deref()).map(common_name).unwrap_or_default().to_owned()
    };
    change.message = match change.kind {
        ChangeKind::NowInspected => {
            format!("{hosts} {is} inspected now, by {now}; before, {they} {was} not.")
        }
        ChangeKind::NoLongerInspected => format!("{hosts} {is} not inspected any more; before, by {before}."),
        ChangeKind::OtherInspector => {
            format!("{hosts} {is} inspected by another CA: {now}; before, {before}.")
        }
        ChangeKind::InspectingCaRotated => {
            let print = |s: Option<&Situation>| {
                s.and_then(|s| s.authority_sha256).map(|f| f.short()).unwrap_or_default()
            };
            format!(
                "The CA that inspects {hosts} was exchanged for another certificate of the same name, {now}: \
                 SHA-256 {}..., before {}...",
                print(Some(&change.now)),
                print(old)
            )
        }
        ChangeKind::OtherIssuer => format!(
            "{hosts} {} a certificate of another issuer: \"{}\"; before, \"{}\".",
            if many { "have" } else { "has" },
            issuer(Some(&change.now)),
            issuer(old)
        ),
        ChangeKind::OtherVerdict => {
            format!("{hosts}: {}; before, {}.", verdict(Some(&change.now)), verdict(old))
        }
        ChangeKind::NewHost => {
            format!("{hosts} {was} not looked at then; now: {}.", verdict(Some(&change.now)))
        }
    };
    change.advice = match change.kind {
        ChangeKind::OtherInspector | ChangeKind::InspectingCaRotated => Some(
            "Settings and files that hold the old CA are stale: make them anew, then let the tools prove them.",
        ),
        ChangeKind::NowInspected => Some("Tools that carry their own roots need the CA from now on."),
        ChangeKind::NoLongerInspected => {
            Some("Settings for the CA do no harm, but the CA stays trusted by those tools until they are taken back.")
        }
        ChangeKind::OtherIssuer | ChangeKind::OtherVerdict | ChangeKind::NewHost => None,
    }
    .map(str::to_owned);
    if matches!(
        change.kind,
        ChangeKind::NowInspected | ChangeKind::OtherInspector | ChangeKind::InspectingCaRotated
    ) {
        change.commands = ["trustgap env", "trustgap verify"].map(str::to_owned).to_vec();
    }
}

fn verdict(situation: Option<&Situation>) -> &'static str {
    match situation.map(|s| s.verdict) {
        Some(Verdict::Found(code)) => code.as_str(),
        Some(Verdict::Ok) | None => "ok",
    }
}

fn name(row: &TargetReport) -> String {
    crate::facts::Target::new(row.host.clone(), row.port).to_string()
}
