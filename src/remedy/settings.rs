//! From what was seen to the settings and the files they point to: what `env`, `fix` and `verify` begin with.

use std::path::Path;

use super::authorities::Handout;
use super::bundle::Ingredients;
use super::documents::{self, Destination, Document};
use super::formats::Format;
use super::plan::{self, Installed, Plan, Prefer, Situation};
use super::script::{File, Places};
use crate::catalogue;
use crate::facts::tool::{Content, FileState};
use crate::facts::{Certificate, Environment, Observations, ToolId, pem};
use crate::judge::tool::{Source, View, effective};

mod machine;
mod predictions;

pub use predictions::Predictions;

use machine::Machine;

/// What settings are made from.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// What was seen, with the toolchains.
    pub observations: &'a Observations,
    /// The CAs that may be handed out; a refused handout must not come here.
    pub handout: &'a Handout,
    /// The whole environment: what was recorded of it lacks what is nobody's business.
    pub environment: &'a Environment,
    /// The folder that trustgap keeps its own files in.
    pub folder: &'a Path,
    /// Which toolchains are to work (`--tool`); empty means all that were found.
    pub only: &'a [ToolId],
    /// What is tried first (`--prefer`).
    pub prefer: Prefer,
}

/// The settings, and the files that have to be there before they are printed.
#[derive(Clone, Debug)]
#[must_use]
pub struct Prepared {
    /// What to set, and what to say about it.
    pub plan: Plan,
    /// The files that the settings point to; to be written by `act::export` first.
    pub documents: Vec<Document>,
}

/// Makes the settings for this machine.
pub fn prepare(order: &Order<'_>) -> Prepared {
    let observations = order.observations;
    let authorities = order.handout.certificates();
    let previous = previous(order);
    let ingredients = Ingredients {
        authorities: &authorities,
        stores: &observations.stores,
        previous: &previous,
        time: observations.time,
    };
    let text = |path: &Path| path.display().to_string();
    let places = Places {
        folder: text(order.folder),
        authorities: text(&documents::authorities_path(order.folder, &authorities)),
        bundle: text(&documents::bundle_path(order.folder)),
        trust_store: text(&documents::trust_store_path(order.folder)),
    };
    let destination = Destination::Folder(order.folder.to_owned());
    let own = [Format::Pem, Format::Bundle, Format::P12];
    // only a single file can be asked for too much
    let mut documents = documents::documents(&ingredients, &own, &destination).unwrap_or_default();
    let machine = Machine::new(observations, authorities.clone(), &documents);
    let tools: Vec<Installed<'_>> = installed(observations);
    let situation = Situation {
        os: observations.platform.os,
        environment: order.environment,
        tools: &tools,
        only: order.only,
        prefer: order.prefer,
        places: &places,
    };
    let mut plan = plan::plan(&situation, &machine);
    plan.script.notes = authorities.iter().map(note).collect();
    let named = plan.named.iter().copied();
    let formats: Vec<Format> = plan.script.files().into_iter().chain(named).map(format).collect();
    documents.retain(|document| formats.contains(&document.format));
    Prepared { plan, documents }
}

/// Returns the installations that the catalogue knows.
fn installed(observations: &Observations) -> Vec<Installed<'_>> {
    let known = |look| Some(Installed { look, tool: catalogue::tool(&look.id)? });
    observations.tools.iter().filter_map(known).collect()
}

fn format(file: File) -> Format {
    match file {
        File::Authorities => Format::Pem,
        File::Bundle => Format::Bundle,
        File::TrustStore => Format::P12,
    }
}

fn note(authority: &Certificate) -> String {
    let subject = authority.details().map(|details| details.subject.to_string()).unwrap_or_default();
    format!("CA: {subject}, SHA-256 {}", authority.fingerprint())
}

/// Returns what the files hold that tools use today because somebody set them: our bundle takes their place.
fn previous(order: &Order<'_>) -> Vec<Certificate> {
    let observations = order.observations;
    let mut paths: Vec<String> = Vec::new();
    for Installed { look, tool } in installed(observations) {
        let view = View { tool, look, environment: order.environment, os: observations.platform.os };
        for part in effective(view, &|_, _| false).parts {
            let named = match part.source {
                Source::File(path) if part.set_by != crate::judge::tool::SetBy::Default => path,
                _ => continue,
            };
            if !Path::new(&named).starts_with(order.folder) && !paths.contains(&named) {
                paths.push(named);
            }
        }
    }
    let looks = observations.files.iter().filter(|look| paths.contains(&look.path));
    looks.flat_map(|look| certificates(&look.state)).collect()
}

/// Returns the certificates in a file or folder, however strict its reader would be.
fn certificates(state: &FileState) -> Vec<Certificate> {
    let of = |content: &Content| pem::read(content.bytes()).certificates;
    match state {
        FileState::File { content } => of(content),
        FileState::Folder { files } => files.iter().flat_map(|(_, content)| of(content)).collect(),
        FileState::Missing | FileState::Unreadable { .. } => Vec::new(),
    }
}
