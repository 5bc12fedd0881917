//! What an approver should know before reading a request: guard's own remarks, apart from the request's text. Must
//! never be part of the rendering whose digest is signed.

use super::known::Found;
use super::{Answered, Case, Desk};
use crate::statement::Severity;
use crate::statement::request::Origin;
use crate::text::show_line;

/// How much a remark weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Fact,
    Warning,
}

/// One remark, safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub weight: Weight,
    pub text: String,
}

/// Several requests within this many seconds are said.
const SOON: u64 = 120;

pub(super) fn of(case: &Case, desk: &Desk, found: &Found, now: u64) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut warn = |text: String| notes.push(Note { weight: Weight::Warning, text });
    if let Err(why) = &case.genuine {
        warn(format!("NOT GENUINE: {why}"));
    }
    if let Some(log) = &found.log {
        warn(format!("{log}: do not approve, talk to them"));
    }
    if case.severity() == Severity::Critical && !desk.verifies_user() {
        warn(
            "critical: your key cannot approve this; a hardware key or passkey with PIN or fingerprint can"
                .into(),
        );
    }
    match case.own_answer() {
        Some(Answered::WrongNumber { left: 0 }) => {
            warn("the number that you gave did not match either".into())
        }
        Some(Answered::WrongNumber { .. }) => {
            warn("the number that you gave did not match: one try is left".into())
        }
        Some(Answered::NotCounted) => warn("your approval does not count: their terminal says why".into()),
        Some(Answered::Counts) | None => {}
    }
    match case.asked.origin() {
        Some(Origin::Agent) => warn("an agent asks, not a person at a terminal".into()),
        Some(Origin::Ci) => warn("a CI job asks, not a person at a terminal".into()),
        Some(Origin::Tty | Origin::Script) => {}
        None => warn("a ticket: a workload runs this later, and nobody is asked again".into()),
    }
    if found.new_key {
        warn("the first request with this key that this machine sees".into());
    } else if found.new_machine {
        warn("the first request from this machine of theirs".into());
    }
    if found.since_last.is_some_and(|seconds| seconds < SOON) {
        let seconds = found.since_last.unwrap_or(0);
        warn(format!("they asked for something else {seconds} s before"));
    }
    if let Some(apart) = desk.apart {
        warn(format!("{}: your answer may not count until the one that is wrong is set", apart.words()));
    }
    for weaker in &case.weaker {
        warn(weaker.clone());
    }
    // A ticket is held against the policy of the machine that uses it.
    let other = desk.own_policy().is_some_and(|own| own != case.asked.policy().digest);
    if other && !case.asked.is_ticket() && case.weaker.is_empty() {
        warn(
            "their policy is not the one on this machine; by yours it needs no more than it asks for".into(),
        );
    }
    if case.asked.iat() > now + crate::statement::SKEW {
        warn(format!("their clock is {} s ahead of this machine's", case.asked.iat() - now));
    }
    facts(case, desk.person(), found, &mut notes);
    notes
}

fn facts(case: &Case, you: &str, found: &Found, notes: &mut Vec<Note>) {
    let mut tell = |text: String| notes.push(Note { weight: Weight::Fact, text });
    let who = show_line(case.asked.person(), 64);
    match case.asked.host() {
        Some(host) => tell(format!("{who} asks, on {}", show_line(host, 64))),
        None => tell(format!("{who} asks")),
    }
    if let Some(seconds) = found.since_last.filter(|seconds| *seconds >= SOON) {
        tell(format!("their last request: {} before this one", super::lines::span(seconds)));
    }
    for viewer in case.viewers.iter().filter(|viewer| viewer.person != you) {
        tell(format!("{} looks at it, too", show_line(&viewer.person, 64)));
    }
    if case.unattended && case.over().is_none() {
        tell(
            "as far as the relay knows nobody waits for it now: it was left to be run later, or given up"
                .into(),
        );
    }
    if let super::Standing::Open { by, missing } = &case.standing {
        for person in by {
            tell(format!("{} has approved", show_line(person, 64)));
        }
        if !by.is_empty() && !missing.is_empty() {
            tell(format!("still missing: {}", show_line(missing.join(", "), 120)));
        }
    }
}
