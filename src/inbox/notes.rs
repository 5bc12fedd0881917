//! What an approver should know before reading a request: guard's own remarks, apart from the request's text. Must
//! never be part of the rendering whose digest is signed.

use super::known::Found;
use super::{Case, Desk};
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
    match case.request.requester.origin {
        Origin::Agent => warn("an agent asks, not a person at a terminal".into()),
        Origin::Ci => warn("a CI job asks, not a person at a terminal".into()),
        Origin::Tty | Origin::Script => {}
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
    let own = desk.own_policy();
    if own.is_some_and(|own| own != case.request.policy.digest) {
        warn("their policy is not the one on this machine: the needs below may be weaker than yours".into());
    }
    if case.request.iat > now + crate::statement::SKEW {
        warn(format!("their clock is {} s ahead of this machine's", case.request.iat - now));
    }
    facts(case, found, &mut notes);
    notes
}

fn facts(case: &Case, found: &Found, notes: &mut Vec<Note>) {
    let mut tell = |text: String| notes.push(Note { weight: Weight::Fact, text });
    let who = &case.request.requester;
    tell(format!("{} asks, on {}", show_line(&who.person, 64), show_line(&who.host, 64)));
    if let Some(seconds) = found.since_last.filter(|seconds| *seconds >= SOON) {
        tell(format!("their last request: {} before this one", super::lines::span(seconds)));
    }
    for viewer in &case.viewers {
        tell(format!("{} looks at it, too", show_line(&viewer.person, 64)));
    }
    if let super::Standing::Open { by, missing } = &case.standing {
        for person in by {
            tell(format!("{} has approved", show_line(person, 64)));
        }
        if !by.is_empty() && !missing.is_empty() {
            tell(format!("still missing: {}", show_line(&missing.join(", "), 120)));
        }
    }
}
