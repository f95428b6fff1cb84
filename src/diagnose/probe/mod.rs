//! The answer of `probe`: beside the report, what is known of each server that was named. Every text is sanitised.

mod chain;
mod staple;
mod tools;
mod versions;

use std::collections::BTreeSet;

use super::case::{Case, World};
use super::tools::Tools;
use crate::facts::handshake::Role;
use crate::facts::probe::{AlertReport, ChainResult, ProbeReport, ServerReport};
use crate::facts::report::Report;
use crate::facts::{Code, TlsVersion};

/// Adds what is known of the servers to a report, and leaves of its tools only what keeps them from these servers.
pub(super) fn report(world: World<'_>, tools: &Tools<'_>, mut report: Report) -> ProbeReport {
    let named = world.cases().filter(|case| matches!(case.look.role, Role::Asked | Role::Saved));
    let servers: Vec<ServerReport> = named.map(|case| server(&case, tools)).collect();
    keep_what_concerns(&mut report, &servers);
    let only = || match servers.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    ProbeReport {
        versions: only().and_then(|s| s.versions.clone()),
        staple: only().and_then(|s| s.staple.clone()),
        report,
        servers,
        written: None,
    }
}

fn server(case: &Case<'_>, tools: &Tools<'_>) -> ServerReport {
    let target = &case.look.target;
    let observations = case.world.observations;
    let looked = observations.versions.iter().find(|look| look.target == *target);
    let answers: std::collections::BTreeMap<TlsVersion, _> =
        looked.map(versions::answers).unwrap_or_default();
    let (chain_to_send, chain_unknown) = match chain::to_send(case) {
        Ok(pem) => (Some(pem), None),
        Err(why) => (None, Some(why)),
    };
    ServerReport {
        host: target.host.clone(),
        port: target.port,
        versions: looked.map(|_| answers.iter().map(|(v, a)| (*v, a.answer.clone())).collect()),
        answers,
        forward_secrecy: looked.and_then(|look| look.forward_secrecy),
        diffie_hellman_bits: looked.and_then(|look| look.diffie_hellman_bits),
        secure_renegotiation: looked.and_then(|look| look.secure_renegotiation),
        advice: looked.map(versions::advice).unwrap_or_default(),
        chain: chain::links(case),
        paths: chain::paths(case),
        chain_to_send,
        chain_unknown,
        staple: staple::answer(case),
        meetings: tools::meetings(case, tools, looked),
    }
}

/// Takes out what is wrong with tools that it does not keep from these servers: `trustgap tools` is for that.
fn keep_what_concerns(report: &mut Report, servers: &[ServerReport]) {
    let meetings = || servers.iter().flat_map(|server| server.meetings.iter().flatten());
    let concerned = |tool: &crate::facts::report::ToolReport| {
        let blind = |chain: &crate::facts::probe::ChainWords| chain.result == ChainResult::NotVerified;
        meetings().any(|m| {
            m.tool == tool.id
                && m.path == tool.path
                && (m.is_kept_out() || m.chain.as_ref().is_some_and(blind))
        })
    };
    let rows = report.tools.take().unwrap_or_default();
    let concern: BTreeSet<Code> =
        rows.iter().filter(|row| concerned(row)).flat_map(|row| row.findings.iter().copied()).collect();
    let everything: BTreeSet<Code> = rows.iter().flat_map(|row| row.findings.iter().copied()).collect();
    report.findings.retain(|f| !everything.contains(&f.code) || concern.contains(&f.code));
}

fn alert(number: u8) -> AlertReport {
    AlertReport { number, name: super::wire::alert_name(number).to_owned() }
}
