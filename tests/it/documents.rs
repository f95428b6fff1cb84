//! What is generated or carried along: finding pages, completions, manual pages.

use trustgap::facts::Code;

use crate::support::Sandbox;

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let sandbox = Sandbox::new();
    let listed = sandbox.trustgap().arg("explain").output().exits(0);
    for code in Code::ALL {
        assert!(listed.stdout.lines().any(|line| line.starts_with(code.as_str())), "{code} is not listed");
        let page = sandbox.trustgap().args(["explain", code.as_str()]).output().exits(0);
        assert!(page.stdout.contains(code.as_str()), "{code}: {}", page.text());
        assert!(page.stdout.lines().count() > 10, "{code} has hardly a page: {}", page.text());
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings");
    for entry in std::fs::read_dir(folder).expect("the pages") {
        let name = entry.expect("a page").file_name().into_string().expect("a readable name");
        let code = name.trim_end_matches(".md");
        assert!(code == "README" || code.parse::<Code>().is_ok(), "docs/findings/{name} is about no code");
    }
}

#[test]
fn completions_and_manual_pages_are_made_for_everything() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = sandbox.trustgap().args(["completions", shell]).output().exits(0);
        for word in ["check", "replay", "fingerprint"] {
            assert!(script.stdout.contains(word), "{shell} does not complete {word}");
        }
    }
    let page = sandbox.trustgap().arg("man").output().exits(0);
    assert!(page.stdout.contains(".TH trustgap 1"), "{}", page.stdout);
    for command in
        ["check", "demo", "env", "explain", "export", "tools", "verify", "completions", "man", "probe"]
    {
        let page = sandbox.trustgap().args(["man", command]).output().exits(0);
        assert!(page.stdout.contains(&format!("trustgap-{command}")), "{command}: {}", page.text());
    }
    sandbox.trustgap().args(["man", "nonsense"]).output().exits(2);
}
