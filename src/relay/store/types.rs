//! What goes into the store and comes out. Shapes only; nothing here must know about a database.

use serde::{Deserialize, Serialize};

/// What a listing shows of a request; written by the requester, so it is foreign text.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Header {
    /// `request`, `ticket` or `breakglass`.
    pub kind: String,
    pub id: String,
    pub person: String,
    pub host: String,
    pub origin: String,
    pub rule: String,
    pub severity: String,
    /// `(group, people)` as the requester says; the requester's own guard decides.
    pub needs: Vec<(String, u64)>,
    pub target: String,
    pub iat: i64,
    pub exp: i64,
}

impl Header {
    /// Worst first in the inbox.
    pub fn rank(&self) -> i32 {
        match self.severity.as_str() {
            "critical" => 4,
            "high" => 3,
            "medium" => 2,
            "low" => 1,
            _ => 0,
        }
    }
}

/// A cache for listing. The statements say what is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Pending,
    Denied,
    Cancelled,
    Expired,
    Done,
}

impl State {
    pub const ALL: [State; 5] =
        [State::Pending, State::Denied, State::Cancelled, State::Expired, State::Done];

    pub fn number(self) -> i32 {
        match self {
            State::Pending => 0,
            State::Denied => 1,
            State::Cancelled => 2,
            State::Expired => 3,
            State::Done => 4,
        }
    }

    pub fn from_number(number: i32) -> State {
        State::ALL.into_iter().find(|s| s.number() == number).unwrap_or(State::Expired)
    }

    pub fn word(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Denied => "denied",
            State::Cancelled => "cancelled",
            State::Expired => "expired",
            State::Done => "done",
        }
    }

    pub fn from_word(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// A condition on `requests r`, plain enough for an index: those that are shown as `state`. `now` is a parameter's mark.
pub fn shown_as(state: Option<State>, now: &str) -> String {
    match state {
        None => format!("{now} IS NOT NULL"),
        Some(State::Pending) => format!("r.state = 0 AND r.exp >= {now}"),
        Some(State::Expired) => format!("(r.state = 3 OR r.state = 0 AND r.exp < {now})"),
        Some(ended @ (State::Denied | State::Cancelled | State::Done)) => {
            format!("r.state = {} AND {now} IS NOT NULL", ended.number())
        }
    }
}

/// A statement whose signature was checked, to be kept.
#[derive(Clone, Debug)]
pub struct Posted {
    pub team: String,
    /// The request or ticket it is about; its own digest for one of these.
    pub rd: [u8; 32],
    pub kind: &'static str,
    pub kid: String,
    pub person: String,
    /// Two statements with one digest by one key are one statement.
    pub digest: [u8; 32],
    pub envelope: String,
    pub at: i64,
    pub effect: Effect,
}

/// What a statement changes beside being kept, in the same transaction.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Only kept.
    Nothing,
    /// Only kept; there must be such a request or ticket.
    Remark,
    /// As `Remark`, and people are told while the request is open.
    Heard { event: EventKind },
    /// Opens a thread. Identical `shape`s within ten minutes are shown as one.
    Open { header: Header, shape: [u8; 32], pending_limit: u32 },
    /// Ends a pending thread; a report also holds the requester back.
    End { state: State, report: bool },
    /// As `End`, and only the requester may.
    EndOwn { state: State },
    /// About the break-glass of this digest, in this thread.
    Review { about: [u8; 32] },
    /// Everybody is told: a command runs without approval.
    Alarm { header: Header },
    /// Takes a nonce, once.
    Claim { nonce: String },
    /// A roster version, once.
    Roster { version: i64 },
    /// The newest head of a log; it must not go back.
    Checkpoint { origin: String, size: i64, root: [u8; 32] },
}

/// What became of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Kept {
    New {
        seq: i64,
    },
    /// The same statement was here before.
    Known {
        seq: i64,
    },
    Refused(Refused),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    NoSuchRequest,
    /// Only the requester may say this.
    NotTheRequester,
    TooManyPending,
    Frozen,
    Spent,
    RosterVersionTaken,
    /// The log was larger, or had another root at this size.
    WentBack {
        size: i64,
    },
}

/// What waiters are told about a new row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    pub seq: i64,
    pub team: String,
    pub rd: [u8; 32],
    pub kind: String,
}

/// One statement as it is handed out.
#[derive(Clone, Debug)]
pub struct Entry {
    pub seq: i64,
    pub rd: [u8; 32],
    pub kind: String,
    pub kid: String,
    pub person: String,
    pub at: i64,
    pub envelope: String,
}

/// A request and what was said about it.
#[derive(Clone, Debug)]
pub struct Thread {
    pub state: State,
    pub exp: i64,
    pub entries: Vec<Entry>,
}

/// A line of the inbox.
#[derive(Clone, Debug)]
pub struct Row {
    pub seq: i64,
    pub rd: [u8; 32],
    pub state: State,
    /// Earlier identical requests that this one stands for.
    pub repeats: i64,
    pub header: Header,
}

#[derive(Clone, Debug, Serialize)]
pub struct Frozen {
    pub person: String,
    pub by: String,
    pub at: i64,
}

/// The newest head of a log that this relay saw.
#[derive(Clone, Debug)]
pub struct Head {
    pub size: i64,
    pub root: [u8; 32],
}

/// What a channel should tell people about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    Opened,
    /// One person's yes; whether that is enough is worked out elsewhere.
    Approved,
    /// One person's yes was taken back.
    Revoked,
    Denied,
    Reported,
    Cancelled,
    Expired,
    Done,
    /// A command runs without approval: everybody should know at once.
    Breakglass,
}

impl EventKind {
    const ALL: [EventKind; 9] = [
        EventKind::Opened,
        EventKind::Approved,
        EventKind::Revoked,
        EventKind::Denied,
        EventKind::Reported,
        EventKind::Cancelled,
        EventKind::Expired,
        EventKind::Done,
        EventKind::Breakglass,
    ];

    pub fn word(self) -> &'static str {
        match self {
            EventKind::Opened => "opened",
            EventKind::Approved => "approved",
            EventKind::Revoked => "revoked",
            EventKind::Denied => "denied",
            EventKind::Reported => "reported",
            EventKind::Cancelled => "cancelled",
            EventKind::Expired => "expired",
            EventKind::Done => "done",
            EventKind::Breakglass => "breakglass",
        }
    }

    pub fn from_word(word: &str) -> Option<EventKind> {
        EventKind::ALL.into_iter().find(|k| k.word() == word)
    }

    /// What the end of a thread is called.
    pub fn of_end(state: State, report: bool) -> Option<EventKind> {
        match (state, report) {
            (State::Pending, _) => None,
            (State::Denied, true) => Some(EventKind::Reported),
            (State::Denied, false) => Some(EventKind::Denied),
            (State::Cancelled, _) => Some(EventKind::Cancelled),
            (State::Expired, _) => Some(EventKind::Expired),
            (State::Done, _) => Some(EventKind::Done),
        }
    }
}

/// One thing to tell, with what a message may show of it.
#[derive(Clone, Debug)]
pub struct Event {
    pub team: String,
    pub rd: [u8; 32],
    pub kind: EventKind,
    pub header: Header,
    /// Earlier identical requests that were not told about again.
    pub repeats: i64,
    /// Who spoke: the person behind the statement, empty when time did.
    pub by: String,
}

/// Who wants notifications to send.
#[derive(Clone, Debug)]
pub struct Claimant {
    /// This instance, so that a lease can be told from another's.
    pub holder: [u8; 16],
    /// Whose notifications.
    pub channel: String,
    /// Only break-glass, or only everything else: an alarm never stands in a queue behind requests.
    pub alarms: bool,
    pub count: u32,
    pub seconds: i64,
}

/// A notification taken for sending.
#[derive(Clone, Debug)]
pub struct Lease {
    pub id: i64,
    pub holder: [u8; 16],
    pub channel: String,
    pub attempts: i64,
    /// The channel's own name for the message it sent about this request before.
    pub message: Option<String>,
    pub event: Event,
}

/// Why the database did not do it.
#[derive(Debug)]
pub enum StoreError {
    /// It cannot be reached, or is too busy.
    Gone(String),
    /// No space, or the database's own limit.
    Full,
    /// It has another layout than this guard expects.
    Layout { found: i64, expected: i64 },
    /// Another relay has this file.
    Held,
    /// What it said makes no sense.
    Broken(String),
    /// The file beside the database, of a backup or an export.
    File(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Gone(why) => write!(f, "the database cannot be reached: {why}"),
            StoreError::Full => f.write_str("the database is full"),
            StoreError::Layout { found, expected } => {
                write!(f, "the database has layout {found}, and this guard uses {expected}")
            }
            StoreError::Held => f.write_str("another relay uses this database file"),
            StoreError::Broken(why) => write!(f, "the database failed: {why}"),
            StoreError::File(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for StoreError {}
