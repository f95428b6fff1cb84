//! PKCS#12 stores of trusted certificates, as Java writes and reads them (RFC 7292).
//!
//! Without encryption and without a MAC, like the `cacerts` of Java 18 and later: the certificates are public, Java
//! loads such a store whether or not `javax.net.ssl.trustStorePassword` is set, and the bytes are always the same. An
//! encrypted store loads as *empty* where that property is missing, which ends in "the trustAnchors parameter must be
//! non-empty". The crate p12-keystore writes encrypted ones only.

use super::aliases;
use super::der::{element, explicit, octets, sequence, set};
use crate::facts::Certificate;

// encoded OIDs
const DATA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
const CERT_BAG: &[u8] = &[0x06, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 3];
const X509_CERTIFICATE: &[u8] = &[0x06, 10, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
const FRIENDLY_NAME: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 20];
/// Oracle's 2.16.840.1.113894.746875.1.1: only certificates with it are anchors to Java, so a store made by
/// `openssl pkcs12` has none.
const TRUSTED_KEY_USAGE: &[u8] = &[0x06, 12, 0x60, 0x86, 0x48, 1, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 1, 1];
const ANY_EXTENDED_KEY_USAGE: &[u8] = &[0x06, 4, 0x55, 0x1d, 0x25, 0x00];

/// Returns a store with these certificates as trust anchors.
pub fn write(certificates: &[Certificate]) -> Vec<u8> {
    let bags: Vec<Vec<u8>> = aliases(certificates).map(|(alias, c)| bag(&alias, c)).collect();
    let contents = element(0x30, &bags.concat());
    let safe = sequence(&[&data(&contents)]);
    let version_3 = element(0x02, &[3]);
    sequence(&[&version_3, &data(&safe)])
}

/// ContentInfo of type data.
fn data(contents: &[u8]) -> Vec<u8> {
    sequence(&[DATA, &explicit(&octets(contents))])
}

fn bag(alias: &str, certificate: &Certificate) -> Vec<u8> {
    let cert_bag = sequence(&[X509_CERTIFICATE, &explicit(&octets(certificate.der()))]);
    let utf16: Vec<u8> = alias.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let bmp_string = element(0x1e, &utf16);
    let attributes = set(vec![
        sequence(&[FRIENDLY_NAME, &set(vec![bmp_string])]),
        sequence(&[TRUSTED_KEY_USAGE, &set(vec![ANY_EXTENDED_KEY_USAGE.to_vec()])]),
    ]);
    sequence(&[CERT_BAG, &explicit(&cert_bag), &attributes])
}
