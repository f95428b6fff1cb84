//! Libraries that make Python programs follow the system store, for real: pip-system-certs and truststore from the
//! registry, real servers on loopback, and a system store with the company's CA in a mount namespace of its own.

use std::path::{Path, PathBuf};

use serde_json::Value;
use trustgap::lab::{Authority, Mint, Service, Site};

use crate::support::{Command, Run, Sandbox, is_root, skip, tool};

/// Where Debian keeps its store, and what an administrator adds to it.
const STORE: &str = "/etc/ssl/certs";
const ADDED: &str = "/usr/local/share/ca-certificates";

/// Says whether the CA is trusted, by the program's own judgement of a connection.
const CONNECT: &str = "
import sys
library, url = sys.argv[1:]
module = __import__('urllib.request' if library == 'python' else library)
try:
    if library == 'python':
        module.request.urlopen(url, timeout=20)
    else:
        module.get(url, timeout=20)
    print('CONNECTED')
except Exception as problem:
    print('REFUSED' if 'CERTIFICATE_VERIFY_FAILED' in repr(problem) else repr(problem))
";

/// An office whose CA is in the system store, and what a public one has signed.
struct Office {
    sandbox: Sandbox,
    company: Authority,
    public: Authority,
    inspected: Service,
    clean: Service,
    /// The environment with the libraries in it.
    altered: PathBuf,
}

impl Office {
    /// Starts the servers; `None`, with the reason said, where this machine lacks something.
    fn start() -> Option<Self> {
        let Some(folder) = std::env::var_os("TRUSTGAP_SYSTEM_CERTS").map(PathBuf::from) else {
            skip(
                "TRUSTGAP_SYSTEM_CERTS names no virtual environment with pip-system-certs, requests and httpx",
            );
            return None;
        };
        if !is_root() || tool("unshare").is_none() || !Path::new(ADDED).is_dir() {
            skip(&format!(
                "it takes root, `unshare` and {ADDED} to put a CA into a system store for a while"
            ));
            return None;
        }
        let mint = Mint::now();
        let root = |name: &str| mint.root(name).expect("a root");
        let (company, public) = (root("Northwind Inspection CA"), root("Public Root"));
        let site = |authority: &Authority| {
            Site::tls(authority.leaf(&["localhost"]).expect("a leaf")).start().expect("a site on loopback")
        };
        Some(Self {
            sandbox: Sandbox::new(),
            inspected: site(&company),
            clean: site(&public),
            altered: folder,
            company,
            public,
        })
    }

    fn pem(&self, name: &str, of: &[&Authority]) -> PathBuf {
        let text: String = of.iter().map(|authority| authority.certificate().pem()).collect();
        self.sandbox.file(&format!("{name}.crt"), text)
    }

    /// Returns a program that will run where the system store holds the public root and the company's CA.
    fn inside(&self, program: &Path) -> Command {
        let store = self.pem("store/ca-certificates", &[&self.public, &self.company]);
        let added = self.pem("added/company", &[&self.company]);
        let script =
            format!("mount --bind \"$0\" {STORE} && mount --bind \"$1\" {ADDED} && shift && exec \"$@\"");
        self.sandbox
            .program(tool("unshare").expect("unshare"))
            .args(["--mount", "sh", "-c", &script])
            .args([store.parent(), added.parent(), Some(program)].into_iter().flatten())
            .env("PATH", format!("{}:/usr/bin:/bin", self.altered.join("bin").display()))
            .env("TRUSTGAP_HOME", self.sandbox.own())
            .env("PIP_CONFIG_FILE", "/dev/null")
    }

    /// Whether a library of this environment trusts the CA of a server.
    fn connects(&self, library: &str, to: &Service, set: &[(&str, &Path)]) -> bool {
        let url = format!("https://localhost:{}/", to.address().port());
        let python = self.inside(&self.altered.join("bin/python"));
        let python = set.iter().fold(python, |python, (name, value)| python.env(name, value));
        let run = python.args(["-c", CONNECT, library, &url]).output();
        match run.stdout.trim() {
            "CONNECTED" => true,
            "REFUSED" => false,
            _ => panic!("{library}: {}", run.text()),
        }
    }

    /// Runs trustgap where the web roots are the public one.
    fn trustgap(&self, arguments: &[&str], set: &[(&str, &Path)]) -> Run {
        let web = format!("--web-roots={}", self.pem("web", &[&self.public]).display());
        let program = self.inside(Path::new(env!("CARGO_BIN_EXE_trustgap")));
        let program = set.iter().fold(program, |program, (name, value)| program.env(name, value));
        program.args(arguments).args([web.as_str(), "--controls=none", "--proxy=none"]).output()
    }

    /// What trustgap says of one tool in this environment.
    fn judged(&self, id: &str, set: &[(&str, &Path)]) -> Value {
        let answer = self.trustgap(&["tools", id, "--json"], set).json();
        let rows = answer["tools"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let inside = self.altered.display().to_string();
        let row = rows.iter().find(|row| row["path"].as_str().is_some_and(|path| path.starts_with(&inside)));
        row.unwrap_or_else(|| panic!("{id} is not found in {inside}: {answer}")).clone()
    }
}

#[test]
fn a_tool_is_judged_as_it_behaves_where_pip_system_certs_is_installed() {
    let Some(company) = Office::start() else { return };
    let public = company.pem("public", &[&company.public]);
    let lone = company.pem("lone", &[&company.company]);
    let cases: [(&str, &[(&str, &Path)]); 4] = [
        ("nothing is set", &[]),
        ("requests has a file of its own", &[("REQUESTS_CA_BUNDLE", &public)]),
        ("requests has the lone CA", &[("REQUESTS_CA_BUNDLE", &lone)]),
        ("OpenSSL's file lacks the CA", &[("SSL_CERT_FILE", &public)]),
    ];
    for (story, set) in cases {
        for library in ["requests", "httpx", "python"] {
            let really = company.connects(library, &company.inspected, set);
            let row = company.judged(library, set);
            assert_eq!(row["trusts_network"], really, "{story}: {library} really {really}: {row}");
        }
    }
    // requests keeps certifi, and httpx, as it is without these libraries, lacks the CA of a store it does not read
    assert!(company.connects("requests", &company.clean, &[("REQUESTS_CA_BUNDLE", &lone)]));
}

#[test]
fn what_such_a_library_means_is_said_beside_the_table_and_the_settings() {
    let Some(company) = Office::start() else { return };
    let shown = company.trustgap(&["tools"], &[]);
    let of_it = |text: &str| text.contains("pip-system-certs") && text.contains("third parties");
    assert!(of_it(&shown.stdout), "{}", shown.text());
    let full = company.trustgap(&["tools", "pip-system-certs"], &[]);
    assert!(of_it(&full.stdout) && full.stdout.contains(".pth"), "{}", full.text());

    let target = format!("localhost:{}", company.inspected.address().port());
    let fingerprint = company.company.certificate().fingerprint().to_string();
    let arguments =
        ["env", &target, "--tool=requests", "--tool=pip-system-certs", "--fingerprint", &fingerprint];
    let settings = company.trustgap(&arguments, &[]);
    assert!(
        settings.stdout.lines().all(|line| line.starts_with('#')),
        "nothing is needed: {}",
        settings.text()
    );
    assert!(of_it(&settings.stderr), "{}", settings.text());
}
