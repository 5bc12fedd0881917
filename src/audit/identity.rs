//! Entries of the event `identity`: from one key of the person to the next. Must be on disk before the old
//! secret is destroyed.

use super::append::append;
use super::entry::Entry;
use super::error::AuditError;
use super::store::Store;
use crate::keys::identity::{Handover, NAMESPACE, settle, unrecorded};
use crate::keys::{Identity, SigningKey, SshPublicKey, sshsig_sign};
use crate::settings::Dirs;
use crate::sys::clock;
use std::path::Path;

/// Brings a change of keys into the log, beginning one when there is none, and destroys the old secret.
/// Returns what the person should be told.
pub fn record_identity(dirs: &Dirs) -> Result<Vec<String>, AuditError> {
    super::Log::open(dirs).map(|(_, notices)| notices)
}

/// Finishes a change of keys that is not in the log yet, as after a crash.
pub(super) fn finish(store: &Store, state: &Path) -> Result<Vec<String>, AuditError> {
    let Some(handover) = unrecorded(state)? else { return Ok(Vec::new()) };
    // A second entry for the same change, after a crash between this and the next step, says nothing new.
    append(store, entry(handover.clone()))?;
    let left = settle(state, &handover)?;
    let mut notices: Vec<String> = left
        .iter()
        .map(|error| format!("the old key is not destroyed yet: {error}; the next change tries again"))
        .collect();
    notices.dedup();
    Ok(notices)
}

/// The first entry was signed by a key made for it alone: the second one names the identity.
pub(super) fn introduction(identity: &Identity, once: &SigningKey) -> Entry {
    let mut handover = Handover {
        at: clock::real_micros() / 1_000_000,
        custody: identity.custody().word().to_owned(),
        from: Some(SshPublicKey::from_ed25519(once.public())),
        key: identity.public().clone(),
        proof: None,
        sig: None,
    };
    let sig = sshsig_sign(once, NAMESPACE, &handover.message());
    handover.sig = Some(Handover::spelled(&sig));
    entry(handover)
}

fn entry(handover: Handover) -> Entry {
    Entry { event: "identity", identity: Some(handover), ..Entry::default() }
}
