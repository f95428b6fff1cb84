//! The demo: real commands and real tools, and nothing of it left behind.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::{Run, Sandbox, assert_documented};

fn demo(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let temporary = sandbox.path().join("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    sandbox
        .trustgap()
        .arg("demo")
        .args(arguments)
        .env("TMPDIR", &temporary)
        .env("TMP", &temporary)
        .env("TEMP", &temporary)
        // the demo is about the lab, whatever this computer's own settings say
        .env("SSL_CERT_FILE", "/nonexistent/bundle.pem")
        .env("HTTPS_PROXY", "http://proxy.invalid:3128")
        .deadline(Duration::from_secs(300))
        .output()
}

/// What lies in a folder and its folders, by full paths.
fn contents(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| std::iter::once(path.clone()).chain(contents(&path))).collect()
}

#[test]
fn the_demo_tells_the_story_and_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let run = demo(&sandbox, &[]).exits(0);
    for sentence in [
        "TLS is inspected here by \"Northwind TLS Inspection Root CA\"",
        "[missing-intermediate]",
        "[expired]",
        "[name-mismatch]",
        "[private-ca]",
        "is not in this computer's system store",
        "northwind-tls-inspection-root-ca.pem",
    ] {
        assert!(run.stdout.contains(sentence), "{sentence}: {}", run.text());
    }
    assert!(run.stderr.is_empty(), "{}", run.text());
    for folder in [sandbox.path().join("tmp"), sandbox.home(), sandbox.own()] {
        assert_eq!(contents(&folder), Vec::<PathBuf>::new(), "left behind");
    }
}

#[test]
fn each_tool_of_this_machine_fails_before_and_works_after() {
    let sandbox = Sandbox::new();
    let document = demo(&sandbox, &["--json"]).exits(0).json();
    assert_documented(&document, "demonstration");
    let steps = document["steps"].as_array().unwrap();
    assert_eq!(steps[0]["answer"]["inspection"]["verdict"], "inspected");
    assert_eq!(steps[0]["answer"]["inspection"]["certainty"], "is");
    assert_eq!(steps[1]["answer"]["inspection"]["verdict"], "not-inspected");
    assert_eq!(steps[2]["exit_code"], 1);
    let runs = steps.last().unwrap()["answer"]["runs"].as_array().unwrap();
    for run in runs {
        assert_eq!(run["before"]["result"], "fails", "{run}");
        assert_eq!(run["after"]["result"], "works", "{run}");
        assert_eq!(run["inspected"], true, "{run}");
    }
}
