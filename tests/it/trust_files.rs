//! The files that are handed out, read by the programs they are for.

use std::path::PathBuf;
use std::time::Duration;

use trustgap::act;
use trustgap::edge::{Live, LiveHands};
use trustgap::facts::report::Verdict;
use trustgap::facts::{Certificate, Code};
use trustgap::lab::Network;
use trustgap::lab::network::Endpoint;
use trustgap::remedy::bundle::{self, Ingredients};
use trustgap::remedy::documents::{Destination, documents};
use trustgap::remedy::formats::Format;

use crate::support::{Run, Sandbox, skip, tool};

/// A network, the files made for its gateway, and how many certificates a full one holds.
struct Files {
    network: Network,
    sandbox: Sandbox,
    folder: PathBuf,
    gateway: Certificate,
    count: usize,
}

impl Files {
    fn new() -> Self {
        let network = Network::start().expect("loopback can be listened on");
        let sandbox = Sandbox::new();
        let folder = sandbox.path().join("files with blanks");
        let stores = network.stores();
        let gateway = stores
            .system
            .local_additions()
            .map(|root| root.certificate.clone())
            .find(|c| {
                c.details().expect("the lab's are readable").subject.common_name()
                    == trustgap::lab::network::GATEWAY_NAME
            })
            .expect("the lab's system store holds its gateway");
        let ingredients = Ingredients {
            authorities: std::slice::from_ref(&gateway),
            stores: &stores,
            previous: &[],
            time: time::OffsetDateTime::now_utc(),
        };
        let made = documents(&ingredients, &Format::ALL, &Destination::Folder(folder.clone()))
            .expect("into a folder");
        act::export(&LiveHands::new(Live::new(None)), &made).expect("a temporary folder can be written");
        let count = bundle::compose(&ingredients).certificates.len();
        Self { network, sandbox, folder, gateway, count }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn inspected(&self) -> &Endpoint {
        let is_inspected =
            |e: &&Endpoint| e.verdict == Verdict::Found(Code::TlsInspected) && e.proxy.is_none();
        self.network.endpoints.iter().find(is_inspected).expect("the lab inspects something")
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Run {
        self.sandbox
            .program(tool(program).expect("asked for before"))
            .args(arguments)
            .deadline(Duration::from_secs(120))
            .output()
    }
}

#[test]
fn keytool_lists_every_certificate_with_the_password_and_without() {
    if tool("keytool").is_none() {
        return skip("`keytool` is not installed");
    }
    let files = Files::new();
    for store in ["truststore.jks", "truststore.p12"] {
        for password in [&["-storepass", "changeit"][..], &[]] {
            let path = files.path(store);
            let listed =
                files.run("keytool", &[&["-list", "-keystore", &path][..], password].concat()).exits(0);
            let entries = listed.stdout.matches("trustedCertEntry").count();
            assert_eq!(entries, files.count, "{store} {password:?}: {}", listed.text());
        }
    }
}

#[test]
fn keytool_imports_the_companys_ca_from_pem_and_der() {
    if tool("keytool").is_none() {
        return skip("`keytool` is not installed");
    }
    let files = Files::new();
    for ending in ["pem", "cer"] {
        let name = trustgap::remedy::formats::plain_name(&files.gateway);
        let file = files.path(&format!("ca/{name}.{ending}"));
        let store = files.sandbox.path().join(format!("{ending}.p12")).display().to_string();
        files
            .run(
                "keytool",
                &["-importcert", "-noprompt", "-storepass", "changeit", "-keystore", &store, "-file", &file],
            )
            .exits(0);
    }
}

#[test]
fn java_trusts_an_inspected_host_through_each_store() {
    let Some(javac) = tool("javac") else { return skip("`javac` is not installed") };
    let files = Files::new();
    let endpoint = files.inspected();
    let source = files.sandbox.file("java/Ask.java", ASK);
    files.sandbox.program(javac).arg(&source).deadline(Duration::from_secs(120)).output().exits(0);
    let hosts = files.sandbox.file("hosts", format!("127.0.0.1 {}\n", endpoint.target.host));
    let url = format!("https://{}:{}/", endpoint.target.host, endpoint.address.port());
    let ask = |java: &PathBuf, options: &[String]| {
        let fixed = [format!("-Djdk.net.hosts.file={}", hosts.display()), "-cp".to_owned()];
        let class = [files.sandbox.path().join("java").display().to_string(), "Ask".to_owned(), url.clone()];
        let arguments = [&fixed[..1], options, &fixed[1..], &class].concat();
        files.sandbox.program(java).args(&arguments).output()
    };
    for java in javas() {
        let without = ask(&java, &[]);
        assert!(
            without.stderr.contains("PKIX path building failed"),
            "{}: {}",
            java.display(),
            without.text()
        );
        for store in ["truststore.jks", "truststore.p12"] {
            let path = format!("-Djavax.net.ssl.trustStore={}", files.path(store));
            let password = "-Djavax.net.ssl.trustStorePassword=changeit".to_owned();
            for options in [vec![path.clone()], vec![path, password]] {
                let asked = ask(&java, &options);
                assert!(
                    asked.stdout.contains("CONNECTED"),
                    "{} {options:?}: {}",
                    java.display(),
                    asked.text()
                );
            }
        }
    }
}

/// Returns every Java of this machine, each once: what one version reads another may not.
fn javas() -> Vec<PathBuf> {
    let installed = glob::glob("/usr/lib/jvm/*/bin/java").expect("a pattern").filter_map(Result::ok);
    let mut javas: Vec<PathBuf> =
        tool("java").into_iter().chain(installed).map(|p| p.canonicalize().expect("it is there")).collect();
    javas.sort();
    javas.dedup();
    javas
}

#[test]
fn openssl_reads_every_block_and_verifies_an_inspected_host() {
    if tool("openssl").is_none() {
        return skip("`openssl` is not installed");
    }
    let files = Files::new();
    let bundle = files.path("bundle.pem");
    let listed = files.run("openssl", &["storeutl", "-noout", "-certs", &bundle]).exits(0);
    assert!(listed.stdout.contains(&format!("Total found: {}", files.count)), "{}", listed.text());

    let endpoint = files.inspected();
    let (address, host) = (endpoint.address.to_string(), endpoint.target.host.to_string());
    let name = trustgap::remedy::formats::plain_name(&files.gateway);
    for file in [bundle, files.path(&format!("ca/{name}.pem"))] {
        let arguments =
            ["s_client", "-connect", &address, "-servername", &host, "-verify_return_error", "-brief"];
        files.run("openssl", &[&arguments[..], &["-CAfile", &file]].concat()).exits(0);
    }
}

const ASK: &str = r#"
public class Ask {
    public static void main(String[] arguments) throws Exception {
        var connection = (javax.net.ssl.HttpsURLConnection) new java.net.URI(arguments[0]).toURL().openConnection();
        connection.connect();
        System.out.println("CONNECTED " + connection.getCipherSuite());
    }
}
"#;
