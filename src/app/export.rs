//! `export`: the CA of this network as files.

use std::path::Path;

use serde::Serialize;

use super::looking::{Otherwise, Subject};
use super::{Answer, Desk, Failure};
use crate::act::{self, Written};
use crate::cli::{ExportArgs, SavedArgs};
use crate::diagnose::diagnose;
use crate::edge::{LiveHands, PathKind, Reading as _};
use crate::facts::report::InspectionVerdict;
use crate::facts::{Observations, Report};
use crate::judge::judge;
use crate::observe::{Depth, ToolScope};
use crate::present::handout::{self, HandoutReport};
use crate::present::{self, Detail};
use crate::remedy::authorities::Handout;
use crate::remedy::bundle::Ingredients;
use crate::remedy::documents::{Destination, Document, documents};
use crate::remedy::formats::Format;

/// The JSON answer.
#[derive(Serialize)]
struct Exported<'a> {
    #[serde(flatten)]
    handout: HandoutReport,
    written: &'a [Written],
}

/// Looks, decides which CAs may be handed out, and writes them.
pub(super) fn export(desk: &Desk, args: &ExportArgs) -> Result<Answer, Failure> {
    let subject = Subject {
        targets: args.targets.clone(),
        otherwise: Otherwise::Everybody,
        tools: ToolScope::None,
        depth: Depth::OneHandshake,
    };
    let observations = desk.look(subject, &SavedArgs::default())?;
    let judgement = judge(&observations);
    let handout = desk.handout(&observations, &judgement, &args.handout)?;
    if handout.is_refused() {
        return refused(desk, &handout);
    }
    if handout.authorities.is_empty() {
        let report = desk.redacted(&diagnose(&observations, &judgement))?;
        return nothing(desk, &handout, &report);
    }
    let documents = made(desk, args, &observations, &handout)?;
    if args.out.as_deref() == Some(Path::new("-")) {
        return Ok(printed(desk, &handout, documents));
    }
    let hands = LiveHands::new(desk.live.clone());
    let written = act::export(&hands, &documents).map_err(|error| Failure::export(&error))?;
    let answer = if desk.common.json {
        present::json(&Exported { handout: handout::report(&handout), written: &written })?
    } else {
        desk.paint(&text(desk, &handout, &written))
    };
    Ok(Answer::plain(answer))
}

/// The files as values.
fn made(
    desk: &Desk,
    args: &ExportArgs,
    observations: &Observations,
    handout: &Handout,
) -> Result<Vec<Document>, Failure> {
    let authorities = handout.certificates();
    let ingredients = Ingredients {
        authorities: &authorities,
        stores: &observations.stores,
        previous: &[],
        time: observations.time,
    };
    let formats = if args.format.is_empty() { vec![Format::Pem] } else { args.format.clone() };
    documents(&ingredients, &formats, &destination(desk, args.out.as_deref())?)
        .map_err(|error| Failure::no_document(&error))
}

/// A file or folder that the user named, or our own folder.
fn destination(desk: &Desk, out: Option<&Path>) -> Result<Destination, Failure> {
    match out {
        None => desk.own_folder().map(Destination::Folder),
        Some(path) if desk.live.kind(path) == Some(PathKind::Folder) => {
            Ok(Destination::Folder(path.to_owned()))
        }
        Some(path) => Ok(Destination::File(path.to_owned())),
    }
}

/// A single text file on standard output.
fn printed(desk: &Desk, handout: &Handout, documents: Vec<Document>) -> Answer {
    let text = documents.into_iter().map(|document| String::from_utf8_lossy(&document.bytes).into_owned());
    let notes = desk.paint_notes(&handout::authorities(handout, desk.notes_layout()));
    Answer { answer: text.collect(), notes, code: 0 }
}

fn text(desk: &Desk, handout: &Handout, written: &[Written]) -> String {
    let layout = desk.layout();
    let files = written.iter().map(|file| {
        let state = if file.changed { "written" } else { "up to date" };
        let kind = match file.format.parse() {
            Ok(Format::Bundle) => "full bundle, for settings that replace a program's own roots",
            Ok(Format::Der) => "one CA, DER",
            Ok(Format::Jks) => "full bundle as a Java key store, password changeit",
            Ok(Format::P12) => "full bundle as PKCS#12",
            _ => "the CA alone, for settings that add to a program's own roots",
        };
        format!("{state}  {}\n{}", desk.person().redact(&file.path), layout.paragraph(kind, 2, 2))
    });
    let files: String = files.collect();
    match layout.detail {
        Detail::Brief => files,
        Detail::Normal | Detail::Full => format!("{}\n{files}", handout::authorities(handout, layout)),
    }
}

/// Says why nothing is handed out; standard output stays empty unless JSON is wanted.
pub(super) fn refused(desk: &Desk, handout: &Handout) -> Result<Answer, Failure> {
    let notes = desk.paint_notes(&handout::refusals(handout, desk.notes_layout()));
    let exported = Exported { handout: handout::report(handout), written: &[] };
    let answer = if desk.common.json { present::json(&exported)? } else { String::new() };
    Ok(Answer { answer, notes, code: 1 })
}

/// There is no CA to hand out: says what was seen instead, with the exit code of that.
fn nothing(desk: &Desk, handout: &Handout, report: &Report) -> Result<Answer, Failure> {
    let layout = desk.notes_layout();
    let mut notes = present::report::conclusion(report, layout);
    notes.push_str(&layout.paragraph("There is no CA to export.", 0, 0));
    let exported = Exported { handout: handout::report(handout), written: &[] };
    let answer = if desk.common.json { present::json(&exported)? } else { String::new() };
    Ok(Answer { answer, notes: desk.paint_notes(&notes), code: code_without_authorities(report) })
}

/// Returns the exit code where there is no CA to hand out: that is well only if nobody inspects.
pub(super) fn code_without_authorities(report: &Report) -> u8 {
    match report.inspection.verdict {
        InspectionVerdict::NotInspected => 0,
        InspectionVerdict::Inspected => 1,
        InspectionVerdict::Unknown => 3,
    }
}
