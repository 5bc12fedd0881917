//! Base64 (RFC 4648, section 4, padded; the URL alphabet without padding for tags). Must never accept two
//! spellings of the same bytes: unused bits must be zero.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};

pub fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

pub fn encode_url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Exactly `N` bytes, in their one canonical spelling.
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let decoded = Base64::decode(text, &mut bytes).ok()?;
    (decoded.len() == N && encode(&bytes) == text).then_some(bytes)
}

/// Bytes of any number, in their one canonical spelling.
pub fn decode_bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64::decode_vec(text).ok()?;
    (encode(&bytes) == text).then_some(bytes)
}

/// As `decode_bytes`, of the URL alphabet without padding.
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
    (encode_url(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn only_the_canonical_spelling_is_read() {
        assert_eq!(encode(b"ab"), "YWI=");
        assert_eq!(decode::<2>("YWI="), Some(*b"ab"));
        assert_eq!(decode::<2>("YWJ="), None, "unused bits are set");
        assert_eq!(decode::<2>("YWI"), None);
        assert_eq!(decode::<3>("YWI="), None);
        assert_eq!(decode::<2>("YWI=\n"), None);
    }
}
