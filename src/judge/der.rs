//! The outer shape of a certificate in DER, for the parts that no parsed form keeps as they were encoded.

pub(super) use crate::facts::der::{element, value};

/// What a signature check needs of a certificate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'a> {
    /// The encoded tbsCertificate: what is signed.
    pub(super) message: &'a [u8],
    /// Contents of signatureAlgorithm, an AlgorithmIdentifier without its SEQUENCE header.
    pub(super) algorithm: &'a [u8],
    /// The signature's octets.
    pub(super) signature: &'a [u8],
}

/// A subjectPublicKeyInfo in its two parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicKey<'a> {
    /// Contents of the AlgorithmIdentifier without its SEQUENCE header.
    pub(super) algorithm: &'a [u8],
    /// The key's octets.
    pub(super) key: &'a [u8],
}

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const VERSION: u8 = 0xa0;

/// Splits a certificate into what is signed, how, and the signature.
pub(super) fn signed(certificate: &[u8]) -> Option<Signed<'_>> {
    let inner = value(certificate, SEQUENCE)?.0;
    let (message, rest) = element(inner)?;
    let (algorithm, rest) = value(rest, SEQUENCE)?;
    let (bits, _) = value(rest, BIT_STRING)?;
    let (unused, signature) = bits.split_first()?;
    (*unused == 0).then_some(Signed { message, algorithm, signature })
}

/// Returns the encoded subject and the encoded subjectPublicKeyInfo, both with their headers.
pub(super) fn subject_and_key(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = value(certificate, SEQUENCE)?.0;
    let mut rest = value(inner, SEQUENCE)?.0;
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.1;
    }
    for _ in ["serialNumber", "signature", "issuer", "validity"] {
        rest = element(rest)?.1;
    }
    let (subject, rest) = element(rest)?;
    let (key, _) = element(rest)?;
    Some((subject, key))
}

/// Splits an encoded subjectPublicKeyInfo.
pub(super) fn public_key(info: &[u8]) -> Option<PublicKey<'_>> {
    let inner = value(info, SEQUENCE)?.0;
    let (algorithm, rest) = value(inner, SEQUENCE)?;
    let (bits, _) = value(rest, BIT_STRING)?;
    let (unused, key) = bits.split_first()?;
    (*unused == 0).then_some(PublicKey { algorithm, key })
}

/// Returns the contents of the first element.
pub(super) fn contents(input: &[u8]) -> Option<&[u8]> {
    let (tag, _) = input.split_first()?;
    value(input, *tag).map(|(contents, _)| contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_lie_are_not_followed() {
        for bytes in
            [&[][..], &[0x30], &[0x30, 5, 1], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1], &[0x30, 0x80, 0, 0]]
        {
            assert!(element(bytes).is_none(), "{bytes:?}");
            assert!(
                signed(bytes).is_none() && subject_and_key(bytes).is_none() && public_key(bytes).is_none()
            );
        }
    }
}
