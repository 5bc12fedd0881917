//! Roster versions to and from the relay: what this machine lacks is fetched and checked one by one, what the relay lacks is
//! given to it. Must never take a version on the relay's word, nor fetch on after one that does not follow.

use super::{Courier, Team, TeamError, Unreached};
use crate::statement::roster::{NotARoster, same_words, version_of};
use crate::statement::{Envelope, Roster};

/// Versions that are fetched in one go; a relay may claim any number.
const MOST: u64 = 10_000;

/// What was exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synced {
    pub fetched: u64,
    pub sent: u64,
}

/// Why the versions were not exchanged.
#[derive(Debug)]
#[must_use]
pub enum NotSynced {
    Relay(Unreached),
    Team(TeamError),
}

impl From<Unreached> for NotSynced {
    fn from(error: Unreached) -> NotSynced {
        NotSynced::Relay(error)
    }
}

impl From<TeamError> for NotSynced {
    fn from(error: TeamError) -> NotSynced {
        NotSynced::Team(error)
    }
}

impl From<NotARoster> for NotSynced {
    fn from(error: NotARoster) -> NotSynced {
        NotSynced::Team(error.into())
    }
}

/// Brings this machine and the relay to the same version.
pub fn sync(team: &mut Team, courier: &Courier<'_>) -> Result<Synced, NotSynced> {
    let newest = courier.roster()?;
    let theirs = version_of(&newest).ok_or(NotARoster::Shape("the relay's is unreadable".into()))?;
    let mut done = Synced { fetched: 0, sent: 0 };
    let ours = team.roster().version();
    for version in ours + 1..=theirs.min(ours + MOST) {
        team.advance(courier.roster_version(version)?)?;
        done.fetched += 1;
    }
    let same = |e: &&Envelope| version_of(e) == Some(theirs);
    if team.chain().iter().find(same).is_some_and(|own| own.digest() != newest.digest()) {
        // Two admins published one version number: whose counts is for people to say.
        return Err(NotARoster::Prev.into());
    }
    // The relay may have been away when a version was signed.
    for envelope in team.chain().iter().filter(|e| version_of(e).is_some_and(|v| v > theirs)) {
        courier.put_roster(envelope)?;
        done.sent += 1;
    }
    Ok(done)
}

/// Takes the versions after this machine's from a file of versions; how many.
pub fn take(team: &mut Team, versions: &[Envelope]) -> Result<u64, TeamError> {
    let mut taken = 0;
    for envelope in versions {
        if version_of(envelope).is_some_and(|version| version <= team.roster().version()) {
            continue;
        }
        team.advance(envelope.clone())?;
        taken += 1;
    }
    Ok(taken)
}

/// Every version that the relay has, from the first, which must have these words; each must follow from the one before.
pub fn fetch(courier: &Courier<'_>, words: &str) -> Result<Vec<Envelope>, NotSynced> {
    let newest = courier.roster()?;
    let last = version_of(&newest).ok_or(NotARoster::Shape("the relay's is unreadable".into()))?;
    let first = courier.roster_version(1)?;
    if !same_words(&first.digest(), words) {
        return Err(TeamError::OtherWords.into());
    }
    let mut roster = Roster::root(&first)?;
    let mut chain = vec![first];
    for version in 2..=last.min(MOST) {
        let next = courier.roster_version(version)?;
        roster = roster.next(&next)?;
        chain.push(next);
    }
    Ok(chain)
}
