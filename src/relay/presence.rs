//! Whether somebody waits for their own request at this instance right now: a hint for those who are asked. Must never be
//! what anything is decided by: a requester may wait elsewhere, or run it later.

use super::boot_millis;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Milliseconds between two polls of one waiter, trouble on the way included.
const BETWEEN: u64 = 6_000;
/// Milliseconds after its start in which an instance does not know who waits.
const SETTLED: u64 = 30_000;
/// Fewer marks than this are not looked through.
const FEW: usize = 4096;

/// A request, and the hash of a person's name.
type Key = ([u8; 32], u64);

#[derive(Debug, Default)]
struct Mark {
    count: u32,
    /// When the last one went.
    last: u64,
}

#[derive(Debug)]
pub struct Presence {
    since: u64,
    names: RandomState,
    marks: Mutex<(HashMap<Key, Mark>, usize)>,
}

impl Default for Presence {
    fn default() -> Presence {
        let marks = Mutex::new((HashMap::new(), FEW));
        Presence { since: boot_millis(), names: RandomState::new(), marks }
    }
}

/// Somebody who waits, until dropped.
pub struct Here {
    presence: Arc<Presence>,
    key: Key,
}

impl Presence {
    fn held(&self) -> MutexGuard<'_, (HashMap<Key, Mark>, usize)> {
        // A panic elsewhere leaves the map whole: every change is one call.
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn mark(self: &Arc<Presence>, rd: [u8; 32], person: &str) -> Here {
        let key = (rd, self.names.hash_one(person));
        self.held().0.entry(key).or_default().count += 1;
        Here { presence: Arc::clone(self), key }
    }

    /// Whether this person waits for this request. `None`: that is not known here.
    pub fn waits(&self, rd: [u8; 32], person: &str, alone: bool) -> Option<bool> {
        self.waits_at(rd, person, alone, boot_millis())
    }

    fn waits_at(&self, rd: [u8; 32], person: &str, alone: bool, now: u64) -> Option<bool> {
        let known = match self.held().0.get(&(rd, self.names.hash_one(person))) {
            Some(mark) if mark.count > 0 || now.saturating_sub(mark.last) < BETWEEN => return Some(true),
            Some(_) => true,
            None => now.saturating_sub(self.since) >= SETTLED,
        };
        // Another instance may have the waiter.
        (known && alone).then_some(false)
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let now = boot_millis();
        let mut held = self.presence.held();
        let (marks, limit) = &mut *held;
        if let Some(mark) = marks.get_mut(&self.key) {
            mark.count = mark.count.saturating_sub(1);
            mark.last = now;
        }
        if marks.len() > *limit {
            marks.retain(|_, mark| mark.count > 0 || now.saturating_sub(mark.last) < SETTLED);
            *limit = (marks.len() * 2).max(FEW);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_person_who_waits_is_there_and_what_is_not_known_is_not_said() {
        let presence = Arc::new(Presence::default());
        let (began, mine, other) = (presence.since, [1; 32], [2; 32]);
        assert_eq!(presence.waits_at(mine, "alice", true, began), None);
        let here = presence.mark(mine, "alice");
        assert_eq!(presence.waits_at(mine, "alice", true, began), Some(true));
        assert_eq!(presence.waits_at(mine, "bob", true, began + SETTLED), Some(false));
        assert_eq!(presence.waits_at(other, "alice", true, began + SETTLED), Some(false));
        drop(here);
        let now = boot_millis();
        assert_eq!(presence.waits_at(mine, "alice", true, now), Some(true), "between two polls");
        assert_eq!(presence.waits_at(mine, "alice", true, now + BETWEEN), Some(false));
        assert_eq!(presence.waits_at(mine, "alice", false, now + BETWEEN), None, "at another instance");
    }

    #[test]
    fn marks_of_those_who_went_do_not_stay() {
        let presence = Arc::new(Presence::default());
        presence.held().1 = 0;
        drop(presence.mark([1; 32], "alice"));
        presence.held().0.values_mut().for_each(|mark| mark.last = 0);
        presence.held().1 = 0;
        drop(presence.mark([2; 32], "alice"));
        assert!(presence.held().0.len() <= 2 && presence.held().1 >= FEW);
    }
}
