//! One line of the log: `{"entry":{…},"priv":{…},"sig":"…"}`. The signed bytes are the stored bytes; nothing
//! is ever verified on a re-serialisation.

use super::entry::VERSION;
use crate::keys::{Digest, PublicKey, SIGNATURE, SigningKey, decode, encode, sha256};
use serde::Deserialize;

pub const PREFIX: &[u8] = b"{\"entry\":";
const PRIVATE: &[u8] = b",\"priv\":";
const SIGNED: &[u8] = b",\"sig\":\"";
const END: &[u8] = b"\"}";
const SIGNATURE_TEXT: usize = 88;
const SUFFIX: usize = SIGNED.len() + SIGNATURE_TEXT + END.len();
const DOMAIN: &[u8] = b"guard-audit-entry/v1\n";

/// A line in its parts, without the line break.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub entry: &'a [u8],
    /// Erasable data that the entry binds by `priv_hash`.
    pub private: Option<&'a [u8]>,
    pub signature: [u8; SIGNATURE],
}

/// What every entry has and the chain needs.
#[derive(Debug, Deserialize)]
pub struct Head {
    pub epoch: u64,
    pub event: String,
    pub seq: u64,
    pub v: u64,
}

impl<'a> Line<'a> {
    /// `None` when the bytes are not of the form of a line.
    pub fn split(bytes: &'a [u8]) -> Option<Line<'a>> {
        let body = bytes.strip_prefix(PREFIX)?;
        let (middle, suffix) = body.split_at_checked(body.len().checked_sub(SUFFIX)?)?;
        let text = suffix.strip_prefix(SIGNED)?.strip_suffix(END)?;
        let signature = decode(std::str::from_utf8(text).ok()?)?;
        let (entry, rest) = middle.split_at_checked(object_length(middle)?)?;
        let private = match rest {
            [] => None,
            _ => {
                let object = rest.strip_prefix(PRIVATE)?;
                Some(object).filter(|o| object_length(o) == Some(o.len()))
            }
        };
        (rest.is_empty() || private.is_some()).then_some(Line { entry, private, signature })
    }

    pub fn head(&self) -> Option<Head> {
        serde_json::from_slice(self.entry).ok()
    }

    pub fn leaf(&self) -> Digest {
        leaf(self.entry)
    }

    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.verify(&message(&self.leaf()), &self.signature)
    }
}

/// RFC 6962 leaf hash of an entry's bytes.
pub fn leaf(entry: &[u8]) -> Digest {
    sha256(&[&[0], entry])
}

fn message(leaf: &Digest) -> Vec<u8> {
    [DOMAIN, leaf].concat()
}

/// The line of an entry, line break included.
pub fn seal(entry: &[u8], key: &SigningKey) -> Vec<u8> {
    let signature = encode(&key.sign(&message(&leaf(entry))));
    [PREFIX, entry, SIGNED, signature.as_bytes(), END, b"\n"].concat()
}

/// Length of the JSON object at the beginning, by braces outside strings.
fn object_length(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (i, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' => depth += 1,
            b'}' => depth = depth.checked_sub(1)?,
            _ if i == 0 => return None,
            _ => {}
        }
        if depth == 0 {
            return (*byte == b'}').then_some(i + 1);
        }
    }
    None
}

/// What damaged bytes look like: a write that was cut off, or something guard never writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Torn,
    Foreign,
}

impl Class {
    pub fn word(self) -> &'static str {
        match self {
            Class::Torn => "torn",
            Class::Foreign => "foreign",
        }
    }

    /// Torn when every piece between line breaks is the beginning of a line, perhaps filled up with the
    /// NUL bytes a file system leaves after a crash, and the last has no line break; foreign otherwise.
    pub fn of(region: &[u8]) -> Class {
        if region.split(|b| *b == b'\n').all(is_torn) { Class::Torn } else { Class::Foreign }
    }
}

fn is_torn(piece: &[u8]) -> bool {
    let end = piece.iter().rposition(|b| *b != 0).map_or(0, |i| i + 1);
    let written = &piece[..end];
    !piece.is_empty()
        && (PREFIX.starts_with(written) || (written.starts_with(PREFIX) && !has_suffix(written)))
}

fn has_suffix(piece: &[u8]) -> bool {
    piece.len() >= SUFFIX && piece.ends_with(END) && piece[piece.len() - SUFFIX..].starts_with(SIGNED)
}

/// Whether this guard understands the entry's version.
pub fn is_known(head: &Head) -> bool {
    head.v == VERSION
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Secret;

    #[test]
    fn a_sealed_line_splits_and_verifies() {
        let key = SigningKey::new(&Secret::from_bytes([3; 32]));
        let entry = br#"{"epoch":0,"event":"x","s":"}\"{","seq":4,"v":1}"#;
        let bytes = seal(entry, &key);
        let line = Line::split(bytes.strip_suffix(b"\n").expect("line break")).expect("own form");
        assert_eq!(line.entry, entry);
        assert!(line.is_signed_by(&key.public()));
        assert_eq!(line.head().expect("head").seq, 4);
        for i in 0..bytes.len() - 1 {
            let mut flipped = bytes[..bytes.len() - 1].to_vec();
            flipped[i] ^= 1;
            assert!(Line::split(&flipped).is_none_or(|l| !l.is_signed_by(&key.public())), "byte {i}");
        }
    }

    #[test]
    fn private_data_stands_between_entry_and_signature() {
        let key = SigningKey::new(&Secret::from_bytes([3; 32]));
        let sealed = String::from_utf8(seal(b"{\"a\":1}", &key)).expect("ascii");
        let with = sealed.trim_end().replace(",\"sig\"", ",\"priv\":{\"fields\":{}},\"sig\"");
        let line = Line::split(with.as_bytes()).expect("well formed");
        assert_eq!((line.entry, line.private), (&b"{\"a\":1}"[..], Some(&b"{\"fields\":{}}"[..])));
        assert!(Line::split(with.replace("}},", "}}x,").as_bytes()).is_none());
        assert!(Line::split(with.replace("priv", "prix").as_bytes()).is_none());
    }

    #[test]
    fn cut_lines_are_torn_and_everything_else_is_foreign() {
        let key = SigningKey::new(&Secret::from_bytes([3; 32]));
        let bytes = seal(b"{\"a\":1}", &key);
        for end in 1..bytes.len() - 1 {
            assert_eq!(Class::of(&bytes[..end]), Class::Torn, "cut at {end}");
        }
        assert_eq!(Class::of(b"{\"en\n{\"entry\":{\"a\"\0\0\0"), Class::Torn);
        assert_eq!(Class::of(b"\0\0\0\0"), Class::Torn);
        assert_eq!(Class::of(b"\n"), Class::Foreign);
        assert_eq!(Class::of(b"hello\n"), Class::Foreign);
        assert_eq!(Class::of(b"{\"entry\":{\n"), Class::Foreign);
        assert_eq!(Class::of(&bytes), Class::Foreign);
    }
}
