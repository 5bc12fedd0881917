//! `team/` in the state directory: `team.json` pins the first roster's digest and the way to the relay, `rosters.jsonl` has
//! every version from the first to the newest, one envelope a line. Each use checks the whole chain again.

use super::error::TeamError;
use crate::keys::private::{self, Privacy};
use crate::statement::canonical;
use crate::statement::roster::{chain, same_words};
use crate::statement::{Envelope, Hash, Roster};
use crate::sys::directory::Directory;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub(super) const DIRECTORY: &str = "team";
pub(super) const LOCK: &str = "LOCK";
const PIN: &str = "team.json";
const ROSTERS: &str = "rosters.jsonl";
/// Versions that a chain may have; a year of daily ones is less.
const MOST: usize = 10_000;

/// How the relay is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// `https://…`, or `http://` on loopback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// A file with certificates of authorities that vouch for the relay, beside the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Pin {
    v: u64,
    team: String,
    root: Hash,
    way: Way,
}

/// The team that this machine is in.
#[derive(Debug)]
pub struct Team {
    directory: PathBuf,
    pin: Pin,
    chain: Vec<Envelope>,
    roster: Roster,
}

impl Team {
    /// The team, if there is one; creates nothing.
    pub fn existing(state: &Path) -> Result<Option<Team>, TeamError> {
        let path = state.join(DIRECTORY);
        if !path.join(PIN).exists() {
            return Ok(None);
        }
        let directory = private::inside(&private::open_state(state)?, DIRECTORY)?;
        read(&directory).map(Some)
    }

    /// Joins with a chain of rosters whose first has these six words.
    pub fn join(state: &Path, words: &str, chain: Vec<Envelope>, way: Way) -> Result<Team, TeamError> {
        let first = chain.first().map(Envelope::digest).filter(|digest| same_words(digest, words));
        let root = first.ok_or(TeamError::OtherWords)?;
        Team::pin(state, root, chain, way)
    }

    /// Founds a team on this machine: the first roster was made here.
    pub fn found(state: &Path, first: Envelope, way: Way) -> Result<Team, TeamError> {
        let root = first.digest();
        Team::pin(state, root, vec![first], way)
    }

    fn pin(state: &Path, root: Hash, envelopes: Vec<Envelope>, way: Way) -> Result<Team, TeamError> {
        let directory = private::prepare_inside(&private::prepare_state(state)?, DIRECTORY)?;
        let _held = private::lock(&directory, LOCK)?;
        if directory.path().join(PIN).exists() {
            return Err(TeamError::Joined { team: read(&directory)?.pin.team });
        }
        let roster = chain(root, &envelopes)?;
        let pin = Pin { v: 1, team: roster.team().to_owned(), root, way };
        private::replace(&directory, ROSTERS, &lines(&envelopes))?;
        private::replace(&directory, PIN, &spelled(&pin))?;
        Ok(Team { directory: directory.path().to_owned(), pin, chain: envelopes, roster })
    }

    /// Forgets the team. What was spent and seen stays.
    pub fn leave(state: &Path) -> Result<bool, TeamError> {
        if Team::existing(state).is_ok_and(|team| team.is_none()) {
            return Ok(false);
        }
        let directory = private::inside(&private::open_state(state)?, DIRECTORY)?;
        let _held = private::lock(&directory, LOCK)?;
        private::destroy(&directory, PIN)?;
        private::destroy(&directory, ROSTERS)?;
        super::draft::remove(&directory)?;
        Ok(true)
    }

    pub fn name(&self) -> &str {
        &self.pin.team
    }

    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    pub fn way(&self) -> &Way {
        &self.pin.way
    }

    /// Digest of the first roster, which everything rests on.
    pub fn root(&self) -> Hash {
        self.pin.root
    }

    /// Every version, the first one first.
    pub fn chain(&self) -> &[Envelope] {
        &self.chain
    }

    /// The newest version as it was signed.
    pub fn newest(&self) -> Option<&Envelope> {
        self.chain.last()
    }

    /// Takes the next version, durably.
    pub fn advance(&mut self, next: Envelope) -> Result<(), TeamError> {
        let directory = self.open()?;
        let _held = private::lock(&directory, LOCK)?;
        // Another process may have been faster.
        let fresh = read(&directory)?;
        (self.chain, self.roster) = (fresh.chain, fresh.roster);
        if self.roster.digest() == next.digest() {
            return Ok(());
        }
        let roster = self.roster.next(&next)?;
        self.chain.push(next);
        private::replace(&directory, ROSTERS, &lines(&self.chain))?;
        self.roster = roster;
        Ok(())
    }

    /// Another way to the relay.
    pub fn set_way(&mut self, way: Way) -> Result<(), TeamError> {
        let directory = self.open()?;
        let _held = private::lock(&directory, LOCK)?;
        self.pin.way = way;
        Ok(private::replace(&directory, PIN, &spelled(&self.pin))?)
    }

    fn open(&self) -> Result<Directory, TeamError> {
        let state = self.directory.parent().unwrap_or(&self.directory);
        Ok(private::inside(&private::open_state(state)?, DIRECTORY)?)
    }
}

fn read(directory: &Directory) -> Result<Team, TeamError> {
    let damaged = |name: &str, what| TeamError::Damaged { path: directory.path().join(name), what };
    let pin = private::read_small(directory, PIN, Privacy::Own)?.unwrap_or_default();
    let pin: Pin = canonical::parse(pin.strip_suffix(b"\n").unwrap_or(&pin))
        .map_err(|_| damaged(PIN, "it does not say which team"))?;
    let path = directory.path().join(ROSTERS);
    let bytes = private::read_whole(directory, ROSTERS, Privacy::Own)?.unwrap_or_default();
    let mut envelopes = Vec::new();
    for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()).take(MOST) {
        let envelope = Envelope::from_bytes(line);
        envelopes.push(envelope.map_err(|_| damaged(ROSTERS, "a line is no roster"))?);
    }
    let roster = chain(pin.root, &envelopes);
    let roster =
        roster.map_err(|_| TeamError::Damaged { path, what: "its versions do not follow each other" })?;
    if roster.team() != pin.team {
        return Err(damaged(PIN, "it names another team than the roster"));
    }
    Ok(Team { directory: directory.path().to_owned(), pin, chain: envelopes, roster })
}

fn lines(envelopes: &[Envelope]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for envelope in envelopes {
        bytes.extend_from_slice(&envelope.to_bytes());
        bytes.push(b'\n');
    }
    bytes
}

fn spelled(pin: &Pin) -> Vec<u8> {
    // Strings and a number 1: nothing that has no canonical form.
    let mut bytes = canonical::bytes(pin).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
