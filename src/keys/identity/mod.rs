//! The person's one identity: an Ed25519 key that guard makes on first use and keeps in the keyring, or else in
//! a 0600 file; or a key of their own in ssh-agent. Must never hold a secret longer than a signature takes, and never
//! replace a key without saying so in the record.

mod change;
mod error;
mod handover;
mod place;
mod record;

pub use change::{Change, Successor, change, settle, undo, unrecorded};
pub use error::KeyError;
pub use handover::{Handover, NAMESPACE};
pub use place::{Custody, Place};
pub use record::Former;

use super::agent::{self, AgentKey};
use super::{SignError, SigningKey, SshPublicKey, private, ring, sshsig_sign};
use crate::sys::clock;
use place::Made;
use record::Record;
use std::path::{Path, PathBuf};

const DIRECTORY: &str = "keys";
const LOCK: &str = "LOCK";

/// Who signs, and where the secret is. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    state: PathBuf,
    record: Record,
}

/// What signs: made for a few signatures and dropped.
pub enum Signer {
    Own(SigningKey),
    Agent(AgentKey),
}

impl Identity {
    /// The identity, if there is one; creates nothing.
    pub fn existing(state: &Path) -> Result<Option<Identity>, KeyError> {
        let record = record::read(state)?;
        Ok(record.map(|record| Identity { state: state.to_owned(), record }))
    }

    /// The identity, made when there is none; then also what the person should be told once.
    pub fn ensure(state: &Path) -> Result<(Identity, Option<String>), KeyError> {
        if let Some(identity) = Identity::existing(state)? {
            return Ok((identity, None));
        }
        let directory = private::prepare_inside(&private::prepare_state(state)?, DIRECTORY)?;
        let _held = private::lock(&directory, LOCK)?;
        if let Some(identity) = Identity::existing(state)? {
            return Ok((identity, None));
        }
        let made = Made::new(&directory)?;
        let since = clock::real_micros() / 1_000_000;
        let record = Record::first(made.public(), made.place.clone(), since);
        record::write(&directory, &record)?;
        let identity = Identity { state: state.to_owned(), record };
        let notice = format!("your identity key is made: {}{}", identity.described(), made.because());
        Ok((identity, Some(notice)))
    }

    pub fn public(&self) -> &SshPublicKey {
        &self.record.key
    }

    pub fn custody(&self) -> Custody {
        self.record.place.custody()
    }

    /// Since when, in seconds since 1970.
    pub fn since(&self) -> u64 {
        self.record.since
    }

    /// Keys that were the identity before, oldest first.
    pub fn former(&self) -> &[Former] {
        &self.record.former
    }

    /// Whether the last change of keys is in the audit log.
    pub fn is_recorded(&self) -> bool {
        self.record.pending.is_none()
    }

    /// `ssh-ed25519 SHA256:…, in your keyring`.
    pub fn described(&self) -> String {
        let key = self.public();
        format!("{} {}, {}", key.algorithm().name(), key.fingerprint(), self.whereabouts())
    }

    /// Where the secret is, in words.
    pub fn whereabouts(&self) -> String {
        match &self.record.place {
            Place::Keyring(_) => "in your keyring".to_owned(),
            Place::File(name) => format!("in {}", crate::text::quote(self.state.join(name))),
            Place::Agent(None) => "in your ssh-agent".to_owned(),
            Place::Agent(Some(socket)) => format!("in the agent at {}", crate::text::quote(socket)),
        }
    }

    /// What signs as this person. Asks the keyring, or looks for the agent; an agent is not asked yet.
    pub fn signer(&self) -> Result<Signer, KeyError> {
        self.record.place.signer(&self.state, &self.record.key, ring::fetch)
    }

    /// As `signer`, where there is another way: a keyring that waits for its password is not waited for.
    pub fn signer_at_once(&self) -> Result<Signer, KeyError> {
        self.record.place.signer(&self.state, &self.record.key, ring::fetch_at_once)
    }

    /// Whether the secret of a former key could not be destroyed yet.
    pub fn has_leftovers(&self) -> bool {
        !self.record.discard.is_empty() && self.record.pending.is_none()
    }
}

impl Signer {
    pub fn public(&self) -> SshPublicKey {
        match self {
            Signer::Own(key) => SshPublicKey::from_ed25519(key.public()),
            Signer::Agent(key) => key.public.clone(),
        }
    }

    /// An SSHSIG blob over `message` for `namespace`, which must not be empty.
    pub fn sign(&self, namespace: &str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match self {
            Signer::Own(key) => Ok(sshsig_sign(key, namespace, message)),
            Signer::Agent(key) => key.sign(namespace, message),
        }
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self {
            Signer::Own(_) => "own",
            Signer::Agent(_) => "agent",
        };
        write!(f, "Signer({kind}, {})", self.public().fingerprint())
    }
}

/// Whether the secret is where the record says and is the right one; hardware is not touched for that.
pub fn check(identity: &Identity) -> Result<(), KeyError> {
    match identity.signer()? {
        Signer::Own(_) => Ok(()),
        Signer::Agent(key) => key.is_held().map_err(KeyError::Agent),
    }
}

/// The agent that an identity's key is in, or would be.
pub fn agent_socket(place: &Place) -> Result<PathBuf, KeyError> {
    match place {
        Place::Agent(Some(socket)) => Ok(socket.clone()),
        Place::Agent(None) | Place::File(_) | Place::Keyring(_) => {
            agent::session_socket().map_err(KeyError::Agent)
        }
    }
}
