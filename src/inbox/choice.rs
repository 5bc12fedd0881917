//! An approver's answer and the statement that carries it. Must never claim that something was seen which was not
//! shown: the digest is that of the rendering, the end and the time are the screen's.

use super::desk::now;
use super::{Case, Desk, Trouble};
use crate::statement::render::RENDER;
use crate::statement::{Approval, Decision, Draft, Saw, Surface};

/// How long what is said counts at least, in seconds, whatever the clocks are.
const LIFE: u64 = 60;
/// Longest note, in characters.
pub const LONGEST_NOTE: usize = 500;

/// What an approver does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Approve,
    Deny,
    Report,
}

/// What the screen knows of the reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The last line was shown.
    pub end: bool,
    pub ms: u64,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub verb: Verb,
    /// The three digits, where the request asks for them.
    pub number: Option<String>,
    pub note: Option<String>,
    pub seen: Seen,
    pub surface: Surface,
}

impl Verb {
    pub fn word(self) -> &'static str {
        match self {
            Verb::Approve => "approval sent",
            Verb::Deny => "denied",
            Verb::Report => "reported as an attack",
        }
    }

    fn decision(self) -> Decision {
        match self {
            Verb::Approve => Decision::Approve,
            Verb::Deny => Decision::Deny,
            Verb::Report => Decision::Report,
        }
    }
}

/// The statement that says: I am looking at it.
pub(super) fn viewing(desk: &Desk, case: &Case, surface: Surface) -> Result<Draft, Trouble> {
    draft(statement(desk, case, Decision::Viewing, surface))
}

/// The statement of an answer. Refused where the answer would not count, or would say more than is true.
pub(super) fn decision(desk: &Desk, case: &Case, choice: &Choice) -> Result<Draft, Trouble> {
    let refused = |why: String| Err(Trouble::Refused { why, hint: "nothing was signed".into() });
    if let Err(why) = &case.genuine {
        return refused(format!("the request is not genuine: {why}"));
    }
    let note = choice.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    if note.is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return refused(format!("the note has more than {LONGEST_NOTE} characters"));
    }
    let mut said = statement(desk, case, choice.verb.decision(), choice.surface);
    said.note = note.map(str::to_owned);
    match choice.verb {
        Verb::Approve => {
            if let Some(why) = case.obstacle(choice.surface) {
                return refused(why);
            }
            if case.wants_end() && !choice.seen.end {
                return refused("it was not read to its end".into());
            }
            said.number = number(case, choice)?;
            said.saw = Some(Saw {
                render: RENDER.to_owned(),
                digest: case.rendered.digest,
                end: choice.seen.end,
                ms: choice.seen.ms,
            });
            said.chain = case.asked.chain().cloned();
        }
        Verb::Deny | Verb::Report => {
            if let Some(why) = case.past_refusing() {
                return Err(case.too_late(why));
            }
            if case.is_own(desk.person()) {
                return refused("it is your own request: cancel it where it waits".into());
            }
        }
    }
    draft(said)
}

/// The statement that takes the own approval back. It counts until the command has started.
pub(super) fn revocation(desk: &Desk, case: &Case, note: Option<&str>) -> Result<Draft, Trouble> {
    if let Some(why) = case.past_refusing() {
        return Err(case.too_late(why));
    }
    if case.own.is_none() {
        return Err(Trouble::Refused {
            why: format!("the relay has no approval of yours for this {}", case.asked.word()),
            hint: "`guard deny ID --reason TEXT` refuses it, also where you approved it as text".into(),
        });
    }
    let mut said = statement(desk, case, Decision::Revoke, Surface::Native);
    said.note = note.map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned);
    draft(said)
}

fn number(case: &Case, choice: &Choice) -> Result<Option<String>, Trouble> {
    if !case.wants_number() {
        return Ok(None);
    }
    let three = |n: &&String| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit());
    choice.number.as_ref().filter(three).map(|n| Some(n.clone())).ok_or_else(|| Trouble::Refused {
        why: "the number of three digits is missing".into(),
        hint: "whoever asks reads it from their terminal to you".into(),
    })
}

fn statement(desk: &Desk, case: &Case, decision: Decision, surface: Surface) -> Approval {
    let iat = now();
    Approval {
        v: 1,
        team: desk.roster().team().to_owned(),
        request: case.digest,
        decision,
        person: desk.person().to_owned(),
        key: desk.kid().to_owned(),
        roster: desk.roster().reference(),
        iat,
        exp: case.asked.until().max(iat + LIFE),
        number: None,
        limits: None,
        surface,
        saw: None,
        note: None,
        chain: None,
    }
}

fn draft(said: Approval) -> Result<Draft, Trouble> {
    Draft::of(&said).map_err(|why| Trouble::Statement(why.to_string()))
}
