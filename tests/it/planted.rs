//! Faults as people plant them: each is found, with its place.

use std::time::Duration;

use trustgap::diagnose::diagnose;
use trustgap::edge::Pretend;
use trustgap::edge::stores::StoreOverrides;
use trustgap::facts::report::{Finding, Report};
use trustgap::facts::run::Finished;
use trustgap::facts::store::{Origin, Root};
use trustgap::facts::{Certificate, Code, Os, RootStore};
use trustgap::judge::judge;
use trustgap::lab::mint::Mint;
use trustgap::observe::{Question, ToolScope, observe};

use crate::support::looking::question;

/// A company's computer: its CA is in the system store, every tool of the table below is installed.
struct Company {
    ca: Certificate,
    former: Certificate,
    web: Vec<Certificate>,
}

impl Company {
    fn new() -> Self {
        let root = |name: &str| Mint::now().root(name).expect("a root").certificate().clone();
        Self {
            ca: root("Example Corp Inspection"),
            former: root("Example Corp Inspection"),
            web: (1..=4).map(|n| root(&format!("Public Root {n}"))).collect(),
        }
    }

    fn everything(&self) -> String {
        self.web.iter().chain([&self.ca]).map(Certificate::pem).collect()
    }

    fn machine(&self) -> Pretend {
        let broken =
            self.everything().replacen(&self.web[1].pem(), &self.web[1].pem().replacen('M', "*", 1), 1);
        Pretend::new(Os::Linux)
            .distribution(["debian"])
            .working_folder("/src/app")
            .variable("PATH", "/usr/bin")
            .file("/etc/ssl/certs/ca-certificates.crt", self.everything())
            .file("/ca/lone.pem", self.ca.pem())
            .file("/ca/former.pem", self.former.pem())
            .file("/ca/full.pem", self.everything())
            .file("/ca/broken.pem", broken)
            .file("/ca/ca.der", self.ca.der())
            .program("/usr/bin/node", "v20.20.2\n")
            .link("/usr/bin/npm", "/usr/lib/node_modules/npm/bin/npm-cli.js")
            .file("/usr/lib/node_modules/npm/bin/npm-cli.js", "#!/usr/bin/env node\n")
            .file("/usr/lib/node_modules/npm/package.json", "{\"name\": \"npm\", \"version\": \"10.2.4\"}")
            .program(
                "/usr/bin/python3",
                "version=3.12.1\nkey=/usr\nreal=/usr/bin/python3\nsite=/py/site-packages\n\
                 cafile=/etc/ssl/certs/ca-certificates.crt\ncapath=/nothing\n",
            )
            .file("/py/site-packages/requests-2.34.2.dist-info/METADATA", "")
            .file("/py/site-packages/certifi/cacert.pem", self.everything())
            .file("/py/site-packages/pip-24.3.dist-info/METADATA", "")
            .program("/usr/bin/curl", "curl 8.9.1 (x86_64) libcurl/8.9.1 OpenSSL/3.0.19\n")
            .program("/usr/bin/java", "")
            .file("/usr/release", "JAVA_VERSION=\"17.0.15\"\n")
            .file("/usr/bin/aws", "#!/opt/aws/bin/python\n")
            .file("/opt/aws/bin/python", "")
            .file("/opt/aws/lib/python3.11/site-packages/awscli-1.46.2.dist-info/METADATA", "")
            .file("/opt/aws/lib/python3.11/site-packages/botocore/cacert.pem", self.everything())
            .program("/usr/bin/conda", "conda 24.1.0\n")
            .file("/usr/bin/git", "")
            .file("/src/app/package.json", "{}")
            .variable("AWS_PROFILE", "corp")
            .answering(|run| {
                let asked = |word: &str| run.arguments.iter().any(|a| a == word);
                (run.program.ends_with("git") && !asked("--list")).then(|| {
                    let answer =
                        if asked("--version") { "git version 2.47.3\n" } else { "/usr/lib/git-core\n" };
                    Finished::saying(0, answer, "")
                })
            })
    }

    fn report(&self, machine: &Pretend) -> Report {
        let store = |certificates: Vec<(&Certificate, Origin)>| RootStore {
            source: "/etc/ssl/certs/ca-certificates.crt".to_owned(),
            roots: certificates
                .into_iter()
                .map(|(certificate, origin)| Root { certificate: certificate.clone(), origin, place: None })
                .collect(),
            ..RootStore::default()
        };
        let shipped = || self.web.iter().map(|c| (c, Origin::Shipped)).collect::<Vec<_>>();
        let mut system = shipped();
        system.push((&self.ca, Origin::Administrator));
        let asked = Question {
            timeout: Duration::from_secs(2),
            stores: StoreOverrides { system: Some(store(system)), web: Some(store(shipped())) },
            tools: ToolScope::All,
            ..question(&[])
        };
        let mut observations = observe(machine, &asked);
        observations.time = Mint::now().moment();
        diagnose(&observations, &judge(&observations))
    }
}

/// What people do, what it makes of which tool, and where it stands: a file's text, `/file:line` being the place, or
/// `environment` and an assignment.
const PLANTED: [(&str, &str, Code, &str, &str); 14] = [
    ("a lone CA", "REQUESTS_CA_BUNDLE=/ca/lone.pem", Code::ToolBundleIncomplete, "requests", "environment"),
    ("a missing file", "SSL_CERT_FILE=/ca/gone.pem", Code::ToolCaFileUnusable, "python", "environment"),
    ("a DER file", "NODE_EXTRA_CA_CERTS=/ca/ca.der", Code::ToolCaFileUnusable, "node", "environment"),
    (
        "npm's cafile at the former CA, in the project",
        "fund=false\ncafile=/ca/former.pem\n",
        Code::ToolSettingStale,
        "npm",
        "/src/app/.npmrc:2",
    ),
    ("npm told not to", "strict-ssl=false\n", Code::ToolVerificationOff, "npm", "/home/you/.npmrc:1"),
    (
        "a start-up file",
        "# mine\nexport NODE_TLS_REJECT_UNAUTHORIZED=0\n",
        Code::ToolVerificationOff,
        "node",
        "/home/you/.bashrc:2",
    ),
    (
        "a file that git includes",
        "[http]\n\tsslVerify = false\n",
        Code::ToolVerificationOff,
        "git",
        "/home/you/work.inc:2",
    ),
    ("set, and empty", "GIT_SSL_NO_VERIFY=", Code::ToolVerificationOff, "git", "environment"),
    (
        "pip's trusted hosts",
        "[global]\ntrusted-host = registry.example\n",
        Code::ToolVerificationOff,
        "pip",
        "/home/you/.config/pip/pip.conf:2",
    ),
    ("curl's file", "# c\ninsecure\n", Code::ToolVerificationOff, "curl", "/home/you/.curlrc:2"),
    (
        "a trust store for Java that does not exist",
        "JAVA_TOOL_OPTIONS=-Xmx1g -Djavax.net.ssl.trustStore=/ca/gone.p12",
        Code::ToolCaFileUnusable,
        "java",
        "environment",
    ),
    (
        "a lone CA in the profile of AWS in use",
        "[default]\nregion = x\n[profile corp]\nca_bundle = /ca/lone.pem\n",
        Code::ToolBundleIncomplete,
        "aws",
        "/home/you/.aws/config:4",
    ),
    (
        "conda told not to",
        "channels:\n  - defaults\nssl_verify: false\n",
        Code::ToolVerificationOff,
        "conda",
        "/home/you/.condarc:3",
    ),
    (
        "a bundle with a broken block in the middle",
        "REQUESTS_CA_BUNDLE=/ca/broken.pem",
        Code::ToolCaFileUnusable,
        "requests",
        "environment",
    ),
];

#[test]
fn each_planted_fault_is_found_with_its_place() {
    let company = Company::new();
    let mut wrong = Vec::new();
    for (story, planted, code, tool, place) in PLANTED {
        let machine = match (place.split_once(':'), planted.split_once('=')) {
            (Some((path, _)), _) => company.machine().file(path, planted).answering(move |run| {
                let lists = path.ends_with("/work.inc") && run.arguments.iter().any(|a| a == "--list");
                lists.then(|| Finished::saying(0, "file:/home/you/work.inc\0http.sslverify\nfalse\0", ""))
            }),
            (None, Some((name, value))) => company.machine().variable(name, value),
            (None, None) => unreachable!("{story} has neither a file nor a variable"),
        };
        let report = company.report(&machine);
        let is_it = |f: &&Finding| f.code == code && f.subject.contains(tool);
        let found: Vec<_> = report.findings.iter().filter(is_it).collect();
        let place_of = |f: &Finding| Some(f.values.get("place")?.as_str()?.to_owned());
        if !found.iter().any(|f| place_of(f).as_deref() == Some(place)) {
            let all: Vec<_> = report
                .findings
                .iter()
                .map(|f| format!("\n    {} {} {:?}", f.code, f.subject, place_of(f)))
                .collect();
            wrong.push(format!("{story}: {code} of {tool} at {place} is not among{}", all.concat()));
        }
        for finding in found {
            let remedy = finding.remedy.as_ref().expect("a way back");
            assert!(!remedy.text.is_empty(), "{story}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_program_of_the_desktop_gets_nothing_of_a_shell() {
    let company = Company::new();
    let set = "NODE_EXTRA_CA_CERTS=/ca/lone.pem";
    let machine = || {
        company
            .machine()
            .file("/opt/Postman/Postman", "")
            .file("/opt/Postman/app/resources/app/package.json", "{\"version\": \"11.2.0\"}")
            .variable("NODE_EXTRA_CA_CERTS", "/ca/lone.pem")
            .file("/home/you/.bashrc", format!("export {set}\n"))
    };
    let started = |machine: &Pretend| {
        let report = company.report(machine);
        report.findings.into_iter().find(|f| f.values.get("started").is_some_and(|s| s == "desktop"))
    };
    let finding = started(&machine()).expect("Postman lacks the CA when the desktop starts it");
    assert_eq!(finding.code, Code::ToolLacksCa);
    assert!(
        finding.message.contains("postman") && finding.message.contains("from the desktop"),
        "{finding:#?}"
    );
    assert!(finding.evidence.iter().any(|line| line.contains("/home/you/.bashrc, line 1")), "{finding:#?}");
    let commands = finding.remedy.expect("a remedy").commands;
    assert!(commands.iter().any(|c| c.contains("--tool postman --shell environment-d >")), "{commands:?}");
    let right = machine().file("/home/you/.config/environment.d/ca.conf", format!("{set}\n"));
    assert_eq!(started(&right), None);
}

#[test]
fn a_service_has_its_own_settings() {
    let company = Company::new();
    let unit = "/usr/lib/systemd/system/docker.service";
    let drop_in = "/etc/systemd/system/docker.service.d/ca.conf";
    let machine = || company.machine().program("/usr/bin/docker", "Docker version 28.2.2, build x\n");
    let wrong = "[Service]\nEnvironment=SSL_CERT_FILE=/ca/former.pem SSL_CERT_DIR=/nothing\n";
    let started = |machine: &Pretend| {
        let report = company.report(machine);
        report.findings.into_iter().find(|f| f.values.get("started").is_some_and(|s| s == "service"))
    };
    let finding = started(&machine().file(unit, "").file(drop_in, wrong)).expect("the daemon lacks the CA");
    assert!(
        finding.message.contains("docker 28.2.2") && finding.message.contains("as a service"),
        "{finding:#?}"
    );
    assert!(finding.evidence.iter().any(|line| line.contains(&format!("{drop_in}, line 2"))), "{finding:#?}");
    let commands = finding.remedy.expect("a remedy").commands;
    assert!(commands.contains(&"sudo systemctl edit docker.service".to_owned()), "{commands:?}");
    assert_eq!(started(&machine().file(drop_in, wrong)), None, "no daemon is installed");
    assert_eq!(started(&machine().file(unit, "")), None, "it follows the system store");
}

#[test]
fn a_computer_in_order_has_no_finding_about_settings() {
    let company = Company::new();
    let machine = company.machine().variable("NODE_EXTRA_CA_CERTS", "/ca/lone.pem");
    let report = company.report(&machine);
    let about_settings: Vec<_> =
        report.findings.iter().filter(|f| f.code != Code::ToolLacksCa).map(|f| &f.message).collect();
    assert!(about_settings.is_empty(), "{about_settings:?}");
}

#[test]
fn every_installation_has_its_row() {
    let company = Company::new();
    let report = company.report(&company.machine());
    let rows = report.tools.expect("tools");
    for (id, version) in
        [("node", "20.20.2"), ("npm", "10.2.4"), ("java", "17.0.15"), ("aws", "1.46.2"), ("pip", "24.3")]
    {
        let row = rows.iter().find(|r| r.id.0 == id).unwrap_or_else(|| panic!("{id} has no row"));
        assert_eq!(row.version.as_deref(), Some(version), "{id}");
    }
    let npm = rows.iter().find(|r| r.id.0 == "npm").expect("npm");
    assert_eq!(npm.runtime.as_deref(), Some("node 20.20.2 (/usr/bin/node)"));
    assert_eq!(npm.trusts_network, Some(false));
}
