//! What each client refuses although it trusts the CA: certificates with one defect each, the real clients of this
//! machine on loopback, and what the catalogue says they do. A disagreement fails.

mod defects;

use std::collections::BTreeMap;
use std::time::Duration;

use trustgap::catalogue;
use trustgap::edge::{Live, Reading as _};
use trustgap::facts::environment::Changes;
use trustgap::facts::route::ProxyChoice;
use trustgap::facts::store::{Origin, Root};
use trustgap::facts::verification::{ToolResult, ToolRun};
use trustgap::facts::{Code, Departure, Environment, Observations, RootStore, Target};
use trustgap::judge::judge;
use trustgap::lab::network::pem;
use trustgap::observe::tools;
use trustgap::observe::verify::{Trial, Visit, verify};
use trustgap::remedy::formats::pkcs12;
use trustgap::remedy::settings::Predictions;

use crate::support::looking::{look, question};
use crate::support::{Sandbox, skip, skip_even_in_ci, tool};
use crate::verify::clean_machine;

use defects::{Defect, all};

/// The clients that are tried where they are installed; each must be known well enough to be predicted.
const CLIENTS: &[&str] =
    &["curl", "deno", "git", "go", "java", "node", "openssl", "php", "python", "ruby", "uv", "wget"];

/// The machine with these roots in every setting, and every installation of the clients.
struct Scene {
    _sandbox: Sandbox,
    environment: Environment,
    live: Live,
    observations: Observations,
    defects: Vec<Defect>,
}

impl Scene {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let openssl = tool("openssl");
        if openssl.is_none() {
            skip("`openssl` is not installed: two defects less");
        }
        let defects = all(&sandbox, openssl.as_deref());
        let anchors: Vec<_> = defects.iter().map(|d| d.anchor.clone()).collect();
        let file = sandbox.file("roots.pem", pem(&anchors)).display().to_string();
        // Java reads nothing of a store that holds a certificate without an issuer
        let readable: Vec<_> = defects
            .iter()
            .filter(|d| !d.departures.contains(&Departure::CaSubjectEmpty))
            .map(|d| d.anchor.clone())
            .collect();
        let store = sandbox.file("roots.p12", pkcs12::write(&readable)).display().to_string();
        sandbox.file("home/.wgetrc", format!("ca_certificate = {file}\n"));
        let (_, mut environment) = clean_machine(&sandbox);
        for name in
            ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO"]
        {
            environment.set(name, file.clone());
        }
        environment.set("JAVA_TOOL_OPTIONS", format!("-Djavax.net.ssl.trustStore={store}"));
        environment.set("DENO_CERT", file);
        if let Some(path) = with_every_python(&environment) {
            environment.set("PATH", path);
        }
        let live = Live::new(Some(sandbox.own())).with_environment(environment.clone());
        let mut observations = Observations::new(time::OffsetDateTime::now_utc(), live.platform().clone());
        observations.environment = environment.clone();
        let roots = anchors.into_iter().map(|certificate| Root {
            certificate,
            origin: Origin::Administrator,
            place: None,
        });
        observations.stores.system = RootStore { roots: roots.collect(), ..RootStore::default() };
        let names: Vec<String> = defects.iter().map(|d| target(d).to_string()).collect();
        let servers: Vec<_> =
            names.iter().zip(&defects).map(|(n, d)| (n.as_str(), d.server.address())).collect();
        observations.targets = look(&question(&servers));
        Self { _sandbox: sandbox, environment, live, observations, defects }
    }

    /// Sends every client that is installed to every server.
    fn runs(&mut self) -> Vec<ToolRun> {
        let wanted: Vec<_> =
            catalogue::tools().iter().filter(|t| CLIENTS.contains(&t.id.0.as_str())).collect();
        let found = tools::look(&self.live, &wanted, Duration::from_secs(20));
        self.observations.tools = found.tools;
        // of the others one of a kind is enough
        self.observations.tools.retain(|look| look.first || look.id.0 == "python");
        self.observations.files = found.files;
        let judgement = judge(&self.observations);
        let predictions = Predictions::new(&self.observations, &judgement, &[], &[]);
        let hosts: Vec<Visit> = self
            .defects
            .iter()
            .map(|d| Visit { target: target(d), inspected: true, verdict: Some(Code::PrivateCa) })
            .collect();
        verify(
            &self.live,
            &Trial {
                tools: &self.observations.tools,
                hosts: &hosts,
                environment: &self.environment,
                settings: &Changes { set: Vec::new(), unset: Vec::new() },
                proxy: &ProxyChoice::Environment,
                timeout: Duration::from_secs(10),
                jobs: None,
                expects: &|look, visit, environment| predictions.expects(look, &visit.target, environment),
            },
        )
    }
}

fn target(defect: &Defect) -> Target {
    format!("localhost:{}", defect.server.address().port()).parse().expect("a target")
}

/// PATH with the Pythons of pyenv on both sides of the border between lenient and strict.
fn with_every_python(environment: &Environment) -> Option<String> {
    let border = |path: &std::path::PathBuf| {
        let minor = path.file_name()?.to_str()?.strip_prefix("3.")?.split('.').next()?.parse::<u32>().ok()?;
        (minor >= 12).then_some(())
    };
    let folder = std::path::Path::new(environment.get("PYENV_ROOT")?).join("versions");
    let versions = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let mut folders: Vec<_> =
        versions.filter(|path| border(path).is_some()).map(|path| path.join("bin")).collect();
    folders.sort();
    let all = std::env::split_paths(environment.get("PATH")?).chain(folders);
    std::env::join_paths(all).ok()?.into_string().ok()
}

#[test]
fn the_departures_of_every_defect_are_found_and_no_others() {
    let scene = Scene::new();
    let judgement = judge(&scene.observations);
    for (defect, judged) in scene.defects.iter().zip(&judgement.targets) {
        let verdict = &judged.trust.as_ref().expect("a chain").system;
        // browsers refuse a server's certificate that is a CA's, and what they insist on is no note
        let refused = defect.departures.contains(&Departure::LeafIsCa);
        assert_eq!(verdict.is_trusted(), !refused, "{}: {:?}", defect.name, verdict.allowances);
        let found: Vec<Departure> = verdict.peculiarities.iter().map(|p| p.departure).collect();
        assert_eq!(found, defect.departures, "{}", defect.name);
    }
}

#[test]
fn real_clients_do_what_the_catalogue_says() {
    let mut scene = Scene::new();
    let runs = scene.runs();
    let mut wrong = Vec::new();
    let mut proved: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for run in &runs {
        let defect = scene.defects.iter().find(|d| target(d) == run.target).expect("one of ours");
        let who = format!("{} {}", run.tool, run.version.as_deref().unwrap_or_default());
        let told = run.after.message.as_deref().unwrap_or_default();
        let counts = proved.entry(run.tool.0.as_str()).or_default();
        match run.after.result {
            ToolResult::Works => counts[0] += 1,
            ToolResult::Fails => counts[1] += 1,
            // a client that hangs for want of a processor says nothing about certificates
            ToolResult::Inconclusive if told.contains("no answer within") => {}
            ToolResult::Inconclusive => wrong.push(format!("{who}: {}: not proved: {told}", defect.name)),
        }
        if run.after.predicted.is_none() {
            wrong.push(format!("{who}: {}: not predicted", defect.name));
        }
        if run.after.contradicts_its_roots() {
            let (predicted, result) = (run.after.predicted, run.after.result);
            wrong.push(format!("{who}: {}: predicted {predicted:?}, {result:?}: {told}", defect.name));
        }
    }
    assert!(wrong.is_empty(), "{}\n{proved:?}", wrong.join("\n"));
    for client in CLIENTS.iter().filter(|client| !proved.contains_key(*client)) {
        skip_even_in_ci(&format!("{client} is not installed"));
    }
    for (client, [works, fails]) in proved {
        assert!(works > 0 && fails > 0, "{client}: {works} work, {fails} fail: that tells nothing");
    }
}
