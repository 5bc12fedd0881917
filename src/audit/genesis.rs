//! The first entry: it names the identity and the key of epoch 0. Written beside and renamed into place, so
//! that a log either has a whole genesis or does not exist.

use super::append::stamp;
use super::entry::{Entry, Genesis};
use super::error::{AuditError, Doing};
use super::identity;
use super::intent::host_id;
use super::keyfile;
use super::line::{Line, leaf, seal};
use super::store::Store;
use crate::keys::private::{Privacy, open, read_small, replace};
use crate::keys::{Identity, Signer, SigningKey, encode, random};
use crate::sys::directory::Access;
use crate::sys::who;
use crate::text::quote;
use std::io::Read;
use std::path::Path;

pub const PIN: &str = "genesis.pin";
pub const VKEY: &str = "log.vkey";
const FIRST: &str = "seg-000000000000.jsonl";

/// Makes sure that there is a log; returns what a person should be told once.
pub fn ensure(store: &Store, state: &Path) -> Result<Vec<String>, AuditError> {
    let pinned = |store| read_small(store, PIN, Privacy::Own).map(|pin| pin.is_some());
    if !store.segments()?.is_empty() && pinned(&store.keys)? {
        return Ok(Vec::new());
    }
    let _held = store.lock()?;
    if store.segments()?.is_empty() {
        return begin(store, state);
    }
    if !pinned(&store.keys)? {
        pin_existing(store)?;
    }
    Ok(Vec::new())
}

fn begin(store: &Store, state: &Path) -> Result<Vec<String>, AuditError> {
    let previous = read_small(&store.keys, PIN, Privacy::Own)?
        .and_then(|pin| String::from_utf8(pin).ok())
        .map(|pin| pin.trim_end().to_owned());
    let (identity, made) = Identity::ensure(state)?;
    let epoch = keyfile::begin_epoch(store)?;
    // A key in an agent does not make plain Ed25519 signatures, and a keyring may be locked now: then a key
    // that is used for this alone signs, and names the identity in the next entry.
    let (key, stands_in) = match identity.signer_at_once() {
        Ok(Signer::Own(key)) => (key, false),
        Ok(Signer::Agent(_)) | Err(_) => (SigningKey::new(&keyfile::new_secret()?), true),
    };
    let vkey = key.public().to_vkey(&format!("guard.local/{}/{}", host_id(), who::uid()));
    let genesis = Genesis {
        custody: if stands_in { "once" } else { identity.custody().word() },
        epoch_key: encode(&epoch.public().0),
        identity: vkey.clone(),
        nonce: encode(&random::<16>().map_err(|_| AuditError::NoRandomness)?),
        previous: previous.clone(),
    };
    let mut entry = Entry { event: "genesis", genesis: Some(genesis), ..Entry::default() };
    stamp(&mut entry, 0, 0, None)?;
    let bytes = entry.to_bytes();
    let mut lines = seal(&bytes, &key);
    if stands_in {
        let mut second = identity::introduction(&identity, &key);
        stamp(&mut second, 0, 1, Some(&leaf(&bytes)))?;
        lines.extend(seal(&second.to_bytes(), &epoch));
    }
    replace(&store.audit, FIRST, &lines)?;
    replace(&store.keys, VKEY, format!("{vkey}\n").as_bytes())?;
    pin(store, &bytes)?;
    Ok(notices(store, &identity, made, previous.as_deref()))
}

fn notices(store: &Store, identity: &Identity, made: Option<String>, previous: Option<&str>) -> Vec<String> {
    let directory = quote(store.audit.path());
    let key = made.unwrap_or_else(|| format!("your identity key is {}", identity.described()));
    let mut notices = vec![format!("the audit log begins in {directory}; {key}")];
    if previous.is_some() {
        notices.push(format!("the audit log that was in {directory} is gone; the new one records that"));
    }
    notices
}

fn pin(store: &Store, genesis: &[u8]) -> Result<(), AuditError> {
    Ok(replace(&store.keys, PIN, format!("{}\n", encode(&leaf(genesis))).as_bytes())?)
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
