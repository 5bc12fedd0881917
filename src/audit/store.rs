//! Where the log lies and who may touch it: directories and files are opened without following links, and
//! used only when they are this user's alone. Must never create anything when only reading.

use super::error::{AuditError, Doing};
use crate::keys::private::{self, Held, Privacy};
use crate::sys::directory::{Access, Directory};
use std::fs::File;
use std::io;
use std::path::Path;

const LOCK: &str = "LOCK";
const AUDIT: &str = "audit";
const KEYS: &str = "keys";

/// The open directories of the log.
#[derive(Debug)]
pub struct Store {
    pub audit: Directory,
    pub keys: Directory,
}

impl Store {
    /// Opens the log's directories, creating what is missing.
    pub fn prepare(state: &Path) -> Result<Store, AuditError> {
        let above = private::prepare_state(state)?;
        let audit = private::prepare_inside(&above, AUDIT)?;
        let keys = private::prepare_inside(&audit, KEYS)?;
        Ok(Store { audit, keys })
    }

    /// Opens a log that exists.
    pub fn existing(state: &Path) -> Result<Store, AuditError> {
        let path = state.join(AUDIT);
        match std::fs::symlink_metadata(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(AuditError::NoLog { path });
            }
            Err(error) => return Err(AuditError::system(&path, Doing::Open, error)),
            Ok(_) => {}
        }
        let audit = private::inside(&private::open_state(state)?, AUDIT)?;
        let keys = private::inside(&audit, KEYS)?;
        Ok(Store { audit, keys })
    }

    /// Names of the segments, oldest first.
    pub fn segments(&self) -> Result<Vec<String>, AuditError> {
        let names = self.audit.names();
        let mut names = names.map_err(|e| AuditError::system(self.audit.path(), Doing::Read, e))?;
        names.retain(|name| first_seq(name).is_some());
        Ok(names)
    }

    /// Takes the lock, to write.
    pub fn lock(&self) -> Result<Held, AuditError> {
        Ok(private::lock(&self.audit, LOCK)?)
    }

    /// Takes the lock together with other readers; `None` when nobody ever locked it.
    pub fn lock_shared(&self) -> Result<Option<Held>, AuditError> {
        match private::open(&self.audit, LOCK, Access::Read, Privacy::Own) {
            Ok(file) => Ok(Some(private::hold(file, &self.audit.path().join(LOCK), File::try_lock_shared)?)),
            Err(private::FileError::System { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The first sequence number of a segment, from its name: `seg-000000000000.jsonl`.
pub fn first_seq(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("seg-")?.strip_suffix(".jsonl")?;
    (digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}
