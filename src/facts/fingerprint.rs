//! SHA-256 fingerprints.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A SHA-256 digest; shown in lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

/// The text is not a SHA-256 fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAFingerprint {
    digits: usize,
}

impl Fingerprint {
    /// Returns the SHA-256 of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        let mut own = [0; 32];
        own.copy_from_slice(digest.as_ref());
        Self(own)
    }

    /// Returns the first 8 hex digits, for file names and tables.
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }

    /// Returns upper-case pairs with colons, as browsers and `openssl x509 -fingerprint` show it.
    pub fn with_colons(&self) -> String {
        self.0.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(":")
    }
}

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    /// Accepts hex with or without colons or blanks, any case, with or without the words `SHA256 Fingerprint=`.
    fn from_str(text: &str) -> Result<Self, NotAFingerprint> {
        let digits: Vec<u8> = text
            .rsplit('=')
            .next()
            .unwrap_or(text)
            .bytes()
            .filter(|b| !matches!(b, b':' | b' ' | b'-'))
            .collect();
        let wrong = NotAFingerprint { digits: digits.len() };
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(wrong);
        }
        let mut own = [0; 32];
        for (pair, byte) in digits.chunks_exact(2).zip(&mut own) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong.clone())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong.clone())?;
        }
        Ok(Self(own))
    }
}

impl fmt::Display for NotAFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a SHA-256 fingerprint has 64 hexadecimal digits, this has {} characters", self.digits)
    }
}

impl std::error::Error for NotAFingerprint {}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_openssl_and_browsers_print() {
        let plain = Fingerprint::of(b"x");
        let openssl = format!("sha256 Fingerprint={}", plain.with_colons());
        assert_eq!(openssl.parse(), Ok(plain));
        assert_eq!(plain.to_string().to_uppercase().parse(), Ok(plain));
        assert!("abc".parse::<Fingerprint>().is_err());
        assert!("é".repeat(32).parse::<Fingerprint>().is_err());
    }
}
