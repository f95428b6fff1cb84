//! A certificate rewritten so that webpki can examine what is known of it no further way: names, constraints, usages.
//!
//! webpki stops at the first thing it does not accept. Signatures were checked one by one before, some of kinds it does
//! not know, and most clients overlook two things about a server's certificate that it does not: the mark of a CA, and
//! version 1. The twin says nothing else than the original and carries no signature: it is never trusted, only examined.

use super::der::{self, value};
use crate::facts::Certificate;

/// The one kind of key and signature that a twin has: the [`webpki`] algorithm that examines it waives both.
pub(super) const SIGNATURE: &[u8] = &[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0];
const KEY: &[u8] = &[0x30, 18, 0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0, 3, 1, 0];
const VERSION_THREE: &[u8] = &[0xa0, 3, 2, 1, 2];
/// basicConstraints: 2.5.29.19.
const BASIC_CONSTRAINTS: &[u8] = &[6, 3, 0x55, 0x1d, 0x13];

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// Returns the twin of a certificate that is not the server's; nothing for one whose shape is another.
pub(super) fn of_authority(certificate: &Certificate) -> Option<Vec<u8>> {
    twin(certificate, Place::Above)
}

/// Returns the twin of a server's certificate, neither marked as a CA nor of version 1.
pub(super) fn of_server(certificate: &Certificate) -> Option<Vec<u8>> {
    twin(certificate, Place::Leaf)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Above,
    Leaf,
}

fn twin(certificate: &Certificate, place: Place) -> Option<Vec<u8>> {
    let details = certificate.details().ok()?;
    let inner = value(certificate.der(), SEQUENCE)?.0;
    let (signed, outside) = value(inner, SEQUENCE)?;
    let mut rest = signed;
    let mut version: &[u8] = &[];
    if rest.first() == Some(&VERSION) {
        (version, rest) = der::element(rest)?;
    }
    let (serial, rest) = der::element(rest)?;
    let (algorithm, rest) = der::element(rest)?;
    if der::element(outside)?.0 != algorithm {
        // that the two differ is a fault of its own, and webpki's to name
        return None;
    }
    let (issuer, rest) = der::element(rest)?;
    let (validity, rest) = der::element(rest)?;
    let (subject, rest) = der::element(rest)?;
    let (_key, rest) = der::element(rest)?;
    let is_leaf = place == Place::Leaf;
    if is_leaf && details.version == 1 {
        version = VERSION_THREE;
    }
    let is_ca = details.basic_constraints.is_some_and(|constraints| constraints.ca);
    let extensions = if is_leaf && is_ca { without_basic_constraints(rest)? } else { rest.to_vec() };
    let signed = sequence(&[version, serial, SIGNATURE, issuer, validity, subject, KEY, &extensions]);
    Some(sequence(&[&signed, SIGNATURE, &[3, 1, 0]]))
}

/// Returns what follows the key, with one extension less.
fn without_basic_constraints(rest: &[u8]) -> Option<Vec<u8>> {
    let mut list = value(value(rest, EXTENSIONS)?.0, SEQUENCE)?.0;
    let mut kept: Vec<&[u8]> = Vec::new();
    while !list.is_empty() {
        let (extension, others) = der::element(list)?;
        if !value(extension, SEQUENCE)?.0.starts_with(BASIC_CONSTRAINTS) {
            kept.push(extension);
        }
        list = others;
    }
    // an empty list is no list
    Some(if kept.is_empty() { Vec::new() } else { element(EXTENSIONS, &[&sequence(&kept)]) })
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, parts)
}

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut made = vec![tag];
    if let Ok(short) = u8::try_from(length)
        && short < 0x80
    {
        made.push(short);
    } else {
        let octets: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        made.push(0x80 | u8::try_from(octets.len()).unwrap_or(0));
        made.extend(octets);
    }
    for part in parts {
        made.extend_from_slice(part);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::mint::{BasicConstraints, Mint, Profile};

    #[test]
    fn a_twin_says_the_same_but_for_what_is_waived() {
        let root = Mint::now().root("Some Root").expect("a root");
        let mut profile = Profile::leaf(&["a.example", "b.example"]);
        profile.basic_constraints = Some(BasicConstraints { ca: true, path_len: None, critical: true });
        let leaf = root.issue(&profile).expect("a leaf").leaf().clone();
        let (of_server, of_authority) = [of_server(&leaf), of_authority(&leaf)]
            .map(|twin| Certificate::from_der(twin.expect("a twin")))
            .into();
        let (original, server, authority) =
            (leaf.details().unwrap(), of_server.details().unwrap(), of_authority.details().unwrap());
        for twin in [server, authority] {
            assert_eq!((&twin.subject, &twin.issuer), (&original.subject, &original.issuer));
            assert_eq!((&twin.names, twin.not_after), (&original.names, original.not_after));
            assert_eq!(twin.extended_key_usage, original.extended_key_usage);
            assert_eq!(twin.signature_algorithm, "1.2.840.113549.1.1.11");
        }
        assert_eq!(authority.extensions, original.extensions);
        assert_eq!(server.basic_constraints, None);
        assert_eq!(server.extensions.len() + 1, original.extensions.len());
    }

    #[test]
    fn what_is_no_certificate_has_no_twin() {
        for bytes in [&[][..], &[0x30, 0], &[0x30, 3, 0x30, 1, 5]] {
            let certificate = Certificate::from_der(bytes.to_vec());
            assert!(of_server(&certificate).is_none() && of_authority(&certificate).is_none());
        }
    }
}
