//! As much of HTTP/1.1 as the lab's servers and proxies need: one request head in, one answer out.

use std::io::{self, Read, Write};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// The longest request head that is read.
const LONGEST_HEAD: usize = 64 * 1024;

const IMF_FIXDATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// A request's first line and header fields.
pub(super) struct Head {
    text: String,
}

impl Head {
    /// Reads up to the empty line, byte by byte so that nothing behind it is taken; `None` when the peer leaves first.
    pub(super) fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\r\n\r\n") {
            if bytes.len() == LONGEST_HEAD {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the request head is too long"));
            }
            match stream.read(&mut byte)? {
                0 => return Ok(None),
                _ => bytes.push(byte[0]),
            }
        }
        Ok(Some(Self { text: String::from_utf8_lossy(&bytes).into_owned() }))
    }

    /// Returns the method and the request target.
    pub(super) fn request(&self) -> (&str, &str) {
        let mut words = self.text.split(' ');
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    /// Returns a header field's value; the name is compared without case.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.text.lines().skip(1).find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Reads one request and answers it with a small JSON document; a `HEAD` gets no body.
pub(super) fn answer(stream: &mut (impl Read + Write), date: OffsetDateTime) -> io::Result<()> {
    let Some(head) = Head::read(stream)? else { return Ok(()) };
    let body = if head.request().0 == "HEAD" { "" } else { "{\"ok\":true}\n" };
    let date = date.format(IMF_FIXDATE).map_err(io::Error::other)?;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}
