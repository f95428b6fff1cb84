//! Servers that a modern TLS library refuses to talk to, made of OpenSSL's own server: they are looked at all the same.

use trustgap::facts::{Outcome, TlsVersion};

use super::support::looking::look_at;
use super::support::openssl::{Server, mint};
use super::support::{Sandbox, skip, tool};

const NAME: &str = "old.fabrikam.example";

#[test]
fn old_versions_and_old_cipher_suites_are_named_and_their_chain_is_kept() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    for (arguments, version, suite) in [
        (
            &["-tls1", "-cipher", "ALL:@SECLEVEL=0"][..],
            TlsVersion::Tls10,
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        ),
        (&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], TlsVersion::Tls11, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        (&["-tls1_2", "-cipher", "AES256-GCM-SHA384"], TlsVersion::Tls12, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
        (
            &["-tls1_2", "-cipher", "DHE-RSA-AES128-SHA256"],
            TlsVersion::Tls12,
            "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
        ),
    ] {
        let server = Server::start(&openssl, &folder, arguments);
        let seen = look_at(NAME, server.address);
        let cipher_suite = suite.to_owned();
        assert_eq!(seen.outcome, Outcome::LegacyOnly { version, cipher_suite }, "{arguments:?}");
        let handshake = seen.handshake.unwrap();
        assert_eq!((handshake.version, handshake.cipher_suite.as_deref()), (Some(version), Some(suite)));
        assert_eq!(handshake.chain.len(), 1);
        assert!(handshake.chain[0].details().unwrap().subject.to_string().contains(NAME));
    }
}

#[test]
fn weak_keys_do_not_end_the_look_and_their_proof_is_still_verified() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    for key in [
        &["-newkey", "rsa:1024"][..],
        &["-newkey", "rsa:768", "-sha256"],
        &["-newkey", "rsa:4096"],
        &["-newkey", "rsa:1024", "-sha1"],
        &["-newkey", "ed25519"],
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    ] {
        let sandbox = Sandbox::new();
        let folder = mint(&openssl, &sandbox, key);
        for version in ["-tls1_2", "-tls1_3"] {
            let arguments = [version, "-cipher", "ALL:@SECLEVEL=0"];
            let server = Server::start(&openssl, &folder, &arguments);
            let seen = look_at(NAME, server.address);
            assert_eq!(seen.outcome, Outcome::Completed, "{key:?} {version}");
            let handshake = seen.handshake.unwrap();
            assert_eq!(handshake.bad_signature, None, "{key:?} {version}");
            assert_eq!(handshake.chain.len(), 1);
        }
    }
}

#[test]
fn a_signature_of_another_weak_key_is_bad() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    // OpenSSL refuses a key that is not the certificate's, so the signature is changed on its way instead:
    // in TLS 1.2 it is the end of ServerKeyExchange, in the clear
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:1024"]);
    let arguments = ["-tls1_2", "-cipher", "ECDHE:@SECLEVEL=0"];
    let server = Server::start(&openssl, &folder, &arguments);
    let origin = server.address;
    let meddler = trustgap::lab::Service::start(move |client| {
        use std::io::{Read, Write};
        let mut server = std::net::TcpStream::connect(origin).unwrap();
        let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let (mut client, mut flight) = (client, Vec::new());
        // ServerHelloDone ends the flight
        while !flight.ends_with(&[14, 0, 0, 0]) {
            let mut chunk = [0; 4096];
            let Ok(count @ 1..) = server.read(&mut chunk) else { return };
            flight.extend_from_slice(&chunk[..count]);
        }
        // before it stand its record's header and the last byte of the signature
        let end = flight.len() - 10;
        flight[end] ^= 1;
        let _ = client.write_all(&flight);
        let _ = std::io::copy(&mut server, &mut client);
    })
    .unwrap();
    let seen = look_at(NAME, meddler.address());
    let Outcome::HandshakeFailed { reason } = &seen.outcome else { panic!("{:?}", seen.outcome) };
    assert!(reason.contains("not made with the key"), "{reason}");
    assert_eq!(seen.handshake.unwrap().bad_signature.as_ref(), Some(reason));
}

#[test]
fn a_certificate_message_that_is_too_long_for_rustls_is_read_another_way() {
    let Some(openssl) = tool("openssl") else { return skip("openssl is not installed") };
    let sandbox = Sandbox::new();
    let folder = mint(&openssl, &sandbox, &["-newkey", "rsa:2048"]);
    let one = std::fs::read_to_string(folder.join("chain.pem")).unwrap();
    std::fs::write(folder.join("others.pem"), one.repeat(89)).unwrap();
    let server = Server::start(&openssl, &folder, &["-cert_chain", "others.pem"]);
    let seen = look_at(NAME, server.address);
    let Outcome::HandshakeFailed { reason } = &seen.outcome else { panic!("{:?}", seen.outcome) };
    assert!(reason.contains("more than 64 KiB"), "{reason}");
    assert_eq!(seen.chain().len(), 90);
}
