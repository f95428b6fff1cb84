//! The certificates of a chain, sent and found, and where they lead.

use crate::diagnose::assemble;
use crate::diagnose::case::Case;
use crate::diagnose::words::{issuer_of, subject_of};
use crate::facts::Certificate;
use crate::facts::certificate::SubjectName;
use crate::facts::handshake::TargetLook;
use crate::facts::probe::{LinkRemark, LinkReport, PathReport};
use crate::judge::trust::{Allowance, Place};
use crate::judge::{self, Verdict, name};
use crate::text::sanitise;

/// The most names of a certificate that are repeated; an evil one has ten thousand.
const MOST_NAMES: usize = 100;

/// Returns what was sent, in its order, and behind it what else belongs to a path.
pub(super) fn links(case: &Case<'_>) -> Vec<LinkReport> {
    let sent = case.look.chain();
    let mut links: Vec<LinkReport> = sent
        .iter()
        .enumerate()
        .map(|(index, certificate)| LinkReport {
            position: Some(index + 1),
            remarks: remarks(case, index),
            ..link(case, certificate, index == 0)
        })
        .collect();
    for (verdict, _) in verdicts(case) {
        for (step, certificate) in verdict.path.iter().enumerate() {
            if links.iter().any(|known| known.certificate.sha256 == certificate.fingerprint()) {
                continue;
            }
            let is_end = step + 1 == verdict.path.len() && certificate.is_self_issued();
            let remarks = if is_end { Vec::new() } else { vec![LinkRemark::Missing] };
            links.push(LinkReport { remarks, ..link(case, certificate, false) });
        }
    }
    links
}

fn link(case: &Case<'_>, certificate: &Certificate, is_leaf: bool) -> LinkReport {
    let details = certificate.details().ok();
    let of_leaf = details.filter(|_| is_leaf);
    let name = |name: &SubjectName| match name {
        SubjectName::Dns(text) => Some(sanitise(text)),
        SubjectName::Ip(address) => Some(address.to_string()),
        SubjectName::Other(_) => None,
    };
    LinkReport {
        certificate: assemble::certificate(certificate),
        name: details.map_or_else(|| "not a certificate".to_owned(), |d| sanitise(&d.subject.common_name())),
        position: None,
        found_in: found_in(case, certificate),
        key: details.map(|d| d.key.to_string()),
        signature: judge::signature_name(certificate),
        names: of_leaf
            .map(|d| d.names.iter().filter_map(name).take(MOST_NAMES).collect())
            .unwrap_or_default(),
        name_count: of_leaf.map(|d| d.names.iter().filter_map(name).count()),
        is_for_host: of_leaf.map(|_| name::matches(certificate, &case.look.target.host).is_match()),
        certificate_timestamps: of_leaf.map(|d| d.certificate_timestamps),
        remarks: Vec::new(),
    }
}

fn remarks(case: &Case<'_>, index: usize) -> Vec<LinkRemark> {
    let shape = &case.judged.shape;
    let has = |positions: &[usize]| positions.contains(&index);
    let mut remarks = Vec::new();
    for (applies, remark) in [
        (has(&shape.duplicates), LinkRemark::Duplicate),
        (has(&shape.out_of_order), LinkRemark::OutOfOrder),
        (shape.root_included == Some(index), LinkRemark::RootIncluded),
        (has(&shape.unrelated), LinkRemark::Unrelated),
        (has(&shape.unreadable), LinkRemark::Unreadable),
    ] {
        if applies {
            remarks.push(remark);
        }
    }
    remarks
}

/// Returns where a certificate is, beside what the server sent.
fn found_in(case: &Case<'_>, certificate: &Certificate) -> Vec<String> {
    let stores = &case.world.observations.stores;
    let mut places: Vec<Place> = Vec::new();
    for (store, place) in [
        (Some(&stores.system), Place::SystemStore),
        (Some(&stores.web), Place::WebRoots),
        (stores.environment.as_ref(), Place::EnvironmentStore),
    ] {
        if store.is_some_and(|s| s.roots.iter().any(|root| root.certificate == *certificate)) {
            places.push(place);
        }
    }
    let sha256 = certificate.fingerprint();
    for (verdict, _) in verdicts(case) {
        let found = verdict.allowances.iter().find_map(|allowance| match allowance {
            Allowance::Intermediate { sha256: missing, found_in } if *missing == sha256 => Some(found_in),
            Allowance::Root { sha256: missing, found_in: Some(found_in) } if *missing == sha256 => {
                Some(found_in)
            }
            _ => None,
        });
        if let Some(place) = found.filter(|place| !places.contains(place)) {
            places.push(place.clone());
        }
    }
    places.iter().map(|place| sanitise(&place.to_string())).collect()
}

/// Returns where the chain leads; stores that give the same answer share a path.
pub(super) fn paths(case: &Case<'_>) -> Vec<PathReport> {
    let mut paths: Vec<PathReport> = Vec::new();
    for (verdict, store) in verdicts(case) {
        let path = PathReport {
            stores: vec![store.to_owned()],
            trusted: verdict.is_trusted(),
            reason: verdict.reason().map(|reason| sanitise(&reason)),
            certificates: verdict.path.iter().map(Certificate::fingerprint).collect(),
            anchored: verdict.anchored,
            unknown_issuer: verdict.unknown_issuer().map(sanitise),
        };
        let same = |known: &&mut PathReport| {
            let stores = path.stores.clone();
            PathReport { stores, ..(**known).clone() } == path
        };
        match paths.iter_mut().find(same) {
            Some(known) => known.stores.extend(path.stores),
            None => paths.push(path),
        }
    }
    paths
}

fn verdicts<'a>(case: &Case<'a>) -> Vec<(&'a Verdict, &'static str)> {
    let Some(trust) = case.trust() else { return Vec::new() };
    let environment = trust.environment.as_ref().map(|verdict| (verdict, "environment"));
    [(&trust.system, "system"), (&trust.web, "web")].into_iter().chain(environment).collect()
}

/// Returns the PEM file that the server should send, or why that is not known.
pub(super) fn to_send(case: &Case<'_>) -> Result<String, String> {
    if case.is_inspected() {
        return Err(
            "a gateway's certificate came in place of the server's own, so the server's chain was not seen"
                .to_owned(),
        );
    }
    let Some(verdict) = case.best() else {
        return Err("no certificate of the server was seen".to_owned());
    };
    if let Some(hopeless) = &verdict.hopeless {
        return Err(sanitise(&hopeless.to_string()));
    }
    if let Some(top) = verdict.path.last().filter(|_| verdict.unknown_issuer().is_some()) {
        return Err(unknown(case.look, top));
    }
    let now = case.world.observations.time;
    let is_valid = |c: &Certificate| c.details().is_ok_and(|d| d.not_before <= now && now <= d.not_after);
    let own = verdict.chain_to_send();
    let intermediates = own.get(1..).unwrap_or_default();
    if let Some(useless) = intermediates.iter().find(|c| !is_valid(c)) {
        return Err(format!(
            "the intermediate certificate {} is not valid at this time: the CA has another one today",
            subject_of(useless)
        ));
    }
    let others = ways_besides(case, verdict).into_iter().filter(|c| is_valid(c));
    Ok(own.iter().chain(others).map(Certificate::pem).collect())
}

/// Returns what the server sends for clients with other roots: CAs of another way upwards, such as a cross-signed root.
/// Nothing here needs them, and somebody may.
fn ways_besides<'a>(case: &Case<'a>, verdict: &Verdict) -> Vec<&'a Certificate> {
    let shape = &case.judged.shape;
    let is_unfit = |index: &usize| {
        [&shape.duplicates, &shape.unrelated, &shape.unreadable].iter().any(|list| list.contains(index))
    };
    let sent = case.look.chain().iter().enumerate();
    sent.filter(|(index, c)| !is_unfit(index) && !c.is_self_issued() && !verdict.path.contains(c))
        .map(|(_, certificate)| certificate)
        .collect()
}

fn unknown(look: &TargetLook, top: &Certificate) -> String {
    let which = match look.chain().first() {
        Some(leaf) if leaf == top => "the server's certificate".to_owned(),
        _ => subject_of(top),
    };
    format!("the certificate of {}, which signed {which}, was neither sent nor found", issuer_of(top))
}
