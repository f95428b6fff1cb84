//! Finds the blocks of a PEM file, whatever stands around and between them.
//!
//! RFC 7468 allows text outside the blocks. Real files add byte order marks, blocks that begin where another
//! ends, binary junk, missing ends, and UTF-16; each is noted and as much as possible is still read.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Problem, trusted};

/// Everything found in a file that may be PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// The blocks with a beginning and an end, in order.
    pub blocks: Vec<Block>,
    /// What is odd about the file, the insides of the blocks left aside.
    pub problems: Vec<Problem>,
    /// Whether the text had to be converted from UTF-16: offsets are then those of the converted text.
    pub converted: bool,
}

/// One block, from its `-----BEGIN` to its `-----END`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The word between `BEGIN` and the dashes, for example `CERTIFICATE`. Hostile text.
    pub label: String,
    /// The line on which it begins, counted from 1.
    pub line: usize,
    /// Where it begins in the scanned text.
    pub start: usize,
    /// Where it ends: just behind the dashes of its last line.
    pub end: usize,
    /// The decoded bytes, or why they cannot be decoded.
    pub body: Result<Vec<u8>, String>,
    /// Whether something other than a line's end stands before its first dash: `-----END…----------BEGIN…`.
    pub joined: bool,
}

/// Bits behind the last octet and missing padding are overlooked, as OpenSSL and Go do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// The most blocks of a file that are read; Mozilla's bundle has 140, and empty ones take no more than a line.
const MOST_BLOCKS: usize = 10_000;

/// The longest label that is taken for one.
const LONGEST_LABEL: usize = 64;

/// Finds the blocks of a file.
pub fn scan(bytes: &[u8]) -> Scan {
    let text = as_utf8(bytes);
    let mut scan = Scan { converted: matches!(text, Cow::Owned(_)), ..Scan::default() };
    if scan.converted {
        scan.problems.push(Problem::Utf16);
    }
    let mut lines = Lines { text: &text, at: 0, line: 1 };
    let mut rest = 0;
    if text.starts_with(BYTE_ORDER_MARK) {
        scan.problems.push(Problem::ByteOrderMark);
        rest = BYTE_ORDER_MARK.len();
    }
    let first = rest;
    let mut count = 0;
    while let Some((start, label, body_start)) = next_begin(&text, rest) {
        note_binary(&text[rest..start], lines.of(rest), &mut scan.problems);
        let line = lines.of(start);
        count += 1;
        if count > MOST_BLOCKS {
            scan.problems.push(Problem::TooMany { line });
            return scan;
        }
        let next = find(&text, BEGIN, body_start).unwrap_or(text.len());
        let Some((body_end, end)) = find_end(&text[..next], body_start, &label) else {
            scan.problems.push(Problem::Unfinished { line });
            rest = next;
            continue;
        };
        let joined = start > first && !matches!(text[start - 1], b'\n' | b'\r');
        if joined {
            scan.problems.push(Problem::Joined { line });
        }
        let body = decode(&text[body_start..body_end]);
        scan.blocks.push(Block { label, line, start, end, body, joined });
        rest = end;
    }
    note_binary(&text[rest..], lines.of(rest), &mut scan.problems);
    scan
}

impl Block {
    /// Returns the bytes of the block's certificate; they may still turn out not to be X.509.
    pub fn certificate(&self) -> Result<&[u8], Problem> {
        let line = self.line;
        match self.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {}
            label if label.ends_with("PRIVATE KEY") => return Err(Problem::PrivateKey { line }),
            label => return Err(Problem::OtherBlock { line, label: label.to_owned() }),
        }
        match &self.body {
            Ok(der) if self.label == "TRUSTED CERTIFICATE" => trusted::read(der, line),
            Ok(der) => Ok(der),
            Err(reason) => Err(Problem::Broken { line, reason: reason.clone() }),
        }
    }
}

/// Returns the next beginning at or after `from`: where it is, its label, and where its body begins.
fn next_begin(text: &[u8], from: usize) -> Option<(usize, String, usize)> {
    let mut from = from;
    loop {
        let start = find(text, BEGIN, from)?;
        let label_start = start + BEGIN.len();
        let window = &text[label_start..text.len().min(label_start + LONGEST_LABEL)];
        if let Some(length) = window.windows(DASHES.len()).position(|w| w == DASHES)
            && window[..length].iter().all(|b| (b' '..0x7f).contains(b))
        {
            let label = String::from_utf8_lossy(&window[..length]).into_owned();
            return Some((start, label, label_start + length + DASHES.len()));
        }
        from = label_start;
    }
}

/// Returns where the body ends and where the block ends. The label of the end must be that of the beginning.
fn find_end(text: &[u8], from: usize, label: &str) -> Option<(usize, usize)> {
    let body_end = find(text, END, from)?;
    let rest = &text[body_end + END.len()..];
    let rest = rest.strip_prefix(label.as_bytes())?;
    rest.starts_with(DASHES).then(|| (body_end, text.len() - rest.len() + DASHES.len()))
}

fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let mut from = from;
    while let Some(dash) = text.get(from..)?.iter().position(|b| *b == b'-') {
        if text[from + dash..].starts_with(wanted) {
            return Some(from + dash);
        }
        from += dash + 1;
    }
    None
}

/// Decodes a body: white space is skipped, and so are header lines (RFC 1421, `Proc-Type: ...`).
fn decode(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut packed = Vec::with_capacity(body.len());
    for line in body.split(|b| matches!(b, b'\n' | b'\r')) {
        if line.contains(&b':') {
            continue;
        }
        // nearly every line is nothing but base64, and there are tens of thousands
        if line.iter().any(u8::is_ascii_whitespace) {
            packed.extend(line.iter().filter(|b| !b.is_ascii_whitespace()));
        } else {
            packed.extend_from_slice(line);
        }
    }
    if packed.is_empty() {
        return Err("it is empty".to_owned());
    }
    BASE64.decode(&packed).map_err(|e| match e {
        base64::DecodeError::InvalidByte(_, byte) => {
            format!("{:?} is not a character of base64", char::from(byte))
        }
        _ => "its base64 is cut off or mangled".to_owned(),
    })
}

/// Notes bytes outside the blocks that no text has.
fn note_binary(between: &[u8], line: usize, problems: &mut Vec<Problem>) {
    let odd = |b: &u8| matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f);
    if let Some(at) = between.iter().position(odd) {
        problems.push(Problem::Binary { line: line + newlines(&between[..at]) });
    }
}

/// Returns the bytes, converted if they are UTF-16 (by its byte order mark, or by every second octet being zero).
fn as_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] | [b'-', 0, b'-', 0, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] | [0, b'-', 0, b'-', ..] => u16::from_be_bytes,
        _ => return Cow::Borrowed(bytes),
    };
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    let text = String::from_utf16_lossy(&units);
    Cow::Owned(text.trim_start_matches('\u{feff}').as_bytes().to_vec())
}

/// Counts lines as it goes on: every byte is looked at once.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, offset: usize) -> usize {
        if offset > self.at {
            self.line += newlines(&self.text[self.at..offset]);
            self.at = offset;
        }
        self.line
    }
}

fn newlines(text: &[u8]) -> usize {
    text.split(|b| *b == b'\n').count() - 1
}
