//! Reviews by others: signed on their machine, fetched here, and entered once `settles` says that they count. Must never take
//! the relay's word for who signed.

use super::ledger::{Ledger, LedgerError};
use super::{Review, alarm, settle};
use crate::keys::Signer;
use crate::settings::Dirs;
use crate::statement::breakglass::{self, Breakglass, Judgement, settles};
use crate::statement::{Draft, Envelope, Hash, Request, VERSION, open, read};
use crate::sys::clock;
use crate::team::{self, Courier, Team, Unreached};

fn now() -> u64 {
    clock::real_micros() / 1_000_000
}

/// Why reviews could not be fetched or signed.
#[derive(Debug)]
pub enum NotReviewed {
    Relay(Unreached),
    Ledger(LedgerError),
    /// What is wrong, in words.
    Other(String),
}

impl From<Unreached> for NotReviewed {
    fn from(error: Unreached) -> NotReviewed {
        NotReviewed::Relay(error)
    }
}

/// Fetches what others signed about the uses that are owed; how many are settled now.
pub fn fetch(dirs: &Dirs, team: &Team, courier: &Courier<'_>) -> Result<usize, NotReviewed> {
    let ledger = Ledger::read(dirs).and_then(|ledger| ledger.counted(dirs)).map_err(NotReviewed::Ledger)?;
    let mut settled = 0;
    for used in ledger.owed() {
        let Some(alarm) = alarm::kept(dirs, &used.id) else { continue };
        let Ok(debt) = open::<Breakglass>(&alarm, team.roster(), now()) else { continue };
        let Some(thread) = courier.poll(&debt.statement().request, 0, 0)? else { continue };
        for entry in thread.entries {
            let Ok(review) = open::<breakglass::Review>(&entry.envelope, team.roster(), now()) else {
                continue;
            };
            if settles(&debt, &review).is_err() {
                continue;
            }
            let entered = Review {
                by: review.person().to_owned(),
                verdict: review.statement().judgement.word().to_owned(),
                at: review.statement().iat * 1_000_000,
                statement: review.digest().to_string(),
            };
            settle(dirs, &used.id, debt.person(), entered).map_err(NotReviewed::Ledger)?;
            settled += 1;
            break;
        }
    }
    Ok(settled)
}

/// A break-glass of somebody else, proved, with the request that nobody approved.
#[derive(Debug)]
pub struct Case {
    pub alarm: Envelope,
    pub said: Breakglass,
    pub request: Request,
}

/// Finds the break-glass in the thread of a request.
pub fn find(team: &Team, courier: &Courier<'_>, request: &Hash) -> Result<Option<Case>, NotReviewed> {
    let Some(thread) = courier.poll(request, 0, 0)? else { return Ok(None) };
    let mut asked = None;
    let mut alarm = None;
    for entry in thread.entries {
        if open::<Request>(&entry.envelope, team.roster(), now()).is_ok()
            && entry.envelope.digest() == *request
        {
            asked = read::<Request>(entry.envelope.payload()).ok();
        } else if let Ok(debt) = open::<Breakglass>(&entry.envelope, team.roster(), now())
            && debt.statement().request == *request
        {
            alarm = Some((entry.envelope, debt.into_statement()));
        }
    }
    Ok(asked.zip(alarm).map(|(request, (alarm, said))| Case { alarm, said, request }))
}

/// Signs and sends the review of a case.
pub fn sign(
    case: &Case,
    judgement: Judgement,
    note: Option<String>,
    team: &Team,
    signer: &Signer,
    courier: &Courier<'_>,
) -> Result<(), NotReviewed> {
    let kid = signer.public().fingerprint();
    let person = team.roster().key(&kid).map(|(person, _)| person.id.clone());
    let person = person.ok_or_else(|| NotReviewed::Other(format!("your key {kid} is not in the team")))?;
    if person == case.said.person {
        return Err(NotReviewed::Other(
            "another person has to sign the review of your own break-glass".into(),
        ));
    }
    let review = breakglass::Review {
        v: VERSION,
        team: team.name().to_owned(),
        about: case.alarm.digest(),
        judgement,
        person,
        key: kid,
        iat: now(),
        note,
    };
    let draft = Draft::of(&review).map_err(|why| NotReviewed::Other(why.to_string()))?;
    let envelope = team::sign(draft, signer).map_err(|why| NotReviewed::Other(why.to_string()))?;
    Ok(courier.say(&case.said.request, &envelope)?)
}
