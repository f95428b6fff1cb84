//! The server's proof that it owns the key of its certificate, verified for every key that is met, weak ones included.
//!
//! A TLS library refuses such keys and ends the handshake; here the answer is only recorded.

use ring::digest;
use rustls::SignatureScheme;
use rustls::crypto::ring::default_provider;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use webpki::RawPublicKeyEntity;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

use crate::facts::rsa::{self, Padding};

/// What verifying the proof gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The server owns the key.
    Good,
    /// It does not, or did not show it; why.
    Bad(String),
    /// This program cannot tell: an algorithm it does not have, a certificate it cannot read.
    NotExamined,
}

/// The schemes that are offered, in the order of preference that browsers have. The last three are there so that a
/// server which has nothing else still shows its chain; of these ring verifies none.
pub(super) fn offered() -> Vec<SignatureScheme> {
    use SignatureScheme as S;
    vec![
        S::ECDSA_NISTP256_SHA256,
        S::RSA_PSS_SHA256,
        S::RSA_PKCS1_SHA256,
        S::ECDSA_NISTP384_SHA384,
        S::RSA_PSS_SHA384,
        S::RSA_PKCS1_SHA384,
        S::ED25519,
        S::RSA_PSS_SHA512,
        S::RSA_PKCS1_SHA512,
        S::ECDSA_NISTP521_SHA512,
        S::ED448,
        S::RSA_PKCS1_SHA1,
    ]
}

/// Whether a scheme signs with SHA-1.
pub(super) fn is_sha1(scheme: SignatureScheme) -> bool {
    matches!(scheme, SignatureScheme::RSA_PKCS1_SHA1 | SignatureScheme::ECDSA_SHA1_Legacy)
}

/// Verifies the signature over `message` with the leaf's key.
pub(super) fn verify(leaf: &[u8], scheme: SignatureScheme, message: &[u8], signature: &[u8]) -> Proof {
    // the whole certificate may be unacceptable to webpki (version 1, odd extensions): its key is enough
    let Ok((_, certificate)) = X509Certificate::from_der(leaf) else { return Proof::NotExamined };
    let spki = certificate.public_key();
    if let (Some((padding, hash)), Ok(PublicKey::RSA(key))) = (rsa_scheme(scheme), spki.parsed()) {
        return match rsa::verify(key.modulus, key.exponent, padding, hash, message, signature) {
            Some(true) => Proof::Good,
            Some(false) => bad(scheme),
            None => Proof::NotExamined,
        };
    }
    let algorithms = default_provider().signature_verification_algorithms;
    let Some((_, algorithms)) = algorithms.mapping.iter().find(|(known, _)| *known == scheme) else {
        return Proof::NotExamined;
    };
    let spki = SubjectPublicKeyInfoDer::from(spki.raw);
    let Ok(key) = RawPublicKeyEntity::try_from(&spki) else { return Proof::NotExamined };
    let mut proof = Proof::NotExamined;
    for algorithm in *algorithms {
        match key.verify_signature(*algorithm, message, signature) {
            Ok(()) => return Proof::Good,
            Err(webpki::Error::InvalidSignatureForPublicKey) => proof = bad(scheme),
            // in TLS 1.2 the curve is free: P-521 signs with SHA-256 too, and ring does not know it
            Err(_) => {}
        }
    }
    proof
}

fn bad(scheme: SignatureScheme) -> Proof {
    Proof::Bad(format!("the handshake's signature ({scheme:?}) was not made with the key of the certificate"))
}

/// TLS wants a salt as long as the hash (RFC 8446, 4.2.3).
fn salted(hash: &'static digest::Algorithm) -> Padding {
    Padding::Pss { salt: hash.output_len() }
}

fn rsa_scheme(scheme: SignatureScheme) -> Option<(Padding, &'static digest::Algorithm)> {
    use SignatureScheme as S;
    Some(match scheme {
        S::RSA_PKCS1_SHA1 => (Padding::Pkcs1, &digest::SHA1_FOR_LEGACY_USE_ONLY),
        S::RSA_PKCS1_SHA256 => (Padding::Pkcs1, &digest::SHA256),
        S::RSA_PKCS1_SHA384 => (Padding::Pkcs1, &digest::SHA384),
        S::RSA_PKCS1_SHA512 => (Padding::Pkcs1, &digest::SHA512),
        S::RSA_PSS_SHA256 => (salted(&digest::SHA256), &digest::SHA256),
        S::RSA_PSS_SHA384 => (salted(&digest::SHA384), &digest::SHA384),
        S::RSA_PSS_SHA512 => (salted(&digest::SHA512), &digest::SHA512),
        _ => return None,
    })
}
