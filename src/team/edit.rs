//! Changes to a roster before it is signed: people, groups, keys, admins, shifts, surfaces. Pure. Must never change more
//! than was named; whether the whole is sound is `Roster::check`'s to say.

use crate::keys::SshPublicKey;
use crate::statement::roster::{
    KeyKind, KeyLine, MinFlags, Oidc, Person, PersonKind, Revocation, RosterFile, Schedule, Shift, Use,
};
use crate::statement::{Severity, Surface};
use crate::text::show_line;
use std::fmt::{self, Display, Formatter};

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    NoPerson(String),
    PersonIsThere(String),
    NoGroup {
        person: String,
        group: String,
    },
    GroupIsThere {
        person: String,
        group: String,
    },
    /// No key of this person begins so, or several do.
    NoKey {
        person: String,
        kid: String,
        several: bool,
    },
    KeyIsThere {
        person: String,
        kid: String,
    },
    Revoked {
        kid: String,
    },
    /// An admin needs an SSH key that may sign rosters.
    NoSigningKey(String),
    AdminIsThere(String),
    NoAdmin(String),
    NoShift {
        group: String,
        person: String,
    },
    /// A shift that ends before it begins.
    Shift,
}

impl Display for EditError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let show = |text: &str| show_line(text, 80);
        match self {
            EditError::NoPerson(id) => write!(f, "{} is not in the roster", show(id)),
            EditError::PersonIsThere(id) => write!(f, "{} is in the roster already", show(id)),
            EditError::NoGroup { person, group } => {
                write!(f, "{} is not in the group {}", show(person), show(group))
            }
            EditError::GroupIsThere { person, group } => {
                write!(f, "{} is in the group {} already", show(person), show(group))
            }
            EditError::NoKey { person, kid, several: false } => {
                write!(f, "{} has no key {}", show(person), show(kid))
            }
            EditError::NoKey { person, kid, several: true } => {
                write!(f, "several keys of {} begin with {}", show(person), show(kid))
            }
            EditError::KeyIsThere { person, kid } => {
                write!(f, "{} is in the roster already: {}'s", show(kid), show(person))
            }
            EditError::Revoked { kid } => write!(f, "{} was revoked", show(kid)),
            EditError::NoSigningKey(id) => write!(f, "{} has no SSH key that could sign a roster", show(id)),
            EditError::AdminIsThere(id) => write!(f, "{} is an admin already", show(id)),
            EditError::NoAdmin(id) => write!(f, "{} is no admin", show(id)),
            EditError::NoShift { group, person } => {
                write!(f, "{} has no such shift in {}", show(person), show(group))
            }
            EditError::Shift => f.write_str("the shift ends before it begins"),
        }
    }
}

impl EditError {
    /// The next step for a person.
    pub fn hint(&self) -> &'static str {
        match self {
            EditError::NoPerson(_) | EditError::NoGroup { .. } | EditError::NoAdmin(_) => {
                "`guard team show` lists who is in the team, `guard team diff` what the draft changes"
            }
            EditError::NoKey { .. } | EditError::NoShift { .. } => {
                "`guard team show --json` lists keys and shifts"
            }
            EditError::PersonIsThere(_) => "`guard team key add` and `guard team group add` change a person",
            EditError::GroupIsThere { .. } | EditError::AdminIsThere(_) | EditError::KeyIsThere { .. } => {
                "nothing was changed"
            }
            EditError::Revoked { .. } => "a revoked key never comes back: make a new one",
            EditError::NoSigningKey(_) => "`guard team key add PERSON KEY --use roster` gives one",
            EditError::Shift => "--from is the earlier moment, --to the later",
        }
    }
}

/// The key as the roster lists it.
pub fn key_line(key: &SshPublicKey, uses: &[Use], min_flags: Option<MinFlags>, exp: Option<u64>) -> KeyLine {
    KeyLine {
        kid: key.fingerprint(),
        kind: KeyKind::Ssh,
        public: Some(key.to_line()),
        cose: None,
        credential: None,
        rp: None,
        origins: Vec::new(),
        uses: uses.to_vec(),
        min_flags,
        nbf: None,
        exp,
    }
}

fn person_mut<'a>(file: &'a mut RosterFile, id: &str) -> Result<&'a mut Person, EditError> {
    file.persons.iter_mut().find(|p| p.id == id).ok_or_else(|| EditError::NoPerson(id.to_owned()))
}

fn fresh_key(file: &RosterFile, kid: &str) -> Result<(), EditError> {
    if file.revoked.iter().any(|r| r.kid == kid) {
        return Err(EditError::Revoked { kid: kid.to_owned() });
    }
    let owner = file.persons.iter().find(|p| p.keys.iter().any(|k| k.kid == kid));
    owner.map_or(Ok(()), |p| Err(EditError::KeyIsThere { person: p.id.clone(), kid: kid.to_owned() }))
}

/// Adds a person or workload.
pub fn add_person(file: &mut RosterFile, person: Person) -> Result<(), EditError> {
    if file.persons.iter().any(|p| p.id == person.id) {
        return Err(EditError::PersonIsThere(person.id));
    }
    person.keys.iter().try_for_each(|key| fresh_key(file, &key.kid))?;
    file.persons.push(person);
    Ok(())
}

/// Takes a person out, with their shifts and their place among the admins.
pub fn remove_person(file: &mut RosterFile, id: &str) -> Result<(), EditError> {
    person_mut(file, id)?;
    file.persons.retain(|p| p.id != id);
    file.admins.persons.retain(|a| a != id);
    for schedule in &mut file.schedules {
        schedule.entries.retain(|shift| shift.person != id);
    }
    file.schedules.retain(|s| !s.entries.is_empty());
    Ok(())
}

pub fn add_group(file: &mut RosterFile, id: &str, group: &str) -> Result<(), EditError> {
    let person = person_mut(file, id)?;
    if person.groups.iter().any(|g| g == group) {
        return Err(EditError::GroupIsThere { person: id.to_owned(), group: group.to_owned() });
    }
    person.groups.push(group.to_owned());
    Ok(())
}

pub fn remove_group(file: &mut RosterFile, id: &str, group: &str) -> Result<(), EditError> {
    let person = person_mut(file, id)?;
    let before = person.groups.len();
    person.groups.retain(|g| g != group);
    if person.groups.len() == before {
        return Err(EditError::NoGroup { person: id.to_owned(), group: group.to_owned() });
    }
    Ok(())
}

pub fn add_key(file: &mut RosterFile, id: &str, line: KeyLine) -> Result<(), EditError> {
    person_mut(file, id)?;
    fresh_key(file, &line.kid)?;
    person_mut(file, id)?.keys.push(line);
    Ok(())
}

/// Takes a key out and notes from when on it does not count; also one that is listed no more, by its whole id.
pub fn revoke_key(
    file: &mut RosterFile,
    id: &str,
    kid: &str,
    from: u64,
    why: &str,
) -> Result<String, EditError> {
    let person = person_mut(file, id)?;
    let begins = |whole: &str| {
        whole.starts_with(kid) || whole.strip_prefix("SHA256:").is_some_and(|r| r.starts_with(kid))
    };
    let found: Vec<String> = person.keys.iter().map(|k| k.kid.clone()).filter(|k| begins(k)).collect();
    let [whole] = &found[..] else {
        let several = found.len() > 1;
        return Err(EditError::NoKey { person: id.to_owned(), kid: kid.to_owned(), several });
    };
    person.keys.retain(|k| k.kid != *whole);
    file.revoked.push(Revocation { kid: whole.clone(), from, why: why.to_owned() });
    Ok(whole.clone())
}

/// Makes a person an admin: their SSH keys that decide may sign rosters from then on.
pub fn add_admin(file: &mut RosterFile, id: &str) -> Result<(), EditError> {
    if file.admins.persons.iter().any(|a| a == id) {
        return Err(EditError::AdminIsThere(id.to_owned()));
    }
    let person = person_mut(file, id)?;
    if person.kind == PersonKind::Workload {
        return Err(EditError::NoSigningKey(id.to_owned()));
    }
    let decides = |key: &&mut KeyLine| {
        key.kind == KeyKind::Ssh && key.uses.iter().any(|u| matches!(u, Use::Approve | Use::Roster))
    };
    let mut able = false;
    for key in person.keys.iter_mut().filter(decides) {
        able = true;
        if !key.uses.contains(&Use::Roster) {
            key.uses.push(Use::Roster);
        }
    }
    if !able {
        return Err(EditError::NoSigningKey(id.to_owned()));
    }
    file.admins.persons.push(id.to_owned());
    Ok(())
}

/// Makes an admin an ordinary person: their keys sign no rosters any more.
pub fn remove_admin(file: &mut RosterFile, id: &str) -> Result<(), EditError> {
    if !file.admins.persons.iter().any(|a| a == id) {
        return Err(EditError::NoAdmin(id.to_owned()));
    }
    file.admins.persons.retain(|a| a != id);
    for key in &mut person_mut(file, id)?.keys {
        key.uses.retain(|u| *u != Use::Roster);
    }
    // A key that could do nothing else has nothing left to do.
    person_mut(file, id)?.keys.retain(|key| !key.uses.is_empty());
    Ok(())
}

/// Puts a person on a shift.
pub fn add_shift(
    file: &mut RosterFile,
    group: &str,
    person: &str,
    from: u64,
    to: u64,
) -> Result<(), EditError> {
    if from >= to {
        return Err(EditError::Shift);
    }
    person_mut(file, person)?;
    let shift = Shift { person: person.to_owned(), from, to };
    match file.schedules.iter_mut().find(|s| s.group == group) {
        Some(schedule) => {
            schedule.entries.push(shift);
            schedule.entries.sort_by_key(|s| (s.from, s.to));
        }
        None => file.schedules.push(Schedule { group: group.to_owned(), entries: vec![shift] }),
    }
    Ok(())
}

/// Takes a person's shifts in a group away: all, or the one that begins then.
pub fn remove_shifts(
    file: &mut RosterFile,
    group: &str,
    person: &str,
    from: Option<u64>,
) -> Result<(), EditError> {
    let mut found = false;
    for schedule in file.schedules.iter_mut().filter(|s| s.group == group) {
        schedule.entries.retain(|shift| {
            let this = shift.person == person && from.is_none_or(|from| shift.from == from);
            found |= this;
            !this
        });
    }
    file.schedules.retain(|s| !s.entries.is_empty());
    if found {
        Ok(())
    } else {
        Err(EditError::NoShift { group: group.to_owned(), person: person.to_owned() })
    }
}

/// Forgets shifts that are over.
pub fn drop_past_shifts(file: &mut RosterFile, now: u64) {
    for schedule in &mut file.schedules {
        schedule.entries.retain(|shift| shift.to > now);
    }
    file.schedules.retain(|s| !s.entries.is_empty());
}

/// Where may be decided at a severity; nothing given: the default again.
pub fn set_surfaces(file: &mut RosterFile, severity: Severity, surfaces: &[Surface]) {
    if surfaces.is_empty() {
        file.surfaces.remove(&severity);
    } else {
        let mut listed = surfaces.to_vec();
        listed.sort_unstable();
        listed.dedup();
        file.surfaces.insert(severity, listed);
    }
}

/// A workload's identity by its issuer.
pub fn workload(id: &str, issuer: &str, subject: &str) -> Person {
    Person {
        id: id.to_owned(),
        kind: PersonKind::Workload,
        oidc: Some(Oidc { iss: issuer.to_owned(), sub: subject.to_owned() }),
        ..Person::default()
    }
}
