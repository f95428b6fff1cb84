//! `probe`: single servers in depth, and the chain file that one of them should send.

use std::path::Path;

use super::failure::shown;
use super::looking::{Otherwise, Subject};
use super::tools::ids;
use super::{Answer, Desk, Failure};
use crate::cli::ProbeArgs;
use crate::diagnose;
use crate::edge::{Changing as _, LiveHands};
use crate::facts::probe::{ProbeReport, WrittenChain};
use crate::facts::{Fingerprint, Observations};
use crate::judge::judge;
use crate::observe::{Depth, ToolScope};
use crate::present;

/// Certificates are public, and the server's own user has to read them.
const MODE: u32 = 0o644;

/// Looks at servers in depth, and says what was seen.
pub(super) fn probe(desk: &Desk, args: &ProbeArgs) -> Result<Answer, Failure> {
    let to_output = args.fix_chain.as_deref() == Some(Path::new("-"));
    if to_output && desk.common.json {
        return Err(Failure::usage("`--fix-chain -` and `--json` both want standard output")
            .hint("name a file; or take `chain_to_send` out of the JSON"));
    }
    let scope = scope(&args.tool)?;
    let subject = Subject {
        targets: args.targets.clone(),
        otherwise: Otherwise::Nobody,
        tools: scope.clone(),
        depth: Depth::InDepth,
    };
    let mut observations = desk.look(subject, &args.saved)?;
    restrict(&mut observations, &scope);
    let mut report = desk.redacted(&diagnose::probe(&observations, &judge(&observations)))?;
    let Some(file) = &args.fix_chain else { return answer(desk, &report) };
    match to_send(&report)? {
        Err(why) => refused(desk, &report, file, why),
        Ok(pem) if to_output => {
            let notes = desk.paint_notes(&present::probe::text(&report, desk.notes_layout()));
            Ok(Answer { answer: pem.to_owned(), notes, code: report.exit_code() })
        }
        Ok(pem) => {
            let sha256 = Fingerprint::of(pem.as_bytes());
            LiveHands::new(desk.live.clone())
                .write(file, pem.as_bytes(), MODE)
                .map_err(|error| Failure::unwritable(file, &error))?;
            let path = desk.person().redact(&file.to_string_lossy());
            report.written = Some(WrittenChain { path: crate::text::sanitise(&path), sha256 });
            answer(desk, &report)
        }
    }
}

fn answer(desk: &Desk, report: &ProbeReport) -> Result<Answer, Failure> {
    let answer = if desk.common.json {
        present::json(report)?
    } else {
        desk.paint(&present::probe::text(report, desk.layout()))
    };
    Ok(Answer { answer, code: report.exit_code(), ..Answer::default() })
}

/// Returns what the one server should send, or why that is not known.
fn to_send(report: &ProbeReport) -> Result<Result<&str, &str>, Failure> {
    let [server] = report.servers.as_slice() else {
        return Err(Failure::usage("`--fix-chain` writes the chain file of one server")
            .hint("name one host, and a file for each"));
    };
    Ok(server.chain_to_send.as_deref().ok_or_else(|| server.chain_unknown.as_deref().unwrap_or_default()))
}

/// Nothing is written: says what was seen, and what is missing.
fn refused(desk: &Desk, report: &ProbeReport, file: &Path, why: &str) -> Result<Answer, Failure> {
    let Answer { mut answer, code, .. } = answer(desk, report)?;
    if file == Path::new("-") {
        answer.clear();
    }
    let what =
        if file == Path::new("-") { "no chain was".to_owned() } else { format!("{} was not", shown(file)) };
    let failure = Failure::undetermined(format!("{what} written: {why}"))
        .hint("what is missing comes from whoever issued the certificate, or from the server's operator");
    Ok(Answer { answer, notes: failure.to_string(), code: if code == 0 { failure.code() } else { code } })
}

/// Leaves the toolchains that were asked for: a record may hold more.
fn restrict(observations: &mut Observations, scope: &ToolScope) {
    match scope {
        ToolScope::All => {}
        ToolScope::None => {
            observations.tools.clear();
            observations.offers = None;
        }
        ToolScope::Only(ids) => {
            observations.tools.retain(|tool| ids.contains(&tool.id));
            observations.offers.iter_mut().for_each(|all| all.retain(|offer| ids.contains(&offer.tool)));
        }
    }
}

/// Which toolchains are heard: all, the named ones, or none.
fn scope(names: &[String]) -> Result<ToolScope, Failure> {
    Ok(match names {
        [] => ToolScope::All,
        [none] if none.eq_ignore_ascii_case("none") => ToolScope::None,
        names => ToolScope::Only(ids(names)?),
    })
}
