//! Settings make nothing worse: nothing is set where nothing is needed, and what helps one tool does not break another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trustgap::lab::{Authority, Mint, Service, Site};

use crate::support::{Command, Run, Sandbox, is_root, skip, tool};

/// Where Debian keeps its store, and what an administrator adds to it.
const STORE: &str = "/etc/ssl/certs";
const ADDED: &str = "/usr/local/share/ca-certificates";

struct Network {
    sandbox: Sandbox,
    company: Authority,
    public: Authority,
    inspected: Service,
    clean: Service,
}

impl Network {
    fn start() -> Self {
        let mint = Mint::now();
        let root = |name: &str| mint.root(name).expect("a root");
        let (company, public) = (root("Northwind Inspection CA"), root("Public Root"));
        let site = |authority: &Authority| {
            Site::tls(authority.leaf(&["localhost"]).expect("a leaf")).start().expect("a site on loopback")
        };
        Self { sandbox: Sandbox::new(), inspected: site(&company), clean: site(&public), company, public }
    }

    fn pem(&self, name: &str, of: &[&Authority]) -> PathBuf {
        let text: String = of.iter().map(|authority| authority.certificate().pem()).collect();
        self.sandbox.file(&format!("{name}.crt"), text)
    }

    /// Adds what `env` is asked about the inspected server with these stores.
    fn env(&self, program: Command, tools: &str) -> Command {
        let stores = [
            format!("--system-roots={}", self.pem("system", &[&self.public, &self.company]).display()),
            format!("--web-roots={}", self.pem("web", &[&self.public]).display()),
        ];
        let target = format!("localhost:{}", self.inspected.address().port());
        let fingerprint = format!("--fingerprint={}", self.company.certificate().fingerprint());
        program
            .args(["env", &target, &fingerprint, "--shell=json", "--controls=none", "--proxy=none", "-v"])
            .arg(format!("--tool={tools}"))
            .args(stores)
    }

    /// Whether a real program connects to a server.
    fn connects(&self, program: &str, to: &Service, set: &BTreeMap<String, String>) -> bool {
        let address = format!("localhost:{}", to.address().port());
        let url = format!("https://{address}/");
        let command = self.sandbox.program(tool(program).expect("it was looked for"));
        let command = set.iter().fold(command, |command, (name, value)| command.env(name, value));
        let command = match program {
            "curl" => command.args(["-sS", "-o", "/dev/null", &url]),
            "openssl" => command.args(["s_client", "-connect", &address, "-verify_return_error", "-brief"]),
            "python3" => command.args([
                "-c",
                "import sys, urllib.request\nurllib.request.urlopen(sys.argv[1], timeout=20)",
                &url,
            ]),
            other => panic!("nobody knows how {other} is run"),
        };
        command.output().code == Some(0)
    }
}

/// The settings that were printed; what is `null` is taken out.
fn settings(run: &Run) -> BTreeMap<String, String> {
    let all = run.json();
    let all = all.as_object().unwrap_or_else(|| panic!("{}", run.text()));
    all.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

#[test]
fn where_every_tool_follows_the_system_store_nothing_is_set_and_the_reason_is_said() {
    if !is_root() || tool("unshare").is_none() || !Path::new(ADDED).is_dir() {
        return skip(&format!(
            "it takes root, `unshare` and {ADDED} to put a CA into a system store for a while"
        ));
    }
    let network = Network::start();
    let store = network.pem("store/ca-certificates", &[&network.public, &network.company]);
    let added = network.pem("added/company", &[&network.company]);
    let script =
        format!("mount --bind \"$0\" {STORE} && mount --bind \"$1\" {ADDED} && shift && exec \"$@\"");
    let program = network
        .sandbox
        .program(tool("unshare").expect("unshare"))
        .args(["--mount", "sh", "-c", &script])
        .args(
            [store.parent(), added.parent(), Some(Path::new(env!("CARGO_BIN_EXE_trustgap")))]
                .into_iter()
                .flatten(),
        )
        .env("PATH", "/usr/bin:/bin")
        .env("TRUSTGAP_HOME", network.sandbox.own());
    let run = network.env(program, "curl,openssl,git").output().exits(0);
    assert_eq!(run.json(), serde_json::json!({}), "{}", run.text());
    assert!(run.stderr.contains("no setting is needed here"), "{}", run.text());
    assert!(run.stderr.contains("it follows the system store, which has the CA"), "{}", run.text());
}

#[test]
fn ssl_cert_file_is_not_relied_on_where_it_does_not_reach() {
    let tools = ["curl", "openssl", "python3"];
    if let Some(missing) = tools.into_iter().find(|name| tool(name).is_none()) {
        return skip(&format!("`{missing}` is not installed"));
    }
    let network = Network::start();
    let folder = network.sandbox.path().join("hashed");
    std::fs::create_dir(&folder).expect("a folder in a temporary one");
    let before: BTreeMap<String, String> = [("SSL_CERT_DIR".to_owned(), folder.display().to_string())].into();
    let program =
        before.iter().fold(network.sandbox.trustgap(), |program, (name, value)| program.env(name, value));
    let run = network.env(program, "curl,openssl,python").output();
    let mut after = before.clone();
    after.extend(settings(&run));
    for name in run.json().as_object().expect("settings").iter().filter(|(_, v)| v.is_null()).map(|(n, _)| n)
    {
        after.remove(name);
    }
    for program in tools {
        assert!(!network.connects(program, &network.inspected, &before), "{program} works before");
        for host in [&network.inspected, &network.clean] {
            assert!(network.connects(program, host, &after), "{program} with {after:?}: {}", run.text());
        }
    }
    // beside SSL_CERT_DIR curl does not read SSL_CERT_FILE, which puts the two others right: it has a variable of its own
    let only_file: BTreeMap<String, String> = after
        .iter()
        .filter(|(name, _)| *name != "CURL_CA_BUNDLE")
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    if after.contains_key("SSL_CERT_DIR") {
        assert!(after.contains_key("CURL_CA_BUNDLE"), "{}", run.text());
        assert!(!network.connects("curl", &network.inspected, &only_file), "{}", run.text());
        assert!(network.connects("openssl", &network.inspected, &only_file), "{}", run.text());
    }
}
