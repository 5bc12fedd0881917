//! A secret in a file, encrypted under a passphrase: argon2id (RFC 9106) makes the key, XChaCha20-Poly1305 seals. Must
//! never say whether a passphrase was nearly right, nor take a damaged file for a wrong passphrase.

pub mod agent;
mod sealed;
mod stretch;

pub use sealed::{Sealed, VaultError};
pub use stretch::Stretch;

use super::Secret;
use std::fmt;
use zeroize::Zeroizing;

/// Secret bytes of any length, wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed(Zeroizing<Vec<u8>>);

impl Seed {
    /// As many random bytes.
    pub fn random(length: usize) -> Result<Seed, super::NoRandomness> {
        let mut bytes = Zeroizing::new(vec![0; length]);
        getrandom::fill(&mut bytes).map_err(|_| super::NoRandomness)?;
        Ok(Seed(bytes))
    }

    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Seed {
        Seed(bytes)
    }

    /// The bytes, for the one call that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(not shown)")
    }
}

/// What opens one sealed file: made from the passphrase, or remembered by the agent.
#[derive(Debug)]
pub struct VaultKey(Secret);

/// The public name of a key: the salt it was made with.
pub type KeyName = [u8; 16];
