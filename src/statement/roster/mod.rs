//! The team: which keys belong to whom, who is in which group when, and who may change that. Must never load
//! a roster in which one human could fill two seats.

mod chain;
mod key;
mod lint;
mod shape;
#[cfg(test)]
mod tests;
mod words;

pub use chain::{NotARoster, chain, unproved, version_of};
pub use key::{Key, Material, is_local};
pub use lint::{Finding, lint};
pub use shape::{
    Admins, KeyKind, KeyLine, MinFlags, Oidc, Person, PersonKind, Relay, Revocation, RosterFile, Schedule,
    Shift, Use,
};
pub use words::{fingerprint_words, same_words};

use super::approval::Surface;
use super::request::{RosterRef, Severity};
use super::scalar::Hash;
use std::collections::{BTreeMap, BTreeSet};

/// Longest life of a roster, in seconds.
pub const LONGEST_LIFE: u64 = 30 * 24 * 3600;

/// A checked roster.
#[derive(Clone, Debug)]
pub struct Roster {
    file: RosterFile,
    digest: Hash,
    /// By key id: place in `file.persons`, and the key.
    keys: BTreeMap<String, (usize, Key)>,
}

impl Roster {
    /// Checks what is written; says everything that is wrong, each in one line.
    pub fn check(file: RosterFile, digest: Hash) -> Result<Roster, Vec<String>> {
        let mut wrong = Vec::new();
        check_times(&file, &mut wrong);
        check_persons(&file, &mut wrong);
        check_admins(&file, &mut wrong);
        let keys = check_keys(&file, &mut wrong);
        for id in file.schedules.iter().flat_map(|s| &s.entries).map(|shift| &shift.person) {
            if !file.persons.iter().any(|p| p.id == *id) {
                wrong.push(format!("a schedule names {}, who is not in the roster", crate::text::show(id)));
            }
        }
        if wrong.is_empty() { Ok(Roster { file, digest, keys }) } else { Err(wrong) }
    }

    pub fn file(&self) -> &RosterFile {
        &self.file
    }

    pub fn team(&self) -> &str {
        &self.file.team
    }

    pub fn version(&self) -> u64 {
        self.file.version
    }

    pub fn digest(&self) -> Hash {
        self.digest
    }

    /// How statements name this roster.
    pub fn reference(&self) -> RosterRef {
        RosterRef { version: self.file.version, digest: self.digest }
    }

    /// The first second at which it does not count any more.
    pub fn expires(&self) -> u64 {
        self.file.exp
    }

    pub fn persons(&self) -> &[Person] {
        &self.file.persons
    }

    pub fn person(&self, id: &str) -> Option<&Person> {
        self.file.persons.iter().find(|p| p.id == id)
    }

    /// Whose key it is.
    pub fn key(&self, kid: &str) -> Option<(&Person, &Key)> {
        self.keys.get(kid).map(|(person, key)| (&self.file.persons[*person], key))
    }

    /// All keys of a person.
    pub fn keys_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a Key> {
        self.keys.values().filter(move |(i, _)| self.file.persons[*i].id == person).map(|(_, key)| key)
    }

    /// The revocation of a key that counts at a moment.
    pub fn revoked(&self, kid: &str, at: u64) -> Option<&Revocation> {
        self.file.revoked.iter().find(|r| r.kid == kid && at >= r.from)
    }

    /// Whether a person is in a group at a moment: as a member, or on a shift.
    pub fn in_group(&self, person: &str, group: &str, at: u64) -> bool {
        let member = self.person(person).is_some_and(|p| p.groups.iter().any(|g| g == group));
        let mut shifts = self.file.schedules.iter().filter(|s| s.group == group).flat_map(|s| &s.entries);
        member || shifts.any(|s| s.person == person && s.from <= at && at < s.to)
    }

    /// Where approvals may be given: what the roster says; else at critical severity only the approver's own guard.
    pub fn surfaces(&self, severity: Severity) -> Vec<Surface> {
        match (self.file.surfaces.get(&severity), severity) {
            (Some(listed), _) => listed.clone(),
            (None, Severity::Critical) => vec![Surface::Native, Surface::Loopback, Surface::Paste],
            (None, Severity::Low | Severity::Medium | Severity::High) => Surface::ALL.to_vec(),
        }
    }

    /// Whether so many admins' signatures are enough.
    fn enough(&self, signers: &BTreeSet<&str>) -> bool {
        let admins = signers.iter().filter(|s| self.file.admins.persons.iter().any(|a| a == *s));
        u64::try_from(admins.count()).is_ok_and(|n| n >= self.file.admins.threshold)
    }
}

/// Lower-case ASCII letters, digits, and `.-_`: ids that look the same are the same.
fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b);
    !text.is_empty() && text.len() <= 128 && text.bytes().all(plain)
}

fn check_times(file: &RosterFile, wrong: &mut Vec<String>) {
    if file.v != super::VERSION {
        wrong.push(format!("it has version {} of the format, which is not known", file.v));
    }
    if !is_id(&file.team) {
        wrong.push("the team's name is lower-case letters, digits, dots and dashes".to_owned());
    }
    if (file.version == 1) != file.prev.is_none() || file.version == 0 {
        wrong.push("version 1 has no `prev`, every later one has".to_owned());
    }
    if file.iat >= file.exp || file.exp - file.iat > LONGEST_LIFE {
        wrong.push("it must expire after it was made, and within 30 days".to_owned());
    }
}

fn check_persons(file: &RosterFile, wrong: &mut Vec<String>) {
    let (mut ids, mut humans) = (BTreeSet::new(), BTreeSet::new());
    for person in &file.persons {
        let id = crate::text::show(&person.id);
        if !is_id(&person.id) || !person.groups.iter().all(|g| is_id(g)) {
            wrong.push(format!("{id}: ids and groups are lower-case letters, digits, `.`, `-` and `_`"));
        }
        if !ids.insert(&person.id) {
            wrong.push(format!("{id} is there twice"));
        }
        if person.human.as_ref().is_some_and(|human| !humans.insert(human)) {
            wrong.push(format!("{id} is a human who is in the roster already: one person, one entry"));
        }
        let workload = person.kind == PersonKind::Workload;
        let decides = |k: &KeyLine| k.uses.iter().any(|u| matches!(u, Use::Approve | Use::Roster));
        if workload && person.keys.iter().any(decides) {
            wrong.push(format!("{id} is a workload: its keys may only request"));
        }
        if person.oidc.is_some() != workload && person.oidc.is_some() {
            wrong.push(format!("{id} is a person: only workloads have `oidc`"));
        }
    }
}

fn check_admins(file: &RosterFile, wrong: &mut Vec<String>) {
    let unique: BTreeSet<&String> = file.admins.persons.iter().collect();
    let threshold = usize::try_from(file.admins.threshold).unwrap_or(usize::MAX);
    if threshold == 0 || threshold > unique.len() || unique.len() != file.admins.persons.len() {
        wrong
            .push("the admins' threshold is at least 1 and at most their number, each named once".to_owned());
    }
    for id in unique {
        let able = |p: &Person| p.keys.iter().any(|k| k.uses.contains(&Use::Roster));
        if !file.persons.iter().any(|p| p.id == *id && able(p)) {
            wrong.push(format!("{} is an admin without a key whose use is `roster`", crate::text::show(id)));
        }
    }
}

fn check_keys(file: &RosterFile, wrong: &mut Vec<String>) -> BTreeMap<String, (usize, Key)> {
    let mut keys = BTreeMap::new();
    for (place, person) in file.persons.iter().enumerate() {
        for line in &person.keys {
            let kid = crate::text::show(&line.kid);
            match Key::read(line) {
                Ok(key) => {
                    if keys.insert(line.kid.clone(), (place, key)).is_some() {
                        wrong.push(format!("key {kid} is there twice"));
                    }
                }
                Err(trouble) => {
                    wrong.push(format!("{}, key {kid}: {trouble}", crate::text::show(&person.id)))
                }
            }
        }
    }
    keys
}
