//! What stands on the terminal: the whole answer at 80 columns, the same from a record, and nothing hostile.

use trustgap::diagnose;
use trustgap::edge::tls::hello::{ClientHello, TLS13, UP_TO_TLS12};
use trustgap::facts::handshake::{Base64Bytes, Handshake, Outcome, Role, TargetLook};
use trustgap::facts::offers::{Heard, Meeting, MeetingAnswer, MeetingsLook, OfferLook};
use trustgap::facts::store::{Origin, Root};
use trustgap::facts::tool::ToolLook;
use trustgap::facts::versions::{KeyExchange, VersionAnswer, VersionsLook};
use trustgap::facts::{Certificate, Observations, Os, Platform, RootStore, TlsVersion, ToolId};
use trustgap::judge::judge;
use trustgap::lab::mint::{Mint, Profile};
use trustgap::present::style::{Colour, paint};
use trustgap::present::{Detail, Layout, probe};

use super::Place;

const HOST: &str = "shop.fabrikam.example";

/// A server that forgot its intermediate, speaks TLS 1.0 to 1.2, and three programs.
fn world() -> Observations {
    let mint = Mint::at(time::macros::datetime!(2026-11-20 12:00 UTC));
    let root = mint.root("Public Trust Root").unwrap();
    let issuer = root.subordinate("Public Trust Issuing 1").unwrap();
    let leaf = issuer.issue(&Profile::public_leaf(&[HOST])).unwrap();
    let beside = issuer.issue(&Profile::public_leaf(&["www.contoso.example"])).unwrap();
    let platform = Platform { os: Os::Linux, arch: "x86_64".into(), distribution: vec!["debian".into()] };
    let mut world = Observations::new(mint.moment(), platform);
    let store = |source: &str| RootStore {
        source: source.to_owned(),
        roots: vec![Root { certificate: root.certificate().clone(), origin: Origin::Shipped, place: None }],
        ..RootStore::default()
    };
    (world.stores.system, world.stores.web) = (store("/etc/ssl/certs/ca-certificates.crt"), store("Mozilla"));
    world.targets = vec![
        look(HOST, Role::Asked, leaf.chain),
        look("www.contoso.example", Role::Control, beside.with(&[issuer.certificate()]).chain),
    ];
    let accepted =
        |suite: &str, key_exchange| VersionAnswer::Accepted { cipher_suite: suite.into(), key_exchange };
    let target = HOST.parse().unwrap();
    world.versions = vec![VersionsLook {
        target,
        versions: [
            (TlsVersion::Tls10, accepted("TLS_RSA_WITH_AES_128_CBC_SHA", KeyExchange::Rsa)),
            (TlsVersion::Tls11, VersionAnswer::Refused { alert: 70 }),
            (TlsVersion::Tls12, accepted("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", KeyExchange::Ecdhe)),
            (TlsVersion::Tls13, VersionAnswer::Downgraded { to: TlsVersion::Tls12 }),
        ]
        .into(),
        forward_secrecy: Some(true),
        diffie_hellman_bits: Some(1024),
        secure_renegotiation: Some(false),
    }];
    programs(&mut world);
    world
}

fn look(host: &str, role: Role, chain: Vec<Certificate>) -> TargetLook {
    let handshake = Handshake { version: Some(TlsVersion::Tls12), chain, ..Handshake::default() };
    TargetLook {
        handshake: Some(handshake),
        ..TargetLook::new(host.parse().unwrap(), role, Outcome::Completed)
    }
}

fn programs(world: &mut Observations) {
    let host = "localhost".parse().unwrap();
    let hello = |version, cipher_suites: &[u16], protocols: &[&str]| {
        let protocols: Vec<Vec<u8>> = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
        let hello = ClientHello { version, cipher_suites, host: &host, application_protocols: &protocols };
        hello.records()[5..].to_vec()
    };
    let old = hello(TlsVersion::Tls12, UP_TO_TLS12, &["http/1.1"]);
    let new = hello(TlsVersion::Tls13, TLS13, &["h2", "http/1.1"]);
    let heard =
        |message: &[u8], down| Heard::Hello { message: Base64Bytes(message.to_vec()), goes_down_to: down };
    let dumb = Heard::Nothing { why: "it made no connection and said: \u{1b}[31mno\u{202e}".into() };
    let agreed = MeetingAnswer::Agreed {
        version: TlsVersion::Tls12,
        cipher_suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".into(),
        diffie_hellman_bits: None,
        secure_renegotiation: Some(true),
    };
    let mut offers = Vec::new();
    let mut meetings = Vec::new();
    for (id, version, heard, answer) in [
        ("curl", "8.14.1", heard(&old, Some(TlsVersion::Tls10)), Some(agreed.clone())),
        ("git", "2.47.3", heard(&old, Some(TlsVersion::Tls10)), Some(agreed)),
        ("node", "22.1.0", heard(&new, None), Some(MeetingAnswer::Refused { alert: 70 })),
        ("gh", "2.23.0", dumb, None),
    ] {
        let (tool, path) = (ToolId(id.into()), format!("/usr/bin/{id}"));
        let version = Some(version.to_owned());
        meetings.extend(answer.map(|answer| Meeting {
            tool: tool.clone(),
            version: version.clone(),
            path: path.clone(),
            answer,
        }));
        offers.push(OfferLook { tool: tool.clone(), version: version.clone(), path: path.clone(), heard });
        world.tools.push(ToolLook {
            id: tool,
            path,
            real: None,
            version,
            first: true,
            runtime: None,
            facts: std::collections::BTreeMap::default(),
            entries: Vec::new(),
            absent: Vec::new(),
            trouble: None,
        });
    }
    world.offers = Some(offers);
    world.meetings = vec![MeetingsLook { target: HOST.parse().unwrap(), meetings }];
}

#[test]
fn the_whole_answer_at_80_columns() {
    let world = world();
    let report = diagnose::probe(&world, &judge(&world));
    let text = paint(&probe::text(&report, Layout::terminal(Some(80), Detail::Normal)), Colour::Off);
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/src/present/golden/probe-80.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(golden, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(golden).unwrap(), "BLESS=1 takes this in its place");
    let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:?}");
    for detail in [Detail::Brief, Detail::Normal, Detail::Full] {
        for width in [40, 60, 80, 100] {
            let text = paint(&probe::text(&report, Layout::terminal(Some(width), detail)), Colour::Off);
            assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        }
    }
}

#[test]
fn a_record_gives_the_same_answer() {
    let place = Place::full();
    for host in ["www.fabrikam.example", "tls10.test", "closed.test"] {
        let file = place.sandbox.path().join("record.json");
        let record = format!("--record={}", file.display());
        let live = place.json(host, &["--tool=curl,openssl", &record]);
        let replay = format!("--replay={}", file.display());
        let again = place.sandbox.trustgap().args(["probe", "--json", &replay]).output();
        assert_eq!(super::documented(&again), live, "{host}");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains(&place.sandbox.home().display().to_string()), "{host}");
    }
    let file = place.sandbox.path().join("record.json");
    let (record, replay) = (format!("--record={}", file.display()), format!("--replay={}", file.display()));
    place.json("www.fabrikam.example", &["--tool=curl,openssl", &record]);
    for (tool, wanted) in [("--tool=openssl", &["openssl"][..]), ("--tool=none", &[])] {
        let again = place.sandbox.trustgap().args(["probe", "--json", &replay, tool]).output();
        let meetings = super::documented(&again)["servers"][0]["meetings"].clone();
        let ids: Vec<&str> =
            meetings.as_array().into_iter().flatten().map(|m| m["tool"].as_str().unwrap()).collect();
        assert_eq!(ids, wanted);
    }
    // a record of a check knows less, and says so
    let file = place.sandbox.path().join("record.json");
    let record = format!("--record={}", file.display());
    let check = place.sandbox.trustgap().args(["check", "tls12.example", "--proxy=none", &record]);
    check.args(place.sandbox.in_lab(&place.network)).output().exits(0);
    let again = place.sandbox.trustgap().args(["probe", &format!("--replay={}", file.display())]).output();
    assert!(again.stdout.contains("TLS versions\n  not examined"), "{}", again.text());
}

#[test]
fn names_from_the_wire_do_not_reach_the_terminal_as_they_are() {
    let mut place = Place::new();
    let mut profile = Profile::leaf(&["evil.example"]).named("evil\u{1b}]0;owned\u{7}\u{202e}\nproblem  x");
    profile.names = vec!["evil.example".to_owned()];
    let root = Mint::now().root("Root \u{1b}[2J\u{9b}31m of evil").unwrap();
    let chain = root.issue(&profile).unwrap().with(&[root.certificate()]);
    place.serve("evil.example", chain);
    for more in [&[][..], &["-v"], &["--color=always"], &["--json"]] {
        let run = place.probe("evil.example", more).output();
        for bad in ["\u{1b}]", "\u{1b}[2J", "\u{9b}", "\u{7}", "\u{202e}", "\nproblem  x"] {
            assert!(!run.text().contains(bad), "{bad:?}: {}", run.text());
        }
        assert!(run.stdout.contains("evil"), "{}", run.text());
    }
}
