//! Writes the files that are handed out.

use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::Serialize;

use crate::edge::Changing;
use crate::facts::{Fingerprint, pem};
use crate::remedy::documents::Document;
use crate::remedy::formats::Format;

/// Certificates are public: everybody's programs on this computer read the files.
const MODE: u32 = 0o644;
/// The longest file that is compared with what is to be written.
const LONGEST: u64 = 64 << 20;

/// A file as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Where.
    pub path: String,
    /// In which form, by its name on the command line.
    pub format: String,
    /// SHA-256 of the whole file.
    pub sha256: Fingerprint,
    /// Whether this run changed it; a second run changes nothing.
    pub changed: bool,
}

/// Why a file was not written; what was written before it stays.
#[derive(Debug)]
pub enum ExportError {
    /// The system refused.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The text does not read back as what it was made from: nothing was written.
    NotReadBack {
        /// The file.
        path: PathBuf,
    },
}

/// Writes the documents, each in one step, and makes the folders above them.
///
/// A file that holds the wanted bytes already is left alone.
pub fn export(changing: &dyn Changing, documents: &[Document]) -> Result<Vec<Written>, ExportError> {
    if let Some(garbled) = documents.iter().find(|document| !reads_back(document)) {
        return Err(ExportError::NotReadBack { path: garbled.path.clone() });
    }
    documents.iter().map(|document| write(changing, document)).collect()
}

fn write(changing: &dyn Changing, document: &Document) -> Result<Written, ExportError> {
    let path = &document.path;
    let io = |path: &PathBuf| {
        let path = path.clone();
        move |error| ExportError::Io { path, error }
    };
    let changed = !changing.read(path, LONGEST).is_ok_and(|bytes| bytes == document.bytes);
    if changed {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            let folder = folder.to_owned();
            changing.make_folder(&folder).map_err(io(&folder))?;
        }
        changing.write(path, &document.bytes, MODE).map_err(io(path))?;
    }
    Ok(Written {
        path: path.display().to_string(),
        format: document.format.name().to_owned(),
        sha256: Fingerprint::of(&document.bytes),
        changed,
    })
}

/// Whether a PEM file, read again, has one certificate per block and nothing odd about it.
fn reads_back(document: &Document) -> bool {
    if !matches!(document.format, Format::Bundle | Format::Pem) {
        return true;
    }
    let contents = pem::read(&document.bytes);
    let begins = document.bytes.windows(BEGIN.len()).filter(|window| *window == BEGIN).count();
    contents.problems.is_empty() && contents.certificates.len() == begins
}

const BEGIN: &[u8] = b"-----BEGIN ";

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "cannot write `{}`: {error}", path.display()),
            Self::NotReadBack { path } => {
                write!(f, "`{}` was not written: its text does not read back as certificates", path.display())
            }
        }
    }
}

impl std::error::Error for ExportError {}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::edge::{Pretend, Reading as _};
    use crate::facts::{Certificate, Os, Stores};
    use crate::remedy::bundle::Ingredients;
    use crate::remedy::documents::{Destination, NoDocument, documents};

    fn gateway(name: &str) -> Certificate {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Certificate::from_der(params.self_signed(&key).unwrap().der().to_vec())
    }

    fn make(authorities: &[Certificate], destination: &Destination) -> Result<Vec<Document>, NoDocument> {
        let time = time::macros::datetime!(2026-06-01 12:00 UTC);
        let stores = Stores::default();
        documents(
            &Ingredients { authorities, stores: &stores, previous: &[], time },
            &Format::ALL,
            destination,
        )
    }

    #[test]
    fn every_format_is_written_once_and_the_second_run_changes_nothing() {
        let machine = Pretend::new(Os::Linux).folder("/own");
        let authorities = [gateway("Northwind Root"), gateway("Northwind Root")];
        let documents = make(&authorities, &Destination::Folder("/own".into())).unwrap();
        let first = export(&machine, &documents).unwrap();
        let paths: Vec<String> = first.iter().map(|written| written.path.replace('\\', "/")).collect();
        let cer = |c: &Certificate| format!("/own/ca/northwind-root-{}.cer", c.fingerprint().short());
        assert_eq!(
            paths,
            [
                "/own/bundle.pem",
                &cer(&authorities[0]),
                &cer(&authorities[1]),
                "/own/truststore.jks",
                "/own/truststore.p12",
                "/own/ca/northwind-root.pem",
            ]
        );
        for written in &first {
            let bytes = machine.read(Path::new(&written.path), LONGEST).unwrap();
            assert_eq!(written.sha256, Fingerprint::of(&bytes));
            assert!(written.changed);
        }
        let again =
            export(&machine, &make(&authorities, &Destination::Folder("/own".into())).unwrap()).unwrap();
        assert!(again.iter().all(|written| !written.changed), "{again:?}");
        let shas = |all: &[Written]| all.iter().map(|written| written.sha256).collect::<Vec<_>>();
        assert_eq!(shas(&first), shas(&again));
    }

    #[test]
    fn one_file_does_not_take_several_documents() {
        let path = PathBuf::from("/ca.pem");
        let refused = make(&[gateway("A")], &Destination::File(path.clone()));
        assert_eq!(refused, Err(NoDocument::OneFileForMany { path, documents: 5 }));
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let machine = Pretend::new(Os::Linux).unreadable("/own/bundle.pem");
        let documents = make(&[gateway("A")], &Destination::Folder("/own".into())).unwrap();
        let error = export(&machine, &documents).unwrap_err().to_string().replace('\\', "/");
        assert!(error.starts_with("cannot write `/own/bundle.pem`: "), "{error}");
    }

    #[test]
    fn garbled_text_is_never_written() {
        let machine = Pretend::new(Os::Linux).folder("/own");
        let document = Document {
            path: "/own/bundle.pem".into(),
            format: Format::Bundle,
            bytes: gateway("A").pem().replace('M', "*").into_bytes(),
        };
        assert!(matches!(export(&machine, &[document]), Err(ExportError::NotReadBack { .. })));
        assert!(machine.files().is_empty());
    }
}
