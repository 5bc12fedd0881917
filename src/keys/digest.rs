//! SHA-256 and the keyed tag that stands in for a redacted secret.

use super::{Secret, encode_url};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Digest as _;

/// A SHA-256 value.
pub type Digest = [u8; 32];

/// SHA-256 of the parts, one after the other.
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut hash = sha2::Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// The first 96 bits of HMAC-SHA-256(key, kind ‖ 0x00 ‖ secret), 16 characters of the URL alphabet.
/// Equal secrets have equal tags; without the key nothing can be guessed from one.
pub fn keyed_tag(key: &Secret, kind: &str, secret: &[u8]) -> String {
    // HMAC takes keys of any length, so construction from 32 bytes cannot fail.
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.expose()).expect("HMAC takes any key length");
    mac.update(kind.as_bytes());
    mac.update(&[0]);
    mac.update(secret);
    encode_url(&mac.finalize().into_bytes()[..12])
}

/// HMAC-SHA-256 of the parts, one after the other.
pub fn keyed_hash(key: &Secret, parts: &[&[u8]]) -> Digest {
    // HMAC takes keys of any length, so construction from 32 bytes cannot fail.
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.expose()).expect("HMAC takes any key length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_depends_on_key_kind_and_secret() {
        let (a, b) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let tag = keyed_tag(&a, "token", b"s3cret");
        assert_eq!(tag.len(), 16);
        assert_eq!(tag, keyed_tag(&a, "token", b"s3cret"));
        assert_ne!(tag, keyed_tag(&b, "token", b"s3cret"));
        assert_ne!(tag, keyed_tag(&a, "uri-password", b"s3cret"));
        assert_ne!(tag, keyed_tag(&a, "token", b"s3cres"));
    }

    #[test]
    fn the_empty_hash_is_the_published_one() {
        assert_eq!(super::super::encode(&sha256(&[])), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
