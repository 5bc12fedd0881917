//! An entry as it is signed and stored. Canonical JSON (RFC 8785) by construction: fields are declared in
//! sorted order, numbers are integers below 2^53, and no map has free keys. Keep the order when adding one.

use crate::keys::identity::Handover;
use serde::{Deserialize, Serialize};

/// Format version of an entry.
pub const VERSION: u64 = 1;
/// JSON numbers beyond this are not exact everywhere.
const EXACT: u64 = (1 << 53) - 1;

/// Text, or bytes that are not UTF-8 as `{"b64":"…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Text {
    Utf8(String),
    Bytes { b64: String },
}

impl Text {
    pub fn of(bytes: impl Into<Vec<u8>>) -> Text {
        match String::from_utf8(bytes.into()) {
            Ok(text) => Text::Utf8(text),
            Err(error) => Text::Bytes { b64: crate::keys::encode(error.as_bytes()) },
        }
    }
}

/// One entry; what an event does not have is left out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    pub boot: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmd: Option<Cmd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decided>,
    pub epoch: u64,
    pub event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<Factor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genesis: Option<Genesis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Host>,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Handover>,
    pub mono: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recover: Option<Recover>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redactions: Vec<Redaction>,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    pub seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    pub time: u64,
    pub v: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// Who.
#[derive(Clone, Debug, Serialize)]
pub struct Actor {
    /// Programs above guard, nearest first.
    pub parent: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<i32>,
    pub ssh: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty: Option<String>,
    pub uid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// Where.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What.
#[derive(Clone, Debug, Serialize)]
pub struct Cmd {
    pub argc: u64,
    pub argv: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argv_rest: Option<Rest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bin: Option<Text>,
    pub cwd: Text,
    pub mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shim: Option<Text>,
    pub stdin: &'static str,
    pub tool: String,
}

/// Words left out because the command line is very long: SHA-256 of each (redacted) followed by a NUL.
#[derive(Clone, Debug, Serialize)]
pub struct Rest {
    pub sha256: String,
    pub words: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Target {
    pub facts: Vec<Fact>,
    pub summary: Text,
}

#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    pub key: String,
    pub source: Text,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Text>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    pub environment: String,
    pub policy: Vec<Place>,
    pub requires: Vec<String>,
    pub rules: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsure: Option<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: String,
    pub line: u32,
}

#[derive(Clone, Debug, Serialize)]
pub struct Decided {
    pub action: &'static str,
    /// Gates counted because of this earlier intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    pub attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// `read-only`: the server was asked to refuse writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<&'static str>,
    pub outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    pub wait_ms: u64,
}

/// An approval that counted: who gave it, and for what.
#[derive(Clone, Debug, Serialize)]
pub struct Approval {
    pub by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    pub request: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
}

/// What a look at the target found before the decision.
#[derive(Clone, Debug, Serialize)]
pub struct Preview {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Why there is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Text>,
}

/// A change of a second factor.
#[derive(Clone, Debug, Serialize)]
pub struct Factor {
    /// `enrolled`, `rotated`, `removed`; `unchanged` when the change that `ref` names was not made.
    pub act: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custody: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<&'static str>,
    /// Not there for one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whose: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Genesis {
    pub custody: &'static str,
    /// Public key of epoch 0.
    pub epoch_key: String,
    /// Verifier key of the identity that signs this entry.
    pub identity: String,
    pub nonce: String,
    /// Leaf of the genesis of a log that stood here and is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
}

/// Bytes in the log that are no entry.
#[derive(Clone, Debug, Serialize)]
pub struct Recover {
    pub class: &'static str,
    pub file: String,
    pub length: u64,
    pub offset: u64,
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Redaction {
    pub kind: &'static str,
    /// JSON pointer (RFC 6901) into the entry.
    pub pointer: String,
    pub tag: String,
}

impl Entry {
    pub fn to_bytes(&self) -> Vec<u8> {
        // Structs with string keys and no custom serialiser: serde_json has no error for them.
        serde_json::to_vec(self).expect("plain structs serialise")
    }
}

/// A number that every JSON reader reads exactly.
pub fn exact(number: u64) -> u64 {
    number.min(EXACT)
}
