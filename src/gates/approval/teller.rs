//! Tells each approver what became of their approval: a signed word in the thread, sent by a thread of its own. Must never
//! hold the wait up, nor decide anything: what cannot be told is left out.

use super::ready::{Ready, now};
use crate::keys::Signer;
use crate::statement::heard::{Finding, Heard};
use crate::statement::{
    Answer, Approval, Decision, Draft, Envelope, Hash, Kind, VERSION, Verdict, Why, read,
};
use crate::team::{self, Courier};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Wrong numbers that end a request.
const TRIES: u64 = 2;
/// Approvals of one request that are answered.
const MOST: usize = 32;
/// How long the end of a request may be held up to tell it.
const LAST_WORD: Duration = Duration::from_secs(4);

/// What was told already, and the way to tell more.
#[derive(Default)]
pub struct Teller {
    told: BTreeSet<Hash>,
    way: Option<Way>,
    /// There is no way.
    dumb: bool,
}

struct Way {
    drafts: Sender<Draft>,
    /// Closed when everything was sent.
    sent: Receiver<()>,
}

impl Teller {
    /// Tells what is new in an answer.
    pub fn tell(&mut self, ready: &Ready, request: &Envelope, statements: &[Vec<u8>], answer: &Answer) {
        // A hardware key would ask for a touch each time; those approvers are told by the person.
        if self.dumb || ready.identity.public().is_hardware() {
            return;
        }
        let mut wrong = 0;
        for (at, bytes) in statements.iter().enumerate() {
            let Ok(envelope) = Envelope::from_bytes(bytes) else { continue };
            if envelope.kind() != Some(Kind::Approval) {
                continue;
            }
            let finding = match answer.ignored.iter().find(|ignored| ignored.at == at) {
                None => Finding::Counts,
                Some(ignored) if ignored.person.is_none() => continue,
                Some(ignored) if ignored.why == Why::WrongNumber => {
                    wrong += 1;
                    Finding::WrongNumber
                }
                Some(ignored) if matches!(ignored.why, Why::Duplicate | Why::Replaced) => continue,
                Some(_) => Finding::NotCounted,
            };
            // Opened by `verify`: what did not open has no person.
            let approves =
                read::<Approval>(envelope.payload()).is_ok_and(|a| a.decision == Decision::Approve);
            let about = envelope.digest();
            if !approves || self.told.len() >= MOST || !self.told.insert(about) {
                continue;
            }
            let said = Heard {
                v: VERSION,
                team: ready.team.name().to_owned(),
                request: request.digest(),
                about,
                person: ready.person.clone(),
                key: ready.identity.public().fingerprint(),
                iat: now(),
                finding,
                left: TRIES.saturating_sub(wrong),
            };
            self.send(ready, &said);
        }
    }

    fn send(&mut self, ready: &Ready, said: &Heard) {
        if self.way.is_none() {
            self.way = way(ready, said.request);
            self.dumb = self.way.is_none();
        }
        if let (Some(way), Ok(draft)) = (&self.way, Draft::of(said)) {
            // The thread may have ended: then nothing more can be told.
            let _ = way.drafts.send(draft);
        }
    }

    /// The request ends: what is on the way gets a moment, where there will be no receipt to tell it.
    pub fn end(self, verdict: &Verdict) {
        let Some(Way { drafts, sent }) = self.way else { return };
        drop(drafts);
        match verdict {
            Verdict::Mismatch { .. } => drop(sent.recv_timeout(LAST_WORD)),
            Verdict::Approved { .. }
            | Verdict::Pending { .. }
            | Verdict::Denied { .. }
            | Verdict::Cancelled { .. }
            | Verdict::Revoked { .. }
            | Verdict::Expired
            | Verdict::Lapsed { .. }
            | Verdict::Void(_) => {}
        }
    }
}

fn way(ready: &Ready, request: Hash) -> Option<Way> {
    let relay = ready.team.way().relay.clone()?;
    let (ca, name) = (ready.team.way().ca.clone(), ready.team.name().to_owned());
    let signer = ready.signer().ok()?;
    let (drafts, ordered) = channel::<Draft>();
    let (done, sent) = channel::<()>();
    let work = move || {
        crate::sys::process::block_signals_in_thread();
        if let Ok(courier) = Courier::new(&relay, ca.as_deref(), &name, &signer) {
            carry(&courier, &signer, &request, &ordered);
        }
        drop(done);
    };
    std::thread::Builder::new().name("teller".to_owned()).spawn(work).ok()?;
    Some(Way { drafts, sent })
}

fn carry(courier: &Courier<'_>, signer: &Signer, request: &Hash, drafts: &Receiver<Draft>) {
    while let Ok(draft) = drafts.recv() {
        if let Ok(envelope) = team::sign(draft, signer) {
            // Lost or not taken: the approver's terminal says that it was told nothing.
            let _ = courier.say(request, &envelope);
        }
    }
}
