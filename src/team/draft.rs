//! The next version of the roster while it is made: edited, then signed by one admin after the other, `team/draft.json` in
//! the state directory. Must never count for anything before `Roster::next` takes it.

use super::Team;
use super::error::TeamError;
use super::sign::signature;
use super::store::{DIRECTORY, LOCK};
use crate::keys::private::{self, FileError, Privacy};
use crate::keys::{SignError, Signer};
use crate::statement::roster::{LONGEST_LIFE, NotARoster, RosterFile};
use crate::statement::{Draft, Envelope, Hash, Kind, NotCanonical, Roster, canonical};
use crate::sys::directory::Directory;
use std::io::ErrorKind;
use std::path::Path;

const DRAFT: &str = "draft.json";

/// A roster that is not in force yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextRoster {
    file: RosterFile,
    signed: Option<Envelope>,
}

/// How far the signatures of a draft are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Standing {
    /// Enough admins signed: this is the next version.
    Complete(Envelope),
    /// More must sign: how many of this version's admins did, and how many must.
    Missing { version: u64, signed: u64, needed: u64 },
    /// It cannot follow.
    Not(NotARoster),
}

impl NextRoster {
    /// The version after a roster, nothing changed in it, living as long as the one before.
    pub fn after(roster: &Roster, now: u64) -> NextRoster {
        let before = roster.file();
        let life = (before.exp - before.iat).min(LONGEST_LIFE);
        // A clock that is behind the last admin's must not make a version that is older than the one before.
        let iat = now.max(before.iat);
        let file = RosterFile {
            version: before.version + 1,
            prev: Some(roster.digest()),
            iat,
            exp: iat + life,
            ..before.clone()
        };
        NextRoster { file, signed: None }
    }

    /// Another content; what was signed before does not count for it.
    pub fn of(file: RosterFile) -> NextRoster {
        NextRoster { file, signed: None }
    }

    pub fn file(&self) -> &RosterFile {
        &self.file
    }

    /// What has been signed so far.
    pub fn signed(&self) -> Option<&Envelope> {
        self.signed.as_ref()
    }

    /// Says everything that is wrong in it.
    pub fn check(&self) -> Result<Roster, Vec<String>> {
        let digest = Draft::of(&self.file).map_err(|error| vec![error.to_string()])?.digest();
        Roster::check(self.file.clone(), digest)
    }

    pub fn digest(&self) -> Result<Hash, NotCanonical> {
        Ok(Draft::of(&self.file)?.digest())
    }

    /// Whether it is the version after this roster.
    pub fn follows(&self, roster: &Roster) -> bool {
        self.file.prev == Some(roster.digest()) && self.file.version == roster.version() + 1
    }

    /// Reads a draft: an envelope, or the roster alone while nobody has signed.
    pub fn from_bytes(bytes: &[u8]) -> Option<NextRoster> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if let Ok(envelope) = Envelope::from_bytes(bytes) {
            if envelope.kind() != Some(Kind::Roster) {
                return None;
            }
            let file = canonical::parse(envelope.payload()).ok()?;
            return Some(NextRoster { file, signed: Some(envelope) });
        }
        Some(NextRoster { file: canonical::parse(bytes).ok()?, signed: None })
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        match &self.signed {
            Some(envelope) => Ok(envelope.to_bytes()),
            None => canonical::bytes(&self.file),
        }
    }

    /// Takes the signatures of a copy that another admin signed. Those that are here stay.
    pub fn join(&mut self, other: &NextRoster) {
        let (Some(theirs), true) = (&other.signed, self.file == other.file) else { return };
        match &mut self.signed {
            None => self.signed = Some(theirs.clone()),
            Some(ours) => {
                for (kid, signature) in theirs.claimed_keys().zip(theirs.signatures()) {
                    if !ours.claimed_keys().any(|own| own == kid) {
                        ours.add(signature.clone());
                    }
                }
            }
        }
    }

    /// Adds the signature of this person's key.
    pub fn sign(&mut self, signer: &Signer) -> Result<(), NotSigned> {
        let draft = Draft::of(&self.file).map_err(NotSigned::Draft)?;
        let signature = signature(&draft, signer).map_err(NotSigned::Key)?;
        match &mut self.signed {
            Some(envelope) => envelope.add(signature),
            None => self.signed = Some(draft.seal(signature)),
        }
        Ok(())
    }

    /// Whether it may follow `before` as it is signed now.
    pub fn standing(&self, before: &Roster) -> Standing {
        let Some(envelope) = &self.signed else {
            let needed = before.file().admins.threshold;
            return Standing::Missing { version: before.version(), signed: 0, needed };
        };
        match before.next(envelope) {
            Ok(_) => Standing::Complete(envelope.clone()),
            Err(NotARoster::Threshold { version, signed, needed }) => {
                Standing::Missing { version, signed, needed }
            }
            Err(
                why @ (NotARoster::Shape(_)
                | NotARoster::Content(_)
                | NotARoster::OtherRoot
                | NotARoster::Version { .. }
                | NotARoster::Prev
                | NotARoster::Team
                | NotARoster::Time),
            ) => Standing::Not(why),
        }
    }

    /// The draft on this machine.
    pub fn kept(state: &Path) -> Result<Option<NextRoster>, TeamError> {
        if !state.join(DIRECTORY).join(DRAFT).exists() {
            return Ok(None);
        }
        let directory = private::inside(&private::open_state(state)?, DIRECTORY)?;
        let bytes = private::read_whole(&directory, DRAFT, Privacy::Own)?.unwrap_or_default();
        let what = "it is no draft of a roster: `guard team discard` removes it";
        let damaged = TeamError::Damaged { path: directory.path().join(DRAFT), what };
        NextRoster::from_bytes(&bytes).map(Some).ok_or(damaged)
    }

    /// As `kept`; one that has become a version of the team is no draft any more.
    pub fn open(state: &Path, team: &Team) -> Result<Option<NextRoster>, TeamError> {
        let kept = NextRoster::kept(state)?;
        Ok(kept.filter(|draft| !team.chain().iter().any(|version| draft.digest() == Ok(version.digest()))))
    }

    pub fn keep(&self, state: &Path) -> Result<(), TeamError> {
        let directory = private::prepare_inside(&private::prepare_state(state)?, DIRECTORY)?;
        let _held = private::lock(&directory, LOCK)?;
        // A draft that has no canonical form was refused by `check`.
        Ok(private::replace(&directory, DRAFT, &self.to_bytes().unwrap_or_default())?)
    }

    /// Removes the draft; `false` where there was none.
    pub fn discard(state: &Path) -> Result<bool, TeamError> {
        if !state.join(DIRECTORY).join(DRAFT).exists() {
            return Ok(false);
        }
        let directory = private::inside(&private::open_state(state)?, DIRECTORY)?;
        let _held = private::lock(&directory, LOCK)?;
        remove(&directory)?;
        Ok(true)
    }
}

/// Why there is no signature.
#[derive(Debug)]
pub enum NotSigned {
    Draft(NotCanonical),
    Key(SignError),
}

pub(super) fn remove(directory: &Directory) -> Result<(), FileError> {
    match directory.remove_file(DRAFT) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(FileError::system(&directory.path().join(DRAFT), private::Doing::Write, error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
