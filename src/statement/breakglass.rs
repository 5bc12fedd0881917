//! Break-glass: that somebody went ahead without approval, and another person's review of it. Must never look like an
//! approval: both are about a request, neither fills a seat.

use super::scalar::{Foreign, Hash, Keyed};
use super::{Head, Kind, Statement};
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
