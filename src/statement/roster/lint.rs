//! What is allowed in a roster and still unwise. Must never repeat what `Roster::check` refuses anyway.

use super::{Material, MinFlags, PersonKind, Roster, Use};
use std::fmt::{self, Display, Formatter};

/// Warn so long before the roster or a key ends, in seconds.
const SOON: u64 = 7 * 24 * 3600;

/// Something to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A person without `human`: nobody can tell whether this is somebody twice.
    NoHuman {
        person: String,
    },
    /// Everybody may change the roster.
    EverybodyIsAdmin,
    /// One admin alone may change the roster.
    OneAdmin,
    /// A group has fewer people who can approve than a policy asks for.
    GroupTooSmall {
        group: String,
        people: u64,
        needed: u64,
    },
    /// A hardware key or passkey that need not show a PIN or fingerprint.
    Unverified {
        person: String,
        kid: String,
    },
    /// Nobody in the group has a key that counts for critical commands.
    NoHardware {
        group: String,
    },
    /// It ends soon, or has ended.
    RosterEnds {
        at: u64,
    },
    KeyEnds {
        person: String,
        kid: String,
        at: u64,
    },
    /// A revoked key that is still listed.
    RevokedKeyListed {
        person: String,
        kid: String,
    },
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Finding::NoHuman { person } => {
                write!(f, "{person} has no `human`: with one (a staff number) nobody can be listed twice")
            }
            Finding::EverybodyIsAdmin => f.write_str("everybody is an admin: two or three people are enough"),
            Finding::OneAdmin => f.write_str("one admin alone can change the roster: set the threshold to 2"),
            Finding::GroupTooSmall { group, people, needed } => {
                write!(f, "policy asks for {needed} of {group}, who are {people}; one of them may be asking")
            }
            Finding::Unverified { person, kid } => {
                write!(f, "{person}'s key {kid} need not ask for a PIN: set its min_flags to uv")
            }
            Finding::NoHardware { group } => write!(
                f,
                "nobody in {group} has a hardware key or passkey: critical commands cannot be approved by it"
            ),
            Finding::RosterEnds { at } => write!(f, "the roster ends at {at}: sign a new version"),
            Finding::KeyEnds { person, kid, at } => write!(f, "{person}'s key {kid} ends at {at}"),
            Finding::RevokedKeyListed { person, kid } => {
                write!(f, "{person}'s key {kid} is revoked and still listed: take it out")
            }
        }
    }
}

/// Looks through a roster; `needs` are the largest quorums of the policy by group.
pub fn lint(roster: &Roster, needs: &[(String, u64)], now: u64) -> Vec<Finding> {
    let mut found = Vec::new();
    let people = || roster.persons().iter().filter(|p| p.kind == PersonKind::Person);
    let without = people().filter(|p| p.human.is_none());
    found.extend(without.map(|p| Finding::NoHuman { person: p.id.clone() }));
    let admins = &roster.file.admins;
    if people().count() > 2 && people().all(|p| admins.persons.contains(&p.id)) {
        found.push(Finding::EverybodyIsAdmin);
    }
    if admins.threshold == 1 && people().count() > 1 {
        found.push(Finding::OneAdmin);
    }
    for (group, needed) in needs {
        groups(roster, group, *needed, now, &mut found);
    }
    if roster.expires() < now + SOON {
        found.push(Finding::RosterEnds { at: roster.expires() });
    }
    keys(roster, now, &mut found);
    found
}

fn groups(roster: &Roster, group: &str, needed: u64, now: u64, found: &mut Vec<Finding>) {
    let able = |id: &str| roster.keys_of(id).any(|k| k.may(Use::Approve) && !k.over(now));
    let members: Vec<_> = roster
        .persons()
        .iter()
        .filter(|p| p.kind == PersonKind::Person && roster.in_group(&p.id, group, now) && able(&p.id))
        .collect();
    let people = u64::try_from(members.len()).unwrap_or(u64::MAX);
    // The requester may be a member, and fills no seat.
    if people <= needed {
        found.push(Finding::GroupTooSmall { group: group.to_owned(), people, needed });
    }
    let hardware = |id: &str| roster.keys_of(id).any(|k| k.may(Use::Approve) && k.can_verify_user());
    if !members.iter().any(|p| hardware(&p.id)) {
        found.push(Finding::NoHardware { group: group.to_owned() });
    }
}

fn keys(roster: &Roster, now: u64, found: &mut Vec<Finding>) {
    for (place, key) in roster.keys.values() {
        let (person, kid) = (roster.file.persons[*place].id.clone(), key.kid.clone());
        let token = match &key.material {
            Material::Ssh(ssh) => ssh.is_hardware(),
            Material::Passkey { .. } => true,
            Material::Age(_) => false,
        };
        let verified = key.lacks(crate::keys::Flags { user_present: true, ..Default::default() });
        if token && key.may(Use::Approve) && verified != Some(MinFlags::Uv) {
            found.push(Finding::Unverified { person: person.clone(), kid: kid.clone() });
        }
        if roster.revoked(&kid, now).is_some() {
            found.push(Finding::RevokedKeyListed { person: person.clone(), kid: kid.clone() });
        }
        if let Some(at) = key.ends().filter(|at| *at < now + SOON) {
            found.push(Finding::KeyEnds { person, kid, at });
        }
    }
}
