//! The files that are handed out, as values: where each goes and what is in it.

use std::path::{Path, PathBuf};

use super::bundle::{self, Ingredients};
use super::formats::{Format, jks, pem, pkcs12, plain_name};
use crate::facts::Certificate;

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Where.
    pub path: PathBuf,
    /// In which form.
    pub format: Format,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Where documents go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// This very file; there must be one document only.
    File(PathBuf),
    /// A folder: the files get the names they have in our own.
    Folder(PathBuf),
}

/// Why documents cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDocument {
    /// Several files would have to go into one.
    OneFileForMany {
        /// The file.
        path: PathBuf,
        /// How many.
        documents: usize,
    },
}

/// The heading of every PEM file we write. Nothing in it changes from run to run.
const HEADING: &str = "Written by trustgap for this computer in this network. Not for production, not for customers' \
     systems, not for images that leave the company.";
const APPEND: &str = "The company's CA certificates alone, for settings that add to a program's own roots.";
const REPLACE: &str =
    "The company's CA certificates and all public roots, for settings that replace a program's own.";
const TAKE_BACK: &str = "To take it back: remove the settings that name this file, then the file.";

/// Makes the documents of these formats, each once, for the CAs that may be handed out.
pub fn documents(
    ingredients: &Ingredients<'_>,
    formats: &[Format],
    destination: &Destination,
) -> Result<Vec<Document>, NoDocument> {
    let mut formats = formats.to_vec();
    formats.sort_unstable();
    formats.dedup();
    let contents: Vec<Contents> = formats.iter().flat_map(|format| contents(*format, ingredients)).collect();
    match destination {
        Destination::File(path) if contents.len() > 1 => {
            Err(NoDocument::OneFileForMany { path: path.clone(), documents: contents.len() })
        }
        Destination::File(path) => {
            let document = |(format, _, bytes): Contents| Document { path: path.clone(), format, bytes };
            Ok(contents.into_iter().map(document).collect())
        }
        Destination::Folder(folder) => {
            let document =
                |(format, name, bytes): Contents| Document { path: below(folder, &name), format, bytes };
            Ok(contents.into_iter().map(document).collect())
        }
    }
}

/// Returns where the company's CAs alone go below a folder of ours: `ca/<name>.pem`, named after the first of them.
///
/// The name stays when the CA is renewed, so settings that point to the file stay right.
pub fn authorities_path(folder: &Path, authorities: &[Certificate]) -> PathBuf {
    below(folder, &authorities_name(authorities))
}

/// Returns where the full bundle goes below a folder of ours.
pub fn bundle_path(folder: &Path) -> PathBuf {
    below(folder, BUNDLE)
}

/// Returns where the bundle goes as a key store: PKCS#12 without a password, which every Java in use reads.
pub fn trust_store_path(folder: &Path) -> PathBuf {
    below(folder, TRUST_STORE)
}

const BUNDLE: &str = "bundle.pem";
const TRUST_STORE: &str = "truststore.p12";

fn authorities_name(authorities: &[Certificate]) -> String {
    let name = authorities.first().map_or_else(|| "company".to_owned(), plain_name);
    format!("ca/{name}.pem")
}

fn below(folder: &Path, name: &str) -> PathBuf {
    name.split('/').fold(folder.to_owned(), |path, part| path.join(part))
}

/// A file's format, its name below a folder of ours, and its bytes.
type Contents = (Format, String, Vec<u8>);

/// Returns the files of one format.
fn contents(format: Format, ingredients: &Ingredients<'_>) -> Vec<Contents> {
    let authorities = ingredients.authorities;
    let one = |name: String, bytes: Vec<u8>| vec![(format, name, bytes)];
    let full = || bundle::compose(ingredients).certificates;
    match format {
        Format::Bundle => {
            one(BUNDLE.to_owned(), pem::write(&[HEADING, REPLACE, TAKE_BACK], &full()).into_bytes())
        }
        Format::Jks => one("truststore.jks".to_owned(), jks::write(&full())),
        Format::P12 => one(TRUST_STORE.to_owned(), pkcs12::write(&full())),
        Format::Pem => one(
            authorities_name(authorities),
            pem::write(&[HEADING, APPEND, TAKE_BACK], authorities).into_bytes(),
        ),
        Format::Der => {
            let twice = |name: &str| authorities.iter().filter(|c| plain_name(c) == name).count() > 1;
            let name = |certificate: &Certificate| match plain_name(certificate) {
                name if twice(&name) => format!("ca/{name}-{}.cer", certificate.fingerprint().short()),
                name => format!("ca/{name}.cer"),
            };
            authorities.iter().map(|c| (format, name(c), c.der().to_vec())).collect()
        }
    }
}
