//! What the requester's guard said about approvals: that one counts, that its number was wrong. Must never take anybody
//! else's word for it.

use super::asked::Asked;
use crate::statement::heard::{self, Finding};
use crate::statement::{Approval, Decision, Envelope, Hash, Kind, Outcome, Receipt, Roster, open};
use crate::text::show_line;
use std::collections::BTreeMap;

/// What became of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Counts,
    /// For a reason that the requester's terminal says.
    NotCounted,
    /// So many wrong ones may still come.
    WrongNumber {
        left: u64,
    },
}

impl Answered {
    pub fn word(self) -> &'static str {
        match self {
            Answered::Counts => "counts",
            Answered::NotCounted => "not-counted",
            Answered::WrongNumber { .. } => "wrong-number",
        }
    }
}

/// By the approvals' digests.
pub(super) fn of(
    subject: &Envelope,
    asked: &Asked,
    thread: &[Vec<u8>],
    roster: &Roster,
    now: u64,
) -> BTreeMap<Hash, Answered> {
    let answered = |(finding, left)| match finding {
        Finding::Counts => Answered::Counts,
        Finding::NotCounted => Answered::NotCounted,
        Finding::WrongNumber => Answered::WrongNumber { left },
    };
    let said = heard::findings(subject, thread, roster, now);
    let mut answers: BTreeMap<Hash, Answered> = said.into_iter().map(|(h, f)| (h, answered(f))).collect();
    for envelope in thread.iter().filter_map(|bytes| Envelope::from_bytes(bytes).ok()) {
        let Ok(receipt) = open::<Receipt>(&envelope, roster, now) else { continue };
        let said = receipt.statement();
        if said.request == subject.digest() && receipt.person() == asked.person() {
            answers.extend(said.approvals.iter().map(|approval| (*approval, Answered::Counts)));
        }
    }
    answers
}

/// What the requester's guard says of the end: in words, with the exit status that says so.
pub(super) fn receipt(
    subject: &Envelope,
    asked: &Asked,
    thread: &[Vec<u8>],
    roster: &Roster,
    now: u64,
) -> Option<(String, i32)> {
    let of = |bytes: &Vec<u8>| {
        let receipt = open::<Receipt>(&Envelope::from_bytes(bytes).ok()?, roster, now).ok()?;
        let said = receipt.statement();
        (said.request == subject.digest() && receipt.person() == asked.person()).then(|| match said.outcome {
            Outcome::Started | Outcome::Ended => ("used: the command has started".to_owned(), 77),
            Outcome::Drift => {
                let what = show_line(said.drift.join(", "), 160);
                (format!("nothing ran, as it was not what was approved: {what}"), 65)
            }
            Outcome::NotStarted => ("approved, and never started".to_owned(), 77),
        })
    };
    thread.iter().find_map(of)
}

/// The thread without approvals that the requester's guard does not count.
pub(super) fn without_refused(thread: &[Vec<u8>], answers: &BTreeMap<Hash, Answered>) -> Vec<Vec<u8>> {
    let refused = |bytes: &[u8]| {
        let digest = Envelope::from_bytes(bytes).ok().map(|envelope| envelope.digest());
        match digest.and_then(|digest| answers.get(&digest)) {
            Some(Answered::NotCounted | Answered::WrongNumber { .. }) => true,
            Some(Answered::Counts) | None => false,
        }
    };
    thread.iter().filter(|bytes| !refused(bytes)).cloned().collect()
}

/// Whether wrong numbers ended the request.
pub(super) fn used_up(answers: &BTreeMap<Hash, Answered>) -> bool {
    answers.values().any(|answered| *answered == Answered::WrongNumber { left: 0 })
}

/// The approval of a person about this that they gave last and did not take back.
pub(super) fn newest_of(
    person: &str,
    about: Hash,
    thread: &[Vec<u8>],
    roster: &Roster,
    now: u64,
) -> Option<Hash> {
    let mine = |bytes: &Vec<u8>| {
        let envelope = Envelope::from_bytes(bytes).ok().filter(|e| e.kind() == Some(Kind::Approval))?;
        let opened = open::<Approval>(&envelope, roster, now).ok()?;
        let said = opened.statement();
        let kind = matches!(said.decision, Decision::Approve | Decision::Revoke);
        let fits = kind && said.request == about && said.person == person;
        fits.then(|| (said.iat, said.decision, envelope.digest()))
    };
    // Of one second the later in the thread.
    let newest = thread.iter().filter_map(mine).max_by_key(|(iat, ..)| *iat);
    newest.filter(|(_, decision, _)| *decision == Decision::Approve).map(|(.., digest)| digest)
}
