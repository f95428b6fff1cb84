//! The head of an HTTP/1.x answer, whoever sends it: a server, a proxy. Hostile and bounded.

use std::io::{self, ErrorKind, Read};

use httparse::{ParserConfig, Response, Status};

/// The longest head that is read, in bytes; real ones have some hundred.
pub(in crate::edge) const LONGEST_HEAD: usize = 16 * 1024;
const MOST_FIELDS: usize = 100;
/// How many `1xx` answers are passed over.
const MOST_INTERIM: usize = 5;

/// The status line and the header fields of a final answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status, 200 to 999.
    pub status: u16,
    /// The reason phrase; often empty, hostile.
    pub reason: String,
    fields: Vec<(String, String)>,
}

/// Why there is no head.
#[derive(Debug)]
pub(in crate::edge) enum NoHead {
    /// Interim answers (`1xx`) without end.
    Endless,
    /// The connection failed, or ended before the first byte (`UnexpectedEof`).
    Failed(io::Error),
    /// Something else: its first bytes.
    NotHttp(Vec<u8>),
    /// It is longer than [`LONGEST_HEAD`].
    TooLong,
    /// It has more than 100 fields.
    TooManyFields,
}

impl Head {
    /// Returns the values of all fields of a name, which is compared without case.
    pub fn fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.fields.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// Returns the value of the first field of a name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Reads the head of the final answer; returns with it what was read behind it.
pub(in crate::edge) fn read(stream: &mut impl Read) -> Result<(Head, Vec<u8>), NoHead> {
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    let mut interim = 0;
    loop {
        match parse(&received)? {
            Some((Head { status: 100..=199, .. }, length)) => {
                received.drain(..length);
                interim += 1;
                if interim > MOST_INTERIM {
                    return Err(NoHead::Endless);
                }
                continue;
            }
            Some((head, length)) => return Ok((head, received.split_off(length))),
            None if received.len() >= LONGEST_HEAD => return Err(NoHead::TooLong),
            None => {}
        }
        match stream.read(&mut chunk) {
            Ok(0) if received.is_empty() => return Err(NoHead::Failed(ErrorKind::UnexpectedEof.into())),
            Ok(0) => return Err(NoHead::NotHttp(received)),
            Ok(count) => received.extend_from_slice(&chunk[..count]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(NoHead::Failed(e)),
        }
    }
}

/// Returns a head and its length; `None` when more bytes are needed.
fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, NoHead> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = Response::new(&mut fields);
    let mut parser = ParserConfig::default();
    parser
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    let length = match parser.parse_response(&mut response, bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(NoHead::TooManyFields),
        Err(_) => return Err(NoHead::NotHttp(bytes.to_vec())),
    };
    let field = |f: &httparse::Header<'_>| (f.name.to_owned(), String::from_utf8_lossy(f.value).into_owned());
    let head = Head {
        status: response.code.unwrap_or_default(),
        reason: response.reason.unwrap_or_default().to_owned(),
        fields: response.headers.iter().map(field).collect(),
    };
    Ok(Some((head, length)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn status(mut bytes: &[u8]) -> Result<u16, NoHead> {
        read(&mut bytes).map(|(head, _)| head.status)
    }

    #[test]
    fn interim_answers_are_passed_over_but_not_for_ever() {
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        let last = "HTTP/1.1 200 OK\r\nDate: now\r\n\r\nbody";
        let text = interim.repeat(MOST_INTERIM) + last;
        let (head, behind) = read(&mut text.as_bytes()).unwrap();
        assert_eq!((head.status, head.field("date"), behind.as_slice()), (200, Some("now"), &b"body"[..]));
        assert!(matches!(status(interim.repeat(20).as_bytes()), Err(NoHead::Endless)));
    }

    #[test]
    fn what_has_no_end_is_left() {
        let endless = |unit: &'static [u8]| status_of_endless(unit).unwrap_err();
        assert!(matches!(endless(b"HTTP/1.1 200 OK\r\nX: "), NoHead::TooLong));
        assert!(matches!(endless(b"\r\n"), NoHead::TooLong));
        assert!(matches!(endless(b"a"), NoHead::NotHttp(_)));
        let fields = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(MOST_FIELDS + 1));
        assert!(matches!(status(fields.as_bytes()), Err(NoHead::TooManyFields)));
    }

    fn status_of_endless(unit: &'static [u8]) -> Result<u16, NoHead> {
        let mut stream = unit.chain(io::repeat(*unit.last().unwrap()));
        read(&mut stream).map(|(head, _)| head.status)
    }

    #[test]
    fn a_head_cut_off_is_not_http() {
        assert!(matches!(status(b"HTTP/1.1 200 OK\r\nDa"), Err(NoHead::NotHttp(_))));
        assert!(matches!(status(b""), Err(NoHead::Failed(e)) if e.kind() == ErrorKind::UnexpectedEof));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = status(&bytes);
        }

        #[test]
        fn nothing_behind_a_head_is_lost(
            status in 200_u16..1000,
            fields in proptest::collection::vec(("[A-Za-z-]{1,20}", "\\PC{0,60}"), 0..120),
            tail in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let mut head = format!("HTTP/1.1 {status:03} x\r\n");
            for (name, value) in fields {
                head.extend([&name, ": ", &value, "\r\n"]);
            }
            head.push_str("\r\n");
            let bytes = [head.as_bytes(), &tail].concat();
            let mut stream = bytes.as_slice();
            if let Ok((read, behind)) = read(&mut stream) {
                prop_assert_eq!(read.status, status);
                prop_assert_eq!([&behind, stream].concat(), tail);
            }
        }
    }
}
