//! The first entry: it names the identity and the key of epoch 0. Written beside and renamed into place, so
//! that a log either has a whole genesis or does not exist.

use super::append::stamp;
use super::entry::{Entry, Genesis};
use super::error::{AuditError, Doing};
use super::intent::host_id;
use super::keyfile;
use super::line::{Line, leaf, seal};
use super::store::{Privacy, Store, open, read_small, replace};
use crate::keys::{self, NoKeyring, SigningKey, encode, random};
use crate::sys::directory::Access;
use crate::sys::who;
use crate::text::quote;
use std::io::Read;

pub const PIN: &str = "genesis.pin";
pub const VKEY: &str = "log.vkey";
const FIRST: &str = "seg-000000000000.jsonl";

/// Makes sure that there is a log; returns what a person should be told once.
pub fn ensure(store: &Store) -> Result<Vec<String>, AuditError> {
    let pinned = |store| read_small(store, PIN, Privacy::Own).map(|pin| pin.is_some());
    if !store.segments()?.is_empty() && pinned(&store.keys)? {
        return Ok(Vec::new());
    }
    let _held = store.lock()?;
    if store.segments()?.is_empty() {
        return begin(store);
    }
    if !pinned(&store.keys)? {
        pin_existing(store)?;
    }
    Ok(Vec::new())
}

fn begin(store: &Store) -> Result<Vec<String>, AuditError> {
    let previous = read_small(&store.keys, PIN, Privacy::Own)?
        .and_then(|pin| String::from_utf8(pin).ok())
        .map(|pin| pin.trim_end().to_owned());
    let epoch = keyfile::begin_epoch(store)?;
    let seed = keyfile::new_secret()?;
    let identity = SigningKey::new(&seed);
    let vkey = identity.public().to_vkey(&format!("guard.local/{}/{}", host_id(), who::uid()));
    let kept = keys::keep(&vkey_account(&vkey), &seed);
    if kept.is_err() {
        keyfile::keep_identity(store, &seed)?;
    }
    drop(seed);
    let genesis = Genesis {
        custody: if kept.is_ok() { "keyring" } else { "file" },
        epoch_key: encode(&epoch.public().0),
        identity: vkey.clone(),
        nonce: encode(&random::<16>().map_err(|_| AuditError::NoRandomness)?),
        previous: previous.clone(),
    };
    let mut entry = Entry { event: "genesis", genesis: Some(genesis), ..Entry::default() };
    stamp(&mut entry, 0, 0, None)?;
    let bytes = entry.to_bytes();
    replace(&store.audit, FIRST, &seal(&bytes, &identity))?;
    replace(&store.keys, VKEY, format!("{vkey}\n").as_bytes())?;
    pin(store, &bytes)?;
    Ok(notices(store, kept, previous.as_deref()))
}

/// The keyring's name for the identity: the part of the verifier key that is unique and short.
fn vkey_account(vkey: &str) -> String {
    let mut parts = vkey.splitn(3, '+');
    format!("{}+{}", parts.next().unwrap_or(""), parts.next().unwrap_or(""))
}

fn notices(store: &Store, kept: Result<(), NoKeyring>, previous: Option<&str>) -> Vec<String> {
    let directory = quote(store.audit.path());
    let mut notices = vec![match kept {
        Ok(()) => format!("the audit log begins in {directory}; its identity key is in your keyring"),
        Err(why) => format!(
            "the audit log begins in {directory}; its identity key is in {}, because {}",
            quote(store.keys.path().join("identity.key")),
            why.word()
        ),
    }];
    if previous.is_some() {
        notices.push(format!("the audit log that was in {directory} is gone; the new one records that"));
    }
    notices
}

fn pin(store: &Store, genesis: &[u8]) -> Result<(), AuditError> {
    replace(&store.keys, PIN, format!("{}\n", encode(&leaf(genesis))).as_bytes())
}

/// A crash came between the first entry and its pin.
fn pin_existing(store: &Store) -> Result<(), AuditError> {
    let path = store.audit.path().join(FIRST);
    let mut first = Vec::new();
    let file = open(&store.audit, FIRST, Access::Read, Privacy::Own)?;
    file.take(64 << 10).read_to_end(&mut first).map_err(|e| AuditError::system(&path, Doing::Read, e))?;
    let line = first.split(|b| *b == b'\n').next().and_then(Line::split);
    let line = line.ok_or(AuditError::NothingReadable { path })?;
    pin(store, line.entry)
}
