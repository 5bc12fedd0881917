//! SSH public keys as `authorized_keys`, `.pub` files and forges spell them (RFC 4253 section 6.6, RFC 5656,
//! OpenSSH's PROTOCOL.u2f). Must never accept a kind of key whose signatures guard does not check.

use super::wire::{Reader, put_string};
use crate::keys::{PublicKey, decode_bytes, encode, sha256};
use base64ct::Encoding as _;
use std::fmt::{self, Display, Formatter};

/// Longest key line that is read; the longest real one is below 300 bytes.
const LONGEST: usize = 4096;

/// The kinds of keys that may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SshAlgorithm {
    Ed25519,
    /// On a hardware token; its signatures say whether it was touched and whether a PIN was given.
    SkEd25519,
    P256,
    /// On a hardware token.
    SkP256,
}

/// A public key; equal exactly when its wire form is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshPublicKey {
    pub(super) algorithm: SshAlgorithm,
    /// Ed25519: 32 bytes; P-256: the uncompressed point.
    pub(super) point: Vec<u8>,
    /// What a hardware key is for, `ssh:` unless chosen.
    pub(super) application: Vec<u8>,
    blob: Vec<u8>,
}

/// Why a line is no key that guard takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshKeyError {
    /// Not `<type> <base64> [comment]`.
    NotAKey,
    /// Options stand before the key.
    Options,
    /// An RSA or DSA key.
    TooOld(&'static str),
    /// A certificate; the plain key is wanted.
    Certificate,
    /// A kind that is not known, as it calls itself.
    Unknown(String),
    /// The base64 part does not hold what the type says.
    Damaged,
}

impl SshAlgorithm {
    /// As it stands at the beginning of a key line.
    pub fn name(self) -> &'static str {
        match self {
            SshAlgorithm::Ed25519 => "ssh-ed25519",
            SshAlgorithm::SkEd25519 => "sk-ssh-ed25519@openssh.com",
            SshAlgorithm::P256 => "ecdsa-sha2-nistp256",
            SshAlgorithm::SkP256 => "sk-ecdsa-sha2-nistp256@openssh.com",
        }
    }

    fn of(name: &str) -> Option<SshAlgorithm> {
        [SshAlgorithm::Ed25519, SshAlgorithm::SkEd25519, SshAlgorithm::P256, SshAlgorithm::SkP256]
            .into_iter()
            .find(|a| a.name() == name)
    }
}

impl SshPublicKey {
    /// Reads `<type> <base64> [comment]`.
    pub fn from_line(line: &str) -> Result<SshPublicKey, SshKeyError> {
        let mut words = line.split([' ', '\t']).filter(|w| !w.is_empty());
        let (Some(name), Some(text)) = (words.next(), words.next()) else {
            return Err(SshKeyError::NotAKey);
        };
        if line.len() > LONGEST || line.trim_end_matches(['\n', '\r']).contains(['\n', '\r']) {
            return Err(SshKeyError::NotAKey);
        }
        let algorithm = SshAlgorithm::of(name).ok_or_else(|| refusal(name, text))?;
        let blob = decode_bytes(text.trim_end()).ok_or(SshKeyError::Damaged)?;
        SshPublicKey::from_blob(&blob).filter(|key| key.algorithm == algorithm).ok_or(SshKeyError::Damaged)
    }

    /// Reads the wire form; nothing may be left over.
    pub fn from_blob(blob: &[u8]) -> Option<SshPublicKey> {
        let mut reader = Reader::new(blob);
        let algorithm = SshAlgorithm::of(std::str::from_utf8(reader.string()?).ok()?)?;
        let point = match algorithm {
            SshAlgorithm::Ed25519 | SshAlgorithm::SkEd25519 => ed25519_point(reader.string()?)?,
            SshAlgorithm::P256 | SshAlgorithm::SkP256 => {
                (reader.string()? == b"nistp256").then_some(())?;
                p256_point(reader.string()?)?
            }
        };
        let application = match algorithm {
            SshAlgorithm::SkEd25519 | SshAlgorithm::SkP256 => reader.string()?.to_vec(),
            SshAlgorithm::Ed25519 | SshAlgorithm::P256 => Vec::new(),
        };
        reader.finished().then(|| SshPublicKey { algorithm, point, application, blob: blob.to_vec() })
    }

    /// guard's own identity key, in SSH's form.
    pub fn from_ed25519(key: PublicKey) -> SshPublicKey {
        let mut blob = Vec::new();
        put_string(&mut blob, SshAlgorithm::Ed25519.name().as_bytes());
        put_string(&mut blob, &key.0);
        SshPublicKey {
            algorithm: SshAlgorithm::Ed25519,
            point: key.0.to_vec(),
            application: Vec::new(),
            blob,
        }
    }

    pub fn algorithm(&self) -> SshAlgorithm {
        self.algorithm
    }

    /// The wire form, as an agent lists it.
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// Whether the key lives on a token that says in each signature if it was touched.
    pub fn is_hardware(&self) -> bool {
        match self.algorithm {
            SshAlgorithm::SkEd25519 | SshAlgorithm::SkP256 => true,
            SshAlgorithm::Ed25519 | SshAlgorithm::P256 => false,
        }
    }

    /// `SHA256:` and 43 characters, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", base64ct::Base64Unpadded::encode_string(&sha256(&[&self.blob])))
    }

    /// `<type> <base64>`, without a comment.
    pub fn to_line(&self) -> String {
        format!("{} {}", self.algorithm.name(), encode(&self.blob))
    }
}

fn ed25519_point(bytes: &[u8]) -> Option<Vec<u8>> {
    // Points of small order are refused: a signature by them would fit every message.
    let key = ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
    (!key.is_weak()).then(|| bytes.to_vec())
}

fn p256_point(bytes: &[u8]) -> Option<Vec<u8>> {
    let plain = bytes.len() == 65 && bytes[0] == 4;
    (plain && p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).is_ok()).then(|| bytes.to_vec())
}

fn refusal(name: &str, next: &str) -> SshKeyError {
    if name.contains("-cert-v01@") {
        return SshKeyError::Certificate;
    }
    match name {
        "ssh-rsa" => SshKeyError::TooOld("RSA"),
        "ssh-dss" => SshKeyError::TooOld("DSA"),
        _ if name.contains(['=', ',']) || SshAlgorithm::of(next).is_some() => SshKeyError::Options,
        _ if name.starts_with("ssh-") || name.starts_with("sk-") || name.starts_with("ecdsa-") => {
            SshKeyError::Unknown(name.to_owned())
        }
        _ => SshKeyError::NotAKey,
    }
}

impl Display for SshKeyError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            SshKeyError::NotAKey => {
                f.write_str("this is no SSH public key: give the line of a .pub file, `ssh-ed25519 AAAA…`")
            }
            SshKeyError::Options => f.write_str("options stand before the key: give the key alone"),
            SshKeyError::TooOld(kind) => write!(
                f,
                "{kind} keys are not accepted: make one with `ssh-keygen -t ed25519`, or on a hardware token \
                 with `ssh-keygen -t ed25519-sk -O verify-required`"
            ),
            SshKeyError::Certificate => {
                f.write_str("this is a certificate: give the plain public key that it certifies")
            }
            SshKeyError::Unknown(name) => write!(
                f,
                "keys of type {} are not accepted: ssh-ed25519, ecdsa-sha2-nistp256 and their sk- forms are",
                crate::text::show(name)
            ),
            SshKeyError::Damaged => f.write_str("the key is damaged: copy the whole line of the .pub file"),
        }
    }
}

impl std::error::Error for SshKeyError {}
