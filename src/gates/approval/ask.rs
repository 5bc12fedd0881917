//! Where an approval comes from: a ticket, a request that was left, somebody who answers while the terminal or a script waits.
//! Must never take anything but `verify`'s `Approved` for one.

use super::how::Stage;
use super::lack::Lack;
use super::left::Left;
use super::post;
use super::proof::cancel;
use super::quiet::{self, Patience};
use super::ready::{OPEN, Ready};
use super::ticket::{self, Ticketed};
use super::wait::{End, Waiting};
use super::{Approved, Basis, capture, kept};
use crate::gates::steps::Ended;
use crate::gates::{Asked, Stopped};
use crate::settings::Dirs;
use crate::statement::{Answer, Draft, Envelope, MatchKey, Refusal, Request, Verdict, read as read_payload};
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

/// Makes a request and keeps it on this machine while it waits.
pub(super) fn signed(
    ready: &Ready,
    reason: Option<&str>,
    dirs: &Dirs,
) -> Result<(Envelope, Option<MatchKey>, u64), Lack> {
    let made = make(ready, reason, None, dirs)?;
    kept::keep(dirs, &made.request).map_err(|why| Lack::new(69, why.to_string(), why.hint()))?;
    Ok((made.request, made.number, made.exp))
}

/// Waits for the approval on the terminal.
pub fn ask(
    mut ready: Ready,
    talk: &mut Talk<'_>,
    what: &str,
    reason: Option<&str>,
    dirs: &Dirs,
) -> Result<Approved, Ended> {
    let (request, number, exp) = signed(&ready, reason, dirs).map_err(Lack::over)?;
    let digest = request.digest();
    let signer =
        ready.signer().map_err(|why| Lack::new(69, why, "`guard key show` says where your key is").over())?;
    let heard = post::send(&ready.team, signer, request.clone());
    let text = words(&request, what, heard.is_some());
    let answers = kept::answers(dirs, &digest);
    let mut waiting = Waiting::new(&mut ready, &request, number.as_ref(), heard, answers, exp);
    let limit = Duration::from_secs(OPEN + 60);
    let left = talk.wait(&Shown { what: &text, limit }, &mut || waiting.news());
    let end = waiting.into_end();
    kept::forget(dirs, &digest);
    if let Err(declined) = left {
        if declined != Declined::HungUp {
            cancel(&ready, &digest, None);
        }
        return Err(Ended::Declined(declined));
    }
    let end = end.ok_or_else(|| Lack::new(75, "nobody answered", "ask again").over())?;
    decided(ready, request, number, end, false).map_err(Lack::over)
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
    let (request, number, exp) = made.map_err(|why| why.stop(&ready))?;
    let id = request.digest().hex()[..8].to_owned();
    crate::say!("request {id} waits for {}: {}", seats(&ready), what(asked));
    crate::say!(
        "hint: `guard approve {id}` approves it; `guard requests show {id}` prints it as text to send"
    );
    let end = listen(&mut ready, &request, number.as_ref(), exp, Patience::For(limit), asked.dirs);
    kept::forget(asked.dirs, &request.digest());
    match end {
        Ok(Some(end)) => {
            let reason = asked.how.reason.map(redact::text_for_people);
            let approved = decided_or_stop(ready, request, number, end, false)?;
            Ok(Approved { reason, ..approved })
        }
        Ok(None) => {
            cancel(&ready, &request.digest(), None);
            Err(ready.lacks(75, "nobody approved in time", "ask again, with a longer --wait"))
        }
        Err(declined) => {
            cancel(&ready, &request.digest(), None);
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
        Ok(Some(end)) => {
            let over = matches!(&end, End::Answered(_, answer) if !matches!(answer.verdict, Verdict::Approved { .. }));
            let decided = decided_or_stop(ready, request.clone(), number, end, true);
            if over {
                kept::forget(asked.dirs, &request.digest());
            }
            Ok(Approved { reason: asked_for.reason, ..decided? })
        }
        Ok(None) => Err(ready.lacks(75, "it is not approved yet", hint)),
        Err(declined) => Err(Stopped::Declined(declined)),
    }
}

fn listen(
    ready: &mut Ready,
    request: &Envelope,
    number: Option<&MatchKey>,
    exp: u64,
    patience: Patience,
    dirs: &Dirs,
) -> Result<Option<End>, Declined> {
    let signer = ready.signer();
    let Ok(signer) = signer else {
        let hint = "`guard key show` says where your key is".to_owned();
        return Ok(Some(End::Ended { status: 69, why: "the key cannot sign".to_owned(), hint }));
    };
    let heard = post::send(&ready.team, signer, request.clone());
    let answers = kept::answers(dirs, &request.digest());
    let mut waiting = Waiting::new(ready, request, number, heard, answers, exp);
    quiet::wait(&mut waiting, patience)?;
    if let (Patience::Once, Some(why)) = (patience, waiting.trouble()) {
        let hint = "try again, or `guard requests show ID` prints it as text to send".to_owned();
        return Ok(Some(End::Ended { status: 69, why, hint }));
    }
    Ok(waiting.into_end())
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

fn decided_or_stop(
    ready: Ready,
    request: Envelope,
    number: Option<MatchKey>,
    end: End,
    left: bool,
) -> Result<Approved, Stopped> {
    let gate = ready.gate().clone();
    decided(ready, request, number, end, left).map_err(|lack| Stopped::Unavailable {
        gate,
        status: lack.status,
        why: lack.why,
        hint: lack.hint,
    })
}

fn decided(
    ready: Ready,
    request: Envelope,
    number: Option<MatchKey>,
    end: End,
    left: bool,
) -> Result<Approved, Lack> {
    let (statements, answer) = match end {
        End::Answered(statements, answer) => (statements, answer),
        End::Ended { status, why, hint } => return Err(Lack::new(status, why, hint)),
    };
    if matches!(answer.verdict, Verdict::Mismatch { .. }) {
        cancel(&ready, &request.digest(), Some("two wrong numbers"));
    }
    let (seats, approvals, start_by) = approval(answer)?;
    let by: Vec<String> = seats.iter().map(|seat| format!("{} ({})", seat.person, seat.group)).collect();
    let basis = Basis::Request { number, statements, approvals, start_by, left };
    Ok(Approved { ready, request, basis, claimed: None, use_number: None, by: by.join(", "), reason: None })
}

type Filled = (Vec<crate::statement::Filled>, Vec<crate::statement::Hash>, u64);

/// What an answer approves, or why it does not.
fn approval(answer: Answer) -> Result<Filled, Lack> {
    let lack = |status, why: String, hint: &str| Err(Lack::new(status, why, hint));
    match answer.verdict {
        Verdict::Approved { seats, approvals, start_by, .. } => Ok((seats, approvals, start_by)),
        Verdict::Denied { by } => {
            let who = |refusal: &Refusal| {
                let note =
                    refusal.note.as_deref().map(|n| format!(": {}", show_line(n, 160))).unwrap_or_default();
                let how = if refusal.report { "reports it as an attack" } else { "denies it" };
                format!("{} {how}{note}", show_line(&refusal.person, 40))
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
            let why = format!("{} took the approval back", show_line(by.join(", "), 80));
            lack(77, why, "ask them why, then ask again")
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
