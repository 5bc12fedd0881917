//! Another person's approval: the command is captured, signed as a request, sent, waited for, and compared with what would
//! run once more before it starts. Must never be taken for passed because nobody can be asked for it, nor count twice.

mod ask;
mod bundles;
mod capture;
mod ended;
mod how;
mod kept;
mod lack;
mod lacking;
mod leave;
mod left;
mod post;
mod proof;
mod quiet;
mod ready;
mod recorded;
mod room;
mod teller;
mod ticket;
mod wait;

pub use ask::{Given, ask, given, unattended};
pub use bundles::{Drifted, bundle, drifted};
pub use capture::{Live, target};
pub use ended::{Fate, Past, ended, expired};
pub use how::{How, Stage};
pub use kept::{answer, is_abandoned, waiting};
pub use leave::{NotTaken, Standing, leave, numbers, standing, take_back};
pub use left::{Again, Left, sweep};
pub use ready::Ready;
pub use ticket::{applies, no_ticket_given};

use super::Stopped;
use crate::rules::Verdict;
use crate::settings::Dirs;
use crate::statement::{Envelope, Hash, MatchKey};
use crate::team::{self, Courier, User};
use ready::now;
use ticket::Ticketed;

/// A program that did not take guard's place after all.
pub fn not_started(dirs: &Dirs, request: &Hash, why: &str) {
    let _ = ended::went(dirs, request, Fate::NotStarted, Some(why));
}

/// An approval that was given and not used yet.
#[derive(Debug)]
pub struct Approved {
    ready: Ready,
    /// What would run, signed. A ticket's approvers saw the ticket instead.
    request: Envelope,
    basis: Basis,
    /// Says that this process has the request in hand.
    busy: Option<kept::Busy>,
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
                self.over(dirs, Fate::Lapsed, None);
                Err(self.ready.lacks(75, "it was approved and not started in time", "ask again"))
            }
            Basis::Request { left, .. } => {
                // A claim that is given is over, so what is written afterwards has to fit first.
                let room = left.then(|| self.room(dirs)).transpose()?;
                let claimed = if room.is_some() { self.claim() } else { Ok(true) };
                drop(room);
                match claimed {
                    Ok(true) => self.enter(dirs),
                    Ok(false) => {
                        self.over(dirs, Fate::Used, None);
                        Err(self.used())
                    }
                    Err(stopped) => Err(stopped),
                }
            }
        }
    }

    /// It ends here without having been used by this process.
    pub fn over(&self, dirs: &Dirs, fate: Fate, why: Option<&str>) {
        if self.ticketed().is_none() {
            ended::end(dirs, &self.request, ended::End::new(fate, why));
        }
    }

    fn room(&self, dirs: &Dirs) -> Result<room::Room, Stopped> {
        room::take(dirs, &self.request.digest()).map_err(|why| {
            let what = format!("its use cannot be kept: {why}; nothing ran and the approval is not spent");
            self.ready.lacks(77, what, why.hint())
        })
    }

    fn used(&self) -> Stopped {
        self.ready.lacks(77, "this approval was used already", "ask again")
    }

    /// Whether a relay may have been asked for the use: that takes time, in which things change.
    pub fn is_claimed(&self) -> bool {
        self.claimed.is_some()
    }

    /// The relay gives the one use of a request to one claim. `false`: to another one.
    fn claim(&mut self) -> Result<bool, Stopped> {
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
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(why) => Err(stop(ticket::unclaimed(why))),
        }
    }

    /// Its use cannot be written here.
    fn lost(&self, why: &dyn std::fmt::Display, hint: String) -> Stopped {
        if self.claimed.is_some() && self.ready.team.way().relay.is_some() {
            let what = format!("its use is claimed at the relay and cannot be kept here: {why}");
            return self.ready.lacks(77, what, "nothing ran, and its one use is spent; ask again");
        }
        self.ready.lacks(77, format!("its use cannot be kept: {why}"), hint)
    }

    /// Durable on this machine. From here on what `guard requests` says of it is that it did not run, until `starting`.
    fn enter(&mut self, dirs: &Dirs) -> Result<(), Stopped> {
        let digest = self.request.digest();
        if self.busy.is_none() {
            let held = kept::hold(dirs, &digest).map_err(|why| self.lost(&why, why.hint()))?;
            self.busy = Some(held);
        }
        match ended::begin(dirs, &self.request, &self.by) {
            Ok(true) => {}
            Ok(false) => {
                let past = ended::fate_of(dirs, &digest);
                let stopped = |past: Past| self.ready.lacks(77, past.words(), past.fate.hint());
                return Err(past.map_or_else(|| self.used(), stopped));
            }
            Err(why) => return Err(self.lost(&why, why.hint())),
        }
        match team::spend(&dirs.state, &digest) {
            Ok(true) => {
                kept::forget(dirs, &digest);
                Ok(())
            }
            Ok(false) => {
                self.went(dirs, Fate::Used, None);
                Err(self.used())
            }
            Err(error) => {
                let stopped = self.lost(&error, error.hint());
                self.went(dirs, Fate::NotStarted, Some(&error.to_string()));
                Err(stopped)
            }
        }
    }

    /// How the use went that was begun here. What cannot be written is "did not run" by itself, as this process ends.
    pub fn went(&self, dirs: &Dirs, fate: Fate, why: Option<&str>) {
        if self.ticketed().is_none() {
            let _ = ended::went(dirs, &self.request.digest(), fate, why);
        }
    }

    /// The last thing before the program takes this process's place. `Err`: it must not.
    pub fn starting(&self, dirs: &Dirs) -> Result<(), Stopped> {
        if self.ticketed().is_some() {
            return Ok(());
        }
        let kept = ended::went(dirs, &self.request.digest(), Fate::Started, None);
        kept.map_err(|why| self.ready.lacks(77, format!("its start cannot be kept: {why}"), why.hint()))?;
        self.busy.iter().for_each(kept::Busy::let_go);
        Ok(())
    }

    /// What names it, for a word after this is given away.
    pub fn digest(&self) -> Hash {
        self.request.digest()
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
