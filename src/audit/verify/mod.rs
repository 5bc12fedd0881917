//! Checks the whole log: every byte, every signature, the chain; says what is wrong where, and what it cannot
//! see. Must never write, and never call a log sound that it could not read to the end.

mod canonical;
mod identity;
mod report;
mod walk;

pub use identity::Successor;
pub use report::{Problem, Recovered, Report, Standing};

use super::error::{AuditError, Doing};
use super::genesis::{PIN, VKEY};
use super::keyfile;
use super::store::{Store, first_seq};
use crate::keys::private::{Privacy, open, read_small};
use crate::settings::Dirs;
use crate::sys::directory::Access;
use std::io::Read;
use walk::Walk;

/// Verifies the log under `<state>/audit`. An error means that nothing can be told.
pub fn verify(dirs: &Dirs) -> Result<Report, AuditError> {
    let store = Store::existing(&dirs.state)?;
    let segments = read_segments(&store)?;
    let pin = small_text(&store, PIN)?;
    if segments.is_empty() && pin.is_none() {
        return Err(AuditError::NoLog { path: store.audit.path().to_owned() });
    }
    let mut walk = Walk::default();
    for (i, (name, bytes)) in segments.iter().enumerate() {
        walk.segment(name, first_seq(name).unwrap_or(0), bytes, i + 1 == segments.len());
    }
    let mut report = walk.finish();
    if report.entries == 0 {
        report.tampered("the log has no entries, but a key that signed some");
    }
    report.compare_pin(pin.as_deref());
    report.compare_identity(small_text(&store, VKEY)?.as_deref());
    let keys = store.keys.names().map_err(|e| AuditError::system(store.keys.path(), Doing::Read, e))?;
    if !keys.iter().any(|name| name == keyfile::EPOCH) {
        report.notes.push("keys/epoch.key is missing: the log cannot be continued".to_owned());
    }
    Ok(report)
}

/// All segments as they are while no append is under way.
pub fn read_segments(store: &Store) -> Result<Vec<(String, Vec<u8>)>, AuditError> {
    // Without a lock file nobody is appending.
    let held = store.lock_shared()?;
    let mut segments = Vec::new();
    for name in store.segments()? {
        let file = open(&store.audit, &name, Access::Read, Privacy::Own)?;
        let path = store.audit.path().join(&name);
        let size = file.metadata().map_err(|e| AuditError::system(&path, Doing::Read, e))?.len();
        segments.push((name, path, file, size));
    }
    drop(held);
    let mut read = Vec::with_capacity(segments.len());
    for (name, path, file, size) in segments {
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.take(size).read_to_end(&mut bytes).map_err(|e| AuditError::system(&path, Doing::Read, e))?;
        read.push((name, bytes));
    }
    Ok(read)
}

fn small_text(store: &Store, name: &str) -> Result<Option<String>, AuditError> {
    let bytes = read_small(&store.keys, name, Privacy::Own)?;
    Ok(bytes.map(|b| String::from_utf8_lossy(&b).into_owned()))
}
