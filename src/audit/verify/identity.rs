//! Which key is the person's, from the first entry on and through every change. Must never take a key for the
//! next one unless the one before signed for it, or the log says that it was lost.

use crate::keys::identity::Handover;
use crate::keys::{PublicKey, SshPublicKey};
use serde::Serialize;
use serde_json::Value;

/// The key that is the person's at the end of the log, where it is not the one that signed the first entry.
#[derive(Clone, Debug, Serialize)]
pub struct Successor {
    pub custody: String,
    pub fingerprint: String,
    /// As in a .pub file.
    pub key: String,
    /// The entry that names it.
    pub seq: u64,
}

/// The state between two entries.
#[derive(Default)]
pub struct Identities {
    current: Option<SshPublicKey>,
}

/// What an `identity` entry is.
pub enum Says {
    Next(Successor),
    /// As `Next`, but the old key did not sign: it is said to be lost.
    Lost(Successor),
    /// It names the key that is the identity already.
    Again,
    Wrong(&'static str),
}

impl Identities {
    pub fn begin(&mut self, key: PublicKey) {
        self.current = Some(SshPublicKey::from_ed25519(key));
    }

    pub fn follow(&mut self, seq: u64, entry: Option<&Value>) -> Says {
        let handover = entry.and_then(|value| serde_json::from_value::<Handover>(value.clone()).ok());
        let Some(handover) = handover else { return Says::Wrong("it is no complete change of the identity") };
        if let Some(fault) = handover.fault() {
            return Says::Wrong(fault);
        }
        if self.current.as_ref() == Some(&handover.key) {
            return Says::Again;
        }
        if handover.from.is_some() && handover.from != self.current {
            return Says::Wrong("it hands over from another key than the identity before it");
        }
        let successor = Successor {
            custody: handover.custody,
            fingerprint: handover.key.fingerprint(),
            key: handover.key.to_line(),
            seq,
        };
        self.current = Some(handover.key);
        if handover.from.is_some() { Says::Next(successor) } else { Says::Lost(successor) }
    }
}
