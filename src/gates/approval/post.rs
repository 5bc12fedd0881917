//! The request's way to the relay and the answers' way back, in a thread of its own: sends, waits for news, tries again after
//! trouble. Must never decide anything: what comes is handed over as it came.

use crate::keys::Signer;
use crate::statement::{Draft, Envelope, Hash};
use crate::team::{Courier, Team, Unreached};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Seconds that the relay may hold a question for news.
const WAIT: u64 = 25;
/// Statements from which on more may follow at once.
const FULL: usize = 64;
/// Statements that are taken at a time, whatever a relay has.
const MOST: usize = 4096;
/// Longest pause between two tries.
const PAUSE: Duration = Duration::from_secs(10);

/// What happened.
#[derive(Debug)]
pub enum Heard {
    /// The request lies in the mailbox.
    Sent,
    /// The clocks are apart: in words.
    Clock(String),
    /// Statements about it.
    Statements(Vec<Vec<u8>>),
    /// Versions of the roster that are newer than this machine's.
    Rosters(Vec<Envelope>),
    /// It does not work at the moment; it is tried again.
    Trouble(String),
    /// The relay answers again.
    Back,
    /// It will not work: why, and what to do.
    Ended { status: i32, why: String, hint: String },
}

/// Sends the request and listens until the receiver is dropped.
pub fn send(team: &Team, signer: Signer, request: Envelope) -> Option<Receiver<Heard>> {
    let relay = team.way().relay.clone()?;
    let (ca, name, version) = (team.way().ca.clone(), team.name().to_owned(), team.roster().version());
    let (sender, receiver) = channel();
    let work = move || {
        crate::sys::process::block_signals_in_thread();
        let courier = match Courier::new(&relay, ca.as_deref(), &name, &signer) {
            Ok(courier) => courier,
            Err(error) => return ended(&sender, &error),
        };
        // A closed channel means that nobody listens any more.
        let _ =
            Post { courier: &courier, sender: &sender, pause: Duration::from_millis(500), troubled: false }
                .run(&request, version);
    };
    std::thread::Builder::new().name("relay".to_owned()).spawn(work).ok()?;
    Some(receiver)
}

struct Post<'a> {
    courier: &'a Courier<'a>,
    sender: &'a Sender<Heard>,
    pause: Duration,
    troubled: bool,
}

/// Nobody listens, or nothing can be done.
struct Over;

impl Post<'_> {
    fn run(&mut self, request: &Envelope, version: u64) -> Result<(), Over> {
        let courier = self.courier;
        self.insist(|| courier.submit(request))?;
        self.tell(Heard::Sent)?;
        if let Some(apart) = courier.apart() {
            self.tell(Heard::Clock(apart.words()))?;
        }
        let digest = request.digest();
        let mut after = 0;
        let newest = self.insist(|| newer(courier, version))?;
        if !newest.is_empty() {
            self.tell(Heard::Rosters(newest))?;
        }
        loop {
            let thread = self.insist(|| courier.poll(&digest, after, WAIT))?;
            if let Some(thread) = thread {
                let mut statements = Vec::new();
                let mut page = Some(thread);
                // A refusal may stand on the next page.
                while let Some(thread) = page.take() {
                    after = thread.next.max(after);
                    statements.extend(thread.entries.iter().map(|entry| entry.envelope.to_bytes()));
                    if thread.entries.len() >= FULL && statements.len() < MOST {
                        page = self.insist(|| courier.poll(&digest, after, 0))?;
                    }
                }
                self.tell(Heard::Statements(statements))?;
            } else {
                // Shows that somebody still listens.
                self.tell(Heard::Statements(Vec::new()))?;
            }
        }
    }

    /// Tries until it works, or cannot.
    fn insist<T>(&mut self, attempt: impl Fn() -> Result<T, Unreached>) -> Result<T, Over> {
        let mut pause = self.pause;
        loop {
            match attempt() {
                Ok(value) => {
                    if std::mem::take(&mut self.troubled) {
                        self.tell(Heard::Back)?;
                    }
                    return Ok(value);
                }
                Err(error) if error.passes() => {
                    self.troubled = true;
                    self.tell(Heard::Trouble(error.to_string()))?;
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(PAUSE);
                }
                Err(error) => {
                    ended(self.sender, &error);
                    return Err(Over);
                }
            }
        }
    }

    fn tell(&self, heard: Heard) -> Result<(), Over> {
        self.sender.send(heard).map_err(|_| Over)
    }
}

fn ended(sender: &Sender<Heard>, error: &Unreached) {
    let _ = sender.send(Heard::Ended { status: error.status(), why: error.to_string(), hint: error.hint() });
}

/// Every version after `have`.
fn newer(courier: &Courier<'_>, have: u64) -> Result<Vec<Envelope>, Unreached> {
    let newest = courier.roster()?;
    let version = crate::statement::roster::version_of(&newest).unwrap_or(have);
    let mut between = Vec::new();
    for version in have + 1..version {
        between.push(courier.roster_version(version)?);
    }
    if version > have {
        between.push(newest);
    }
    Ok(between)
}

/// How long the last word about a request may hold its terminal up.
const LAST_WORD: Duration = Duration::from_secs(5);
/// The same where a signal ends the process: whoever sent it may follow up with SIGKILL.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Says one more thing about a request, once, for a short time: a cancellation. A relay that takes longer is not waited for.
pub fn say(team: &Team, signer: Signer, request: &Hash, statement: Envelope) -> Result<(), String> {
    last_word(team, signer, request, LAST_WORD, |_| Ok(statement))
}

/// The same for a process that is about to end; signing counts towards its time.
pub fn say_at_once(team: &Team, signer: Signer, request: &Hash, draft: Draft) {
    // What does not arrive ends by itself when its time is over.
    let _ = last_word(team, signer, request, AT_ONCE, |signer| {
        crate::team::sign(draft, signer).map_err(|why| why.to_string())
    });
}

fn last_word(
    team: &Team,
    signer: Signer,
    request: &Hash,
    limit: Duration,
    statement: impl FnOnce(&Signer) -> Result<Envelope, String> + Send + 'static,
) -> Result<(), String> {
    let Some(relay) = team.way().relay.clone() else { return Ok(()) };
    let (ca, name, request) = (team.way().ca.clone(), team.name().to_owned(), *request);
    let (done, said) = channel();
    let work = move || {
        crate::sys::process::block_signals_in_thread();
        let say = || {
            let statement = statement(&signer)?;
            let courier = Courier::new(&relay, ca.as_deref(), &name, &signer);
            courier.and_then(|courier| courier.say(&request, &statement)).map_err(|why| why.to_string())
        };
        let _ = done.send(say());
    };
    std::thread::Builder::new().name("last word".to_owned()).spawn(work).map_err(|why| why.to_string())?;
    said.recv_timeout(limit).unwrap_or_else(|_| Err("the relay does not answer in time".to_owned()))
}
