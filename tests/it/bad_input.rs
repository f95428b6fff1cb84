//! What goes wrong at the edges: each time one clear sentence that names the thing, the right exit code, no panic, and
//! nothing that existed is lost.

use std::path::Path;

use rcgen::DnType;
use trustgap::lab::{Mint, Network, Profile, Site};

use crate::support::{Sandbox, decent, skip};

/// Runs the program with arguments that are wrong, and expects this sentence on standard error and nothing else.
fn refused(sandbox: &Sandbox, arguments: &[&str], sentence: &str) {
    let run = decent(sandbox.trustgap().args(arguments).output()).exits(2);
    assert!(run.stderr.contains(sentence), "{arguments:?} should say {sentence:?}: {}", run.text());
    assert!(run.stdout.is_empty(), "standard output is for answers: {}", run.text());
}

#[test]
fn what_is_not_a_target_is_refused_with_its_name() {
    let sandbox = Sandbox::new();
    for (arguments, sentence) in [
        (&["check", "host.test:0"][..], "`0` is not a port"),
        (&["check", "host.test:65536"], "`65536` is not a port"),
        (&["check", ""], "a host name is missing"),
        (&["check", "two words"], "`two words` is not a host name"),
        (&["check", "http://plain.test"], "`http://` does not begin with TLS"),
        (&["check", "a\u{1b}[2Jb"], "is not a host name"),
        (&["check", "--timeout", "soon", "host.test"], "seconds"),
        (&["check", "--proxy", "gopher://user:s3cret@x", "host.test"], "`gopher` is not a kind of proxy"),
        (&["check", "--connect-to", "host.test:1", "host.test"], "HOST:PORT:ADDR:PORT"),
        (&["check", "--nonsense"], "--nonsense"),
    ] {
        refused(&sandbox, arguments, sentence);
        let run = sandbox.trustgap().args(arguments).output();
        assert!(!run.text().contains("s3cret"), "{}", run.text());
    }
}

#[test]
fn files_that_are_not_what_is_needed_are_refused_with_their_path() {
    let sandbox = Sandbox::new();
    let path = |name: &str, contents: &[u8]| sandbox.file(name, contents).display().to_string();
    let root = Mint::now().root("Root").unwrap();
    let pem = root.certificate().pem();
    let (empty, comments) = (path("empty", b""), path("comments", b"# nobody\n\n"));
    let (binary, truncated) =
        (path("binary", &[0xff, 0, 0xfe]), path("cut.pem", &pem.as_bytes()[..pem.len() / 2]));
    let line = path("hosts", b"fine.test\nhost:0\n");
    let folder = sandbox.home().display().to_string();
    let missing = sandbox.path().join("missing").display().to_string();
    let record = path("record.json", b"{\"record_version\": 1");
    for (arguments, sentence) in [
        (["check", "--hosts-file", &empty], "names no host"),
        (["check", "--hosts-file", &comments], "names no host"),
        (["check", "--hosts-file", &binary], "is not a text file"),
        (["check", "--hosts-file", &line], "line 2: `0` is not a port"),
        (["check", "--hosts-file", &folder], "is a folder"),
        (["check", "--hosts-file", &missing], "there is no file"),
        (["check", "--system-roots", &missing], "there is no file"),
        (["check", "--web-roots", &folder], "holds no root certificate"),
        (["check", "--web-roots", &empty], "holds no root certificate"),
        (["check", "--web-roots", &truncated], "holds no root certificate"),
        (["check", "--replay", &record], "cannot be replayed"),
        (["check", "--replay", &binary], "cannot be replayed"),
        (["check", "--replay", &folder], "is a folder"),
    ] {
        let mut all = arguments.to_vec();
        if arguments[1] != "--hosts-file" && arguments[1] != "--replay" {
            all.push("host.test");
        }
        refused(&sandbox, &all, sentence);
        let run = sandbox.trustgap().args(&all).output();
        assert!(run.stderr.contains(arguments[2]), "the path is named: {}", run.text());
    }
}

#[cfg(unix)]
#[test]
fn what_a_name_or_a_record_holds_is_shown_harmless() {
    let sandbox = Sandbox::new();
    let odd = "x\u{1b}]0;owned\u{7}\u{202e}";
    sandbox.file(&format!("store/{odd}"), b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n");
    let folder = sandbox.path().join("store").display().to_string();
    let record = format!(
        "{{\"record_version\": 1, \"tool_version\": {odd:?}, \"platform\": {{{odd:?}: 1, \"os\": {odd:?}}}}}"
    );
    let record =
        record.replace("\\u{1b}", "\\u001b").replace("\\u{7}", "\\u0007").replace("\\u{202e}", "\\u202e");
    let record = sandbox.file("record.json", record).display().to_string();
    let newer = sandbox.file("newer.json", "{\"record_version\": 99, \"tool_version\": \"9\\u001b[2J\"}");
    for arguments in [
        ["check", "host.test", "--web-roots", &folder],
        ["check", "host.test", "--system-roots", &folder],
        ["check", "--json", "--replay", &record],
        ["check", "--json", "--replay", &newer.display().to_string()],
    ] {
        let run = decent(sandbox.trustgap().args(arguments).output()).exits(2);
        let harmful = run.stderr.chars().find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
        assert_eq!(harmful, None, "{arguments:?}: {}", run.text());
    }
}

#[test]
fn saved_chains_of_any_kind_are_judged_or_refused() {
    let sandbox = Sandbox::new();
    let root = Mint::now().root("Root").unwrap();
    let leaf = root.leaf(&["saved.test"]).unwrap();
    let system = sandbox.file("roots.pem", root.certificate().pem());
    let chain = |name: &str, bytes: &[u8]| {
        let chain = sandbox.file(name, bytes);
        let stores = ["--system-roots", "--web-roots"].map(|flag| format!("{flag}={}", system.display()));
        decent(
            sandbox
                .trustgap()
                .args(["check", "--host", "saved.test", "--chain"])
                .arg(chain)
                .args(stores)
                .output(),
        )
    };
    let pem = leaf.chain_pem();
    chain("good.pem", pem.as_bytes()).exits(0);
    chain("windows.pem", format!("\u{feff}{}", pem.replace('\n', "\r\n")).as_bytes()).exits(0);
    chain("leaf.der", leaf.leaf().der()).exits(0);
    chain(
        "s_client.txt",
        format!("CONNECTED(00000003)\n---\n 0 s:CN = saved.test\n{pem}---\nDONE\n").as_bytes(),
    )
    .exits(0);

    let cut = chain("cut.pem", &pem.as_bytes()[..pem.len() / 2]).exits(2);
    assert!(cut.stderr.contains("cut.pem") && cut.stderr.contains("holds no certificate"), "{}", cut.text());
    let key = chain("key.pem", leaf.key_pem().as_bytes()).exits(2);
    assert!(!key.text().contains(leaf.key_pem().lines().nth(1).unwrap()), "keys are not repeated");
    chain("noise.pem", &[0xa5; 4096]).exits(2);
    chain("empty.pem", b"").exits(2);
    // a leaf, and a megabyte of further certificates behind it
    let many =
        format!("{pem}{}", root.certificate().pem().repeat((1 << 20) / root.certificate().pem().len()));
    chain("many.pem", many.as_bytes()).exits(0);
    // a megabyte inside one certificate
    let mut wide = Profile::leaf(&["saved.test"]);
    wide.names.extend((0..16_000).map(|n| format!("{n:0>50}.saved.test")));
    let wide = chain("wide.pem", root.issue(&wide).unwrap().chain_pem().as_bytes());
    assert!(matches!(wide.code, Some(0 | 1)), "some clients take it, some do not: {}", wide.text());
}

#[test]
fn hosts_that_are_addresses_or_international_are_looked_at() {
    let sandbox = Sandbox::new();
    let root = Mint::now().root("Root").unwrap();
    let site = Site::tls(root.leaf(&["127.0.0.1", "xn--bcher-kva.test"]).unwrap()).start().unwrap();
    let roots = sandbox.file("roots.pem", root.certificate().pem());
    let port = site.address().port();
    for (target, host) in [
        (format!("127.0.0.1:{port}"), "127.0.0.1"),
        ("bücher.test".to_owned(), "xn--bcher-kva.test"),
        ("BÜCHER.test.".to_owned(), "xn--bcher-kva.test"),
    ] {
        let run = sandbox
            .trustgap()
            .args(["check", "--json", "--controls=none", "--proxy=none", &target])
            .arg(format!("--connect-to=xn--bcher-kva.test:443:127.0.0.1:{port}"))
            .arg(format!("--system-roots={}", roots.display()))
            .arg(format!("--web-roots={}", roots.display()))
            .output();
        let report = decent(run).exits(0).json();
        assert_eq!(report["targets"][0]["host"], host);
        assert_eq!(report["targets"][0]["verdict"], "ok");
    }
}

#[test]
fn a_name_that_does_not_exist_is_said_so() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .trustgap()
        .args(["check", "--json", "--controls=none", "--proxy=none", "--timeout=3", "nobody.invalid"])
        .output();
    let run = decent(run);
    assert!(matches!(run.code, Some(1 | 3)), "{}", run.text());
    // a machine whose resolver does not answer at all times out instead
    let verdict = run.json()["targets"][0]["verdict"].clone();
    assert!(verdict == "name-not-resolved" || verdict == "timeout", "{}", run.text());
}

#[test]
fn a_server_may_send_anything() {
    let sandbox = Sandbox::new();
    let noise: Vec<u8> = (0..50_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
    let mut endless_handshake = vec![22, 3, 3, 0x40, 0, 2, 0xff, 0xff, 0xff];
    endless_handshake.resize(1 << 20, 0);
    for (story, bytes) in [
        ("random bytes", noise),
        ("a record that promises more than it holds", vec![22, 3, 3, 0xff, 0xff, 2]),
        ("a handshake message of 16 MB", endless_handshake),
        ("an empty record", vec![22, 3, 3, 0, 0]),
        ("escape sequences", b"\x1b[2J\x1b]0;owned\x07\r\nhello\x1b[31m".to_vec()),
        ("nothing but line ends", vec![b'\n'; 100_000]),
    ] {
        let site = Site::Speaks(bytes).start().unwrap();
        for format in [&[][..], &["--json"]] {
            let run = sandbox
                .trustgap()
                .args(["check", "--controls=none", "--proxy=none", "--timeout=2", "odd.test"])
                .arg(format!("--connect-to=odd.test:443:{}", site.address()))
                .args(format)
                .output();
            let run = decent(run).exits(1);
            assert!(run.stdout.contains("odd.test"), "{story}: {}", run.text());
        }
    }
}

#[test]
fn names_in_certificates_cannot_reach_the_terminal() {
    let sandbox = Sandbox::new();
    let mint = Mint::now();
    let hostile = "Evil\u{1b}[2J\u{1b}]0;title\u{7}\nCA\r\u{202e}txt.exe\u{200b}`$(id)`|<b>";
    let mut profile = Profile::root(hostile);
    profile.subject.push((DnType::OrganizationName, "long ".repeat(2000)));
    let root = mint.root_of(&profile).unwrap();
    let mut leaf = Profile::leaf(&["named.test"]);
    leaf.subject = vec![(DnType::CommonName, hostile.to_owned())];
    let site = Site::tls(root.issue(&leaf).unwrap().with(&[root.certificate()])).start().unwrap();
    for format in [&[][..], &["--json"], &["-v"]] {
        let run = sandbox
            .trustgap()
            .args(["check", "--controls=none", "--proxy=none", "named.test"])
            .arg(format!("--connect-to=named.test:443:{}", site.address()))
            .args(format)
            .output();
        let run = decent(run).exits(1);
        assert!(run.stdout.len() < 100_000, "over-long names are cut: {}", run.stdout.len());
        if format == ["--json"] {
            let subject = run.json()["targets"][0]["chain"][0]["subject"].as_str().unwrap().to_owned();
            assert!(!subject.contains(|c: char| c.is_control()), "{subject:?}");
        }
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let Some(shell) = crate::support::tool("sh") else { return skip("there is no `sh`") };
    let sandbox = Sandbox::new();
    let program = env!("CARGO_BIN_EXE_trustgap");
    let run = sandbox.program(shell).args(["-c", &format!("'{program}' --help | head -c 1")]).output();
    assert_eq!(run.stdout.len(), 1);
    assert!(run.stderr.is_empty(), "a closed pipe ends quietly: {}", run.text());
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return skip("there is no /dev/full");
    }
    let sandbox = Sandbox::new();
    let device = std::fs::OpenOptions::new().write(true).open(full).unwrap();
    let run = decent(sandbox.trustgap().arg("--help").stdout_to(device).output()).exits(3);
    assert!(run.stderr.contains("could not be written"), "{}", run.text());

    let network = Network::start().unwrap();
    let check = ["check", "www.fabrikam.example", "--proxy=none", "--record", "/dev/full"];
    let run = decent(sandbox.trustgap().args(check).args(sandbox.in_lab(&network)).output()).exits(3);
    assert!(run.stderr.contains("/dev/full"), "{}", run.text());
}

#[test]

fn a_home_that_cannot_be_written_is_named_and_nothing_is_half_written() {
    let sandbox = Sandbox::new();
    let network = Network::start().unwrap();
    // a file stands where the folder would have to be: not even root can write into it
    let blocker = sandbox.file("blocker", "mine\n");
    let home = blocker.join("own");
    for command in [&["export"][..], &["env", "--shell", "bash"]] {
        let run = sandbox
            .trustgap()
            .args(command)
            .args(["registry.fabrikam.example", "www.fabrikam.example", "--proxy=none"])
            .arg(format!("--home={}", home.display()))
            .args(sandbox.in_lab(&network))
            .output();
        let run = decent(run).exits(3);
        assert!(run.stderr.contains("blocker"), "the place is named: {}", run.text());
        assert!(
            run.stdout.is_empty(),
            "settings that name files which are not there are not printed: {}",
            run.text()
        );
        assert_eq!(std::fs::read_to_string(&blocker).unwrap(), "mine\n");
    }
}
