//! What a file of certificates holds as a particular tool reads it.
//!
//! The same bytes are a full set of roots to one reader and nothing at all to another: one broken block makes OpenSSL
//! lose the whole file without a word, lets Node keep what stands before it, and lets npm keep everything else.
//! [`Manner`] is the table of these differences.

mod keystore;
mod manner;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use manner::{Broken, Manner, Unusable};

use crate::catalogue::schema::Reader;
use crate::facts::pem::{self, Contents, Encoding, Problem};
use crate::facts::tool::{Content, FileState};
use crate::facts::{Certificate, Pool};

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
    /// A file where a folder is read.
    File,
    /// A folder where a file is read.
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

/// Files of certificates, taken apart: the same file has several readers, and the same bundle lies in several places.
#[derive(Debug, Default)]
pub struct Shelf {
    apart: Mutex<HashMap<Content, Arc<Apart>>>,
    pool: Mutex<Pool>,
}

/// A file taken apart, whoever reads it.
#[derive(Debug)]
struct Apart {
    /// Whether it has no bytes at all.
    is_empty: bool,
    contents: Contents,
    blocks: Vec<Block>,
}

impl Shelf {
    /// Makes an empty one that knows these certificates.
    pub fn with<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> Self {
        Self { apart: Mutex::default(), pool: Mutex::new(certificates.into_iter().collect()) }
    }

    /// Reads what a setting for a file names. `password` is what a key store is opened with.
    pub fn read(&self, state: &FileState, reader: Reader, password: Option<&str>) -> Held {
        let manner = Manner::of(reader);
        match (state, manner.folder) {
            (FileState::Missing, _) => unusable(manner.missing, Fault::Missing),
            (FileState::Unreadable { message }, _) => {
                unusable(manner.missing, Fault::Unreadable(message.clone()))
            }
            (FileState::Folder { .. }, Some(fate)) => unusable(fate, Fault::Folder),
            (FileState::Folder { files }, None) => self.folder(files, manner),
            (FileState::File { content }, _) if reader == Reader::Java => {
                keystore::read(content.bytes(), password)
            }
            (FileState::File { content }, _) => file(&self.apart(content), manner),
        }
    }

    /// Reads what a setting for a folder names. Nobody fails because of it.
    pub fn read_folder(&self, state: &FileState, reader: Reader) -> Held {
        let manner = Manner::of(reader);
        match state {
            FileState::Missing => unusable(Unusable::NoRoots, Fault::Missing),
            FileState::Unreadable { message } => {
                unusable(Unusable::NoRoots, Fault::Unreadable(message.clone()))
            }
            FileState::Folder { files } => self.folder(files, manner),
            FileState::File { content } if manner.file_for_folder => {
                Held { ending: Ending::Used, ..file(&self.apart(content), manner) }
            }
            FileState::File { .. } => unusable(Unusable::NoRoots, Fault::File),
        }
    }

    fn folder(&self, files: &[(String, Content)], manner: &Manner) -> Held {
        let hashed = manner.folders.unwrap_or(true);
        let read = files.iter().filter(|(name, _)| !hashed || is_hashed(name));
        let certificates: Vec<Certificate> =
            read.flat_map(|(_, content)| self.apart(content).contents.certificates.clone()).collect();
        let fault = certificates.is_empty().then(|| {
            let others =
                files.iter().any(|(_, content)| !self.apart(content).contents.certificates.is_empty());
            if others { Fault::NotHashed } else { Fault::NoCertificate { problem: None, der: false } }
        });
        Held { certificates, ending: Ending::Used, fault }
    }

    fn apart(&self, content: &Content) -> Arc<Apart> {
        let mut apart = self.apart.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = apart.get(content) {
            return Arc::clone(known);
        }
        let made =
            Arc::new(Apart::of(content, &mut self.pool.lock().unwrap_or_else(PoisonError::into_inner)));
        apart.insert(content.clone(), Arc::clone(&made));
        made
    }
}

impl Apart {
    fn of(content: &Content, pool: &mut Pool) -> Self {
        let contents = pem::read_through(content.bytes(), &mut |der| pool.certificate(der));
        let scan = pem::scan(content.bytes());
        let is_empty = content.bytes().is_empty();
        Self {
            is_empty,
            contents,
            blocks: scan.blocks.into_iter().map(|block| Block::of(block, pool)).collect(),
        }
    }
}

/// Whether a library that reads like this refuses a root outside of its validity.
pub fn minds_dates_of_roots(reader: Reader) -> bool {
    Manner::of(reader).minds_dates
}

/// Whether a folder is not read as a whole, but asked for a name where nothing that was read has it.
pub fn looks_up_names(reader: Reader) -> bool {
    Manner::of(reader).folders == Some(true)
}

fn unusable(fate: Unusable, fault: Fault) -> Held {
    let ending = match fate {
        Unusable::Fails => Ending::Fails,
        Unusable::Ignored => Ending::Ignored,
        Unusable::NoRoots => Ending::Used,
    };
    Held { certificates: Vec::new(), ending, fault: Some(fault) }
}

fn file(apart: &Apart, manner: &Manner) -> Held {
    let contents = &apart.contents;
    let none = |problem| {
        let der = contents.encoding == Encoding::Der;
        let fate = match (der, apart.is_empty) {
            (true, _) => manner.der,
            (false, true) => manner.empty,
            (false, false) => manner.foreign,
        };
        unusable(fate, Fault::NoCertificate { problem, der })
    };
    if contents.certificates.is_empty() || contents.encoding == Encoding::Der {
        return none(contents.problems.first().cloned());
    }
    if contents.problems.contains(&Problem::Utf16) {
        return none(Some(Problem::Utf16));
    }
    let mut blocks = Blocks::of(apart);
    let held = contents.certificates.len();
    let mut fault = None;
    for (cost, place, problem) in blocks.damages(&contents.problems, manner) {
        match cost {
            Broken::Harmless => continue,
            Broken::Fails => return unusable(Unusable::Fails, lost(held, &problem)),
            Broken::Drops => return unusable(Unusable::Ignored, lost(held, &problem)),
            Broken::LosesAll => blocks.lose_from(0),
            Broken::KeepsBefore => blocks.lose_from(place.start),
            Broken::Skips => blocks.lose(place.start.max(place.end.saturating_sub(1))..place.end),
            Broken::SkipsBoth => blocks.lose(place),
        }
        fault.get_or_insert_with(|| lost(held, &problem));
    }
    let mut certificates = blocks.kept();
    if manner.first_only {
        certificates.truncate(1);
    }
    Held { certificates, ending: Ending::Used, fault }
}

fn lost(held: usize, problem: &Problem) -> Fault {
    Fault::Lost { held, problem: problem.clone() }
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

/// One block of a file.
#[derive(Debug)]
struct Block {
    line: usize,
    label: String,
    certificate: Option<Certificate>,
}

impl Block {
    fn of(block: pem::Block, pool: &mut Pool) -> Self {
        let certificate = block.certificate().ok().map(|der| pool.certificate(der));
        let certificate = certificate.filter(|c| c.details().is_ok());
        Self { line: block.line, label: block.label, certificate }
    }
}

/// The blocks of a file, and which of them a reader keeps.
struct Blocks<'a> {
    all: &'a [Block],
    kept: Vec<bool>,
    /// The first of those that are lost with all behind them.
    lost_from: usize,
}

impl<'a> Blocks<'a> {
    fn of(apart: &'a Apart) -> Self {
        let count = apart.blocks.len();
        Self { all: &apart.blocks, kept: vec![true; count], lost_from: count }
    }

    /// Returns what each damage costs this reader, and the blocks it is about. Of joined blocks these are two: the END
    /// line of the one before a joint is no END line for a strict reader.
    fn damages(&self, problems: &[Problem], manner: &Manner) -> Vec<(Broken, Range<usize>, Problem)> {
        let at = |line: usize| self.all.partition_point(|block| block.line < line);
        let of_problem = |problem: &Problem| match problem {
            Problem::ByteOrderMark => Some((manner.byte_order_mark, 0..1)),
            Problem::Joined { line } => {
                let joint = at(*line);
                Some((manner.joined, joint.saturating_sub(1)..joint + 1))
            }
            // a block without an end is none of the blocks: those before it are kept or not, it is lost anyway
            Problem::Unfinished { line } => Some((manner.broken, at(*line)..at(*line))),
            Problem::Malformed { line, .. } => {
                Some((manner.malformed.unwrap_or(manner.broken), at(*line)..at(*line) + 1))
            }
            _ if problem.loses_certificate() => {
                Some((manner.broken, at(problem.line())..at(problem.line()) + 1))
            }
            _ => None,
        };
        let of_label = |(index, block): (usize, &Block)| {
            let problem = Problem::OtherBlock { line: block.line, label: block.label.clone() };
            (block.label == "TRUSTED CERTIFICATE").then(|| (manner.trusted, index..index + 1, problem))
        };
        let damages = problems.iter().filter_map(|problem| {
            let (cost, place) = of_problem(problem)?;
            Some((cost, place, problem.clone()))
        });
        damages.chain(self.all.iter().enumerate().filter_map(of_label)).collect()
    }

    fn lose(&mut self, place: Range<usize>) {
        let end = place.end.min(self.kept.len());
        self.kept[place.start.min(end)..end].fill(false);
    }

    fn lose_from(&mut self, start: usize) {
        self.lost_from = self.lost_from.min(start);
    }

    fn kept(self) -> Vec<Certificate> {
        let kept = self.all.iter().zip(self.kept).take(self.lost_from).filter(|(_, kept)| *kept);
        kept.filter_map(|(block, _)| block.certificate.clone()).collect()
    }
}

#[cfg(test)]
mod tests;
