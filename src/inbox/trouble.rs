//! Why nothing was decided, each with the next step and its exit status. Must never print foreign text raw.

use crate::keys::{KeyError, SignError};
use crate::team::{TeamError, Unreached};
use crate::text::show_line;
use std::fmt::{self, Display, Formatter};

/// Why the approver's side ended early.
#[derive(Debug)]
#[must_use]
pub enum Trouble {
    /// This machine is in no team.
    NoTeam,
    /// The roster does not have this key; its fingerprint.
    NotInRoster(String),
    /// The team has no relay.
    NoRelay,
    Team(TeamError),
    Key(KeyError),
    Sign(SignError),
    Relay(Unreached),
    /// The roster's time is over: nothing counts under it.
    RosterOver,
    /// Nothing waits, or not this: what was looked for.
    Nothing(String),
    /// More than one request fits; the ids.
    Several(Vec<String>),
    /// It may not be decided so: why, and what to do.
    Refused {
        why: String,
        hint: String,
    },
    /// It is over: how it ended, and the exit status that says so.
    Over {
        how: String,
        status: i32,
    },
    /// Nobody ever asked for it, as far as the relay says: what was looked for.
    Unknown(String),
    /// The person left without deciding.
    Undecided,
    /// A signal ended it.
    Ended(i32),
    /// There is no terminal, and one is needed.
    NoTerminal(String),
    /// A statement that cannot be made: a bug.
    Statement(String),
    /// A page that cannot be served.
    Page(String),
    /// Text on the command line or pasted that is not what it should be.
    Usage {
        what: String,
        hint: String,
    },
}

impl Trouble {
    /// 64 for what nobody asked for, 69 where a service is not there, 75 where nothing waits, 77 where it is refused, 78 where
    /// the team is not set up; how something ended has one of its own.
    pub fn status(&self) -> i32 {
        match self {
            Trouble::NoTeam | Trouble::NotInRoster(_) | Trouble::NoRelay | Trouble::RosterOver => 78,
            Trouble::Team(_) => 78,
            Trouble::Key(error) => error.status(),
            Trouble::Sign(_) => 69,
            Trouble::Relay(error) => error.status(),
            Trouble::Nothing(_) => 75,
            Trouble::Over { status, .. } => *status,
            Trouble::Refused { .. } | Trouble::Undecided => 77,
            Trouble::Several(_) | Trouble::Unknown(_) | Trouble::Usage { .. } => 64,
            Trouble::Ended(signal) => 128 + signal,
            Trouble::NoTerminal(_) => 77,
            Trouble::Statement(_) | Trouble::Page(_) => 70,
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            Trouble::NoTeam => "`guard team join URL` with the six words of a teammate".into(),
            Trouble::NotInRoster(_) => {
                "give an admin of the team what `guard key export` prints, then `guard team update`".into()
            }
            Trouble::NoRelay => "ask for the request as text and use `guard approve --paste`".into(),
            Trouble::Team(error) => error.hint(),
            Trouble::Key(error) => error.hint(),
            Trouble::Sign(_) => "`guard key show` says where your key is".into(),
            Trouble::Relay(Unreached::Absent { .. } | Unreached::Lost { .. }) => {
                "without the relay: have the request sent to you as text and use `guard approve --paste`"
                    .into()
            }
            Trouble::Relay(error) => error.hint(),
            Trouble::RosterOver => "an admin signs a new version: `guard team`".into(),
            Trouble::Nothing(_) | Trouble::Unknown(_) => "`guard inbox` shows what waits".into(),
            Trouble::Several(_) => "type more of the id".into(),
            Trouble::Refused { hint, .. } | Trouble::Usage { hint, .. } => hint.clone(),
            Trouble::Over { .. } => "ask whether it is still wanted: they can ask again".into(),
            Trouble::Undecided => "`guard inbox` shows it again".into(),
            Trouble::Ended(_) => "nothing was decided".into(),
            Trouble::NoTerminal(_) => "run it on a terminal; `ssh -t` gives one".into(),
            Trouble::Statement(_) | Trouble::Page(_) => "please report this".into(),
        }
    }

    /// Says it and gives the exit status.
    pub fn complain(&self) -> i32 {
        crate::say!("{self}");
        crate::say!("hint: {}", self.hint());
        self.status()
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::NoTeam => f.write_str("this machine is in no team"),
            Trouble::NotInRoster(key) => {
                write!(f, "your key {} is not in the team's roster, or may not approve", show_line(key, 80))
            }
            Trouble::NoRelay => f.write_str("the team has no relay"),
            Trouble::Team(error) => write!(f, "{error}"),
            Trouble::Key(error) => write!(f, "{error}"),
            Trouble::Sign(error) => write!(f, "{error}"),
            Trouble::Relay(error) => write!(f, "{error}"),
            Trouble::RosterOver => f.write_str("the team's roster has expired: nothing counts under it"),
            Trouble::Nothing(what) => f.write_str(what),
            Trouble::Several(ids) => {
                write!(f, "{} requests fit: {}", ids.len(), show_line(ids.join(", "), 200))
            }
            Trouble::Refused { why, .. } => f.write_str(why),
            Trouble::Over { how, .. } => write!(f, "it is over: {how}"),
            Trouble::Unknown(what) => write!(f, "the relay knows no request {}", show_line(what, 80)),
            Trouble::Undecided => f.write_str("nothing was decided"),
            Trouble::Ended(_) => f.write_str("ended by a signal; nothing was decided"),
            Trouble::NoTerminal(why) => write!(f, "there is no terminal to show it on: {why}"),
            Trouble::Statement(why) => write!(f, "the answer cannot be written: {why}"),
            Trouble::Page(why) => write!(f, "the page cannot be served: {}", show_line(why, 160)),
            Trouble::Usage { what, .. } => f.write_str(what),
        }
    }
}

impl From<TeamError> for Trouble {
    fn from(error: TeamError) -> Trouble {
        Trouble::Team(error)
    }
}

impl From<KeyError> for Trouble {
    fn from(error: KeyError) -> Trouble {
        Trouble::Key(error)
    }
}

impl From<SignError> for Trouble {
    fn from(error: SignError) -> Trouble {
        Trouble::Sign(error)
    }
}

impl From<Unreached> for Trouble {
    fn from(error: Unreached) -> Trouble {
        Trouble::Relay(error)
    }
}
