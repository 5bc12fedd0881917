//! The gates, in the order that costs the person least. Must never report a gate as passed that was not asked.

mod question;
mod read_only;
pub mod totp;
mod wording;

pub use question::{expected, question};
pub use read_only::{opening, words as read_only_words};

use crate::preview::Preview;
use crate::rules::Verdict;
use crate::rules::pack::Gate;
use crate::targets::postgres::Opening;
use crate::tty::{self, Answer, Aside, Declined, HOW_MUCH, NoTerminal};

/// Proof that every gate a verdict asks for was passed. Only `pass` makes one.
#[derive(Debug)]
pub struct Clearance {
    /// How it was passed, for the audit log.
    pub method: &'static str,
    pub attempts: u32,
    pub waited_ms: u64,
    /// The session is opened so that the server refuses writes.
    pub opening: Option<Opening>,
}

/// Why the command does not run.
#[derive(Debug)]
#[must_use]
pub enum Stopped {
    /// Enforcement mode never asks.
    Enforced { gates: String },
    /// A gate that nobody can be asked for here.
    NotAskable { gate: Gate, why: String, hint: String },
    /// The person was asked and it was not confirmed.
    Declined(Declined),
}

/// Whether gates may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Ask on the controlling terminal.
    Interactive,
    /// Never ask: what needs a gate is refused.
    Enforce,
}

impl Mode {
    pub fn word(self) -> &'static str {
        match self {
            Mode::Interactive => "interactive",
            Mode::Enforce => "enforce",
        }
    }
}

/// Asks every gate of a verdict; the first that is not passed stops the command. What `preview` finds is shown with
/// the question, or beside it as it comes.
pub fn pass(
    gates: &[Gate],
    verdict: &Verdict,
    mode: Mode,
    preview: &mut Preview,
) -> Result<Clearance, Stopped> {
    let opening = opening(verdict)?;
    let gates: Vec<&Gate> = gates.iter().filter(|g| **g != Gate::ReadOnly).collect();
    if gates.is_empty() && opening.is_some() {
        return Ok(Clearance { method: "read-only", attempts: 0, waited_ms: 0, opening });
    }
    if mode == Mode::Enforce {
        let gates = gates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(Stopped::Enforced { gates });
    }
    // What cannot be asked is found before the person types anything.
    if let Some(gate) = gates.iter().find(|g| ***g != Gate::Confirm) {
        return Err(Stopped::NotAskable {
            gate: (*gate).clone(),
            why: "this version of guard has no such gate".into(),
            hint: "change the policy that asks for it, see `guard explain`".into(),
        });
    }
    let mut question = question(verdict);
    if opening.is_some() {
        question.notes.push(("opened".to_owned(), "read-only: the server refuses writes".to_owned()));
    }
    preview.linger();
    let at = verdict.worst_at().unwrap_or(0);
    let line = preview.line(at);
    let pending = line.as_ref().is_some_and(|line| line.pending);
    if let Some(line) = line.filter(|line| !line.pending) {
        question.notes.insert(0, (HOW_MUCH.to_owned(), line.words));
    }
    match tty::ask(&question, pending.then_some(Aside { preview, at })) {
        Ok(Answer::Confirmed { attempts, waited }) => {
            let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
            Ok(Clearance { method: "typed", attempts, waited_ms, opening })
        }
        Ok(Answer::Declined(how)) => Err(Stopped::Declined(how)),
        Err(none) => Err(not_askable(&none)),
    }
}

fn not_askable(none: &NoTerminal) -> Stopped {
    Stopped::NotAskable { gate: Gate::Confirm, why: none.to_string(), hint: none.hint().to_owned() }
}
