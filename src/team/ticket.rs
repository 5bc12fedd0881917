//! Tickets where they are used: found in `$GUARD_TICKET` or at the relay, held against the command, proved by their
//! approvals, and used up. Must never call a ticket valid on a relay's word, nor use one that could not be counted.

mod state;
pub mod uses;

pub use state::{Standing, State};
pub use uses::Used;

use super::claim::{NotClaimed, Subject, User, claim};
use super::{Courier, Entry, TeamError, Unreached, paste, spend};
use crate::statement::roster::Oidc;
use crate::statement::ticket::{Attempt, NotCovered, Ticket};
use crate::statement::{
    Envelope, Hash, Kind, Needs, Question, Roster, Verdict, read as read_payload, ticket, verify,
};
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

/// A ticket and what was said about it; nothing of it is proved before `covers`.
#[derive(Clone, Debug)]
pub struct Found {
    pub envelope: Envelope,
    pub ticket: Ticket,
    pub statements: Vec<Vec<u8>>,
}

/// A ticket that covers the command, and was approved for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// Digest of the ticket.
    pub digest: Hash,
    /// What stands in its holes.
    pub values: BTreeMap<String, String>,
    /// Who approved it.
    pub by: Vec<String>,
    /// Digests of the approvals that fill the seats: for the receipt.
    pub approvals: Vec<Hash>,
    /// How often it may be used: the narrowest of ticket and approvals.
    pub max: u64,
}

/// Why a ticket does not let a command run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotValid {
    Covers(NotCovered),
    /// What its approvals amount to instead.
    NotApproved(Box<Verdict>),
}

impl Display for NotValid {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            NotValid::Covers(why) => Display::fmt(why, f),
            NotValid::NotApproved(verdict) => match &**verdict {
                Verdict::Pending { filled, missing } => {
                    let groups: Vec<String> = each_group(missing).into_iter().map(approvals).collect();
                    write!(f, "the ticket still needs {}", groups.join(" and "))?;
                    let by: Vec<&str> = filled.iter().map(|seat| seat.person.as_str()).collect();
                    let (have, of) = (by.len(), by.len() + missing.len());
                    match have {
                        0 => write!(f, " ({have} of {of})"),
                        _ => write!(f, " ({have} of {of}: {})", crate::text::show_line(by.join(", "), 120)),
                    }
                }
                Verdict::Void(why) => write!(f, "the ticket does not count: {why}"),
                Verdict::Approved { .. }
                | Verdict::Denied { .. }
                | Verdict::Mismatch { .. }
                | Verdict::Cancelled { .. }
                | Verdict::Revoked { .. }
                | Verdict::Expired
                | Verdict::Lapsed { .. } => write!(f, "the ticket is {}", verdict.word()),
            },
        }
    }
}

fn approvals((group, n): (&str, usize)) -> String {
    let group = crate::text::show_line(group, 60);
    if n == 1 { format!("an approval by {group}") } else { format!("{n} approvals by {group}") }
}

/// How many seats of each group are free, in the order in which they are asked for.
pub fn each_group(missing: &[String]) -> Vec<(&str, usize)> {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for group in missing {
        match groups.iter_mut().find(|(known, _)| known == group) {
            Some((_, n)) => *n += 1,
            None => groups.push((group, 1)),
        }
    }
    groups
}

/// Why a valid ticket was not used.
#[derive(Debug)]
pub enum NotUsed {
    /// All its uses are over.
    Spent,
    Ledger(TeamError),
    Claim(NotClaimed),
}

impl Found {
    fn of(envelope: Envelope, statements: Vec<Vec<u8>>) -> Option<Found> {
        if envelope.kind() != Some(Kind::Ticket) {
            return None;
        }
        let ticket = read_payload::<Ticket>(envelope.payload()).ok()?;
        Some(Found { envelope, ticket, statements })
    }

    /// Reads a ticket and what was said about it: one envelope a line, the ticket first; or the same as pasted text.
    pub fn read(bytes: &[u8]) -> Option<Found> {
        let unpacked = std::str::from_utf8(bytes).ok().and_then(paste::from_text);
        let bytes = unpacked.as_ref().map_or(bytes, |(_, bytes)| bytes);
        let mut lines = bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty());
        let first = Envelope::from_bytes(lines.next()?).ok()?;
        Found::of(first, lines.map(<[u8]>::to_vec).collect())
    }

    /// As `read` takes it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.envelope.to_bytes();
        for statement in &self.statements {
            bytes.push(b'\n');
            bytes.extend_from_slice(statement);
        }
        bytes
    }

    /// As text for `$GUARD_TICKET`.
    pub fn to_text(&self) -> String {
        paste::to_text(paste::Form::Ticket, &self.to_bytes())
    }
}

/// The ticket in a variable's value: the text itself, or a file's name.
pub fn given(value: &std::ffi::OsStr) -> Option<Found> {
    if let Some(found) =
        value.to_str().filter(|t| t.starts_with("guard-ticket1:")).map(|t| Found::read(t.as_bytes()))
    {
        return found;
    }
    Found::read(&crate::sys::file::read_bounded(Path::new(value), 4 << 20).ok()?)
}

/// Every ticket at the relay, without what was said about it.
pub fn all(courier: &Courier<'_>) -> Result<Vec<Found>, Unreached> {
    let found = |entry: Entry| Found::of(entry.envelope, Vec::new());
    Ok(courier.tickets()?.into_iter().filter_map(found).collect())
}

/// Adds what the relay has about a ticket: each statement once, without the ticket itself, which begins its thread.
pub fn with_statements(courier: &Courier<'_>, found: Found) -> Result<Found, Unreached> {
    let digest = found.envelope.digest();
    let thread = courier.poll(&digest, 0, 0)?;
    let entries = thread.map(|thread| thread.entries).unwrap_or_default();
    let said = entries.iter().map(|entry| &entry.envelope).filter(|envelope| envelope.digest() != digest);
    let mut statements: Vec<Vec<u8>> = Vec::new();
    for statement in said.map(Envelope::to_bytes).chain(found.statements) {
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    Ok(Found { statements, ..found })
}

/// The tickets at the relay that would cover the attempt, with their approvals. Whether they count says `covers`.
pub fn find(courier: &Courier<'_>, attempt: &Attempt<'_>) -> Result<Vec<Found>, Unreached> {
    let fitting = all(courier)?.into_iter().filter(|f| ticket::covers(&f.ticket, attempt).is_ok());
    fitting.map(|found| with_statements(courier, found)).collect()
}

/// Whether a ticket lets the attempt run, by `needs` of the policy here. Numbers are not asked for: where a ticket is used
/// there is nobody to tell one.
pub fn covers(
    found: &Found,
    attempt: &Attempt<'_>,
    roster: &Roster,
    needs: &Needs,
) -> Result<Covered, NotValid> {
    let needs = Needs { number: false, ..needs.clone() };
    let question = Question {
        subject: &found.envelope,
        statements: &found.statements,
        roster,
        needs: &needs,
        match_key: None,
        now: attempt.now,
    };
    match verify(&question).verdict {
        Verdict::Approved { max, .. } if attempt.used >= max => {
            Err(NotValid::Covers(NotCovered::Used { max }))
        }
        Verdict::Approved { seats, approvals, start_by: _, max } => {
            let values = ticket::covers(&found.ticket, attempt).map_err(NotValid::Covers)?;
            let by = seats.into_iter().map(|seat| seat.person).collect();
            Ok(Covered { digest: found.envelope.digest(), values, by, approvals, max })
        }
        other => Err(NotValid::NotApproved(Box::new(other))),
    }
}

/// The workload whose key this is, as the roster has it: the key proves the workload, a variable would not.
pub fn workload<'a>(roster: &'a Roster, kid: &str) -> Option<&'a Oidc> {
    roster.key(kid).and_then(|(person, _)| person.oidc.as_ref())
}

/// Uses a ticket once, durably on this machine and, where the team has a relay, at the relay: which use it was, and the signed
/// claim. A relay that cannot be asked is an error: another machine may have used it.
pub fn use_up(
    state: &Path,
    found: &Found,
    max: u64,
    courier: Option<&Courier<'_>>,
    user: &User<'_>,
) -> Result<(u64, Envelope), NotUsed> {
    let digest = found.envelope.digest();
    let subject = Subject { team: &found.ticket.team, digest, nonce: found.ticket.nonce };
    for number in 1..=max {
        let Some(claimed) = claim(courier, &subject, number, user).map_err(NotUsed::Claim)? else { continue };
        if spend(state, &use_of(&digest, number)).map_err(NotUsed::Ledger)? {
            return Ok((number, claimed));
        }
    }
    Err(NotUsed::Spent)
}

/// How the ledger names one use of a ticket.
fn use_of(ticket: &Hash, number: u64) -> Hash {
    Hash::of(&[b"guard-ticket-use-v1\0", &ticket.0, &number.to_be_bytes()])
}
