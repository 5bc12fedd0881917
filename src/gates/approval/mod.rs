//! Another person's approval: the command is captured, signed as a request, sent, waited for, and compared with what would
//! run once more before it starts. Must never be taken for passed because nobody can be asked for it, nor count twice.

mod capture;
mod kept;
mod post;
mod ready;
mod teller;
mod wait;

pub use capture::Live;
pub use kept::{answer, waiting};
pub use ready::Ready;

pub use capture::target;

use super::Stopped;
use super::steps::Ended;
use crate::rules::pack::Gate;
use crate::settings::Dirs;
use crate::statement::records::{Cancel, Outcome, Receipt, ReceiptNeeds};
use crate::statement::{Answer, Bundle, Draft, Envelope, Hash, MatchKey, VERSION, Verdict};
use crate::team;
use crate::text::show_line;
use crate::tty::{Declined, Talk, Waiting};
use ready::now;
use std::time::Duration;
use wait::End;

/// An approval that was given and not used yet.
#[derive(Debug)]
pub struct Approved {
    ready: Ready,
    request: Envelope,
    number: Option<MatchKey>,
    statements: Vec<Vec<u8>>,
    approvals: Vec<Hash>,
    start_by: u64,
    /// `bob (sre), carol (dba)`.
    pub by: String,
}

/// Waits for the approval on the terminal.
pub fn ask(
    mut ready: Ready,
    talk: &mut Talk<'_>,
    what: &str,
    reason: Option<&str>,
    dirs: &Dirs,
) -> Result<Approved, Ended> {
    let over = |status, why: String, hint: &str| Ended::Over { status, why, hint: Some(hint.to_owned()) };
    let made = ready.request(reason, crate::audit::head(dirs)).map_err(|why| over(70, why, "try again"))?;
    let (request, number) = made;
    let exp = request.exp;
    let unsigned = Draft::of(&request).map_err(|why| over(70, why.to_string(), "please report this"))?;
    let signer = ready.signer().map_err(|why| over(69, why, "`guard key show` says where your key is"))?;
    let request = team::sign(unsigned, &signer)
        .map_err(|why| over(69, why.to_string(), "`guard key show` says where your key is"))?;
    let digest = request.digest();
    kept::keep(dirs, &request).map_err(|why| over(69, why.to_string(), &why.hint()))?;
    let heard = post::send(&ready.team, signer, request.clone());
    let text = words(&request, what, heard.is_some());
    let mut waiting =
        wait::Waiting::new(&mut ready, &request, number.as_ref(), heard, kept::answers(dirs, &digest), exp);
    let limit = Duration::from_secs(ready::OPEN + 60);
    let left = talk.wait(&Waiting { what: &text, limit }, &mut || waiting.news());
    let end = waiting.into_end();
    kept::forget(dirs, &digest);
    if let Err(declined) = left {
        if declined != Declined::HungUp {
            cancel(&ready, &digest, None);
        }
        return Err(Ended::Declined(declined));
    }
    if let Some(End::Answered(_, Answer { verdict: Verdict::Mismatch { .. }, .. })) = &end {
        cancel(&ready, &digest, Some("two wrong numbers"));
    }
    match end {
        Some(End::Answered(statements, answer)) => approved(ready, request, number, statements, answer),
        Some(End::Ended { status, why, hint }) => Err(over(status, why, &hint)),
        None => Err(over(75, "nobody answered".to_owned(), "ask again")),
    }
}

fn words(request: &Envelope, what: &str, relayed: bool) -> String {
    let id = request.digest().hex();
    let id = &id[..8];
    if relayed {
        return format!("request {id}: {what}");
    }
    format!(
        "request {id}: {what}; the team has no relay: in another terminal `guard requests show {id}` prints it as text to \
         send, `guard requests answer` takes the answer"
    )
}

fn approved(
    ready: Ready,
    request: Envelope,
    number: Option<MatchKey>,
    statements: Vec<Vec<u8>>,
    answer: Answer,
) -> Result<Approved, Ended> {
    let over = |status, why: String, hint: &str| {
        let hint = Some(hint.to_owned()).filter(|hint| !hint.is_empty());
        Err(Ended::Over { status, why, hint })
    };
    match answer.verdict {
        Verdict::Approved { seats, approvals, start_by, .. } => {
            let by: Vec<String> =
                seats.iter().map(|seat| format!("{} ({})", seat.person, seat.group)).collect();
            Ok(Approved { ready, request, number, statements, approvals, start_by, by: by.join(", ") })
        }
        Verdict::Denied { by } => {
            let who = |refusal: &crate::statement::Refusal| {
                let note =
                    refusal.note.as_deref().map(|n| format!(": {}", show_line(n, 160))).unwrap_or_default();
                let how = if refusal.report { "reports it as an attack" } else { "denies it" };
                format!("{} {how}{note}", show_line(&refusal.person, 40))
            };
            over(77, by.iter().map(who).collect::<Vec<_>>().join("; "), "")
        }
        Verdict::Mismatch { by } => over(
            77,
            format!("two wrong numbers ({})", show_line(by.join(", "), 80)),
            "somebody may be answering who does not talk to you: find out before asking again",
        ),
        Verdict::Cancelled { .. } => over(77, "the request was taken back".to_owned(), ""),
        Verdict::Revoked { by } => {
            over(77, format!("{} took the approval back", show_line(by.join(", "), 80)), "")
        }
        Verdict::Expired => over(
            75,
            "nobody approved in time".to_owned(),
            "ask again, or `guard breakglass -- CMD` in an emergency",
        ),
        Verdict::Lapsed { .. } => over(75, "it was approved and not started in time".to_owned(), "ask again"),
        Verdict::Void(why) => over(77, why.to_string(), "`guard team update`, then ask again"),
        Verdict::Pending { .. } => over(75, "nobody answered".to_owned(), "ask again"),
    }
}

/// Takes the request back, signed; what cannot be sent expires by itself.
fn cancel(ready: &Ready, request: &Hash, reason: Option<&str>) {
    let statement = Cancel {
        v: VERSION,
        team: ready.team.name().to_owned(),
        request: *request,
        person: ready.person.clone(),
        key: ready.identity.public().fingerprint(),
        iat: now(),
        reason: reason.map(str::to_owned),
    };
    let Ok(signer) = ready.signer() else { return };
    let signed = Draft::of(&statement).ok().and_then(|draft| team::sign(draft, &signer).ok());
    if let Some(envelope) = signed {
        post::say(&ready.team, signer, request, envelope);
    }
}

impl Approved {
    /// What would run now in another way than was approved; `None` when nothing.
    pub fn changed(&self, live: &Live<'_>) -> Option<String> {
        match capture::Capture::take(live, &self.ready.key) {
            Ok(now) => self.ready.capture.difference(&now),
            Err(why) => Some(why),
        }
    }

    /// Uses it up: durably on this machine. Only then the command may start.
    pub fn spend(&self, dirs: &Dirs) -> Result<(), Stopped> {
        let gate = self.gate();
        let stop = |status, why: String, hint: &str| Stopped::Unavailable {
            gate: gate.clone(),
            status,
            why,
            hint: hint.to_owned(),
        };
        if now() >= self.start_by {
            return Err(stop(75, "it was approved and not started in time".into(), "ask again"));
        }
        match team::spend(&dirs.state, &self.request.digest()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(stop(77, "this approval was used already".into(), "ask again")),
            Err(error) => Err(stop(77, format!("its use cannot be kept: {error}"), &error.hint())),
        }
    }

    /// Signs how it went, keeps the proof on this machine and queues the receipt for the relay. What fails here is said and
    /// changes nothing: the decision is in the log already.
    pub fn receipt(&self, dirs: &Dirs, drift: Option<&str>) -> Result<(), String> {
        let started = drift.is_none().then(now);
        let receipt = Receipt {
            v: VERSION,
            team: self.ready.team.name().to_owned(),
            request: self.request.digest(),
            person: self.ready.person.clone(),
            key: self.ready.identity.public().fingerprint(),
            iat: now(),
            outcome: if drift.is_some() { Outcome::Drift } else { Outcome::Started },
            approvals: self.approvals.clone(),
            needs: ReceiptNeeds::from(&self.ready.needs),
            started,
            exit: None,
            signal: None,
            duration_ms: None,
            drift: drift.map(str::to_owned).into_iter().collect(),
            match_key: self.number.as_ref().map(MatchKey::reveal),
            chain: None,
        };
        let signer = self.ready.signer()?;
        let draft = Draft::of(&receipt).map_err(|why| why.to_string())?;
        let receipt = team::sign(draft, &signer).map_err(|why| why.to_string())?;
        let statements =
            self.statements.iter().filter_map(|bytes| Envelope::from_bytes(bytes).ok()).collect();
        let bundle = Bundle {
            v: VERSION,
            request: self.request.clone(),
            statements,
            rosters: self.ready.team.chain().to_vec(),
            receipt: receipt.clone(),
        };
        kept::keep_bundle(dirs, &bundle).map_err(|why| why.to_string())?;
        let queued = team::outbox::queue(&dirs.state, &self.request.digest(), &receipt);
        queued.map_err(|why| why.to_string())
    }

    fn gate(&self) -> Gate {
        let need = self.ready.needs.seats.first();
        Gate::Approval {
            group: need.map(|n| n.group.clone()).unwrap_or_default(),
            people: need.and_then(|n| u32::try_from(n.n).ok()).unwrap_or(1),
        }
    }
}
