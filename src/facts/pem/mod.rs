//! Files of certificates: PEM in the shapes people really have, DER, and the output of `openssl s_client`.
//!
//! The reader is lenient and tells everything it overlooked: a store must not lose 150 certificates to one
//! broken block, and nobody can put right what was dropped in silence. How strict the *tools* are with the same
//! bytes is another question, answered in [`crate::catalogue::reader`].

mod problem;
mod scan;
mod session;
mod trusted;

pub use problem::{Container, Problem};
pub use scan::{Block, Scan, scan};
pub use session::read_chain;

use super::Certificate;

/// What a file of certificates holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// How the certificates are written.
    pub encoding: Encoding,
    /// The certificates in the order of the file; ones that are not X.509 are kept and have no details.
    pub certificates: Vec<Certificate>,
    /// What was skipped or is odd, in the order of the file.
    pub problems: Vec<Problem>,
}

/// How certificates are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The bytes of one certificate, or of several in a row.
    Der,
    /// Base64 between `-----BEGIN` and `-----END` lines (RFC 7468).
    Pem,
    /// Neither: nothing in it is a certificate.
    Unknown,
}

/// Reads every certificate in a file and says what else is in it. Never fails: an unreadable file has no
/// certificates and a problem that says why.
pub fn read(bytes: &[u8]) -> Contents {
    read_through(bytes, &mut |der| Certificate::from_der(der))
}

/// [`read`], with the caller making the certificates from their bytes: stores share most of theirs, and parsing them
/// once is most of what loading costs.
pub fn read_through(bytes: &[u8], make: &mut dyn FnMut(&[u8]) -> Certificate) -> Contents {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Contents::nothing(Problem::Empty);
    }
    if let Some(certificates) = read_der(bytes, make) {
        return Contents { encoding: Encoding::Der, certificates, problems: Vec::new() };
    }
    let scan = scan(bytes);
    let mut contents = Contents::of_blocks(&scan.blocks, scan.problems, make);
    if !contents.certificates.is_empty() {
        return contents;
    }
    if let Some(container) = Container::recognise(bytes) {
        return Contents::nothing(Problem::Container { container });
    }
    if starts_as_certificate(bytes) {
        return Contents::nothing(Problem::CutOff);
    }
    contents.problems.retain(|p| !matches!(p, Problem::Binary { .. }));
    if contents.problems.iter().all(|p| p.line() == 0) {
        contents.problems.push(Problem::NoCertificate);
    }
    contents
}

impl Contents {
    fn nothing(problem: Problem) -> Self {
        Self { encoding: Encoding::Unknown, certificates: Vec::new(), problems: vec![problem] }
    }

    fn of_blocks(
        blocks: &[Block],
        mut problems: Vec<Problem>,
        make: &mut dyn FnMut(&[u8]) -> Certificate,
    ) -> Self {
        let mut certificates = Vec::new();
        for block in blocks {
            match block.certificate() {
                Ok(der) => {
                    let certificate = make(der);
                    if let Err(malformed) = certificate.details() {
                        problems.push(Problem::Malformed { line: block.line, reason: malformed.to_string() });
                    }
                    certificates.push(certificate);
                }
                Err(problem) => problems.push(problem),
            }
        }
        problems.sort_by_key(Problem::line);
        let encoding = if blocks.is_empty() { Encoding::Unknown } else { Encoding::Pem };
        Self { encoding, certificates, problems }
    }
}

/// Reads one or more certificates written as bare DER, one after the other; `None` unless all of it is that, a line's
/// end behind it left aside.
fn read_der(bytes: &[u8], make: &mut dyn FnMut(&[u8]) -> Certificate) -> Option<Vec<Certificate>> {
    let mut certificates = Vec::new();
    let mut rest = bytes;
    while certificates.is_empty() || !rest.iter().all(u8::is_ascii_whitespace) {
        let length = der_length(rest)?;
        let certificate = make(&rest[..length]);
        certificate.details().ok()?;
        certificates.push(certificate);
        rest = &rest[length..];
    }
    Some(certificates)
}

/// Returns how many bytes the DER SEQUENCE at the start of `bytes` has, header included.
fn der_length(bytes: &[u8]) -> Option<usize> {
    let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
    let (header, length) = match first {
        _ if tag != 0x30 => return None,
        0..=0x7f => (2, usize::from(first)),
        0x81..=0x84 => {
            let octets = bytes.get(2..2 + usize::from(first & 0x7f))?;
            (2 + octets.len(), octets.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)))
        }
        _ => return None,
    };
    let whole = header.checked_add(length)?;
    (whole <= bytes.len()).then_some(whole)
}

/// Whether the bytes begin as a certificate does, SEQUENCE { SEQUENCE { [0] { INTEGER version, and end too early.
fn starts_as_certificate(bytes: &[u8]) -> bool {
    let inside = |bytes: &'_ [u8]| -> Option<usize> {
        match bytes {
            [0x30, length @ 0x81..=0x84, ..] => Some(2 + usize::from(length & 0x7f)),
            [0x30, 0..=0x7f, ..] => Some(2),
            _ => None,
        }
    };
    let Some(outer) = inside(bytes) else { return false };
    let Some(inner) = bytes.get(outer..).and_then(inside) else { return false };
    bytes.get(outer + inner..).is_some_and(|rest| rest.starts_with(&[0xa0, 0x03, 0x02, 0x01]))
}

#[cfg(test)]
mod tests;
