//! Requests that nobody waits for: made and left, looked at, taken back. Must never call one approved on the relay's word.

use super::ask::signed;
use super::left::{Left, NotThere, Secrets};
use super::proof::cancellation;
use super::ready::{Ready, now};
use super::{kept, post};
use crate::gates::{Asked, Stopped};
use crate::invocation::Stdin;
use crate::keys::Identity;
use crate::settings::Dirs;
use crate::statement::{
    Envelope, MatchKey, Needs, Question, Request, Severity, Surface, Verdict, read as read_payload, verify,
};
use crate::team::{Courier, Team, paste};

/// Makes the request, keeps what is needed to run it later, and sends it.
pub fn leave(mut ready: Ready, asked: &Asked<'_>, open: u64, within: u64) -> Stopped {
    if let Err(stopped) = ready.enough() {
        return stopped;
    }
    (ready.open, ready.within) = (open, within);
    let (request, number, _) = match signed(&ready, asked.how.reason, asked.dirs) {
        Ok(made) => made,
        Err(why) => return why.stop(&ready),
    };
    let secrets = Secrets { key: &ready.key, number: number.as_ref() };
    let stdin = match asked.live.stdin {
        Stdin::Content(bytes) => Some(&bytes[..]),
        Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => None,
    };
    match Left::keep(asked.dirs, &request, asked.live.argv, stdin, &secrets) {
        Ok(secret) if secret.is_empty() => {}
        Ok(secret) => {
            crate::say!("not kept, being secret: {}; `run` needs it again", secret.join(", "));
        }
        Err(error) => {
            kept::forget(asked.dirs, &request.digest());
            return ready.lacks(69, format!("it cannot be kept: {error}"), error.hint());
        }
    }
    Stopped::Left { id: request.digest().hex()[..12].to_owned(), sent: send(&ready, &request) }
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
    let needs = Needs {
        seats: request.policy.needs,
        severity: request.policy.severity,
        surfaces: Surface::ALL.to_vec(),
        number: number.is_some(),
        end_of_text: request.policy.severity >= Severity::High,
        deny_quorum: 1,
    };
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
        Verdict::Mismatch { by } | Verdict::Revoked { by } => by.clone(),
        Verdict::Cancelled { .. } | Verdict::Expired | Verdict::Lapsed { .. } | Verdict::Void(_) => {
            Vec::new()
        }
    };
    let code = |person: &str, key: &MatchKey| key.code(&answer.digest, person);
    let viewers = answer
        .viewers
        .iter()
        .map(|viewer| (viewer.person.clone(), number.as_ref().map(|key| code(&viewer.person, key))));
    Ok(Standing { word: answer.verdict.word(), by, viewers: viewers.collect(), trouble })
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

/// Takes a request back, signed: a waiting command ends, one that was left never runs. `Err` says what did not work; the
/// second part whether it is taken back on this machine all the same.
pub fn take_back(dirs: &Dirs, request: &Envelope) -> Result<(), (String, bool)> {
    let no = |why: String| (why, false);
    let team = Team::existing(&dirs.state).map_err(|why| no(why.to_string()))?;
    let team = team.ok_or_else(|| no("this machine is in no team".to_owned()))?;
    let identity = Identity::existing(&dirs.state).map_err(|why| no(why.to_string()))?;
    let identity = identity.ok_or_else(|| no("you have no key".to_owned()))?;
    let kid = identity.public().fingerprint();
    let person = team.roster().key(&kid).map(|(person, _)| person.id.clone());
    let person = person.ok_or_else(|| no("your key is not in the team".to_owned()))?;
    let digest = request.digest();
    let (signed, signer) = cancellation(&team, &identity, &person, &digest, None).map_err(no)?;
    match Left::of(dirs, request) {
        Err(NotThere::File(error)) => return Err(no(error.to_string())),
        Ok(Some(_)) | Err(NotThere::Earlier | NotThere::Unreadable) => kept::forget(dirs, &digest),
        Ok(None) => {
            let line = paste::to_text(paste::Form::Answer, &signed.to_bytes());
            kept::answer(dirs, &digest, &line).map_err(|why| no(why.to_string()))?;
        }
    }
    post::say(&team, signer, &digest, signed).map_err(|why| (why, true))
}
