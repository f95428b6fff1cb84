//! One X.509 certificate: its bytes, and what RFC 5280 says is in them.
//!
//! Parsing never fails a caller: a certificate that cannot be read is kept with the reason, because "the
//! server sent something that is not a certificate" is an answer people need.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use x509_parser::asn1_rs::Tag;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::fingerprint::Fingerprint;

/// A certificate as it was met: on the wire, in a store, in a file.
///
/// Cheap to clone. Two certificates are equal when their bytes are. Serialises as one line of base64 DER.
#[derive(Clone)]
pub struct Certificate {
    der: Arc<[u8]>,
    fingerprint: Fingerprint,
    details: Result<Arc<Details>, Malformed>,
}

/// Why a certificate could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(String);

/// What a readable certificate says. Text in here is **hostile** until it went through [`crate::text::sanitise`].
#[derive(Clone, Debug)]
pub struct Details {
    /// Whom the certificate is about.
    pub subject: DistinguishedName,
    /// Who signed it, in its own words.
    pub issuer: DistinguishedName,
    /// The serial number's content octets, as encoded (a leading zero octet kept, negative numbers possible).
    pub serial: Vec<u8>,
    /// X.509 version as written: 1, 2 or 3.
    pub version: u32,
    /// Start of the validity, inclusive.
    pub not_before: OffsetDateTime,
    /// End of the validity, inclusive.
    pub not_after: OffsetDateTime,
    /// The public key's algorithm and strength.
    pub key: Key,
    /// SHA-256 of the whole SubjectPublicKeyInfo: tells whether two certificates share a key.
    pub spki_sha256: Fingerprint,
    /// Signature algorithm as a dotted OID, for example `1.2.840.113549.1.1.11`.
    pub signature_algorithm: String,
    /// DNS names and addresses of the subjectAltName extension, in order.
    pub names: Vec<SubjectName>,
    /// The basicConstraints extension, if present.
    pub basic_constraints: Option<BasicConstraints>,
    /// The keyUsage extension, if present.
    pub key_usage: Option<KeyUsage>,
    /// Extended key usages as dotted OIDs, if the extension is present.
    pub extended_key_usage: Option<Vec<String>>,
    /// subjectKeyIdentifier, if present.
    pub subject_key_identifier: Option<Vec<u8>>,
    /// The keyid of authorityKeyIdentifier, if present.
    pub authority_key_identifier: Option<Vec<u8>>,
    /// Whether the authorityKeyIdentifier extension is present at all (it may hold no keyid).
    pub has_authority_key_identifier: bool,
    /// OCSP responders named by authorityInfoAccess.
    pub ocsp_urls: Vec<String>,
    /// Where authorityInfoAccess says the issuer's certificate can be fetched.
    pub issuer_urls: Vec<String>,
    /// CRL distribution points.
    pub crl_urls: Vec<String>,
    /// Number of signed certificate timestamps embedded (0: none, a publicly logged leaf has two or more).
    pub certificate_timestamps: usize,
    /// Whether the TLS feature extension demands an OCSP staple (RFC 7633, "must-staple").
    pub must_staple: bool,
    /// Whether nameConstraints is present.
    pub has_name_constraints: bool,
    /// Dotted OIDs of critical extensions this program does not know.
    pub unknown_critical: Vec<String>,
    /// Dotted OIDs of all extensions with their critical flag, in order.
    pub extensions: Vec<(String, bool)>,
}

/// A distinguished name: its encoding for comparing, its text for people.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DistinguishedName {
    der: Arc<[u8]>,
    attributes: Vec<(String, String)>,
}

/// An entry of subjectAltName that TLS servers are matched by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectName {
    /// A DNS name, possibly with a wildcard label; as encoded.
    Dns(String),
    /// An IP address.
    Ip(IpAddr),
    /// Anything else (e-mail address, URI, ...), as text.
    Other(String),
}

/// The basicConstraints extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject is a CA.
    pub ca: bool,
    /// How many intermediates may follow.
    pub path_len: Option<u32>,
    /// Whether the extension is marked critical, as RFC 5280 demands of a CA.
    pub critical: bool,
}

/// The keyUsage bits that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a bit string is a set of bools")]
pub struct KeyUsage {
    /// digitalSignature.
    pub digital_signature: bool,
    /// keyEncipherment.
    pub key_encipherment: bool,
    /// keyAgreement.
    pub key_agreement: bool,
    /// keyCertSign: may sign certificates.
    pub key_cert_sign: bool,
    /// cRLSign.
    pub crl_sign: bool,
}

/// A public key, as far as its strength goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// An elliptic curve; bits of the field, 0 when the curve is unknown.
    Ec {
        /// Size of the curve.
        bits: usize,
    },
    /// Ed25519, Ed448 or something newer, by OID.
    Other(String),
    /// RSA with its modulus size.
    Rsa {
        /// Size of the modulus.
        bits: usize,
    },
}

impl Certificate {
    /// Reads a certificate from DER; unreadable bytes are kept with the reason.
    pub fn from_der(der: impl Into<Arc<[u8]>>) -> Self {
        let der = der.into();
        let fingerprint = Fingerprint::of(&der);
        let details = Details::read(&der).map(Arc::new);
        Self { der, fingerprint, details }
    }

    /// Returns the bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns the SHA-256 of the bytes: the certificate's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Returns what the certificate says, or why it cannot be read.
    pub fn details(&self) -> Result<&Details, &Malformed> {
        match &self.details {
            Ok(details) => Ok(details),
            Err(malformed) => Err(malformed),
        }
    }

    /// Returns the certificate as PEM, lines of 64 characters, with a final newline.
    pub fn pem(&self) -> String {
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        let text = BASE64.encode(&self.der);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, tail) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = tail;
        }
        pem.push_str("-----END CERTIFICATE-----\n");
        pem
    }

    /// Whether subject and issuer are the same name. Says nothing about the signature.
    pub fn is_self_issued(&self) -> bool {
        self.details().is_ok_and(|d| d.subject == d.issuer)
    }

    /// Whether the certificate is marked as a CA (basicConstraints, or a version 1 root's lack of it does **not** count).
    pub fn is_ca(&self) -> bool {
        self.details().is_ok_and(|d| d.basic_constraints.is_some_and(|b| b.ca))
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl std::hash::Hash for Certificate {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.details() {
            Ok(d) => write!(f, "Certificate({} <- {}, {})", d.subject, d.issuer, self.fingerprint),
            Err(e) => write!(f, "Certificate(unreadable: {e}, {})", self.fingerprint),
        }
    }
}

impl Serialize for Certificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.der))
    }
}

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map(Self::from_der).map_err(serde::de::Error::custom)
    }
}

impl Details {
    fn read(der: &[u8]) -> Result<Self, Malformed> {
        let (rest, cert) = X509Certificate::from_der(der).map_err(|e| Malformed(e.to_string()))?;
        if !rest.is_empty() {
            return Err(Malformed(format!("{} bytes follow the certificate", rest.len())));
        }
        let mut details = Self {
            subject: DistinguishedName::read(cert.subject()),
            issuer: DistinguishedName::read(cert.issuer()),
            serial: cert.tbs_certificate.raw_serial().to_vec(),
            version: cert.version().0 + 1,
            not_before: cert.validity().not_before.to_datetime(),
            not_after: cert.validity().not_after.to_datetime(),
            key: Key::read(&cert),
            spki_sha256: Fingerprint::of(cert.public_key().raw),
            signature_algorithm: cert.signature_algorithm.algorithm.to_id_string(),
            names: Vec::new(),
            basic_constraints: None,
            key_usage: None,
            extended_key_usage: None,
            subject_key_identifier: None,
            authority_key_identifier: None,
            has_authority_key_identifier: false,
            ocsp_urls: Vec::new(),
            issuer_urls: Vec::new(),
            crl_urls: Vec::new(),
            certificate_timestamps: 0,
            must_staple: false,
            has_name_constraints: false,
            unknown_critical: Vec::new(),
            extensions: Vec::new(),
        };
        for extension in cert.extensions() {
            details.take(extension);
        }
        Ok(details)
    }

    fn take(&mut self, extension: &x509_parser::extensions::X509Extension<'_>) {
        let oid = extension.oid.to_id_string();
        self.extensions.push((oid.clone(), extension.critical));
        match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(aki) => {
                self.has_authority_key_identifier = true;
                self.authority_key_identifier = aki.key_identifier.as_ref().map(|k| k.0.to_vec());
            }
            ParsedExtension::SubjectKeyIdentifier(ski) => self.subject_key_identifier = Some(ski.0.to_vec()),
            ParsedExtension::KeyUsage(usage) => {
                self.key_usage = Some(KeyUsage {
                    digital_signature: usage.digital_signature(),
                    key_encipherment: usage.key_encipherment(),
                    key_agreement: usage.key_agreement(),
                    key_cert_sign: usage.key_cert_sign(),
                    crl_sign: usage.crl_sign(),
                });
            }
            ParsedExtension::SubjectAlternativeName(san) => {
                self.names = san.general_names.iter().map(SubjectName::read).collect();
            }
            ParsedExtension::BasicConstraints(constraints) => {
                self.basic_constraints = Some(BasicConstraints {
                    ca: constraints.ca,
                    path_len: constraints.path_len_constraint,
                    critical: extension.critical,
                });
            }
            ParsedExtension::NameConstraints(_) => self.has_name_constraints = true,
            ParsedExtension::ExtendedKeyUsage(usage) => {
                let known = [
                    (usage.any, "2.5.29.37.0"),
                    (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
                    (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
                    (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
                    (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
                    (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
                    (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
                ];
                let mut oids: Vec<String> =
                    known.iter().filter(|(set, _)| *set).map(|(_, oid)| (*oid).to_owned()).collect();
                oids.extend(usage.other.iter().map(x509_parser::der_parser::oid::Oid::to_id_string));
                self.extended_key_usage = Some(oids);
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                for description in &access.accessdescs {
                    if let GeneralName::URI(url) = &description.access_location {
                        match description.access_method.to_id_string().as_str() {
                            "1.3.6.1.5.5.7.48.1" => self.ocsp_urls.push((*url).to_owned()),
                            "1.3.6.1.5.5.7.48.2" => self.issuer_urls.push((*url).to_owned()),
                            _ => {}
                        }
                    }
                }
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                use x509_parser::extensions::DistributionPointName::FullName;
                for point in &points.points {
                    if let Some(FullName(names)) = &point.distribution_point {
                        self.crl_urls.extend(names.iter().filter_map(|n| match n {
                            GeneralName::URI(url) => Some((*url).to_owned()),
                            _ => None,
                        }));
                    }
                }
            }
            ParsedExtension::SCT(timestamps) => self.certificate_timestamps = timestamps.len(),
            _ if oid == "1.3.6.1.5.5.7.1.24" => {
                // status_request is 5: SEQUENCE { INTEGER 5 }, or among other features
                self.must_staple = extension.value.windows(3).any(|w| w == [2, 1, 5]);
            }
            ParsedExtension::UnsupportedExtension { .. } | ParsedExtension::ParseError { .. }
                if extension.critical =>
            {
                self.unknown_critical.push(oid);
            }
            _ => {}
        }
    }
}

impl DistinguishedName {
    fn read(name: &x509_parser::x509::X509Name<'_>) -> Self {
        let attributes = name
            .iter_attributes()
            .map(|a| {
                let oid = a.attr_type();
                let label = short_name(&oid.to_id_string()).map_or_else(|| oid.to_id_string(), str::to_owned);
                (label, text(a.attr_value().tag(), a.as_slice()))
            })
            .collect();
        Self { der: name.as_raw().into(), attributes }
    }

    /// Returns the encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns the first value of an attribute by its short name (`CN`, `O`, `OU`, `emailAddress`, ...).
    pub fn attribute(&self, short_name: &str) -> Option<&str> {
        self.attributes.iter().find(|(label, _)| label == short_name).map(|(_, value)| value.as_str())
    }

    /// Returns all attributes in order, as short name and value.
    pub fn attributes(&self) -> &[(String, String)] {
        &self.attributes
    }

    /// Returns the name people know the certificate by: common name, else organisational unit, else organisation, else all of it.
    pub fn common_name(&self) -> String {
        ["CN", "OU", "O"]
            .iter()
            .find_map(|label| self.attribute(label))
            .map_or_else(|| self.to_string(), str::to_owned)
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (label, value)) in self.attributes.iter().enumerate() {
            write!(f, "{}{label}={value}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Returns a string of a name as text, in the encoding that its type says (X.690, 8.23); hostile.
///
/// Old CA software wrote every name with a letter beyond ASCII in two octets per character (BMPString), or in what is
/// Latin-1 everywhere but in the standard (TeletexString).
fn text(tag: Tag, bytes: &[u8]) -> String {
    let four = |unit: &[u8]| unit.try_into().ok().map(u32::from_be_bytes).and_then(char::from_u32);
    match tag {
        Tag::BmpString => {
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|unit| match unit {
                    [high, low] => u16::from_be_bytes([*high, *low]),
                    _ => 0xfffd,
                })
                .collect();
            String::from_utf16_lossy(&units)
        }
        Tag::UniversalString => {
            bytes.chunks(4).map(|unit| four(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        Tag::T61String => std::str::from_utf8(bytes)
            .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

impl SubjectName {
    fn read(name: &GeneralName<'_>) -> Self {
        match name {
            GeneralName::DNSName(dns) => Self::Dns((*dns).to_owned()),
            GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
                Ok(v4) => Self::Ip(IpAddr::from(v4)),
                Err(_) => match <[u8; 16]>::try_from(*bytes) {
                    Ok(v6) => Self::Ip(IpAddr::from(v6)),
                    Err(_) => Self::Other(name.to_string()),
                },
            },
            other => Self::Other(other.to_string()),
        }
    }
}

impl fmt::Display for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) | Self::Other(name) => f.write_str(name),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

impl Key {
    fn read(cert: &X509Certificate<'_>) -> Self {
        let spki = cert.public_key();
        match spki.parsed() {
            // key_size() counts the leading zero octet that makes the INTEGER positive; the modulus itself does not
            Ok(PublicKey::RSA(rsa)) => {
                let modulus = rsa.modulus.iter().skip_while(|b| **b == 0).count();
                Self::Rsa { bits: modulus * 8 }
            }
            Ok(PublicKey::EC(point)) => Self::Ec { bits: point.key_size() },
            _ => Self::Other(spki.algorithm.algorithm.to_id_string()),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ec { bits } => write!(f, "EC {bits} bits"),
            Self::Other(oid) => match oid.as_str() {
                "1.3.101.112" => f.write_str("Ed25519"),
                "1.3.101.113" => f.write_str("Ed448"),
                _ => write!(f, "key of type {oid}"),
            },
            Self::Rsa { bits } => write!(f, "RSA {bits} bits"),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 4519's short names, and the ones that CAs use beside them.
fn short_name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_in_the_encoding_that_its_type_says() {
        for (tag, bytes, wanted) in [
            (Tag::Utf8String, "Größe".as_bytes(), "Größe"),
            (Tag::BmpString, b"\x00G\x00r\x00\xf6", "Grö"),
            (Tag::BmpString, b"\xd8\x3d\xde\x00", "😀"),
            (Tag::BmpString, b"\x00G\xd8\x00\x00", "G\u{fffd}\u{fffd}"),
            (
                Tag::UniversalString,
                b"\x00\x00\x00G\x00\x01\xf6\x00\xff\xff\xff\xff\x00",
                "G😀\u{fffd}\u{fffd}",
            ),
            (Tag::T61String, b"Gr\xf6\xdfe", "Größe"),
            (Tag::T61String, "Größe".as_bytes(), "Größe"),
            (Tag::PrintableString, b"Gr\xf6", "Gr\u{fffd}"),
            (Tag::BmpString, b"", ""),
        ] {
            assert_eq!(text(tag, bytes), wanted, "{tag:?} {bytes:?}");
        }
    }
}
