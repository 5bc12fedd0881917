//! The steps a conversation can have, as plain data: the typed name, a line of text, a secret, a countdown. Every text
//! in them is foreign: the room makes it safe to show.

use super::question::{Declined, NoTerminal, Question};
use std::time::Duration;

/// A question nobody answers ends by itself.
pub const TIME_LIMIT: Duration = Duration::from_secs(300);

/// A line of text, shown as it is typed; it may be pasted.
#[derive(Clone, Copy, Debug)]
pub struct LineAsk<'a> {
    /// What to enter, without punctuation at the end: `why? a ticket such as OPS-123`.
    pub ask: &'a str,
    /// Taken by Return on an empty line.
    pub remembered: Option<&'a str>,
}

/// A text that is not shown; it may be pasted.
#[derive(Clone, Copy, Debug)]
pub struct SecretAsk<'a> {
    /// What to enter, without punctuation at the end: `the code that your authenticator shows`.
    pub ask: &'a str,
    pub echo: Echo,
}

/// What shows of a secret while it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// A dot for each character.
    Dots,
    /// Nothing, not even how long it is.
    Nothing,
}

/// Seconds that can be used to leave.
#[derive(Clone, Copy, Debug)]
pub struct Countdown<'a> {
    /// What happens at zero, to what: `delete the namespace payments (prod-eu/payments)`.
    pub what: &'a str,
    pub seconds: u32,
}

/// Somebody else is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// For what: `an approval of delete the namespace payments (prod-eu/payments)`.
    pub what: &'a str,
    pub limit: Duration,
}

/// What came while waiting. Foreign texts again.
#[must_use]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Lines that stay.
    pub lines: Vec<String>,
    /// The row that is drawn anew.
    pub row: String,
    /// Whether the wait is over.
    pub over: bool,
}

/// What comes of a text that was entered. Foreign texts again.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    Right,
    /// It can be tried again: why not.
    Wrong(String),
    /// It costs no attempt, as nothing was compared: what to do.
    Unfit(String),
    /// Nothing more can be tried: why.
    Over(String),
}

/// Why there is no text.
#[must_use]
#[derive(Debug)]
pub enum Unanswered {
    NotAsked(NoTerminal),
    Declined(Declined),
}

impl From<NoTerminal> for Unanswered {
    fn from(none: NoTerminal) -> Unanswered {
        Unanswered::NotAsked(none)
    }
}

impl From<Declined> for Unanswered {
    fn from(declined: Declined) -> Unanswered {
        Unanswered::Declined(declined)
    }
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'s> {
    Typed(&'s Question),
    Line(&'s LineAsk<'s>),
    Secret(&'s SecretAsk<'s>),
    Countdown(&'s Countdown<'s>),
    Waiting(&'s Waiting<'s>),
}
