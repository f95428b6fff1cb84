//! How the tools really read a damaged file of certificates, against what `judge::reader` says about them.
//!
//! Three CAs stand in a file, one of them signs a site on loopback, and it takes each place in turn: so each run tells
//! whether that one block was read. Every kind of damage is tried with every tool of this machine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use trustgap::catalogue::schema::Reader;
use trustgap::facts::Certificate;
use trustgap::facts::tool::{Content, FileState};
use trustgap::judge::reader::{Ending, Shelf};
use trustgap::lab::{Mint, Service, Site};

use crate::support::{Command, Run, Sandbox, skip_even_in_ci, tool};

/// A tool, how it is given a file, and how its answer is read.
struct Trial {
    name: &'static str,
    program: &'static str,
    reader: Reader,
    /// Adds what makes it trust the file and connect to the site.
    ask: fn(Command, &str, &Scene) -> Command,
    /// Whether it finished a TLS handshake.
    connects: fn(&Run) -> bool,
    /// Which places the signer takes in each file: one is enough for a tool that takes a second to start.
    places: std::ops::Range<usize>,
    /// Whether it refused to work with the file, where it says so in a way of its own.
    refuses: Option<fn(&Run) -> bool>,
    /// Gives it the signer in another way as well, which counts where the file is as if it were not set.
    beside: Option<fn(Command, &Scene) -> Command>,
}

struct Scene {
    sandbox: Sandbox,
    site: Service,
    signer: Certificate,
    others: [Certificate; 2],
    /// A folder without anything in it, to take the place of the system store.
    empty: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let mint = Mint::now();
        let root = |name: &str| mint.root(name).expect("a root can be minted");
        let signer = root("Signer");
        let site = Site::tls(signer.leaf(&["localhost"]).expect("a leaf can be minted")).start();
        let sandbox = Sandbox::new();
        let empty = sandbox.path().join("empty");
        std::fs::create_dir(&empty).expect("a folder in a temporary one");
        Self {
            site: site.expect("loopback can be listened on"),
            signer: signer.certificate().clone(),
            others: ["Other 1", "Other 2"].map(|name| root(name).certificate().clone()),
            sandbox,
            empty,
        }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}/", self.site.address().port())
    }

    /// Returns the damaged files, the signer standing at this place in each.
    fn files(&self, place: usize) -> Vec<(&'static str, Vec<u8>)> {
        let mut roots: Vec<&Certificate> = self.others.iter().collect();
        roots.insert(place, &self.signer);
        let [a, b, c] = [0, 1, 2].map(|index| roots[index].pem());
        let broken = a.replacen("\nM", "\n*", 1);
        let not_x509 = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(format!("{a}{b}{c}").encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let trusted = [&a, &b, &c].map(|pem| pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE")).concat();
        vec![
            ("sound", format!("{a}{b}{c}").into()),
            ("CRLF", format!("{a}{b}{c}").replace('\n', "\r\n").into()),
            ("comments", format!("# one\n{a}\n# two\n{b}\n\n{c}").into()),
            ("a byte order mark", format!("\u{feff}{a}{b}{c}").into()),
            ("broken first", format!("{broken}{a}{b}{c}").into()),
            ("broken in the middle", format!("{a}{broken}{b}{c}").into()),
            ("broken last", format!("{a}{b}{c}{broken}").into()),
            ("a block that is no certificate", format!("{a}{not_x509}{b}{c}").into()),
            ("the first two joined", format!("{}{b}{c}", a.trim_end()).into()),
            ("the last two joined", format!("{a}{}{c}", b.trim_end()).into()),
            ("the last cut off", format!("{a}{b}{}", &c[..c.len() / 2]).into()),
            ("no line's end at the end", format!("{a}{b}{}", c.trim_end()).into()),
            ("DER", self.signer.der().to_vec()),
            ("empty", Vec::new()),
            ("prose", b"hello\n".to_vec()),
            ("UTF-16", utf16),
            ("TRUSTED CERTIFICATE", trusted.into()),
        ]
    }

    /// Returns a folder in which OpenSSL finds the signer.
    fn folder(&self) -> (PathBuf, FileState) {
        let content = Content::new(self.signer.pem());
        let plain = self.sandbox.file("folder/signer.pem", content.bytes());
        let folder = plain.parent().expect("it is in a folder").to_owned();
        let hash = tool("openssl").map(|openssl| {
            let command = self.sandbox.program(openssl).args(["x509", "-noout", "-hash", "-in"]).arg(&plain);
            format!("{}.0", command.output().stdout.trim())
        });
        let hash = hash.unwrap_or_else(|| "signer.pem".to_owned());
        self.sandbox.file(&format!("folder/{hash}"), content.bytes());
        (folder, FileState::Folder { files: vec![(hash, content)] })
    }

    fn run(&self, trial: &Trial, program: &Path, file: &Path) -> Run {
        let command = self.sandbox.program(program).deadline(Duration::from_secs(90));
        let command = match trial.beside {
            Some(beside) => beside(command, self),
            None => command,
        };
        (trial.ask)(command, &file.display().to_string(), self).output()
    }

    /// Tries every file with a tool, and returns what came out otherwise than it is judged.
    fn disagreements(&self, trial: &Trial, program: &Path) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut compare = |story: String, state: &FileState, file: &Path| {
            let judged = Shelf::default().read(state, trial.reader, None);
            let holds = judged.ending == Ending::Used && judged.certificates.contains(&self.signer)
                || judged.ending == Ending::Ignored && trial.beside.is_some();
            let run = self.run(trial, program, file);
            let connects = (trial.connects)(&run);
            if connects != holds {
                wrong.push(format!("{story}: judged {judged:?}, really {connects}: {}", run.text()));
            } else if let Some(refuses) = trial.refuses
                && refuses(&run) != (judged.ending == Ending::Fails)
            {
                wrong.push(format!("{story}: judged {:?}, really: {}", judged.ending, run.text()));
            }
        };
        for place in trial.places.clone() {
            for (damage, bytes) in self.files(place) {
                let file = self.sandbox.file(&format!("{}/ca.pem", trial.name.replace(' ', "-")), &bytes);
                let state = FileState::File { content: Content::new(bytes) };
                compare(format!("{damage}, the signer in place {place}"), &state, &file);
            }
        }
        compare("missing".to_owned(), &FileState::Missing, &self.sandbox.path().join("none.pem"));
        let (folder, state) = self.folder();
        compare("a folder".to_owned(), &state, &folder);
        wrong
    }
}

fn agrees(trial: &Trial) {
    let Some(program) = tool(trial.program) else {
        return skip_even_in_ci(&format!("`{}` is not installed", trial.program));
    };
    let scene = Scene::new();
    let wrong = scene.disagreements(trial, &program);
    assert!(wrong.is_empty(), "{}: {} disagree\n{}", trial.name, wrong.len(), wrong.join("\n"));
}

fn s_client(openssl: Command, scene: &Scene) -> Command {
    let address = scene.site.address().to_string();
    let connect = ["s_client", "-connect", &address, "-servername", "localhost"];
    openssl.args(connect).args(["-verify_return_error", "-brief"])
}

#[test]
fn openssl_by_its_variables() {
    agrees(&Trial {
        name: "openssl variables",
        program: "openssl",
        reader: Reader::OpensslDefault,
        ask: |c, file, scene| s_client(c, scene).env("SSL_CERT_FILE", file).env("SSL_CERT_DIR", &scene.empty),
        connects: |run| run.code == Some(0),
        places: 0..3,
        refuses: None,
        beside: None,
    });
}

#[test]
fn openssl_by_option() {
    agrees(&Trial {
        name: "openssl option",
        program: "openssl",
        reader: Reader::OpensslStrict,
        ask: |c, file, scene| s_client(c, scene).args(["-CAfile", file]),
        connects: |run| run.code == Some(0),
        places: 0..3,
        refuses: Some(|run| !run.stderr.contains("verify error") && run.code != Some(0)),
        beside: None,
    });
}

#[test]
fn curl() {
    agrees(&Trial {
        name: "curl",
        program: "curl",
        reader: Reader::Libcurl,
        ask: |c, file, scene| {
            let empty = scene.empty.display().to_string();
            c.args(["-sS", "--cacert", file, "--capath", &empty, &scene.url()])
        },
        connects: |run| run.code == Some(0),
        places: 0..3,
        refuses: Some(|run| run.code == Some(77)),
        beside: None,
    });
}

#[test]
fn python() {
    const CONNECT: &str = "import socket, ssl, sys\n\
        context = ssl.create_default_context(cafile=sys.argv[1])\n\
        print('LOADED')\n\
        context.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[2]))), server_hostname='localhost')\n\
        print('CONNECTED')\n";
    agrees(&Trial {
        name: "python",
        program: "python3",
        reader: Reader::OpensslStrict,
        ask: |c, file, scene| c.args(["-c", CONNECT, file, &scene.site.address().port().to_string()]),
        connects: |run| run.stdout.contains("CONNECTED"),
        places: 0..3,
        refuses: Some(|run| !run.stdout.contains("LOADED")),
        beside: None,
    });
}

#[test]
fn node() {
    const CONNECT: &str = "require('tls').connect({ host: '127.0.0.1', port: +process.argv[1], servername: 'localhost' })\
        .on('secureConnect', () => { console.log('CONNECTED'); process.exit() })\
        .on('error', e => { console.error(e.code); process.exit(1) })";
    agrees(&Trial {
        name: "node",
        program: "node",
        reader: Reader::NodeExtra,
        ask: |c, file, scene| {
            c.args(["-e", CONNECT, &scene.site.address().port().to_string()]).env("NODE_EXTRA_CA_CERTS", file)
        },
        connects: |run| run.stdout.contains("CONNECTED"),
        places: 0..3,
        refuses: None,
        beside: None,
    });
}

#[test]
fn npm() {
    agrees(&Trial {
        name: "npm",
        program: "npm",
        reader: Reader::NpmCafile,
        ask: |c, file, scene| {
            // the installation may have a cafile of its own for everybody
            let nowhere = scene.empty.join("npmrc");
            c.args(["ping", "--fetch-retries", "0", "--cafile", file, "--registry", &scene.url()])
                .env("npm_config_globalconfig", nowhere)
        },
        // given a folder it ends with this code and says nothing
        connects: |run| {
            run.code != Some(235)
                && !["CERT", "SIGNATURE", "ISSUER"].iter().any(|word| run.stderr.contains(word))
        },
        places: 1..2,
        refuses: None,
        beside: Some(node_extra),
    });
}

#[test]
fn git() {
    // its libcurl decides; Debian's and most distributions' is built with GnuTLS
    let gnutls = tool("git").is_some_and(|git| {
        let path = Sandbox::new().program(git).arg("--exec-path").output().stdout;
        std::fs::read(Path::new(path.trim()).join("git-remote-http"))
            .is_ok_and(|bytes| bytes.windows(14).any(|w| w == b"libcurl-gnutls"))
    });
    agrees(&Trial {
        name: "git",
        program: "git",
        reader: if gnutls { Reader::LibcurlGnutls } else { Reader::Libcurl },
        ask: |c, file, scene| {
            c.args(["ls-remote", &format!("{}x.git", scene.url())])
                .env("GIT_SSL_CAINFO", file)
                .env("GIT_SSL_CAPATH", &scene.empty)
                .env("GIT_TERMINAL_PROMPT", "0")
        },
        connects: |run| {
            !run.stderr.contains("certificate verification failed")
                && !run.stderr.contains("SSL CA cert")
                && !run.stderr.contains("SSL certificate problem")
        },
        places: 0..3,
        refuses: Some(|run| {
            run.stderr.contains("SSL CA cert") || run.stderr.contains("error setting certificate")
        }),
        beside: None,
    });
}

#[test]
fn wget() {
    agrees(&Trial {
        name: "wget",
        program: "wget",
        reader: Reader::Gnutls,
        ask: |c, file, scene| {
            let empty = format!("--ca-directory={}", scene.empty.display());
            c.args(["-q", "-O-", "--tries=1", &empty, &format!("--ca-certificate={file}"), &scene.url()])
        },
        connects: |run| run.code == Some(0) || run.code == Some(8),
        places: 0..3,
        refuses: None,
        beside: None,
    });
}

#[test]
fn go_programs() {
    agrees(&Trial {
        name: "kubectl",
        program: "kubectl",
        reader: Reader::Go,
        ask: |c, file, scene| {
            c.args([
                "--kubeconfig=/dev/null",
                "--token=x",
                &format!("--server={}", scene.url()),
                "get",
                "--raw",
                "/",
            ])
            .env("SSL_CERT_FILE", file)
            .env("SSL_CERT_DIR", &scene.empty)
        },
        connects: |run| !run.stderr.contains("x509:"),
        places: 0..3,
        refuses: None,
        beside: None,
    });
}

#[test]
fn php_streams() {
    const CONNECT: &str =
        "echo @file_get_contents($argv[1]) === false ? 'FAILED '.error_get_last()['message'] : 'CONNECTED';";
    agrees(&Trial {
        name: "php",
        program: "php",
        reader: Reader::Php,
        ask: |c, file, scene| c.args(["-d", &format!("openssl.cafile={file}"), "-r", CONNECT, &scene.url()]),
        connects: |run| run.stdout.contains("CONNECTED"),
        places: 0..3,
        refuses: None,
        beside: None,
    });
}

/// Gives Node, and what runs on it, the signer beside its own roots.
fn node_extra(command: Command, scene: &Scene) -> Command {
    command.env("NODE_EXTRA_CA_CERTS", scene.sandbox.file("beside.pem", scene.signer.pem()))
}

#[test]
fn requests() {
    const CONNECT: &str = "import requests, sys\n\
        try:\n    requests.get(sys.argv[1], timeout=20)\n\
        except requests.exceptions.SSLError as e: print('REFUSED', e)\n\
        except OSError as e: print('UNUSABLE', e)\n\
        else: print('CONNECTED')\n";
    let Some(python) = tool("python3") else { return skip_even_in_ci("`python3` is not installed") };
    if Sandbox::new().program(python).args(["-c", "import requests"]).output().code != Some(0) {
        return skip_even_in_ci("requests is not installed");
    }
    agrees(&Trial {
        name: "requests",
        program: "python3",
        reader: Reader::Requests,
        ask: |c, file, scene| {
            c.args(["-W", "ignore", "-c", CONNECT, &scene.url()]).env("REQUESTS_CA_BUNDLE", file)
        },
        connects: |run| run.stdout.contains("CONNECTED"),
        places: 1..2,
        refuses: None,
        beside: None,
    });
}

#[test]
fn uv() {
    agrees(&Trial {
        name: "uv",
        program: "uv",
        reader: Reader::RustlsNative,
        ask: |c, file, scene| {
            c.args(["pip", "compile", "-", "--no-cache", "--index-url", &scene.url()])
                .input("none\n")
                .env("SSL_CERT_FILE", file)
                .env("UV_HTTP_RETRIES", "0")
        },
        connects: |run| !run.stderr.contains("peer certificate"),
        places: 0..3,
        refuses: None,
        beside: None,
    });
}

#[test]
fn deno() {
    const CONNECT: &str =
        "await fetch(Deno.args[0]).catch(e => { console.error(e.message, e.cause); Deno.exit(1) })";
    agrees(&Trial {
        name: "deno",
        program: "deno",
        reader: Reader::DenoExtra,
        ask: |c, file, scene| {
            let script = scene.sandbox.file("connect.js", CONNECT);
            c.args(["run", "-A", "--quiet"]).arg(script).arg(scene.url()).env("NODE_EXTRA_CA_CERTS", file)
        },
        connects: |run| !run.stderr.contains("peer certificate"),
        places: 1..2,
        refuses: None,
        beside: None,
    });
}
