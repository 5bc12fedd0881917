//! The roster as it is written: who is in the team, with which keys, and who may change that. Must never be used
//! for a decision as it stands: `Roster` is the checked form.

use super::super::approval::Surface;
use super::super::request::Severity;
use super::super::scalar::Hash;
use super::super::{Head, Kind, Statement};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Payload of a roster. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterFile {
    pub v: u64,
    pub team: String,
    /// Counts from 1 without gaps.
    pub version: u64,
    /// Digest of the version before; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<Hash>,
    pub iat: u64,
    /// At most 30 days after `iat`: how long a hidden newer version can do harm.
    pub exp: u64,
    pub admins: Admins,
    pub persons: Vec<Person>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<Revocation>,
    /// Where may be decided, by severity; what is not listed has the default of `Roster::surfaces`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub surfaces: BTreeMap<Severity, Vec<Surface>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relays: Vec<Relay>,
}

/// Who may sign the next version, and how many of them must.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admins {
    pub threshold: u64,
    pub persons: Vec<String>,
}

/// A person or a workload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which human being this is (a staff number); nobody is in a roster twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human: Option<String>,
    #[serde(default, skip_serializing_if = "PersonKind::is_person")]
    pub kind: PersonKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Time zone and working hours: for whom to ask first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tz: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<Oidc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyLine>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonKind {
    #[default]
    Person,
    /// CI, a bot, an agent: may ask, never approves.
    Workload,
}

impl PersonKind {
    fn is_person(&self) -> bool {
        *self == PersonKind::Person
    }
}

/// A workload's identity by its issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oidc {
    pub iss: String,
    pub sub: String,
}

/// A key as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLine {
    pub kid: String,
    #[serde(rename = "type")]
    pub kind: KeyKind,
    /// `ssh`: the line of a `.pub` file without its comment.
    #[serde(rename = "pub", default, skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// `webauthn`: the COSE key, the credential's id (both base64url), the site and its origins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rp: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    #[serde(rename = "use")]
    pub uses: Vec<Use>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_flags: Option<MinFlags>,
    /// Not valid before, and not from this second on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    Ssh,
    Webauthn,
    /// For encryption only.
    Age,
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// Approvals and reviews.
    Approve,
    /// Requests and all that a requester says.
    Request,
    /// The next roster.
    Roster,
    Decrypt,
}

impl Use {
    pub fn word(self) -> &'static str {
        match self {
            Use::Approve => "approve",
            Use::Request => "request",
            Use::Roster => "roster",
            Use::Decrypt => "decrypt",
        }
    }
}

/// What each signature of a key must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MinFlags {
    None,
    /// User presence: touched.
    Up,
    /// User verification: PIN or fingerprint.
    Uv,
}

/// Who is in a group when, besides its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub group: String,
    pub entries: Vec<Shift>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    pub person: String,
    pub from: u64,
    /// The first second after the shift.
    pub to: u64,
}

/// A key that does not count from a moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    pub kid: String,
    pub from: u64,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
}

impl Statement for RosterFile {
    const KIND: Kind = Kind::Roster;

    fn head(&self) -> Head<'_> {
        // A roster is signed by admins, not by one person.
        Head { v: self.v, team: &self.team, person: "", key: "", iat: self.iat }
    }
}
