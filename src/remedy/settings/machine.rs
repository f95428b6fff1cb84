//! What an installation on this machine would trust in an environment, our files being where they will be.

use crate::catalogue::Tool;
use crate::catalogue::schema::Reach;
use crate::facts::{Certificate, Environment, Observations};
use crate::judge::tool::{Part, Place, Predictor, SetBy, Source, ToolTrust, View};
use crate::remedy::documents::Document;
use crate::remedy::plan::{Installed, Oracle, Trust};
use crate::text::sanitise;

/// This machine, with our files already there.
pub(super) struct Machine<'a> {
    observations: &'a Observations,
    predictor: Predictor<'a>,
    /// Whether there is a CA that the tools have to trust.
    asks: bool,
}

impl<'a> Machine<'a> {
    pub(super) fn new(observations: &'a Observations, needed: Vec<Certificate>, own: &[Document]) -> Self {
        let asks = !needed.is_empty();
        let seen = Predictor::new(&observations.stores, &observations.files, needed, observations.time);
        let with = |predictor: Predictor<'a>, document: &Document| {
            predictor.with_file(document.path.display().to_string(), document.bytes.as_slice())
        };
        Self { observations, predictor: own.iter().fold(seen, with), asks }
    }
}

impl Oracle for Machine<'_> {
    fn trust(&self, installed: Installed<'_>, environment: &Environment) -> Trust {
        let Installed { look, tool } = installed;
        let view = View { tool, look, environment, os: self.observations.platform.os };
        let trust = self.predictor.trust(view);
        Trust {
            network: if self.asks { trust.network } else { Some(!trust.fails) },
            public: trust.public,
            verifies: trust.verifies,
            follows_system: !trust.effective.parts.is_empty()
                && trust.effective.parts.iter().all(|part| self.is_system(part)),
            because: self.because(tool, &trust),
        }
    }
}

impl Machine<'_> {
    /// Says where the roots come from, as the rest of a sentence about the tool.
    fn because(&self, tool: &Tool, trust: &ToolTrust<'_>) -> String {
        let effective = &trust.effective;
        let set = effective.parts.iter().find(|part| part.set_by != SetBy::Default);
        if let Some(off) = effective.off.iter().find(|off| off.row.reach == Reach::All) {
            return format!("{} switches verification off; take it out there", place(&off.place));
        }
        if !effective.verifies {
            return "it verifies nothing by default".to_owned();
        }
        if let Some(fault) = trust.faults.first().filter(|_| trust.fails) {
            return format!("{} names {}, which it cannot use", place(&fault.place), sanitise(&fault.path));
        }
        let holds = match trust.network {
            Some(true) => "has the CA",
            Some(false) => "lacks the CA",
            None if self.asks => "cannot be read here",
            None => "is all it needs",
        };
        match set {
            Some(part) => format!("{}, which {holds}", set_by(part)),
            None if tool.trust.is_empty() && tool.children.is_some() => {
                let started = tool.children.as_deref().unwrap_or_default();
                format!("it connects only through what it starts: {}", sanitise(started))
            }
            None if effective.parts.is_empty() => "it is not known where this build has its roots".to_owned(),
            None if trust.follows_system || effective.parts.iter().any(|part| self.is_system(part)) => {
                format!("it follows the system store, which {holds}")
            }
            None => format!("its own set of roots {holds}"),
        }
    }

    fn is_system(&self, part: &Part) -> bool {
        match &part.source {
            Source::System => true,
            Source::File(path) => {
                let store = &self.observations.stores.system;
                *path == store.source || store.roots.iter().any(|root| root.place.as_ref() == Some(path))
            }
            Source::Directories(paths) => {
                paths.iter().all(|path| self.observations.stores.system.source.starts_with(path.as_str()))
            }
            _ => false,
        }
    }
}

fn set_by(part: &Part) -> String {
    let what = match &part.source {
        Source::File(path) | Source::Keystore(path) | Source::Nss(path) => sanitise(path),
        Source::Directories(paths) => sanitise(&paths.join(", ")),
        Source::System => "the system store".to_owned(),
        Source::Bundled => "its own set of roots".to_owned(),
        Source::Inline(_) => "certificates written there".to_owned(),
        Source::Nothing => "no roots at all".to_owned(),
    };
    match &part.set_by {
        SetBy::Setting(where_it_stands) => format!("{} names {what}", place(where_it_stands)),
        SetBy::Default => what,
    }
}

fn place(place: &Place) -> String {
    match place {
        Place::Entry { path, line: Some(line), key } => {
            format!("{} in {} line {line}", sanitise(key), sanitise(path))
        }
        Place::Entry { path, line: None, key } => format!("{} in {}", sanitise(key), sanitise(path)),
        Place::Variable(name) => sanitise(name),
    }
}
