//! Keys: secrets in memory, signatures, digests, and where the identity key is kept. Must never print a
//! secret, and never make a command wait for a keyring longer than `ring::LIMIT`.

mod base64;
mod digest;
pub mod private;
pub mod ring;
mod secret;
mod signing;
pub mod vault;

pub use self::base64::{decode, decode_any, encode, encode_url};
pub use digest::{Digest, keyed_tag, sha256};
pub use ring::{LIMIT, NoKeyring, keep};
pub use secret::{NoRandomness, Secret, random};
pub use signing::{PublicKey, SIGNATURE, SigningKey};
