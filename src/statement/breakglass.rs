//! Break-glass: that somebody went ahead without approval, and another person's review of it. Must never look like an
//! approval: both are about a request, neither fills a seat.

use super::scalar::{Foreign, Hash, Keyed};
use super::{Head, Kind, Opened, Statement, Why};
use serde::{Deserialize, Serialize};

/// Shortest reason, in characters.
pub const SHORTEST_REASON: usize = 20;

/// Payload of a break-glass: signed and sent before the command starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakglass {
    pub v: u64,
    pub team: String,
    /// A ULID.
    pub id: String,
    /// Digest of the request whose command runs.
    pub request: Hash,
    pub person: String,
    pub key: String,
    pub host: String,
    pub host_id: Keyed,
    pub iat: u64,
    pub reason: String,
    /// What was typed at the prompt: the target's name.
    pub typed: Foreign,
    pub factor: Factor,
    /// Which one of the budget this is, from 1, and the budget.
    pub used: u64,
    pub budget: u64,
    /// Until when another person must have signed a review.
    pub review_by: u64,
}

/// The second factor that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Factor {
    Totp,
    /// A recovery code.
    Recovery,
    /// A touch of a hardware key.
    Hardware,
}

/// Payload of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub v: u64,
    pub team: String,
    /// Digest of the break-glass statement.
    pub about: Hash,
    pub judgement: Judgement,
    pub person: String,
    pub key: String,
    pub iat: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    Justified,
    ShouldHaveWaited,
    PolicyBug,
}

impl Judgement {
    pub fn word(self) -> &'static str {
        match self {
            Judgement::Justified => "justified",
            Judgement::ShouldHaveWaited => "should-have-waited",
            Judgement::PolicyBug => "policy-bug",
        }
    }
}

/// Whether a review pays the debt of a break-glass: about it, by another person, who is no workload.
pub fn settles(debt: &Opened<Breakglass>, review: &Opened<Review>) -> Result<(), Why> {
    if review.statement().about != debt.digest() {
        return Err(Why::OtherRequest);
    }
    if review.person() == debt.person() {
        return Err(Why::Requester);
    }
    if review.is_workload() { Err(Why::Workload) } else { Ok(()) }
}

impl Statement for Breakglass {
    const KIND: Kind = Kind::Breakglass;

    fn head(&self) -> Head<'_> {
        Head { v: self.v, team: &self.team, person: &self.person, key: &self.key, iat: self.iat }
    }

    fn sound(&self) -> Result<(), &'static str> {
        if self.reason.trim().chars().count() < SHORTEST_REASON {
            return Err("its reason is shorter than 20 characters");
        }
        if self.review_by <= self.iat {
            return Err("its review is due before it began");
        }
        Ok(())
    }
}

impl Statement for Review {
    const KIND: Kind = Kind::Review;

    fn head(&self) -> Head<'_> {
        Head { v: self.v, team: &self.team, person: &self.person, key: &self.key, iat: self.iat }
    }
}

#[cfg(test)]
mod tests {
    use super::super::world::{Hand, NOW, TEAM, World};
    use super::super::{Envelope, open};
    use super::*;

    fn breakglass(world: &World) -> Breakglass {
        Breakglass {
            v: 1,
            team: TEAM.to_owned(),
            id: "01JD0000000000000000000002".to_owned(),
            request: Hash([1; 32]),
            person: "alice".to_owned(),
            key: world.alice.kid(),
            host: "lap-alice".to_owned(),
            host_id: Keyed([1; 32]),
            iat: NOW,
            reason: "the payments database is down".to_owned(),
            typed: Foreign::from("payments"),
            factor: Factor::Totp,
            used: 1,
            budget: 2,
            review_by: NOW + 24 * 3600,
        }
    }

    fn review(about: &Envelope, person: &str, hand: &Hand) -> Envelope {
        let review = Review {
            v: 1,
            team: TEAM.to_owned(),
            about: about.digest(),
            judgement: Judgement::Justified,
            person: person.to_owned(),
            key: hand.kid(),
            iat: NOW + 100,
            note: None,
        };
        hand.sign(&review, 0)
    }

    #[test]
    fn only_another_person_pays_the_review() {
        let world = World::new();
        let signed = world.alice.sign(&breakglass(&world), 0);
        let debt = open::<Breakglass>(&signed, &world.roster, NOW).expect("opens");
        let judge = |envelope: &Envelope| {
            let review = open::<Review>(envelope, &world.roster, NOW + 100).expect("opens");
            settles(&debt, &review)
        };
        assert_eq!(judge(&review(&signed, "bob", &world.bob)), Ok(()));
        assert_eq!(judge(&review(&signed, "alice", &world.alice)), Err(Why::Requester));
        let other = world.alice.sign(&Breakglass { used: 2, ..breakglass(&world) }, 0);
        assert_eq!(judge(&review(&other, "bob", &world.bob)), Err(Why::OtherRequest));
        let short = Breakglass { reason: "   because I must    ".to_owned(), ..breakglass(&world) };
        assert!(short.sound().is_err());
        let by_ci = review(&signed, "ci", &world.ci);
        assert!(open::<Review>(&by_ci, &world.roster, NOW).is_err(), "a workload reviews nothing");
    }
}
