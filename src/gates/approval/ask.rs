//! Where an approval comes from: a ticket, a request that was left, somebody who answers while the terminal or a script waits.
//! Must never take anything but `verify`'s `Approved` for one.

use super::ended::{self, End, Fate};
use super::how::Stage;
use super::kept::Busy;
use super::lack::Lack;
use super::left::Left;
use super::post;
use super::proof;
use super::quiet::{self, Patience};
use super::ready::{OPEN, Ready};
use super::ticket::{self, Ticketed};
use super::wait::{End as Over, Waiting};
use super::{Approved, Basis, capture, kept};
use crate::gates::steps::Ended;
use crate::gates::{Asked, Stopped};
use crate::settings::Dirs;
use crate::statement::{
    Answer, Draft, Envelope, MatchKey, Refusal, Request, Verdict, Withdrawal, read as read_payload,
};
use crate::team;
use crate::text::{redact, show_line};
use crate::tty::{Declined, Talk, Waiting as Shown};
use std::time::Duration;

/// Longest that a request may be open.
const LONGEST: u64 = 24 * 3600;

/// A request that was signed here.
struct Made {
    request: Envelope,
    number: Option<MatchKey>,
    exp: u64,
    reason: Option<String>,
}

/// What is known before anybody is asked.
pub enum Given {
    Approved(Box<Approved>),
    Ask(Box<Ready>),
}

fn make(ready: &Ready, reason: Option<&str>, ticket: Option<&Ticketed>, dirs: &Dirs) -> Result<Made, Lack> {
    let no_key = |why: String| Lack::new(69, why, "`guard key show` says where your key is");
    let made = ready.request(reason, crate::audit::head(dirs)).map_err(|why| Lack::new(70, why, "try again"));
    let (mut request, number) = made?;
    request.ticket = ticket.map(|ticketed| ticketed.found.envelope.digest().to_string());
    let unsigned = Draft::of(&request).map_err(|why| Lack::new(70, why.to_string(), "please report this"))?;
    let signer = ready.signer().map_err(no_key)?;
    let envelope = team::sign(unsigned, &signer).map_err(|why| no_key(why.to_string()))?;
    Ok(Made { request: envelope, number, exp: request.exp, reason: request.reason })
}

/// A request that was signed and is kept here.
pub(super) struct Open {
    pub request: Envelope,
    pub number: Option<MatchKey>,
    exp: u64,
    /// Says that this process has it in hand.
    busy: Busy,
}

impl Open {
    /// Nobody waits for it here any more.
    pub fn leave(self) -> (Envelope, Option<MatchKey>) {
        self.busy.let_go();
        (self.request, self.number)
    }
}

/// Makes a request and keeps it on this machine while it waits.
pub(super) fn signed(ready: &Ready, reason: Option<&str>, dirs: &Dirs) -> Result<Open, Lack> {
    let Made { request, number, exp, .. } = make(ready, reason, None, dirs)?;
    let no = |why: crate::keys::private::FileError| Lack::new(69, why.to_string(), why.hint());
    let busy = kept::hold(dirs, &request.digest()).map_err(no)?;
    kept::keep(dirs, &request).map_err(no)?;
    Ok(Open { request, number, exp, busy })
}

/// Waits for the approval on the terminal.
pub fn ask(
    mut ready: Ready,
    talk: &mut Talk<'_>,
    what: &str,
    reason: Option<&str>,
    dirs: &Dirs,
) -> Result<Approved, Ended> {
    let signer =
        ready.signer().map_err(|why| Lack::new(69, why, "`guard key show` says where your key is").over())?;
    let Open { request, number, exp, busy } = signed(&ready, reason, dirs).map_err(Lack::over)?;
    let digest = request.digest();
    let heard = post::send(&ready.team, signer, request.clone());
    let text = words(&request, what, heard.is_some());
    let answers = kept::answers(dirs, &digest);
    let mut waiting = Waiting::new(&mut ready, &request, number.as_ref(), heard, answers, exp);
    let limit = Duration::from_secs(OPEN + 60);
    let left = talk.wait(&Shown { what: &text, limit }, &mut || waiting.news());
    let end = waiting.into_end();
    if let Err(declined) = left {
        ended::end(dirs, &request, End::new(Fate::Cancelled, None));
        proof::leave(&ready, &digest, declined);
        return Err(Ended::Declined(declined));
    }
    let Some(end) = end else {
        ended::end(dirs, &request, End::new(Fate::Expired, None));
        return Err(Lack::new(75, "nobody answered", "ask again").over());
    };
    let asked = Asking { request, number, busy: Some(busy), dirs };
    decided(ready, asked, end).map_err(Lack::over)
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

/// What is there already: a request that was left, or a ticket. A ticket that does not count stops a command that nobody
/// can be asked for; elsewhere it is said.
pub fn given(mut ready: Ready, asked: &Asked<'_>, can_ask: bool) -> Result<Given, Stopped> {
    if let Stage::Claim(left) = asked.how.stage {
        return claim(ready, left, asked).map(|approved| Given::Approved(Box::new(approved)));
    }
    match ticket::find(&mut ready, asked.live.argv, asked.verdict, asked.dirs) {
        Ok(None) => Ok(Given::Ask(Box::new(ready))),
        Ok(Some(ticketed)) => {
            by_ticket(ready, ticketed, asked).map(|approved| Given::Approved(Box::new(approved)))
        }
        Err(why) if can_ask => {
            crate::tty::notice(&format!("no ticket is used: {}", why.why));
            Ok(Given::Ask(Box::new(ready)))
        }
        Err(why) => Err(why.stop(&ready)),
    }
}

fn by_ticket(mut ready: Ready, ticketed: Ticketed, asked: &Asked<'_>) -> Result<Approved, Stopped> {
    ready.needs.number = false;
    // A ticket is for any machine of the workload: which directory entry a path leads to here is not its matter.
    ready.capture.target = capture::target(asked.verdict);
    let reason = asked.how.reason.or(ticketed.ticket().reason.as_deref());
    let made = make(&ready, reason, Some(&ticketed), asked.dirs).map_err(|why| why.stop(&ready))?;
    let by = ticketed.covered.by.join(", ");
    Ok(Approved {
        ready,
        request: made.request,
        basis: Basis::Ticket(Box::new(ticketed)),
        busy: None,
        claimed: None,
        use_number: None,
        by,
        reason: made.reason,
    })
}

/// Asks and waits without a terminal.
pub fn unattended(mut ready: Ready, asked: &Asked<'_>, limit: Duration) -> Result<Approved, Stopped> {
    ready.enough()?;
    ready.open = limit.as_secs().clamp(1, LONGEST);
    let made = signed(&ready, asked.how.reason, asked.dirs);
    let Open { request, number, exp, busy } = made.map_err(|why| why.stop(&ready))?;
    let id = request.digest().hex()[..8].to_owned();
    crate::say!("request {id} waits for {}: {}", seats(&ready), what(asked));
    crate::say!(
        "hint: `guard approve {id}` approves it; `guard requests show {id}` prints it as text to send"
    );
    match listen(&mut ready, &request, number.as_ref(), exp, Patience::For(limit), asked.dirs) {
        Ok(Ok(end)) => {
            let reason = asked.how.reason.map(redact::text_for_people);
            let asking = Asking { request, number, busy: Some(busy), dirs: asked.dirs };
            let approved = decided_or_stop(ready, asking, end)?;
            Ok(Approved { reason, ..approved })
        }
        Ok(Err(lacking)) => {
            ended::end(asked.dirs, &request, End::new(Fate::Expired, Some(&lacking)));
            proof::cancel(&ready, &request.digest(), None);
            let why = format!("nobody approved in time: {lacking}");
            Err(ready.lacks(75, why, "ask again, with a longer --wait"))
        }
        Err(declined) => {
            ended::end(asked.dirs, &request, End::new(Fate::Cancelled, None));
            proof::leave(&ready, &request.digest(), declined);
            Err(Stopped::Declined(declined))
        }
    }
}

/// Looks whether a request that was left is approved now; waits as long as was said.
fn claim(mut ready: Ready, left: &Left, asked: &Asked<'_>) -> Result<Approved, Stopped> {
    let asked_for = read_payload::<Request>(left.request.payload());
    let asked_for = asked_for
        .map_err(|why| ready.lacks(78, format!("the request cannot be read: {why}"), "ask again"))?;
    // What is compared with what would run now is what the approvers saw.
    ready.capture.exec = asked_for.exec;
    ready.capture.target = asked_for.target;
    ready.capture.effects = asked_for.effects;
    let patience = asked.how.wait.map_or(Patience::Once, Patience::For);
    let number = left.number();
    let request = left.request.clone();
    let end = listen(&mut ready, &request, number.as_ref(), asked_for.exp, patience, asked.dirs);
    let hint = format!("`guard requests run --wait 10m {}` waits for it", &request.digest().hex()[..8]);
    match end {
        Ok(Ok(end)) => {
            let asking = Asking { request, number, busy: None, dirs: asked.dirs };
            let decided = decided_or_stop(ready, asking, end)?;
            Ok(Approved { reason: asked_for.reason, ..decided })
        }
        Ok(Err(lacking)) => Err(ready.lacks(75, format!("it is not approved yet: {lacking}"), hint)),
        Err(declined) => Err(Stopped::Declined(declined)),
    }
}

/// Listens until it is decided; what it lacks where patience was over first.
fn listen(
    ready: &mut Ready,
    request: &Envelope,
    number: Option<&MatchKey>,
    exp: u64,
    patience: Patience,
    dirs: &Dirs,
) -> Result<Result<Over, String>, Declined> {
    let signer = ready.signer();
    let Ok(signer) = signer else {
        let hint = "`guard key show` says where your key is".to_owned();
        return Ok(Ok(Over::Ended { status: 69, why: "the key cannot sign".to_owned(), hint }));
    };
    let heard = post::send(&ready.team, signer, request.clone());
    let answers = kept::answers(dirs, &request.digest());
    let mut waiting = Waiting::new(ready, request, number, heard, answers, exp);
    quiet::wait(&mut waiting, patience)?;
    if let (Patience::Once, Some(why)) = (patience, waiting.trouble()) {
        let hint = "try again, or `guard requests show ID` prints it as text to send".to_owned();
        return Ok(Ok(Over::Ended { status: 69, why, hint }));
    }
    let lacking = waiting.lacking();
    Ok(waiting.into_end().ok_or(lacking))
}

fn what(asked: &Asked<'_>) -> String {
    let question = crate::gates::question(asked.verdict);
    show_line(format!("{} ({})", question.title, question.expected), 200)
}

fn seats(ready: &Ready) -> String {
    let seats: Vec<String> =
        ready.needs.seats.iter().map(|need| format!("{} of {}", need.n, need.group)).collect();
    seats.join(", ")
}

/// What was asked, and how it is held here.
struct Asking<'d> {
    request: Envelope,
    number: Option<MatchKey>,
    /// None: it was left.
    busy: Option<Busy>,
    dirs: &'d Dirs,
}

fn decided_or_stop(ready: Ready, asking: Asking<'_>, end: Over) -> Result<Approved, Stopped> {
    let gate = ready.gate().clone();
    decided(ready, asking, end).map_err(|lack| Stopped::Unavailable {
        gate,
        status: lack.status,
        why: lack.why,
        hint: lack.hint,
    })
}

fn decided(ready: Ready, asking: Asking<'_>, end: Over) -> Result<Approved, Lack> {
    let Asking { request, number, busy, dirs } = asking;
    let left = busy.is_none();
    let (statements, answer) = match end {
        Over::Answered(statements, answer) => (statements, answer),
        Over::Ended { status, why, hint } => {
            // What was left can be tried again.
            if !left {
                ended::end(dirs, &request, End::new(Fate::Unsent, Some(&why)));
            }
            return Err(Lack::new(status, why, hint));
        }
    };
    if let Some(over) = End::of(&answer.verdict) {
        ended::end(dirs, &request, over);
    }
    if matches!(answer.verdict, Verdict::Mismatch { .. }) {
        proof::cancel(&ready, &request.digest(), Some("two wrong numbers"));
    }
    let (seats, approvals, start_by) = approval(answer)?;
    let by: Vec<String> = seats.iter().map(|seat| format!("{} ({})", seat.person, seat.group)).collect();
    let basis = Basis::Request { number, statements, approvals, start_by, left };
    let by = by.join(", ");
    Ok(Approved { ready, request, basis, busy, claimed: None, use_number: None, by, reason: None })
}

type Filled = (Vec<crate::statement::Filled>, Vec<crate::statement::Hash>, u64);

/// Who did what, and why in their words.
fn said(person: &str, how: &str, note: Option<&str>) -> String {
    let note = note.map(|note| format!(": {}", show_line(note, 160))).unwrap_or_default();
    format!("{} {how}{note}", show_line(person, 40))
}

/// What an answer approves, or why it does not.
fn approval(answer: Answer) -> Result<Filled, Lack> {
    let lack = |status, why: String, hint: &str| Err(Lack::new(status, why, hint));
    match answer.verdict {
        Verdict::Approved { seats, approvals, start_by, .. } => Ok((seats, approvals, start_by)),
        Verdict::Denied { by } => {
            let who = |refusal: &Refusal| {
                let how = if refusal.report { "reports it as an attack" } else { "denies it" };
                said(&refusal.person, how, refusal.note.as_deref())
            };
            lack(77, by.iter().map(who).collect::<Vec<_>>().join("; "), "ask them what has to change first")
        }
        Verdict::Mismatch { by } => lack(
            77,
            format!("two wrong numbers ({})", show_line(by.join(", "), 80)),
            "somebody may be answering who does not talk to you: find out before asking again",
        ),
        Verdict::Cancelled { .. } => lack(77, "the request was taken back".to_owned(), "ask again"),
        Verdict::Revoked { by } => {
            let who =
                |taken: &Withdrawal| said(&taken.person, "took the approval back", taken.note.as_deref());
            lack(77, by.iter().map(who).collect::<Vec<_>>().join("; "), "talk to them, then ask again")
        }
        Verdict::Expired => lack(
            75,
            "nobody approved in time".to_owned(),
            "ask again, or `guard breakglass -- CMD` in an emergency",
        ),
        Verdict::Lapsed { .. } => lack(75, "it was approved and not started in time".to_owned(), "ask again"),
        Verdict::Void(why) => lack(77, why.to_string(), "`guard team update`, then ask again"),
        Verdict::Pending { .. } => lack(75, "nobody answered".to_owned(), "ask again"),
    }
}
