//! Writes DER: tag, length, contents. Enough for PKCS#12.

/// Returns an element of this tag around some contents.
pub(super) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut encoded = vec![tag];
    let length = contents.len();
    if length < 0x80 {
        encoded.push(u8::try_from(length).expect("less than 128"));
    } else {
        let octets = length.to_be_bytes();
        let octets: Vec<u8> = octets.into_iter().skip_while(|octet| *octet == 0).collect();
        encoded.push(0x80 | u8::try_from(octets.len()).expect("a length has at most eight octets"));
        encoded.extend(octets);
    }
    encoded.extend(contents);
    encoded
}

/// Returns a SEQUENCE of elements.
pub(super) fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(0x30, &elements.concat())
}

/// Returns a SET OF elements, in the order DER wants: that of their encodings.
pub(super) fn set(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    element(0x31, &elements.concat())
}

/// Returns an element under the explicit context tag 0.
pub(super) fn explicit(contents: &[u8]) -> Vec<u8> {
    element(0xa0, contents)
}

/// Returns an OCTET STRING.
pub(super) fn octets(contents: &[u8]) -> Vec<u8> {
    element(0x04, contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_as_many_octets_as_they_need() {
        assert_eq!(element(0x04, &[1, 2]), [4, 2, 1, 2]);
        assert_eq!(element(0x04, &[0; 0x80])[..3], [4, 0x81, 0x80]);
        assert_eq!(element(0x04, &[0; 0x1234])[..4], [4, 0x82, 0x12, 0x34]);
    }
}
