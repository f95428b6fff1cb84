//! The report's tables, which need no rules: targets, chains, stores, authorities.

use super::case::World;
use super::{Found, rank};
use crate::catalogue::bad_authorities;
use crate::facts::handshake::{Role, TargetLook};
use crate::facts::report::{
    Authority, CertificateReport, Finding, Inspection, LocalAddition, Report, SCHEMA_VERSION, StapleReport,
    StoreReport, StoresReport, TargetReport, TrustReport, Verdict, WayReport,
};
use crate::facts::store::{Origin, RootStore};
use crate::facts::{Certificate, Code, Observations, Route};
use crate::judge::route_as::{ClientWay, ways};
use crate::judge::{self, Judgement, StapleStatus, TargetJudgement};
use crate::text::sanitise;
use time::OffsetDateTime;

/// Builds the report from findings in the order they are reported.
pub(super) fn report(world: &World<'_>, found: Vec<Found>) -> Report {
    let observations = world.observations;
    let targets = world
        .cases()
        .map(|case| target(observations, case.look, case.judged, &rank::of_target(&found, case.index)))
        .collect();
    Report {
        schema_version: SCHEMA_VERSION,
        tool_version: observations.tool_version.clone(),
        time: observations.time,
        inspection: inspection(observations, world.judgement),
        targets,
        findings: found.into_iter().map(|f| f.finding).collect(),
        tools: None,
        stores: stores(observations),
        baseline_time: None,
        changes: None,
    }
}

fn target(
    observations: &Observations,
    look: &TargetLook,
    judged: &TargetJudgement,
    findings: &[&Finding],
) -> TargetReport {
    let trust = judged.trust.as_ref();
    TargetReport {
        host: look.target.host.clone(),
        port: look.target.port,
        role: match &look.role {
            Role::Asked => "asked",
            Role::Control => "control",
            Role::Saved => "saved",
            Role::Tool(_) => "tool",
            Role::WellKnown => "well-known",
        }
        .to_owned(),
        address: look.address.map(|a| a.to_string()),
        proxy: match &look.route {
            Route::Direct { .. } | Route::Unreadable { .. } => None,
            Route::Proxy { proxy, .. } => Some(proxy.to_string()),
        },
        ways: ways(observations, &look.target).into_iter().map(way).collect(),
        verdict: findings.first().map_or(Verdict::Ok, |f| Verdict::Found(f.code)),
        findings: findings.iter().map(|f| f.code).collect(),
        inspection: judged.inspection.verdict,
        tls_version: look.handshake.as_ref().and_then(|h| h.version),
        chain: look.chain().iter().map(certificate).collect(),
        system: trust.map(|t| answer(&t.system)),
        web: trust.map(|t| answer(&t.web)),
        environment: trust.and_then(|t| t.environment.as_ref()).map(answer),
        connect_ms: look.connect_ms,
        staple: judged.staple.as_ref().map(staple),
        handshake_ms: look.handshake_ms,
    }
}

fn way(way: ClientWay) -> WayReport {
    let (proxy, set_by) = match way.route {
        Route::Direct { exempted_by } => (None, exempted_by),
        Route::Proxy { proxy, set_by } => (Some(proxy.to_string()), Some(set_by)),
        Route::Unreadable { set_by, .. } => (None, Some(set_by)),
    };
    let (client, name) = (way.client.id.clone(), way.client.name.clone());
    WayReport { client, name, proxy, set_by: set_by.map(|text| sanitise(&text)) }
}

fn answer(verdict: &judge::Verdict) -> TrustReport {
    TrustReport {
        trusted: verdict.is_trusted(),
        reason: verdict.reason().map(|r| sanitise(&r)),
        anchor_sha256: verdict.anchor().map(Certificate::fingerprint),
    }
}

fn staple(staple: &judge::Staple) -> StapleReport {
    StapleReport {
        status: staple.status.as_ref().map(|status| {
            match status {
                StapleStatus::Good => "good",
                StapleStatus::Revoked { .. } => "revoked",
                StapleStatus::Unknown => "unknown",
            }
            .to_owned()
        }),
        sound: staple.is_sound(),
        problems: staple.faults.iter().map(|fault| sanitise(&fault.to_string())).collect(),
        responder: staple.responder.as_deref().map(sanitise),
        produced_at: staple.produced_at,
        this_update: staple.this_update,
        next_update: staple.next_update,
    }
}

pub(super) fn certificate(certificate: &Certificate) -> CertificateReport {
    let details = certificate.details().ok();
    CertificateReport {
        subject: details.map_or_else(String::new, |d| sanitise(&d.subject.to_string())),
        issuer: details.map_or_else(String::new, |d| sanitise(&d.issuer.to_string())),
        sha256: certificate.fingerprint(),
        not_before: details.map(|d| d.not_before),
        not_after: details.map(|d| d.not_after),
        is_ca: certificate.is_ca(),
        self_signed: certificate.is_self_issued(),
    }
}

fn inspection(observations: &Observations, judgement: &Judgement) -> Inspection {
    let inspection = &judgement.inspection;
    let name = |index: &usize| observations.targets.get(*index).map(|l| l.target.to_string());
    let authorities = inspection
        .authorities
        .iter()
        .map(|authority| Authority {
            subject: sanitise(&authority.name),
            sha256: authority.certificate.as_ref().map(Certificate::fingerprint),
            vendor: authority.vendor.clone(),
            in_system_store: authority.in_system_store,
            in_web_roots: authority.in_web_roots,
            targets: authority.targets.iter().filter_map(name).collect(),
            not_after: authority.certificate.as_ref().and_then(|c| c.details().ok()).map(|d| d.not_after),
            weaknesses: weaknesses(authority, observations.time),
            pem: authority.certificate.as_ref().map(Certificate::pem),
        })
        .collect();
    Inspection { verdict: inspection.verdict, certainty: inspection.certainty, authorities }
}

/// What is wrong with an inspecting CA itself: it then fails for some clients wherever it is installed.
fn weaknesses(authority: &judge::Authority, time: OffsetDateTime) -> Vec<Code> {
    let Some(certificate) = &authority.certificate else { return Vec::new() };
    let mut weaknesses: Vec<Code> =
        bad_authorities::find(certificate).map(|_| Code::KnownBadCa).into_iter().collect();
    weaknesses.extend(judge::trust::weaknesses(certificate, time));
    weaknesses
}

fn stores(observations: &Observations) -> StoresReport {
    let stores = &observations.stores;
    StoresReport {
        system: store(&stores.system, true),
        web: store(&stores.web, false),
        environment: stores.environment.as_ref().map(|s| store(s, false)),
    }
}

fn store(store: &RootStore, with_additions: bool) -> StoreReport {
    let additions = || {
        let added = |o: Origin| matches!(o, Origin::Administrator | Origin::User);
        store
            .roots
            .iter()
            .filter(|r| added(r.origin))
            .map(|root| {
                let details = root.certificate.details().ok();
                LocalAddition {
                    subject: details.map_or_else(String::new, |d| sanitise(&d.subject.to_string())),
                    sha256: root.certificate.fingerprint(),
                    added_by: root.origin,
                    not_after: details.map(|d| d.not_after),
                }
            })
            .collect()
    };
    StoreReport {
        source: sanitise(&store.source),
        count: store.roots.len(),
        local_additions: with_additions.then(additions),
        problems: store.problems.iter().map(|p| sanitise(&format!("{}: {}", p.place, p.message))).collect(),
    }
}
