//! What can be odd about a file of certificates.

use std::fmt;

use crate::text::sanitise;

/// Something in a file of certificates that was skipped, or that some programs stumble over.
///
/// Lines count from 1. Labels and reasons come from the file: they are hostile until displayed, which sanitises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Bytes that are not text stand outside the blocks, for example a DER certificate among PEM ones.
    Binary {
        /// Where they begin.
        line: usize,
    },
    /// A block that cannot be decoded.
    Broken {
        /// Where it begins.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The file begins with the UTF-8 byte order mark, which makes several readers lose the first certificate.
    ByteOrderMark,
    /// The file is a container of another kind.
    Container {
        /// Which.
        container: Container,
    },
    /// A DER certificate without its end.
    CutOff,
    /// The file has no bytes, or nothing but white space.
    Empty,
    /// A block begins in the middle of a line, mostly behind the end of the one before it: several readers lose
    /// one of the two, or all.
    Joined {
        /// Where it begins.
        line: usize,
    },
    /// A block decodes to something that is not an X.509 certificate.
    Malformed {
        /// Where the block begins.
        line: usize,
        /// The parser's words.
        reason: String,
    },
    /// Text, without any certificate.
    NoCertificate,
    /// A certificate that the file itself declares unfit for TLS servers (`TRUSTED CERTIFICATE` with other uses).
    NotForServers {
        /// Where the block begins.
        line: usize,
    },
    /// Output of `openssl s_client` that names more certificates than it shows.
    NotShown {
        /// How many certificates the server sent.
        named: usize,
        /// How many of them the output holds.
        shown: usize,
    },
    /// A block of another kind.
    OtherBlock {
        /// Where it begins.
        line: usize,
        /// What it says it is.
        label: String,
    },
    /// A private key, which was not read.
    PrivateKey {
        /// Where it begins.
        line: usize,
    },
    /// More blocks than anybody needs: this one and those behind it are not read.
    TooMany {
        /// Where the first that is not read begins.
        line: usize,
    },
    /// A block without an end, or with the end of another one.
    Unfinished {
        /// Where it begins.
        line: usize,
    },
    /// The file is UTF-16 text (PowerShell's `>` writes that), which no TLS library reads.
    Utf16,
}

/// A kind of file that holds certificates and is neither PEM nor a DER certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A web page, such as a login page saved in place of the file.
    Html,
    /// A Java key store.
    Jks,
    /// PKCS#12 (`.p12`, `.pfx`).
    Pkcs12,
    /// PKCS#7 (`.p7b`, `.p7c`).
    Pkcs7,
}

impl Problem {
    /// Returns the line it is about; 0 for the whole file.
    pub fn line(&self) -> usize {
        match self {
            Self::Binary { line }
            | Self::Broken { line, .. }
            | Self::Joined { line }
            | Self::Malformed { line, .. }
            | Self::NotForServers { line }
            | Self::OtherBlock { line, .. }
            | Self::PrivateKey { line }
            | Self::TooMany { line }
            | Self::Unfinished { line } => *line,
            Self::ByteOrderMark
            | Self::Container { .. }
            | Self::CutOff
            | Self::Empty
            | Self::NoCertificate
            | Self::NotShown { .. }
            | Self::Utf16 => 0,
        }
    }

    /// Whether a certificate was lost to it, for every reader.
    pub fn loses_certificate(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::CutOff | Self::Malformed { .. } | Self::Unfinished { .. })
    }
}

impl Container {
    /// Recognises a container by its first bytes.
    pub(super) fn recognise(bytes: &[u8]) -> Option<Self> {
        /// OBJECT IDENTIFIER 1.2.840.113549.1.7.2, signedData
        const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
        /// INTEGER 3, the version that opens a PFX
        const VERSION_3: &[u8] = &[0x02, 0x01, 0x03];
        if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) || bytes.starts_with(&[0xce, 0xce, 0xce, 0xce]) {
            return Some(Self::Jks);
        }
        let start = &bytes[..bytes.len().min(24)];
        if start.first() == Some(&0x30) {
            // the lengths before these may take one to five octets, and a PFX made by streaming has indefinite ones
            let has =
                |wanted: &[u8]| (2..=6).any(|at| start.get(at..).is_some_and(|s| s.starts_with(wanted)));
            return [(SIGNED_DATA, Self::Pkcs7), (VERSION_3, Self::Pkcs12)]
                .into_iter()
                .find_map(|(wanted, container)| has(wanted).then_some(container));
        }
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).to_ascii_lowercase();
        let text = text.trim_start_matches('\u{feff}').trim_start();
        (text.starts_with("<!doctype html") || text.starts_with("<html")).then_some(Self::Html)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary { line } => {
                write!(f, "line {line}: bytes that are not text stand between the blocks")
            }
            Self::Broken { line, reason } => {
                write!(f, "line {line}: the block cannot be decoded ({})", sanitise(reason))
            }
            Self::ByteOrderMark => f.write_str("the file begins with a byte order mark"),
            Self::Container { container } => write!(f, "this is {container}, not PEM or a DER certificate"),
            Self::CutOff => f.write_str("this is the beginning of a DER certificate, its end is missing"),
            Self::Empty => f.write_str("the file is empty"),
            Self::Joined { line } => {
                write!(f, "line {line}: a block begins in the middle of the line")
            }
            Self::Malformed { line, reason } => {
                write!(f, "line {line}: the block is not an X.509 certificate ({})", sanitise(reason))
            }
            Self::NoCertificate => f.write_str("there is no certificate in the file"),
            Self::NotForServers { line } => {
                write!(f, "line {line}: the certificate is marked as not trusted for TLS servers")
            }
            Self::NotShown { named, shown } => write!(
                f,
                "the server sent {named} certificates and the output shows {shown}: run \
                 `openssl s_client` again with `-showcerts`"
            ),
            Self::OtherBlock { line, label } => {
                write!(f, "line {line}: a block of another kind, `{}`", sanitise(label))
            }
            Self::PrivateKey { line } => write!(f, "line {line}: a private key"),
            Self::TooMany { line } => {
                write!(f, "line {line}: this block and what follows is not read, there are too many")
            }
            Self::Unfinished { line } => write!(f, "line {line}: the block has no end"),
            Self::Utf16 => f.write_str("the file is UTF-16 text, which no TLS library reads"),
        }
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Html => "a web page",
            Self::Jks => "a Java key store",
            Self::Pkcs12 => "a PKCS#12 store",
            Self::Pkcs7 => "a PKCS#7 container",
        })
    }
}
