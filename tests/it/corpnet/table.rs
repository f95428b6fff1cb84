//! docs/proved.md: which toolchains were proved in the inspected network. Written by the test that measures it, and
//! compared with what it measures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use trustgap::catalogue;
use trustgap::facts::ToolId;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/proved.md");

/// Before and after, where nothing was run.
const UNTRIED: (&str, &str) = ("-", "-");

/// One toolchain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    id: String,
    name: String,
    version: String,
    /// Before and after, on the inspected host and on the private one.
    pub(super) hosts: [(String, String); 2],
    setting: String,
    /// Why it was not proved.
    why: Option<String>,
}

/// Makes a row per toolchain out of the rows of `verify` and what `env` says of its settings.
pub(super) fn rows(runs: &[Value], settings: &BTreeMap<String, String>) -> Vec<Row> {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for run in runs {
        let id = run["tool"].as_str().unwrap_or_default();
        let name = catalogue::tool(&ToolId(id.to_owned())).map_or(id, |tool| tool.name.as_str());
        let row = rows.entry(id).or_insert_with(|| Row {
            id: id.to_owned(),
            name: name.to_owned(),
            version: run["version"].as_str().unwrap_or("-").to_owned(),
            hosts: [UNTRIED; 2].map(|(before, after)| (before.to_owned(), after.to_owned())),
            setting: settings.get(id).map_or("-".to_owned(), |setting| format!("`{setting}`")),
            why: None,
        });
        let result = |when: &str| run[when]["result"].as_str().unwrap_or("-").to_owned();
        let index = usize::from(run["inspected"] == false);
        // of several installations the first, which is the one that its name starts
        if row.hosts[index].0 != UNTRIED.0 {
            continue;
        }
        row.hosts[index] = (result("before"), result("after"));
        if result("after") != "works" {
            row.why = run["after"]["message"].as_str().map(str::to_owned);
        }
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    rows.sort_by_key(|row| row.name.to_lowercase());
    rows
}

/// Fails where the page says something else of a toolchain's end than what was seen here; `BLESS=1` writes the page. A
/// machine may have other tools, versions and settings, so that rows may be missing on either side, and begin otherwise.
pub(super) fn compare(rows: &[Row], measured: usize, time: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(PATH, page(rows, measured, time)).expect("docs/proved.md can be written");
        return;
    }
    let page = std::fs::read_to_string(PATH).unwrap_or_default();
    let shown: BTreeMap<&str, Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>())
        .filter_map(|cells| Some((*cells.first()?, cells)))
        .collect();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for row in rows.iter().filter(|row| row.why.is_none()) {
        let is_told =
            |(before, after): &(String, String)| before != "inconclusive" && after != "inconclusive";
        let Some(cells) = shown.get(row.name.as_str()).filter(|_| row.hosts.iter().all(is_told)) else {
            continue;
        };
        compared += 1;
        let end = |cell: &str| cell.rsplit(' ').next().map(str::to_owned);
        if (2..4).any(|column| end(cells[column]) != end(&row.cells()[column])) {
            wrong.push(format!("{} is now {:?}, the page says {cells:?}", row.id, row.cells()));
        }
    }
    assert!(
        wrong.is_empty() && compared > 0,
        "docs/proved.md says otherwise; `BLESS=1 cargo test --test it every_tool` writes it:\n{}",
        wrong.join("\n")
    );
}

fn page(rows: &[Row], measured: usize, time: &str) -> String {
    let date = time.split('T').next().unwrap_or_default();
    let (proved, open): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.why.is_none());
    let helped = proved.iter().filter(|row| row.hosts.iter().any(|(before, _)| before == "fails")).count();
    let mut page = format!(
        "\
# What was proved with the tools themselves

<!-- Written by the test that measures it: `BLESS=1 cargo test --test it every_tool`. -->

Measured on {date}, on Debian 12 for x86_64. In a network namespace every name led to a mitmproxy that inspected
TLS and sent only the leaf; `wiki.intranet.test` was a site of the company's own CA that nobody inspected. Both
CAs were in the system store, as on a machine that an IT department looks after. Nothing else was set: npm's and
pip's files for everybody named the system's bundle, and both were told to leave them out, which Yarn 1 cannot be.
Of a toolchain that is installed several times the first is shown.

`trustgap verify` ran each toolchain against both hosts, without the settings of `trustgap env` and with
them. {measured} of them were measured a second time with commands that have nothing to do with trustgap
(`tests/it/corpnet/tries.sh`): both say the same. What each one's roots had predicted is what happened, every
time. {} toolchains work with the settings on both hosts; {helped} of these fail without them, and none that
worked before stopped working. The other {} worked before, because they follow the system store.

The same test runs in CI over the tools that `.ci/run` installs, whose versions may be newer than here.

| toolchain | version | inspected host | private CA | put right by |
|---|---|---|---|---|
",
        proved.len(),
        proved.len() - helped
    );
    for row in &proved {
        let _ = writeln!(page, "| {} |", row.cells().join(" | "));
    }
    page.push_str("\nInstalled there as well:\n\n");
    for row in open {
        let what = match (row.hosts.iter().all(|(_, after)| after == "fails"), &row.why) {
            (true, _) | (_, None) => "fails with the settings too: no variable reaches its roots",
            (false, Some(why)) => &format!("not proved: {why}"),
        };
        let _ = writeln!(page, "- {} {}: {what}", row.name, row.version);
    }
    page
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let [inspected, private] = &self.hosts;
        let cell = |(before, after): &(String, String)| {
            let word = |result: &str| if result == "inconclusive" { "not proved" } else { result }.to_owned();
            if before == after { word(after) } else { format!("{} → {}", word(before), word(after)) }
        };
        vec![self.name.clone(), self.version.clone(), cell(inspected), cell(private), self.setting.clone()]
    }
}
