//! Keys: secrets in memory, signatures, digests, and where the identity key is kept. Must never print a
//! secret, and never make a command wait for a keyring longer than `ring::LIMIT`.

mod base64;
mod digest;
mod ring;
mod secret;
mod signing;

pub use self::base64::{decode, encode, encode_url};
pub use digest::{Digest, keyed_tag, sha256};
pub use ring::{LIMIT, NoKeyring, keep};
pub use secret::{NoRandomness, Secret, random};
pub use signing::{PublicKey, SIGNATURE, SigningKey};
