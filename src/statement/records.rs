//! What a requester says after a request: that it is withdrawn, claimed, or how it ended; and the state of an
//! audit log. Must never be taken from anybody but the requester's person.

use super::approval::Surface;
use super::request::{Chain, Need, Severity};
use super::scalar::{Bytes32, Hash, Keyed};
use super::{Head, Kind, Needs, Statement};
use serde::{Deserialize, Serialize};

/// The requester withdraws a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    pub v: u64,
    pub team: String,
    pub request: Hash,
    pub person: String,
    pub key: String,
    pub iat: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The requester is about to use a request that was approved while nobody waited; the relay takes one for each use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub v: u64,
    pub team: String,
    /// Digest of the request or ticket.
    pub request: Hash,
    /// The request's nonce.
    pub nonce: Bytes32,
    /// Which use this is, from 1; above 1 only for tickets.
    pub number: u64,
    pub person: String,
    pub key: String,
    pub host_id: Keyed,
    pub iat: u64,
}

/// How an approved command ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub v: u64,
    pub team: String,
    /// Digest of the request.
    pub request: Hash,
    pub person: String,
    pub key: String,
    pub iat: u64,
    pub outcome: Outcome,
    /// Digests of the approvals that filled the seats.
    pub approvals: Vec<Hash>,
    /// What the requester's own policy asked for.
    pub needs: ReceiptNeeds,
    /// When the command was started, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
    /// Exit status; none when guard became the program, or a signal ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// What differed, for `Outcome::Drift`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<String>,
    /// The secret behind the numbers, told now so that an auditor can check them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_key: Option<Bytes32>,
    /// The audit log after the entry of this command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// guard became the program: how it ended is not known here.
    Started,
    /// It ran and ended.
    Ended,
    /// Refused: something differed from what was approved.
    Drift,
    /// Approved and never started.
    NotStarted,
}

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Started => "started",
            Outcome::Ended => "ended",
            Outcome::Drift => "drift",
            Outcome::NotStarted => "not-started",
        }
    }
}

/// `Needs`, as a receipt records them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptNeeds {
    pub seats: Vec<Need>,
    pub severity: Severity,
    pub surfaces: Vec<Surface>,
    pub number: bool,
    pub end_of_text: bool,
    pub deny_quorum: u64,
}

/// Head and size of a person's audit log on one machine, for a relay or teammate to witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub v: u64,
    pub team: String,
    pub person: String,
    pub key: String,
    pub host_id: Keyed,
    pub chain: Chain,
    pub iat: u64,
}

impl From<&Needs> for ReceiptNeeds {
    fn from(needs: &Needs) -> ReceiptNeeds {
        ReceiptNeeds {
            seats: needs.seats.clone(),
            severity: needs.severity,
            surfaces: needs.surfaces.clone(),
            number: needs.number,
            end_of_text: needs.end_of_text,
            deny_quorum: needs.deny_quorum,
        }
    }
}

impl From<&ReceiptNeeds> for Needs {
    fn from(needs: &ReceiptNeeds) -> Needs {
        Needs {
            seats: needs.seats.clone(),
            severity: needs.severity,
            surfaces: needs.surfaces.clone(),
            number: needs.number,
            end_of_text: needs.end_of_text,
            deny_quorum: needs.deny_quorum,
        }
    }
}

impl Statement for Cancel {
    const KIND: Kind = Kind::Cancel;

    fn head(&self) -> Head<'_> {
        Head { v: self.v, team: &self.team, person: &self.person, key: &self.key, iat: self.iat }
    }
}

impl Statement for Claim {
    const KIND: Kind = Kind::Claim;

    fn head(&self) -> Head<'_> {
        Head { v: self.v, team: &self.team, person: &self.person, key: &self.key, iat: self.iat }
    }

    fn sound(&self) -> Result<(), &'static str> {
        if self.number == 0 { Err("uses count from 1") } else { Ok(()) }
    }
}

impl Statement for Receipt {
    const KIND: Kind = Kind::Receipt;

    fn head(&self) -> Head<'_> {
        Head { v: self.v, team: &self.team, person: &self.person, key: &self.key, iat: self.iat }
    }

    fn sound(&self) -> Result<(), &'static str> {
        let ran = matches!(self.outcome, Outcome::Started | Outcome::Ended);
        if ran != self.started.is_some() {
            return Err("it ran without a start, or has a start without having run");
        }
        if (self.outcome == Outcome::Drift) == self.drift.is_empty() {
            return Err("it is drift without a difference, or a difference without drift");
        }
        Ok(())
    }
}

impl Statement for Checkpoint {
    const KIND: Kind = Kind::Checkpoint;

    fn head(&self) -> Head<'_> {
        Head { v: self.v, team: &self.team, person: &self.person, key: &self.key, iat: self.iat }
    }
}
