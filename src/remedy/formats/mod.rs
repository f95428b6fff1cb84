//! The forms in which certificates are handed out.
//!
//! All are deterministic: the same certificates give the same bytes, so that writing twice changes nothing.

mod der;
pub mod jks;
pub mod pem;
pub mod pkcs12;

use std::fmt;
use std::str::FromStr;

use crate::facts::Certificate;

/// A form in which certificates are handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// The company's CAs and everything the system and the web trust, as PEM.
    Bundle,
    /// One CA per file, as DER (`.cer` and `.crt` of Windows).
    Der,
    /// The same certificates as the bundle, as a Java key store.
    Jks,
    /// The same certificates as the bundle, as a PKCS#12 store without a password.
    P12,
    /// The company's CAs alone, as PEM.
    Pem,
}

impl Format {
    /// Every format, in the order of the help.
    pub const ALL: [Self; 5] = [Self::Pem, Self::Der, Self::Bundle, Self::Jks, Self::P12];

    /// Returns the name used on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Der => "der",
            Self::Jks => "jks",
            Self::P12 => "p12",
            Self::Pem => "pem",
        }
    }

    /// Whether it holds the public roots too.
    pub fn is_full(self) -> bool {
        matches!(self, Self::Bundle | Self::Jks | Self::P12)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| format!("known formats are {}", Self::ALL.map(Self::name).join(", ")))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns a name for a certificate that any file system, shell and key store takes: lower-case ASCII letters,
/// digits and single hyphens, from its common name.
pub fn plain_name(certificate: &Certificate) -> String {
    /// Long enough to tell CAs apart, short enough for every path.
    const LONGEST: usize = 48;
    let subject = certificate.details().map(|details| details.subject.common_name()).unwrap_or_default();
    let mut name = String::new();
    for c in subject.chars().filter(char::is_ascii) {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(LONGEST);
    let name = name.trim_end_matches('-');
    if name.is_empty() || is_device(name) {
        return format!("ca-{}", certificate.fingerprint().short());
    }
    name.to_owned()
}

/// Whether Windows takes the name for a device, whatever its ending.
fn is_device(name: &str) -> bool {
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(name, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Returns names for the entries of a key store: readable, and no two the same.
fn aliases(certificates: &[Certificate]) -> impl Iterator<Item = (String, &Certificate)> {
    certificates.iter().map(|c| (format!("{}-{}", plain_name(c), c.fingerprint().short()), c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_whatever_the_subject_says() {
        for (subject, wanted) in [
            ("Northwind TLS Inspection Root CA", "northwind-tls-inspection-root-ca"),
            ("../../etc/passwd", "etc-passwd"),
            ("a\u{1b}[31m\nb; rm -rf $HOME", "a-31m-b-rm-rf-home"),
            ("CON", "ca-"),
            ("lpt1", "ca-"),
            ("日本語", "ca-"),
            ("", "ca-"),
            ("Zentrale Prüfstelle", "zentrale-prfstelle"),
        ] {
            let name = plain_name(&minted(subject));
            assert!(name == wanted || wanted == "ca-" && name.len() == 11, "{subject:?}: {name}");
        }
        assert_eq!(plain_name(&minted(&"x".repeat(500))).len(), 48);
    }

    fn minted(name: &str) -> Certificate {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        Certificate::from_der(params.self_signed(&key).unwrap().der().to_vec())
    }
}
