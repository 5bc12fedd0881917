//! What verification found, in the order a person asks: does it hold, where not, and what cannot be seen.

use super::identity::Successor;
use serde::Serialize;

/// The verdict on a log, the worst of its problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[must_use]
pub enum Standing {
    Ok,
    /// Bytes were lost in a crash; each is accounted for.
    Damaged,
    /// Something could not be judged.
    Unknown,
    Tampered,
}

impl Standing {
    /// The exit status of `guard audit verify`.
    pub fn status(self) -> i32 {
        match self {
            Standing::Ok => 0,
            Standing::Tampered => 1,
            Standing::Damaged => 2,
            Standing::Unknown => 4,
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// Segment or key file.
    pub file: String,
    /// From 1; 0 for a file as a whole.
    pub line: u64,
    /// Byte offset of the line in the file.
    pub offset: u64,
    pub seq: Option<u64>,
    pub standing: Standing,
    pub what: String,
}

/// Damaged bytes that a signed `recover` entry accounts for.
#[derive(Clone, Debug, Serialize)]
pub struct Recovered {
    pub class: &'static str,
    pub file: String,
    pub length: u64,
    pub offset: u64,
    /// The entry that accounts for them.
    pub seq: u64,
}

/// The whole result.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub custody: Option<String>,
    pub entries: u64,
    pub first_seq: Option<u64>,
    pub first_time: Option<u64>,
    /// Leaf hash of the first entry: what should be pinned outside this machine.
    pub genesis: Option<String>,
    pub identity: Option<String>,
    /// Whose the log is now, when that is another key.
    pub identity_now: Option<Successor>,
    pub last_seq: Option<u64>,
    pub last_time: Option<u64>,
    pub notes: Vec<String>,
    pub problems: Vec<Problem>,
    pub recovered: Vec<Recovered>,
    /// Intents without a decision.
    pub undecided: u64,
}

impl Report {
    pub fn standing(&self) -> Standing {
        self.problems.iter().map(|p| p.standing).max().unwrap_or(Standing::Ok)
    }

    /// Whether all that is wrong are bytes that a signed entry accounts for.
    pub fn is_accounted_for(&self) -> bool {
        self.problems.len() == self.recovered.len()
    }

    /// The first problem of the worst kind.
    pub fn first_bad(&self) -> Option<&Problem> {
        let worst = self.standing();
        self.problems.iter().find(|p| p.standing == worst)
    }

    pub(super) fn tampered(&mut self, what: &str) {
        self.about_file("", Standing::Tampered, what.to_owned());
    }

    pub(super) fn compare_pin(&mut self, pin: Option<&str>) {
        match (pin.map(str::trim_end), self.genesis.as_deref()) {
            (Some(pin), Some(genesis)) if pin != genesis => {
                let what = format!("the pinned first entry is {pin}, the log begins with {genesis}");
                self.about_file("keys/genesis.pin", Standing::Tampered, what);
            }
            (Some(_), _) => {}
            (None, _) => self.about_file("keys/genesis.pin", Standing::Damaged, "is missing".to_owned()),
        }
    }

    pub(super) fn compare_identity(&mut self, vkey: Option<&str>) {
        match (vkey.map(str::trim_end), self.identity.as_deref()) {
            (Some(vkey), Some(identity)) if vkey != identity => {
                let what = "holds another identity than the log's first entry".to_owned();
                self.about_file("keys/log.vkey", Standing::Tampered, what);
            }
            (Some(_), _) => {}
            (None, _) => self.about_file("keys/log.vkey", Standing::Damaged, "is missing".to_owned()),
        }
    }

    fn about_file(&mut self, file: &str, standing: Standing, what: String) {
        self.problems.push(Problem { file: file.to_owned(), line: 0, offset: 0, seq: None, standing, what });
    }
}
