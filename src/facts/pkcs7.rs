//! The certificates of a PKCS#7 message that holds nothing else (RFC 5652, 5; the "certs-only" form of RFC 8551).
//!
//! Only the outer shape is read: no signature is in such a message, and what it holds proves itself or not.

use base64::Engine as _;

use super::Certificate;
use super::der::{element, value};

/// `1.2.840.113549.1.7.2`, signedData.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;
const INTEGER: u8 = 0x02;
/// `[0]`, constructed: the content, and the certificates.
const FIRST: u8 = 0xa0;

/// Returns the readable certificates of a message in DER or PEM; `None` when the bytes are no such message.
pub fn certificates(bytes: &[u8]) -> Option<Vec<Certificate>> {
    let decoded;
    let der = match from_pem(bytes) {
        Some(inside) => {
            decoded = inside;
            &decoded[..]
        }
        None => bytes,
    };
    let info = value(der, SEQUENCE)?.0;
    let (kind, rest) = value(info, OID)?;
    if kind != SIGNED_DATA {
        return None;
    }
    let signed = value(value(rest, FIRST)?.0, SEQUENCE)?.0;
    let rest = value(signed, INTEGER)?.1;
    let rest = value(rest, SET)?.1;
    let rest = value(rest, SEQUENCE)?.1;
    let mut inside = value(rest, FIRST).map_or(&[][..], |(certificates, _)| certificates);
    let mut found = Vec::new();
    while let Some((first, behind)) = element(inside) {
        if first.first() == Some(&SEQUENCE) {
            let certificate = Certificate::from_der(first);
            if certificate.details().is_ok() {
                found.push(certificate);
            }
        }
        inside = behind;
    }
    Some(found)
}

fn from_pem(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (_, rest) =
        text.split_once("-----BEGIN PKCS7-----").or_else(|| text.split_once("-----BEGIN CMS-----"))?;
    let (inside, _) = rest.split_once("-----END")?;
    let digits: String = inside.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(digits).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::facts::issuer::{IssuerAnswer, IssuerForm, MOST_CERTIFICATES};
    use crate::lab::mutated::mutated;

    const MESSAGE: &[u8] = include_bytes!("../../fixtures/chains/two-cas.p7b");
    const MESSAGE_PEM: &[u8] = include_bytes!("../../fixtures/chains/two-cas.p7b.pem");
    const ONE: &[u8] = include_bytes!("../../fixtures/chains/superfish-root.pem");

    #[test]
    fn each_form_of_an_answer_is_read_for_what_it_is() {
        for (body, form, count) in
            [(MESSAGE, IssuerForm::Pkcs7, 2), (MESSAGE_PEM, IssuerForm::Pkcs7, 2), (ONE, IssuerForm::Pem, 1)]
        {
            match IssuerAnswer::read(body) {
                IssuerAnswer::Certificates { form: read, certificates } => {
                    assert_eq!((read, certificates.len()), (form, count));
                }
                other => panic!("{other:?}"),
            }
        }
        let page = IssuerAnswer::read(b"<!DOCTYPE html><title>Login</title>");
        assert!(matches!(page, IssuerAnswer::Something { page: true, .. }), "{page:?}");
        assert!(matches!(IssuerAnswer::read(b""), IssuerAnswer::Something { page: false, .. }));
        assert!(matches!(IssuerAnswer::read(&MESSAGE[..40]), IssuerAnswer::Something { page: false, .. }));
    }

    fn real_answers() -> Vec<Vec<u8>> {
        let root = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].to_vec();
        vec![MESSAGE.to_vec(), MESSAGE_PEM.to_vec(), ONE.to_vec(), root, b"<html>Not found</html>".to_vec()]
    }

    const WORDS: &[&[u8]] = &[
        b"-----BEGIN PKCS7-----\n",
        b"-----END",
        b"\x30\x80",
        b"\xa0\x84\xff\xff\xff\xff",
        b"\x30\x82\x05\x00",
    ];

    proptest! {
        #[test]
        fn a_changed_answer_gives_only_certificates_that_it_holds(bytes in mutated(real_answers(), WORDS)) {
            if let IssuerAnswer::Certificates { form, certificates } = IssuerAnswer::read(&bytes) {
                let none_is_fine = form == IssuerForm::Pkcs7;
                prop_assert!(certificates.len() <= MOST_CERTIFICATES);
                prop_assert!(!certificates.is_empty() || none_is_fine);
                for certificate in certificates {
                    prop_assert!(certificate.details().is_ok());
                    let der = certificate.der();
                    prop_assert!(form != IssuerForm::Der || bytes.windows(der.len()).any(|w| w == der));
                }
            }
        }

        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..400) {
            let _ = IssuerAnswer::read(&bytes);
            bytes.splice(..0, MESSAGE.iter().take(cut).copied());
            let _ = IssuerAnswer::read(&bytes);
        }
    }
}
