//! OpenSSL's `TRUSTED CERTIFICATE`: a certificate followed by what it may be used for.
//!
//! After the certificate comes `X509_CERT_AUX` (OpenSSL, crypto/x509/x_x509a.c): SEQUENCE { trust SEQUENCE OF OID
//! OPTIONAL, reject [0] SEQUENCE OF OID OPTIONAL, ... }. p11-kit writes /etc/pki/ca-trust/extracted/openssl so.

use super::{Problem, der_length};

/// id-kp-serverAuth, 1.3.6.1.5.5.7.3.1, as an encoded OID
const SERVER_AUTH: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
/// anyExtendedKeyUsage, 2.5.29.37.0
const ANY: &[u8] = &[0x06, 0x04, 0x55, 0x1d, 0x25, 0x00];

/// Returns the bytes of the certificate, unless its uses exclude TLS servers.
pub(super) fn read(der: &[u8], line: usize) -> Result<&[u8], Problem> {
    let Some(length) = der_length(der) else {
        // not even a SEQUENCE: keep it, its details will say why it cannot be read
        return Ok(der);
    };
    let (certificate, uses) = der.split_at(length);
    if allows_servers(uses) { Ok(certificate) } else { Err(Problem::NotForServers { line }) }
}

fn allows_servers(uses: &[u8]) -> bool {
    let Some(mut rest) = contents(uses, 0x30) else { return true };
    let has_server =
        |list: &[u8]| [SERVER_AUTH, ANY].iter().any(|oid| list.windows(oid.len()).any(|w| w == *oid));
    if let Some(trusted) = contents(rest, 0x30) {
        if !has_server(trusted) {
            return false;
        }
        rest = &rest[header(rest) + trusted.len()..];
    }
    contents(rest, 0xa0).is_none_or(|rejected| !has_server(rejected))
}

/// Returns what is inside the element at the start of `bytes`, if it has that tag.
fn contents(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    if *bytes.first()? != tag {
        return None;
    }
    // `der_length` wants a SEQUENCE; the length is encoded the same way under any tag
    let mut as_sequence = bytes.to_vec();
    as_sequence[0] = 0x30;
    let whole = der_length(&as_sequence)?;
    bytes.get(header(bytes)..whole)
}

fn header(bytes: &[u8]) -> usize {
    match bytes.get(1) {
        Some(length @ 0x80..) => 2 + usize::from(length & 0x7f),
        _ => 2,
    }
}
