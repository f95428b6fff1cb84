//! `system-store-outdated`: the web roots accept a chain that the system store of this computer does not.

use super::Found;
use super::case::{Case, World};
use super::words::{some, stamp, subject_of};
use crate::facts::report::{Finding, Owner};
use crate::facts::{Certificate, Code, Os, Platform};
use crate::judge::Verdict;
use crate::judge::trust::Allowance;

pub(super) fn rule(world: &World<'_>) -> Vec<Found> {
    let mut by_root: Vec<(Certificate, Vec<Case<'_>>)> = Vec::new();
    for case in world.cases() {
        let Some(root) = lacking(&case) else { continue };
        match by_root.iter_mut().find(|(known, _)| *known == root) {
            Some((_, cases)) => cases.push(case),
            None => by_root.push((root, vec![case])),
        }
    }
    by_root
        .into_iter()
        .map(|(root, cases)| Found {
            targets: cases.iter().map(|c| c.index).collect(),
            finding: outdated(*world, &root, &cases),
        })
        .collect()
}

/// Returns the web root that the system store would need.
fn lacking(case: &Case<'_>) -> Option<Certificate> {
    let trust = case.trust()?;
    let web_reaches = trust.web.reaches_roots();
    let by_name = |v: &Verdict| v.allowances.iter().any(|a| matches!(a, Allowance::Distrusted { .. }));
    let lacks = !trust.system.anchored || (trust.web.is_trusted() && !trust.system.is_trusted());
    (web_reaches && lacks && !by_name(&trust.system)).then(|| trust.web.anchor().cloned()).flatten()
}

fn outdated(world: World<'_>, root: &Certificate, cases: &[Case<'_>]) -> Finding {
    let hosts: Vec<String> = cases.iter().map(Case::host).collect();
    let name = subject_of(root);
    let store = &world.observations.stores.system;
    let subject = cases.first().map(Case::subject).unwrap_or_default();
    let mut finding = Finding::problem(
        Code::SystemStoreOutdated,
        subject,
        format!(
            "The Mozilla roots accept {}, the system store of this computer does not.",
            some(&hosts, "hosts")
        ),
    );
    let expired = cases.first().and_then(Case::trust).and_then(|t| expired_anchor(&t.system));
    finding = if store.roots.is_empty() {
        finding.evidence(format!("The system store is empty ({}).", crate::text::sanitise(&store.source)))
    } else if let Some((own, end)) = expired {
        finding
            .evidence(format!(
                "The system store closes the chain with {}, which ended on {}.",
                subject_of(&own),
                end.date()
            ))
            .evidence(format!("The Mozilla roots close it with {name}, which is valid."))
    } else {
        finding.evidence(format!("The system store lacks {name}, to which the chain leads."))
    };
    finding = finding
        .not(Code::TlsInspected, format!("the chain leads to {name}, a root that Mozilla has"))
        .not(Code::MissingIntermediate, "with the Mozilla roots the chain is complete")
        .value("root", name)
        .value("sha256", root.fingerprint().to_string())
        .value("targets", cases.iter().map(Case::subject).collect::<Vec<_>>());
    if let Ok(details) = root.details() {
        finding = finding.value("root_not_before", stamp(details.not_before));
    }
    finding.remedy_with(
        Owner::You,
        "Bring the system's CA certificates up to date; on a computer that your company manages, ask its IT department.",
        update_commands(&world.observations.platform),
    )
}

fn expired_anchor(verdict: &Verdict) -> Option<(Certificate, time::OffsetDateTime)> {
    let last = verdict.path.len().checked_sub(1)?;
    verdict.allowances.iter().find_map(|a| match a {
        Allowance::Time { position, expired: true, bound } if *position == last => {
            verdict.anchor().map(|anchor| (anchor.clone(), *bound))
        }
        _ => None,
    })
}

fn update_commands(platform: &Platform) -> Vec<String> {
    let family = |name: &str| platform.distribution.iter().any(|d| d == name);
    let lines: &[&str] = match platform.os {
        Os::Linux if family("debian") || family("ubuntu") => {
            &["sudo apt-get update", "sudo apt-get install --only-upgrade ca-certificates"]
        }
        Os::Linux if family("fedora") || family("rhel") => &["sudo dnf upgrade ca-certificates"],
        Os::Linux if family("alpine") => &["apk add --upgrade ca-certificates"],
        Os::Linux if family("arch") => &["sudo pacman -Syu ca-certificates"],
        Os::Linux if family("suse") || family("opensuse") => &["sudo zypper update ca-certificates-mozilla"],
        Os::Windows => &["certutil -generateSSTFromWU roots.sst"],
        _ => &[],
    };
    lines.iter().map(|l| (*l).to_owned()).collect()
}
