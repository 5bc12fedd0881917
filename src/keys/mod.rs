//! Keys: the person's identity, secrets in memory, signatures, digests, and where secrets are kept. Must never
//! print a secret, and never make a command wait for a keyring or an agent longer than their limits.

pub mod agent;
mod base64;
mod digest;
pub mod identity;
mod passkey;
pub mod private;
pub mod ring;
mod secret;
mod signing;
mod ssh;
pub mod vault;

pub use self::base64::{decode, decode_bytes, decode_url, encode, encode_url};
pub use agent::{AgentError, SignError};
pub use digest::{Digest, Sha256, keyed_hash, keyed_tag, sha256};
pub use identity::{Identity, KeyError, Signer};
#[cfg(test)]
pub use passkey::SoftPasskey;
pub use passkey::{Assertion, PasskeyPublic};
pub use ring::{LIMIT, NoKeyring, keep};
pub use secret::{NoRandomness, Secret, random};
pub use signing::{PublicKey, SIGNATURE, SigningKey};
pub use ssh::{
    BadSignature, Flags, SshAlgorithm, SshKeyError, SshPublicKey, ssh_signature, sshsig_armour,
    sshsig_assemble, sshsig_sign, sshsig_to_sign, sshsig_unarmour, verify_sshsig,
};
#[cfg(test)]
pub use ssh::{SoftToken, TokenKind};
