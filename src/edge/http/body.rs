//! The body of an HTTP/1.1 answer (RFC 9112, 6.3): counted, in chunks, or up to the end of the connection.

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read};

use httparse::Status;

use super::head::Head;

/// The longest line that announces a chunk, with the extensions nobody uses.
const LONGEST_CHUNK_LINE: u64 = 1024;

/// A body, or its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Its bytes, as sent.
    pub bytes: Vec<u8>,
    /// Whether it went on behind the limit.
    pub cut: bool,
}

/// How an answer says where its body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Chunks,
    Counted(u64),
    UntilTheEnd,
}

/// Reads at most `limit` bytes of the body.
///
/// An error of kind `InvalidData` says what is wrong with it, one of kind `UnexpectedEof` that it ended too early.
pub(super) fn read(stream: impl Read, head: &Head, limit: usize) -> io::Result<Body> {
    match framing(head)? {
        _ if matches!(head.status, 204 | 304) => Ok(Body::default()),
        Framing::Chunks => chunks(BufReader::new(stream), limit),
        Framing::Counted(length) => {
            let body = up_to(stream.take(length), limit)?;
            let complete = body.cut || u64::try_from(body.bytes.len()).is_ok_and(|read| read == length);
            if complete { Ok(body) } else { Err(ErrorKind::UnexpectedEof.into()) }
        }
        Framing::UntilTheEnd => up_to(stream, limit),
    }
}

fn framing(head: &Head) -> io::Result<Framing> {
    let codings: Vec<&str> =
        head.fields("Transfer-Encoding").flat_map(|value| value.split(',')).map(str::trim).collect();
    match codings.last() {
        Some(last) if last.eq_ignore_ascii_case("chunked") => return Ok(Framing::Chunks),
        Some(_) => return Ok(Framing::UntilTheEnd),
        None => {}
    }
    let mut lengths = head.fields("Content-Length").flat_map(|value| value.split(',')).map(str::trim);
    let Some(first) = lengths.next() else { return Ok(Framing::UntilTheEnd) };
    if lengths.any(|other| other != first) {
        return Err(invalid("its header names two lengths"));
    }
    let digits = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    let length = if digits { first.parse().ok() } else { None };
    length.map(Framing::Counted).ok_or_else(|| invalid("its header names a length that is no number"))
}

fn up_to(stream: impl Read, limit: usize) -> io::Result<Body> {
    let mut bytes = Vec::new();
    // one byte more than wanted tells whether there is more
    stream.take(u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1)).read_to_end(&mut bytes)?;
    let cut = bytes.len() > limit;
    bytes.truncate(limit);
    Ok(Body { bytes, cut })
}

fn chunks(mut stream: BufReader<impl Read>, limit: usize) -> io::Result<Body> {
    let mut bytes = Vec::new();
    loop {
        let size = chunk_size(&line(&mut stream)?)?;
        if size == 0 {
            return Ok(Body { bytes, cut: false });
        }
        let chunk = up_to((&mut stream).take(size), limit - bytes.len())?;
        let length = u64::try_from(chunk.bytes.len()).unwrap_or(u64::MAX);
        bytes.extend(chunk.bytes);
        if chunk.cut {
            return Ok(Body { bytes, cut: true });
        }
        if length < size {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if !matches!(line(&mut stream)?.as_slice(), b"\r\n" | b"\n") {
            return Err(invalid("one of its chunks is longer than announced"));
        }
    }
}

fn line(stream: &mut BufReader<impl Read>) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    stream.take(LONGEST_CHUNK_LINE).read_until(b'\n', &mut line)?;
    match line.last() {
        Some(b'\n') => Ok(line),
        _ if line.len() as u64 == LONGEST_CHUNK_LINE => {
            Err(invalid("the size of one of its chunks has no end"))
        }
        _ => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn chunk_size(line: &[u8]) -> io::Result<u64> {
    match httparse::parse_chunk_size(line) {
        // the parser takes a line without a digit for a zero
        Ok(Status::Complete((_, size))) if line[0].is_ascii_hexdigit() => Ok(size),
        _ => Err(invalid("the size of one of its chunks is no number")),
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::head;
    use super::*;
    use crate::lab::mutated::mutated;

    fn body(answer: &[u8], limit: usize) -> io::Result<Body> {
        let mut bytes = answer;
        let (head, behind) = head::read(&mut bytes).expect("a head");
        read(behind.as_slice().chain(bytes), &head, limit)
    }

    fn answer(fields: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\n{fields}\r\n{body}").into_bytes()
    }

    #[test]
    fn each_framing_is_read_to_its_end_and_not_further() {
        for (fields, sent, wanted) in [
            ("Content-Length: 5\r\n", "hello and more", "hello"),
            ("Content-Length: 5, 5\r\n", "hello", "hello"),
            ("Content-Length: 0\r\n", "hello", ""),
            ("", "hello", "hello"),
            (
                "Transfer-Encoding: chunked\r\n",
                "2\r\nhe\r\n3;x=\"y\"\r\nllo\r\n0\r\nTrailer: x\r\n\r\n",
                "hello",
            ),
            ("Transfer-Encoding: gzip, Chunked\r\nContent-Length: 1\r\n", "5\r\nhello\r\n0\r\n", "hello"),
        ] {
            let body = body(&answer(fields, sent), 100).unwrap();
            assert_eq!((body.bytes.as_slice(), body.cut), (wanted.as_bytes(), false), "{fields}");
        }
    }

    #[test]
    fn a_long_body_is_cut_at_the_limit() {
        let endless = "x".repeat(5000);
        for (fields, sent) in [
            ("Content-Length: 18446744073709551615\r\n", endless.clone()),
            ("", endless.clone()),
            ("Transfer-Encoding: chunked\r\n", format!("ffffffffffffffff\r\n{endless}")),
            ("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n".repeat(5000)),
        ] {
            let body = body(&answer(fields, &sent), 100).unwrap();
            assert_eq!((body.bytes.len(), body.cut), (100, true), "{fields}");
        }
    }

    #[test]
    fn a_body_that_is_not_whole_or_not_readable_is_an_error() {
        for (fields, sent, kind) in [
            ("Content-Length: 5\r\n", "hell", ErrorKind::UnexpectedEof),
            ("Content-Length: 99999999999999999999\r\n", "x", ErrorKind::InvalidData),
            ("Content-Length: +5\r\n", "hello", ErrorKind::InvalidData),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", "hello", ErrorKind::InvalidData),
            ("Transfer-Encoding: chunked\r\n", "5\r\nhel", ErrorKind::UnexpectedEof),
            ("Transfer-Encoding: chunked\r\n", "5\r\nhello, world\r\n", ErrorKind::InvalidData),
            ("Transfer-Encoding: chunked\r\n", "\r\nhello", ErrorKind::InvalidData),
            ("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n", ErrorKind::InvalidData),
            ("Transfer-Encoding: chunked\r\n", "<html>\r\n", ErrorKind::InvalidData),
        ] {
            assert_eq!(body(&answer(fields, sent), 100).unwrap_err().kind(), kind, "{fields}{sent}");
        }
        let long = answer("Transfer-Encoding: chunked\r\n", &format!("5;{}", "x".repeat(5000)));
        assert_eq!(body(&long, 100).unwrap_err().kind(), ErrorKind::InvalidData);
    }

    /// What web servers and proxies really answer.
    fn real_answers() -> Vec<Vec<u8>> {
        let certificate = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].as_ref();
        let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        let counted = format!(
            "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/pkix-cert\r\nContent-Length: {}\r\n\r\n",
            certificate.len()
        );
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let (start, end) = certificate.split_at(400);
        vec![
            [counted.as_bytes(), certificate].concat(),
            [chunked, chunk(start).as_slice(), &chunk(end), b"0\r\n\r\n"].concat(),
            [b"HTTP/1.0 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n", certificate].concat(),
            b"HTTP/1.1 302 Found\r\nLocation: http://login.example/?x=y\r\nContent-Length: 0\r\n\r\n".to_vec(),
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 Connection established\r\n\r\n\x16\x03\x03".to_vec(),
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n".to_vec(),
        ]
    }

    const WORDS: &[&[u8]] = &[
        b"\r\n",
        b"\r\n\r\n",
        b"HTTP/1.1 ",
        b"Content-Length: 99999999999999999999\r\n",
        b"Content-Length: 3, 4\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"ffffffffffffffff\r\n",
        b"0\r\n",
        b"100 Continue",
        b";",
        b" ",
    ];

    /// Gives its bytes in pieces.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(self.1).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    proptest! {
        #[test]
        fn a_changed_answer_is_read_alike_in_any_pieces_and_never_beyond_the_limit(
            bytes in mutated(real_answers(), WORDS),
            piece in 1_usize..300,
            limit in 0_usize..3000,
        ) {
            let read_in = |piece: usize| {
                let mut stream = Pieces(&bytes, piece);
                let (head, behind) = head::read(&mut stream).map_err(|none| format!("{none:?}"))?;
                let body = read(behind.as_slice().chain(stream), &head, limit).map_err(|e| e.to_string())?;
                Ok::<_, String>((head, body))
            };
            let answer = read_in(piece);
            if let Ok((head, body)) = &answer {
                prop_assert!((200..1000).contains(&head.status));
                prop_assert!(body.bytes.len() <= limit && (!body.cut || body.bytes.len() == limit));
                prop_assert_eq!(&answer, &read_in(usize::MAX));
            }
        }

        #[test]
        fn no_body_makes_it_panic_or_grow(
            fields in proptest::sample::select(vec![
                "", "Content-Length: 50\r\n", "Transfer-Encoding: chunked\r\n",
            ]),
            sent in "([0-9a-f]{0,3}\r\n)?[\\x00-\\x7f]{0,200}",
            limit in 0_usize..100,
        ) {
            if let Ok(body) = body(&answer(fields, &sent), limit) {
                prop_assert!(body.bytes.len() <= limit);
            }
        }

        #[test]
        fn chunks_are_put_together(parts in proptest::collection::vec("[a-z]{1,30}", 0..10)) {
            use std::fmt::Write as _;
            let mut sent = String::new();
            for part in &parts {
                write!(sent, "{:x}\r\n{part}\r\n", part.len()).unwrap();
            }
            let body = body(&answer("Transfer-Encoding: chunked\r\n", &(sent + "0\r\n\r\n")), 1000).unwrap();
            prop_assert_eq!(body.bytes, parts.concat().into_bytes());
        }
    }
}
