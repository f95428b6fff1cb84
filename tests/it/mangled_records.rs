//! Records in which something was changed: they are refused with a sentence or judged to the end, and nothing in them
//! gets into the answer that a terminal would take for more than text.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use regex::Regex;
use serde_json::{Value, json};
use trustgap::diagnose::{diagnose, probe, since};
use trustgap::edge::Pretend;
use trustgap::edge::stores::StoreOverrides;
use trustgap::facts::{Observations, Os, RootStore};
use trustgap::judge::{judge, wanted_issuers};
use trustgap::lab::Network;
use trustgap::observe::{Question, ToolScope, observe, record};
use trustgap::present::{self, Detail, Layout};

use crate::support::looking::question;
use crate::support::{Sandbox, decent};

/// A help desk's record; one of a machine with tools and their configuration; one of servers that were probed.
static RECORDS: LazyLock<[Value; 3]> = LazyLock::new(|| {
    let inspected: Value =
        serde_json::from_str(include_str!("../../fixtures/inspected-by-a-gateway.json")).unwrap();
    let mut with_tools = serde_json::to_value(machine_with_tools()).unwrap();
    for part in ["stores", "targets", "time"] {
        with_tools[part] = inspected[part].clone();
    }
    [inspected, with_tools, probed()]
});

fn machine_with_tools() -> Observations {
    let machine = Pretend::new(Os::Linux)
        .distribution(["debian"])
        .working_folder("/src/app")
        .variable("PATH", "/usr/bin")
        .variable("REQUESTS_CA_BUNDLE", "/ca/bundle.pem")
        .variable("https_proxy", "http://ada:s3cret@proxy.example:3128")
        .file("/ca/bundle.pem", "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n")
        .file("/src/app/package.json", "{}")
        .file("/src/app/.npmrc", "cafile=/ca/gone.pem\nstrict-ssl=false\n")
        .file("/home/you/.bashrc", "export NODE_EXTRA_CA_CERTS=/ca/bundle.pem\n")
        .file("/home/you/.config/pip/pip.conf", "[global]\ntrusted-host = registry.example\n")
        .program("/usr/bin/node", "v20.20.2\n")
        .program("/usr/bin/curl", "curl 8.9.1 (x86_64) libcurl/8.9.1 OpenSSL/3.0.19\n")
        .program("/usr/bin/kubectl", "something else\n");
    let asked = Question {
        timeout: Duration::from_secs(2),
        stores: StoreOverrides { system: Some(RootStore::default()), web: Some(RootStore::default()) },
        tools: ToolScope::All,
        ..question(&[])
    };
    observe(&machine, &asked)
}

/// Returns what the program recorded of servers with faults of all kinds.
fn probed() -> Value {
    let network = Network::start().unwrap();
    let sandbox = Sandbox::new();
    let record = sandbox.path().join("record.json");
    let direct = network.endpoints.iter().filter(|endpoint| endpoint.proxy.is_none());
    let hosts = direct.map(|endpoint| endpoint.target.to_string()).step_by(4);
    let program = sandbox.trustgap().arg("probe").args(hosts).args(sandbox.in_lab(&network));
    decent(
        program.args(["--tool=none", "--proxy=none", "--timeout=2"]).arg("--record").arg(&record).output(),
    );
    serde_json::from_str(&std::fs::read_to_string(record).unwrap()).unwrap()
}

/// What no answer may hold, as Unicode has it.
static HARMFUL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}&&[^\n]]").unwrap());

/// Values that nobody expects, wherever they are put.
fn odd_values() -> impl Strategy<Value = Value> {
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[31mX\u{202e}\u{2066}\r\n# a\u{0}\u{9b}2J\u{2028}|`$(id)`<b>";
    let values = vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(""),
        json!(hostile),
        json!("x".repeat(5000)),
        json!("9999-12-31T23:59:59Z"),
        json!("0000-01-01T00:00:00Z"),
        json!("-9999-01-01T00:00:00Z"),
        json!("2026-06-01T12:00:00Z"),
        json!("MIIB"),
        json!("sha256:00"),
        json!("[::1]:0"),
        json!([]),
        json!({}),
        json!([[]]),
        json!([hostile]),
        json!({ hostile: hostile }),
    ];
    proptest::sample::select(values)
}

/// One change: somewhere a value is replaced, taken out, or put in twice.
#[derive(Clone, Debug)]
enum Change {
    Double(Index),
    Remove(Index),
    Replace(Index, Value),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<Index>;
    let change = prop_oneof![
        1 => at().prop_map(Change::Double),
        1 => at().prop_map(Change::Remove),
        4 => (at(), odd_values()).prop_map(|(at, value)| Change::Replace(at, value)),
    ];
    prop::collection::vec(change, 1..4)
}

/// Returns the places of all values of a document.
fn places(value: &Value, place: &str, all: &mut Vec<String>) {
    let inside: Vec<(String, &Value)> = match value {
        Value::Array(values) => values.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        Value::Object(entries) => {
            entries.iter().map(|(key, v)| (key.replace('~', "~0").replace('/', "~1"), v)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in inside {
        let place = format!("{place}/{name}");
        all.push(place.clone());
        places(value, &place, all);
    }
}

fn change(record: &mut Value, change: &Change) {
    let mut all = Vec::new();
    places(record, "", &mut all);
    let (Change::Double(at) | Change::Remove(at) | Change::Replace(at, _)) = change;
    if all.is_empty() {
        return;
    }
    let place = at.get(&all);
    let (above, last) = place.rsplit_once('/').unwrap();
    match (change, record.pointer_mut(above).unwrap()) {
        (Change::Double(_), Value::Array(values)) => values.push(values[0].clone()),
        (Change::Remove(_), Value::Array(values)) => drop(values.remove(last.parse().unwrap())),
        (Change::Remove(_), Value::Object(entries)) => {
            entries.remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        (Change::Replace(_, value), _) => *record.pointer_mut(place).unwrap() = value.clone(),
        _ => {}
    }
}

/// Returns every answer that is made of observations.
fn answers(seen: &Observations) -> Vec<String> {
    let judgement = judge(seen);
    let _ = wanted_issuers(seen);
    let report = diagnose(seen, &judgement);
    let servers = probe(seen, &judgement);
    let mut report_since = report.clone();
    report_since.changes = Some(since(&report, &report));
    let layouts = [Layout::pipe(Detail::Full), Layout::terminal(Some(40), Detail::Normal)];
    let texts = layouts.into_iter().flat_map(|layout| {
        [
            present::report::text(&report_since, layout),
            present::probe::text(&servers, layout),
            present::tools::text(&report, true, layout),
        ]
    });
    texts.collect()
}

proptest! {
    #[test]
    fn a_changed_record_is_refused_or_judged_to_the_end(which in 0_usize..3, changes in changes()) {
        let mut record = RECORDS[which].clone();
        for one in &changes {
            change(&mut record, one);
        }
        match record::read(record.to_string().as_bytes()) {
            Err(why) => {
                let said = why.to_string();
                prop_assert_eq!(HARMFUL.find(&said).map(|found| found.as_str()), None, "{}", said);
            }
            Ok(seen) => {
                for answer in answers(&seen) {
                    let harmful = HARMFUL.find(&answer).map(|found| found.as_str());
                    prop_assert_eq!(harmful, None, "{}", answer);
                }
            }
        }
    }
}
