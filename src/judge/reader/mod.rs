//! What a file of certificates holds as a particular tool reads it.
//!
//! The same bytes are a full set of roots to one reader and nothing at all to another: one broken block makes OpenSSL
//! lose the whole file without a word, lets Node keep what stands before it, and lets npm keep everything else.
//! [`Manner`] is the table of these differences.

mod keystore;
mod manner;

use manner::{Broken, Manner, Unusable};

use crate::catalogue::schema::Reader;
use crate::facts::Certificate;
use crate::facts::pem::{self, Encoding, Problem};
use crate::facts::tool::{Content, FileState};

/// A file or folder as a reader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The certificates the reader gets, in the order of the file.
    pub certificates: Vec<Certificate>,
    /// What becomes of the setting that names it.
    pub ending: Ending,
    /// What is wrong with it for this reader; absent when nothing is.
    pub fault: Option<Fault>,
}

/// What becomes of a setting whose file was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// The tool refuses to connect, or to start.
    Fails,
    /// The tool goes on as if the setting were not there.
    Ignored,
    /// The certificates are used; there may be none.
    #[default]
    Used,
}

/// What is wrong with a file for a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A folder where a file is read, or the reverse.
    Folder,
    /// A block that cannot be read, with what it costs.
    Lost {
        /// How many certificates the file holds for a lenient reader.
        held: usize,
        /// What is wrong, and where.
        problem: Problem,
    },
    /// Nothing is there.
    Missing,
    /// Nothing in it is a certificate for this reader.
    NoCertificate {
        /// What it is instead.
        problem: Option<Problem>,
        /// Whether it is a DER certificate.
        der: bool,
    },
    /// The folder's files have other names than hashes, and this reader looks for nothing else.
    NotHashed,
    /// It cannot be read.
    Unreadable(String),
    /// A key store that cannot be opened, or that is none.
    Unopened(String),
}

/// Reads a file or folder as a reader does. `password` is what a key store is opened with.
pub fn read(state: &FileState, reader: Reader, password: Option<&str>) -> Held {
    let manner = Manner::of(reader);
    match state {
        FileState::Missing => unusable(manner.missing, Fault::Missing),
        FileState::Unreadable { message } => unusable(manner.missing, Fault::Unreadable(message.clone())),
        FileState::Folder { files } => folder(files, manner),
        FileState::File { content } if reader == Reader::Java => keystore::read(content.bytes(), password),
        FileState::File { content } => file(content, manner),
    }
}

fn unusable(fate: Unusable, fault: Fault) -> Held {
    let ending = match fate {
        Unusable::Fails => Ending::Fails,
        Unusable::Ignored => Ending::Ignored,
        Unusable::NoRoots => Ending::Used,
    };
    Held { certificates: Vec::new(), ending, fault: Some(fault) }
}

fn file(content: &Content, manner: &Manner) -> Held {
    let bytes = content.bytes();
    let contents = pem::read(bytes);
    let none = |problem| {
        let der = contents.encoding == Encoding::Der;
        unusable(if der { manner.der } else { manner.empty }, Fault::NoCertificate { problem, der })
    };
    if contents.certificates.is_empty() || contents.encoding == Encoding::Der {
        return none(contents.problems.first().cloned());
    }
    if contents.problems.contains(&Problem::Utf16) {
        return none(Some(Problem::Utf16));
    }
    let blocks = Blocks::of(bytes);
    let held = contents.certificates.len();
    let mut certificates = blocks.usable();
    let mut fault = None;
    let mut lose = |problem: &Problem, kept: Vec<Certificate>, certificates: &mut Vec<Certificate>| {
        *certificates = kept;
        fault.get_or_insert_with(|| Fault::Lost { held, problem: problem.clone() });
    };
    for problem in &contents.problems {
        match problem {
            Problem::ByteOrderMark => match manner.byte_order_mark {
                Broken::Harmless => {}
                Broken::LosesAll => lose(problem, Vec::new(), &mut certificates),
                _ => lose(problem, blocks.except_first(), &mut certificates),
            },
            Problem::Joined { line } => match manner.joined {
                Broken::Harmless => {}
                Broken::Fails => return unusable(Unusable::Fails, lost(held, problem)),
                Broken::Drops => return unusable(Unusable::Ignored, lost(held, problem)),
                Broken::LosesAll => lose(problem, Vec::new(), &mut certificates),
                Broken::KeepsBefore => lose(problem, blocks.before_joint(*line), &mut certificates),
                Broken::Skips => lose(problem, blocks.without_joined(), &mut certificates),
            },
            _ if problem.loses_certificate() => match manner.broken {
                Broken::Fails => return unusable(Unusable::Fails, lost(held, problem)),
                Broken::Drops => return unusable(Unusable::Ignored, lost(held, problem)),
                Broken::LosesAll => lose(problem, Vec::new(), &mut certificates),
                Broken::KeepsBefore => lose(problem, blocks.before(problem.line()), &mut certificates),
                Broken::Skips | Broken::Harmless => {
                    lose(problem, certificates.clone(), &mut certificates);
                }
            },
            _ => {}
        }
    }
    if manner.first_only {
        certificates.truncate(1);
    }
    Held { certificates, ending: Ending::Used, fault }
}

fn lost(held: usize, problem: &Problem) -> Fault {
    Fault::Lost { held, problem: problem.clone() }
}

fn folder(files: &[(String, Content)], manner: &Manner) -> Held {
    let Some(hashed) = manner.folders else { return unusable(manner.folder, Fault::Folder) };
    let read = files.iter().filter(|(name, _)| !hashed || is_hashed(name));
    let certificates: Vec<Certificate> = read.flat_map(|(_, c)| pem::read(c.bytes()).certificates).collect();
    let fault = certificates.is_empty().then(|| {
        let others = files.iter().any(|(_, c)| !pem::read(c.bytes()).certificates.is_empty());
        if others { Fault::NotHashed } else { Fault::NoCertificate { problem: None, der: false } }
    });
    Held { certificates, ending: Ending::Used, fault }
}

/// Whether a name is `openssl rehash`'s: eight hex digits, a dot, a number.
fn is_hashed(name: &str) -> bool {
    name.split_once('.').is_some_and(|(hash, number)| {
        hash.len() == 8
            && hash.bytes().all(|b| b.is_ascii_hexdigit())
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The blocks of a file with their certificates, where they are any.
struct Blocks(Vec<(usize, bool, Option<Certificate>)>);

impl Blocks {
    fn of(bytes: &[u8]) -> Self {
        let scan = pem::scan(bytes);
        let read = |block: &pem::Block| {
            let certificate = Certificate::from_der(block.certificate().ok()?);
            certificate.details().is_ok().then_some(certificate)
        };
        Self(scan.blocks.iter().map(|block| (block.line, block.joined, read(block))).collect())
    }

    fn usable(&self) -> Vec<Certificate> {
        self.0.iter().filter_map(|(_, _, c)| c.clone()).collect()
    }

    fn except_first(&self) -> Vec<Certificate> {
        self.0.iter().skip(1).filter_map(|(_, _, c)| c.clone()).collect()
    }

    fn before(&self, line: usize) -> Vec<Certificate> {
        self.0.iter().take_while(|(at, _, _)| *at < line).filter_map(|(_, _, c)| c.clone()).collect()
    }

    /// The END line of the block before a joint is no END line for a strict reader, so that block is lost as well.
    fn before_joint(&self, line: usize) -> Vec<Certificate> {
        let joint = self.0.iter().position(|(at, joined, _)| *joined && *at == line).unwrap_or(0);
        self.0.iter().take(joint.saturating_sub(1)).filter_map(|(_, _, c)| c.clone()).collect()
    }

    fn without_joined(&self) -> Vec<Certificate> {
        self.0.iter().filter(|(_, joined, _)| !joined).filter_map(|(_, _, c)| c.clone()).collect()
    }
}

#[cfg(test)]
mod tests;
