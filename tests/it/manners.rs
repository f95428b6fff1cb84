//! What a good citizen of a terminal does: closed pipes, full disks, colours, silence.

use std::fs::File;

use trustgap::lab::Mint;

use crate::support::{Sandbox, skip};

/// A sandbox with a chain that its roots accept, and the arguments to judge it.
fn judged_chain() -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::new();
    let root = Mint::now().root("Manners Root").expect("a root");
    let leaf = root.leaf(&["www.manners.example"]).expect("a leaf");
    let roots = sandbox.file("roots.pem", root.certificate().pem());
    let chain = sandbox.file("chain.pem", leaf.chain_pem());
    let arguments = vec![
        format!("--chain={}", chain.display()),
        "--host=www.manners.example".to_owned(),
        format!("--system-roots={}", roots.display()),
        format!("--web-roots={}", roots.display()),
    ];
    (sandbox, arguments)
}

#[test]
fn a_good_chain_is_exit_code_0_and_silence_on_standard_error() {
    let (sandbox, arguments) = judged_chain();
    let run = sandbox.trustgap().args(arguments).output().exits(0);
    assert_eq!(run.stderr, "", "{}", run.text());
    assert!(
        run.stdout.contains("www.manners.example") && run.stdout.contains("Nothing wrong"),
        "{}",
        run.text()
    );
    assert!(!run.stdout.contains('\u{1b}'), "a pipe gets no colours: {}", run.text());
}

#[test]
fn colours_come_when_they_are_asked_for() {
    let (sandbox, arguments) = judged_chain();
    let run = sandbox.trustgap().args(&arguments).arg("--color=always").output().exits(0);
    assert!(run.stdout.contains("\u{1b}["), "{}", run.text());
    let run =
        sandbox.trustgap().args(&arguments).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().exits(0);
    assert!(!run.stdout.contains('\u{1b}'), "{}", run.text());
}

#[test]
fn a_full_disk_is_said_and_is_not_success() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        skip("there is no /dev/full here");
        return;
    };
    let (sandbox, arguments) = judged_chain();
    let run = sandbox.trustgap().args(&arguments).stdout_to(full).output().exits(3);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.text());
    assert!(
        run.stderr.starts_with("error: the answer could not be written: no space left"),
        "{}",
        run.text()
    );

    let run = sandbox.trustgap().args(&arguments).arg("--record=/dev/full").output().exits(3);
    assert!(run.stderr.contains("/dev/full"), "{}", run.text());
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_ends_quietly() {
    let (sandbox, arguments) = judged_chain();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let writer = File::from(std::os::fd::OwnedFd::from(writer));
    let run = sandbox.trustgap().args(arguments).stdout_to(writer).output().exits(0);
    assert_eq!(run.stderr, "", "{}", run.text());
}

#[test]
fn der_and_s_client_output_are_read_like_pem() {
    let (sandbox, mut arguments) = judged_chain();
    let pem = std::fs::read_to_string(sandbox.path().join("chain.pem")).expect("the chain");
    let leaf = trustgap::facts::pem::read_chain(pem.as_bytes()).certificates.remove(0);
    let der = sandbox.file("leaf.der", leaf.der());
    let talk = format!(
        "CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = x\n   i:CN = y\n{}---\nServer certificate\n",
        leaf.pem()
    );
    let talk = sandbox.file("talk.txt", talk);
    for file in [der, talk] {
        arguments[0] = format!("--chain={}", file.display());
        sandbox.trustgap().args(&arguments).output().exits(0);
    }
    arguments[0] = "--chain=-".to_owned();
    sandbox.trustgap().args(&arguments).input(pem).output().exits(0);
}

#[test]
fn help_and_version_are_answers() {
    let sandbox = Sandbox::new();
    for argument in ["-h", "--help", "--version"] {
        let run = sandbox.trustgap().arg(argument).output().exits(0);
        assert_eq!(run.stderr, "", "{}", run.text());
        assert!(run.stdout.contains("trustgap"), "{}", run.text());
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.text());
    }
}
