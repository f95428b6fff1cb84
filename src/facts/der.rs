//! The outer shape of DER: tags and lengths, never beyond the bytes there are.

/// Returns the contents of the first element, which must have this tag, and what follows it.
pub(crate) fn value(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    if input.first() != Some(&tag) {
        return None;
    }
    let (header, length) = header(input)?;
    let end = header.checked_add(length)?;
    Some((input.get(header..end)?, input.get(end..)?))
}

/// Returns the first element with its header, and what follows it.
pub(crate) fn element(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, length) = header(input)?;
    input.split_at_checked(header.checked_add(length)?)
}

/// Returns the lengths of an element's header and contents; definite lengths up to 4 octets.
fn header(input: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*input.get(1)?);
    if first < 0x80 {
        return Some((2, first));
    }
    let octets = first & 0x7f;
    if octets == 0 || octets > 4 {
        return None;
    }
    let length = input.get(2..2 + octets)?.iter().fold(0_usize, |sum, b| (sum << 8) | usize::from(*b));
    Some((2 + octets, length))
}
