//! Names, dates and lists in sentences. Everything that came from outside is made harmless here.

use time::OffsetDateTime;

use super::case::Case;
use crate::facts::report::InspectionVerdict;
use crate::facts::{Certificate, Code, Os};
use crate::judge::trust::Allowance;
use crate::judge::{Authority, Verdict};
use crate::text::sanitise::sanitise_to;

/// The longest name quoted from a certificate, in characters.
const LONGEST_NAME: usize = 100;

/// So many tools are named in a command; of more, all are meant.
const NAMED_IN_COMMAND: usize = 4;

/// Returns hostile text between quotation marks that it cannot close itself.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", sanitise_to(text, LONGEST_NAME).replace('"', "'"))
}

/// Returns the name people know a certificate's subject by, quoted.
pub(super) fn subject_of(certificate: &Certificate) -> String {
    match certificate.details() {
        Ok(details) => quoted(&details.subject.common_name()),
        Err(_) => format!("the unreadable certificate {}", certificate.fingerprint().short()),
    }
}

/// Returns the name people know a certificate's issuer by, quoted.
pub(super) fn issuer_of(certificate: &Certificate) -> String {
    match certificate.details() {
        Ok(details) => quoted(&details.issuer.common_name()),
        Err(_) => "an unreadable issuer".to_owned(),
    }
}

/// Returns an inspecting CA as the end of "is inspected by".
pub(super) fn authority(authority: &Authority) -> String {
    let name = quoted(&authority.common_name);
    match &authority.vendor {
        Some(vendor) if !name.contains(vendor.as_str()) => {
            format!("{} ({name})", sanitise_to(vendor, LONGEST_NAME))
        }
        _ => name,
    }
}

/// Joins words as a sentence does: `a, b and c`.
pub(super) fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Joins at most three words and counts the rest: `a, b, c and 4 other hosts`.
pub(super) fn some(words: &[String], kind: &str) -> String {
    if words.len() <= 4 {
        return list(words);
    }
    format!("{} and {} other {kind}", words[..3].join(", "), words.len() - 3)
}

/// Takes the usual port off a target's name.
pub(super) fn bare(targets: &[String]) -> Vec<String> {
    targets.iter().map(|t| t.strip_suffix(":443").unwrap_or(t).to_owned()).collect()
}

/// Returns the commands that give tools the CA for this shell and try them; without a tool all of them.
pub(super) fn set_and_verify(os: Os, tools: &[&str]) -> Vec<String> {
    let these = match tools.len() {
        1..=NAMED_IN_COMMAND => format!(" --tool {}", tools.join(",")),
        _ => String::new(),
    };
    let set = match os {
        Os::Windows => format!("trustgap env{these} --shell powershell | Out-String | Invoke-Expression"),
        _ => format!("eval \"$(trustgap env{these})\""),
    };
    vec![set, format!("trustgap verify{these}")]
}

/// `2026-03-01 12:00 UTC`.
pub(super) fn moment(time: OffsetDateTime) -> String {
    let (date, clock) = (time.date(), time.time());
    format!("{date} {:02}:{:02} UTC", clock.hour(), clock.minute())
}

/// How far two moments lie apart, in the unit a person would use.
pub(super) fn span(from: OffsetDateTime, to: OffsetDateTime) -> String {
    let seconds = (to - from).whole_seconds().unsigned_abs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        172_800..63_072_000 => (seconds / 86_400, "day"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// RFC 3339, for values.
pub(super) fn stamp(time: OffsetDateTime) -> String {
    time.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// Returns which of the common look-alikes the chain excludes, each with the evidence; `except` are those that are
/// found or spoken of elsewhere.
pub(super) fn excluded(case: &Case<'_>, verdict: &Verdict, except: &[Code]) -> Vec<(Code, String)> {
    let mut excluded = Vec::new();
    let mut exclude = |code: Code, because: String| {
        if !except.contains(&code) {
            excluded.push((code, because));
        }
    };
    let times = verdict.allowances.iter().any(|a| matches!(a, Allowance::Time { .. }));
    let end = verdict.path.iter().filter_map(|c| c.details().ok()).map(|d| d.not_after).min();
    if let (false, Some(end)) = (times, end) {
        exclude(
            Code::Expired,
            format!("every certificate of the chain is valid until at least {}", end.date()),
        );
    }
    if !verdict.allowances.iter().any(|a| matches!(a, Allowance::Name(_))) {
        exclude(Code::NameMismatch, format!("the certificate is for {}", case.look.target.host));
    }
    if case.judged.inspection.verdict == InspectionVerdict::NotInspected
        && let Some(root) = case.trust().filter(|t| t.web.anchored).and_then(|t| t.web.anchor())
    {
        exclude(
            Code::TlsInspected,
            format!("the chain leads to {}, a root that Mozilla has", subject_of(root)),
        );
    }
    excluded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_tools_are_named_in_commands_and_many_are_all() {
        for (os, tools, set, verify) in [
            (
                Os::Linux,
                &["node", "pip"][..],
                "eval \"$(trustgap env --tool node,pip)\"",
                "trustgap verify --tool node,pip",
            ),
            (Os::Macos, &["a", "b", "c", "d", "e"], "eval \"$(trustgap env)\"", "trustgap verify"),
            (
                Os::Windows,
                &["node"],
                "trustgap env --tool node --shell powershell | Out-String | Invoke-Expression",
                "trustgap verify --tool node",
            ),
        ] {
            assert_eq!(set_and_verify(os, tools), [set, verify]);
        }
    }
}
