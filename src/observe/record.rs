//! Observations as a file: what `--record` saves and `--replay` reads. A help desk replays what a colleague
//! recorded, and a bug becomes a fixture.
//!
//! A file holds no secrets and no personal names. A root that every trustgap carries is named by its fingerprint
//! alone, everything else is there whole, so that a record says the same everywhere.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use crate::facts::observations::RECORD_VERSION;
use crate::facts::{Fingerprint, Observations};
use crate::text::redact::Person;
use crate::text::sanitise;

/// Why a file is not a record that can be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Not JSON, or not a record; with the reader's words.
    NotARecord(String),
    /// A newer program wrote it.
    Newer {
        /// Which.
        tool_version: String,
    },
    /// A root it names by fingerprint is not among the ones this program carries.
    UnknownRoot(Fingerprint),
}

/// The keys whose values are left as they are: bytes in base64, in which a name may stand by chance, and hosts.
const BYTES_AND_HOSTS: &[&str] =
    &["certificate", "certificates", "chain", "client_hello", "staple", "target", "host"];

/// Returns the observations as the text of a record.
pub fn write(observations: &Observations, person: &Person) -> Result<String, serde_json::Error> {
    let mut record = serde_json::to_value(observations)?;
    each_store(&mut record, |roots| roots.iter_mut().for_each(shorten_root));
    person.redact_json(&mut record, BYTES_AND_HOSTS);
    Ok(serde_json::to_string_pretty(&record)? + "\n")
}

/// Reads a record.
pub fn read(bytes: &[u8]) -> Result<Observations, Unreadable> {
    let not_a_record = |error: serde_json::Error| Unreadable::NotARecord(error.to_string());
    let pieces = bytes.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count();
    if pieces > MOST_PIECES {
        return Err(Unreadable::NotARecord("it has more parts than a machine has to tell".to_owned()));
    }
    let mut record: Value = serde_json::from_slice(bytes).map_err(not_a_record)?;
    let Some(version) = record.get("record_version").and_then(Value::as_u64) else {
        return Err(Unreadable::NotARecord("it has no `record_version`".to_owned()));
    };
    if version > u64::from(RECORD_VERSION) {
        let tool_version = record.get("tool_version").and_then(Value::as_str).unwrap_or("unknown").to_owned();
        return Err(Unreadable::Newer { tool_version });
    }
    let mut unknown = None;
    each_store(&mut record, |roots| {
        for root in roots {
            if let Err(fingerprint) = lengthen_root(root) {
                unknown = Some(fingerprint);
            }
        }
    });
    match unknown {
        Some(fingerprint) => Err(Unreadable::UnknownRoot(fingerprint)),
        None => serde_json::from_value(record).map_err(not_a_record),
    }
}

/// The most values of a record; of a machine with fifty tools some twenty thousand are recorded. Each takes many times
/// the memory of the two octets that it can be written in.
const MOST_PIECES: usize = 500_000;

/// How a root is written that every trustgap carries.
const PREFIX: &str = "sha256:";

/// The roots this program carries, as a record's base64, by fingerprint.
static CARRIED: LazyLock<HashMap<Fingerprint, String>> = LazyLock::new(|| {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    roots.iter().map(|der| (Fingerprint::of(der), BASE64.encode(der))).collect()
});

fn each_store(record: &mut Value, mut visit: impl FnMut(&mut Vec<Value>)) {
    for store in ["system", "web", "environment"] {
        if let Some(Value::Array(roots)) = record.pointer_mut(&format!("/stores/{store}/roots")) {
            visit(roots);
        }
    }
}

/// A carried root that came with the system becomes one line; one that somebody added keeps who did.
fn shorten_root(root: &mut Value) {
    let Some(text) = root.get("certificate").and_then(Value::as_str) else {
        return;
    };
    let Some(fingerprint) = BASE64.decode(text).ok().map(|der| Fingerprint::of(&der)) else {
        return;
    };
    if !CARRIED.contains_key(&fingerprint) {
        return;
    }
    let short = Value::String(format!("{PREFIX}{fingerprint}"));
    if root.get("origin").and_then(Value::as_str) == Some("shipped") {
        *root = short;
    } else {
        root["certificate"] = short;
    }
}

fn lengthen_root(root: &mut Value) -> Result<(), Fingerprint> {
    if root.is_string() {
        let mut whole = Map::new();
        whole.insert("certificate".to_owned(), root.take());
        whole.insert("origin".to_owned(), Value::String("shipped".to_owned()));
        *root = Value::Object(whole);
    }
    let named = root.get("certificate").and_then(Value::as_str).and_then(|text| text.strip_prefix(PREFIX));
    if let Some(fingerprint) = named.and_then(|hex| hex.parse::<Fingerprint>().ok()) {
        let carried = CARRIED.get(&fingerprint).ok_or(fingerprint)?;
        root["certificate"] = Value::String(carried.clone());
    }
    Ok(())
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // the reader's words repeat what stands in the file
            Self::NotARecord(why) => write!(f, "it is not a record of trustgap: {}", sanitise(why)),
            Self::Newer { tool_version } => {
                write!(f, "trustgap {} wrote it, which is newer than this one", sanitise(tool_version))
            }
            Self::UnknownRoot(fingerprint) => {
                write!(f, "it names a web root that this version of trustgap does not carry: {fingerprint}")
            }
        }
    }
}

impl std::error::Error for Unreadable {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::store::{Origin, Root, RootStore, Stores};
    use crate::facts::{Certificate, Environment, Os, Platform};

    fn carried(index: usize) -> Certificate {
        Certificate::from_der(webpki_root_certs::TLS_SERVER_ROOT_CERTS[index].to_vec())
    }

    fn world() -> Observations {
        let root = |certificate, origin, place: Option<&str>| Root {
            certificate,
            origin,
            place: place.map(Into::into),
        };
        let system = RootStore {
            source: "/home/alice/roots".to_owned(),
            roots: vec![
                root(carried(0), Origin::Shipped, None),
                root(carried(1), Origin::Administrator, Some("/usr/local/share/x.crt")),
                root(Certificate::from_der(b"not one".to_vec()), Origin::User, None),
            ],
            ..RootStore::default()
        };
        let web = RootStore { roots: vec![root(carried(0), Origin::Shipped, None)], ..RootStore::default() };
        Observations {
            issuers: Vec::new(),
            clock: Vec::new(),
            proxies: Vec::new(),
            clients: Vec::new(),
            pages: Vec::new(),
            record_version: RECORD_VERSION,
            tool_version: "0.1.0".to_owned(),
            time: time::macros::datetime!(2026-01-31 12:00 UTC),
            time_chosen: false,
            platform: Platform { os: Os::Linux, arch: "x86_64".to_owned(), distribution: Vec::new() },
            environment: Environment::from_iter([("https_proxy", "http://alice:secret@proxy:8080")]),
            stores: Stores { system, web, environment: None },
            targets: Vec::new(),
            tools: Vec::new(),
            files: Vec::new(),
            exports: Vec::new(),
            versions: Vec::new(),
            offers: None,
            meetings: Vec::new(),
        }
    }

    fn nobody() -> Person {
        Person::default()
    }

    #[test]
    fn what_was_recorded_is_read_again() {
        let text = write(&world(), &nobody()).expect("writes");
        let again = read(text.as_bytes()).expect("reads");
        assert_eq!(again.stores, world().stores);
        assert_eq!(write(&again, &nobody()).expect("writes"), text);
    }

    #[test]
    fn carried_roots_take_one_line_each() {
        let text = write(&world(), &nobody()).expect("writes");
        assert!(text.contains(&format!("\"sha256:{}\"", carried(0).fingerprint())));
        assert!(!text.contains(&BASE64.encode(carried(1).der())));
    }

    #[test]
    fn nothing_secret_or_personal_is_recorded() {
        let person = Person::new(Some("/home/alice"), &["alice"]);
        let text = write(&world(), &person).expect("writes");
        assert!(!text.contains("secret") && !text.contains("alice"), "{text}");
        assert!(text.contains("~/roots") && text.contains("http://***@proxy:8080"));
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        assert!(matches!(read(b""), Err(Unreadable::NotARecord(_))));
        assert!(matches!(read(b"{}"), Err(Unreadable::NotARecord(_))));
        assert!(matches!(read(b"{\"record_version\": 1}"), Err(Unreadable::NotARecord(_))));
        let endless = format!("{{\"record_version\": 1, \"x\": [{}0]}}", "0,".repeat(MOST_PIECES));
        assert!(
            matches!(read(endless.as_bytes()), Err(Unreadable::NotARecord(why)) if why.contains("more parts"))
        );
        let newer = read(b"{\"record_version\": 99, \"tool_version\": \"9.0\"}");
        assert_eq!(newer, Err(Unreadable::Newer { tool_version: "9.0".to_owned() }));
        let strange = write(&world(), &nobody())
            .expect("writes")
            .replace(&carried(0).fingerprint().to_string(), &Fingerprint::of(b"x").to_string());
        assert_eq!(read(strange.as_bytes()), Err(Unreadable::UnknownRoot(Fingerprint::of(b"x"))));
    }
}
