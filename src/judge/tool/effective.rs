//! Fills the slots: which setting wins, which are beaten by what, and which roots remain.

use std::collections::BTreeMap;

use super::seen::{Place, Seen, SwitchedOff, View};
use crate::catalogue::schema::{Reach, Reader, Slot, Trust, Value};

/// The roots an installation really uses.
#[derive(Clone, Debug)]
pub struct Effective<'a> {
    /// Whether it verifies at all by default.
    pub verifies: bool,
    /// Where its roots come from, in the order of the slots; empty when nothing is known about this build.
    pub parts: Vec<Part>,
    /// Every setting that was seen, strongest first, and what becomes of it.
    pub settings: Vec<(Seen<'a>, Standing)>,
    /// What switches verification off.
    pub off: Vec<SwitchedOff<'a>>,
}

/// One source of roots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its slot.
    pub slot: Slot,
    /// What it is.
    pub source: Source,
    /// Who put it there.
    pub set_by: SetBy,
    /// Who reads its files.
    pub reader: Option<Reader>,
}

/// What a source of roots is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Compiled in or carried along.
    Bundled,
    /// Folders.
    Directories(Vec<String>),
    /// A file.
    File(String),
    /// PEM text that stands in the setting itself.
    Inline(String),
    /// A key store.
    Keystore(String),
    /// No roots at all (an empty value).
    Nothing,
    /// An NSS database.
    Nss(String),
    /// The system store.
    System,
}

/// Who put a source into its slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// Nobody: it is the tool's default.
    Default,
    /// A setting.
    Setting(Place),
}

/// What becomes of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    InEffect,
    /// It counts for the hosts it names.
    ForHosts,
    /// Another setting beats it.
    Overridden {
        /// The stronger one's name.
        by: String,
        /// Where the stronger one stands; absent when it is a variable that is no setting of this tool.
        place: Option<Place>,
    },
    /// Its file cannot be used and the tool goes on as if it were not set.
    FallsBack,
    /// This installation does not read it; the reason is with the setting.
    NotRead,
}

impl Effective<'_> {
    /// Whether some of its roots come from the system store, as such and not as one of its files.
    pub fn uses_the_system_store(&self) -> bool {
        self.parts.iter().any(|part| part.source == Source::System)
    }
}

/// Whether a tool goes on without a setting whose file it cannot use, asked before the slots are filled.
pub type FallsBack<'f> = &'f dyn Fn(&str, Reader) -> bool;

/// Works out the roots in effect. `falls_back` says of a path and its reader whether the reader treats it as not set.
pub fn effective<'a>(view: View<'a>, falls_back: FallsBack) -> Effective<'a> {
    let seen = view.settings();
    let read: Vec<String> =
        seen.iter().filter(|s| s.unread.is_none()).map(|s| s.row.at.name().to_owned()).collect();
    let mut filled: BTreeMap<Slot, Part> = BTreeMap::new();
    let mut cleared: BTreeMap<Slot, (String, Place)> = BTreeMap::new();
    let mut settings = Vec::new();
    for one in seen {
        let standing = stand(&view, &one, &read, &filled, &cleared, falls_back);
        if standing == Standing::InEffect {
            if let Some(slot) = one.row.sets.filter(|slot| !filled.contains_key(slot)) {
                filled.insert(slot, part(&view, &one, slot));
            }
            for slot in &one.row.clears {
                cleared.entry(*slot).or_insert_with(|| (one.row.at.name().to_owned(), one.place.clone()));
            }
        }
        settings.push((one, standing));
    }
    let default = default_trust(&view);
    let verifies = default.is_none_or(|row| !row.verifies_nothing);
    for part in default.into_iter().flat_map(|row| defaults(&view, row)) {
        if !cleared.contains_key(&part.slot) {
            filled.entry(part.slot).or_insert(part);
        }
    }
    Effective { verifies, parts: filled.into_values().collect(), settings, off: view.switched_off() }
}

/// Returns every file and folder that the settings or the default of an installation name, each once.
pub fn named_files(view: View) -> Vec<String> {
    let mut named: Vec<String> = view.settings().iter().flat_map(|s| view.files(s)).collect();
    for row in &view.tool.trust {
        if view.applies(&row.condition) {
            let templates = row.file.iter().chain(&row.extra).chain(&row.directory).chain(&row.keystore);
            named.extend(templates.flat_map(|t| view.paths(t, row.condition.of_runtime)));
            break;
        }
    }
    named.sort();
    named.dedup();
    named
}

/// Returns every NSS database that the default of an installation names; patterns of paths stay patterns.
pub fn databases(view: View) -> Vec<String> {
    let named = default_trust(&view)
        .into_iter()
        .flat_map(|row| row.nss.iter().flat_map(|template| view.paths(template, row.condition.of_runtime)));
    named.collect()
}

fn stand(
    view: &View,
    one: &Seen,
    read: &[String],
    filled: &BTreeMap<Slot, Part>,
    cleared: &BTreeMap<Slot, (String, Place)>,
    falls_back: FallsBack,
) -> Standing {
    if one.unread.is_some() {
        return Standing::NotRead;
    }
    if one.row.reach != Reach::All {
        return Standing::ForHosts;
    }
    if let Some(name) = one.row.unless.iter().find(|name| view.is_set(name, read)) {
        return Standing::Overridden { by: name.clone(), place: None };
    }
    let Some(slot) = one.row.sets else { return Standing::InEffect };
    if let Some((by, place)) = cleared.get(&slot) {
        return Standing::Overridden { by: by.clone(), place: Some(place.clone()) };
    }
    if let Some(Part { set_by: SetBy::Setting(place), .. }) = filled.get(&slot) {
        // two switches for the same thing are one thing
        if one.row.value == Value::Switch {
            return Standing::InEffect;
        }
        return Standing::Overridden { by: place.name().to_owned(), place: Some(place.clone()) };
    }
    let files = view.files(one);
    let all_fall_back =
        |reader: Reader| !files.is_empty() && files.iter().all(|path| falls_back(path, reader));
    if one.row.reader.is_some_and(all_fall_back) { Standing::FallsBack } else { Standing::InEffect }
}

fn part(view: &View, one: &Seen, slot: Slot) -> Part {
    let mut files = view.files(one);
    let first = |files: &mut Vec<String>| if files.is_empty() { None } else { Some(files.swap_remove(0)) };
    let source = match one.row.value {
        Value::Switch if slot == Slot::Bundled => Source::Bundled,
        Value::Switch => Source::System,
        Value::Directory => Source::Directories(files),
        Value::Inline => Source::Inline(one.value.clone()),
        Value::Keystore => first(&mut files).map_or(Source::Nothing, Source::Keystore),
        Value::Authorities | Value::Bundle => first(&mut files).map_or(Source::Nothing, Source::File),
    };
    Part { slot, source, set_by: SetBy::Setting(one.place.clone()), reader: one.row.reader }
}

fn default_trust<'a>(view: &View<'a>) -> Option<&'a Trust> {
    view.tool.trust.iter().find(|row| view.applies(&row.condition))
}

/// Returns the sources of a row. Of several files the first is named: which of them exist is known to who reads them,
/// and the look keeps only that one.
fn defaults(view: &View, row: &Trust) -> Vec<Part> {
    let one = |slot, source| Part { slot, source, set_by: SetBy::Default, reader: row.reader };
    let first = |templates: &[String]| {
        let mut paths = templates.iter().flat_map(|t| view.paths(t, row.condition.of_runtime));
        paths.find(|path| !view.look.absent.contains(path))
    };
    let mut parts = Vec::new();
    parts.extend(row.bundled.then(|| one(Slot::Bundled, Source::Bundled)));
    parts.extend(row.system.then(|| one(Slot::System, Source::System)));
    parts.extend(first(&row.file).map(|path| one(Slot::File, Source::File(path))));
    parts.extend(first(&row.extra).map(|path| one(Slot::Extra, Source::File(path))));
    parts.extend(first(&row.keystore).map(|path| one(Slot::Keystore, Source::Keystore(path))));
    parts.extend(first(&row.nss).map(|path| one(Slot::Nss, Source::Nss(path))));
    let folders: Vec<String> = row
        .directory
        .iter()
        .flat_map(|t| view.paths(t, row.condition.of_runtime))
        .filter(|path| !view.look.absent.contains(path))
        .collect();
    if !folders.is_empty() {
        parts.push(one(Slot::Directory, Source::Directories(folders)));
    }
    parts
}

impl Place {
    /// Returns the variable or key.
    pub fn name(&self) -> &str {
        match self {
            Self::Variable(name) => name,
            Self::Entry { key, .. } => key,
        }
    }
}
