//! Verifies RSA signatures of any key size and any salt (RFC 8017): ring begins at 1024 bits for some algorithms, at
//! 2048 for others, and knows one length of the salt. What is weak or odd must be named so, and not called forged.

use num_bigint::BigUint;
use ring::digest::{self, Algorithm};

/// Above this many bits a key is an attack on whoever verifies.
const LARGEST_MODULUS: u64 = 16_384;
/// Real exponents are 3 and 65537.
const LARGEST_EXPONENT: u64 = 64;

/// How the hash is wrapped before the private key is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS with MGF1 on the same hash.
    Pss {
        /// Octets of the salt.
        salt: usize,
    },
}

/// Returns whether the signature is right; `None` for a key that is not fit for an answer.
pub(crate) fn verify(
    modulus: &[u8],
    exponent: &[u8],
    padding: Padding,
    hash: &'static Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let (n, e) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
    let bits = n.bits();
    if !(64..=LARGEST_MODULUS).contains(&bits) || e.bits() > LARGEST_EXPONENT || e.bits() < 2 {
        return None;
    }
    let length = usize::try_from(bits.div_ceil(8)).ok()?;
    let s = BigUint::from_bytes_be(signature);
    if signature.len() != length || s >= n {
        return Some(false);
    }
    let opened = s.modpow(&e, &n).to_bytes_be();
    let mut encoded = vec![0; length - opened.len()];
    encoded.extend(opened);
    let digest = digest::digest(hash, message);
    Some(match padding {
        Padding::Pkcs1 => pkcs1(hash, digest.as_ref(), length)? == encoded,
        Padding::Pss { salt } => pss(hash, digest.as_ref(), salt, &encoded, usize::try_from(bits - 1).ok()?),
    })
}

/// EMSA-PKCS1-v1_5 (RFC 8017, 9.2): encodes, so that there is nothing to parse.
fn pkcs1(hash: &'static Algorithm, digest: &[u8], length: usize) -> Option<Vec<u8>> {
    // DigestInfo up to the hash itself (RFC 8017, 9.2, note 1)
    let prefix: &[u8] = if hash == &digest::SHA1_FOR_LEGACY_USE_ONLY {
        b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"
    } else if hash == &digest::SHA256 {
        b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
    } else if hash == &digest::SHA384 {
        b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
    } else if hash == &digest::SHA512 {
        b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"
    } else {
        return None;
    };
    let filling = length.checked_sub(prefix.len() + digest.len() + 3).filter(|filling| *filling >= 8)?;
    Some([&[0, 1], &*vec![0xff; filling], &[0], prefix, digest].concat())
}

/// EMSA-PSS-VERIFY (RFC 8017, 9.1.2).
fn pss(hash: &'static Algorithm, digest: &[u8], salt_length: usize, encoded: &[u8], em_bits: usize) -> bool {
    let hash_length = hash.output_len();
    // with a modulus of 8k + 1 bits the encoded message is one octet shorter than the modulus
    let em_length = em_bits.div_ceil(8);
    let (leading, encoded) = encoded.split_at(encoded.len() - em_length);
    if leading.iter().any(|b| *b != 0)
        || em_length < hash_length.saturating_add(salt_length).saturating_add(2)
        || encoded.last() != Some(&0xbc)
    {
        return false;
    }
    let (masked, rest) = encoded.split_at(em_length - hash_length - 1);
    let h = &rest[..hash_length];
    let unused = 8 * em_length - em_bits;
    let top = 0xff_u8.checked_shr(u32::try_from(unused).unwrap_or(8)).unwrap_or(0);
    if masked[0] & !top != 0 {
        return false;
    }
    let mut block: Vec<u8> =
        masked.iter().zip(mask(hash, h, masked.len())).map(|(byte, mask)| byte ^ mask).collect();
    block[0] &= top;
    let zeros = block.len() - salt_length - 1;
    if block[..zeros].iter().any(|b| *b != 0) || block[zeros] != 1 {
        return false;
    }
    let mut again = digest::Context::new(hash);
    for part in [&[0; 8], digest, &block[zeros + 1..]] {
        again.update(part);
    }
    again.finish().as_ref() == h
}

/// MGF1 (RFC 8017, B.2.1).
fn mask(hash: &'static Algorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::new();
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        let mut block = digest::Context::new(hash);
        block.update(seed);
        block.update(&counter.to_be_bytes());
        mask.extend_from_slice(block.finish().as_ref());
    }
    mask.truncate(length);
    mask
}
