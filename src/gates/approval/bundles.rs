//! The proofs that are kept on this machine, `team/bundles/`, read again: for lists, and for the log's readers. Must never
//! create anything, nor be what a decision rests on.

use super::kept::{BUNDLES, TEAM};
use crate::keys::private::{self, Privacy};
use crate::settings::Dirs;
use crate::statement::{Bundle, Hash, Outcome, Receipt, Roster, open, read};
use crate::sys::directory::Directory;
use std::time::{Duration, UNIX_EPOCH};

const END: &str = ".bundle.json";

/// A use of a ticket that did not come about: something differed from what was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drifted {
    /// Digest of the ticket.
    pub ticket: Hash,
    /// Seconds since 1970.
    pub at: u64,
    pub what: Vec<String>,
}

/// The proof of one request; `None` where this machine has none that can be read.
pub fn bundle(dirs: &Dirs, request: &Hash) -> Option<Bundle> {
    read_one(&directory(dirs)?, &format!("{}{END}", request.hex()))
}

/// The uses of tickets that ended in drift on this machine after `since`, oldest first, by receipts that hold.
pub fn drifted(dirs: &Dirs, roster: &Roster, since: u64) -> Vec<Drifted> {
    let Some(directory) = directory(dirs) else { return Vec::new() };
    let names = directory.names().unwrap_or_default();
    let new = |name: &String| {
        let written = std::fs::metadata(directory.path().join(name)).and_then(|meta| meta.modified());
        name.ends_with(END) && written.is_ok_and(|at| at >= UNIX_EPOCH + Duration::from_secs(since))
    };
    let bundles = names.iter().filter(|name| new(name)).filter_map(|name| read_one(&directory, name));
    let mut drifts: Vec<Drifted> = bundles.filter_map(|bundle| drift(&bundle, roster)).collect();
    drifts.sort_by_key(|drift| drift.at);
    drifts
}

fn drift(bundle: &Bundle, roster: &Roster) -> Option<Drifted> {
    let ticket = bundle.ticket.as_ref()?.digest();
    let made = read::<Receipt>(bundle.receipt.payload()).ok()?.iat;
    let receipt = open::<Receipt>(&bundle.receipt, roster, made).ok()?.into_statement();
    (receipt.outcome == Outcome::Drift).then_some(Drifted { ticket, at: receipt.iat, what: receipt.drift })
}

fn directory(dirs: &Dirs) -> Option<Directory> {
    let team = private::inside(&private::open_state(&dirs.state).ok()?, TEAM).ok()?;
    private::inside(&team, BUNDLES).ok()
}

fn read_one(directory: &Directory, name: &str) -> Option<Bundle> {
    let bytes = private::read_whole(directory, name, Privacy::Own).ok()??;
    Bundle::from_bytes(&bytes).ok()
}
