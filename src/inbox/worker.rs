//! The thread that talks to the relay, so that a slow relay never holds the screen up. Must never take a signal: those
//! belong to the screen, which gives the terminal back first.

use super::desk::now;
use super::{Case, Choice, Desk, Office, Trouble, Verb, find};
use crate::settings::Dirs;
use crate::statement::{Hash, Surface};
use crate::sys::process;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How often the relay is asked.
const OFTEN: Duration = Duration::from_secs(2);

/// What the screen wants.
pub enum Order {
    /// This request is on the screen now: tell its requester.
    Open(Box<Case>, Surface),
    /// None is.
    Close,
    Decide(Hash, Choice),
    /// Look at once.
    Look,
}

/// What the screen is told.
pub enum News {
    /// Signed in: the team and the person.
    Ready {
        team: String,
        person: String,
    },
    Cases(Vec<Case>),
    /// The relay cannot be reached now.
    Lost(Trouble),
    /// The requester could not be told that somebody looks.
    Unannounced(Hash, Trouble),
    /// The digest of the statement that was sent.
    Decided(Hash, Verb, Result<Hash, Trouble>),
    /// It could not begin.
    Failed(Trouble),
}

/// The two ends of the way to the thread.
pub struct Worker {
    pub orders: Sender<Order>,
    pub news: Receiver<News>,
}

impl Worker {
    /// Begins; the thread ends when this is dropped. With `only`, the request that is meant: one that does not wait ends it with
    /// how it ended.
    pub fn start(dirs: &Dirs, only: Option<&str>) -> Worker {
        let (orders, ordered) = channel();
        let (tell, news) = channel();
        let (dirs, only) = (dirs.clone(), only.map(str::to_owned));
        std::thread::spawn(move || {
            process::block_signals_in_thread();
            if let Err(trouble) = work(&dirs, only.as_deref(), &ordered, &tell) {
                let _ = tell.send(News::Failed(trouble));
            }
        });
        Worker { orders, news }
    }
}

fn work(
    dirs: &Dirs,
    only: Option<&str>,
    orders: &Receiver<Order>,
    tell: &Sender<News>,
) -> Result<(), Trouble> {
    let (desk, signer) = Desk::open(dirs)?;
    let mut office = Office::open(desk, &signer)?;
    let ready = News::Ready {
        team: office.desk().roster().team().to_owned(),
        person: office.desk().person().to_owned(),
    };
    let cases = office.refresh(None)?;
    if let Some(wanted) = only {
        let over = match find(&cases, wanted) {
            Ok(case) => case.ended(now()),
            Err(Trouble::Nothing(_)) => Some(office.ended(wanted)),
            // What else is wrong with it is said where one is chosen.
            Err(_) => None,
        };
        over.map_or(Ok(()), Err)?;
    }
    let first = News::Cases(cases);
    let mut open = None;
    // Nobody listens any more when sending fails.
    if tell.send(ready).is_err() || tell.send(first).is_err() {
        return Ok(());
    }
    loop {
        let news = match orders.recv_timeout(OFTEN) {
            Ok(Order::Open(case, surface)) => {
                open = Some(case.digest);
                // Only a courtesy to the requester, except that a number shows after it: what hinders it is said.
                match office.view(&case, surface) {
                    Ok(()) => None,
                    Err(trouble) => Some(News::Unannounced(case.digest, trouble)),
                }
            }
            Ok(Order::Close) => {
                open = None;
                None
            }
            Ok(Order::Decide(digest, choice)) => {
                Some(News::Decided(digest, choice.verb, office.decide(digest, &choice)))
            }
            Ok(Order::Look) | Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        let list = match office.refresh(open) {
            Ok(cases) => News::Cases(cases),
            Err(trouble) => News::Lost(trouble),
        };
        for news in news.into_iter().chain([list]) {
            if tell.send(news).is_err() {
                return Ok(());
            }
        }
    }
}
