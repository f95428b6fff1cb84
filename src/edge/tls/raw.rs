//! Asks with a hand-written ClientHello and reads what comes back in the clear.
//!
//! Up to TLS 1.2 everything until ServerHelloDone is in the clear, the certificates included; of TLS 1.3 the
//! ServerHello is. So a server that our TLS library refuses (old versions, old cipher suites, a certificate message
//! over 64 KiB) can still be looked at. Everything read here is hostile and bounded.

use std::io::{ErrorKind, Read as _, Write as _};

use tls_parser::{
    TlsCipherKx, TlsCipherSuite, TlsMessage, TlsMessageHandshake, TlsServerHelloContents, parse_dh_params,
    parse_tls_message_handshake,
};

use super::handshake::{End, end_of_wire};
use super::hello::{version_of, wire_version};
use super::tapped::Tapped;
use super::{MOST_CERTIFICATES, excerpt};
use crate::edge::{Deadline, net::Wire};
use crate::facts::versions::KeyExchange;
use crate::facts::{Certificate, Handshake, TlsVersion, handshake::Base64Bytes};

/// The longest message that is read. Clients stop earlier or here: OpenSSL's at 100 KiB of certificates, Go's at 256.
const LONGEST_MESSAGE: usize = 256 * 1024;

/// The longest record: 2^14 octets and what compression and encryption may add (RFC 5246, 6.2.3).
const LONGEST_RECORD: usize = 16 * 1024 + 2048;

/// What a server answered to a ClientHello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What TLS showed: version, cipher suite, chain, staple, whether a client certificate is wanted.
    pub handshake: Handshake,
    /// The cipher suite's number; absent when there was no ServerHello.
    pub cipher_suite: Option<u16>,
    /// How keys are agreed on; absent when there was no ServerHello.
    pub key_exchange: Option<KeyExchange>,
    /// Length of the certificate message in octets.
    pub certificate_message: Option<usize>,
    /// How it ended: [`End::Completed`] when all that is sent in the clear was read.
    pub end: End,
}

/// Sends a ClientHello, given as its records, and reads the answer until it is complete, unreadable, too long or late.
pub fn ask(wire: &mut Wire, hello: &[u8], deadline: Deadline) -> Answer {
    let mut wire = Tapped::new(wire, deadline);
    let written = wire.write_all(hello);
    let mut reader = Reader::default();
    let mut chunk = vec![0; 16 * 1024];
    let end = loop {
        match wire.read(&mut chunk) {
            Ok(0) => break written.err().map_or(End::Reset { closed: true }, |e| end_of_wire(&e)),
            Ok(count) => {
                if let Some(end) = reader.feed(&chunk[..count]) {
                    break end;
                }
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => break end_of_wire(written.as_ref().err().unwrap_or(&e)),
        }
    };
    let end = match (wire.something_else().map(excerpt), end) {
        (Some(first), _) => End::NotTls(first),
        (None, End::Reset { closed }) => wire.warning().map_or(End::Reset { closed }, End::Alert),
        (None, end) => end,
    };
    // says that we leave (close_notify), so that the server's log need not guess
    let version = reader.handshake.version.unwrap_or(TlsVersion::Tls10).min(TlsVersion::Tls12);
    let [major, minor] = wire_version(version).to_be_bytes();
    let _ = wire.write_all(&[21, major, minor, 0, 2, 1, 0]);
    reader.answer(end)
}

/// Returns what the first bytes of an answer say about secure renegotiation, as [`Handshake`] has it.
pub(super) fn secure_renegotiation(first: &[u8]) -> Option<bool> {
    let mut reader = Reader::default();
    let _ = reader.feed(first);
    reader.handshake.secure_renegotiation
}

/// Reads records and messages as their bytes come in.
#[derive(Debug, Default)]
pub struct Reader {
    records: Vec<u8>,
    messages: Vec<u8>,
    handshake: Handshake,
    cipher_suite: Option<u16>,
    key_exchange: Option<KeyExchange>,
    certificate_message: Option<usize>,
}

impl Reader {
    /// Takes bytes in; returns the end once it is reached.
    pub fn feed(&mut self, bytes: &[u8]) -> Option<End> {
        let mut records = std::mem::take(&mut self.records);
        records.extend_from_slice(bytes);
        let mut taken = 0;
        let end = loop {
            match next_record(&records[taken..]) {
                Ok(Some(length)) => {
                    let record = &records[taken..taken + length];
                    taken += length;
                    if let Some(end) = self.record(record[0], &record[5..]) {
                        break Some(end);
                    }
                }
                Ok(None) => break None,
                Err(reason) => break failed(&reason),
            }
        };
        records.drain(..taken);
        self.records = records;
        end
    }

    /// Returns what was read.
    pub fn answer(self, end: End) -> Answer {
        Answer {
            handshake: self.handshake,
            cipher_suite: self.cipher_suite,
            key_exchange: self.key_exchange,
            certificate_message: self.certificate_message,
            end,
        }
    }

    fn record(&mut self, content_type: u8, fragment: &[u8]) -> Option<End> {
        match (content_type, fragment) {
            (21, [1, 0, ..]) => Some(End::Reset { closed: true }), // close_notify
            // a warning (unrecognized_name, usually), or the change_cipher_spec of TLS 1.3's disguise
            (21, [1, ..]) | (20, _) => None,
            (21, [_, description, ..]) => Some(End::Alert(*description)),
            (22, fragment) => {
                self.messages.extend_from_slice(fragment);
                self.take_messages()
            }
            (other, _) => failed(&format!("a record of type {other} in the middle of the handshake")),
        }
    }

    fn take_messages(&mut self) -> Option<End> {
        let mut messages = std::mem::take(&mut self.messages);
        let mut taken = 0;
        let end = loop {
            match next_message(&messages[taken..]) {
                Ok(Some(length)) => {
                    let message = &messages[taken..taken + length];
                    taken += length;
                    if let Some(end) = self.message(message) {
                        break Some(end);
                    }
                }
                Ok(None) => break None,
                Err(reason) => break failed(&reason),
            }
        };
        messages.drain(..taken);
        self.messages = messages;
        end
    }

    fn message(&mut self, bytes: &[u8]) -> Option<End> {
        let parsed = || match parse_tls_message_handshake(bytes) {
            Ok((_, TlsMessage::Handshake(message))) => Some(message),
            _ => None,
        };
        match bytes[0] {
            2 => match parsed() {
                Some(TlsMessageHandshake::ServerHello(hello)) => self.server_hello(&hello),
                _ => failed("a ServerHello that cannot be read"),
            },
            11 => {
                self.certificate_message = Some(bytes.len());
                let Some(chain) = certificates(&bytes[4..]) else {
                    return failed("a certificate message that cannot be read");
                };
                self.handshake.chain = chain;
                None
            }
            12 => {
                if let Some(TlsMessageHandshake::ServerKeyExchange(message)) = parsed() {
                    self.key_exchange_parameters(message.parameters);
                }
                None
            }
            13 => {
                self.handshake.client_certificate_requested = true;
                None
            }
            14 => Some(End::Completed),
            22 => {
                if let Some(TlsMessageHandshake::CertificateStatus(status)) = parsed() {
                    self.handshake.staple = Some(Base64Bytes(status.blob.to_vec()));
                }
                None
            }
            _ => None,
        }
    }

    fn server_hello(&mut self, hello: &TlsServerHelloContents<'_>) -> Option<End> {
        let selected = extension(hello.ext.unwrap_or_default(), SUPPORTED_VERSIONS)
            .and_then(|content| Some(u16::from_be_bytes(content.try_into().ok()?)));
        let number = selected.unwrap_or(hello.version.0);
        let Some(version) = version_of(number) else {
            return failed(&format!("the server chose a version that was not offered: 0x{number:04x}"));
        };
        let suite = hello.cipher.0;
        self.handshake.version = Some(version);
        self.handshake.cipher_suite = Some(cipher_suite_name(suite));
        self.cipher_suite = Some(suite);
        if version == TlsVersion::Tls13 {
            self.key_exchange = Some(KeyExchange::Tls13);
            // a HelloRetryRequest has this form too and says as much; the rest is encrypted
            return Some(End::Completed);
        }
        self.key_exchange = Some(key_exchange(suite));
        self.handshake.secure_renegotiation =
            Some(extension(hello.ext.unwrap_or_default(), RENEGOTIATION_INFO).is_some());
        None
    }

    fn key_exchange_parameters(&mut self, parameters: &[u8]) {
        if let Some(KeyExchange::Dhe { bits }) = &mut self.key_exchange
            && let Ok((_, dh)) = parse_dh_params(parameters)
        {
            let significant = &dh.dh_p[dh.dh_p.iter().take_while(|b| **b == 0).count()..];
            let leading = significant.first().map_or(0, |b| b.leading_zeros() as usize);
            *bits = Some(significant.len() * 8 - leading);
            self.handshake.diffie_hellman_bits = *bits;
        }
    }
}

/// Returns the length of the first record with its header, once all of it is there.
fn next_record(bytes: &[u8]) -> Result<Option<usize>, String> {
    let [_, _, _, high, low, ..] = bytes else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    if length > LONGEST_RECORD {
        return Err(format!("a record of {length} octets: longer than TLS allows"));
    }
    Ok(Some(length + 5).filter(|whole| *whole <= bytes.len()))
}

/// Returns the length of the first handshake message with its header, once all of it is there.
fn next_message(bytes: &[u8]) -> Result<Option<usize>, String> {
    let [_, a, b, c, ..] = bytes else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).unwrap_or(usize::MAX - 4) + 4;
    if length > LONGEST_MESSAGE {
        return Err("a message of the handshake is longer than 256 KiB".to_owned());
    }
    Ok(Some(length).filter(|whole| *whole <= bytes.len()))
}

/// Returns the first certificates of a certificate message (RFC 5246, 7.4.2). Those behind them are not even counted:
/// a message has room for a hundred thousand empty ones.
fn certificates(body: &[u8]) -> Option<Vec<Certificate>> {
    let (mut list, _) = of_length(body)?;
    let mut chain = Vec::new();
    while !list.is_empty() && chain.len() < MOST_CERTIFICATES {
        let (certificate, rest) = of_length(list)?;
        chain.push(Certificate::from_der(certificate));
        list = rest;
    }
    Some(chain)
}

/// Splits off what stands behind its length in three octets.
fn of_length(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<3>()?;
    let [a, b, c] = *length;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?)
}

const SUPPORTED_VERSIONS: u16 = 43;
const RENEGOTIATION_INFO: u16 = 0xff01;

/// Returns an extension's content; one broken extension hides only those behind it.
fn extension(mut extensions: &[u8], wanted: u16) -> Option<&[u8]> {
    while let [a, b, high, low, tail @ ..] = extensions {
        let (content, rest) = tail.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
        if u16::from_be_bytes([*a, *b]) == wanted {
            return Some(content);
        }
        extensions = rest;
    }
    None
}

/// Returns a cipher suite's name in IANA's spelling, or its number as `0xc013`.
pub fn cipher_suite_name(number: u16) -> String {
    TlsCipherSuite::from_id(number).map_or_else(|| format!("0x{number:04x}"), |suite| suite.name.to_owned())
}

fn key_exchange(suite: u16) -> KeyExchange {
    match TlsCipherSuite::from_id(suite).map(|suite| &suite.kx) {
        Some(TlsCipherKx::Ecdhe | TlsCipherKx::Ecdh) => KeyExchange::Ecdhe,
        Some(TlsCipherKx::Dhe) => KeyExchange::Dhe { bits: None },
        Some(TlsCipherKx::Rsa) => KeyExchange::Rsa,
        Some(TlsCipherKx::Tls13) => KeyExchange::Tls13,
        _ => KeyExchange::Other,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the form in which the reader's steps end")]
fn failed(reason: &str) -> Option<End> {
    Some(End::Failed(reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lab::mutated::mutated;

    fn record(content_type: u8, fragment: &[u8]) -> Vec<u8> {
        let length = u16::try_from(fragment.len()).unwrap().to_be_bytes();
        [&[content_type, 3, 3], &length[..], fragment].concat()
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind], &length[1..], body].concat()
    }

    fn server_hello(version: u16, suite: u16, extensions: &[u8]) -> Vec<u8> {
        let mut body = version.to_be_bytes().to_vec();
        body.extend([7; 32]);
        body.push(0);
        body.extend(suite.to_be_bytes());
        body.push(0);
        body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
        body.extend(extensions);
        message(2, &body)
    }

    fn certificates(count: usize, each: &[u8]) -> Vec<u8> {
        let in24 = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[1..], bytes].concat();
        message(11, &in24(&in24(each).repeat(count)))
    }

    /// Feeds the bytes in pieces of this size.
    fn read(bytes: &[u8], piece: usize) -> Answer {
        let mut reader = Reader::default();
        let end = bytes.chunks(piece).find_map(|chunk| reader.feed(chunk));
        reader.answer(end.unwrap_or(End::TimedOut))
    }

    #[test]
    fn messages_are_put_together_whatever_the_pieces_they_come_in() {
        let flight = [
            server_hello(0x0301, 0x0033, &[0xff, 1, 0, 1, 0]),
            certificates(2, b"not a certificate"),
            message(12, &[&[0, 3, 0, 0x1f, 0xff][..], &[0, 1, 2], &[0, 1, 5]].concat()),
            message(13, &[1, 1, 0, 0]),
            message(14, &[]),
        ]
        .concat();
        for (fragment, piece) in [(1, 1), (3, 1000), (flight.len(), 1), (50, 7), (flight.len(), 100_000)] {
            let records: Vec<u8> = flight.chunks(fragment).flat_map(|f| record(22, f)).collect();
            let answer = read(&records, piece);
            assert_eq!(answer.end, End::Completed);
            assert_eq!(answer.handshake.version, Some(TlsVersion::Tls10));
            assert_eq!(answer.handshake.cipher_suite.as_deref(), Some("TLS_DHE_RSA_WITH_AES_128_CBC_SHA"));
            assert_eq!(answer.key_exchange, Some(KeyExchange::Dhe { bits: Some(13) }));
            assert_eq!(answer.handshake.chain.len(), 2);
            assert_eq!(answer.handshake.secure_renegotiation, Some(true));
            assert!(answer.handshake.client_certificate_requested);
        }
    }

    #[test]
    fn the_version_of_the_extension_counts_and_not_the_old_field() {
        let hello = server_hello(0x0303, 0x1301, &[0, 43, 0, 2, 3, 4]);
        let answer = read(&record(22, &hello), 100);
        assert_eq!((answer.end, answer.handshake.version), (End::Completed, Some(TlsVersion::Tls13)));
    }

    #[test]
    fn alerts_end_it_and_warnings_do_not() {
        for (bytes, end) in [
            (record(21, &[2, 70]), End::Alert(70)),
            ([record(21, &[1, 112]), record(21, &[2, 40])].concat(), End::Alert(40)),
            (record(21, &[1, 0]), End::Reset { closed: true }),
            (record(21, &[1, 112]), End::TimedOut),
        ] {
            assert_eq!(read(&bytes, 3).end, end, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_refused_before_it_is_kept() {
        let refusal = |bytes: &[u8]| match read(bytes, 4096).end {
            End::Failed(reason) => reason,
            other => panic!("{other:?}"),
        };
        assert!(refusal(&[22, 3, 3, 0xff, 0xff]).contains("longer than TLS allows"));
        assert!(refusal(&record(22, &[11, 4, 0, 0])).contains("longer than 256 KiB"));
        assert!(refusal(&record(23, &[0])).contains("type 23"));
        let many = [server_hello(0x0303, 0xc02f, &[]), certificates(20_000, &[])].concat();
        let records: Vec<u8> = many.chunks(16_000).flat_map(|f| record(22, f)).collect();
        assert_eq!(read(&records, 16_384).handshake.chain.len(), MOST_CERTIFICATES);
    }

    /// What real servers send: with a chain and a staple, with a request for a certificate, TLS 1.3, and an alert.
    fn real_answers() -> Vec<Vec<u8>> {
        let der = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].to_vec();
        let staple = include_bytes!("../../../fixtures/ocsp/good.der");
        let length = u32::try_from(staple.len()).unwrap().to_be_bytes();
        let flight = [
            server_hello(0x0303, 0xc02f, &[0, 5, 0, 0, 0xff, 1, 0, 1, 0]),
            certificates(3, &der),
            message(22, &[&[1], &length[1..], staple].concat()),
            message(12, &[&[3, 0, 0x1d, 32][..], &[9; 32], &[4, 3, 0, 2, 1, 1]].concat()),
            message(13, &[1, 1, 0, 0]),
            message(14, &[]),
        ]
        .concat();
        let cut = |fragment: usize| flight.chunks(fragment).flat_map(|f| record(22, f)).collect();
        let tls13 = record(22, &server_hello(0x0303, 0x1301, &[0, 43, 0, 2, 3, 4]));
        vec![cut(16_000), cut(100), tls13, [record(21, &[1, 112]), record(21, &[2, 40])].concat()]
    }

    proptest! {
        #[test]
        fn a_changed_answer_gives_no_more_than_it_holds_whatever_the_pieces(
            bytes in mutated(real_answers(), &[&[22, 3, 3, 0xff, 0xff], &[11, 0xff, 0xff, 0xff], &[21, 3, 3, 0, 2, 1, 112]]),
            piece in 1_usize..2000,
        ) {
            let answer = read(&bytes, piece);
            prop_assert_eq!(&answer, &read(&bytes, usize::MAX));
            let handshake = &answer.handshake;
            let kept: usize = handshake.chain.iter().map(|c| c.der().len()).sum();
            let staple = handshake.staple.as_ref().map_or(0, |staple| staple.0.len());
            prop_assert!(kept <= bytes.len() && staple <= bytes.len());
            prop_assert!(handshake.chain.len() <= MOST_CERTIFICATES);
            prop_assert_eq!(answer.cipher_suite.is_some(), handshake.version.is_some());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..3000), piece in 1_usize..500) {
            let _ = read(&bytes, piece);
        }

        #[test]
        fn no_records_make_it_panic_and_pieces_make_no_difference(
            fragments in proptest::collection::vec(
                (20_u8..24, proptest::collection::vec(any::<u8>(), 0..60)), 0..20),
            piece in 1_usize..50,
        ) {
            let records: Vec<u8> = fragments.iter().flat_map(|(kind, f)| record(*kind, f)).collect();
            prop_assert_eq!(read(&records, piece), read(&records, 100_000));
        }

        #[test]
        fn no_messages_make_it_panic(
            messages in proptest::collection::vec(
                (0_u8..25, proptest::collection::vec(any::<u8>(), 0..80)), 0..12),
            suite in any::<u16>(),
            extensions in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut flight = server_hello(0x0303, suite, &extensions);
            flight.extend(messages.iter().flat_map(|(kind, body)| message(*kind, body)));
            let answer = read(&record(22, &flight), 64);
            prop_assert!(answer.handshake.chain.len() <= MOST_CERTIFICATES);
        }
    }
}
