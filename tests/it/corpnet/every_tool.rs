//! Every toolchain of this machine in the inspected network: what fails without the settings works with them, nothing
//! gets worse, what was predicted from the roots is what happened, and nothing is left in the home folder.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::table::{self, Row};
use super::{Corpnet, Ran, read};
use crate::support::{skip, tool};

/// How many different toolchains must work in the end on the inspected host and on the one with the private CA.
const ENOUGH: usize = 35;

/// The toolchains that are also measured without trustgap, by the commands in `tries.sh`, with the program or the
/// Python module that each needs.
const MEASURED: [(&str, Needs); 33] = [
    ("aiohttp", Needs::Module("aiohttp")),
    ("aria2", Needs::Program("aria2c")),
    ("aws", Needs::Program("aws")),
    ("bun", Needs::Program("bun")),
    ("curl", Needs::Program("curl")),
    ("deno", Needs::Program("deno")),
    ("git", Needs::Program("git")),
    ("gnutls", Needs::Program("gnutls-cli")),
    ("httpie", Needs::Program("http")),
    ("httplib2", Needs::Module("httplib2")),
    ("httpx", Needs::Module("httpx")),
    ("httpx2", Needs::Module("httpx2")),
    ("java", Needs::Program("javac")),
    ("kubectl", Needs::Program("kubectl")),
    ("mercurial", Needs::Program("hg")),
    ("node", Needs::Program("node")),
    ("npm", Needs::Program("npm")),
    ("openssl", Needs::Program("openssl")),
    ("perl-lwp", Needs::Program("lwp-request")),
    ("php", Needs::Program("php")),
    ("php-curl", Needs::Program("php")),
    ("pip", Needs::Module("pip")),
    ("pycurl", Needs::Module("pycurl")),
    ("python", Needs::Program("python3")),
    ("r", Needs::Program("Rscript")),
    ("rclone", Needs::Program("rclone")),
    ("requests", Needs::Module("requests")),
    ("ruby", Needs::Program("ruby")),
    ("subversion", Needs::Program("svn")),
    ("urllib3", Needs::Module("urllib3")),
    ("uv", Needs::Program("uv")),
    ("wget", Needs::Program("wget")),
    ("wget2", Needs::Program("wget2")),
];

/// What a tool needs to be tried.
#[derive(Clone, Copy)]
enum Needs {
    Program(&'static str),
    Module(&'static str),
}

/// What the tools may leave in a home folder although they are given folders of their own, and why.
const REMAINS: [(&str, &str); 0] = [];

const SCENARIO: &str = r#"
first=$PATH
remains() { (cd "$HOME" && find . -mindepth 1 | sort) >"$out/$1"; }
remains home-before
run verify trustgap verify --json "$inspected" "$private"
run env trustgap env --json "$inspected" "$private"
if [[ -n $beside ]]; then
  PATH=$beside:$PATH
  run verify-beside trustgap verify --json --tool pnpm12,yarn-berry "$inspected" "$private"
  run env-beside trustgap env --json --tool pnpm12,yarn-berry "$inspected" "$private"
  PATH=$first
fi
remains home-after
try_all before
run shell trustgap env "$inspected" "$private"
eval "$(cat "$out/shell.out")"
try_all after
"#;

#[test]
fn every_toolchain_works_in_the_end_and_none_is_made_worse() {
    let Some(network) = Corpnet::available() else { return };
    let here = |needs: &Needs| match needs {
        Needs::Program(program) => tool(program).is_some(),
        Needs::Module(module) => network.has_python_module(module),
    };
    let measured: Vec<&str> = MEASURED.iter().filter(|(_, needs)| here(needs)).map(|(id, _)| *id).collect();
    let ran = network.run("yes", SCENARIO, &measured);
    let runs = runs(&ran);
    ran.exits("env", 0);

    let shown: Vec<String> = runs.iter().map(ToString::to_string).collect();
    let is = |run: &Value, when: &str, result: &str| run[when]["result"] == result;
    let worse: Vec<&Value> =
        runs.iter().filter(|r| is(r, "before", "works") && is(r, "after", "fails")).collect();
    assert!(worse.is_empty(), "made worse: {worse:#?}");

    let mut wrong = Vec::new();
    let mut predicted = 0;
    for run in &runs {
        for when in ["before", "after"] {
            let (result, roots) = (&run[when]["result"], &run[when]["predicted"]);
            if *result != "inconclusive" && !roots.is_null() {
                predicted += 1;
                if result != roots {
                    wrong.push(format!("{} {when} at {}: {}", run["tool"], run["target"], run[when]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "the catalogue or the predictor is wrong:\n{}", wrong.join("\n"));
    assert!(predicted > runs.len(), "only {predicted} predictions for {} connections", runs.len());

    let mut disagree = Vec::new();
    for id in &measured {
        for (host, name) in [("inspected", "registry.example"), ("private", "wiki.intranet.test")] {
            let [before, after] = ["before", "after"].map(|when| ran.connects(id, when, host));
            let told = ran.text(&format!("after-{host}-{id}"));
            if before && !after {
                disagree.push(format!("{id} at {name} was broken by the settings: {told}"));
            }
            if !after {
                disagree.push(format!("{id} at {name} fails with the settings: {told}"));
            }
            let of_this = |run: &&Value| {
                run["tool"] == *id && run["target"].as_str().is_some_and(|target| target.starts_with(name))
            };
            let Some(run) = runs.iter().find(of_this) else {
                disagree.push(format!("{id} at {name} is not run by verify"));
                continue;
            };
            for (when, connects) in [("before", before), ("after", after)] {
                if run[when]["result"] != "inconclusive" && is(run, when, "works") != connects {
                    let told = ran.text(&format!("{when}-{host}-{id}"));
                    disagree
                        .push(format!("{id} {when} at {name}: verify says {}, it said {told}", run[when]));
                }
            }
        }
    }
    assert!(disagree.is_empty(), "{}", disagree.join("\n"));

    let left = remains(&ran);
    assert!(left.is_empty(), "verify leaves in the home folder: {left:#?}");

    let rows = table::rows(&runs, &settings(&ran));
    let working = rows.iter().filter(|row| row.works()).count();
    let helped = rows.iter().filter(|row| row.is_helped()).count();
    if working < ENOUGH || helped == 0 {
        skip(&format!("of the toolchains here only {working} work in the end: {shown:#?}"));
    }
    let time = ran.json("verify", ran.code("verify"))["time"].as_str().unwrap_or_default().to_owned();
    table::compare(&rows, measured.len(), &time);
}

/// The rows of `verify`, those of the tools that lie beside the first of their names included.
fn runs(ran: &Ran) -> Vec<Value> {
    let of = |name: &str| {
        let document = ran.json(name, ran.code(name));
        document["runs"].as_array().unwrap_or_else(|| panic!("{}", ran.text(name))).clone()
    };
    let mut runs = of("verify");
    let beside = if ran.has("verify-beside") { of("verify-beside") } else { Vec::new() };
    // `--tool` runs every installation: the first of each is the one that lies beside
    let mut seen: BTreeSet<String> = runs.iter().map(key).collect();
    runs.extend(beside.into_iter().filter(|run| seen.insert(key(run))));
    runs
}

fn key(run: &Value) -> String {
    format!("{} {}", run["tool"], run["target"])
}

/// Which setting put a tool right, by its id.
fn settings(ran: &Ran) -> BTreeMap<String, String> {
    let documents = ["env", "env-beside"].into_iter().filter(|name| ran.has(name));
    let mut settings = BTreeMap::new();
    for name in documents {
        let document = ran.json(name, ran.code(name));
        for helped in document["helped"].as_array().into_iter().flatten() {
            let message = helped["message"].as_str().unwrap_or_default();
            let setting = message.strip_prefix("put right by ").unwrap_or(message);
            let id = helped["tool"].as_str().unwrap_or_default();
            settings.entry(id.to_owned()).or_insert_with(|| setting.to_owned());
        }
    }
    settings
}

/// What verify left in the home folder and should not have.
fn remains(ran: &Ran) -> Vec<String> {
    let list =
        |name: &str| -> BTreeSet<String> { read(&ran.out.join(name)).lines().map(str::to_owned).collect() };
    // trustgap's own folder is `env`'s work, which writes the files that its settings name
    let expected = |path: &String| {
        path == "./.config"
            || path.starts_with("./.config/trustgap")
            || REMAINS.iter().any(|(known, _)| path.starts_with(known))
    };
    list("home-after").difference(&list("home-before")).filter(|path| !expected(path)).cloned().collect()
}

impl Corpnet {
    /// Whether the first Python here has a module.
    fn has_python_module(&self, module: &str) -> bool {
        tool("python3").is_some_and(|python| {
            let code = format!("import importlib.util as u, sys; sys.exit(u.find_spec({module:?}) is None)");
            let run =
                self.sandbox.program(python).args(["-c", &code]).deadline(Duration::from_secs(30)).output();
            run.code == Some(0)
        })
    }
}

impl Row {
    fn works(&self) -> bool {
        self.hosts.iter().all(|(_, after)| after == "works")
    }

    fn is_helped(&self) -> bool {
        self.works() && self.hosts.iter().any(|(before, _)| before == "fails")
    }
}
