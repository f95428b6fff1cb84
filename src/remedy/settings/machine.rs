//! What an installation on this machine would trust in an environment, our files being where they will be.

use std::collections::{BTreeMap, HashSet};

use crate::catalogue::schema::Reach;
use crate::facts::{Certificate, Environment, Fingerprint, Observations};
use crate::judge::tool::{Effective, Part, Place, SetBy, Source, SwitchedOff, View, effective};
use crate::remedy::plan::{Installed, Oracle, Trust};
use crate::remedy::script::Places;
use crate::text::sanitise;

/// This machine, with our files already there.
pub(super) struct Machine<'a> {
    observations: &'a Observations,
    network: Vec<Fingerprint>,
    web: HashSet<Fingerprint>,
    system: HashSet<Fingerprint>,
    /// What is in each file, folder and key store that is known.
    files: BTreeMap<&'a str, HashSet<Fingerprint>>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(
        observations: &'a Observations,
        authorities: &[Certificate],
        bundle: &[Certificate],
        places: &'a Places,
    ) -> Self {
        let fingerprints =
            |all: &[Certificate]| all.iter().map(Certificate::fingerprint).collect::<HashSet<_>>();
        let store = |store: &crate::facts::RootStore| {
            store.roots.iter().map(|r| r.certificate.fingerprint()).collect()
        };
        let mut files: BTreeMap<&str, HashSet<Fingerprint>> = observations
            .files
            .iter()
            .map(|look| (look.path.as_str(), fingerprints(&super::certificates(&look.state))))
            .collect();
        let all = fingerprints(bundle);
        files.insert(&places.authorities, fingerprints(authorities));
        files.insert(&places.bundle, all.clone());
        files.insert(&places.trust_store, all);
        Self {
            observations,
            network: authorities.iter().map(Certificate::fingerprint).collect(),
            web: store(&observations.stores.web),
            system: store(&observations.stores.system),
            files,
        }
    }

    /// Returns the roots of a source; `None` when they cannot be told.
    fn roots(&self, part: &Part) -> Option<Vec<&HashSet<Fingerprint>>> {
        let file = |path: &String| self.files.get(path.as_str());
        match &part.source {
            Source::Bundled => Some(vec![&self.web]),
            Source::System => Some(vec![&self.system]),
            Source::File(path) | Source::Keystore(path) => {
                Some(vec![file(path).filter(|roots| !roots.is_empty())?])
            }
            Source::Directories(paths) => paths.iter().map(file).collect(),
            Source::Nothing => Some(Vec::new()),
            Source::Inline(_) | Source::Nss(_) => None,
        }
    }

    fn because(&self, effective: &Effective<'_>, network: Option<bool>) -> String {
        let holds = match network {
            Some(true) => "has the CA",
            Some(false) => "lacks the CA",
            None => "cannot be read here",
        };
        let settings: Vec<String> =
            effective.parts.iter().filter(|part| part.set_by != SetBy::Default).map(set_by).collect();
        let is_system = |part: &Part| match &part.source {
            Source::System => true,
            Source::File(path) => *path == self.observations.stores.system.source,
            _ => false,
        };
        if let Some(off) = switched_off(effective) {
            format!("{} switches verification off; take it out there", place(&off.place))
        } else if !effective.verifies {
            "it verifies nothing by default".to_owned()
        } else if !settings.is_empty() {
            format!(
                "{}, and its roots {}",
                settings.join("; "),
                if network == Some(true) { "have the CA" } else { "lack the CA" }
            )
        } else if effective.parts.iter().any(is_system) {
            format!("it follows the system store, which {holds}")
        } else if effective.parts.is_empty() {
            "it is not known where this build has its roots".to_owned()
        } else {
            format!("its own set of roots {holds}")
        }
    }
}

impl Oracle for Machine<'_> {
    fn trust(&self, installed: Installed<'_>, environment: &Environment) -> Trust {
        let Installed { look, tool } = installed;
        let view = View { tool, look, environment, os: self.observations.platform.os };
        let missing = |path: &str| self.files.get(path).is_none_or(HashSet::is_empty);
        let effective = effective(view, &|path, _| missing(path));
        let parts: Vec<Option<Vec<&HashSet<Fingerprint>>>> =
            effective.parts.iter().map(|part| self.roots(part)).collect();
        let unknown = parts.iter().any(Option::is_none) || parts.is_empty();
        let roots: Vec<&HashSet<Fingerprint>> = parts.into_iter().flatten().flatten().collect();
        let holds = |wanted: &Fingerprint| roots.iter().any(|set| set.contains(wanted));
        let told = |yes: bool| if yes { Some(true) } else { (!unknown).then_some(false) };
        let network = told(self.network.iter().all(holds));
        // a distribution drops some of Mozilla's roots and keeps others longer: most of them are the public ones
        let held = self.web.iter().filter(|root| holds(root)).count();
        let public = told(held * 2 > self.web.len());
        Trust {
            network,
            public,
            verifies: effective.verifies && switched_off(&effective).is_none(),
            because: self.because(&effective, network),
        }
    }
}

fn set_by(part: &Part) -> String {
    let what = match &part.source {
        Source::File(path) | Source::Keystore(path) | Source::Nss(path) => sanitise(path),
        Source::Directories(paths) => sanitise(&paths.join(", ")),
        Source::System => "the system store".to_owned(),
        Source::Bundled => "its own roots".to_owned(),
        Source::Inline(_) => "certificates written there".to_owned(),
        Source::Nothing => "nothing".to_owned(),
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

/// Returns a switch that makes the tool accept any certificate; one for single hosts or other parts does not.
fn switched_off<'e, 'a>(effective: &'e Effective<'a>) -> Option<&'e SwitchedOff<'a>> {
    effective.off.iter().find(|off| matches!(off.row.reach, Reach::All | Reach::Names))
}
