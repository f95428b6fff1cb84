//! Every `[[case]]` of every tool's file that says what an environment makes it trust.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::{Tools, codes};
use crate::catalogue::schema::Case;
use crate::catalogue::{self, Tool};
use crate::diagnose::case::World;
use crate::facts::store::{Origin, Root};
use crate::facts::tool::{ConfigEntry, Content, FileLook, FileState, RuntimeLook, ToolLook};
use crate::facts::{Certificate, Code, Environment, Observations, Os, Platform, RootStore, Stores, ToolId};
use crate::judge;
use crate::judge::tool::{View, named_files};
use crate::lab::mint::{Mint, Profile};
use crate::observe::tools::formats;
use crate::remedy::formats::{jks, pkcs12};

#[test]
fn every_case_of_the_catalogue_holds() {
    let roots = Roots::new();
    let mut wrong = Vec::new();
    for tool in catalogue::tools() {
        for case in &tool.cases {
            // what a text means is proved where texts are judged
            if case.text.is_some() {
                continue;
            }
            let problems = trust_case(tool, case, &roots);
            wrong.extend(problems.into_iter().map(|p| format!("{}: {}: {p}", tool.id, case.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_tool_has_a_case_and_says_how_it_is_known() {
    for tool in catalogue::tools() {
        assert!(!tool.cases.is_empty(), "{} has no case", tool.id);
        assert!(!tool.sources.is_empty(), "{} names no source", tool.id);
    }
}

/// The certificates that the names of files in a case stand for.
struct Roots {
    web: Vec<Certificate>,
    network: Certificate,
    /// The network's CA as it was before it was renewed: the same name and key, and it has ended.
    ended: Certificate,
    /// Another CA of the name of the network's.
    namesake: Certificate,
    old: Certificate,
    now: OffsetDateTime,
}

impl Roots {
    fn new() -> Self {
        let mint = Mint::now();
        let root = |name: &str| mint.root(name).unwrap().certificate().clone();
        let network = mint.root("Corporate Inspection Root").unwrap();
        let before = Profile::root("Corporate Inspection Root").valid_days(-3000, -1000);
        Self {
            web: ["Public One", "Public Two", "Public Three"].map(root).to_vec(),
            network: network.certificate().clone(),
            ended: network.cross_sign(&network, &before).unwrap(),
            namesake: root("Corporate Inspection Root"),
            old: root("Forgotten Root"),
            now: mint.moment(),
        }
    }

    fn pem(&self, web: bool, network: bool) -> String {
        let web = self.web.iter().filter(|_| web);
        web.chain(Some(&self.network).filter(|_| network)).map(Certificate::pem).collect()
    }

    fn file(&self, name: &str, installed: bool) -> FileState {
        let all: Vec<Certificate> = self.web.iter().chain([&self.network]).cloned().collect();
        let bytes = match name.rsplit('/').next().unwrap_or(name) {
            "ca.pem" => self.pem(false, true).into(),
            "full.pem" => self.pem(true, true).into(),
            "web.pem" => self.pem(true, false).into(),
            "old.pem" => self.old.pem().into(),
            "ended.pem" => (self.pem(true, false) + &self.ended.pem()).into(),
            "renewed.pem" => (self.ended.pem() + &self.pem(true, true)).into(),
            "namesake.pem" => (self.pem(true, false) + &self.namesake.pem()).into(),
            "empty.pem" => Vec::new(),
            "der.pem" => self.network.der().to_vec(),
            "broken.pem" => format!(
                "{}{}{}",
                self.pem(true, false),
                self.old.pem().replacen('M', "*", 1),
                self.network.pem()
            )
            .into(),
            "ca.p12" => pkcs12::write(std::slice::from_ref(&self.network)),
            "full.p12" => pkcs12::write(&all),
            "ca.jks" => jks::write(std::slice::from_ref(&self.network)),
            "full.jks" => jks::write(&all),
            "web.jks" => jks::write(&self.web),
            "ca-certificates.crt" | "tls-ca-bundle.pem" | "ca-bundle.crt" | "ca-bundle.pem" => {
                self.pem(true, installed).into()
            }
            "certs" => {
                let own = |(i, c): (usize, &Certificate)| (format!("{i:08x}.0"), Content::new(c.pem()));
                let kept = all.iter().filter(|c| installed || **c != self.network);
                return FileState::Folder { files: kept.enumerate().map(own).collect() };
            }
            _ => return FileState::Missing,
        };
        FileState::File { content: Content::new(bytes) }
    }

    fn store<'c>(&self, certificates: impl Iterator<Item = &'c Certificate>, source: &str) -> RootStore {
        let root = |c: &Certificate| Root {
            certificate: c.clone(),
            origin: if *c == self.network { Origin::Administrator } else { Origin::Shipped },
            place: None,
        };
        RootStore {
            source: source.to_owned(),
            roots: certificates.map(root).collect(),
            ..RootStore::default()
        }
    }
}

fn trust_case(tool: &Tool, case: &Case, roots: &Roots) -> Vec<String> {
    let os = case.os.unwrap_or(Os::Linux);
    let environment = case.environment.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Environment>();
    let mut look = look(tool, case);
    let view = View { tool, look: &look, environment: &environment, os };
    let files: Vec<FileLook> = named_files(view)
        .into_iter()
        .map(|path| FileLook { state: roots.file(&path, case.installed), path })
        .collect();
    look.absent = files.iter().filter(|f| f.state == FileState::Missing).map(|f| f.path.clone()).collect();
    let system = roots.web.iter().chain(Some(&roots.network).filter(|_| case.installed));
    let platform = Platform { os, arch: String::new(), distribution: Vec::new() };
    let observations = Observations {
        environment,
        stores: Stores {
            system: roots.store(system, "the system store"),
            web: roots.store(roots.web.iter(), "web"),
            environment: None,
        },
        tools: vec![look],
        files,
        ..Observations::new(roots.now, platform)
    };
    let judgement = judge::judge(&observations);
    let mut tools = Tools::of(&World { observations: &observations, judgement: &judgement });
    if !case.installed {
        // the CA is met all the same: somebody gave its fingerprint
        tools.needed = judge::tool::Needed::Met(vec![roots.network.clone()]);
        tools.judged = judge::tool::judge(&observations, &tools.needed);
    }
    let found = tools.findings();
    let judged = &tools.judged[0];
    let mut wrong = Vec::new();
    let mut expect = |what: &str, wanted: Option<String>, got: String| {
        if let Some(wanted) = wanted.filter(|w| *w != got) {
            wrong.push(format!("{what} is {got}, not {wanted}; its roots are {}", super::say::roots(judged)));
        }
    };
    expect("trusts", case.trusts.map(|t| format!("{:?}", Some(t))), format!("{:?}", judged.trust.network));
    expect("public", case.public.map(|t| format!("{:?}", Some(t))), format!("{:?}", judged.trust.public));
    let rows = super::reports(&tools, &found);
    expect("set_by", case.set_by.clone(), rows[0].roots.set_by.clone());
    let sorted = |mut codes: Vec<Code>| {
        codes.sort();
        format!("{codes:?}")
    };
    expect("findings", case.findings.clone().map(sorted), sorted(codes(&found, 0)));
    wrong
}

fn look(tool: &Tool, case: &Case) -> ToolLook {
    let mut facts: BTreeMap<String, String> =
        [("home", "/home/you"), ("working_folder", "/w")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    facts.extend(case.facts.clone());
    for id in case.config.keys() {
        assert!(tool.configs.iter().any(|c| c.id == *id), "{} has no config `{id}`", tool.id);
    }
    let entries = tool.configs.iter().flat_map(|config| {
        let (id, text) = (&config.id, case.config.get(&config.id).map_or("", String::as_str));
        formats::strongest_first(config.format, text, |_| true).into_iter().map(move |e| ConfigEntry {
            config: id.clone(),
            path: e.file.unwrap_or_else(|| format!("/w/{id}")),
            line: e.line,
            key: e.key,
            value: e.value,
        })
    });
    let runtime = tool.runs_on.as_ref().map(|id| RuntimeLook {
        id: id.clone(),
        path: format!("/usr/bin/{id}"),
        version: case.runtime.clone(),
        facts: case.facts.clone(),
    });
    ToolLook {
        id: ToolId(tool.id.0.clone()),
        path: format!("/usr/bin/{}", tool.id),
        real: None,
        version: case.version.clone(),
        first: true,
        runtime,
        entries: entries.collect(),
        facts,
        absent: Vec::new(),
        trouble: None,
    }
}
