//! Another person's approval: the command is captured, signed as a request, sent, waited for, and compared with what would
//! run once more before it starts. Must never be taken for passed because nobody can be asked for it, nor count twice.

mod ask;
mod bundles;
mod capture;
mod how;
mod kept;
mod lack;
mod leave;
mod left;
mod post;
mod proof;
mod quiet;
mod ready;
mod recorded;
mod teller;
mod ticket;
mod wait;

pub use ask::{Given, ask, given, unattended};
pub use bundles::{Drifted, bundle, drifted};
pub use capture::{Live, target};
pub use how::{How, Stage};
pub use kept::{answer, forget, waiting};
pub use leave::{Standing, leave, standing, take_back};
pub use left::Left;
pub use ready::Ready;
pub use ticket::{applies, no_ticket_given};

use super::Stopped;
use crate::rules::Verdict;
use crate::settings::Dirs;
use crate::statement::{Envelope, Hash, MatchKey};
use crate::team::{self, Courier, User};
use ready::now;
use ticket::Ticketed;

/// An approval that was given and not used yet.
#[derive(Debug)]
pub struct Approved {
    ready: Ready,
    /// What would run, signed. A ticket's approvers saw the ticket instead.
    request: Envelope,
    basis: Basis,
    /// The use, where it was claimed.
    claimed: Option<Envelope>,
    use_number: Option<u64>,
    /// `bob (sre), carol (dba)`.
    pub by: String,
    /// Why, as approvers saw it.
    pub reason: Option<String>,
}

/// What was approved.
#[derive(Debug)]
enum Basis {
    Request {
        number: Option<MatchKey>,
        statements: Vec<Vec<u8>>,
        approvals: Vec<Hash>,
        start_by: u64,
        /// It was left, so another process may want to use it, too.
        left: bool,
    },
    Ticket(Box<Ticketed>),
}

impl Approved {
    /// What would run now in another way than was approved; `None` when nothing.
    pub fn changed(&self, live: &Live<'_>) -> Option<String> {
        let change = match capture::Capture::take(live, &self.ready.key) {
            Ok(now) => self.ready.capture.difference(&now),
            Err(why) => Some(why),
        };
        change.or_else(|| self.ticketed().and_then(|ticketed| ticketed.changed(live.argv, live.verdict)))
    }

    /// Uses it up: durably on this machine, and at the relay where another machine could use it, too. Only then the command
    /// may start.
    pub fn spend(&mut self, dirs: &Dirs, verdict: &Verdict) -> Result<(), Stopped> {
        match &mut self.basis {
            Basis::Ticket(ticketed) => {
                let used = ticketed.use_up(&self.ready, verdict, dirs);
                let (number, claim) = used.map_err(|why| why.stop(&self.ready))?;
                (self.use_number, self.claimed) = (Some(number), Some(claim));
                Ok(())
            }
            Basis::Request { start_by, .. } if now() >= *start_by => {
                Err(self.ready.lacks(75, "it was approved and not started in time", "ask again"))
            }
            Basis::Request { left, .. } => {
                if *left {
                    self.claim()?;
                }
                self.enter(dirs)
            }
        }
    }

    /// Whether a relay may have been asked for the use: that takes time, in which things change.
    pub fn is_claimed(&self) -> bool {
        self.claimed.is_some()
    }

    /// The relay gives the one use of a request to one claim.
    fn claim(&mut self) -> Result<(), Stopped> {
        let ready = &self.ready;
        let stop = |why: lack::Lack| why.stop(ready);
        let signer =
            ready.signer().map_err(|why| ready.lacks(69, why, "`guard key show` says where your key is"))?;
        let courier = Courier::to(&ready.team, &signer);
        let courier = courier.map_err(|why| ready.lacks(why.status(), why.to_string(), why.hint()))?;
        let request = crate::statement::read::<crate::statement::Request>(self.request.payload());
        let nonce = request.map_err(|why| ready.lacks(78, why.to_string(), "ask again"))?.nonce;
        let subject = ticket::subject(ready.team.name(), &self.request, nonce);
        let user = User { person: &ready.person, signer: &signer, now: now() };
        match team::claim(courier.as_ref(), &subject, 1, &user) {
            Ok(Some(claim)) => {
                self.claimed = Some(claim);
                Ok(())
            }
            Ok(None) => Err(ready.lacks(77, "this approval was used already", "ask again")),
            Err(why) => Err(stop(ticket::unclaimed(why))),
        }
    }

    /// Durable on this machine.
    fn enter(&self, dirs: &Dirs) -> Result<(), Stopped> {
        match team::spend(&dirs.state, &self.request.digest()) {
            Ok(true) => {
                kept::forget(dirs, &self.request.digest());
                Ok(())
            }
            Ok(false) => Err(self.ready.lacks(77, "this approval was used already", "ask again")),
            Err(error) => Err(self.ready.lacks(77, format!("its use cannot be kept: {error}"), error.hint())),
        }
    }

    fn ticketed(&self) -> Option<&Ticketed> {
        match &self.basis {
            Basis::Ticket(ticketed) => Some(ticketed),
            Basis::Request { .. } => None,
        }
    }

    /// How the log calls it.
    pub fn method(&self) -> &'static str {
        match &self.basis {
            Basis::Ticket(_) => "ticket",
            Basis::Request { .. } => "approval",
        }
    }

    /// In a line, for the person.
    pub fn words(&self) -> String {
        match self.ticketed() {
            None => format!("approved by {}", self.by),
            Some(ticketed) => {
                let digest = ticketed.found.envelope.digest().hex();
                format!("ticket {} covers it, approved by {}", &digest[..12], self.by)
            }
        }
    }
}
