//! `keys/identity.json`: which key is the identity, where its secret is, which were it before. Nothing in it is
//! secret. Must never be read in part: a record that is not understood is an error, not a missing one.

use super::super::private::{self, FileError, Privacy};
use super::super::{PublicKey, SshPublicKey};
use super::handover::Handover;
use super::place::Place;
use super::{DIRECTORY, KeyError};
use crate::sys::directory::Directory;
use crate::sys::file;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io;
use std::path::Path;

pub const NAME: &str = "identity.json";
const VERSION: u64 = 1;
/// Longest record that is read; each key that was the identity before takes less than 300 bytes.
const LONGEST: u64 = 1 << 20;
/// So many former keys are kept; the audit log has them all.
const FORMER: usize = 1000;
/// Where logs of before kept the identity.
const OLD_VKEY: &str = "audit/keys/log.vkey";
const OLD_FILE: &str = "audit/keys/identity.key";
const OLD_NAME: &str = "guard.local/";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub v: u64,
    #[serde(serialize_with = "write_key", deserialize_with = "read_key")]
    pub key: SshPublicKey,
    pub place: Place,
    /// Seconds since 1970.
    pub since: u64,
    /// A change of keys that the audit log does not have yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Handover>,
    /// Old secrets that are still to be destroyed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discard: Vec<Place>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<Former>,
}

/// A key that was the identity before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Former {
    #[serde(serialize_with = "write_key", deserialize_with = "read_key")]
    pub key: SshPublicKey,
    /// Seconds since 1970.
    pub since: u64,
    pub until: u64,
}

impl Record {
    /// Adds the key before to those that were the identity.
    pub fn push_former(&mut self, former: Former) {
        self.former.push(former);
        let surplus = self.former.len().saturating_sub(FORMER);
        self.former.drain(..surplus);
    }

    pub fn first(key: SshPublicKey, place: Place, since: u64) -> Record {
        Record { v: VERSION, key, place, since, pending: None, discard: Vec::new(), former: Vec::new() }
    }
}

/// Whether a change of keys may be in the record.
pub fn may_have_pending(state: &Path) -> Result<bool, KeyError> {
    const FIELD: &[u8] = b"\"pending\"";
    Ok(read_bytes(state)?.is_some_and(|bytes| bytes.windows(FIELD.len()).any(|window| window == FIELD)))
}

fn read_bytes(state: &Path) -> Result<Option<Vec<u8>>, KeyError> {
    let missing =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    let open = || private::inside(&private::open_state(state)?, DIRECTORY);
    match open().and_then(|directory| private::read_up_to(&directory, NAME, Privacy::Own, LONGEST)) {
        Err(FileError::System { error, .. }) if missing(&error) => Ok(None),
        other => Ok(other?),
    }
}

/// The record, or what stands for it where only a log of before has an identity; `None` when there is none.
pub fn read(state: &Path) -> Result<Option<Record>, KeyError> {
    let Some(bytes) = read_bytes(state)? else { return of_log(state) };
    let path = || state.join(DIRECTORY).join(NAME);
    #[derive(Deserialize)]
    struct Version {
        v: u64,
    }
    if serde_json::from_slice::<Version>(&bytes).is_ok_and(|version| version.v != VERSION) {
        return Err(KeyError::Newer { path: path() });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|_| KeyError::Damaged { path: path() })
}

pub fn write(directory: &Directory, record: &Record) -> Result<(), KeyError> {
    // Structs with string keys: serde_json has no error for them.
    let mut bytes = serde_json::to_vec(record).expect("plain structs serialise");
    bytes.push(b'\n');
    Ok(private::replace(directory, NAME, &bytes)?)
}

/// The identity that the audit log made for itself before there was a record.
fn of_log(state: &Path) -> Result<Option<Record>, KeyError> {
    let Ok(text) = file::read_bounded(&state.join(OLD_VKEY), 4096) else { return Ok(None) };
    let text = String::from_utf8_lossy(&text).into_owned();
    let vkey = text.trim_end();
    let Some((name, key)) = PublicKey::from_vkey(vkey).filter(|(name, _)| name.starts_with(OLD_NAME)) else {
        return Err(KeyError::Damaged { path: state.join(OLD_VKEY) });
    };
    let hash = vkey[name.len() + 1..].split('+').next().unwrap_or_default();
    let place = if state.join(OLD_FILE).exists() {
        Place::File(OLD_FILE.to_owned())
    } else {
        Place::Keyring(format!("{name}+{hash}"))
    };
    let made = std::fs::metadata(state.join(OLD_VKEY)).and_then(|m| m.modified()).ok();
    let since = made.and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok()).map_or(0, |d| d.as_secs());
    Ok(Some(Record::first(SshPublicKey::from_ed25519(key), place, since)))
}

pub fn write_key<S: Serializer>(key: &SshPublicKey, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&key.to_line())
}

pub fn read_key<'de, D: Deserializer<'de>>(from: D) -> Result<SshPublicKey, D::Error> {
    let line = String::deserialize(from)?;
    SshPublicKey::from_line(&line).map_err(serde::de::Error::custom)
}
