//! A whole inspected network with a real mitmproxy as its gateway, in a namespace of its own: the main job, end to end.
//!
//! Inside, every name resolves to the gateway, which sends only the leaf; `*.intranet.test` is a site of the company's
//! own CA. What connects is measured here with the tools themselves, not taken from what trustgap says about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Sandbox, is_root, shared, skip, skip_even_in_ci, tool};

mod every_tool;
mod table;

const INSPECTED: &str = "https://registry.example";
const PRIVATE: &str = "https://wiki.intranet.test";
const GATEWAY: &str = "Northwind TLS Inspection Root CA";

/// The tools that must work in the end, with what each needs to be tried.
const TOOLS: [(&str, &str); 10] = [
    ("node", "node"),
    ("npm", "npm"),
    ("requests", "python3"),
    ("pip", "pip"),
    ("java", "javac"),
    ("aws", "aws"),
    ("git", "git"),
    ("curl", "curl"),
    ("openssl", "openssl"),
    ("python", "python3"),
];

#[test]
fn an_inspected_machine_is_told_so_and_its_tools_are_put_right() {
    let Some(network) = Corpnet::available() else { return };
    if !has_the_ten() {
        return;
    }
    let ran = network.run("yes", WITH_THE_CA_IN_THE_STORE, &TOOLS.map(|(name, _)| name));

    ran.exits("plain", 1);
    let text = ran.stdout("plain");
    assert!(text.contains("is inspected"), "{text}");
    assert!(text.contains(GATEWAY), "{text}");

    let report = ran.json("json", 1);
    assert_eq!(report["inspection"]["verdict"], "inspected");
    assert_eq!(report["inspection"]["certainty"], "is");
    let authority = &report["inspection"]["authorities"][0];
    assert!(authority["subject"].as_str().unwrap().contains(GATEWAY), "{authority}");
    assert_eq!(authority["in_system_store"], true);
    assert_eq!(authority["in_web_roots"], false);
    assert_eq!(report["inspection"]["authorities"].as_array().unwrap().len(), 1);
    for target in report["targets"].as_array().unwrap() {
        assert_eq!(target["verdict"], "tls-inspected", "{target}");
    }

    let report = ran.json("both", 1);
    assert_eq!(verdict(&report, "wiki.intranet.test"), "private-ca");
    assert_eq!(verdict(&report, "registry.example"), "tls-inspected");
    assert_eq!(target(&report, "wiki.intranet.test")["inspection"], "not-inspected");
    let report = ran.json("unknown", 1);
    assert_eq!(verdict(&report, "printer.nowhere.test"), "name-not-resolved");

    let exported = ran.json("export", 0);
    let written = exported["written"].as_array().unwrap();
    assert!(!written.is_empty(), "{exported}");

    for (tool, _) in TOOLS {
        assert!(
            ran.connects(tool, "after", "inspected"),
            "{tool}: {}",
            ran.text(&format!("after-inspected-{tool}"))
        );
        if ran.connects(tool, "before", "private") {
            let told = ran.text(&format!("after-private-{tool}"));
            assert!(
                ran.connects(tool, "after", "private"),
                "{tool} worked with the private CA before: {told}"
            );
        }
    }
    // the test would prove nothing if everything had worked all along
    for tool in ["node", "requests", "java", "aws"] {
        assert!(!ran.connects(tool, "before", "inspected"), "{tool} does not fail without settings");
    }

    let verified = ran.json("verify", ran.code("verify"));
    let all = verified["runs"].as_array().expect("runs");
    let is = |run: &Value, when: &str, result: &str| run[when]["result"] == result;
    for run in all {
        assert!(!(is(run, "before", "works") && is(run, "after", "fails")), "made worse: {run}");
    }
    ran.exits("verify", i32::from(all.iter().any(|run| is(run, "after", "fails"))));
    for (tool, _) in TOOLS {
        for run in runs(&verified, tool) {
            assert_eq!(run["after"]["result"], "works", "{run}");
        }
        assert!(!runs(&verified, tool).is_empty(), "verify does not run {tool}");
    }
}

#[test]
fn a_ca_in_no_store_is_not_handed_out_without_its_fingerprint() {
    let Some(network) = Corpnet::available() else { return };
    if !has_the_ten() {
        return;
    }
    let ran = network.run("no", WITH_THE_CA_IN_NO_STORE, &TOOLS.map(|(name, _)| name));

    let report = ran.json("json", 1);
    assert_eq!(report["inspection"]["verdict"], "inspected");
    for target in report["targets"].as_array().unwrap() {
        assert_eq!(target["verdict"], "inspection-ca-not-installed", "{target}");
    }
    for command in ["export", "env"] {
        let text = ran.text(command);
        assert_ne!(ran.code(command), 0, "{command}: {text}");
        assert!(ran.stdout(command).is_empty(), "{command} hands nothing out: {text}");
        assert!(text.contains("--fingerprint"), "{command} says what it needs: {text}");
        assert!(text.contains(GATEWAY), "{command} names the CA: {text}");
    }
    for command in ["export-confirmed", "env-confirmed"] {
        ran.exits(command, 0);
    }
    assert!(ran.stdout("env-confirmed").contains("NODE_EXTRA_CA_CERTS"), "{}", ran.text("env-confirmed"));
    for tool in ["node", "requests", "curl", "git"] {
        let told = ran.text(&format!("after-inspected-{tool}"));
        assert!(ran.connects(tool, "after", "inspected"), "{tool}: {told}");
    }
    for command in ["export-wrong", "env-wrong"] {
        assert_ne!(ran.code(command), 0, "{command}: {}", ran.text(command));
        assert!(ran.stdout(command).is_empty(), "{command}: {}", ran.text(command));
    }
}

const WITH_THE_CA_IN_THE_STORE: &str = r#"
run plain trustgap
run json trustgap --json
run both trustgap check registry.example wiki.intranet.test --json
run unknown trustgap check printer.nowhere.test registry.example --json
run export trustgap export registry.example --json
try_all before
run verify trustgap verify --json --tool "${tools// /,}" registry.example
run env trustgap env
eval "$(cat "$out/env.out")"
try_all after
"#;

const WITH_THE_CA_IN_NO_STORE: &str = r#"
run json trustgap check registry.example index.example --json
run export trustgap export registry.example
run env trustgap env registry.example
fingerprint=$(openssl x509 -in "$CORPNET/gateway-ca.pem" -noout -fingerprint -sha256)
other=$(openssl x509 -in "$CORPNET/private-root.pem" -noout -fingerprint -sha256)
run export-wrong trustgap export registry.example --fingerprint "$other"
run env-wrong trustgap env registry.example --fingerprint "$other"
run export-confirmed trustgap export registry.example --fingerprint "$fingerprint"
run env-confirmed trustgap env registry.example --fingerprint "$fingerprint"
eval "$(cat "$out/env-confirmed.out")"
try_all after
"#;

/// The functions every scenario may call: `run`, which keeps what a command said, and `try_TOOL URL` for each tool.
const PRELUDE: &str = include_str!("tries.sh");

const ASK_IN_JAVA: &str = r#"
public class Ask {
    public static void main(String[] arguments) throws Exception {
        var connection = new java.net.URI(arguments[0]).toURL().openConnection();
        System.out.println("CONNECTED " + new String(connection.getInputStream().readAllBytes()));
    }
}
"#;

/// Whether the ten tools of the two stories above are here; says so where not.
fn has_the_ten() -> bool {
    let missing = TOOLS.iter().find(|(_, program)| tool(program).is_none());
    if let Some((_, missing)) = missing {
        skip(&format!("`{missing}` is not installed"));
    }
    missing.is_none()
}

/// The network, ready to be started.
struct Corpnet {
    script: PathBuf,
    sandbox: Sandbox,
}

/// What a scenario left behind.
struct Ran {
    out: PathBuf,
    /// Holds the folder until the scenario has been judged.
    _sandbox: Sandbox,
}

impl Corpnet {
    fn available() -> Option<Self> {
        if !cfg!(target_os = "linux") || !is_root() {
            skip_even_in_ci("network namespaces need Linux and root");
            return None;
        }
        let Some(script) = shared("tools/corpnet") else {
            skip_even_in_ci("corpnet is not here: TRUSTGAP_SHARED names the folder that holds tools/corpnet");
            return None;
        };
        let sandbox = Sandbox::new();
        let class = sandbox.file("out/Ask.java", ASK_IN_JAVA);
        if let Some(javac) = tool("javac") {
            sandbox.program(javac).arg(class).deadline(Duration::from_secs(120)).output().exits(0);
        }
        Some(Self { script, sandbox })
    }

    /// Runs a scenario in the network; `store` says whether its CAs are in the system store, `tools` whom `try_all`
    /// tries.
    fn run(self, store: &str, scenario: &str, tools: &[&str]) -> Ran {
        let out = self.sandbox.path().join("out");
        let settings = BTreeMap::from([
            ("out", out.display().to_string()),
            ("inspected", INSPECTED.to_owned()),
            ("private", PRIVATE.to_owned()),
            ("tools", tools.join(" ")),
            ("beside", std::env::var("CORPNET_BESIDE").unwrap_or_default()),
        ]);
        let assignments: Vec<String> =
            settings.iter().map(|(name, value)| format!("{name}='{value}'")).collect();
        let program = format!("trustgap() {{ '{}' \"$@\"; }}", env!("CARGO_BIN_EXE_trustgap"));
        let script = [&assignments.join("\n"), PRELUDE, &program, scenario].join("\n");
        let script = self.sandbox.file("scenario.sh", script);
        // corpnet itself needs this machine's HOME and settings once, to install mitmproxy; it clears them inside
        let mut command = self.sandbox.program(&self.script);
        for (name, value) in std::env::vars_os() {
            command = command.env(name, value);
        }
        let run = command
            .args(["--store", store])
            .args(of_this_machine())
            .args(["--", "bash"])
            .arg(script)
            .deadline(Duration::from_secs(1200))
            .output();
        assert_eq!(run.code, Some(0), "the scenario itself: {}", run.text());
        Ran { out, _sandbox: self.sandbox }
    }
}

impl Ran {
    fn stdout(&self, name: &str) -> String {
        read(&self.out.join(format!("{name}.out")))
    }

    fn text(&self, name: &str) -> String {
        let end = read(&self.out.join(format!("{name}.code")));
        format!("exit {end}{}{}", self.stdout(name), read(&self.out.join(format!("{name}.err"))))
    }

    fn code(&self, name: &str) -> i32 {
        read(&self.out.join(format!("{name}.code"))).trim().parse().expect("an exit code")
    }

    /// Whether a command of the scenario was run at all.
    fn has(&self, name: &str) -> bool {
        self.out.join(format!("{name}.code")).exists()
    }

    fn exits(&self, name: &str, code: i32) {
        assert_eq!(self.code(name), code, "{name}: {}", self.text(name));
    }

    fn json(&self, name: &str, code: i32) -> Value {
        self.exits(name, code);
        serde_json::from_str(&self.stdout(name))
            .unwrap_or_else(|e| panic!("{name}: {e}: {}", self.text(name)))
    }

    /// Whether a tool finished a verified TLS handshake. Some fail afterwards, because what answers is neither an index
    /// nor a bucket nor a repository: their words tell how far they came.
    fn connects(&self, tool: &str, when: &str, host: &str) -> bool {
        let name = format!("{when}-{host}-{tool}");
        let text = self.text(&name);
        let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
        match tool {
            "npm" => self.code(&name) == 0,
            "pip" => says(&["No matching distribution"]) && !says(&["SSL", "certificate"]),
            "aws" => says(&["An error occurred", "Unable to parse response"]),
            "git" => says(&["not valid: is this a git repository"]),
            "gnutls" => says(&["Handshake was completed"]),
            "mercurial" => says(&["does not appear to be an hg repository"]),
            "rclone" => says(&["can't parse content type"]),
            "openssl" => says(&["CONNECTED"]) && says(&["Verification: OK"]),
            "subversion" => says(&["E200007", "E175"]),
            "uv" => says(&["was not found in the package registry", "Content-Type", "content-type"]),
            // a program that fails may print its own code, with the word in it
            _ => self.code(&name) == 0 && says(&["CONNECTED"]),
        }
    }
}

/// What programs of this machine need to be found although the home folder is another one: version managers keep
/// theirs there. What an administrator set for everybody on this machine is left out: it is another story.
fn of_this_machine() -> Vec<String> {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let kept = [("RUSTUP_HOME", ".rustup"), ("PYENV_ROOT", ".pyenv")].map(|(name, folder)| {
        let folder = std::env::var_os(name).map_or_else(|| home.join(folder), PathBuf::from);
        (name, folder.display().to_string())
    });
    let nothing = ["NPM_CONFIG_GLOBALCONFIG", "PIP_CONFIG_FILE"].map(|name| (name, "/dev/null".to_owned()));
    let both = kept.into_iter().chain(nothing);
    both.flat_map(|(name, value)| ["--extra-env".to_owned(), format!("{name}={value}")]).collect()
}

fn read(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn target<'a>(report: &'a Value, host: &str) -> &'a Value {
    let targets = report["targets"].as_array().expect("targets");
    targets.iter().find(|t| t["host"] == host).unwrap_or_else(|| panic!("{host} is not in {report}"))
}

fn verdict<'a>(report: &'a Value, host: &str) -> &'a str {
    target(report, host)["verdict"].as_str().expect("a verdict")
}

fn runs<'a>(verified: &'a Value, tool: &str) -> Vec<&'a Value> {
    verified["runs"].as_array().expect("runs").iter().filter(|run| run["tool"] == tool).collect()
}
