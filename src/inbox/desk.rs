//! Who decides here: the person of the roster that this machine's key belongs to, and the team as this machine knows it.
//! Must never go back to an older roster, nor let a key decide that the newest one does not have.

use super::Trouble;
use super::own::Own;
use crate::keys::{Identity, Signer};
use crate::settings::Dirs;
use crate::statement::roster::{PersonKind, Use};
use crate::statement::{Hash, Roster, RosterFile, read};
use crate::sys::clock;
use crate::team::{Apart, Courier, Team};
use std::path::PathBuf;

/// Versions that are fetched one after the other; a year of daily ones is less.
const MOST_VERSIONS: u64 = 1000;

/// The approver, and what they know of the team.
#[derive(Debug)]
pub struct Desk {
    pub(super) state: PathBuf,
    team: Team,
    person: String,
    kid: String,
    /// Whether this key can show a PIN or fingerprint.
    verifies_user: bool,
    /// Digest of this machine's own policy, where there is one.
    own_policy: Option<Hash>,
    /// How far the relay's clock is apart, by its own word.
    pub(super) apart: Option<Apart>,
    /// What this machine's rules and policy would ask for.
    rules: Own,
}

impl Desk {
    /// Opens the team and the key; makes no key.
    pub fn open(dirs: &Dirs) -> Result<(Desk, Signer), Trouble> {
        let team = Team::existing(&dirs.state)?.ok_or(Trouble::NoTeam)?;
        let identity = Identity::existing(&dirs.state)?;
        let Some(identity) = identity else { return Err(Trouble::NotInRoster("(none yet)".into())) };
        let public = identity.public();
        let (kid, verifies_user) = (public.fingerprint(), public.is_hardware());
        let mut desk = Desk {
            state: dirs.state.clone(),
            team,
            person: String::new(),
            kid,
            verifies_user,
            own_policy: crate::team::policy_digest(dirs),
            apart: None,
            rules: Own::new(dirs),
        };
        // A roster that is not here yet may have the key.
        let _ = desk.recognise();
        Ok((desk, identity.signer()?))
    }

    /// Fetches what the relay has that is newer, version by version, each proved by the one before.
    pub fn update(&mut self, courier: &Courier<'_>) -> Result<(), Trouble> {
        let newest = courier.roster()?;
        let version = read::<RosterFile>(newest.payload()).map_or(0, |file| file.version);
        let here = self.team.roster().version();
        for between in (here + 1..version).take(usize::try_from(MOST_VERSIONS).unwrap_or(0)) {
            self.team.advance(courier.roster_version(between)?)?;
        }
        if version > here {
            self.team.advance(newest)?;
        }
        self.recognise()
    }

    /// Finds the person whose key this is, in the newest roster.
    pub fn recognise(&mut self) -> Result<(), Trouble> {
        let roster = self.team.roster();
        let lacking = || Trouble::NotInRoster(self.kid.clone());
        let (person, key) = roster.key(&self.kid).ok_or_else(lacking)?;
        if person.kind != PersonKind::Person || !key.may(Use::Approve) {
            return Err(lacking());
        }
        if now() >= roster.expires() {
            return Err(Trouble::RosterOver);
        }
        self.person = person.id.clone();
        Ok(())
    }

    pub fn team(&self) -> &Team {
        &self.team
    }

    pub fn roster(&self) -> &Roster {
        self.team.roster()
    }

    /// The person's id in the roster.
    pub fn person(&self) -> &str {
        &self.person
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub fn verifies_user(&self) -> bool {
        self.verifies_user
    }

    pub(super) fn rules(&self) -> &Own {
        &self.rules
    }

    pub fn own_policy(&self) -> Option<Hash> {
        self.own_policy
    }
}

/// Seconds since 1970 by this machine's clock.
pub(super) fn now() -> u64 {
    clock::real_micros() / 1_000_000
}
