//! Changing the key, so that a crash at any point leaves an identity that works: the new secret is kept, the old
//! key signs for it, the record changes at once, the audit log gets its entry, and only then is the old secret
//! destroyed. Must never destroy a secret before the log says by what it was replaced.

use super::super::SshPublicKey;
use super::super::agent::AgentKey;
use super::super::{private, ring};
use super::handover::{Handover, NAMESPACE};
use super::place::{Made, Place};
use super::record::{self, Former, Record};
use super::{DIRECTORY, Identity, KeyError, LOCK, Signer};
use crate::sys::clock;
use crate::sys::directory::Directory;
use std::path::{Path, PathBuf};

/// What becomes the identity.
pub enum Successor {
    /// A new key of guard's own.
    Own,
    /// A key in an agent: at the session's socket unless another is named.
    Agent { public: SshPublicKey, socket: Option<PathBuf> },
}

/// A change that was made.
#[derive(Debug)]
pub struct Change {
    pub identity: Identity,
    before: Option<Record>,
    /// `, because the keyring is locked`, or nothing.
    pub because: String,
}

/// Makes `successor` the identity, signed by the key before, or (when that is `lost`) by nobody. The audit log
/// must get the entry next: see `unrecorded` and `settle`.
pub fn change(state: &Path, successor: Successor, lost: bool) -> Result<Change, KeyError> {
    let directory = private::prepare_inside(&private::prepare_state(state)?, DIRECTORY)?;
    let _held = private::lock(&directory, LOCK)?;
    let before = record::read(state)?;
    if before.as_ref().is_some_and(|record| record.pending.is_some()) {
        return Err(KeyError::Unrecorded);
    }
    let old = match &before {
        Some(record) if !lost => Some(record.place.signer(state, &record.key, ring::fetch)?),
        Some(_) | None => None,
    };
    if let Some(Signer::Agent(key)) = &old {
        key.is_held().map_err(KeyError::Agent)?;
    }
    let (new, place, because) = successor.made(&directory)?;
    let handover = handed_over(old.as_ref(), &new, &place).inspect_err(|_| {
        // A key that is nobody's must not stay behind; where it cannot be removed it is no use to anybody either.
        let _ = place.destroy(state);
    })?;
    let record = match before.clone() {
        Some(before) => replaced(before, &handover, place),
        // Nothing is handed over: the log names the first key when it begins.
        None => Record::first(new.public(), place, handover.at),
    };
    record::write(&directory, &record)?;
    Ok(Change { identity: Identity { state: state.to_owned(), record }, before, because })
}

/// Takes back a change that the audit log has no entry of: the key before is the identity again, and the new secret is
/// destroyed. Only for the caller who has seen that the log does not have it.
pub fn undo(state: &Path, change: &Change) -> Result<(), KeyError> {
    let directory = private::inside(&private::open_state(state)?, DIRECTORY)?;
    let _held = private::lock(&directory, LOCK)?;
    let made = &change.identity.record;
    match &change.before {
        Some(before) if made.pending.is_some() && record::read(state)?.as_ref() == Some(made) => {
            record::write(&directory, before)?;
            // A secret that nothing names is no use to anybody.
            let _ = made.place.destroy(state);
            Ok(())
        }
        Some(_) | None => Err(KeyError::Unrecorded),
    }
}

impl Successor {
    fn made(self, directory: &Directory) -> Result<(Signer, Place, String), KeyError> {
        match self {
            Successor::Own => {
                let made = Made::new(directory)?;
                let because = made.because();
                Ok((Signer::Own(made.key), made.place, because))
            }
            Successor::Agent { public, socket } => {
                let place = Place::Agent(socket);
                let socket = super::agent_socket(&place)?;
                Ok((Signer::Agent(AgentKey { public, socket }), place, String::new()))
            }
        }
    }
}

fn handed_over(old: Option<&Signer>, new: &Signer, place: &Place) -> Result<Handover, KeyError> {
    let mut handover = Handover {
        at: clock::real_micros() / 1_000_000,
        custody: place.custody().word().to_owned(),
        from: old.map(Signer::public),
        key: new.public(),
        proof: None,
        sig: None,
    };
    let message = handover.message();
    // The new key first: when its agent says no, the old one need not have been touched.
    let proof = new.sign(NAMESPACE, &message).map_err(KeyError::Agent)?;
    handover.proof = Some(Handover::spelled(&proof));
    if let Some(old) = old {
        let sig = old.sign(NAMESPACE, &message).map_err(KeyError::Agent)?;
        handover.sig = Some(Handover::spelled(&sig));
    }
    Ok(handover)
}

fn replaced(before: Record, handover: &Handover, place: Place) -> Record {
    let mut record = Record::first(handover.key.clone(), place, handover.at);
    record.former = before.former;
    record.push_former(Former { key: before.key, since: before.since, until: handover.at });
    record.discard = before.discard;
    record.discard.push(before.place);
    record.discard.retain(|old| *old != record.place && !matches!(old, Place::Agent(_)));
    record.pending = Some(handover.clone());
    record
}

/// The change of keys that the audit log does not have yet. Asked before every gated command, so the record is
/// only understood where there may be one.
pub fn unrecorded(state: &Path) -> Result<Option<Handover>, KeyError> {
    if !record::may_have_pending(state)? {
        return Ok(None);
    }
    Ok(record::read(state)?.and_then(|record| record.pending))
}

/// After the audit log has `handover`: it is recorded, and old secrets are destroyed. What could not be
/// destroyed is tried again the next time, and returned.
pub fn settle(state: &Path, handover: &Handover) -> Result<Vec<KeyError>, KeyError> {
    let directory = private::inside(&private::open_state(state)?, DIRECTORY)?;
    let _held = private::lock(&directory, LOCK)?;
    let Some(mut record) = record::read(state)? else { return Ok(Vec::new()) };
    if record.pending.as_ref() == Some(handover) {
        record.pending = None;
        record::write(&directory, &record)?;
    }
    let mut failed = Vec::new();
    let before = record.discard.len();
    record.discard.retain(|place| match place.destroy(state) {
        Ok(()) => false,
        Err(error) => {
            failed.push(error);
            true
        }
    });
    if record.discard.len() != before {
        record::write(&directory, &record)?;
    }
    sweep(&directory, &record);
    Ok(failed)
}

/// Removes key files that nothing names: what a change left behind that was cut short.
fn sweep(directory: &Directory, record: &Record) {
    let named = |name: &str| {
        let place = Place::File(format!("{DIRECTORY}/{name}"));
        record.place == place || record.discard.contains(&place)
    };
    for name in directory.names().unwrap_or_default() {
        let is_key = name.starts_with("identity-") && (name.ends_with(".key") || name.ends_with(".key.next"));
        if is_key && !named(&name) {
            let _ = private::destroy(directory, &name);
        }
    }
}
