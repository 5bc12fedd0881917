//! The file: one line of parameters, the sealed bytes, a checksum.
//!
//! `guard-vault/1 argon2id <KiB> <passes> <lanes> <salt> <nonce>`, then base64 of what XChaCha20-Poly1305 made, then base64
//! of the SHA-256 of both lines. The first line and the purpose are authenticated with the secret. The checksum tells
//! damage from a wrong passphrase; it protects nothing. Must never be opened for another purpose than it was sealed for.

use super::{KeyName, Seed, Stretch, VaultKey};
use crate::keys::{decode, decode_bytes, encode, random, sha256};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::fmt::{self, Display, Formatter};
use zeroize::Zeroizing;

const FORM: &str = "guard-vault/1";
/// Of a Poly1305 tag.
const TAG: usize = 16;

/// A sealed secret, as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    stretch: Stretch,
    salt: KeyName,
    nonce: [u8; 24],
    box_: Vec<u8>,
}

/// Why there is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum VaultError {
    /// The bytes are not those that were written.
    Damaged,
    /// Written by a newer guard.
    Newer,
    /// The passphrase is another one.
    WrongPassphrase,
    /// There is not memory enough to make the key.
    NoMemory,
    NoRandomness,
}

impl Sealed {
    /// Seals under a passphrase; also gives the key, for the agent. `purpose` has to be the same when it is opened.
    pub fn seal(passphrase: &str, secret: &Seed, purpose: &str) -> Result<(Sealed, VaultKey), VaultError> {
        Sealed::seal_with(Stretch::default(), passphrase, secret, purpose)
    }

    pub(super) fn seal_with(
        stretch: Stretch,
        passphrase: &str,
        secret: &Seed,
        purpose: &str,
    ) -> Result<(Sealed, VaultKey), VaultError> {
        let salt = random::<16>().map_err(|_| VaultError::NoRandomness)?;
        let nonce = random::<24>().map_err(|_| VaultError::NoRandomness)?;
        let key = stretch.key(passphrase, &salt).ok_or(VaultError::NoMemory)?;
        // With the room reserved, the tag is added without leaving a copy of the secret in freed memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(secret.expose().len() + TAG));
        bytes.extend_from_slice(secret.expose());
        let mut sealed = Sealed { stretch, salt, nonce, box_: Vec::new() };
        let associated = sealed.associated(purpose);
        // It can only fail for a secret of hundreds of gigabytes.
        cipher(&key)
            .encrypt_in_place(&XNonce::from(nonce), associated.as_bytes(), &mut *bytes)
            .map_err(|_| VaultError::NoMemory)?;
        sealed.box_ = bytes.to_vec();
        Ok((sealed, key))
    }

    /// Which key opens it, for the agent.
    pub fn key_name(&self) -> KeyName {
        self.salt
    }

    /// Makes the key from a passphrase and opens; this is the slow step.
    pub fn open(&self, passphrase: &str, purpose: &str) -> Result<(Seed, VaultKey), VaultError> {
        let key = self.stretch.key(passphrase, &self.salt).ok_or(VaultError::NoMemory)?;
        Ok((self.open_with(&key, purpose)?, key))
    }

    /// Opens with a key that is known already.
    pub fn open_with(&self, key: &VaultKey, purpose: &str) -> Result<Seed, VaultError> {
        let mut bytes = Zeroizing::new(self.box_.clone());
        cipher(key)
            .decrypt_in_place(&XNonce::from(self.nonce), self.associated(purpose).as_bytes(), &mut *bytes)
            .map_err(|_| VaultError::WrongPassphrase)?;
        Ok(Seed::new(bytes))
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = format!("{}\n{}\n", self.header(), encode(&self.box_));
        format!("{body}{}\n", encode(&sha256(&[body.as_bytes()]))).into_bytes()
    }

    /// Reads exactly what `to_bytes` makes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Sealed, VaultError> {
        let text = std::str::from_utf8(bytes).map_err(|_| VaultError::Damaged)?;
        let first = text.split([' ', '\n']).next().unwrap_or_default();
        let newer =
            first.strip_prefix("guard-vault/").and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n > 1);
        if newer {
            return Err(VaultError::Newer);
        }
        let sealed = Sealed::parse(text).ok_or(VaultError::Damaged)?;
        if sealed.to_bytes() == bytes { Ok(sealed) } else { Err(VaultError::Damaged) }
    }

    fn parse(text: &str) -> Option<Sealed> {
        let mut lines = text.lines();
        let header = lines.next()?.strip_prefix(FORM)?.strip_prefix(" argon2id ")?;
        let words: Vec<&str> = header.split(' ').collect();
        let [memory, passes, lanes, salt, nonce] = words.as_slice() else { return None };
        let stretch = Stretch {
            memory_kib: memory.parse().ok()?,
            passes: passes.parse().ok()?,
            lanes: lanes.parse().ok()?,
        };
        let box_ = decode_bytes(lines.next()?).filter(|bytes| bytes.len() >= TAG)?;
        stretch.is_sane().then_some(Sealed { stretch, salt: decode(salt)?, nonce: decode(nonce)?, box_ })
    }

    fn header(&self) -> String {
        let Stretch { memory_kib, passes, lanes } = self.stretch;
        let (salt, nonce) = (encode(&self.salt), encode(&self.nonce));
        format!("{FORM} argon2id {memory_kib} {passes} {lanes} {salt} {nonce}")
    }

    fn associated(&self, purpose: &str) -> String {
        format!("{}\n{purpose}", self.header())
    }
}

fn cipher(key: &VaultKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.0.expose().into())
}

impl VaultError {
    /// The next step for a person.
    pub fn hint(self) -> &'static str {
        match self {
            VaultError::Damaged => "bring the file back from a backup, or begin again with a new secret",
            VaultError::Newer => "update guard on this machine",
            VaultError::WrongPassphrase => "try again; capitals and keyboard layout count",
            VaultError::NoMemory => "64 MiB are needed for a moment: end other programs, or raise the limit",
            VaultError::NoRandomness => {
                "getrandom(2) failed: is a seccomp filter or an old kernel in the way?"
            }
        }
    }
}

impl Display for VaultError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            VaultError::Damaged => "the file is damaged",
            VaultError::Newer => "the file was written by a newer guard",
            VaultError::WrongPassphrase => "that is not the passphrase",
            VaultError::NoMemory => "there is not memory enough to make the key",
            VaultError::NoRandomness => "the system gives no random bytes",
        })
    }
}

impl std::error::Error for VaultError {}

#[cfg(test)]
mod tests {
    use super::{Sealed, Seed, Stretch, VaultError};
    use crate::keys::{encode, sha256};
    use zeroize::Zeroizing;

    const CHEAP: Stretch = Stretch { memory_kib: 8, passes: 1, lanes: 1 };

    fn seed() -> Seed {
        Seed::new(Zeroizing::new(b"twenty secret bytes!".to_vec()))
    }

    fn sealed() -> Sealed {
        Sealed::seal_with(CHEAP, "correct horse", &seed(), "totp a").expect("seals").0
    }

    #[test]
    fn opens_with_passphrase_and_purpose_only() {
        let file = Sealed::from_bytes(&sealed().to_bytes()).expect("own form");
        let (secret, key) = file.open("correct horse", "totp a").expect("opens");
        assert_eq!(secret, seed());
        assert_eq!(file.open_with(&key, "totp a").expect("opens"), seed());
        for (passphrase, purpose) in
            [("correct horsf", "totp a"), ("", "totp a"), ("correct horse", "totp b")]
        {
            assert_eq!(file.open(passphrase, purpose).expect_err("closed"), VaultError::WrongPassphrase);
        }
    }

    #[test]
    fn damage_at_every_byte_and_every_length_is_named() {
        let whole = sealed().to_bytes();
        for at in 0..whole.len() {
            for change in [1, 0x20, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= change;
                let error = Sealed::from_bytes(&bytes).expect_err("damaged");
                assert!(matches!(error, VaultError::Damaged | VaultError::Newer), "{at}: {error}");
            }
            assert_eq!(Sealed::from_bytes(&whole[..at]).expect_err("cut"), VaultError::Damaged);
            let mut longer = whole.clone();
            longer.insert(at, b'\n');
            assert!(Sealed::from_bytes(&longer).is_err());
        }
    }

    #[test]
    fn a_mended_checksum_does_not_open_what_was_changed() {
        let file = sealed();
        let key = file.open("correct horse", "totp a").expect("opens").1;
        let text = String::from_utf8(file.to_bytes()).expect("text");
        let body: Vec<&str> = text.lines().take(2).collect();
        for at in 0..file.box_.len() {
            let mut changed = file.clone();
            changed.box_[at] ^= 1;
            let again = Sealed::from_bytes(&changed.to_bytes()).expect("the checksum is right");
            assert!(again.open_with(&key, "totp a").is_err(), "byte {at}");
        }
        let cheaper = body[0].replace(" 8 1 1 ", " 16 1 1 ");
        let lines = format!("{cheaper}\n{}\n", body[1]);
        let lines = format!("{lines}{}\n", encode(&sha256(&[lines.as_bytes()])));
        let again = Sealed::from_bytes(lines.as_bytes()).expect("the checksum is right");
        assert!(again.open_with(&key, "totp a").is_err());
    }

    #[test]
    fn a_header_cannot_ask_for_all_memory() {
        let text = String::from_utf8(sealed().to_bytes()).expect("text");
        for header in [" 4294967295 1 1 ", " 8 4294967295 1 ", " 8 0 1 ", " 8 1 0 "] {
            let lines: Vec<&str> = text.lines().collect();
            let body = format!("{}\n{}\n", lines[0].replace(" 8 1 1 ", header), lines[1]);
            let whole = format!("{body}{}\n", encode(&sha256(&[body.as_bytes()])));
            assert_eq!(Sealed::from_bytes(whole.as_bytes()).expect_err("refused"), VaultError::Damaged);
        }
        assert_eq!(Sealed::from_bytes(b"guard-vault/2 x\n").expect_err("newer"), VaultError::Newer);
    }

    #[test]
    fn nothing_prints_the_secret() {
        let (file, key) = Sealed::seal_with(CHEAP, "correct horse", &seed(), "totp a").expect("seals");
        let shown = format!("{file:?} {key:?} {:?}", seed());
        assert!(!shown.contains("twenty") && !shown.contains("116, 119"), "{shown}");
        assert!(shown.contains("VaultKey(Secret(not shown)) Seed(not shown)"), "{shown}");
    }
}
