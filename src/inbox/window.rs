//! `guard inbox` on a terminal: the list, and one request at a time. Must never decide on another request than the one
//! that fills the screen.

use super::draw;
use super::reading::{Act, Heard, Mode, Reading};
use super::worker::{News, Order, Worker};
use super::{Case, Choice, Trouble, Verb, find};
use crate::settings::Dirs;
use crate::statement::{Hash, Surface};
use crate::sys::terminal::since_boot;
use crate::tty::{Declined, Happening, Key, Move, View};
use std::time::Duration;

/// How long news may wait for the screen.
const TICK: Duration = Duration::from_millis(200);

/// The relay is asked so often while their guard's word is waited for.
pub(super) const AGAIN: Duration = Duration::from_millis(700);

/// What is drawn of the list.
pub struct Listing {
    pub team: String,
    pub person: String,
    pub cases: Vec<Case>,
    pub chosen: usize,
    /// The relay cannot be reached: why.
    pub lost: Option<String>,
    /// The last thing that was decided.
    pub said: Option<String>,
}

/// The first thing that the relay says: signed in, with what waits.
pub fn begin(worker: &Worker) -> Result<Listing, Trouble> {
    let mut listing = Listing {
        team: String::new(),
        person: String::new(),
        cases: Vec::new(),
        chosen: 0,
        lost: None,
        said: None,
    };
    loop {
        match worker.news.recv() {
            Ok(News::Ready { team, person }) => (listing.team, listing.person) = (team, person),
            Ok(News::Cases(cases)) => {
                listing.cases = cases;
                return Ok(listing);
            }
            Ok(News::Lost(trouble) | News::Failed(trouble)) => return Err(trouble),
            Ok(News::Decided(..) | News::Unannounced(..)) => {}
            Err(_) => return Err(Trouble::Nothing("the inbox ended".into())),
        }
    }
}

/// Shows the inbox until the person leaves. With `only`, that request alone, and the screen ends with its decision.
pub fn run(dirs: &Dirs, only: Option<&str>, notify: bool) -> Result<Option<Verb>, Trouble> {
    let worker = Worker::start(dirs, only);
    let listing = begin(&worker)?;
    let only = only.map(|wanted| find(&listing.cases, wanted).map(|case| case.digest)).transpose()?;
    let view = View::open().map_err(|none| Trouble::NoTerminal(none.to_string()))?;
    let Some(view) = view else { return super::plain::run(&worker, listing, only) };
    let known = listing.cases.iter().map(|case| case.digest).collect();
    let (reading, rows, looked, ended, failed) = (None, Vec::new(), Duration::ZERO, None, None);
    let mut window =
        Window { worker: &worker, view, listing, reading, rows, only, notify, looked, ended, failed, known };
    if let Some(digest) = only {
        window.open(digest);
    }
    match window.go() {
        Ok(Some(verb)) => {
            let words = window.listing.said.take().unwrap_or_else(|| verb.word().to_owned());
            window.view.close(&format!("guard: {words}\n"));
            Ok(Some(verb))
        }
        Ok(None) => {
            let last = window.listing.said.take().map(|words| format!("guard: {words}\n"));
            window.view.close(&last.unwrap_or_default());
            match window.failed.take() {
                Some(trouble) => Err(trouble),
                None if only.is_some() => Err(Trouble::Undecided),
                None => Ok(None),
            }
        }
        Err(declined) => {
            drop(window);
            Err(declined.signal().map_or(Trouble::Undecided, Trouble::Ended))
        }
    }
}

struct Window<'w> {
    worker: &'w Worker,
    view: View<'static>,
    listing: Listing,
    reading: Option<Reading>,
    /// The rows of the request on the screen.
    rows: Vec<crate::tty::Row>,
    only: Option<Hash>,
    notify: bool,
    /// When the relay was last asked out of turn.
    looked: Duration,
    /// What was decided last.
    ended: Option<Verb>,
    /// A decision that came to nothing; the screen ends with it.
    failed: Option<Trouble>,
    /// Requests that were there before: only new ones are told to the desktop.
    known: std::collections::BTreeSet<Hash>,
}

impl Window<'_> {
    fn go(&mut self) -> Result<Option<Verb>, Declined> {
        self.draw()?;
        loop {
            match self.view.next(TICK)? {
                Happening::Key(key) => {
                    if self.key(key) {
                        return Ok(None);
                    }
                }
                Happening::Redraw => {
                    if let Some(reading) = &mut self.reading {
                        reading.redrawn(since_boot());
                    }
                }
                Happening::Tick => {}
            }
            self.take_news();
            self.check();
            if self.only.is_some() && self.reading.is_none() {
                return Ok(self.ended.take());
            }
            self.draw()?;
        }
    }

    /// Whether the person leaves.
    fn key(&mut self, key: Key) -> bool {
        let Some(reading) = &mut self.reading else { return self.list_key(key) };
        if key == Key::Paste {
            if let Some(text) = self.view.take_paste() {
                reading.paste(&text);
            }
            return false;
        }
        let digest = reading.case().digest;
        match reading.key(key, since_boot()) {
            Act::Nothing => false,
            Act::Leave if matches!(reading.mode(), Mode::Checking { .. }) => {
                self.sent_and(Heard::Nothing);
                false
            }
            Act::Leave => {
                self.reading = None;
                let _ = self.worker.orders.send(Order::Close);
                self.only.is_some()
            }
            Act::Send(choice) => {
                self.send(digest, choice);
                false
            }
        }
    }

    fn list_key(&mut self, key: Key) -> bool {
        let last = self.listing.cases.len().saturating_sub(1);
        let chosen = &mut self.listing.chosen;
        match key {
            Key::Text('q' | 'Q') | Key::Escape | Key::EndOfInput | Key::Interrupt => return true,
            Key::Text('j') | Key::Move(Move::Down) => *chosen = (*chosen + 1).min(last),
            Key::Text('k') | Key::Move(Move::Up) => *chosen = chosen.saturating_sub(1),
            Key::Move(Move::PageDown) => *chosen = (*chosen + 5).min(last),
            Key::Move(Move::PageUp) => *chosen = chosen.saturating_sub(5),
            Key::Text('g') | Key::Move(Move::Home) => *chosen = 0,
            Key::Text('G') | Key::Move(Move::End) => *chosen = last,
            Key::Return => {
                if let Some(case) = self.listing.cases.get(*chosen) {
                    let digest = case.digest;
                    self.open(digest);
                }
            }
            Key::Text(_) | Key::Backspace | Key::EraseWord | Key::EraseLine | Key::Paste | Key::Other => {}
        }
        false
    }

    fn open(&mut self, digest: Hash) {
        let Some(case) = self.listing.cases.iter().find(|case| case.digest == digest) else { return };
        let _ = self.worker.orders.send(Order::Open(Box::new(case.clone()), Surface::Native));
        self.view.forget_input();
        self.listing.said = None;
        self.reading = Some(Reading::open(case.clone(), Surface::Native, since_boot()));
    }

    fn send(&mut self, digest: Hash, choice: Choice) {
        let _ = self.worker.orders.send(Order::Decide(digest, choice));
    }

    /// Whether the requester's guard has said something about the approval that was sent.
    fn check(&mut self) {
        let now = since_boot();
        let Some(reading) = &mut self.reading else { return };
        if let Some(heard) = reading.heard(now) {
            self.sent_and(heard);
        } else if matches!(reading.mode(), Mode::Checking { .. }) && now >= self.looked + AGAIN {
            self.looked = now;
            let _ = self.worker.orders.send(Order::Look);
        }
    }

    /// The approval was sent, and this was heard of it.
    fn sent_and(&mut self, heard: Heard) {
        let Some(reading) = self.reading.take() else { return };
        let case = reading.case();
        let _ = self.worker.orders.send(Order::Close);
        let said = match outcome(case, heard) {
            Ok(said) => {
                self.ended = Some(Verb::Approve);
                said
            }
            Err(trouble) => {
                let said = trouble.to_string();
                self.failed = Some(trouble);
                said
            }
        };
        self.listing.said = self.failed.is_none().then(|| said.clone());
        if self.only.is_none() {
            self.failed = None;
            self.listing.said = Some(said);
        }
    }

    /// What came from the relay.
    fn take_news(&mut self) {
        while let Ok(news) = self.worker.news.try_recv() {
            match news {
                News::Ready { .. } => {}
                News::Cases(cases) => self.cases(cases),
                News::Lost(trouble) | News::Failed(trouble) => self.listing.lost = Some(trouble.to_string()),
                News::Unannounced(digest, trouble) => {
                    if let Some(reading) = self.reading.as_mut().filter(|r| r.case().digest == digest) {
                        reading.tell(format!("they were not told that you look: {trouble}"));
                    }
                }
                News::Decided(digest, verb, outcome) => {
                    self.decided(digest, verb, outcome);
                }
            }
        }
    }

    fn cases(&mut self, cases: Vec<Case>) {
        self.listing.lost = None;
        for case in cases.iter().filter(|case| case.genuine.is_ok()) {
            if self.known.insert(case.digest) && self.notify && !case.is_own(&self.listing.person) {
                super::desktop::tell(case);
            }
        }
        if let Some(reading) = &mut self.reading {
            let own = cases.iter().find(|case| case.digest == reading.case().digest);
            if let Some(case) = own {
                reading.update(case.clone(), since_boot());
            }
        }
        // The choice stays with its request, not with its place.
        let chosen = self.listing.cases.get(self.listing.chosen).map(|case| case.digest);
        let open = self.reading.as_ref().map(|reading| reading.case().digest);
        let kept = |case: &Case| case.over().is_none() || open == Some(case.digest);
        self.listing.cases = cases.into_iter().filter(kept).collect();
        let place = self.listing.cases.iter().position(|case| Some(case.digest) == chosen);
        let last = self.listing.cases.len().saturating_sub(1);
        self.listing.chosen = place.unwrap_or(self.listing.chosen.min(last));
    }

    fn decided(&mut self, digest: Hash, verb: Verb, outcome: Result<Hash, Trouble>) {
        let Some(reading) = self.reading.as_mut().filter(|reading| reading.case().digest == digest) else {
            return;
        };
        match outcome {
            Err(trouble) => reading.failed(trouble.to_string(), since_boot()),
            Ok(about) if verb == Verb::Approve && reading.case().wants_number() => {
                reading.sent(about, since_boot());
            }
            Ok(_) => {
                self.listing.said = Some(said(reading.case(), verb));
                self.ended = Some(verb);
                self.reading = None;
                let _ = self.worker.orders.send(Order::Close);
            }
        }
    }

    fn draw(&mut self) -> Result<(), Declined> {
        let (columns, height) = self.view.size();
        let unicode = self.view.unicode();
        let Some(reading) = &mut self.reading else {
            let rows = draw::list(&self.listing, columns, height, unicode);
            return self.view.draw(&rows, None);
        };
        self.rows = super::body::rows(reading.case(), Surface::Native, columns, unicode);
        reading.laid_out(self.rows.len(), draw::text_rows(height));
        let lost = self.listing.lost.as_deref();
        let (rows, cursor) = draw::reading(reading, &self.rows, lost, columns, height, unicode);
        self.view.draw(&rows, cursor)
    }
}

/// What an approval with a number came to, in words, or why it came to nothing.
pub(super) fn outcome(case: &Case, heard: Heard) -> Result<String, Trouble> {
    let who = crate::text::show_line(case.asked.person(), 40);
    match heard {
        Heard::Counts => Ok(format!("approved, the number is right: {}, for {who}", case.command_line(100))),
        Heard::Nothing => Ok(format!(
            "{}; {who}'s guard has not said whether the number is right",
            said(case, Verb::Approve)
        )),
        Heard::Over(how) => Err(Trouble::Over { how, status: 77 }),
    }
}

/// `approval sent: kubectl delete ns payments, for alice`.
pub(super) fn said(case: &Case, verb: Verb) -> String {
    let who = crate::text::show_line(case.asked.person(), 64);
    format!("{}: {}, for {who}", verb.word(), case.command_line(100))
}
