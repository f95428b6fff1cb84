//! Reads a ClientHello: what a program offers. Pure, and safe with hostile bytes.

use tls_parser::{
    TlsCipherKx, TlsCipherSuite, TlsClientHelloContents, TlsMessage, TlsMessageHandshake,
    parse_tls_message_handshake,
};

use crate::facts::TlsVersion;
use crate::facts::offers::Offer;

/// Returns what a ClientHello says, or why it cannot be read. `message` is the handshake message without records.
pub fn read(message: &[u8]) -> Result<Offer, &'static str> {
    let Ok((_, TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello)))) =
        parse_tls_message_handshake(message)
    else {
        return Err("what was sent is not a ClientHello");
    };
    let extensions = extensions(hello.ext.unwrap_or_default());
    let content =
        |wanted| extensions.iter().find(|(number, _)| *number == wanted).map(|(_, content)| *content);
    let versions: Vec<TlsVersion> = content(SUPPORTED_VERSIONS)
        .map(|list| numbers(list.get(1..).unwrap_or_default()))
        .unwrap_or_default()
        .into_iter()
        .filter_map(version)
        .collect();
    let highest = match versions.iter().max() {
        Some(highest) => *highest,
        None => version(hello.version.0).ok_or("its version is not one of TLS")?,
    };
    let key_shares = content(KEY_SHARE).map(key_shares).unwrap_or_default();
    let schemes = content(SIGNATURE_ALGORITHMS).map(in_list).unwrap_or_default();
    Ok(Offer {
        highest,
        lowest: versions.iter().min().copied(),
        server_name: content(SERVER_NAME).and_then(server_name),
        application_protocols: content(APPLICATION_PROTOCOLS).map(protocols).unwrap_or_default(),
        groups: content(SUPPORTED_GROUPS).map(in_list).unwrap_or_default().into_iter().map(group).collect(),
        post_quantum: key_shares.iter().any(|number| POST_QUANTUM.contains(number)),
        key_shares: key_shares.into_iter().map(group).collect(),
        cipher_suites: hello
            .ciphers
            .iter()
            .filter(|suite| !is_grease(suite.0) && !is_signal(suite.0))
            .count(),
        rsa_key_exchange: has_rsa(&hello),
        // rsa_pkcs1_sha1, dsa_sha1, ecdsa_sha1; without the extension SHA-1 is what is meant (RFC 5246, 7.4.1.4.1)
        sha1_signatures: schemes.iter().any(|scheme| [0x0201, 0x0202, 0x0203].contains(scheme))
            || content(SIGNATURE_ALGORITHMS).is_none(),
        asks_for_staple: content(STATUS_REQUEST).is_some(),
    })
}

/// Returns what is the same in every ClientHello of one build in one set-up: two with the same likeness get the same
/// answer. Left out are random numbers, keys, tickets and the host. `None` for what is no ClientHello.
pub fn likeness(message: &[u8]) -> Option<Vec<u8>> {
    let Ok((_, TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello)))) =
        parse_tls_message_handshake(message)
    else {
        return None;
    };
    let mut likeness = hello.version.0.to_be_bytes().to_vec();
    likeness.push(u8::from(hello.session_id.is_some()));
    let mut list = |numbers: &mut dyn Iterator<Item = u16>| {
        likeness.extend(numbers.flat_map(u16::to_be_bytes));
        likeness.extend([0xff; 4]);
    };
    list(&mut hello.ciphers.iter().map(|suite| suite.0));
    list(&mut hello.comp.iter().map(|method| u16::from(method.0)));
    for (number, content) in extensions(hello.ext.unwrap_or_default()) {
        match number {
            SERVER_NAME | PADDING | SESSION_TICKET | PRE_SHARED_KEY => {}
            KEY_SHARE => list(&mut std::iter::once(number).chain(key_shares(content))),
            _ => list(&mut std::iter::once(number).chain(content.iter().map(|byte| u16::from(*byte)))),
        }
    }
    Some(likeness)
}

const SERVER_NAME: u16 = 0;
const STATUS_REQUEST: u16 = 5;
const SUPPORTED_GROUPS: u16 = 10;
const SIGNATURE_ALGORITHMS: u16 = 13;
const APPLICATION_PROTOCOLS: u16 = 16;
const PADDING: u16 = 21;
const SESSION_TICKET: u16 = 35;
const PRE_SHARED_KEY: u16 = 41;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// SecP256r1MLKEM768, X25519MLKEM768, SecP384r1MLKEM1024, and the Kyber draft that browsers began with.
const POST_QUANTUM: [u16; 4] = [0x11eb, 0x11ec, 0x11ed, 0x6399];

/// Returns the extensions up to the first broken one.
fn extensions(mut bytes: &[u8]) -> Vec<(u16, &[u8])> {
    let mut extensions = Vec::new();
    while let [a, b, high, low, tail @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((content, rest)) = tail.split_at_checked(length) else { break };
        extensions.push((u16::from_be_bytes([*a, *b]), content));
        bytes = rest;
    }
    extensions
}

fn numbers(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .filter(|n| !is_grease(*n))
        .collect()
}

/// Returns the numbers of a list that begins with two octets of length.
fn in_list(content: &[u8]) -> Vec<u16> {
    numbers(content.get(2..).unwrap_or_default())
}

fn server_name(content: &[u8]) -> Option<String> {
    // a list of one: its length, the kind host_name, the name's length, the name
    match content {
        [_, _, 0, high, low, name @ ..] => {
            let name = name.get(..usize::from(u16::from_be_bytes([*high, *low])))?;
            Some(String::from_utf8_lossy(name).into_owned())
        }
        _ => None,
    }
}

fn protocols(content: &[u8]) -> Vec<String> {
    let mut rest = content.get(2..).unwrap_or_default();
    let mut protocols = Vec::new();
    while let [length, tail @ ..] = rest {
        let Some((name, behind)) = tail.split_at_checked(usize::from(*length)) else { break };
        // GREASE values are two equal octets that are no text
        if let Ok(name) = std::str::from_utf8(name)
            && !name.chars().any(char::is_control)
        {
            protocols.push(name.to_owned());
        }
        rest = behind;
    }
    protocols
}

fn key_shares(content: &[u8]) -> Vec<u16> {
    let mut rest = content.get(2..).unwrap_or_default();
    let mut groups = Vec::new();
    while let [a, b, high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((_, behind)) = tail.split_at_checked(length) else { break };
        groups.push(u16::from_be_bytes([*a, *b]));
        rest = behind;
    }
    groups.retain(|group| !is_grease(*group));
    groups
}

fn has_rsa(hello: &TlsClientHelloContents<'_>) -> bool {
    let exchange = |number| TlsCipherSuite::from_id(number).map(|suite| &suite.kx);
    hello.ciphers.iter().any(|suite| exchange(suite.0) == Some(&TlsCipherKx::Rsa))
}

/// Values that are sent so that servers learn to overlook what they do not know (RFC 8701).
fn is_grease(number: u16) -> bool {
    number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff
}

/// Cipher suites that are none: TLS_EMPTY_RENEGOTIATION_INFO_SCSV and TLS_FALLBACK_SCSV.
fn is_signal(suite: u16) -> bool {
    matches!(suite, 0x00ff | 0x5600)
}

fn version(number: u16) -> Option<TlsVersion> {
    match number {
        0x0300 => Some(TlsVersion::Ssl30),
        0x0301 => Some(TlsVersion::Tls10),
        0x0302 => Some(TlsVersion::Tls11),
        0x0303 => Some(TlsVersion::Tls12),
        0x0304 => Some(TlsVersion::Tls13),
        _ => None,
    }
}

fn group(number: u16) -> String {
    let name = match number {
        0x0017 => "secp256r1",
        0x0018 => "secp384r1",
        0x0019 => "secp521r1",
        0x001d => "x25519",
        0x001e => "x448",
        0x0100 => "ffdhe2048",
        0x0101 => "ffdhe3072",
        0x0102 => "ffdhe4096",
        0x0103 => "ffdhe6144",
        0x0104 => "ffdhe8192",
        0x11eb => "SecP256r1MLKEM768",
        0x11ec => "X25519MLKEM768",
        0x11ed => "SecP384r1MLKEM1024",
        0x6399 => "X25519Kyber768Draft00",
        _ => return format!("0x{number:04x}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::edge::tls::hello::{ClientHello, TLS13, UP_TO_TLS12};
    use crate::lab::mutated::mutated;

    /// The hellos of this program, without their records.
    fn real_hellos() -> Vec<Vec<u8>> {
        let host = "www.example".parse().unwrap();
        let hello = |version, cipher_suites| {
            let protocols = [b"h2".to_vec(), b"http/1.1".to_vec()];
            let hello =
                ClientHello { version, cipher_suites, host: &host, application_protocols: &protocols };
            hello.records()[5..].to_vec()
        };
        vec![
            hello(TlsVersion::Tls10, UP_TO_TLS12),
            hello(TlsVersion::Tls12, UP_TO_TLS12),
            hello(TlsVersion::Tls13, TLS13),
        ]
    }

    fn list16(numbers: &[u16]) -> Vec<u8> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
        [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], &bytes].concat()
    }

    fn hello(version: u16, suites: &[u16], extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut body = version.to_be_bytes().to_vec();
        body.extend([1; 32]);
        body.push(0);
        body.extend(list16(suites));
        body.extend([1, 0]);
        let mut all = Vec::new();
        for (number, content) in extensions {
            all.extend(number.to_be_bytes());
            all.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
            all.extend(content);
        }
        body.extend(u16::try_from(all.len()).unwrap().to_be_bytes());
        body.extend(all);
        [&[1], &u32::try_from(body.len()).unwrap().to_be_bytes()[1..], &body].concat()
    }

    #[test]
    fn a_modern_hello_says_its_versions_and_its_post_quantum_share() {
        let share = |group: u16| [&group.to_be_bytes()[..], &[0, 2, 9, 9]].concat();
        let shares = [share(0x2a2a), share(0x11ec), share(0x001d)].concat();
        let message = hello(
            0x0303,
            &[0x0a0a, 0x1301, 0xc02f, 0x00ff],
            &[
                (0x3a3a, vec![]),
                (0, [&[0, 14, 0, 0, 11][..], b"www.example"].concat()),
                (5, vec![1, 0, 0, 0, 0]),
                (10, list16(&[0x1a1a, 0x11ec, 0x001d, 0x0017])),
                (13, list16(&[0x0403, 0x0804])),
                (16, [&[0, 15, 2, 0x3a, 0x3a][..], b"\x02h2\x08http/1.1"].concat()),
                (43, vec![6, 0x4a, 0x4a, 3, 4, 3, 3]),
                (51, [&u16::try_from(shares.len()).unwrap().to_be_bytes()[..], &shares].concat()),
            ],
        );
        let offer = read(&message).unwrap();
        assert_eq!((offer.highest, offer.lowest), (TlsVersion::Tls13, Some(TlsVersion::Tls12)));
        assert_eq!(offer.server_name.as_deref(), Some("www.example"));
        assert_eq!(offer.groups, ["X25519MLKEM768", "x25519", "secp256r1"]);
        assert_eq!(offer.key_shares, ["X25519MLKEM768", "x25519"]);
        assert!(
            offer.post_quantum && offer.asks_for_staple && !offer.rsa_key_exchange && !offer.sha1_signatures
        );
        assert_eq!(offer.cipher_suites, 2);
        assert_eq!(offer.application_protocols.last().map(String::as_str), Some("http/1.1"));
    }

    #[test]
    fn an_old_hello_says_only_its_highest_version() {
        let offer = read(&hello(0x0301, &[0x002f, 0x000a], &[])).unwrap();
        assert_eq!((offer.highest, offer.lowest), (TlsVersion::Tls10, None));
        assert!(offer.rsa_key_exchange && offer.sha1_signatures && offer.server_name.is_none());
    }

    #[test]
    fn hellos_are_alike_that_differ_in_keys_tickets_and_hosts_only() {
        let share = |key: u8, group: u16| [&[0, 6][..], &group.to_be_bytes(), &[0, 2, key, key]].concat();
        let with = |name: &[u8], share: Vec<u8>, protocols: &[u8]| {
            let extensions = [
                (0, name.to_vec()),
                (16, protocols.to_vec()),
                (35, name.to_vec()),
                (41, name.to_vec()),
                (51, share),
            ];
            likeness(&hello(0x0303, &[0x1301], &extensions)).unwrap()
        };
        let one = with(b"a", share(1, 0x1d), b"h2");
        assert_eq!(one, with(b"other", share(2, 0x1d), b"h2"));
        assert_ne!(one, with(b"a", share(1, 0x17), b"h2"));
        assert_ne!(one, with(b"a", share(1, 0x1d), b"h3"));
        assert_ne!(one, likeness(&hello(0x0303, &[0x1301, 0x1302], &[])).unwrap());
        assert_eq!(likeness(b"GET / HTTP/1.1"), None);
    }

    #[test]
    fn what_is_no_hello_is_said_to_be_none() {
        for bytes in [&b""[..], b"GET / HTTP/1.1", &[1, 0, 0, 5, 3, 3], &hello(0x7777, &[1], &[])] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_hello_offers_no_more_than_it_holds(
            bytes in mutated(real_hellos(), &[&[0, 43, 0, 3, 2, 3, 4], &[0xff, 0xff], &[0, 0, 0, 16]]),
        ) {
            prop_assert_eq!(likeness(&bytes), likeness(&bytes));
            if let Ok(offer) = read(&bytes) {
                prop_assert!(offer.cipher_suites * 2 <= bytes.len() && offer.groups.len() * 2 <= bytes.len());
                let named = offer.server_name.as_deref().unwrap_or_default();
                prop_assert!(named.len() <= bytes.len() * 3);
                prop_assert!(offer.lowest.is_none_or(|lowest| lowest <= offer.highest));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = (read(&bytes), likeness(&bytes));
        }

        #[test]
        fn no_extensions_make_it_panic(
            version in any::<u16>(),
            suites in proptest::collection::vec(any::<u16>(), 0..20),
            extensions in proptest::collection::vec(
                (0_u16..60, proptest::collection::vec(any::<u8>(), 0..40)), 0..10),
        ) {
            let message = hello(version, &suites, &extensions);
            let _ = (read(&message), likeness(&message));
        }
    }
}
