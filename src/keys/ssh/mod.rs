//! SSH keys and SSHSIG signatures: what people sign statements with, and what `ssh-keygen -Y verify` checks.
//! Must never take the kind of a signature from the signature: the key says it.

mod public;
mod sshsig;
#[cfg(test)]
mod tests;
mod wire;

pub use public::{SshAlgorithm, SshKeyError, SshPublicKey};
pub use sshsig::{
    BadSignature, Flags, ssh_signature, sshsig_armour, sshsig_assemble, sshsig_sign, sshsig_to_sign,
    sshsig_unarmour, verify_sshsig,
};
#[cfg(test)]
pub use tests::{SoftToken, TokenKind};
pub(in crate::keys) use wire::{Reader, put_string};
