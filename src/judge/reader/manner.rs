//! The table of readers: what each makes of a file that is not as it should be.

use crate::catalogue::schema::Reader;

/// How a reader treats files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// No file, or one that may not be read.
    pub missing: Unusable,
    /// A DER certificate where PEM is expected.
    pub der: Unusable,
    /// A file of no bytes.
    pub empty: Unusable,
    /// A file of another kind, without certificates.
    pub foreign: Unusable,
    /// A folder where a file is expected; `None`: it is read as one.
    pub folder: Option<Unusable>,
    /// Whether a file where a folder is expected is read all the same (OpenSSL 3 does).
    pub file_for_folder: bool,
    /// A block that cannot be decoded.
    pub broken: Broken,
    /// A block that is no certificate; `None`: as one that cannot be decoded.
    pub malformed: Option<Broken>,
    /// Two blocks without a line's end between them.
    pub joined: Broken,
    /// OpenSSL's `TRUSTED CERTIFICATE` in place of `CERTIFICATE`.
    pub trusted: Broken,
    /// A byte order mark in front.
    pub byte_order_mark: Broken,
    /// Whether folders are read: `Some(true)` those with hashed names only, each when its name is looked up.
    pub folders: Option<bool>,
    /// Whether a root that has ended, or has not begun, is refused. webpki takes a root for a name and a key alone, and
    /// so does Java (both tried with an expired copy of a CA, as were the others).
    pub minds_dates: bool,
    /// Whether only the first certificate counts.
    pub first_only: bool,
}

/// What becomes of a setting whose file is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// The tool fails.
    Fails,
    /// As if the setting were not there.
    Ignored,
    /// An empty set of roots.
    NoRoots,
}

/// What a broken place in a file costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The whole file is dropped, and the tool goes on as if the setting were not there.
    Drops,
    /// The tool fails.
    Fails,
    /// Nothing.
    Harmless,
    /// What follows is lost.
    KeepsBefore,
    /// Everything is lost.
    LosesAll,
    /// That one block (of a byte order mark the first one, of joined blocks the second).
    Skips,
    /// Both of two joined blocks.
    SkipsBoth,
}

/// OpenSSL's own defaults: silent about everything, all or nothing.
const OPENSSL_DEFAULT: Manner = Manner {
    missing: Unusable::NoRoots,
    der: Unusable::NoRoots,
    empty: Unusable::NoRoots,
    foreign: Unusable::NoRoots,
    folder: Some(Unusable::NoRoots),
    file_for_folder: true,
    broken: Broken::LosesAll,
    malformed: None,
    joined: Broken::LosesAll,
    trusted: Broken::Harmless,
    byte_order_mark: Broken::Harmless,
    folders: Some(true),
    minds_dates: true,
    first_only: false,
};

/// OpenSSL when a file is asked for by name: anything wrong is an error.
const OPENSSL_STRICT: Manner = Manner {
    missing: Unusable::Fails,
    der: Unusable::Fails,
    empty: Unusable::Fails,
    foreign: Unusable::Fails,
    folder: Some(Unusable::Fails),
    file_for_folder: false,
    broken: Broken::Fails,
    joined: Broken::Fails,
    ..OPENSSL_DEFAULT
};

const RUSTLS: Manner = Manner {
    broken: Broken::Skips,
    joined: Broken::Skips,
    trusted: Broken::Skips,
    byte_order_mark: Broken::Skips,
    folders: Some(false),
    minds_dates: false,
    file_for_folder: false,
    ..OPENSSL_DEFAULT
};

const NODE_EXTRA: Manner = Manner {
    missing: Unusable::Ignored,
    broken: Broken::KeepsBefore,
    joined: Broken::KeepsBefore,
    trusted: Broken::Skips,
    folders: None,
    file_for_folder: false,
    ..OPENSSL_DEFAULT
};

/// Split at the END lines in JavaScript: whatever is no certificate is dropped one by one.
const CAFILE: Manner = Manner {
    missing: Unusable::Ignored,
    folder: Some(Unusable::Fails),
    broken: Broken::Skips,
    joined: Broken::Harmless,
    folders: None,
    ..OPENSSL_DEFAULT
};

impl Manner {
    /// Returns a reader's manner. Where each was tried stands in the tools' files.
    pub(super) fn of(reader: Reader) -> &'static Self {
        match reader {
            Reader::BunExtra => &Self {
                der: Unusable::Ignored,
                empty: Unusable::Ignored,
                foreign: Unusable::Ignored,
                broken: Broken::Drops,
                joined: Broken::Drops,
                ..NODE_EXTRA
            },
            Reader::DenoExtra => &Self {
                missing: Unusable::Ignored,
                der: Unusable::Ignored,
                empty: Unusable::Ignored,
                foreign: Unusable::Ignored,
                folder: Some(Unusable::Ignored),
                broken: Broken::Drops,
                malformed: Some(Broken::Skips),
                ..RUSTLS
            },
            Reader::FirstOnly => &Self { folders: None, first_only: true, ..OPENSSL_STRICT },
            Reader::Gnutls => &Self {
                joined: Broken::Harmless,
                trusted: Broken::Skips,
                folders: Some(false),
                file_for_folder: false,
                ..OPENSSL_DEFAULT
            },
            Reader::Go => &Self {
                broken: Broken::Skips,
                joined: Broken::SkipsBoth,
                trusted: Broken::Skips,
                byte_order_mark: Broken::Skips,
                folders: Some(false),
                file_for_folder: false,
                ..OPENSSL_DEFAULT
            },
            Reader::Grpc => &Self {
                missing: Unusable::Ignored,
                der: Unusable::Fails,
                empty: Unusable::Ignored,
                broken: Broken::KeepsBefore,
                joined: Broken::KeepsBefore,
                folders: None,
                ..OPENSSL_DEFAULT
            },
            // of a key store only what is not one at all is judged here
            Reader::Java => {
                &Self { missing: Unusable::Ignored, folders: None, minds_dates: false, ..OPENSSL_STRICT }
            }
            Reader::Libcurl | Reader::OpensslStrict => &OPENSSL_STRICT,
            Reader::LibcurlGnutls => &Self {
                der: Unusable::NoRoots,
                empty: Unusable::NoRoots,
                foreign: Unusable::NoRoots,
                joined: Broken::Harmless,
                trusted: Broken::Skips,
                folders: Some(false),
                ..OPENSSL_STRICT
            },
            Reader::NodeExtra => &NODE_EXTRA,
            Reader::NpmCafile => &Self { empty: Unusable::Ignored, ..CAFILE },
            Reader::OpensslDefault => &OPENSSL_DEFAULT,
            Reader::PnpmCafile => &CAFILE,
            Reader::Php => &Self { broken: Broken::Skips, joined: Broken::SkipsBoth, ..OPENSSL_STRICT },
            Reader::Requests => &Self { folder: None, ..OPENSSL_STRICT },
            Reader::RustlsNative => &RUSTLS,
            Reader::UvLenient => &Self {
                missing: Unusable::Ignored,
                der: Unusable::Ignored,
                empty: Unusable::Ignored,
                foreign: Unusable::Ignored,
                folder: Some(Unusable::Ignored),
                ..RUSTLS
            },
            Reader::Webpki => &Self {
                missing: Unusable::Fails,
                folder: Some(Unusable::Fails),
                broken: Broken::Fails,
                malformed: Some(Broken::Skips),
                folders: None,
                ..RUSTLS
            },
            Reader::YarnBerry => &Self {
                missing: Unusable::Fails,
                folder: Some(Unusable::Fails),
                broken: Broken::KeepsBefore,
                joined: Broken::KeepsBefore,
                folders: None,
                ..OPENSSL_DEFAULT
            },
        }
    }
}
