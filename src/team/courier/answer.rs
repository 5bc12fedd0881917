//! What a relay answers, taken apart. Nothing in it counts before its signatures are checked: names, states and times
//! beside the envelopes are the relay's own words.

use crate::statement::{Envelope, Hash};
use serde_json::Value;

/// A statement with its place in the mailbox.
#[derive(Clone, Debug)]
pub struct Entry {
    pub seq: u64,
    pub envelope: Envelope,
}

/// A request's thread: what is new in it.
#[derive(Clone, Debug)]
pub struct Thread {
    pub entries: Vec<Entry>,
    /// Where to go on from.
    pub next: u64,
}

/// A line of the inbox: hints for listing, from the relay.
#[derive(Clone, Debug)]
pub struct Row {
    pub request: Hash,
    pub id: String,
    pub seq: u64,
    pub state: String,
    pub severity: String,
    pub person: String,
    pub rule: String,
    pub target: String,
    pub exp: u64,
    pub repeats: u64,
    /// Whether whoever asked waits for the answer now; `None` where the relay does not know.
    pub waits: Option<bool>,
}

impl Entry {
    fn read(value: &Value) -> Option<Entry> {
        // Keys of a parsed object stand in order, which is the canonical spelling again.
        let envelope = Envelope::from_bytes(value["envelope"].to_string().as_bytes()).ok()?;
        Some(Entry { seq: value["seq"].as_u64()?, envelope })
    }

    pub(super) fn all(value: &Value) -> Option<Vec<Entry>> {
        value.as_array()?.iter().map(Entry::read).collect()
    }
}

impl Thread {
    pub(super) fn read(value: &Value) -> Option<Thread> {
        let entries = Entry::all(&value["statements"])?;
        let next = value["next"].as_u64()?;
        Some(Thread { entries, next })
    }
}

impl Row {
    pub(super) fn all(value: &Value) -> Option<Vec<Row>> {
        value["requests"].as_array()?.iter().map(Row::read).collect()
    }

    fn read(value: &Value) -> Option<Row> {
        let header = &value["header"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Row {
            request: Hash::read(value["request"].as_str()?)?,
            id: text(&header["id"])?,
            seq: value["seq"].as_u64()?,
            state: text(&value["state"])?,
            severity: text(&header["severity"])?,
            person: text(&header["person"])?,
            rule: text(&header["rule"])?,
            target: text(&header["target"])?,
            exp: header["exp"].as_u64()?,
            repeats: value["repeats"].as_u64().unwrap_or(0),
            waits: value["waits"].as_bool(),
        })
    }
}
