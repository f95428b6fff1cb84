//! docs/tools.md: what the catalogue knows, for people. Generated here, and compared with what is in the repository.

mod section;
mod words;

use trustgap::catalogue::schema::{Family, Value};
use trustgap::catalogue::{Tool, tools};

use section::section;
use words::{paragraph, roots};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tools.md");

/// The widest line, where no long link stands in it.
const WIDTH: usize = 110;

const HEAD: &str = "\
# What every tool trusts

<!-- Generated from src/catalogue/tools; `BLESS=1 cargo test --test it tools_page` writes it anew. -->

trustgap finds these tools on a machine, works out which roots each installation really uses and who set
them, and sets what makes it trust your company's CA. This page is all it knows about them.
`trustgap tools NAME` says what holds on your machine.

How to read it:

- **Default roots** are those of an untouched installation. *The system store* is where your IT department
  adds its CA; everything else does not know of it.
- A setting is **added** when the public roots stay: it gets the company's CA alone. It **replaces** when they
  go, on some system or in some build at least: it gets a bundle of all roots and the CA. It has **no effect**
  where people set it in vain. Settings stand in their order: the first one that is set wins.
- **1st**, **2nd**, ...: what `trustgap env` sets, in this order of preference.
- **Proved**: the tool was run against servers behind an inspecting gateway, with the versions given, in
  November 2026. **Documented**: it is written there, or in its source, and was not run.
- What switches verification off is listed so that you find it and take it back.
- In paths, `~` is your home folder, `$NAME` a variable, `{word}` a folder of the installation.

";

#[test]
fn it_is_what_the_catalogue_says() {
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(PATH, page).expect("docs/tools.md can be written");
        return;
    }
    let shown = std::fs::read_to_string(PATH).unwrap_or_default();
    let differs = page.lines().zip(shown.lines()).find(|(is, was)| is != was);
    assert!(
        shown == page,
        "docs/tools.md is not what the catalogue says ({differs:?}); \
         `BLESS=1 cargo test --test it tools_page` writes it"
    );
}

#[test]
fn a_person_can_read_it_without_scrolling_sideways() {
    for line in page().lines() {
        let unbreakable = line.split(' ').any(|word| word.len() > WIDTH - 20);
        assert!(unbreakable || line.chars().count() <= WIDTH, "{line}");
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (_, title) in FAMILIES {
        page.extend([format!("- [{title}](#{})\n", words::anchor(title))]);
    }
    page.push_str(
        "- [Programs that are not listed](#programs-that-are-not-listed)\n- [Other names](#other-names)\n",
    );
    for (family, title) in FAMILIES {
        page.extend([format!("\n## {title}\n\n")]);
        page.push_str(
            "| tool | default roots | `env` sets | public roots | known |\n|---|---|---|---|---|\n",
        );
        of(family).for_each(|tool| page.push_str(&glance(tool)));
        of(family).for_each(|tool| page.push_str(&section(tool)));
    }
    page.push_str(NOT_LISTED);
    page.push_str(&names());
    page
}

/// What a program does that no file is about: its library decides.
const NOT_LISTED: &str = "
## Programs that are not listed

What a program trusts is decided by the library it verifies with. Its own documentation, or the words it fails
with (`trustgap explain` knows them), tell which one that is.

- OpenSSL (C, C++, Python, Ruby, PHP): the file and the hashed folder it was built with; SSL_CERT_FILE and
  SSL_CERT_DIR take their places, each its own.
- GnuTLS, and libcurl built with it: the system's bundle file; no variable. (lynx reads SSL_CERT_FILE itself:
  its file takes the place of the system's.)
- Go: the system store; on Linux, and from 1.27 on macOS and Windows, SSL_CERT_FILE and SSL_CERT_DIR are read.
- Rust with rustls-native-certs: the system store, and nothing of it as soon as SSL_CERT_FILE or SSL_CERT_DIR
  is set: what they name is all there is.
- Rust with rustls-platform-verifier: the verifier of macOS or Windows itself; on Linux as the one above.
- Rust with webpki-roots (ureq, reqwest with its default features of old): Mozilla's roots, and no variable.
- Rust with native-tls: OpenSSL on Linux, the system itself on macOS and Windows.
- Java: the cacerts of its JDK; JAVA_TOOL_OPTIONS.
- Electron: Chromium's verifier for windows, which follows the system store on macOS and Windows; Node.js's
  roots in the main process, with NODE_EXTRA_CA_CERTS.
- Tcl (tls 1.7 and 1.8): it verifies nothing unless told `-require 1 -cafile FILE`; no variable is read, no
  name is compared.
";

const FAMILIES: [(Family, &str); 11] = [
    (Family::Javascript, "JavaScript"),
    (Family::Python, "Python"),
    (Family::Jvm, "Java"),
    (Family::Native, "Compiled programs and libraries"),
    (Family::Runtime, "Other languages"),
    (Family::Cloud, "Clouds"),
    (Family::Container, "Containers"),
    (Family::Ops, "Infrastructure and CI"),
    (Family::Packages, "Packages of the operating system"),
    (Family::App, "Desktop programs and browsers"),
    (Family::Ai, "Assistants on the command line"),
];

fn of(family: Family) -> impl Iterator<Item = &'static Tool> {
    let mut all: Vec<_> = tools().iter().filter(|tool| tool.family == family).collect();
    all.sort_by_key(|tool| tool.name.to_lowercase());
    all.into_iter()
}

/// Returns a tool's row in the overview.
fn glance(tool: &Tool) -> String {
    let first = tool.settings.iter().filter(|s| s.emit.is_some()).min_by_key(|s| s.emit);
    let set = first.map_or_else(|| "nothing".to_owned(), |setting| words::name(&setting.at));
    let effect = match first {
        Some(setting) if setting.value == Value::Switch => "follows the system",
        Some(setting) => words::effect(setting.effect),
        None => "-",
    };
    let known = if tool.verified.ran { "proved" } else { "documented" };
    format!("| {} | {} | {set} | {effect} | {known} |\n", tool.name, roots(tool))
}

/// Returns the index of names under which people look for what another tool's file holds.
fn names() -> String {
    let mut all: Vec<(String, &Tool)> =
        tools().iter().flat_map(|tool| tool.also.iter().map(move |name| (name.clone(), tool))).collect();
    all.sort_by_key(|(name, _)| name.to_lowercase());
    let mut text = "\n## Other names\n\n".to_owned();
    text.push_str(&paragraph("", "What holds for these is told under the tool they are, use or run on."));
    text.push('\n');
    for (name, tool) in all {
        text.extend([format!("- {name}: [{}](#{})\n", tool.name, words::anchor(&tool.name))]);
    }
    text
}
