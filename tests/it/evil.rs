//! Servers, web servers and proxies that mean harm: whatever they send, the real program gives its whole answer, in
//! little memory. That it ends at all is seen by its ending: a run that does not is ended after a minute, and fails.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use trustgap::facts::report::Verdict;
use trustgap::lab::mint::{Authority, BasicConstraints, Mint, Profile};
use trustgap::lab::{Identity, Network, Service, Site};

use super::support::web::request;
use super::support::{Run, Sandbox, decent, skip, tool};

const HOST: &str = "odd.fabrikam.example";
const URL: &str = "http://ca.example/issuing.cer";

/// The most memory that evil may cost, in KiB: with the 11 MiB that a look takes in a release build, 32 MiB is not
/// reached. The unoptimised program of a test run takes more from the start, which is measured beside it.
const MOST_GROWTH: u64 = 20 * 1024;

/// What a look at a port takes on which nobody listens, in KiB.
static QUIET: LazyLock<u64> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    let nobody = ["--controls=none", "--proxy=none", &format!("--connect-to={HOST}:443:127.0.0.1:1")];
    run(&sandbox, &["check"], &nobody.map(str::to_owned)).1.unwrap_or_default()
});

/// Runs `check` and returns its report and the verdict about the first target.
fn survives(story: &str, sandbox: &Sandbox, arguments: &[String]) -> (Value, String) {
    let report = measured(story, sandbox, &["check"], arguments);
    let verdict = report["targets"][0]["verdict"].as_str().unwrap().to_owned();
    (report, verdict)
}

/// Runs a command and returns its report.
fn measured(story: &str, sandbox: &Sandbox, command: &[&str], arguments: &[String]) -> Value {
    let (run, peak) = run(sandbox, command, arguments);
    assert!(matches!(run.code, Some(0 | 1 | 3)), "{story}: {}", run.text());
    if let Some(peak) = peak {
        let most = *QUIET + MOST_GROWTH;
        assert!(peak <= most, "{story}: {peak} KiB, and at most {most} were expected");
    }
    decent(run).json()
}

/// Runs a command; returns with it the most memory it took, in KiB, where there is GNU time to measure it.
///
/// Not by the resources of this process's children: theirs count from the memory of whoever started them.
fn run(sandbox: &Sandbox, command: &[&str], arguments: &[String]) -> (Run, Option<u64>) {
    let peak = sandbox.path().join("peak");
    let program = env!("CARGO_BIN_EXE_trustgap");
    let time = tool("time").filter(|_| cfg!(target_os = "linux"));
    let started = match &time {
        Some(time) => sandbox.program(time).args(["-f", "%M", "-o"]).arg(&peak).arg(program),
        None => sandbox.program(program),
    };
    let run = started
        .env("TRUSTGAP_HOME", sandbox.own())
        .args(command)
        .args([HOST, "--json", "--timeout=2"])
        .args(arguments)
        .output();
    if time.is_none() {
        skip("the memory it takes is not measured: GNU time is not installed");
        return (run, None);
    }
    let peak = std::fs::read_to_string(peak).unwrap();
    (run, Some(peak.lines().last().unwrap().trim().parse().unwrap()))
}

/// Runs several stories side by side: most of their time is waiting.
fn each<T: Send>(stories: Vec<T>, tell: impl Fn(T) + Sync) {
    thread::scope(|scope| {
        for story in stories {
            scope.spawn(|| tell(story));
        }
    });
}

/// Says something first and something else for ever after.
fn endless(start: Vec<u8>, unit: Vec<u8>, pause: Duration) -> impl Fn(TcpStream) + Send + Sync {
    move |mut stream| {
        // the question is read away beside that: unread, it would end the connection
        let mut questions = stream.try_clone().unwrap();
        thread::spawn(move || io::copy(&mut questions, &mut io::sink()));
        let mut alive = stream.write_all(&start).is_ok();
        while alive {
            thread::sleep(pause);
            alive = stream.write_all(&unit).is_ok();
        }
    }
}

const DRIP: Duration = Duration::from_millis(100);

/// One handshake message, cut into records of TLS 1.2.
fn records(message: &[u8]) -> Vec<u8> {
    let record = |fragment: &[u8]| {
        let [high, low] = u16::try_from(fragment.len()).unwrap().to_be_bytes();
        [&[22, 3, 3, high, low], fragment].concat()
    };
    message.chunks(1 << 14).flat_map(record).collect()
}

fn message(kind: u8, length: usize, body: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = u32::try_from(length).unwrap().to_be_bytes();
    [&[kind, a, b, c], body].concat()
}

fn server_hello() -> Vec<u8> {
    let body = [&[3, 3][..], &[0x42; 32], &[0, 0xc0, 0x2f, 0]].concat();
    records(&message(2, body.len(), &body))
}

#[test]
fn a_server_may_send_without_end() {
    let filler = vec![0x55; 1 << 14];
    // 16 MiB, the longest a handshake message can say it is
    let longest = 0x00ff_ffff;
    let certificates = [server_hello(), records(&message(11, longest, &[0xff, 0xff, 0xfc]))].concat();
    let one_certificate =
        message(11, longest, &[0xff, 0xff, 0xfc, 0xff, 0xff, 0xf9, 0x30, 0x84, 0x00, 0xff, 0xff, 0xf0]);
    let one_certificate = [server_hello(), records(&one_certificate)].concat();
    let compressed = [server_hello(), records(&message(25, longest, &[0, 2, 0xff, 0xff, 0xff]))].concat();
    let now = Duration::ZERO;
    each(
        vec![
            ("warnings", endless(Vec::new(), [21, 3, 3, 0, 2, 1, 112].repeat(1000), now)),
            ("empty records", endless(Vec::new(), [22, 3, 3, 0, 0].repeat(1000), now)),
            ("messages that ask to begin again", endless(server_hello(), records(&[0; 4000]), now)),
            ("a list of certificates", endless(certificates, records(&filler), now)),
            ("one certificate", endless(one_certificate, records(&filler), now)),
            ("a compressed certificate that nobody asked for", endless(compressed, records(&filler), now)),
            ("noise", endless(Vec::new(), filler.clone(), now)),
            ("a greeting", endless(b"220 ".to_vec(), filler.clone(), now)),
            ("drips of a record", endless(vec![22, 3, 3, 0x3f, 0xff], vec![0], DRIP)),
            ("drips of a greeting", endless(b"220 ".to_vec(), b"x".to_vec(), DRIP)),
            ("drips of empty records", endless(server_hello(), vec![22, 3, 3, 0, 0], DRIP)),
        ],
        |(story, serve)| {
            let sandbox = Sandbox::new();
            let service = Service::start(serve).unwrap();
            let arguments = [
                "--controls=none".into(),
                "--proxy=none".into(),
                format!("--connect-to={HOST}:443:{}", service.address()),
            ];
            let (_, verdict) = survives(story, &sandbox, &arguments);
            // a connection for each version of TLS, side by side
            let probed = measured(story, &sandbox, &["probe", "--tool=none"], &arguments);
            assert!(probed["servers"].as_array().is_some_and(|s| s.len() == 1), "{story}");
            let wanted = ["handshake-failed", "not-tls", "timeout", "connection-reset"];
            assert!(wanted.contains(&verdict.as_str()), "{story}: {verdict}");
        },
    );
}

#[test]
fn a_chain_may_be_as_large_and_as_tangled_as_fits() {
    let mut network = Network::empty(Mint::now()).unwrap();
    let public = network.authorities.public_issuer.clone();
    let root = network.authorities.public_root.clone();
    let wide = Profile {
        names: (0..10_000).map(|n| format!("name-{n}.example")).chain([HOST.to_owned()]).collect(),
        ..Profile::leaf(&[HOST])
    };
    let wide = public.issue(&wide).unwrap().with(&[public.certificate()]);
    let stories = [
        // more than TLS libraries read of one message
        ("ten thousand names", wide, "invalid-chain"),
        ("a hundred CAs in a circle", circle(&network, None), "unknown-issuer"),
        ("the same with a way out", circle(&network, Some(&root)), "wrong-chain-order"),
        (
            "one certificate a hundred times",
            {
                let copies = vec![public.certificate(); 99];
                public.leaf(&[HOST]).unwrap().with(&copies)
            },
            "ok",
        ),
    ];
    for (story, identity, wanted) in stories {
        network.endpoints.clear();
        let sandbox = Sandbox::new();
        network.tls(story, HOST, identity, Verdict::Ok).unwrap();
        let mut arguments = sandbox.in_lab(&network);
        arguments.push("--proxy=none".into());
        let (report, verdict) = survives(story, &sandbox, &arguments);
        measured(story, &sandbox, &["probe", "--tool=none"], &arguments);
        assert!(verdict == wanted, "{story}: {report:#}");
    }
}

/// CAs each of which is certified by every other one within reach, so that the ways through them are without number.
fn circle(network: &Network, root: Option<&Authority>) -> Identity {
    let free = |name: &str| Profile {
        basic_constraints: Some(BasicConstraints { ca: true, path_len: None, critical: true }),
        ..Profile::intermediate(name)
    };
    let mint = network.authorities.mint;
    let authorities: Vec<Authority> =
        (0..10).map(|n| mint.root_of(&free(&format!("Circle {n}"))).unwrap()).collect();
    let mut certificates = Vec::new();
    for (n, issuer) in authorities.iter().enumerate() {
        let others = authorities.iter().enumerate().filter(|(m, _)| *m != n);
        certificates.extend(others.map(|(_, other)| issuer.cross_sign(other, &free("")).unwrap()));
    }
    certificates.extend(root.map(|root| root.cross_sign(&authorities[9], &free("")).unwrap()));
    authorities[0].leaf(&[HOST]).unwrap().with(&certificates.iter().collect::<Vec<_>>())
}

/// A site that sends its own certificate alone, and says where the other one is.
struct Shop {
    network: Network,
    sandbox: Sandbox,
}

impl Shop {
    fn new() -> Self {
        let mut network = Network::empty(Mint::now()).unwrap();
        let profile = Profile { issuer_url: Some(URL.to_owned()), ..Profile::leaf(&[HOST]) };
        let leaf = network.authorities.public_issuer.issue(&profile).unwrap();
        network.tls("a shop", HOST, leaf, Verdict::Ok).unwrap();
        Self { network, sandbox: Sandbox::new() }
    }

    fn arguments(&self) -> Vec<String> {
        self.sandbox.in_lab(&self.network)
    }
}

/// What web servers and proxies send without end: what comes first, and what follows it.
fn endless_answers() -> Vec<(&'static str, Vec<u8>, Vec<u8>, Duration)> {
    let now = Duration::ZERO;
    let filler = vec![b'x'; 1 << 14];
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("a status line", text("HTTP/1.1 200 "), filler.clone(), now),
        ("fields", text("HTTP/1.1 200 OK\r\n"), text(&"X-Filler: aaaa\r\n".repeat(100)), now),
        ("one field", text("HTTP/1.1 200 OK\r\nX: "), filler.clone(), now),
        ("interim answers", Vec::new(), text(&"HTTP/1.1 100 Continue\r\n\r\n".repeat(100)), now),
        ("empty lines", Vec::new(), text(&"\r\n".repeat(1000)), now),
        ("a body", text("HTTP/1.1 200 OK\r\n\r\n"), filler.clone(), now),
        ("a certificate", text("HTTP/1.1 200 OK\r\n\r\n\x30\x7f"), filler.clone(), now),
        (
            "a counted body",
            text("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n"),
            filler.clone(),
            now,
        ),
        (
            "a chunk",
            text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            filler.clone(),
            now,
        ),
        (
            "small chunks",
            text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            text(&"1\r\nx\r\n".repeat(100)),
            now,
        ),
        (
            "a chunk's size",
            text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"),
            filler.clone(),
            now,
        ),
        ("noise", Vec::new(), filler, now),
        ("drips of a head", text("HTTP/1.1 200 OK\r\nX: "), text("x"), DRIP),
        ("drips of a body", text("HTTP/1.1 200 OK\r\n\r\n"), text("x"), DRIP),
        (
            "drips of chunks",
            text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            text("1\r\nx\r\n"),
            DRIP,
        ),
        ("nothing", Vec::new(), Vec::new(), DRIP),
    ]
}

#[test]
fn the_address_of_an_issuer_may_send_without_end() {
    each(endless_answers(), |(story, start, unit, pause)| {
        let shop = Shop::new();
        let unit = if unit.is_empty() { None } else { Some(unit) };
        let service = Service::start(move |mut stream| match &unit {
            None => drop(io::copy(&mut stream, &mut io::sink())),
            Some(unit) => {
                request(&mut stream);
                endless(start.clone(), unit.clone(), pause)(stream);
            }
        })
        .unwrap();
        let mut arguments = shop.arguments();
        arguments
            .extend(["--proxy=none".into(), format!("--connect-to=ca.example:80:{}", service.address())]);
        let (report, verdict) = survives(story, &shop.sandbox, &arguments);
        assert_eq!(verdict, "unknown-issuer", "{story}");
        let evidence = report["findings"][0]["evidence"].to_string();
        assert!(evidence.contains("gave nothing: "), "{story}: {evidence}");
    });
}

#[test]
fn a_proxy_may_send_without_end() {
    let mut stories = endless_answers();
    let granted = b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec();
    stories.push(("noise in the tunnel", granted, vec![0x55; 1 << 14], Duration::ZERO));
    let challenges = b"Proxy-Authenticate: Basic realm=\"x\"\r\n".repeat(50);
    stories.push(("challenges", b"HTTP/1.1 407 Who\r\n".to_vec(), challenges, Duration::ZERO));
    stories.push(("SOCKS", vec![5, 0, 5, 0, 0, 3], vec![0xff; 1 << 14], Duration::ZERO));
    stories.push(("drips of SOCKS", vec![5, 0, 5, 0, 0, 3, 0xff], vec![0], DRIP));
    each(stories, |(story, start, unit, pause)| {
        let sandbox = Sandbox::new();
        let scheme = if story.contains("SOCKS") { "socks5h" } else { "http" };
        let service = Service::start(endless(start, unit, pause)).unwrap();
        let proxy = format!("--proxy={scheme}://{}", service.address());
        let (_, verdict) = survives(story, &sandbox, &["--controls=none".into(), proxy]);
        let wanted = ["proxy-refused", "not-tls", "timeout", "handshake-failed"];
        assert!(wanted.contains(&verdict.as_str()), "{story}: {verdict}");
    });
}

#[test]
fn a_host_that_is_asked_for_the_time_may_answer_without_end() {
    let mint = Mint::now();
    let root = mint.root("Public Root").unwrap();
    let expired = root.issue(&Profile::leaf(&[HOST]).valid_days(-90, -3)).unwrap();
    let expired = Site::tls(expired).start().unwrap();
    let other = "www.contoso.example";
    let identity = root.leaf(&[other]).unwrap();
    each(endless_answers(), |(story, start, unit, pause)| {
        let sandbox = Sandbox::new();
        let roots = sandbox.file("roots.pem", root.certificate().pem());
        let config = tls(&identity);
        let service =
            Service::start(move |stream| drop(answer_over_tls(stream, &config, &start, &unit, pause)));
        let service = service.unwrap();
        let (report, verdict) = survives(
            story,
            &sandbox,
            &[
                other.into(),
                "--controls=none".into(),
                "--proxy=none".into(),
                format!("--system-roots={}", roots.display()),
                format!("--web-roots={}", roots.display()),
                format!("--connect-to={HOST}:443:{}", expired.address()),
                format!("--connect-to={other}:443:{}", service.address()),
            ],
        );
        assert_eq!(
            (verdict.as_str(), &report["targets"][1]["verdict"]),
            ("expired", &Value::from("ok")),
            "{story}"
        );
    });
}

fn tls(identity: &Identity) -> Arc<rustls::ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = identity.chain.iter().map(|c| CertificateDer::from(c.der().to_vec())).collect();
    let key: PrivateKeyDer<'static> = identity.key_der();
    let builder = rustls::ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    Arc::new(builder.with_single_cert(chain, key).unwrap())
}

fn answer_over_tls(
    mut stream: TcpStream,
    config: &Arc<rustls::ServerConfig>,
    start: &[u8],
    unit: &[u8],
    pause: Duration,
) -> io::Result<()> {
    let mut connection = rustls::ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut tls = rustls::Stream::new(&mut connection, &mut stream);
    if tls.read(&mut [0; 4096])? == 0 {
        return Ok(());
    }
    tls.write_all(start)?;
    loop {
        thread::sleep(pause);
        tls.write_all(if unit.is_empty() { b"\r\n" } else { unit })?;
        tls.flush()?;
    }
}
