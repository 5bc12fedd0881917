//! The alarm to the team: what ran without approval, signed, in the queue for the relay before it starts. Must never stop a
//! break-glass: where there is no team, or no key, the alert on this machine is all there is.

use super::ledger::Budget;
use crate::gates::approval::Ready;
use crate::keys::private::{self, FileError, Privacy};
use crate::settings::Dirs;
use crate::statement::breakglass::{Breakglass, Factor};
use crate::statement::{Draft, Envelope, Foreign, Statement, VERSION};
use crate::team::{self, outbox};

/// Seconds within which another person must have signed a review.
const REVIEW: u64 = 24 * 3600;

const DIRECTORY: &str = "breakglass";

/// What was answered.
pub struct Said<'a> {
    pub intent: &'a str,
    pub reason: &'a str,
    pub typed: &'a str,
    pub recovery: bool,
    pub budget: Budget,
}

/// Signs the request that nobody approved and the break-glass about it, and queues both. `Err` says why the team will not
/// hear of it.
pub fn queue(dirs: &Dirs, ready: &Ready, said: &Said<'_>) -> Result<(), String> {
    let signer = ready.signer()?;
    let (request, _) = ready.request(Some(said.reason), crate::audit::head(dirs))?;
    let seal = |draft: Draft| team::sign(draft, &signer).map_err(|why| why.to_string());
    let envelope = seal(draft(&request)?)?;
    let digest = envelope.digest();
    let statement = Breakglass {
        v: VERSION,
        team: request.team.clone(),
        id: said.intent.to_owned(),
        request: digest,
        person: request.requester.person.clone(),
        key: request.requester.key.clone(),
        host: request.requester.host.clone(),
        host_id: request.requester.host_id,
        iat: request.iat,
        reason: said.reason.to_owned(),
        typed: Foreign::from(said.typed),
        factor: if said.recovery { Factor::Recovery } else { Factor::Totp },
        used: u64::from(said.budget.uses - said.budget.left) + 1,
        budget: u64::from(said.budget.uses),
        review_by: request.iat + REVIEW,
    };
    let alarm = seal(draft(&statement)?)?;
    keep(dirs, said.intent, &alarm).map_err(|why| why.to_string())?;
    for envelope in [&envelope, &alarm] {
        outbox::queue(&dirs.state, &digest, envelope).map_err(|why| why.to_string())?;
    }
    Ok(())
}

/// Keeps the alarm: a review names it by its digest.
fn keep(dirs: &Dirs, intent: &str, alarm: &Envelope) -> Result<(), FileError> {
    let directory = private::prepare_inside(&private::prepare_state(&dirs.state)?, DIRECTORY)?;
    private::replace(&directory, &format!("{intent}.alarm"), &alarm.to_bytes())
}

/// The alarm of a use; `None` where the team was not told.
pub fn kept(dirs: &Dirs, intent: &str) -> Option<Envelope> {
    let directory = private::inside(&private::open_state(&dirs.state).ok()?, DIRECTORY).ok()?;
    let bytes = private::read_whole(&directory, &format!("{intent}.alarm"), Privacy::Own).ok()??;
    Envelope::from_bytes(&bytes).ok()
}

fn draft<S: Statement>(statement: &S) -> Result<Draft, String> {
    Draft::of(statement).map_err(|why| why.to_string())
}
