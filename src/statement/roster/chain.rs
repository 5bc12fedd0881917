//! One roster after another: who signed the next version. Must never go back, skip a version, or take a new one
//! that the old admins did not sign.

use super::super::envelope::Envelope;
use super::super::open::check_signature;
use super::super::scalar::Hash;
use super::super::{Kind, canonical};
use super::{Roster, RosterFile, Use};
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

/// Why an envelope is not the next roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotARoster {
    /// Another kind of statement, or none.
    Shape(String),
    /// What is wrong in it, one line each.
    Content(Vec<String>),
    /// Its digest is not the one that was pinned.
    OtherRoot,
    /// Not the version that follows.
    Version { have: u64, offered: u64 },
    /// It follows another roster than the one at hand.
    Prev,
    /// It is for another team.
    Team,
    /// It is older than the one before.
    Time,
    /// Too few admins signed: how many of which version's did, and how many must.
    Threshold { version: u64, signed: u64, needed: u64 },
}

impl Display for NotARoster {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            NotARoster::Shape(words) => write!(f, "this is no roster: {words}"),
            NotARoster::Content(lines) => write!(f, "the roster is not sound: {}", lines.join("; ")),
            NotARoster::OtherRoot => f.write_str("the first roster is not the one whose words you gave"),
            NotARoster::Version { have, offered } => {
                write!(f, "version {offered} does not follow version {have}")
            }
            NotARoster::Prev => f.write_str("it follows another roster than the one on this machine"),
            NotARoster::Team => f.write_str("it is another team's roster"),
            NotARoster::Time => f.write_str("it was made before the version that it follows"),
            NotARoster::Threshold { version, signed, needed } => {
                write!(f, "{signed} of the {needed} admins of version {version} that must sign have signed")
            }
        }
    }
}

impl Roster {
    /// The first version, signed by enough of its own admins. Trust comes from its digest: compare
    /// `fingerprint_words` with what a teammate says.
    pub fn root(envelope: &Envelope) -> Result<Roster, NotARoster> {
        let roster = read(envelope)?;
        if roster.version() != 1 {
            return Err(NotARoster::Version { have: 0, offered: roster.version() });
        }
        roster.signed(envelope, &roster)?;
        Ok(roster)
    }

    /// The version after this one.
    pub fn next(&self, envelope: &Envelope) -> Result<Roster, NotARoster> {
        let new = read(envelope)?;
        if new.team() != self.team() {
            return Err(NotARoster::Team);
        }
        if new.version() != self.version() + 1 {
            return Err(NotARoster::Version { have: self.version(), offered: new.version() });
        }
        if new.file.prev != Some(self.digest) {
            return Err(NotARoster::Prev);
        }
        if new.file.iat < self.file.iat {
            return Err(NotARoster::Time);
        }
        self.signed(envelope, &new)?;
        if new.file.admins != self.file.admins {
            new.signed(envelope, &new)?;
        }
        Ok(new)
    }

    /// How many of this roster's admins signed `new` with keys that count in this roster, and how many must.
    pub fn signatures(&self, envelope: &Envelope, made: u64) -> (u64, u64) {
        let signers = self.signers(envelope, made);
        (u64::try_from(signers.len()).unwrap_or(u64::MAX), self.file.admins.threshold)
    }

    fn signed(&self, envelope: &Envelope, new: &Roster) -> Result<(), NotARoster> {
        let signers = self.signers(envelope, new.file.iat);
        if self.enough(&signers) {
            return Ok(());
        }
        let signed = u64::try_from(signers.len()).unwrap_or(u64::MAX);
        Err(NotARoster::Threshold { version: self.version(), signed, needed: self.file.admins.threshold })
    }

    fn signers(&self, envelope: &Envelope, made: u64) -> BTreeSet<&str> {
        let (pae, mut signers) = (envelope.pae(), BTreeSet::new());
        for signature in envelope.signatures() {
            let Some((person, key)) = self.key(&signature.keyid) else { continue };
            let counts = key.may(Use::Roster)
                && key.begun(made)
                && !key.over(made)
                && self.revoked(key.kid(), made).is_none();
            let admin = self.file.admins.persons.contains(&person.id);
            let flags = check_signature(key, Kind::Roster, self.team(), &pae, signature);
            if admin && counts && flags.is_ok_and(|flags| key.lacks(flags).is_none()) {
                signers.insert(person.id.as_str());
            }
        }
        signers
    }
}

/// The newest of a chain of versions that begins with the root of this digest.
pub fn chain(root: Hash, envelopes: &[Envelope]) -> Result<Roster, NotARoster> {
    let (first, rest) = envelopes.split_first().ok_or_else(|| NotARoster::Shape("nothing".to_owned()))?;
    if first.digest() != root {
        return Err(NotARoster::OtherRoot);
    }
    rest.iter().try_fold(Roster::root(first)?, |roster, envelope| roster.next(envelope))
}

/// Signatures that are nobody's, by place in the chain from 1, with the key that they name: made by no key that its own version
/// or the one before has. A chain holds without them when enough others signed.
pub fn unproved(envelopes: &[Envelope]) -> Vec<(usize, String)> {
    let rosters: Vec<Option<Roster>> = envelopes.iter().map(|envelope| read(envelope).ok()).collect();
    let mut found = Vec::new();
    for (at, envelope) in envelopes.iter().enumerate() {
        let pae = envelope.pae();
        let known = [rosters.get(at), at.checked_sub(1).and_then(|before| rosters.get(before))];
        for signature in envelope.signatures() {
            let made_by = |roster: &Roster| {
                let key = roster.key(&signature.keyid).map(|(_, key)| key).filter(|key| key.may(Use::Roster));
                key.is_some_and(|key| {
                    check_signature(key, Kind::Roster, roster.team(), &pae, signature).is_ok()
                })
            };
            if !known.into_iter().flatten().flatten().any(made_by) {
                found.push((at + 1, signature.keyid.clone()));
            }
        }
    }
    found
}

/// The version that an envelope claims to be: which ones to fetch before it. Proves nothing.
pub fn version_of(envelope: &Envelope) -> Option<u64> {
    canonical::parse::<RosterFile>(envelope.payload()).ok().map(|file| file.version)
}

fn read(envelope: &Envelope) -> Result<Roster, NotARoster> {
    if envelope.kind() != Some(Kind::Roster) {
        return Err(NotARoster::Shape("it says it is something else".to_owned()));
    }
    let file: RosterFile =
        canonical::parse(envelope.payload()).map_err(|e| NotARoster::Shape(e.to_string()))?;
    Roster::check(file, envelope.digest()).map_err(NotARoster::Content)
}
