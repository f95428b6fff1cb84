//! A saved chain: a PEM or DER file, or everything that `openssl s_client -showcerts` printed.

use super::{Contents, Problem, read, scan};
use crate::facts::Certificate;

/// The most certificates that are taken for a chain: as many as are looked at when a server sends them.
const MOST_CERTIFICATES: usize = 100;

/// Reads a chain, leaf first, as a server sent it.
///
/// The output of `openssl s_client` may hold certificates that were *not* sent (the signer of an OCSP response,
/// the leaf a second time): there only the section `Certificate chain` counts.
pub fn read_chain(bytes: &[u8]) -> Contents {
    let scan = scan(bytes);
    let Some(section) = Section::find(bytes).filter(|_| !scan.converted) else {
        let mut contents = read(bytes);
        contents.certificates.truncate(MOST_CERTIFICATES);
        return contents;
    };
    let inside = |start: usize| section.start <= start && start < section.end;
    let mut shown: Vec<_> = scan.blocks.iter().filter(|b| inside(b.start)).cloned().collect();
    if shown.is_empty() {
        // without -showcerts the leaf alone follows, under `Server certificate`
        shown = scan.blocks.iter().find(|b| b.start >= section.end).cloned().into_iter().collect();
    }
    let count = shown.len();
    shown.truncate(MOST_CERTIFICATES);
    let mut contents = Contents::of_blocks(&shown, Vec::new(), &mut |der| Certificate::from_der(der));
    if contents.certificates.is_empty() {
        contents.problems.push(Problem::NoCertificate);
    } else if section.named > count && contents.problems.is_empty() {
        contents.problems.push(Problem::NotShown { named: section.named, shown: count });
    }
    contents
}

/// The part of the output between `Certificate chain` and the next `---`.
struct Section {
    start: usize,
    end: usize,
    /// How many certificates it lists, by their lines ` 0 s:...`.
    named: usize,
}

impl Section {
    fn find(bytes: &[u8]) -> Option<Self> {
        let (mut at, mut start, mut named) = (0, None, 0);
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let text = line.trim_ascii();
            match start {
                None if text == b"Certificate chain" => start = Some(at),
                Some(start) if text == b"---" => return Some(Self { start, end: at, named }),
                Some(_) if names_subject(text) => named += 1,
                _ => {}
            }
            at += line.len();
        }
        start.map(|start| Self { start, end: bytes.len(), named })
    }
}

/// Whether a line is ` 1 s:CN = Example`: a depth and a subject.
fn names_subject(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|b| b.is_ascii_digit()).count();
    digits > 0 && line[digits..].starts_with(b" s:")
}
