//! Which of a tool's settings are there, where, and whether this installation reads them.

use std::collections::BTreeMap;

use crate::catalogue::fill::Filling;
use crate::catalogue::schema::{
    At, Condition, Effect, Empty, Off, On, Reach, RelativeTo, Setting, Tool, Value,
};
use crate::catalogue::version::Version;
use crate::facts::tool::ToolLook;
use crate::facts::{Environment, Host, Os};

/// An installation in an environment: what its rows are judged by.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// What is known about the tool.
    pub tool: &'a Tool,
    /// The installation.
    pub look: &'a ToolLook,
    /// The environment it would be started in.
    pub environment: &'a Environment,
    /// The operating system.
    pub os: Os,
}

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a configuration file.
    Entry {
        /// The file.
        path: String,
        /// Its line, counted from 1.
        line: Option<usize>,
        /// The key with its sections.
        key: String,
    },
    /// In the environment.
    Variable(String),
}

/// A setting that is there.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// What the catalogue says about it.
    pub row: &'a Setting,
    /// Where it stands.
    pub place: Place,
    /// Its value: the part of the variable or entry that is the setting.
    pub value: String,
    /// Why this installation does not read it; absent when it does.
    pub unread: Option<Unread>,
}

/// Why a setting is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The tool never reads it.
    Never,
    /// Not without one of these.
    Needs(Vec<String>),
    /// Not on this operating system or in this build.
    NotHere,
    /// An empty value counts as unset.
    Empty,
    /// The switch's value is not one that switches it on.
    NotOn,
    /// Not by this version; the versions that do.
    Version(String),
}

/// A switch that turns verification off.
#[derive(Clone, Debug)]
pub struct SwitchedOff<'a> {
    /// What the catalogue says about it.
    pub row: &'a Off,
    /// Where it stands.
    pub place: Place,
    /// Its value.
    pub value: String,
}

/// How strong a place of a switch is: a smaller one is stronger.
type Strength = (usize, (usize, usize));

/// What tells a switch from the tool's others.
#[derive(PartialEq, Eq)]
enum Switch<'a> {
    /// The catalogue gives it a name.
    Named(&'a str),
    /// A variable of a row, or a key. The elements of lists are told apart by their files as well.
    Own { row: usize, key: String, list_in: Option<String> },
}

impl<'a> Switch<'a> {
    fn of(row: usize, off: &'a Off, place: &Place) -> Self {
        if let Some(name) = &off.switch {
            return Self::Named(name);
        }
        match place {
            Place::Variable(name) => Self::Own { row, key: name.clone(), list_in: None },
            Place::Entry { path, key, .. } => {
                let is_list = key.split('.').any(|part| part.parse::<usize>().is_ok());
                Self::Own { row, key: key.to_ascii_lowercase(), list_in: is_list.then(|| path.clone()) }
            }
        }
    }
}

impl SwitchedOff<'_> {
    /// Returns the hosts that it is about as they are written: its value lists them, or its key names one. Empty where
    /// neither does.
    pub fn hosts(&self) -> String {
        match (&self.row.on, &self.place) {
            (On::Filled, _) | (_, Place::Variable(_)) => self.value.clone(),
            (_, Place::Entry { key, .. }) => {
                let named = self.row.at.starred(key).into_iter().find(|part| part.parse::<usize>().is_err());
                named.unwrap_or_default().to_owned()
            }
        }
    }

    /// Whether certificates of a host are accepted unseen.
    pub fn covers(&self, host: &Host) -> bool {
        let host = host.to_string();
        let is_host = |word: &str| match word.strip_prefix("*.") {
            Some(domain) => host.split_once('.').is_some_and(|(_, own)| own.eq_ignore_ascii_case(domain)),
            None => word.eq_ignore_ascii_case(&host),
        };
        match self.row.reach {
            Reach::All | Reach::Names => true,
            Reach::Hosts => {
                let within = |c: char| c.is_ascii_alphanumeric() || "-._*".contains(c);
                host.contains(':') && self.hosts().contains(&host)
                    || self.hosts().split(|c| !within(c)).any(is_host)
            }
            Reach::Part => false,
        }
    }
}

impl Seen<'_> {
    /// Whether its row is about other versions or builds.
    fn is_for_another(&self) -> bool {
        matches!(self.unread, Some(Unread::NotHere | Unread::Version(_)))
    }
}

impl<'a> View<'a> {
    /// Returns the settings that are there, strongest first.
    pub fn settings(&self) -> Vec<Seen<'a>> {
        let mut seen: Vec<Seen> = Vec::new();
        for row in &self.tool.settings {
            for (place, value) in self.occurrences(&row.at) {
                let one = Seen { row, unread: self.unread(row, &value), place, value };
                // of the rows for the same place, made for different versions, the first that fits is meant
                match seen.iter_mut().find(|s| s.row.at == row.at && s.place == one.place) {
                    Some(known) if known.is_for_another() => *known = one,
                    Some(_) => {}
                    None => seen.push(one),
                }
            }
        }
        let set: Vec<String> =
            seen.iter().filter(|s| s.unread.is_none()).map(|s| s.row.at.name().to_owned()).collect();
        for one in &mut seen {
            let needs = &one.row.needs;
            if one.unread.is_none() && !needs.is_empty() && !needs.iter().any(|n| self.is_set(n, &set)) {
                one.unread = Some(Unread::Needs(needs.clone()));
            }
        }
        seen
    }

    /// Returns the switches that turn verification off. A switch may stand in several places: the strongest decides, so
    /// a project's `strict-ssl=true` takes back the user's `false`, and curl's `no-insecure` the `insecure` above it.
    pub fn switched_off(&self) -> Vec<SwitchedOff<'a>> {
        let mut deciding: Vec<(Switch, Strength, SwitchedOff)> = Vec::new();
        let rows = self.tool.off.iter().enumerate().filter(|(_, row)| self.applies(&row.condition));
        for (index, row) in rows {
            for (strength, place, value) in self.ranked(&row.at) {
                let (switch, strength) =
                    (Switch::of(index, row, &place), (self.first_of(row, index), strength));
                let off = SwitchedOff { row, place, value };
                match deciding.iter_mut().find(|(known, ..)| *known == switch) {
                    Some((_, stronger, _)) if *stronger <= strength => {}
                    Some(weaker) => *weaker = (switch, strength, off),
                    None => deciding.push((switch, strength, off)),
                }
            }
        }
        deciding.into_iter().map(|(_, _, off)| off).filter(|off| off.row.on.is_on(&off.value)).collect()
    }

    /// Returns the row whose place in the catalogue says how strong a row is: its own, but where several keys of the
    /// same files are one switch, the first of those. Among them the files decide, and the lines.
    fn first_of(&self, row: &Off, index: usize) -> usize {
        let same = |other: &Off| other.switch == row.switch && other.at.config == row.at.config;
        let is_key = row.switch.is_some() && !row.at.config.is_empty();
        self.tool.off.iter().position(|other| is_key && same(other)).unwrap_or(index)
    }

    /// Whether a name is that of a setting in effect or, where the tool has no setting of that name, of a variable with
    /// a value: `NODE_OPTIONS=--inspect` is none of the settings that stand in it.
    pub(super) fn is_set(&self, name: &str, set: &[String]) -> bool {
        set.iter().any(|s| s == name)
            || self.tool.settings.iter().all(|row| row.at.name() != name)
                && self.environment.get_filled(name).is_some()
    }

    /// Whether a row is about this installation.
    pub fn applies(&self, condition: &Condition) -> bool {
        self.is_build(condition) && self.is_version(condition)
    }

    /// Whether a row is about this operating system and this build.
    fn is_build(&self, condition: &Condition) -> bool {
        let facts = self.facts(condition.of_runtime);
        (condition.os.is_empty() || condition.os.contains(&self.os))
            && condition.when.iter().all(|(name, demand)| {
                // what a tool does not tell, its runtime may
                let of_runtime = || self.look.runtime.as_ref().and_then(|runtime| runtime.facts.get(name));
                let own = self.look.facts.get(name).or_else(|| facts.get(name)).or_else(of_runtime);
                demand.holds(own.map_or("", String::as_str))
            })
    }

    /// Whether a row is about this version.
    fn is_version(&self, condition: &Condition) -> bool {
        let version = self.version(condition.of_runtime);
        condition.versions.as_ref().is_none_or(|range| version.is_some_and(|v| range.holds(&v)))
    }

    /// Returns the files or folders that a setting's value names.
    pub(super) fn files(&self, seen: &Seen) -> Vec<String> {
        if matches!(seen.row.value, Value::Inline | Value::Switch) || seen.value.is_empty() {
            return Vec::new();
        }
        let values: Vec<&str> = if seen.row.list {
            seen.value.split(self.os.list_separator()).filter(|v| !v.is_empty()).collect()
        } else {
            vec![&seen.value]
        };
        values.into_iter().map(|value| self.resolve(seen, value.trim_matches('"'))).collect()
    }

    /// Fills in what stands in a path of the catalogue.
    pub(super) fn paths(&self, template: &str, of_runtime: bool) -> Vec<String> {
        let fill = |facts| Filling { environment: self.environment, facts, os: self.os }.paths(template);
        let own = fill(self.facts(of_runtime));
        match &self.look.runtime {
            // what a tool does not tell, its runtime may
            Some(runtime) if own.is_empty() && !of_runtime => {
                let mut facts = runtime.facts.clone();
                facts.extend(self.look.facts.clone());
                fill(&facts)
            }
            _ => own,
        }
    }

    /// Makes a path absolute as the tool does.
    fn resolve(&self, seen: &Seen, value: &str) -> String {
        let facts = &self.look.facts;
        let Place::Entry { path, .. } = &seen.place else {
            return self.from(facts.get("working_folder"), value);
        };
        let home = facts.get("home");
        if let (Some(rest), Some(home)) =
            (value.strip_prefix("~/").or_else(|| value.strip_prefix("~\\")), home)
        {
            return format!("{home}/{rest}");
        }
        let filling = Filling { environment: self.environment, facts, os: self.os };
        let expanded = filling.variables(value).unwrap_or_else(|| value.to_owned());
        let slash = |c: char| c == '/' || self.os == Os::Windows && c == '\\';
        let folder = |p: &str| p.rfind(slash).map_or(String::new(), |at| p[..at].to_owned());
        match seen.row.relative_to {
            RelativeTo::WorkingFolder => self.from(facts.get("working_folder"), &expanded),
            RelativeTo::ConfigFolder => self.from(Some(&folder(path)), &expanded),
            RelativeTo::AboveConfigFolder => self.from(Some(&folder(&folder(path))), &expanded),
        }
    }

    fn from(&self, folder: Option<&String>, value: &str) -> String {
        let bytes = value.as_bytes();
        let absolute = value.starts_with('/')
            || self.os == Os::Windows && (value.starts_with('\\') || bytes.get(1) == Some(&b':'));
        match folder {
            Some(folder) if !absolute => {
                format!("{}/{}", folder.trim_end_matches('/'), value.trim_start_matches("./"))
            }
            _ => value.to_owned(),
        }
    }

    /// Returns where a setting stands, with its value, strongest first.
    pub fn occurrences(&self, at: &At) -> Vec<(Place, String)> {
        self.ranked(at).into_iter().map(|(_, place, value)| (place, value)).collect()
    }

    /// The same with how strong each is, for comparing with other keys of the same files: smaller is stronger.
    fn ranked(&self, at: &At) -> Vec<((usize, usize), Place, String)> {
        let take = |value: &str| match &at.pattern {
            Some(pattern) => pattern.first(value).map(str::trim).map(str::to_owned),
            None => Some(value.to_owned()),
        };
        let variable = at.environment.iter().filter_map(|name| {
            let value = take(self.environment.get(name)?)?;
            Some(((0, 0), Place::Variable(name.clone()), value))
        });
        let entries = at.config.iter().enumerate().flat_map(|(file, config)| {
            let own = self.look.entries.iter().enumerate().filter(move |(_, e)| e.config == *config);
            own.filter(|(_, e)| self.is_entry(at, &e.config, &e.key)).filter_map(move |(index, e)| {
                let place = Place::Entry { path: e.path.clone(), line: e.line, key: e.key.clone() };
                Some(((file, index), place, take(&e.value)?))
            })
        });
        variable.chain(entries).collect()
    }

    /// Whether an entry stands where a row says, variables in its key filled in (`profile $AWS_PROFILE.ca_bundle`).
    fn is_entry(&self, at: &At, config: &str, key: &str) -> bool {
        match at.key.as_deref() {
            Some(template) if template.contains('$') => {
                let filling = Filling { environment: self.environment, facts: &self.look.facts, os: self.os };
                filling.variables(template).is_some_and(|own| own.eq_ignore_ascii_case(key))
            }
            _ => at.is_entry(config, key),
        }
    }

    fn unread(&self, row: &Setting, value: &str) -> Option<Unread> {
        if !self.is_build(&row.condition) {
            Some(Unread::NotHere)
        } else if !self.is_version(&row.condition) {
            row.condition.versions.as_ref().map(|v| Unread::Version(v.to_string()))
        } else if row.effect == Effect::None {
            Some(Unread::Never)
        } else if row.value == Value::Switch {
            let is_on = row.on.is_on(value) || row.at.pattern.is_some() && row.on == On::Filled;
            (!is_on).then_some(Unread::NotOn)
        } else {
            (value.is_empty() && row.empty == Empty::Unset).then_some(Unread::Empty)
        }
    }

    fn facts(&self, of_runtime: bool) -> &'a BTreeMap<String, String> {
        match &self.look.runtime {
            Some(runtime) if of_runtime => &runtime.facts,
            _ => &self.look.facts,
        }
    }

    fn version(&self, of_runtime: bool) -> Option<Version> {
        let text = match &self.look.runtime {
            Some(runtime) if of_runtime => runtime.version.as_deref(),
            _ => self.look.version.as_deref(),
        };
        Version::parse(text?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::facts::ToolId;

    #[test]
    fn a_switch_for_hosts_is_about_those_that_its_value_or_its_key_names() {
        let entry = |key: &str| Place::Entry { path: "/f".to_owned(), line: Some(1), key: key.to_owned() };
        for (tool, place, value, covered, spared) in [
            (
                "pip",
                Place::Variable("PIP_TRUSTED_HOST".to_owned()),
                "a.example:443 b.example",
                "a.example",
                "c.example",
            ),
            ("pip", entry("global.trusted-host"), "a.example", "A.example", "xa.example"),
            ("git", entry("http.https://git.example/.sslverify"), "false", "git.example", "false"),
            (
                "git",
                entry("http.https://*.corp.example.sslverify"),
                "false",
                "git.corp.example",
                "corp.example",
            ),
            ("uv", Place::Variable("UV_INSECURE_HOST".to_owned()), "[::1]:8443", "::1", "::2"),
            ("kubectl", entry("clusters.0.cluster.insecure-skip-tls-verify"), "true", "", "0.example"),
        ] {
            let known = catalogue::tool(&ToolId(tool.to_owned())).unwrap();
            let stands = |row: &&Off| match &place {
                Place::Variable(name) => row.at.environment.as_deref() == Some(name),
                Place::Entry { key, .. } => {
                    row.reach == Reach::Hosts && row.at.config.iter().any(|c| row.at.is_entry(c, key))
                }
            };
            let row = known.off.iter().find(stands).unwrap();
            let off = SwitchedOff { row, place: place.clone(), value: value.to_owned() };
            let covers = |host: &str| host.parse().is_ok_and(|host| off.covers(&host));
            assert_eq!(
                (covers(covered), covers(spared)),
                (!covered.is_empty(), false),
                "{tool} {value} {:?}",
                off.hosts()
            );
        }
    }
}
