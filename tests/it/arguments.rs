//! Wrong use of any kind: one clear sentence that names the thing, exit code 2, nothing on standard output.

use crate::support::Sandbox;

/// Arguments (`{}` is the sandbox), and words the sentence must hold.
const WRONG: &[(&[&str], &[&str])] = &[
    (&["host:0"], &["`0` is not a port", "1 to 65535"]),
    (&["host:65536"], &["`65536` is not a port"]),
    (&["two words"], &["`two words` is not a host name"]),
    (&["http://plain.example"], &["`http://` does not begin with TLS"]),
    (&["-x"], &["'-x'"]),
    (&["a.example", "--timeout", "soon"], &["number of seconds"]),
    (&["a.example", "--jobs", "0"], &["0 is not in 1.."]),
    (&["a.example", "--proxy", "gopher://proxy"], &["`gopher` is not a kind of proxy"]),
    (&["a.example", "--connect-to", "a:1"], &["HOST:PORT:ADDR:PORT"]),
    (&["a.example", "--at", "yesterday"], &["expected a time such as"]),
    (&["--chain", "{}/home"], &["--host"]),
    (&["--chain", "{}/home", "--host", "a"], &["home` is a folder"]),
    (&["--chain", "{}/missing.pem", "--host", "a"], &["there is no file", "missing.pem"]),
    (&["--chain", "{}/empty.txt", "--host", "a"], &["empty.txt` holds no certificate"]),
    (&["--chain", "{}/truncated.pem", "--host", "a"], &["truncated.pem` holds no certificate"]),
    (&["--chain", "{}/zeros.bin", "--host", "a"], &["zeros.bin` holds no certificate"]),
    (&["--hosts-file", "{}/empty.txt"], &["empty.txt` names no host"]),
    (&["--hosts-file", "{}/home"], &["home` is a folder"]),
    (&["--hosts-file", "{}/zeros.bin"], &["zeros.bin`"]),
    (&["--hosts-file", "{}/hosts.txt"], &["hosts.txt`, line 3", "`0` is not a port"]),
    (&["a.example", "--system-roots", "{}/missing.pem"], &["there is no file", "missing.pem"]),
    (&["a.example", "--web-roots", "{}/empty.txt"], &["empty.txt` holds no root certificate"]),
    (&["--replay", "{}/empty.txt"], &["empty.txt` cannot be replayed", "not a record"]),
    (&["--replay", "{}/newer.json"], &["trustgap 9.9 wrote it", "newer"]),
    (&["explain", "no-such-code"], &["`no-such-code` is not a finding's code", "hint: "]),
    (&["fix"], &["`trustgap fix` does not exist yet", "hint: `trustgap env`"]),
    (&["undo"], &["`trustgap undo` does not exist yet", "nothing to take back"]),
    (&["report", "a.example"], &["`trustgap report` does not exist yet", "--record FILE"]),
    (&["--chain", "x", "--host", "y", "explain", "expired"], &["stand after its name"]),
];

#[test]
fn wrong_use_is_one_sentence_and_exit_code_2() {
    let sandbox = Sandbox::new();
    sandbox.file("empty.txt", "");
    sandbox.file("zeros.bin", [0xff; 4096]);
    sandbox.file("truncated.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    sandbox.file("hosts.txt", "# ours\na.example\nb.example:0\n");
    sandbox.file("newer.json", r#"{ "record_version": 99, "tool_version": "9.9" }"#);
    let folder = sandbox.path().to_str().expect("a readable path");
    for (arguments, words) in WRONG {
        for json in [false, true] {
            let arguments = arguments.iter().map(|a| a.replace("{}", folder));
            let run = sandbox.trustgap().args(arguments).args(json.then_some("--json")).output().exits(2);
            assert_eq!(run.stdout, "", "{}", run.text());
            assert!(run.stderr.starts_with("error: "), "{}", run.text());
            for word in *words {
                assert!(run.stderr.contains(word), "`{word}` is missing: {}", run.text());
            }
            assert!(!run.stderr.contains("panicked"), "{}", run.text());
        }
    }
}

#[test]
fn a_proxy_password_is_never_repeated() {
    let sandbox = Sandbox::new();
    for proxy in ["http://alice:hunter2@proxy:99999", "alice:hunter2@:1:2", "gopher://alice:hunter2@proxy"] {
        let run = sandbox.trustgap().args(["a.example", "--proxy", proxy]).output().exits(2);
        assert!(!run.stderr.contains("hunter2"), "{}", run.text());
    }
}

#[test]
fn nothing_that_is_repeated_reaches_the_terminal_raw() {
    let sandbox = Sandbox::new();
    let hosts = sandbox.file("hosts.txt", "evil\u{1b}[2J.example\n");
    for arguments in
        [&["a\u{1b}[31mb"][..], &["--hosts-file", hosts.to_str().expect("a path")], &["explain", "\u{202e}x"]]
    {
        let run = sandbox.trustgap().args(arguments).output().exits(2);
        assert!(!run.stderr.contains(['\u{1b}', '\u{202e}']), "{}", run.text());
    }
}
