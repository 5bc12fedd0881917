//! Signed statements: what somebody wants to run, who allows it, who is in the team, and the one decision made of
//! them. Pure: no file, clock, terminal or network. Must never parse what was not verified, or trust a parsed claim.
//!
//! docs/approvals/README.md is the specification; `check.py` beside it agrees with every published vector.

pub mod approval;
pub mod breakglass;
pub mod canonical;
mod envelope;
pub mod heard;
mod kind;
mod number;
mod open;
pub mod bundle;
pub mod records;
pub mod render;
pub mod request;
pub mod roster;
mod scalar;
pub mod ticket;
mod verify;
mod why;
#[cfg(test)]
mod vectors;
#[cfg(test)]
pub(crate) mod world;

pub use approval::{Approval, Decision, Limits, Saw, Surface};
pub use breakglass::{Breakglass, Factor, Judgement, Review};
pub use bundle::Bundle;
pub use canonical::{LARGEST, NotCanonical};
pub use envelope::{Draft, Envelope, Signature, pae};
pub use heard::{Finding, Heard};
pub use kind::Kind;
pub use number::MatchKey;
pub use open::{Opened, open, read, use_for};
pub use records::{Cancel, Checkpoint, Claim, Outcome, Receipt, ReceiptNeeds};
pub use request::{Chain, Need, Request, RosterRef, Severity};
pub use roster::{Roster, RosterFile};
pub use scalar::{Bytes32, Foreign, Hash, Keyed};
pub use ticket::Ticket;
pub use verify::{
    Answer, Filled, Ignored, Needs, Question, Refusal, SKEW, Verdict, Viewer, Void, Withdrawal, eligible,
    verify,
};
pub use why::Why;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Version of the format of every statement.
pub const VERSION: u64 = 1;

/// A kind of statement.
pub trait Statement: Serialize + DeserializeOwned {
    const KIND: Kind;

    fn head(&self) -> Head<'_>;

    /// What the types alone cannot hold; the words finish "it …".
    fn sound(&self) -> Result<(), &'static str> {
        Ok(())
    }
}

/// What every statement has.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    pub v: u64,
    pub team: &'a str,
    pub person: &'a str,
    pub key: &'a str,
    /// When it was made, seconds since 1970 by its maker's clock.
    pub iat: u64,
}
