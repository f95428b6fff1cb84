//! Whether one certificate's key made another's signature: with today's algorithms, and with yesterday's so that a
//! weak signature is called weak and not unknown.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::signature::{self as algorithms, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::RSAPublicKey;

use super::der;
use crate::facts::Certificate;
use crate::facts::certificate::Key;
use crate::facts::rsa::{self, Padding};

/// The answer of [`check`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    /// Made by this key.
    Good,
    /// Not made by this key.
    Bad,
    /// Of a kind, or with a key, that this program cannot compute.
    Unknown,
}

/// Checks whether `issuer`'s key signed `certificate`.
pub(super) fn check(certificate: &Certificate, issuer: &Certificate) -> Signature {
    match der::signed(certificate.der()) {
        Some(signed) => check_signed(&signed, issuer),
        None => Signature::Unknown,
    }
}

/// Checks whether `issuer`'s key signed something of a certificate's outer shape, such as an OCSP response.
pub(super) fn check_signed(signed: &der::Signed<'_>, issuer: &Certificate) -> Signature {
    let key = der::subject_and_key(issuer.der()).and_then(|(_, info)| der::public_key(info));
    let Some(key) = key else { return Signature::Unknown };
    let Some(kind) = Kind::read(signed.algorithm) else { return Signature::Unknown };
    let Some(family) = Family::read(key.algorithm) else { return Signature::Unknown };
    let bits = match issuer.details().map(|d| &d.key) {
        Ok(Key::Rsa { bits }) => *bits,
        _ => 0,
    };
    let question = [b"own", key.algorithm, key.key, signed.algorithm, signed.signature, signed.message];
    let right = match algorithm(kind, family, bits) {
        Fit::Use(algorithm) => remembered(question, || {
            Some(UnparsedPublicKey::new(algorithm, key.key).verify(signed.message, signed.signature).is_ok())
        }),
        Fit::Curve(hash) => {
            remembered(question, || Some(family.verifies(key.key, hash, signed.message, signed.signature)))
        }
        Fit::Rsa(hash, padding) => remembered(question, || rsa_verifies(key.key, hash, padding, signed)),
        Fit::OtherKind => Some(false),
        Fit::NotComputable => None,
    };
    match right {
        Some(true) => Signature::Good,
        Some(false) => Signature::Bad,
        None => Signature::Unknown,
    }
}

/// Returns what a check costs, as a multiple of one with the keys that most certificates have. ring computes P-384 and
/// the pure Rust of P-521 slowly, and RSA takes the square of the key's length.
pub(super) fn effort(issuer: &Certificate) -> u32 {
    match issuer.details().map(|details| &details.key) {
        Ok(Key::Ec { bits: 257.. }) => EFFORT_OF_LARGE_CURVES,
        Ok(Key::Rsa { bits: 4097.. }) => EFFORT_OF_LARGE_RSA,
        _ => 1,
    }
}

/// [`effort`] for ECDSA on P-384 and P-521.
pub(super) const EFFORT_OF_LARGE_CURVES: u32 = 16;
/// [`effort`] for RSA keys of more than 4096 bits.
pub(super) const EFFORT_OF_LARGE_RSA: u32 = 4;
/// The effort that one question is worth. Chains need five checks; a server may send a hundred certificates of one name.
pub(super) const MOST_EFFORT: u32 = 400;

/// Returns an answer that was given before, or computes it: the same chain is put to several stores, at several moments
/// and by every tool, and its signatures stay what they are.
pub(super) fn remembered(question: [&[u8]; 6], compute: impl FnOnce() -> Option<bool>) -> Option<bool> {
    const MOST: usize = 10_000;
    static ANSWERS: LazyLock<Mutex<HashMap<[u8; 32], Option<bool>>>> = LazyLock::new(Mutex::default);
    let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
    for part in question {
        hash.update(&part.len().to_be_bytes());
        hash.update(part);
    }
    let mut name = [0; 32];
    name.copy_from_slice(hash.finish().as_ref());
    let known = || ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = known().get(&name) {
        return *answer;
    }
    let answer = compute();
    let mut answers = known();
    if answers.len() >= MOST {
        answers.clear();
    }
    answers.insert(name, answer);
    answer
}

/// Whether a signature is RSA-PSS with a salt of another length than its hash. RFC 4055 allows that, OpenSSL makes it
/// unless told otherwise, and some clients know the one length only.
pub(super) fn has_uncommon_salt(certificate: &Certificate) -> bool {
    let kind = der::signed(certificate.der()).and_then(|signed| Kind::read(signed.algorithm));
    matches!(kind, Some(Kind::Pss { hash, salt }) if salt != hash.length())
}

/// Whether a key is RSA and marked as one for RSA-PSS alone (RFC 4055, id-RSASSA-PSS).
pub(super) fn is_key_for_pss(certificate: &Certificate) -> bool {
    let key = der::subject_and_key(certificate.der()).and_then(|(_, info)| der::public_key(info));
    key.and_then(|key| key.algorithm.strip_prefix(OID_RSA)).is_some_and(|rest| rest.first() == Some(&PSS))
}

/// Returns the name of a signature algorithm that is no longer accepted, by OID.
pub(super) fn weak_name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "1.2.840.113549.1.1.2" => "MD2 with RSA",
        "1.2.840.113549.1.1.3" => "MD4 with RSA",
        "1.2.840.113549.1.1.4" => "MD5 with RSA",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "SHA-1 with RSA",
        "1.2.840.10040.4.3" | "1.3.14.3.2.27" => "SHA-1 with DSA",
        "2.16.840.1.101.3.4.3.1" | "2.16.840.1.101.3.4.3.2" => "SHA-2 with DSA",
        "1.2.840.10045.4.1" => "SHA-1 with ECDSA",
        _ => return None,
    })
}

/// Returns the name of a signature algorithm, by OID, as far as it is known here.
pub(super) fn name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA-256 with RSA",
        "1.2.840.113549.1.1.12" => "SHA-384 with RSA",
        "1.2.840.113549.1.1.13" => "SHA-512 with RSA",
        "1.2.840.10045.4.3.2" => "SHA-256 with ECDSA",
        "1.2.840.10045.4.3.3" => "SHA-384 with ECDSA",
        "1.2.840.10045.4.3.4" => "SHA-512 with ECDSA",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => return weak_name(oid),
    })
}

/// The same three lines for each crate of a curve: their types have nothing in common but the names.
macro_rules! by_curve {
    ($curve:ident, $key:expr, $digest:expr, $signature:expr) => {
        match (
            $curve::ecdsa::VerifyingKey::from_sec1_bytes($key),
            $curve::ecdsa::Signature::from_der($signature),
        ) {
            (Ok(key), Ok(signature)) => key.verify_prehash($digest, &signature).is_ok(),
            _ => false,
        }
    };
}

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ecdsa(Hash),
    Ed25519,
    Pkcs1(Hash),
    Pss { hash: Hash, salt: usize },
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    /// SHA-1, which nothing should use any more.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// What kind of key would have made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Ed25519,
    P256,
    P384,
    P521,
    Rsa,
}

enum Fit {
    Use(&'static dyn VerificationAlgorithm),
    /// ring lacks the curve, or the hash with it.
    Curve(Hash),
    /// ring lacks this size of key, or this salt.
    Rsa(Hash, Padding),
    OtherKind,
    NotComputable,
}

// contents of AlgorithmIdentifier: the OID element, then parameters
/// The last arc of id-RSASSA-PSS.
const PSS: u8 = 10;
const OID_RSA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
const OID_ECDSA_SHA2: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3];
const OID_ED25519: &[u8] = &[0x06, 3, 0x2b, 0x65, 0x70];
const OID_EC_KEY: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const OID_P256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const OID_P384: &[u8] = &[0x06, 5, 0x2b, 0x81, 0x04, 0x00, 0x22];
const OID_P521: &[u8] = &[0x06, 5, 0x2b, 0x81, 0x04, 0x00, 0x23];
const OID_SHA2: &[u8] = &[0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];

impl Kind {
    fn read(algorithm: &[u8]) -> Option<Self> {
        if let Some(rest) = algorithm.strip_prefix(OID_RSA) {
            let (which, parameters) = rest.split_first()?;
            return Some(match which {
                5 => Self::Pkcs1(Hash::Sha1),
                11 => Self::Pkcs1(Hash::Sha256),
                12 => Self::Pkcs1(Hash::Sha384),
                13 => Self::Pkcs1(Hash::Sha512),
                &PSS => Self::pss(parameters)?,
                _ => return None,
            });
        }
        if let Some(rest) = algorithm.strip_prefix(OID_ECDSA_SHA2) {
            return Some(Self::Ecdsa(match rest.first()? {
                2 => Hash::Sha256,
                3 => Hash::Sha384,
                4 => Hash::Sha512,
                _ => return None,
            }));
        }
        (algorithm == OID_ED25519).then_some(Self::Ed25519)
    }

    /// Reads RSASSA-PSS-params (RFC 4055, 3.1). What is left out means SHA-1, and that is nothing to accept.
    fn pss(parameters: &[u8]) -> Option<Self> {
        let (inner, _) = der::value(parameters, 0x30)?;
        let (hash, rest) = der::value(inner, 0xa0)?;
        let (mask, rest) = der::value(rest, 0xa1)?;
        let hash = Hash::read(hash)?;
        let (mask, _) = der::value(mask, 0x30)?;
        let (_mgf1, mask) = der::element(mask)?;
        let salt = match der::value(rest, 0xa2) {
            Some((salt, _)) => salt_length(der::value(salt, 0x02)?.0)?,
            None => 20,
        };
        (Hash::read(mask)? == hash).then_some(Self::Pss { hash, salt })
    }
}

fn salt_length(number: &[u8]) -> Option<usize> {
    match number {
        [byte] if *byte < 0x80 => Some(usize::from(*byte)),
        [high, low] if *high < 0x80 => Some(usize::from(*high) << 8 | usize::from(*low)),
        _ => None,
    }
}

impl Hash {
    /// Reads an AlgorithmIdentifier of a SHA-2.
    fn read(identifier: &[u8]) -> Option<Self> {
        let (inner, _) = der::value(identifier, 0x30)?;
        match inner.strip_prefix(OID_SHA2)?.first()? {
            1 => Some(Self::Sha256),
            2 => Some(Self::Sha384),
            3 => Some(Self::Sha512),
            _ => None,
        }
    }

    fn ring(self) -> &'static ring::digest::Algorithm {
        match self {
            Self::Sha1 => &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &ring::digest::SHA256,
            Self::Sha384 => &ring::digest::SHA384,
            Self::Sha512 => &ring::digest::SHA512,
        }
    }

    fn length(self) -> usize {
        self.ring().output_len()
    }
}

impl Family {
    fn read(algorithm: &[u8]) -> Option<Self> {
        if algorithm
            .strip_prefix(OID_RSA)
            .is_some_and(|rest| rest.first() == Some(&1) || rest.first() == Some(&PSS))
        {
            return Some(Self::Rsa);
        }
        match algorithm.strip_prefix(OID_EC_KEY) {
            Some(curve) if curve == OID_P256 => Some(Self::P256),
            Some(curve) if curve == OID_P384 => Some(Self::P384),
            Some(curve) if curve == OID_P521 => Some(Self::P521),
            Some(_) => None,
            None => (algorithm == OID_ED25519).then_some(Self::Ed25519),
        }
    }
}

fn algorithm(kind: Kind, family: Family, bits: usize) -> Fit {
    match (kind, family) {
        // OpenSSL takes 16384 bits, but so many take a long time and nobody has them
        (Kind::Pkcs1(_) | Kind::Pss { .. }, Family::Rsa) if bits > 8192 => Fit::NotComputable,
        // outside its sizes ring fails as if the signature were wrong
        (Kind::Pkcs1(hash), Family::Rsa) if bits < 1024 => Fit::Rsa(hash, Padding::Pkcs1),
        (Kind::Pkcs1(Hash::Sha1), Family::Rsa) => {
            Fit::Use(&algorithms::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY)
        }
        (Kind::Pkcs1(Hash::Sha256), Family::Rsa) => {
            Fit::Use(&algorithms::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY)
        }
        (Kind::Pkcs1(Hash::Sha512), Family::Rsa) => {
            Fit::Use(&algorithms::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY)
        }
        (Kind::Pkcs1(hash), Family::Rsa) => Fit::Rsa(hash, Padding::Pkcs1),
        (Kind::Pss { hash, salt }, Family::Rsa) => Fit::Rsa(hash, Padding::Pss { salt }),
        (Kind::Ecdsa(Hash::Sha256), Family::P256) => Fit::Use(&algorithms::ECDSA_P256_SHA256_ASN1),
        (Kind::Ecdsa(Hash::Sha384), Family::P256) => Fit::Use(&algorithms::ECDSA_P256_SHA384_ASN1),
        (Kind::Ecdsa(Hash::Sha256), Family::P384) => Fit::Use(&algorithms::ECDSA_P384_SHA256_ASN1),
        (Kind::Ecdsa(Hash::Sha384), Family::P384) => Fit::Use(&algorithms::ECDSA_P384_SHA384_ASN1),
        (Kind::Ecdsa(hash), Family::P256 | Family::P384 | Family::P521) => Fit::Curve(hash),
        (Kind::Ed25519, Family::Ed25519) => Fit::Use(&algorithms::ED25519),
        _ => Fit::OtherKind,
    }
}

fn rsa_verifies(key: &[u8], hash: Hash, padding: Padding, signed: &der::Signed<'_>) -> Option<bool> {
    let (_, key) = RSAPublicKey::from_der(key).ok()?;
    rsa::verify(key.modulus, key.exponent, padding, hash.ring(), signed.message, signed.signature)
}

impl Family {
    /// Checks an ECDSA signature on a curve with any hash.
    pub(super) fn verifies(self, key: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let digest = digest(hash, message);
        match self {
            Self::P256 => by_curve!(p256, key, &digest, signature),
            Self::P384 => by_curve!(p384, key, &digest, signature),
            Self::P521 => {
                // a hash shorter than a field element is a number with leading zeros
                let mut padded = [0; 66];
                padded[66 - digest.len()..].copy_from_slice(&digest);
                by_curve!(p521, key, &padded, signature)
            }
            Self::Ed25519 | Self::Rsa => false,
        }
    }
}

/// Returns a hash of some bytes.
pub(super) fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(hash.ring(), bytes).as_ref().to_vec()
}
