//! The small values that statements are made of: hashes, keyed hashes, and arguments as bytes. Must never have two
//! spellings for one value.

use crate::keys::{Digest, Secret, decode, decode_bytes, encode, keyed_hash, sha256};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Debug, Display, Formatter};

/// A SHA-256 value, spelled `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub Digest);

/// An HMAC-SHA-256 value under a key that stays with its maker, spelled `hmac-sha256:` and 64 digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Keyed(pub Digest);

/// 32 bytes, as base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes32(pub [u8; 32]);

/// An argument, path or other foreign bytes: a string, or `{"b64":"…"}` when it is not UTF-8. Never normalised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Foreign(pub Vec<u8>);

impl Hash {
    pub fn of(parts: &[&[u8]]) -> Hash {
        Hash(sha256(parts))
    }

    pub fn read(text: &str) -> Option<Hash> {
        unhex(text.strip_prefix("sha256:")?).map(Hash)
    }

    /// The digits alone, as in a relay's address.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    pub fn from_hex(digits: &str) -> Option<Hash> {
        unhex(digits).map(Hash)
    }
}

impl Keyed {
    /// Commits to bytes that are not told: HMAC(key, label ‖ 0 ‖ bytes).
    pub fn of(key: &Secret, label: &str, bytes: &[u8]) -> Keyed {
        Keyed(keyed_hash(key, &[label.as_bytes(), &[0], bytes]))
    }
}

impl From<&[u8]> for Foreign {
    fn from(bytes: &[u8]) -> Foreign {
        Foreign(bytes.to_vec())
    }
}

impl From<&str> for Foreign {
    fn from(text: &str) -> Foreign {
        Foreign(text.as_bytes().to_vec())
    }
}

impl Display for Hash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex(&self.0))
    }
}

impl Display for Keyed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "hmac-sha256:{}", hex(&self.0))
    }
}

impl Debug for Hash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Debug for Keyed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Debug for Bytes32 {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&self.0))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Hash, D::Error> {
        Hash::read(&String::deserialize(from)?).ok_or_else(|| D::Error::custom("no `sha256:` and 64 digits"))
    }
}

impl Serialize for Keyed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Keyed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Keyed, D::Error> {
        let text = String::deserialize(from)?;
        let digest = text.strip_prefix("hmac-sha256:").and_then(unhex);
        digest.map(Keyed).ok_or_else(|| D::Error::custom("no `hmac-sha256:` and 64 digits"))
    }
}

impl Serialize for Bytes32 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes32 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Bytes32, D::Error> {
        decode(&String::deserialize(from)?)
            .map(Bytes32)
            .ok_or_else(|| D::Error::custom("not 32 bytes as base64"))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Spelling {
    Utf8(String),
    Bytes { b64: String },
}

impl Serialize for Foreign {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => to.serialize_str(text),
            Err(_) => Spelling::Bytes { b64: encode(&self.0) }.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Foreign {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Foreign, D::Error> {
        match Spelling::deserialize(from)? {
            Spelling::Utf8(text) => Ok(Foreign(text.into_bytes())),
            Spelling::Bytes { b64 } => {
                decode_bytes(&b64).map(Foreign).ok_or_else(|| D::Error::custom("`b64` is not base64"))
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Digest> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut out = [0; 32];
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = digit(digits[2 * i])? << 4 | digit(digits[2 * i + 1])?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::canonical;
    use super::*;

    #[test]
    fn bytes_have_one_spelling() {
        let argument = |bytes: &[u8]| canonical::bytes(&Foreign::from(bytes)).expect("canonical");
        assert_eq!(argument(b"pod"), br#""pod""#);
        assert_eq!(argument(b"\xff\xfe"), br#"{"b64":"//4="}"#);
        assert_eq!(canonical::parse::<Foreign>(br#"{"b64":"//4="}"#), Ok(Foreign(b"\xff\xfe".to_vec())));
        assert!(canonical::parse::<Foreign>(br#"{"b64":"cG9k"}"#).is_err(), "UTF-8 has a simpler spelling");
        assert!(canonical::parse::<Foreign>(br#"{"b64":"//5="}"#).is_err(), "unused bits");
    }

    #[test]
    fn hashes_have_one_spelling() {
        let hash = Hash::of(&[b"abc"]);
        let text = hash.to_string();
        assert_eq!(text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Hash::read(&text), Some(hash));
        assert_eq!(Hash::read(&text.to_uppercase()), None);
        assert_eq!(Hash::read(&text[..70]), None);
        assert_eq!(Hash::from_hex(&hash.hex()), Some(hash));
    }
}
