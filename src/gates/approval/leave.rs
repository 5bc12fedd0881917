//! Requests that nobody waits for: made and left, looked at, taken back. Must never call one approved on the relay's word.

use super::ask::signed;
use super::ended::{self, End, Fate};
use super::lacking::{self, Lacking};
use super::left::{Left, NotThere, Secrets};
use super::proof::cancellation;
use super::ready::{Ready, now};
use super::{kept, post};
use crate::gates::{Asked, Stopped};
use crate::invocation::Stdin;
use crate::keys::Identity;
use crate::keys::private::FileError;
use crate::settings::Dirs;
use crate::statement::{
    Claim, Envelope, Kind, MatchKey, Needs, Question, Request, Severity, Surface, Verdict, eligible, open,
    read as read_payload, verify,
};
use crate::team::{Courier, Team, paste};

/// Makes the request, keeps what is needed to run it later, and sends it.
pub fn leave(mut ready: Ready, asked: &Asked<'_>, open: u64, within: u64) -> Stopped {
    if let Err(stopped) = ready.enough() {
        return stopped;
    }
    (ready.open, ready.within) = (open, within);
    let open = match signed(&ready, asked.how.reason, asked.dirs) {
        Ok(made) => made,
        Err(why) => return why.stop(&ready),
    };
    let secrets = Secrets { key: &ready.key, number: open.number.as_ref() };
    let stdin = match asked.live.stdin {
        Stdin::Content(bytes) => Some(&bytes[..]),
        Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => None,
    };
    match Left::keep(asked.dirs, &open.request, asked.live.argv, stdin, &secrets) {
        Ok(secret) if secret.is_empty() => {}
        Ok(secret) => {
            crate::say!("not kept, being secret: {}; `run` needs it again", secret.join(", "));
        }
        Err(error) => {
            kept::forget(asked.dirs, &open.request.digest());
            return ready.lacks(69, format!("it cannot be kept: {error}"), error.hint());
        }
    }
    let (request, number) = open.leave();
    let sent = send(&ready, &request).map_err(|why| {
        let people = ready.approvers.iter().map(String::as_str);
        (why, lacking::numbers(people, number.as_ref(), &request.digest()))
    });
    Stopped::Left { id: request.digest().hex()[..12].to_owned(), sent }
}

/// Hands it to the relay; why not, in words.
fn send(ready: &Ready, request: &Envelope) -> Result<(), String> {
    let signer = ready.signer()?;
    match Courier::to(&ready.team, &signer) {
        Ok(Some(courier)) => courier.submit(request).map_err(|why| why.to_string()),
        Ok(None) => Err("the team has no relay".to_owned()),
        Err(why) => Err(why.to_string()),
    }
}

/// How a request stands that was left.
#[derive(Debug)]
pub struct Standing {
    pub word: &'static str,
    /// Who approved so far.
    pub by: Vec<String>,
    /// What those said who refused or took their approval back.
    pub notes: Vec<(String, String)>,
    /// How many approve and who is missing, while it waits.
    pub lacking: Option<String>,
    /// Who looks, with the number for each.
    pub viewers: Vec<(String, Option<String>)>,
    /// Why the relay could not be asked.
    pub trouble: Option<String>,
}

/// How it stands by what it asks for itself; what counts is the policy when it runs.
pub fn standing(dirs: &Dirs, left: &Left) -> Result<Standing, String> {
    let team =
        Team::existing(&dirs.state).map_err(|why| why.to_string())?.ok_or("this machine is in no team")?;
    let request = read_payload::<Request>(left.request.payload()).map_err(|why| why.to_string())?;
    let (mut statements, trouble) = match said(dirs, &team, &left.request) {
        Ok(statements) => (statements, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    statements.extend(pasted(dirs, &left.request));
    let number = left.number();
    let needs = needs(&request, number.is_some());
    let question = Question {
        subject: &left.request,
        statements: &statements,
        roster: team.roster(),
        needs: &needs,
        match_key: number.as_ref(),
        now: now(),
    };
    let answer = verify(&question);
    let by = match &answer.verdict {
        Verdict::Approved { seats: filled, .. } | Verdict::Pending { filled, .. } => {
            filled.iter().map(|seat| seat.person.clone()).collect()
        }
        Verdict::Denied { by } => by.iter().map(|refusal| refusal.person.clone()).collect(),
        Verdict::Mismatch { by } => by.clone(),
        Verdict::Revoked { by } => by.iter().map(|taken| taken.person.clone()).collect(),
        Verdict::Cancelled { .. } | Verdict::Expired | Verdict::Lapsed { .. } | Verdict::Void(_) => {
            Vec::new()
        }
    };
    let lacking = match &answer.verdict {
        Verdict::Pending { filled, missing } => {
            let lacking = Lacking { filled: filled.clone(), missing: missing.clone() };
            Some(lacking.words(team.roster(), &needs, &request.requester.person, now()))
        }
        Verdict::Approved { .. }
        | Verdict::Denied { .. }
        | Verdict::Mismatch { .. }
        | Verdict::Cancelled { .. }
        | Verdict::Revoked { .. }
        | Verdict::Expired
        | Verdict::Lapsed { .. }
        | Verdict::Void(_) => None,
    };
    let used = is_claimed(&left.request, &statements, &team);
    let code = |person: &str, key: &MatchKey| key.code(&answer.digest, person);
    let viewers = answer
        .viewers
        .iter()
        .map(|viewer| (viewer.person.clone(), number.as_ref().map(|key| code(&viewer.person, key))));
    let viewers = viewers.collect();
    let word = if used { Fate::Used.word() } else { answer.verdict.word() };
    Ok(Standing { word, by, notes: notes(&answer.verdict), lacking, viewers, trouble })
}

/// Why it was refused or taken back, by person.
fn notes(verdict: &Verdict) -> Vec<(String, String)> {
    let note = |person: &String, note: &Option<String>| note.clone().map(|note| (person.clone(), note));
    match verdict {
        Verdict::Denied { by } => by.iter().filter_map(|no| note(&no.person, &no.note)).collect(),
        Verdict::Revoked { by } => by.iter().filter_map(|taken| note(&taken.person, &taken.note)).collect(),
        Verdict::Approved { .. }
        | Verdict::Pending { .. }
        | Verdict::Mismatch { .. }
        | Verdict::Cancelled { .. }
        | Verdict::Expired
        | Verdict::Lapsed { .. }
        | Verdict::Void(_) => Vec::new(),
    }
}

/// Whether the requester has claimed its one use: by another process or machine, or one that was ended before it said so here.
fn is_claimed(request: &Envelope, statements: &[Vec<u8>], team: &Team) -> bool {
    let Ok(asked) = read_payload::<Request>(request.payload()) else { return false };
    let claims = statements.iter().filter_map(|bytes| Envelope::from_bytes(bytes).ok());
    claims.filter(|envelope| envelope.kind() == Some(Kind::Claim)).any(|envelope| {
        let opened = open::<Claim>(&envelope, team.roster(), now());
        opened.is_ok_and(|claim| {
            claim.statement().request == request.digest() && claim.person() == asked.requester.person
        })
    })
}

/// The numbers of a request that was left, for answers that come as text.
pub fn numbers(dirs: &Dirs, left: &Left) -> Option<String> {
    let team = Team::existing(&dirs.state).ok()??;
    let asked = read_payload::<Request>(left.request.payload()).ok()?;
    let people = eligible(team.roster(), &needs(&asked, true), &asked.requester.person, now());
    lacking::numbers(people, left.number().as_ref(), &left.request.digest())
}

/// What a request asks for itself.
fn needs(asked: &Request, number: bool) -> Needs {
    let severity = asked.policy.severity;
    Needs {
        seats: asked.policy.needs.clone(),
        severity,
        surfaces: Surface::ALL.to_vec(),
        number,
        end_of_text: severity >= Severity::High,
        deny_quorum: 1,
    }
}

/// Everything that was said about it at the relay.
fn said(dirs: &Dirs, team: &Team, request: &Envelope) -> Result<Vec<Vec<u8>>, String> {
    let identity =
        Identity::existing(&dirs.state).map_err(|why| why.to_string())?.ok_or("you have no key")?;
    let signer = identity.signer().map_err(|why| why.to_string())?;
    let Some(courier) = Courier::to(team, &signer).map_err(|why| why.to_string())? else {
        return Ok(Vec::new());
    };
    let thread = courier.poll(&request.digest(), 0, 0).map_err(|why| why.to_string())?;
    Ok(thread.map(|t| t.entries.iter().map(|e| e.envelope.to_bytes()).collect()).unwrap_or_default())
}

fn pasted(dirs: &Dirs, request: &Envelope) -> Vec<Vec<u8>> {
    let path = kept::answers(dirs, &request.digest());
    let bytes = crate::sys::file::read_bounded(&path, 1 << 20).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.lines().filter_map(paste::envelope).map(|envelope| envelope.to_bytes()).collect()
}

/// Why a request was not taken back, or not everywhere.
#[derive(Debug)]
pub enum NotTaken {
    /// It stays as it was.
    Not(String),
    /// That cannot be written here: it stays as it was.
    Unkept(FileError),
    /// It is taken back on this machine, and the relay was not told.
    Untold(String),
}

/// Takes a request back, signed: a waiting command ends, one that was left never runs. The relay is told of nothing that is
/// not on this disk.
pub fn take_back(dirs: &Dirs, request: &Envelope) -> Result<(), NotTaken> {
    let no = NotTaken::Not;
    let team = Team::existing(&dirs.state).map_err(|why| no(why.to_string()))?;
    let team = team.ok_or_else(|| no("this machine is in no team".to_owned()))?;
    let identity = Identity::existing(&dirs.state).map_err(|why| no(why.to_string()))?;
    let identity = identity.ok_or_else(|| no("you have no key".to_owned()))?;
    let kid = identity.public().fingerprint();
    let person = team.roster().key(&kid).map(|(person, _)| person.id.clone());
    let person = person.ok_or_else(|| no("your key is not in the team".to_owned()))?;
    let digest = request.digest();
    let (signed, signer) = cancellation(&team, &identity, &person, &digest, None).map_err(no)?;
    let waited_for = match Left::of(dirs, request) {
        Err(NotThere::File(error)) => return Err(no(error.to_string())),
        Ok(Some(_)) | Err(NotThere::Earlier | NotThere::Unreadable) => false,
        Ok(None) => !kept::is_abandoned(dirs, &digest),
    };
    if waited_for {
        let line = paste::to_text(paste::Form::Answer, &signed.to_bytes());
        kept::answer(dirs, &digest, &line).map_err(NotTaken::Unkept)?;
    } else {
        let over = End::new(Fate::Cancelled, None);
        ended::end_durably(dirs, request, over).map_err(NotTaken::Unkept)?;
    }
    post::say(&team, signer, &digest, signed).map_err(NotTaken::Untold)
}
