//! A request: what somebody wants to run, bound byte for byte. Must never leave out a thing whose change would make
//! it another command.

use super::scalar::{Bytes32, Foreign, Hash, Keyed};
use super::{Head, Kind, Statement};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How bad it is when it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// Payload of a request. Times are seconds since 1970 by the requester's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub v: u64,
    /// A ULID; people type a part of it.
    pub id: String,
    pub nonce: Bytes32,
    pub team: String,
    pub roster: RosterRef,
    pub requester: Requester,
    pub policy: Policy,
    pub exec: Exec,
    pub target: Target,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effects: Option<Effects>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    pub iat: u64,
    /// Nobody can approve from this second on.
    pub exp: u64,
    #[serde(rename = "use")]
    pub usage: Usage,
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Match>,
    /// The requester's audit log; `None` when there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
}

/// Which roster its maker went by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterRef {
    pub version: u64,
    pub digest: Hash,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    pub person: String,
    /// Key id of the signing key.
    pub key: String,
    pub host: String,
    /// Says whether two requests came from one machine without naming it.
    pub host_id: Keyed,
    pub origin: Origin,
    /// Programs above guard, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ancestry: Vec<Foreign>,
}

/// What gave the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Tty,
    Script,
    Ci,
    Agent,
}

impl Origin {
    pub fn word(self) -> &'static str {
        match self {
            Origin::Tty => "tty",
            Origin::Script => "script",
            Origin::Ci => "ci",
            Origin::Agent => "agent",
        }
    }
}

/// What the requester's guard asked for. Approvers compare; no verifier takes its needs from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub rule: String,
    pub digest: Hash,
    pub severity: Severity,
    pub needs: Vec<Need>,
}

/// So many people of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub group: String,
    pub n: u64,
}

/// What is passed to execve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exec {
    pub argv: Vec<Foreign>,
    pub exe: Exe,
    pub cwd: Foreign,
    pub env: Env,
    pub stdin: Stdin,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redacted: Vec<Redacted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exe {
    pub path: Foreign,
    pub sha256: Hash,
}

/// The environment: all of it bound by a keyed hash, little of it shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Env {
    pub hmac: Keyed,
    /// Variables that matter to the rule; names are ASCII.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shown: BTreeMap<String, Foreign>,
    /// Names taken out before exec.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scrubbed: Vec<Foreign>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stdin {
    pub kind: StdinKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// What was spooled, when it is text that a person should read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Foreign>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StdinKind {
    Tty,
    Null,
    Closed,
    Spooled,
}

impl StdinKind {
    pub fn word(self) -> &'static str {
        match self {
            StdinKind::Tty => "tty",
            StdinKind::Null => "null",
            StdinKind::Closed => "closed",
            StdinKind::Spooled => "spooled",
        }
    }
}

/// A file that decides what the command does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub path: Foreign,
    pub role: String,
    pub sha256: Hash,
    pub size: u64,
    /// Whether the program gets a sealed copy instead of the file.
    pub frozen: bool,
}

/// A secret that stands masked in `at`, bound by a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redacted {
    /// Where, as a JSON pointer below `exec`: `argv/3`.
    pub at: String,
    pub class: String,
    pub commit: Keyed,
    pub len: u64,
}

/// Which real thing it touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub kind: String,
    /// The environment: `production`, `staging`, `unknown` …
    pub class: String,
    /// What identifies it: fact and value. Names are ASCII.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ident: BTreeMap<String, Foreign>,
    /// Facts that could not be found out, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: BTreeMap<String, Foreign>,
}

/// What a look beforehand found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    pub kind: String,
    pub digest: Hash,
    /// Kind of thing, and how many. Names are ASCII.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub summary: BTreeMap<String, u64>,
}

/// How often, and how many seconds after the last approval it may start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub max: u64,
    pub within: u64,
}

/// Number matching (`number`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    pub mode: MatchMode,
    pub commit: Hash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchMode {
    ApproverTypes,
}

/// Head and size of an audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    pub head: Hash,
    /// Entries in the log.
    pub seq: u64,
}

impl Statement for Request {
    const KIND: Kind = Kind::Request;

    fn head(&self) -> Head<'_> {
        Head {
            v: self.v,
            team: &self.team,
            person: &self.requester.person,
            key: &self.requester.key,
            iat: self.iat,
        }
    }

    fn sound(&self) -> Result<(), &'static str> {
        if self.exec.argv.is_empty() {
            return Err("it has no command");
        }
        if self.iat >= self.exp {
            return Err("it ends before it begins");
        }
        if self.usage.max == 0 || self.usage.within == 0 {
            return Err("it may not be used");
        }
        let spooled = self.exec.stdin.kind == StdinKind::Spooled;
        if spooled != (self.exec.stdin.sha256.is_some() && self.exec.stdin.size.is_some()) {
            return Err("its standard input is spooled without a hash, or has one without being spooled");
        }
        Ok(())
    }
}
