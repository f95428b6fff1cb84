//! The real tools against real servers on loopback: what fails before, what works after, what a wrong setting breaks.

use std::time::Duration;

use trustgap::edge::{Live, Reading};
use trustgap::facts::environment::Changes;
use trustgap::facts::route::ProxyChoice;
use trustgap::facts::verification::{ToolResult, ToolRun};
use trustgap::facts::{Code, Environment, Target};
use trustgap::lab::network::pem;
use trustgap::lab::{Authority, Identity, Mint, Profile, Service, Site};
use trustgap::observe::tools;
use trustgap::observe::verify::{Trial, Visit, verify};
use trustgap::remedy::formats::pkcs12;
use trustgap::{catalogue, facts::tool::ToolLook};

use crate::support::{Sandbox, skip};

/// A small internet: the company's CA, a public one, and a server for each story. All of them are `localhost`.
struct Internet {
    company: Authority,
    public: Authority,
    /// Signed by the company's CA, as behind a gateway.
    inspected: Service,
    /// Signed by the public CA.
    clean: Service,
    expired: Service,
    wrong_name: Service,
    missing_intermediate: Service,
}

impl Internet {
    fn start() -> Self {
        let mint = Mint::now();
        let company = mint.root("Northwind Inspection CA").expect("a root");
        let public = mint.root("Public Root").expect("a root");
        let middle = public.subordinate("Public Intermediate").expect("a subordinate");
        let site = |identity: Identity| Site::tls(identity).start().expect("a site");
        let of = |authority: &Authority, profile: Profile| authority.issue(&profile).expect("a leaf");
        let local = || Profile::leaf(&["localhost"]);
        let unchained = {
            let mut leaf = of(&middle, local());
            leaf.chain.truncate(1);
            leaf
        };
        Self {
            inspected: site(of(&company, local())),
            clean: site(of(&public, local())),
            expired: site(of(&public, local().valid_days(-30, -2))),
            wrong_name: site(of(&public, Profile::leaf(&["other.example"]))),
            missing_intermediate: site(unchained),
            company,
            public,
        }
    }
}

fn visit(service: &Service, inspected: bool, verdict: Option<Code>) -> Visit {
    let target = format!("localhost:{}", service.address().port()).parse::<Target>().expect("a target");
    Visit { target, inspected, verdict }
}

/// This machine with an empty home and none of its own settings.
pub(crate) fn clean_machine(sandbox: &Sandbox) -> (Live, Environment) {
    let mut environment = Environment::default();
    for name in ["PATH", "SystemRoot", "SystemDrive", "TEMP", "TMP", "PATHEXT"] {
        if let Ok(value) = std::env::var(name) {
            environment.set(name, value);
        }
    }
    for name in ["HOME", "USERPROFILE"] {
        environment.set(name, sandbox.home().display().to_string());
    }
    // what an administrator set for everybody on this machine is another story
    environment.set("NPM_CONFIG_GLOBALCONFIG", sandbox.file("no-npmrc", "").display().to_string());
    environment.set("PIP_CONFIG_FILE", if cfg!(windows) { "nul" } else { "/dev/null" });
    // a version manager in front of the tools looks for its versions in the home folder
    if let Some(root) = std::env::var("PYENV_ROOT").ok().or_else(pyenv_of_the_real_home) {
        environment.set("PYENV_ROOT", root);
    }
    (Live::new(Some(sandbox.own())).with_environment(environment.clone()), environment)
}

fn pyenv_of_the_real_home() -> Option<String> {
    let root = std::path::Path::new(&std::env::var_os("HOME")?).join(".pyenv");
    root.is_dir().then(|| root.display().to_string())
}

/// Every installation of the catalogue that a shell here would start.
fn installed(live: &Live) -> Vec<ToolLook> {
    let all: Vec<_> = catalogue::tools().iter().collect();
    let mut tools = tools::look(live, &all, Duration::from_secs(20)).tools;
    tools.retain(|look| look.first);
    tools
}

fn run(
    live: &Live,
    environment: &Environment,
    tools: &[ToolLook],
    hosts: &[Visit],
    set: &[(&str, &str)],
) -> Vec<ToolRun> {
    let set = set.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let trial = Trial {
        tools,
        hosts,
        environment,
        settings: &Changes { set, unset: Vec::new() },
        proxy: &ProxyChoice::Environment,
        timeout: Duration::from_secs(5),
        jobs: None,
        expects: &|_, _, _| None,
    };
    verify(live, &trial)
}

/// What a variable is given so that exactly these CAs are trusted.
fn value(sandbox: &Sandbox, variable: &str, name: &str, roots: &[&Authority]) -> String {
    let certificates: Vec<_> = roots.iter().map(|root| root.certificate().clone()).collect();
    if variable == "JAVA_TOOL_OPTIONS" {
        let store = sandbox.file(&format!("{name}.p12"), pkcs12::write(&certificates));
        return format!("-Djavax.net.ssl.trustStore={}", store.display());
    }
    sandbox.file(&format!("{name}.pem"), pem(&certificates)).display().to_string()
}

/// The tool, what it said before and after, for messages of failing tests.
fn told(run: &ToolRun) -> String {
    format!(
        "{} {:?} at {}\n  before {:?}\n  after {:?}",
        run.tool, run.version, run.path, run.before, run.after
    )
}

/// For each tool the variable that `env` would set, and whether it adds or replaces.
const SETTINGS: [(&str, &str, bool); 10] = [
    ("aws", "AWS_CA_BUNDLE", true),
    ("curl", "CURL_CA_BUNDLE", true),
    ("git", "GIT_SSL_CAINFO", true),
    ("java", "JAVA_TOOL_OPTIONS", true),
    ("node", "NODE_EXTRA_CA_CERTS", false),
    ("npm", "NODE_EXTRA_CA_CERTS", false),
    ("openssl", "SSL_CERT_FILE", true),
    ("pip", "PIP_CERT", true),
    ("python", "SSL_CERT_FILE", true),
    ("requests", "REQUESTS_CA_BUNDLE", true),
];

#[test]
fn real_tools_fail_before_work_after_and_keep_working_elsewhere() {
    let internet = Internet::start();
    let sandbox = Sandbox::new();
    let (live, environment) = clean_machine(&sandbox);
    let tools = installed(&live);
    let hosts = [visit(&internet.inspected, true, Some(Code::TlsInspected))];
    let mut tried = 0;
    for (id, variable, replaces) in SETTINGS {
        let of_this: Vec<_> = tools.iter().filter(|look| look.id.0 == id).cloned().collect();
        if of_this.is_empty() {
            skip(&format!("{id} is not here, or not in the catalogue yet"));
            continue;
        }
        let roots: &[_] =
            if replaces { &[&internet.company, &internet.public] } else { &[&internet.company] };
        let value = value(&sandbox, variable, "ca", roots);
        for run in run(&live, &environment, &of_this, &hosts, &[(variable, &value)]) {
            assert_eq!(run.before.result, ToolResult::Fails, "{}", told(&run));
            assert_eq!(run.before.code, Some(Code::ToolLacksCa), "{}", told(&run));
            assert_eq!(run.after.result, ToolResult::Works, "{}", told(&run));
            assert!(!run.is_made_worse());
            tried += 1;
        }
    }
    assert!(tried > 0, "nothing could be tried");
}

#[test]
fn what_is_wrong_with_the_host_itself_is_told_apart() {
    let internet = Internet::start();
    let sandbox = Sandbox::new();
    let (live, environment) = clean_machine(&sandbox);
    let tools = installed(&live);
    let values = SETTINGS.map(|(_, name, _)| (name, value(&sandbox, name, "public", &[&internet.public])));
    let set: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let hosts = [
        visit(&internet.clean, false, None),
        visit(&internet.expired, false, Some(Code::Expired)),
        visit(&internet.wrong_name, false, Some(Code::NameMismatch)),
        visit(&internet.missing_intermediate, false, Some(Code::MissingIntermediate)),
    ];
    let known: Vec<_> =
        tools.into_iter().filter(|look| SETTINGS.iter().any(|(id, ..)| *id == look.id.0)).collect();
    for run in run(&live, &environment, &known, &hosts, &set) {
        let wanted = hosts.iter().find(|visit| visit.target == run.target).and_then(|visit| visit.verdict);
        match wanted {
            None => assert_eq!(run.after.result, ToolResult::Works, "{}", told(&run)),
            Some(code) => {
                assert_eq!(run.after.result, ToolResult::Fails, "{code}: {}", told(&run));
                assert_eq!(run.after.code, Some(code), "{}", told(&run));
            }
        }
    }
}

#[test]
fn a_lone_ca_in_a_replacing_variable_is_seen_to_break_other_hosts() {
    let internet = Internet::start();
    let sandbox = Sandbox::new();
    let (live, mut environment) = clean_machine(&sandbox);
    // these trust the public CA before, because it is in the file they use
    for (_, variable, _) in SETTINGS {
        environment.set(variable, value(&sandbox, variable, "public", &[&internet.public]));
    }
    let replacing: Vec<_> = SETTINGS.iter().filter(|(.., replaces)| *replaces).collect();
    let mut tools = installed(&live);
    tools.retain(|look| replacing.iter().any(|(id, ..)| *id == look.id.0));
    if tools.is_empty() {
        return skip("no tool with a replacing variable is here, or none is in the catalogue yet");
    }
    let hosts = [visit(&internet.clean, false, None)];
    let lone = SETTINGS.map(|(_, name, _)| (name, value(&sandbox, name, "lone", &[&internet.company])));
    let set: Vec<(&str, &str)> = lone.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for run in run(&live, &environment, &tools, &hosts, &set) {
        assert!(run.is_made_worse(), "{}", told(&run));
    }
}

#[test]
fn a_tool_that_does_not_verify_is_not_run_and_proves_nothing() {
    let internet = Internet::start();
    let sandbox = Sandbox::new();
    let (live, mut environment) = clean_machine(&sandbox);
    environment.set("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    let mut tools = installed(&live);
    tools.retain(|look| look.id.0 == "node");
    if tools.is_empty() {
        return skip("there is no node");
    }
    let accepted = internet.inspected.accepted();
    let hosts = [visit(&internet.inspected, true, Some(Code::TlsInspected))];
    for run in run(&live, &environment, &tools, &hosts, &[]) {
        assert_eq!(run.before.result, ToolResult::Inconclusive, "{}", told(&run));
        let why = run.before.message.clone().unwrap_or_default();
        assert!(why.contains("NODE_TLS_REJECT_UNAUTHORIZED switches verification off"), "{why}");
    }
    assert_eq!(internet.inspected.accepted(), accepted, "it was run");
    assert!(live.environment().get("NODE_TLS_REJECT_UNAUTHORIZED").is_none());
}
