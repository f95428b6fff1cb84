//! What the catalogue says of each family of clients, measured: a listener as every proxy the environment can name, one
//! as the target, and the real programs in between.
//!
//! In a namespace of its own, where `x.test` is an address that is not loopback: some clients never take a proxy to a
//! loopback address.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use trustgap::catalogue::proxies::{Client, client};
use trustgap::facts::route::ProxyScheme;
use trustgap::facts::{Environment, Route, Target};
use trustgap::judge::route_as::route_as;
use trustgap::lab::Service;

use crate::support::{Command, Sandbox, is_root, skip, skip_even_in_ci, tool};

/// Where the target listens; see [`SETUP`].
const TARGET: Ipv4Addr = Ipv4Addr::new(10, 1, 2, 3);

/// Makes the namespace and starts the test anew in it.
const SETUP: &str = r#"
set -e
mount --make-rprivate /
ip link set lo up
ip addr add 10.1.2.3/32 dev lo
echo '127.0.0.1 localhost
10.1.2.3 x.test a.x.test notx.test' >"$1/hosts"
echo 'hosts: files' >"$1/nsswitch.conf"
: >"$1/resolv.conf"
for file in hosts nsswitch.conf resolv.conf; do mount --bind "$1/$file" "/etc/$file"; done
exec "$2" --exact clients::every_client_goes_the_way_that_the_catalogue_says --nocapture
"#;

const INSIDE: &str = "TRUSTGAP_TEST_INSIDE";

/// Variables, with `<NAME>` for the proxy of that name and `<port>` for the target's port. One proxy for each spelling.
const VARIABLES: &[&[(&str, &str)]] = &[
    &[("https_proxy", "<lower>")],
    &[("HTTPS_PROXY", "<upper>")],
    &[("https_proxy", "<lower>"), ("HTTPS_PROXY", "<upper>")],
    &[("https_proxy", ""), ("HTTPS_PROXY", "<upper>")],
    &[("https_proxy", ""), ("all_proxy", "<all>")],
    &[("http_proxy", "<http>")],
    &[("HTTP_PROXY", "<HTTP>")],
    &[("all_proxy", "<all>")],
    &[("ALL_PROXY", "<ALL>")],
    &[("HTTPS_PROXY", "<upper>"), ("all_proxy", "<all>")],
    &[("HTTPS_PROXY", "<upper>"), ("no_proxy", "x.test")],
    &[("HTTPS_PROXY", "<upper>"), ("NO_PROXY", "x.test")],
    &[("HTTPS_PROXY", "<upper>"), ("no_proxy", "o.test"), ("NO_PROXY", "x.test")],
    &[("HTTPS_PROXY", "<upper>"), ("no_proxy", ""), ("NO_PROXY", "x.test")],
    &[("https_proxy", "<lower>"), ("NO_PROXY", "x.test")],
];

/// Exemptions and who is asked for, with a proxy in both spellings.
const EXEMPTIONS: &[(&str, &str)] = &[
    (".x.test", "x.test"),
    (".x.test", "a.x.test"),
    ("x.test", "a.x.test"),
    ("x.test", "notx.test"),
    ("*.x.test", "a.x.test"),
    ("*", "x.test"),
    ("b.test,*", "x.test"),
    ("b.test x.test", "x.test"),
    ("X.TEST", "x.test"),
    ("x.test:<port>", "x.test"),
    ("10.0.0.0/8", "10.1.2.3"),
    ("10.1.2.3", "10.1.2.3"),
    ("10.0.0.1-10.9.9.9", "10.1.2.3"),
];

/// Kinds of proxy, and how a client that can speak to one begins.
const KINDS: &[(ProxyScheme, &[u8])] = &[
    (ProxyScheme::Http, b"CONNECT "),
    (ProxyScheme::Https, &[22, 3]),
    (ProxyScheme::Socks4a, &[4, 1]),
    (ProxyScheme::Socks5, &[5]),
    (ProxyScheme::Socks5h, &[5]),
];

/// Options of the JVM and who is asked for.
const OPTIONS: &[(&str, &str)] = &[
    ("-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=<port of lower>", "x.test"),
    ("-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=<port of lower>", "x.test"),
    ("-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=<port of lower> -Dhttp.nonProxyHosts=a|*.test", "x.test"),
    ("-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=<port of lower> -Dhttps.nonProxyHosts=*.test", "x.test"),
    ("-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=<port of lower> -Dhttp.nonProxyHosts=10.*", "10.1.2.3"),
];

#[test]
fn every_client_goes_the_way_that_the_catalogue_says() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let (Some(unshare), Some(_)) = (tool("unshare"), tool("ip")) else {
        return skip("unshare or ip is missing");
    };
    if !is_root() {
        return skip("only root may make a namespace");
    }
    let sandbox = Sandbox::new();
    let myself = std::env::current_exe().expect("this test");
    let ran = sandbox
        .program(unshare)
        .args(["--net", "--mount", "sh", "-c", SETUP, "sh"])
        .args([sandbox.path(), &myself])
        .env(INSIDE, "1")
        .env("CI", std::env::var_os("CI").unwrap_or_default())
        .folder(sandbox.path())
        .deadline(Duration::from_secs(540))
        .output();
    // what was skipped inside is said outside
    for (_, reason) in ran.stderr.lines().filter_map(|line| line.strip_prefix("skipped ")?.split_once(": ")) {
        skip_even_in_ci(reason);
    }
    assert!(ran.code == Some(0) && ran.stdout.contains("1 passed"), "{}", ran.text());
}

fn inside() {
    let sandbox = Sandbox::new();
    let found = programs(&sandbox);
    let runs: Vec<Run> = found.iter().flat_map(Program::runs).collect();
    let pairs: Vec<_> =
        found.iter().flat_map(|program| KINDS.iter().map(move |kind| (program, kind))).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let disagreement = match (runs.get(index), pairs.get(index.saturating_sub(runs.len()))) {
                        (Some(run), _) => run.disagreement(&sandbox),
                        (None, Some((program, (kind, beginning)))) => {
                            program.misspeaks(&sandbox, *kind, beginning)
                        }
                        (None, None) => break,
                    };
                    wrong.lock().expect("no panic").extend(disagreement);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), runs.len(), wrong.join("\n"));
    assert!(runs.len() > 100, "only {} runs", runs.len());
}

/// A client with the program that stands for it here.
#[derive(Clone)]
struct Program {
    client: &'static Client,
    path: PathBuf,
    /// What it is started with; `{url}` is where it goes.
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    version: Option<String>,
}

/// One start of a program.
struct Run {
    program: Program,
    variables: Vec<(String, String)>,
    host: &'static str,
}

fn programs(sandbox: &Sandbox) -> Vec<Program> {
    let mut found = Vec::new();
    let mut add = |id: &str, program: &str, arguments: &[&str]| {
        let client = client(id).unwrap_or_else(|| panic!("{id} is not in the catalogue"));
        let Some(path) = tool(program) else {
            return skip_even_in_ci(&format!("{program} is not installed"));
        };
        let arguments = arguments.iter().map(|&a| a.to_owned()).collect();
        found.push(Program { client, path, arguments, environment: Vec::new(), version: None });
    };
    for program in ["curl", "git", "python3", "npm", "node", "java"] {
        if tool(program).is_none() {
            skip(&format!("{program} is not installed"));
        }
    }
    add("curl", "curl", &["-s", "-m5", "{url}"]);
    add("git", "git", &["ls-remote", "{url}"]);
    add("wget", "wget", &["-q", "-T5", "-t1", "-O", "/dev/null", "{url}"]);
    add("wget2", "wget2", &["-q", "-T5", "--tries=1", "-O", "/dev/null", "{url}"]);
    add("npm", "npm", &["ping", "--registry", "{url}", "--fetch-retries=0"]);
    add("go", "go", &["list", "-m", "example.org/x@v1.0.0"]);
    let fetch = "fetch(process.argv[1]).catch(() => {})";
    add("node-fetch", "node", &["-e", fetch, "{url}"]);
    add(
        "node-https",
        "node",
        &["-e", "require('https').get(process.argv[1]).on('error', () => {})", "{url}"],
    );
    let urllib = "import sys, urllib.request as r\nr.urlopen(sys.argv[1], timeout=5)";
    add("urllib", "python3", &["-c", urllib, "{url}"]);
    for (id, module, code) in [
        ("requests", "requests", "import sys, requests\nrequests.get(sys.argv[1], timeout=5)"),
        ("httpx", "httpx", "import sys, httpx\nhttpx.get(sys.argv[1], timeout=5)"),
    ] {
        if has_module(sandbox, module) {
            add(id, "python3", &["-c", code, "{url}"]);
        } else {
            skip_even_in_ci(&format!("python3 has no {module}"));
        }
    }
    let download = ["download", "--no-deps", "--retries=0", "--timeout=5", "--index-url", "{url}", "x"];
    add("pip", "pip", &download);
    if let Some(folder) = compiled(sandbox) {
        add("java", "java", &["-cp", &folder.display().to_string(), "Probe", "{url}"]);
    }
    for program in &mut found {
        if program.client.id.starts_with("node-") {
            let said = sandbox.program(&program.path).arg("--version").output().stdout;
            program.version = Some(said.trim().to_owned());
            program.environment.push(("NODE_USE_ENV_PROXY".to_owned(), "1".to_owned()));
        }
    }
    found
}

fn has_module(sandbox: &Sandbox, module: &str) -> bool {
    let Some(python) = tool("python3") else { return false };
    sandbox.program(python).args(["-c", &format!("import {module}")]).output().code == Some(0)
}

/// Returns the folder of a program that asks for a URL as Java programs do.
fn compiled(sandbox: &Sandbox) -> Option<PathBuf> {
    let source = sandbox.file(
        "java/Probe.java",
        "public class Probe { public static void main(String[] a) throws Exception {\n\
         var c = (java.net.HttpURLConnection) new java.net.URL(a[0]).openConnection();\n\
         c.setConnectTimeout(5000); c.setReadTimeout(5000); c.getResponseCode(); } }\n",
    );
    let folder = source.parent().map(Path::to_owned)?;
    let Some(javac) = tool("javac") else {
        skip("javac is not installed");
        return None;
    };
    sandbox.program(javac).arg("-d").args([&folder, &source]).output().exits(0);
    Some(folder)
}

impl Program {
    fn runs(&self) -> Vec<Run> {
        let own = |pairs: &[(&str, &str)]| pairs.iter().map(|&(n, v)| (n.to_owned(), v.to_owned())).collect();
        let run = |variables, host| Run { program: self.clone(), variables, host };
        if self.client.id == "java" {
            let options =
                OPTIONS.iter().map(|&(options, host)| run(own(&[("JAVA_TOOL_OPTIONS", options)]), host));
            return options.chain([run(own(VARIABLES[0]), "x.test")]).collect();
        }
        // where npm finds both spellings it takes the one that stands later, which a set of variables does not tell
        let both = |variables: &[(&str, &str)]| {
            variables.iter().any(|(n, _)| variables.iter().any(|(m, _)| m != n && m.eq_ignore_ascii_case(n)))
        };
        let variables = VARIABLES.iter().filter(|v| self.client.id != "npm" || !both(v));
        // newer ones of both carry another reading of names that only end alike
        let exemptions =
            EXEMPTIONS.iter().filter(|(_, host)| self.client.id != "pip" || *host != "notx.test");
        let with_proxy = |list| {
            ["https_proxy", "HTTPS_PROXY"]
                .map(|name| (name, "<lower>"))
                .into_iter()
                .chain(["no_proxy", "NO_PROXY"].map(|name| (name, list)))
                .collect::<Vec<_>>()
        };
        // one that takes its time proves every third
        let step = if matches!(self.client.id.as_str(), "npm" | "pip" | "go") { 3 } else { 1 };
        let (variables, exemptions) = (variables.step_by(step), exemptions.step_by(step));
        variables
            .map(|v| run(own(v), "x.test"))
            .chain(exemptions.map(|&(list, host)| run(own(&with_proxy(list)), host)))
            .collect()
    }
}

impl Program {
    /// Returns what is wrong with what the catalogue says of how it speaks to a proxy of a kind, if anything is.
    fn misspeaks(&self, sandbox: &Sandbox, kind: ProxyScheme, beginning: &[u8]) -> Option<String> {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&heard);
        let proxy = Service::start(move |mut stream: std::net::TcpStream| {
            let mut bytes = [0; 16];
            let count = stream.read(&mut bytes).unwrap_or_default();
            noted.lock().expect("no panic").push(bytes[..count].to_vec());
        });
        let proxy = proxy.expect("a listener");
        let url = format!("{}://{}", kind.name(), proxy.address());
        let mut variables = self.environment.clone();
        for name in ["https_proxy", "HTTPS_PROXY"] {
            variables.push((name.to_owned(), url.clone()));
        }
        let environment: Environment = variables.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let target: Target = "x.test".parse().expect("a target");
        let route = route_as(self.client, self.version.as_deref(), &environment, &target);
        let Route::Proxy { .. } = route else { return None };
        let run = Run { program: self.clone(), variables: Vec::new(), host: "x.test" };
        let variables: Vec<(&str, String)> =
            variables.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        run.start(sandbox, "https://x.test/", &variables);
        let heard = heard.lock().expect("no panic").clone();
        let speaks = heard.iter().any(|bytes| bytes.starts_with(beginning));
        let says = self.client.speaks.contains(&kind);
        // on a condition that is met here or not; and npm's socks5 is as good as the resolver of this computer
        let open = self.client.speaks_with.as_ref().is_some_and(|with| with.kinds.contains(&kind))
            || (self.client.id == "npm" && kind == ProxyScheme::Socks5)
            // wget2's greeting is for the host, whatever the proxy's kind is
            || (self.client.id == "wget2" && kind == ProxyScheme::Https);
        let id = &self.client.id;
        (speaks != says && !open)
            .then(|| format!("{id} and {url}: the catalogue says {says}, it began with {heard:?}"))
    }
}

impl Run {
    /// Returns what is wrong, if anything is.
    fn disagreement(&self, sandbox: &Sandbox) -> Option<String> {
        let met = Arc::new(Mutex::new(Vec::new()));
        let listen = |address: Ipv4Addr, name: &'static str| {
            let met = Arc::clone(&met);
            let answer = move |mut stream: std::net::TcpStream| {
                met.lock().expect("no panic").push(name);
                let _ = stream.read(&mut [0; 4096]);
                if name != "target" {
                    let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
                }
            };
            Service::start_at(SocketAddr::from((address, 0)), answer).expect("a listener")
        };
        let proxies =
            ["lower", "upper", "http", "HTTP", "all", "ALL"].map(|n| (n, listen(Ipv4Addr::LOCALHOST, n)));
        let target = listen(TARGET, "target");
        let port = target.address().port();
        let fill = |value: &str| {
            let mut value = value.replace("<port>", &port.to_string());
            for (name, proxy) in &proxies {
                value = value.replace(&format!("<{name}>"), &format!("http://{}", proxy.address()));
                value = value.replace(&format!("<port of {name}>"), &proxy.address().port().to_string());
            }
            value
        };
        let variables: Vec<(&str, String)> = self
            .program
            .environment
            .iter()
            .chain(&self.variables)
            .map(|(name, value)| (name.as_str(), fill(value)))
            .collect();

        let asked: Target = format!("{}:{port}", self.host).parse().expect("a target");
        let environment: Environment = variables.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let version = self.program.version.as_deref();
        let predicted = match route_as(self.program.client, version, &environment, &asked) {
            Route::Proxy { proxy, .. } => {
                let named = proxies.iter().find(|(_, p)| p.address().port() == proxy.port);
                named.map_or("another proxy", |(name, _)| name)
            }
            Route::Direct { .. } => "target",
            Route::Unreadable { .. } => "nobody",
        };
        self.start(sandbox, &format!("https://{asked}/"), &variables);
        let met = met.lock().expect("no panic").clone();
        let went = met.first().copied().unwrap_or("nobody");
        (went != predicted).then(|| {
            let id = &self.program.client.id;
            format!("{id} to {} with {:?}: predicted {predicted}, went to {went}", self.host, self.variables)
        })
    }

    fn start(&self, sandbox: &Sandbox, url: &str, variables: &[(&str, String)]) {
        let folder = tempfile::tempdir_in(sandbox.path()).expect("a folder");
        std::fs::write(folder.path().join("go.mod"), "module m\n").expect("a file");
        let inside = |name: &str| folder.path().join(name);
        let mut command: Command = sandbox
            .program(&self.program.path)
            .args(self.program.arguments.iter().map(|a| a.replace("{url}", url)))
            .folder(folder.path())
            .env("HOME", folder.path())
            .env("GOPROXY", url)
            .env("GOFLAGS", "-mod=mod")
            .env("GONOSUMDB", "*")
            .env("GOTOOLCHAIN", "local")
            .env("GOPATH", inside("go"))
            .env("GOCACHE", inside("cache"));
        for (name, value) in variables {
            command = command.env(name, value);
        }
        command.output();
    }
}
