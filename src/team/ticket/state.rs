//! How a ticket stands, for lists: what its statements prove by its own needs, and which of its uses are gone. Must never be
//! what lets a command run: that is `covers`, by the policy where it is used.

use super::{Found, Used, uses};
use crate::statement::{Needs, Question, Refusal, Roster, Surface, Verdict, Withdrawal, verify};
use crate::text::show_line;

/// How a ticket stands, with who approved it so far and which uses are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    pub by: Vec<String>,
    pub uses: Vec<Used>,
    /// How often it may be used: the narrowest of ticket and approvals, as far as it is approved.
    pub max: u64,
}

/// What a list says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is approved by fewer people than it asks for: how many it asks for, and the groups of the free seats.
    Waiting {
        of: usize,
        missing: Vec<String>,
    },
    /// It may be used; `from`: only from then on.
    Approved {
        from: Option<u64>,
    },
    UsedUp,
    Expired,
    /// An approval counted for less time than the ticket, and is over.
    Lapsed {
        at: u64,
    },
    Revoked(Vec<Withdrawal>),
    Denied(Vec<Refusal>),
    Cancelled(Option<String>),
    /// Nothing could approve it: why.
    Void(String),
}

impl Standing {
    /// By what the ticket asks for itself; `uses` as `uses::gone` or `uses::claimed` have them.
    pub fn of(found: &Found, uses: Vec<Used>, roster: &Roster, now: u64) -> Standing {
        let ticket = &found.ticket;
        let over = now >= ticket.not_after;
        let question = Question {
            subject: &found.envelope,
            statements: &found.statements,
            roster,
            needs: &needs(found),
            match_key: None,
            // How it stood at its end: afterwards every approval is over.
            now: now.min(ticket.not_after.saturating_sub(1)),
        };
        let seats: u64 = ticket.policy.needs.iter().map(|need| need.n).sum();
        let of = usize::try_from(seats).unwrap_or(usize::MAX);
        let (mut by, mut max) = (Vec::new(), ticket.max);
        let names =
            |filled: Vec<crate::statement::Filled>| filled.into_iter().map(|seat| seat.person).collect();
        let state = match verify(&question).verdict {
            Verdict::Approved { seats, max: narrowed, .. } => {
                (by, max) = (names(seats), narrowed);
                let from = Some(ticket.not_before).filter(|from| now < *from);
                State::Approved { from }
            }
            Verdict::Pending { filled, missing } => {
                by = names(filled);
                State::Waiting { of, missing }
            }
            Verdict::Lapsed { start_by } => State::Lapsed { at: start_by },
            Verdict::Expired => State::Expired,
            Verdict::Revoked { by } => State::Revoked(by),
            Verdict::Denied { by } => State::Denied(by),
            Verdict::Cancelled { reason } => State::Cancelled(reason),
            Verdict::Mismatch { .. } => State::Void("wrong numbers".to_owned()),
            Verdict::Void(why) => State::Void(why.to_string()),
        };
        let all = uses.iter().filter(|used| used.number <= max).count() as u64 >= max;
        let state = match state {
            State::Approved { .. } | State::Lapsed { .. } if all => State::UsedUp,
            State::Approved { .. } | State::Lapsed { .. } | State::Waiting { .. } if over => State::Expired,
            other => other,
        };
        Standing { state, by, uses, max }
    }

    /// The same from what the relay has, without this machine's ledger.
    pub fn by_claims(found: &Found, roster: &Roster, now: u64) -> Standing {
        let used = uses::claimed(&found.envelope.digest(), &found.ticket, &found.statements, roster);
        Standing::of(found, used, roster, now)
    }

    pub fn left(&self) -> u64 {
        match self.state {
            State::Approved { .. } => self.max.saturating_sub(self.uses.len() as u64),
            State::Waiting { .. }
            | State::UsedUp
            | State::Expired
            | State::Lapsed { .. }
            | State::Revoked(_)
            | State::Denied(_)
            | State::Cancelled(_)
            | State::Void(_) => 0,
        }
    }

    /// One word, for `--json`.
    pub fn word(&self) -> &'static str {
        match self.state {
            State::Waiting { .. } => "pending",
            State::Approved { .. } => "approved",
            State::UsedUp => "used-up",
            State::Expired => "expired",
            State::Lapsed { .. } => "lapsed",
            State::Revoked(_) => "revoked",
            State::Denied(_) => "denied",
            State::Cancelled(_) => "cancelled",
            State::Void(_) => "void",
        }
    }

    /// For people: `approved (1 of 3 uses left)`, safe to print.
    pub fn words(&self) -> String {
        let (used, max) = (self.uses.len(), self.max);
        let some_used = || if used == 0 { String::new() } else { format!(" ({used} of {max} uses gone)") };
        match &self.state {
            State::Waiting { of, .. } => format!("waiting ({} of {of})", self.by.len()),
            State::Approved { .. } => format!("approved ({} of {} left)", self.left(), times(max)),
            State::UsedUp => format!("used up ({} of {max})", used.max(usize::try_from(max).unwrap_or(used))),
            State::Expired => format!("expired{}", some_used()),
            State::Lapsed { .. } => "lapsed".to_owned(),
            State::Revoked(by) => {
                let each = |one: &Withdrawal| said(&one.person, one.note.as_deref());
                format!("revoked by {}{}", by.iter().map(each).collect::<Vec<_>>().join(", "), some_used())
            }
            State::Denied(by) => {
                let each = |one: &Refusal| said(&one.person, one.note.as_deref());
                format!("denied by {}", by.iter().map(each).collect::<Vec<_>>().join(", "))
            }
            State::Cancelled(reason) => match reason {
                Some(reason) => format!("withdrawn: {}", show_line(reason, 160)),
                None => "withdrawn".to_owned(),
            },
            State::Void(why) => format!("void: {why}"),
        }
    }
}

fn times(max: u64) -> String {
    if max == 1 { "1 use".to_owned() } else { format!("{max} uses") }
}

fn said(person: &str, why: Option<&str>) -> String {
    let person = show_line(person, 40);
    why.map_or_else(|| person.clone(), |why| format!("{person}: {}", show_line(why, 160)))
}

fn needs(found: &Found) -> Needs {
    let policy = &found.ticket.policy;
    Needs {
        seats: policy.needs.clone(),
        severity: policy.severity,
        surfaces: Surface::ALL.to_vec(),
        number: false,
        end_of_text: false,
        deny_quorum: 1,
    }
}
