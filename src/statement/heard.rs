//! What the requester's guard says about an answer that it has: that it counts, or that its number was wrong. For the
//! answer's own terminal to tell; must never be part of a decision.

use super::open::open;
use super::request::Request;
use super::scalar::Hash;
use super::{Envelope, Head, Kind, Roster, Statement, read};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Payload of a `heard`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub v: u64,
    pub team: String,
    /// Digest of the request.
    pub request: Hash,
    /// Digest of the approval.
    pub about: Hash,
    pub person: String,
    pub key: String,
    pub iat: u64,
    pub finding: Finding,
    /// Wrong numbers that may still come before the request ends.
    pub left: u64,
}

/// What became of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It counts.
    Counts,
    /// It does not count, for a reason that the requester's terminal says.
    NotCounted,
    /// Its number is not the one on the requester's terminal.
    WrongNumber,
}

impl Statement for Heard {
    const KIND: Kind = Kind::Heard;

    fn head(&self) -> Head<'_> {
        Head { v: self.v, team: &self.team, person: &self.person, key: &self.key, iat: self.iat }
    }
}

/// What the requester's guard said about each approval of its request, by the approval's digest. What is not the
/// requester's, or about another request, is left out; of two findings about one approval the worse one stays.
pub fn findings(
    subject: &Envelope,
    statements: &[Vec<u8>],
    roster: &Roster,
    now: u64,
) -> BTreeMap<Hash, (Finding, u64)> {
    let mut found = BTreeMap::new();
    let Ok(request) = read::<Request>(subject.payload()) else { return found };
    for envelope in statements.iter().filter_map(|bytes| Envelope::from_bytes(bytes).ok()) {
        let Ok(heard) = open::<Heard>(&envelope, roster, now) else { continue };
        let said = heard.statement();
        if said.request != subject.digest() || heard.person() != request.requester.person {
            continue;
        }
        let kept = found.entry(said.about).or_insert((said.finding, said.left));
        *kept = (kept.0.max(said.finding), kept.1.min(said.left));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::world::{NOW, World};

    #[test]
    fn only_the_requester_says_what_became_of_an_answer() {
        let world = World::new();
        let asked = world.request();
        let request = world.alice.sign(&asked, 0);
        let about = Hash([7; 32]);
        let heard = |hand: &crate::statement::world::Hand, person: &str, request: Hash, finding, left| {
            let said = Heard {
                v: 1,
                team: asked.team.clone(),
                request,
                about,
                person: person.to_owned(),
                key: hand.kid(),
                iat: NOW,
                finding,
                left,
            };
            hand.sign(&said, 0).to_bytes()
        };
        let digest = request.digest();
        let none = [
            heard(&world.dora, "dora", digest, Finding::WrongNumber, 0),
            heard(&world.dora, "alice", digest, Finding::WrongNumber, 0),
            heard(&world.alice, "alice", Hash([1; 32]), Finding::WrongNumber, 0),
            b"no envelope".to_vec(),
        ];
        assert!(findings(&request, &none, &world.roster, NOW).is_empty());
        let both = [
            heard(&world.alice, "alice", digest, Finding::WrongNumber, 1),
            heard(&world.alice, "alice", digest, Finding::Counts, 2),
        ];
        let found = findings(&request, &both, &world.roster, NOW);
        assert_eq!(found.get(&about), Some(&(Finding::WrongNumber, 1)));
    }
}
