//! The newest head of each requester's audit log that this person's client has seen. A log that went back, or has
//! another head at the same size, was changed.

use super::error::TeamError;
use super::store::{DIRECTORY, LOCK};
use crate::keys::private::{self, Privacy};
use crate::statement::{Chain, canonical};
use std::collections::BTreeMap;
use std::path::Path;

const HEADS: &str = "heads.json";

/// How a head compares with the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Seen {
    /// The first of this person, the same, or a later one; kept now.
    Fine,
    /// The log was longer before.
    WentBack { had: u64, has: u64 },
    /// The log had another head at this size.
    Changed { size: u64 },
}

/// Compares the head of `person`'s log with the last one seen, and keeps it.
pub fn see(state: &Path, person: &str, chain: &Chain) -> Result<Seen, TeamError> {
    let directory = private::prepare_inside(&private::prepare_state(state)?, DIRECTORY)?;
    let _held = private::lock(&directory, LOCK)?;
    let bytes = private::read_whole(&directory, HEADS, Privacy::Own)?;
    let mut heads: BTreeMap<String, Chain> = match bytes {
        None => BTreeMap::new(),
        Some(bytes) => canonical::parse(&bytes).map_err(|_| TeamError::Damaged {
            path: directory.path().join(HEADS),
            what: "it does not list heads of audit logs",
        })?,
    };
    match heads.get(person) {
        Some(last) if last.seq > chain.seq => return Ok(Seen::WentBack { had: last.seq, has: chain.seq }),
        Some(last) if last.seq == chain.seq && last.head != chain.head => {
            return Ok(Seen::Changed { size: chain.seq });
        }
        Some(last) if last == chain => return Ok(Seen::Fine),
        Some(_) | None => {}
    }
    heads.insert(person.to_owned(), chain.clone());
    let bytes = canonical::bytes(&heads).unwrap_or_default();
    private::replace(&directory, HEADS, &bytes)?;
    Ok(Seen::Fine)
}
