//! What is asked and what comes of it, as plain data. Every text in it is foreign: the room makes it safe to
//! show, so callers must not do so beforehand (it would be escaped twice).

use crate::preview::{Line, Preview};
use crate::sys::terminal::HANGUP;
use std::fmt;
use std::time::Duration;

/// One question, in the order it is shown.
#[derive(Clone, Debug)]
pub struct Question {
    /// What will happen, to what: `delete the namespace payments and everything in it`.
    pub title: String,
    pub level: Level,
    /// The environment's name, or `unknown`.
    pub environment: String,
    /// The command line as it would run, quoted; empty where the title says it all.
    pub command: String,
    /// How guard knows.
    pub facts: Vec<FactLine>,
    /// Label and text, shown in this order: how much, why, undo, safer.
    pub notes: Vec<(String, String)>,
    /// What has to be typed: the target's own name. An empty one can never be answered.
    pub expected: String,
    /// The request itself, without punctuation: `type the target's name to run it`.
    pub ask: String,
    /// Counted from when the question is first shown, whether or not the process is stopped meanwhile.
    pub time_limit: Duration,
}

/// A look that goes on while the question stands, shown right above the line to type on.
#[derive(Debug)]
pub struct Aside<'a> {
    pub preview: &'a mut Preview,
    /// Which of its commands the question is about.
    pub at: usize,
}

impl Aside<'_> {
    pub fn line(&self) -> Option<Line> {
        self.preview.line(self.at)
    }
}

/// How bad it would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Low,
    Medium,
    High,
    Critical,
}

/// One fact about the target.
#[derive(Clone, Debug)]
pub struct FactLine {
    pub label: String,
    pub value: String,
    /// Where it comes from: `current-context, ~/.kube/config`.
    pub source: String,
    /// What is wrong with it, in words: `the context is called staging, its server says prod`.
    pub alarm: Option<String>,
}

/// What the person did.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The expected text was typed and Return pressed.
    Confirmed {
        /// Lines entered, the right one included.
        attempts: u32,
        /// Since the question was first shown.
        waited: Duration,
    },
    Declined(Declined),
}

/// Why it is not confirmed. Whatever the reason, the terminal is as it was before.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declined {
    Escape,
    /// Ctrl-D on an empty line.
    EndOfInput,
    WrongAnswers,
    /// Nothing more can be tried: the check of the step said why.
    Over,
    TimedOut,
    /// The terminal went away.
    HungUp,
    /// A signal that ends a process: its number.
    Interrupted(i32),
}

impl Declined {
    /// The signal that ended the question. The caller exits with 128 plus this number, as a shell reports a
    /// program that died of it.
    pub fn signal(self) -> Option<i32> {
        match self {
            Declined::Interrupted(number) => Some(number),
            Declined::HungUp => Some(HANGUP),
            Declined::Escape
            | Declined::EndOfInput
            | Declined::WrongAnswers
            | Declined::Over
            | Declined::TimedOut => None,
        }
    }
}

/// The question could not be shown: the gate is not passed.
#[must_use]
#[derive(Debug)]
pub enum NoTerminal {
    /// setsid, cron, `ssh -T`, a CI job.
    NoControllingTerminal,
    /// In the background where nothing can stop the process until it is brought forward.
    Background,
    Failed(std::io::Error),
}

impl NoTerminal {
    /// The next step for a person.
    pub fn hint(&self) -> &'static str {
        match self {
            NoTerminal::NoControllingTerminal => "run it from a terminal (with ssh: `ssh -t`)",
            NoTerminal::Background => "run it in the foreground",
            NoTerminal::Failed(_) => "run it from another terminal",
        }
    }
}

impl fmt::Display for NoTerminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoTerminal::NoControllingTerminal => f.write_str("there is no controlling terminal to ask on"),
            NoTerminal::Background => f.write_str("it runs in the background, where nobody can be asked"),
            NoTerminal::Failed(error) => write!(f, "the terminal cannot be used: {error}"),
        }
    }
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Level::Low => "LOW",
            Level::Medium => "MEDIUM",
            Level::High => "HIGH",
            Level::Critical => "CRITICAL",
        }
    }
}
