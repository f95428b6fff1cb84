//! Writes a ClientHello (RFC 5246, 7.4.1.2; RFC 8446, 4.1.2), of any version, with any cipher suites.

use std::sync::LazyLock;

use ring::rand::{SecureRandom as _, SystemRandom};
use tls_parser::{TlsCipherKx, TlsCipherSuite};

use crate::facts::{Host, TlsVersion};

/// Cipher suites of TLS 1.0 to 1.2 that real servers agree to, the best first: forward secrecy, then RSA key
/// exchange, then what only a museum has left. Anonymous, export and NULL suites are not offered.
pub const UP_TO_TLS12: &[u16] = &[
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, // ECDHE with AES-GCM and ChaCha20
    0xc0ac, 0xc0ad, // ECDHE-ECDSA with AES-CCM
    0xc023, 0xc027, 0xc024, 0xc028, // ECDHE with AES-CBC and SHA-2
    0xc009, 0xc013, 0xc00a, 0xc014, // ECDHE with AES-CBC and SHA-1
    0x009e, 0x009f, 0xccaa, 0x0067, 0x006b, 0x0033, 0x0039, 0x0045, 0x0088, // DHE-RSA
    0x00a2, 0x00a3, 0x0040, 0x006a, 0x0032, 0x0038, // DHE-DSS
    0x009c, 0x009d, 0xc09c, 0xc09d, 0x003c, 0x003d, 0x002f, 0x0035, // RSA key exchange
    0x0041, 0x0084, 0x0096, // RSA with Camellia, SEED
    0xc008, 0xc012, 0x0016, 0x0013, 0x000a, // 3DES
    0xc007, 0xc011, 0x0005, 0x0004, // RC4
    0x0009, 0x0015, // DES
];

/// Those of [`UP_TO_TLS12`] whose keys a later theft of the certificate's key does not reveal.
pub static WITH_FORWARD_SECRECY: LazyLock<Vec<u16>> =
    LazyLock::new(|| agreed_by(&[TlsCipherKx::Ecdhe, TlsCipherKx::Dhe]));

/// Those of [`UP_TO_TLS12`] with finite-field Diffie-Hellman.
pub static DIFFIE_HELLMAN: LazyLock<Vec<u16>> = LazyLock::new(|| agreed_by(&[TlsCipherKx::Dhe]));

fn agreed_by(exchanges: &[TlsCipherKx]) -> Vec<u16> {
    let known = |number: &u16| TlsCipherSuite::from_id(*number);
    let wanted = |number: &u16| known(number).is_some_and(|suite| exchanges.contains(&suite.kx));
    UP_TO_TLS12.iter().filter(|number| wanted(number)).copied().collect()
}

/// The cipher suites of TLS 1.3.
pub const TLS13: &[u16] = &[0x1301, 0x1302, 0x1303, 0x1304, 0x1305];

/// A ClientHello to be written.
#[derive(Clone, Debug)]
pub struct ClientHello<'a> {
    /// The highest version offered. TLS 1.3 is offered alone, everything else includes the older versions, which is
    /// how those versions were made.
    pub version: TlsVersion,
    /// The cipher suites offered, most wanted first.
    pub cipher_suites: &'a [u16],
    /// Whom to ask for; an address is not sent.
    pub host: &'a Host,
    /// The protocols to be spoken inside (ALPN); the extension is left out when empty.
    pub application_protocols: &'a [Vec<u8>],
}

/// Returns what an HTTP client offers to be spoken inside TLS, and nothing on the ports of other protocols: their
/// servers may refuse a client that offers only HTTP (alert 120).
pub fn application_protocols(port: u16) -> Vec<Vec<u8>> {
    if speaks_http(port) { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { Vec::new() }
}

/// Whether a port is none of those that belong to another protocol inside TLS.
pub fn speaks_http(port: u16) -> bool {
    // nntps, ldaps, ftps, telnets, imaps, pop3s, smtps, submissions, dns, mqtts, amqps, postgres, xmpps, ircs
    const OTHERS: [u16; 16] =
        [465, 563, 636, 853, 989, 990, 992, 993, 995, 3269, 5061, 5223, 5432, 5671, 6697, 8883];
    !OTHERS.contains(&port)
}

impl ClientHello<'_> {
    /// Returns the records that carry this ClientHello.
    pub fn records(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(512);
        // TLS 1.3 says its version in an extension and claims to be 1.2 here (RFC 8446, 4.1.2)
        let legacy_version = self.version.min(TlsVersion::Tls12);
        body.extend(wire_version(legacy_version).to_be_bytes());
        body.extend(random());
        let session_id = if self.version == TlsVersion::Tls13 { random().to_vec() } else { Vec::new() };
        put8(&mut body, &session_id);
        put16(&mut body, &pairs(self.cipher_suites));
        put8(&mut body, &[0]); // no compression
        put16(&mut body, &self.extensions());
        records(&body)
    }

    fn extensions(&self) -> Vec<u8> {
        let mut extensions = Vec::new();
        let mut put = |number, content: &[u8]| put_extension(&mut extensions, number, content);
        if let Host::Name(name) = self.host {
            put(SERVER_NAME, &server_name(name));
        }
        put(5, &[1, 0, 0, 0, 0]); // status_request: OCSP, no responders, no extensions
        put(10, &in16(&pairs(GROUPS)));
        if self.version <= TlsVersion::Tls12 {
            put(11, &[1, 0]); // ec_point_formats: uncompressed
            put(23, &[]); // extended_master_secret
            put(35, &[]); // session_ticket
            put(0xff01, &[0]); // renegotiation_info (RFC 5746)
        }
        if self.version >= TlsVersion::Tls12 {
            put(13, &in16(&pairs(SIGNATURE_SCHEMES)));
        }
        if !self.application_protocols.is_empty() {
            let mut protocols = Vec::new();
            for protocol in self.application_protocols {
                put8(&mut protocols, protocol);
            }
            put(16, &in16(&protocols));
        }
        if self.version == TlsVersion::Tls13 {
            put(43, &[2, 3, 4]); // supported_versions: 1.3 alone
            put(45, &[1, 1]); // psk_key_exchange_modes: psk_dhe_ke
            let mut share = X25519.to_be_bytes().to_vec();
            put16(&mut share, &random()); // any 32 octets are a public key; its secret is never needed
            put(51, &in16(&share));
        }
        extensions
    }
}

/// Returns the records that carry another program's ClientHello, asking for this host instead of the one it meant.
///
/// Everything else stays: versions, cipher suites, groups, the keys it sent along (whose secrets nobody here has, and
/// nobody needs to read a ServerHello). `None` for a message that is not a ClientHello.
pub fn for_host(message: &[u8], host: &Host) -> Option<Vec<u8>> {
    let body = message.strip_prefix(&[1])?.get(3..)?;
    // version and random, then three lists: session id, cipher suites, compression methods
    let mut rest = body.get(34..)?;
    rest = rest.get(1 + usize::from(*rest.first()?)..)?;
    rest = rest.get(2 + usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]))..)?;
    rest = rest.get(1 + usize::from(*rest.first()?)..)?;
    let before = &body[..body.len() - rest.len()];
    let mut extensions = Vec::new();
    if let Host::Name(name) = host {
        put_extension(&mut extensions, SERVER_NAME, &server_name(name));
    }
    let mut rest = rest.get(2..).unwrap_or_default();
    while let [a, b, high, low, tail @ ..] = rest {
        let (content, behind) = tail.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
        let number = u16::from_be_bytes([*a, *b]);
        // a ticket for another server would be answered with another handshake
        if number != SERVER_NAME && number != PRE_SHARED_KEY {
            put_extension(&mut extensions, number, content);
        }
        rest = behind;
    }
    let mut body = before.to_vec();
    put16(&mut body, &extensions);
    Some(records(&body))
}

/// Returns the records that carry a ClientHello with this body.
fn records(body: &[u8]) -> Vec<u8> {
    let mut message = vec![1];
    message.extend(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes()[1..]);
    message.extend(body);
    let mut records = Vec::new();
    for fragment in message.chunks(16 * 1024) {
        records.push(22);
        // the record's version is 1.0 for the sake of servers that know nothing newer (RFC 8446, 5.1)
        records.extend(wire_version(TlsVersion::Tls10).to_be_bytes());
        put16(&mut records, fragment);
    }
    records
}

fn put_extension(extensions: &mut Vec<u8>, number: u16, content: &[u8]) {
    extensions.extend(number.to_be_bytes());
    put16(extensions, content);
}

fn server_name(name: &str) -> Vec<u8> {
    let mut names = vec![0]; // host_name
    put16(&mut names, name.as_bytes());
    in16(&names)
}

const SERVER_NAME: u16 = 0;
const PRE_SHARED_KEY: u16 = 41;
const X25519: u16 = 0x001d;
/// x25519, secp256r1, secp384r1, secp521r1, x448, the finite fields of RFC 7919, and last the curves on which only a
/// certificate's key can be met: secp224r1, secp256k1, the brainpool curves, secp192r1. A server of TLS 1.2 shows an
/// elliptic certificate only to clients that name its curve (RFC 8422, 5.1).
const GROUPS: &[u16] = &[
    X25519, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101, 0x0102, 0x0015, 0x0016, 0x001a, 0x001b, 0x001c,
    0x0013,
];
/// ECDSA, Ed25519, Ed448, RSA-PSS, RSA-PKCS1 with SHA-2, then the SHA-1 schemes and DSA.
const SIGNATURE_SCHEMES: &[u16] = &[
    0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0807, 0x0808, 0x0806, 0x0601, 0x0603, 0x0809, 0x080a,
    0x080b, 0x0203, 0x0201, 0x0402, 0x0202,
];

/// Returns a version's number on the wire.
pub fn wire_version(version: TlsVersion) -> u16 {
    match version {
        TlsVersion::Ssl30 => 0x0300,
        TlsVersion::Tls10 => 0x0301,
        TlsVersion::Tls11 => 0x0302,
        TlsVersion::Tls12 => 0x0303,
        TlsVersion::Tls13 => 0x0304,
    }
}

/// Returns the version with this number on the wire.
pub fn version_of(number: u16) -> Option<TlsVersion> {
    use TlsVersion::{Ssl30, Tls10, Tls11, Tls12, Tls13};
    [Ssl30, Tls10, Tls11, Tls12, Tls13].into_iter().find(|v| wire_version(*v) == number)
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    // a machine without randomness sends zeros: no secret depends on them
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes
}

fn pairs(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn in16(content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(content.len() + 2);
    put16(&mut bytes, content);
    bytes
}

/// Writes an octet of length and the content, cut to what the length can say.
fn put8(bytes: &mut Vec<u8>, content: &[u8]) {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    bytes.push(length);
    bytes.extend(&content[..usize::from(length)]);
}

/// Writes two octets of length and the content, cut to what the length can say.
fn put16(bytes: &mut Vec<u8>, content: &[u8]) {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    bytes.extend(length.to_be_bytes());
    bytes.extend(&content[..usize::from(length)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cipher_suite_offered_is_known_and_authenticates_and_encrypts() {
        for number in UP_TO_TLS12 {
            let name = TlsCipherSuite::from_id(*number).expect("a known cipher suite").name;
            assert!(!["anon", "EXPORT", "NULL", "PSK"].iter().any(|kind| name.contains(kind)), "{name}");
        }
        assert!(WITH_FORWARD_SECRECY.iter().all(|n| UP_TO_TLS12.contains(n)) && DIFFIE_HELLMAN.len() > 10);
        assert!(!WITH_FORWARD_SECRECY.contains(&0x002f) && !DIFFIE_HELLMAN.contains(&0xc02f));
    }

    #[test]
    fn anothers_hello_asks_for_our_host_and_keeps_the_rest() {
        let host = |text: &str| text.parse::<Host>().unwrap();
        let (theirs, ours, address) = (host("localhost"), host("www.fabrikam.example"), host("10.0.0.1"));
        let hello = |host| {
            let hello = ClientHello {
                version: TlsVersion::Tls12,
                cipher_suites: &[0xc02f],
                host,
                application_protocols: &[],
            };
            hello.records()
        };
        let extensions_of = |records: &[u8]| records[5 + 4 + 34 + 1 + 4 + 2 + 2..].to_vec();
        let moved = for_host(&hello(&theirs)[5..], &ours).unwrap();
        assert_eq!(extensions_of(&moved), extensions_of(&hello(&ours)));
        let nameless = for_host(&hello(&theirs)[5..], &address).unwrap();
        assert_eq!(extensions_of(&nameless), extensions_of(&hello(&address)));
        for broken in [&b""[..], b"GET /", &hello(&theirs)[5..60], &[1, 0, 0, 0]] {
            assert_eq!(for_host(broken, &ours), None);
        }
    }

    #[test]
    fn a_hello_is_read_back_as_it_was_meant() {
        let host: Host = "www.fabrikam.example".parse().unwrap();
        for version in [TlsVersion::Tls10, TlsVersion::Tls11, TlsVersion::Tls12, TlsVersion::Tls13] {
            let protocols = application_protocols(443);
            let hello = ClientHello {
                version,
                cipher_suites: UP_TO_TLS12,
                host: &host,
                application_protocols: &protocols,
            };
            let records = hello.records();
            let (rest, record) = tls_parser::parse_tls_plaintext(&records).expect("a record");
            assert!(rest.is_empty() && record.msg.len() == 1);
            let tls_parser::TlsMessage::Handshake(tls_parser::TlsMessageHandshake::ClientHello(read)) =
                &record.msg[0]
            else {
                panic!("not a ClientHello")
            };
            assert_eq!(read.version.0, wire_version(version.min(TlsVersion::Tls12)));
            assert_eq!(read.ciphers.len(), UP_TO_TLS12.len());
            let (rest, extensions) =
                tls_parser::parse_tls_client_hello_extensions(read.ext.expect("extensions")).expect("read");
            assert!(rest.is_empty());
            assert!(extensions.iter().any(|e| matches!(
                e,
                tls_parser::TlsExtension::SNI(names) if names[0].1 == b"www.fabrikam.example"
            )));
        }
    }
}
