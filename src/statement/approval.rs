//! An approval, a refusal, and the other things that an approver says about a request or a ticket. Must never
//! be read without the digest of what it is about.

use super::request::{Chain, RosterRef};
use super::scalar::Hash;
use super::{Head, Kind, Statement};
use serde::{Deserialize, Serialize};

/// Payload of an approval. Times are seconds since 1970 by the approver's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub v: u64,
    pub team: String,
    /// Digest of the request or ticket.
    pub request: Hash,
    pub decision: Decision,
    pub person: String,
    pub key: String,
    pub roster: RosterRef,
    pub iat: u64,
    pub exp: u64,
    /// The three digits that the requester's terminal showed.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    pub surface: Surface,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saw: Option<Saw>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The requester's audit head that the approver saw in the request: the approval witnesses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Approve,
    Deny,
    /// A refusal that says: this looks like an attack.
    Report,
    /// Takes the own approval back.
    Revoke,
    /// Somebody looks at it.
    Viewing,
}

impl Decision {
    pub fn word(self) -> &'static str {
        match self {
            Decision::Approve => "approve",
            Decision::Deny => "deny",
            Decision::Report => "report",
            Decision::Revoke => "revoke",
            Decision::Viewing => "viewing",
        }
    }
}

/// May only narrow what the request allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<u64>,
}

/// Where it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surface {
    /// The approver's own guard, on a terminal.
    Native,
    /// A page that the approver's own guard serves on the same machine.
    Loopback,
    /// The relay's page.
    RelayWeb,
    /// The approver's own guard; request and approval carried as text.
    Paste,
}

impl Surface {
    pub const ALL: [Surface; 4] = [Surface::Native, Surface::Loopback, Surface::RelayWeb, Surface::Paste];

    pub fn word(self) -> &'static str {
        match self {
            Surface::Native => "native",
            Surface::Loopback => "loopback",
            Surface::RelayWeb => "relay-web",
            Surface::Paste => "paste",
        }
    }
}

/// What was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saw {
    /// `guard-render/1`.
    pub render: String,
    pub digest: Hash,
    /// Whether it was scrolled to its end.
    pub end: bool,
    /// How long it was shown.
    pub ms: u64,
}

impl Statement for Approval {
    const KIND: Kind = Kind::Approval;

    fn head(&self) -> Head<'_> {
        Head { v: self.v, team: &self.team, person: &self.person, key: &self.key, iat: self.iat }
    }

    fn sound(&self) -> Result<(), &'static str> {
        let three = |n: &String| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit());
        if self.iat >= self.exp {
            return Err("it ends before it begins");
        }
        if !self.number.as_ref().is_none_or(three) {
            return Err("its number is not three digits");
        }
        if self.limits.as_ref().is_some_and(|l| l.max == Some(0)) {
            return Err("it allows no use");
        }
        Ok(())
    }
}
