//! Reading the log for people and programs: entries as stored, without judging them (`verify` does).

use super::error::AuditError;
use super::line::Line;
use super::store::Store;
use super::verify::read_segments;
use crate::settings::Dirs;
use serde_json::Value;

/// One entry as stored.
#[derive(Clone, Debug)]
pub struct Record {
    /// The canonical JSON text.
    pub json: String,
    value: Value,
}

/// Everything that can be read, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pub records: Vec<Record>,
    /// Lines that are no entries.
    pub unreadable: u64,
}

impl Record {
    /// The value under a JSON pointer (RFC 6901).
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer)
    }

    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str()
    }

    /// The texts of a list; nothing where there is none.
    pub fn texts(&self, pointer: &str) -> Vec<&str> {
        let list = self.get(pointer).and_then(|value| value.as_array());
        list.into_iter().flatten().filter_map(|value| value.as_str()).collect()
    }

    pub fn number(&self, pointer: &str) -> Option<u64> {
        self.get(pointer)?.as_u64()
    }
}

/// Reads the log under `<state>/audit`.
pub fn records(dirs: &Dirs) -> Result<Records, AuditError> {
    let store = Store::existing(&dirs.state)?;
    let mut all = Records::default();
    for (_, bytes) in read_segments(&store)? {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        for line in bytes.split(|b| *b == b'\n') {
            match record(line) {
                Some(record) => all.records.push(record),
                None => all.unreadable += 1,
            }
        }
    }
    Ok(all)
}

fn record(line: &[u8]) -> Option<Record> {
    let json = std::str::from_utf8(Line::split(line)?.entry).ok()?;
    Some(Record { json: json.to_owned(), value: serde_json::from_str(json).ok()? })
}
