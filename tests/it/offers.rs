//! What the runtimes of this machine offer, heard from themselves, and what real servers make of their hellos.

use std::time::Duration;

use trustgap::catalogue;
use trustgap::edge::Live;
use trustgap::facts::offers::{Heard, MeetingAnswer, OfferLook};
use trustgap::facts::{Environment, TlsVersion};
use trustgap::judge::meeting;
use trustgap::observe::{look_at_offers, meet, tools};

use super::support::looking::question;
use super::support::openssl::{Server, mint};
use super::support::{Sandbox, skip, tool};

const NAME: &str = "old.fabrikam.example";
const LONG: Duration = Duration::from_secs(20);

/// Hears these tools, in an environment of their own.
fn hear(sandbox: &Sandbox, ids: &[&str], more: &[(&str, &str)]) -> (Live, Vec<OfferLook>) {
    let home = sandbox.home().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let environment: Environment =
        [("PATH", path.as_str()), ("HOME", &home)].into_iter().chain(more.iter().copied()).collect();
    let live = Live::new(None).with_environment(environment);
    let scope: Vec<_> = catalogue::tools().iter().filter(|tool| ids.contains(&tool.id.0.as_str())).collect();
    let found = tools::look(&live, &scope, LONG);
    let offers = look_at_offers(&live, &found.tools, LONG, None);
    (live, offers)
}

#[test]
fn every_runtime_of_this_machine_is_heard() {
    let sandbox = Sandbox::new();
    let ids = [
        "curl", "git", "java", "node", "npm", "openssl", "python", "pip", "wget", "aws", "requests", "ruby",
        "php",
    ];
    let (_, offers) =
        hear(&sandbox, &ids, &[("HTTPS_PROXY", "http://127.0.0.1:9"), ("https_proxy", "http://127.0.0.1:9")]);
    if offers.is_empty() {
        return skip("none of the runtimes is installed");
    }
    for look in &offers {
        let Some(offer) = meeting::offer(look) else {
            let Heard::Nothing { why } = &look.heard else { panic!("{look:?} cannot be read") };
            let simple = ["curl", "node", "openssl", "python", "wget"].contains(&look.tool.0.as_str());
            assert!(!simple && !why.is_empty(), "{} {} was not heard: {why}", look.tool, look.path);
            continue;
        };
        println!("{} {:?}: {offer:?}", look.tool, look.version);
        assert!(offer.highest >= TlsVersion::Tls12, "{look:?}");
        assert!(offer.cipher_suites > 0);
        // Java sends no name without a dot (RFC 6066 leaves that open)
        let named = offer.server_name.as_deref() == Some("localhost");
        assert!(named || look.tool.0 == "java", "{} {:?}", look.tool, offer.server_name);
    }
}

#[test]
fn a_runtime_held_to_one_version_is_heard_with_one_version() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let sandbox = Sandbox::new();
    let settings = "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n";
    for (lines, highest, lowest) in [
        ("MinProtocol = TLSv1.3\n", TlsVersion::Tls13, TlsVersion::Tls13),
        ("MinProtocol = TLSv1.2\nMaxProtocol = TLSv1.2\n", TlsVersion::Tls12, TlsVersion::Tls12),
        (
            "MinProtocol = TLSv1\nMaxProtocol = TLSv1.2\nCipherString = ALL:@SECLEVEL=0\n",
            TlsVersion::Tls12,
            TlsVersion::Tls10,
        ),
        ("MinProtocol = TLSv1.1\nCipherString = ALL:@SECLEVEL=0\n", TlsVersion::Tls13, TlsVersion::Tls11),
    ] {
        let file = sandbox.file("openssl.cnf", format!("{settings}{lines}"));
        let (_, offers) = hear(&sandbox, &["openssl"], &[("OPENSSL_CONF", file.to_str().unwrap())]);
        let heard =
            offers.iter().find(|look| look.path == openssl.to_str().unwrap()).expect("openssl is heard");
        let reach = meeting::reach(heard).expect("a hello");
        assert_eq!((reach.highest, reach.lowest), (highest, Some(lowest)), "{lines}");
    }
}

/// What OpenSSL's own client says to the same server: the meeting must have said the same.
fn really_connects(sandbox: &Sandbox, openssl: &std::path::Path, server: &Server) -> bool {
    let client = sandbox.program(openssl).args(["s_client", "-connect", &server.address.to_string()]);
    let said = client.input("Q\n").output().stdout;
    said.contains("Cipher is ") && !said.contains("Cipher is (NONE)")
}

#[test]
fn a_server_gets_the_hello_of_each_program() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    let (live, offers) = hear(&sandbox, &["openssl"], &[]);
    for (arguments, wanted) in [
        (&["-tls1_3"][..], "TLS 1.3"),
        (&["-tls1_2"], "TLS 1.2"),
        (&["-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"], "TLS 1.0"),
        (&["-tls1", "-cipher", "ECDHE:@SECLEVEL=0"], "its signature is too weak"),
        (&["-tls1_2", "-cipher", "RC4-SHA:CAMELLIA128-SHA:@SECLEVEL=0"], "alert 40"),
    ] {
        let server = Server::start(&openssl, &folder, arguments);
        let meetings = meet(&live, &question(&[(NAME, server.address)]), &offers).remove(0);
        assert!(!meetings.is_empty());
        for meeting in meetings {
            let said = match meeting.answer {
                MeetingAnswer::Agreed { version, .. } => version.to_string(),
                MeetingAnswer::SignatureTooWeak { .. } => "its signature is too weak".to_owned(),
                MeetingAnswer::Refused { alert } => format!("alert {alert}"),
                other => format!("{other:?}"),
            };
            assert_eq!(said, wanted, "{arguments:?}");
            let agreed = said.starts_with("TLS");
            assert_eq!(really_connects(&sandbox, &openssl, &server), agreed, "{arguments:?}");
        }
    }
}
