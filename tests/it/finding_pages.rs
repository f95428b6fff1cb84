//! Every code has its page, every page its code, and all pages have the same headings in the same order.

use std::collections::BTreeSet;
use std::path::PathBuf;

use trustgap::facts::Code;

const HEADINGS: &[&str] =
    &["What you see", "What it means", "How to be sure", "Fix, by owner", "Look-alikes", "How to undo"];

#[test]
fn every_code_has_its_page_and_every_page_its_code() {
    let pages: BTreeSet<String> = std::fs::read_dir(folder())
        .expect("the folder of pages")
        .map(|entry| entry.expect("a page").path())
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .filter(|name| name != "README")
        .collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(pages, codes);
    let index = std::fs::read_to_string(folder().join("README.md")).expect("the index");
    for code in codes {
        assert!(index.contains(&format!("({code}.md)")), "the index lacks {code}");
    }
}

#[test]
fn all_pages_have_the_same_headings_and_name_every_owner() {
    for code in Code::ALL {
        let page = std::fs::read_to_string(folder().join(format!("{code}.md"))).expect("a page");
        assert!(page.starts_with(&format!("# {code}\n\n")), "{code}");
        let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, HEADINGS, "{code}");
        for owner in ["**You:**", "**Your IT department:**", "**The server's operator:**"] {
            assert!(page.contains(owner), "{code} leaves {owner} out");
        }
        assert!(!page.contains('!'), "{code} shouts");
    }
}

#[test]
fn look_alikes_are_codes() {
    for code in Code::ALL {
        let page = std::fs::read_to_string(folder().join(format!("{code}.md"))).expect("a page");
        let section =
            page.split("## Look-alikes").nth(1).and_then(|s| s.split("## ").next()).unwrap_or_default();
        let named: Vec<&str> = section
            .lines()
            .filter_map(|line| line.strip_prefix("- "))
            .filter_map(|line| line.split(": ").next())
            .flat_map(|names| names.split('`'))
            .filter(|word| {
                word.contains(|c: char| c.is_ascii_lowercase()) && !matches!(word.trim(), "and" | ",")
            })
            .collect();
        assert!(!named.is_empty(), "{code} has no look-alike");
        for name in named {
            assert!(name.parse::<Code>().is_ok_and(|other| other != *code), "{code}: `{name}`");
        }
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/findings")
}
