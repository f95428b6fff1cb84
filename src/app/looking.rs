//! From options to observations: this machine looked at, a saved chain, or a recorded machine.

use std::collections::HashSet;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::shown;
use super::{Desk, Failure};
use crate::catalogue::sites::{Site, sites};
use crate::cli::{Controls, SavedArgs};
use crate::edge::stores::StoreOverrides;
use crate::edge::{Changing as _, LiveHands, Reading as _, terminal};
use crate::facts::Observations;
use crate::facts::handshake::Role;
use crate::facts::page::Page;
use crate::facts::pem;
use crate::facts::route::ProxyChoice;
use crate::facts::target::{Host, Target};
use crate::observe::{self, Depth, Question, SavedChain, ToolScope, record};
use crate::text::redact::Person;
use crate::text::sanitise;

/// The longest file of hosts, chain and record that is read, in bytes.
const LONGEST_HOSTS: u64 = 1 << 20;
pub(super) const LONGEST_CHAIN: u64 = 2 << 20;
const LONGEST_RECORD: u64 = 32 << 20;

/// What a command looks at, unless a saved chain or a record takes its place.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Whom the user named.
    pub(super) targets: Vec<Target>,
    /// Who is looked at when nobody is named.
    pub(super) otherwise: Otherwise,
    /// Which toolchains.
    pub(super) tools: ToolScope,
    /// How closely the ones that the user named are looked at.
    pub(super) depth: Depth,
}

/// Who is looked at when the user names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// The hosts that this machine's tools use, well-known sites, and control sites.
    Everybody,
    /// Nobody, not even control sites.
    Nobody,
}

impl Desk {
    /// Observes what the options name, and records it where they say so.
    pub(super) fn look(&self, subject: Subject, saved: &SavedArgs) -> Result<Observations, Failure> {
        let observations = match (&self.looking.replay, &saved.chain) {
            (Some(path), _) => self.replayed(path, saved)?,
            (None, Some(path)) => self.saved(path, saved)?,
            (None, None) => self.live(subject, saved)?,
        };
        if let Some(path) = &self.looking.record {
            self.record(path, &observations)?;
        }
        Ok(observations)
    }

    fn live(&self, subject: Subject, saved: &SavedArgs) -> Result<Observations, Failure> {
        let question = self.question(subject)?;
        let _progress = self.progress(&waiting_for(&question));
        let mut observations = observe::observe(&self.live, &question);
        observations.judge_at(saved.at);
        Ok(observations)
    }

    fn saved(&self, path: &Path, saved: &SavedArgs) -> Result<Observations, Failure> {
        let Some(host) = saved.host.clone() else {
            return Err(Failure::usage("`--chain` needs `--host`, the name the chain is for"));
        };
        let bytes = self.read(path, LONGEST_CHAIN)?;
        let contents = pem::read_chain(&bytes);
        if contents.certificates.is_empty() {
            let why = contents.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            return Err(Failure::usage(format!("{} holds no certificate: {why}", shown(path)))
                .hint("give a PEM or DER file, or the output of `openssl s_client -showcerts`"));
        }
        let saved = SavedChain { chain: contents.certificates, host, at: saved.at };
        Ok(saved.observe(&self.live, &self.overrides()?))
    }

    /// Reads the record that `--baseline` names.
    pub(super) fn baseline(&self, path: &Path) -> Result<Observations, Failure> {
        let bytes = self.read(path, LONGEST_RECORD)?;
        record::read(&bytes).map_err(|error| {
            Failure::usage(format!("{} cannot be compared with: {error}", shown(path)))
                .hint("give a file that `trustgap check --record FILE` saved")
        })
    }

    fn replayed(&self, path: &Path, saved: &SavedArgs) -> Result<Observations, Failure> {
        let bytes = self.read(path, LONGEST_RECORD)?;
        let mut observations = record::read(&bytes)
            .map_err(|error| Failure::usage(format!("{} cannot be replayed: {error}", shown(path))))?;
        let overrides = self.overrides()?;
        observations.stores.system = overrides.system.unwrap_or(observations.stores.system);
        observations.stores.web = overrides.web.unwrap_or(observations.stores.web);
        observations.judge_at(saved.at);
        Ok(observations)
    }

    fn record(&self, path: &Path, observations: &Observations) -> Result<(), Failure> {
        let text = record::write(observations, &self.person())?;
        LiveHands::new(self.live.clone())
            .write(path, text.as_bytes(), 0o600)
            .map_err(|error| Failure::unwritable(path, &error))
    }

    fn question(&self, subject: Subject) -> Result<Question, Failure> {
        let Subject { targets: mut asked, otherwise, tools, depth } = subject;
        if let Some(path) = &self.looking.hosts_file {
            asked.extend(self.hosts_file(path)?);
        }
        let everybody = asked.is_empty() && otherwise == Otherwise::Everybody;
        let nobody = asked.is_empty() && otherwise == Otherwise::Nobody;
        Ok(Question {
            targets: if nobody { Vec::new() } else { self.targets(asked) },
            tool_hosts: everybody,
            pages: self.pages(),
            connect_to: self.looking.connect_to.clone(),
            proxy: self.proxy()?,
            timeout: self.looking.timeout.0,
            jobs: self.looking.jobs.map(usize::from),
            stores: self.overrides()?,
            tools,
            depth,
        })
    }

    /// Everybody who is looked at, each once: whoever was asked for, else what stands for this machine's use of the
    /// internet, and the control sites beside them.
    fn targets(&self, asked: Vec<Target>) -> Vec<(Target, Role)> {
        let mut targets: Vec<(Target, Role)> = Vec::new();
        let mut known = HashSet::new();
        let mut add = |target: Target, role: Role| {
            if known.insert(target.clone()) {
                targets.push((target, role));
            }
        };
        if asked.is_empty() {
            for site in &sites().well_known {
                add(site.target(), Role::WellKnown);
            }
        }
        for target in asked {
            add(target, Role::Asked);
        }
        let controls = match &self.looking.controls {
            Some(Controls::None) => Vec::new(),
            Some(Controls::These(these)) => these.clone(),
            None => sites().control.iter().map(Site::target).collect(),
        };
        for target in controls {
            add(target, Role::Control);
        }
        targets
    }

    /// Returns the pages that tell whether a login page answers: those made for that, or those of the control sites that
    /// the user chose.
    fn pages(&self) -> Vec<Page> {
        match &self.looking.controls {
            Some(Controls::None) => Vec::new(),
            Some(Controls::These(these)) => {
                let url = |target: &Target| {
                    let place = Target::new(target.host.clone(), 80).to_string();
                    format!("http://{}/", place.strip_suffix(":80").unwrap_or(&place))
                };
                these.iter().map(|target| Page { url: url(target), expects: None }).collect()
            }
            None => sites().page.clone(),
        }
    }

    fn hosts_file(&self, path: &Path) -> Result<Vec<Target>, Failure> {
        let bytes = self.read(path, LONGEST_HOSTS)?;
        let place = shown(path);
        let text =
            std::str::from_utf8(&bytes).map_err(|_| Failure::usage(format!("{place} is not a text file")))?;
        let hosts =
            hosts(text).map_err(|(line, wrong)| Failure::usage(format!("{place}, line {line}: {wrong}")))?;
        if hosts.is_empty() {
            return Err(Failure::usage(format!("{place} names no host"))
                .hint("write one host, host:port or URL per line"));
        }
        Ok(hosts)
    }

    pub(super) fn proxy(&self) -> Result<ProxyChoice, Failure> {
        match self.looking.proxy.as_deref() {
            None => Ok(ProxyChoice::Environment),
            Some(text) if text.eq_ignore_ascii_case("none") => Ok(ProxyChoice::Never),
            // the text is not repeated: it may hold a password
            Some(text) => {
                text.parse().map(ProxyChoice::Only).map_err(|e| Failure::usage(format!("--proxy: {e}")))
            }
        }
    }

    fn overrides(&self) -> Result<StoreOverrides, Failure> {
        let (system, web) = (self.looking.system_roots.as_deref(), self.looking.web_roots.as_deref());
        StoreOverrides::read(&self.live, system, web).map_err(|error| Failure::store(&error))
    }

    /// Reads a file that the user named, or standard input.
    pub(super) fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
        let bytes = if path == Path::new("-") { terminal::piped(limit) } else { self.live.read(path, limit) };
        bytes.map_err(|error| Failure::unreadable(path, &error))
    }

    /// Takes personal names out of a finished document.
    pub(super) fn redacted<T: Serialize + DeserializeOwned>(
        &self,
        document: &T,
    ) -> Result<T, serde_json::Error> {
        let mut value = serde_json::to_value(document)?;
        self.person().redact_json(&mut value, &["pem", "chain_to_send", "host", "target"]);
        serde_json::from_value(value)
    }

    /// Whose machine this is, to be kept out of what is printed and saved.
    pub(super) fn person(&self) -> Person {
        let environment = self.live.environment();
        let names: Vec<_> =
            ["USER", "LOGNAME", "USERNAME"].iter().filter_map(|n| environment.get(n)).collect();
        let home = self.live.home();
        Person::new(home.as_deref().and_then(Path::to_str), &names)
    }
}

fn waiting_for(question: &Question) -> String {
    let heard = question.depth == Depth::InDepth && question.tools != ToolScope::None;
    let programs = if heard { ", hearing the programs of this machine" } else { "" };
    match question.targets.as_slice() {
        [] => "asking the tools of this machine".to_owned(),
        [(Target { host: Host::Name(name), .. }, _)] => format!("looking at {name}{programs}"),
        targets => format!("looking at {} hosts{programs}", targets.len()),
    }
}

/// Reads one target per line; blank lines and `#` comments are skipped. An error names its line.
fn hosts(text: &str) -> Result<Vec<Target>, (usize, String)> {
    let mut targets = Vec::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let entry = line.split('#').next().unwrap_or(line).trim();
        if !entry.is_empty() {
            targets
                .push(entry.parse::<Target>().map_err(|error| (number + 1, sanitise(&error.to_string())))?);
        }
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_files_hold_comments_blank_lines_and_any_line_end() {
        let text =
            "\u{feff}# ours\r\nregistry.example\r\n\r\ngit.example:8443 # code\nhttps://wiki.example/x#y\n";
        let targets = hosts(text).expect("reads");
        let shown: Vec<_> = targets.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["registry.example:443", "git.example:8443", "wiki.example:443"]);
        assert_eq!(hosts("# nothing\n\n"), Ok(Vec::new()));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let (line, wrong) = hosts("a.example\nhost:0\n").expect_err("wrong");
        assert_eq!(line, 2);
        assert!(wrong.contains("`0` is not a port"), "{wrong}");
    }
}
