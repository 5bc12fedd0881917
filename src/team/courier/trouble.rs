//! Why a statement did not travel, each with the next step. Must never print what a relay says raw.

use crate::keys::SignError;
use crate::text::{quote, show_line};
use std::fmt::{self, Display, Formatter};

/// Why the relay was not reached, or did not take a statement.
#[derive(Debug)]
#[must_use]
pub enum Unreached {
    /// Nothing answers there.
    Absent {
        relay: String,
        why: String,
    },
    /// It was there and then not.
    Lost {
        relay: String,
        why: String,
    },
    /// An answer, and a no (HTTP status, the relay's words, seconds until it is worth trying again).
    Refused {
        status: u16,
        detail: Option<String>,
        hint: Option<String>,
        wait: Option<u64>,
    },
    /// An answer that no relay gives.
    Nonsense(String),
    /// The challenge it gave is for another relay's address.
    OtherRelay(String),
    /// The address is neither https nor loopback.
    ClearText(String),
    /// The file of certificates cannot be used.
    Authority {
        path: String,
        why: String,
    },
    Client(String),
    Sign(SignError),
    /// This machine knows no relay of the team.
    NoRelay,
}

impl Unreached {
    pub(super) fn of(relay: &str, error: &reqwest::Error) -> Unreached {
        // The deepest reason is the one that says something.
        let mut why: &dyn std::error::Error = error;
        while let Some(deeper) = why.source() {
            why = deeper;
        }
        let why = if error.is_timeout() { "no answer in time".to_owned() } else { why.to_string() };
        let relay = relay.to_owned();
        if error.is_connect() { Unreached::Absent { relay, why } } else { Unreached::Lost { relay, why } }
    }

    /// Whether trying again may help.
    pub fn passes(&self) -> bool {
        match self {
            // Something between here and the relay may have answered in its place.
            Unreached::Absent { .. } | Unreached::Lost { .. } | Unreached::Nonsense(_) => true,
            Unreached::Refused { status, .. } => *status == 429 || *status >= 500,
            Unreached::OtherRelay(_)
            | Unreached::ClearText(_)
            | Unreached::Authority { .. }
            | Unreached::Client(_)
            | Unreached::NoRelay
            | Unreached::Sign(_) => false,
        }
    }

    /// The exit status: 69 where the service is not there, 77 where it said no, 78 where the setting is wrong.
    pub fn status(&self) -> i32 {
        match self {
            Unreached::Refused { status, .. } if *status != 429 && *status < 500 => 77,
            Unreached::Absent { .. }
            | Unreached::Lost { .. }
            | Unreached::Refused { .. }
            | Unreached::Nonsense(_)
            | Unreached::OtherRelay(_)
            | Unreached::NoRelay
            | Unreached::Sign(_) => 69,
            Unreached::ClearText(_) | Unreached::Authority { .. } | Unreached::Client(_) => 78,
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            Unreached::Absent { .. } | Unreached::Lost { .. } => {
                "without the relay: `guard requests show` prints the request as text, or `guard breakglass` in an emergency".into()
            }
            Unreached::Refused { hint: Some(hint), .. } => show_line(hint, 160),
            Unreached::Refused { .. } | Unreached::Nonsense(_) => "ask whoever runs the relay".into(),
            Unreached::OtherRelay(_) => {
                "give the address that the relay was started with: `guard team way URL`".into()
            }
            Unreached::ClearText(_) => "use https; http is only for a relay on this machine".into(),
            Unreached::Authority { .. } => "`guard team way URL --ca FILE` names another file".into(),
            Unreached::Client(_) => "please report this".into(),
            Unreached::NoRelay => "`guard team way URL` names one".into(),
            Unreached::Sign(_) => "`guard key show` says where your key is".into(),
        }
    }
}

impl Display for Unreached {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Unreached::Absent { relay, why } => {
                write!(f, "the relay {} is not there: {}", show_line(relay, 120), show_line(why, 160))
            }
            Unreached::Lost { relay, why } => {
                write!(f, "the relay {} was lost: {}", show_line(relay, 120), show_line(why, 160))
            }
            Unreached::Refused { status, detail, .. } => {
                let words = detail.as_deref().unwrap_or("it gives no reason");
                write!(f, "the relay refused ({status}): {}", show_line(words, 160))
            }
            Unreached::Nonsense(relay) => {
                write!(f, "what {} answers is no relay's answer", show_line(relay, 120))
            }
            Unreached::OtherRelay(relay) => {
                write!(f, "the relay at {} calls itself by another address", show_line(relay, 120))
            }
            Unreached::ClearText(relay) => {
                write!(f, "{} is neither https nor on this machine", show_line(relay, 120))
            }
            Unreached::Authority { path, why } => write!(f, "{}: {}", quote(path), show_line(why, 120)),
            Unreached::Client(why) => write!(f, "no client can be made: {}", show_line(why, 160)),
            Unreached::Sign(error) => write!(f, "{error}"),
            Unreached::NoRelay => f.write_str("this machine knows no relay of the team"),
        }
    }
}
