//! The count of uses beside the identity key, with where the audit log was at the last one: a ledger or a log that is
//! taken away is noticed, and its uses still count. Must never be smaller than before.

use super::ledger::{LedgerError, Use};
use crate::keys::private::{self, Privacy};
use crate::settings::Dirs;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;

const DIRECTORY: &str = "keys";
const FILE: &str = "breakglass.json";
const VERSION: u64 = 1;

/// What is kept of all uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    v: u64,
    /// The latest wall clock that was written here.
    pub latest: u64,
    pub uses: Vec<Counted>,
    /// The audit log at the last use.
    pub log: Option<LogSeen>,
}

/// When a use was, as in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    pub id: String,
    pub real: u64,
    pub mono: u64,
    pub boot: String,
}

/// Which log, and how long it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSeen {
    /// The id of its first entry.
    pub first: String,
    pub seq: u64,
}

impl Count {
    /// `None` where nothing was counted, or the file is gone.
    pub fn read(dirs: &Dirs) -> Result<Option<Count>, LedgerError> {
        match std::fs::symlink_metadata(dirs.state.join(DIRECTORY)) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(_) | Ok(_) => {}
        }
        let directory = private::inside(&private::open_state(&dirs.state)?, DIRECTORY)?;
        let Some(bytes) = private::read_whole(&directory, FILE, Privacy::Secret)? else { return Ok(None) };
        let count: Option<Count> = serde_json::from_slice(&bytes).ok();
        let damaged = || LedgerError::Damaged { path: directory.path().join(FILE) };
        count.filter(|count| count.v == VERSION).map(Some).ok_or_else(damaged)
    }

    /// The count of these uses, of which none that was counted before is left out.
    pub fn of(uses: &[Use], latest: u64, log: Option<LogSeen>) -> Count {
        let counted = |used: &Use| Counted {
            id: used.id.clone(),
            real: used.real,
            mono: used.mono,
            boot: used.boot.clone(),
        };
        Count { v: VERSION, latest, uses: uses.iter().map(counted).collect(), log }
    }

    /// Durable on return.
    pub fn write(&self, dirs: &Dirs) -> Result<(), LedgerError> {
        let directory = private::prepare_inside(&private::prepare_state(&dirs.state)?, DIRECTORY)?;
        // Plain strings and numbers: serde_json has no error for them.
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        Ok(private::replace(&directory, FILE, &bytes)?)
    }
}
