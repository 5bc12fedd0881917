//! Appending: under the lock the end of the file is read, the entry is chained to it, signed and written with
//! one write(2); durability is waited for after the lock is free, so that the kernel merges the waits of
//! parallel writers. Must never acknowledge what is not durable, and never cut anything away.

use super::entry::{Entry, Recover, VERSION, exact};
use super::error::{AuditError, Doing};
use super::keyfile;
use super::line::{leaf, seal};
use super::store::Store;
use super::tail::{Damage, Tail};
use super::ulid::ulid;
use crate::keys::private::{Privacy, open};
use crate::keys::{Digest, SigningKey, encode, random, sha256};
use crate::sys::clock;
use crate::sys::directory::Access;
use std::io::Write;

/// Appends an entry; returns its id once it is durable.
pub fn append(store: &Store, mut entry: Entry) -> Result<String, AuditError> {
    let held = store.lock()?;
    let (epoch, key) = keyfile::epoch(store)?;
    let name =
        store.segments()?.pop().ok_or_else(|| AuditError::NoLog { path: store.audit.path().to_owned() })?;
    let path = store.audit.path().join(&name);
    let mut file = open(&store.audit, &name, Access::Append, Privacy::Own)?;
    let tail = Tail::read(&file, &path)?;

    let mut end = End { epoch, seq: tail.seq, leaf: tail.leaf, bytes: Vec::new() };
    if tail.open_ended {
        end.bytes.push(b'\n');
    }
    if let Some(damage) = &tail.damage {
        end.add(&mut recover(&name, damage), &key)?;
    }
    end.add(&mut entry, &key)?;
    drop(key);

    let written = file.write(&end.bytes).map_err(|e| AuditError::system(&path, Doing::Write, e))?;
    if written < end.bytes.len() {
        return Err(AuditError::Short { path });
    }
    drop(held);
    file.sync_data().map_err(|e| AuditError::system(&path, Doing::Sync, e))?;
    Ok(entry.id)
}

/// The growing end of the log: what will be written.
struct End {
    epoch: u64,
    seq: u64,
    leaf: Digest,
    bytes: Vec<u8>,
}

impl End {
    fn add(&mut self, entry: &mut Entry, key: &SigningKey) -> Result<(), AuditError> {
        stamp(entry, self.epoch, self.seq + 1, Some(&self.leaf))?;
        let bytes = entry.to_bytes();
        self.seq = entry.seq;
        self.leaf = leaf(&bytes);
        self.bytes.extend_from_slice(&seal(&bytes, key));
        Ok(())
    }
}

/// Fills in place, time and name. Called under the lock, so that times follow the order of entries.
pub fn stamp(entry: &mut Entry, epoch: u64, seq: u64, prev: Option<&Digest>) -> Result<(), AuditError> {
    let time = clock::real_micros();
    entry.boot = clock::boot_id().unwrap_or_default();
    entry.epoch = epoch;
    entry.id = ulid(time / 1000, random().map_err(|_| AuditError::NoRandomness)?);
    entry.mono = exact(clock::boot_micros());
    entry.prev = prev.map(|leaf| encode(leaf));
    entry.seq = exact(seq);
    entry.time = exact(time);
    entry.v = VERSION;
    Ok(())
}

fn recover(file: &str, damage: &Damage) -> Entry {
    let recover = Recover {
        class: damage.class.word(),
        file: file.to_owned(),
        length: damage.bytes.len() as u64,
        offset: damage.offset,
        sha256: encode(&sha256(&[&damage.bytes])),
    };
    Entry { event: "recover", recover: Some(recover), ..Entry::default() }
}
