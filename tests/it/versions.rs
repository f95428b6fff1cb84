//! The matrix of TLS versions, asked of OpenSSL's server in every set-up and of servers that misbehave.

use std::io::Read;
use std::net::TcpListener;
use std::time::Instant;

use trustgap::facts::versions::{KeyExchange, VersionAnswer, VersionsLook};
use trustgap::facts::{Outcome, TlsVersion};
use trustgap::lab::{Mint, Service, Site};
use trustgap::observe::Question;

use super::support::looking::{BRIEF, question, versions};
use super::support::openssl::{Server, mint};
use super::support::{Sandbox, skip, tool};

const NAME: &str = "old.fabrikam.example";

fn ask(address: std::net::SocketAddr) -> VersionsLook {
    versions(&Question { timeout: BRIEF, ..question(&[(NAME, address)]) }).remove(0)
}

fn words(look: &VersionsLook) -> Vec<&'static str> {
    look.versions.values().map(VersionAnswer::word).collect()
}

#[test]
fn each_set_up_of_openssl_has_its_matrix() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    let parameters = sandbox.program(&openssl).args(["genpkey", "-genparam", "-algorithm", "DH"]);
    let parameters = parameters.args(["-pkeyopt", "group:modp_1536", "-out", "dh.pem"]).folder(&folder);
    assert_eq!(parameters.output().code, Some(0));
    let (yes, no) = ("accepted", "refused");
    for (arguments, matrix, forward_secrecy, bits) in [
        (&[][..], [no, no, yes, yes], Some(true), Some(2048)),
        (&["-cipher", "ALL:@SECLEVEL=0"], [yes, yes, yes, yes], Some(true), Some(2048)),
        (&["-tls1", "-cipher", "ALL:@SECLEVEL=0"], [yes, no, no, no], Some(true), Some(2048)),
        (&["-tls1_2"], [no, no, yes, no], Some(true), Some(2048)),
        (&["-tls1_3"], [no, no, no, yes], None, None),
        (&["-no_tls1_3", "-cipher", "AES128-SHA:@SECLEVEL=0"], [yes, yes, yes, no], Some(false), None),
        (&["-tls1_2", "-cipher", "ECDHE"], [no, no, yes, no], Some(true), None),
        (
            &["-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", "dh.pem"],
            [no, no, yes, no],
            Some(true),
            Some(1536),
        ),
    ] {
        let server = Server::start(&openssl, &folder, arguments);
        let look = ask(server.address);
        assert_eq!(words(&look), matrix, "{arguments:?}: {look:#?}");
        assert_eq!(
            (look.forward_secrecy, look.diffie_hellman_bits),
            (forward_secrecy, bits),
            "{arguments:?}"
        );
        let older = matrix[..3].contains(&yes);
        assert_eq!(look.secure_renegotiation, older.then_some(true), "{arguments:?}");
    }
}

#[test]
fn a_refusal_names_its_alert_and_an_older_choice_its_version() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    let server = Server::start(&openssl, &folder, &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]);
    let answers = ask(server.address).versions;
    assert_eq!(answers[&TlsVersion::Tls10], VersionAnswer::Refused { alert: 70 });
    assert_eq!(
        answers[&TlsVersion::Tls11],
        VersionAnswer::Accepted {
            cipher_suite: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA".into(),
            key_exchange: KeyExchange::Ecdhe
        }
    );
    assert_eq!(answers[&TlsVersion::Tls12], VersionAnswer::Downgraded { to: TlsVersion::Tls11 });
}

#[test]
fn servers_that_do_not_answer_properly_are_told_apart() {
    for (site, word) in [
        (Site::Alert(40), "refused"),
        (Site::Reset, "reset"),
        (Site::Close, "reset"),
        (Site::Silent, "silent"),
        (Site::PlainHttp, "not-examined"),
    ] {
        let story = format!("{site:?}");
        let service = site.start().unwrap();
        let look = ask(service.address());
        assert_eq!(words(&look), [word; 4], "{story}");
        assert_eq!((look.forward_secrecy, look.secure_renegotiation), (None, None));
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let look = ask(closed);
    assert_eq!(words(&look), ["not-examined"; 4]);
    let json = serde_json::to_value(&look).unwrap();
    assert_eq!(json["versions"]["tls1.3"]["outcome"], serde_json::to_value(Outcome::Refused).unwrap());
}

#[test]
fn twenty_matrices_take_as_long_as_one_and_a_silent_host_holds_none_back() {
    let identity = Mint::now().root("Matrix").unwrap().leaf(&[NAME]).unwrap();
    let good = Site::tls(identity).start().unwrap();
    let silent = Service::start(|mut stream| while matches!(stream.read(&mut [0; 64]), Ok(1..)) {}).unwrap();
    let names: Vec<String> = (0..20).map(|n| format!("host{n}.example")).collect();
    let servers: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), if n == 7 { silent.address() } else { good.address() }))
        .collect();
    let started = Instant::now();
    let looks = versions(&Question { timeout: BRIEF * 2, ..question(&servers) });
    assert!(started.elapsed() < BRIEF * 4, "{:?}", started.elapsed());
    for (n, look) in looks.iter().enumerate() {
        let wanted = if n == 7 { ["silent"; 4] } else { ["refused", "refused", "accepted", "accepted"] };
        assert_eq!(words(look), wanted, "{}", look.target);
    }
}
