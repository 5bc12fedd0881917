//! What happens while the question is open, one thing at a time. Signals come before keys, no key comes after the
//! time limit, and what came faster than hands never becomes a key.

use super::{Screen, ended};
use crate::sys::terminal::{Arrived, Interest, since_boot};
use crate::tty::keys::Key;
use crate::tty::question::Declined;
use std::io;
use std::time::Duration;

/// After a burst, silence this long ends it.
const QUIET: Duration = Duration::from_millis(50);
/// A Return is acted on when nothing follows it this soon: a paste goes on after its first line.
const SETTLE: Duration = Duration::from_millis(5);
/// Dragging a window sends many sizes; the last one counts.
const RESIZE: Duration = Duration::from_millis(120);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Key(Key),
    /// More characters at once than hands can type; none of them is given as a key.
    Burst,
    /// The window has a new size.
    Resized,
    /// What fills in beside the question has something new.
    News,
    /// The time that was asked for has come.
    Tick,
    /// The process was stopped; the question has to be shown anew.
    Back,
}

impl Screen<'_> {
    /// The next thing that happens.
    pub fn next(&mut self) -> Result<Event, Declined> {
        loop {
            if let Some(arrived) = self.arrived.pop_front().or_else(|| self.signals.next()) {
                match self.signal(arrived)? {
                    Some(event) => return Ok(event),
                    None => continue,
                }
            }
            let left = self.time_left()?;
            if let Some(key) = self.queue.pop_front() {
                return Ok(Event::Key(key));
            }
            let beside = self.aside.as_ref().and_then(|aside| aside.preview.fd());
            let ready = self.terminal.wait_beside(&self.signals, Interest::Input, beside, self.limit(left));
            let ready = ready.map_err(|_| Declined::HungUp)?;
            if ready.input && !ready.signal {
                self.read()?;
            } else if !ready.signal && self.aside.as_mut().is_some_and(|aside| aside.preview.update()) {
                return Ok(Event::News);
            } else if !ready.signal
                && !ready.aside
                && let Some(event) = self.silence()
            {
                return Ok(event);
            }
        }
    }

    fn signal(&mut self, arrived: Arrived) -> Result<Option<Event>, Declined> {
        match arrived {
            Arrived::End(number) => Err(ended(number)),
            Arrived::Suspend => self.pause(true).map(|()| Some(Event::Back)),
            Arrived::Continued => self.pause(false).map(|()| Some(Event::Back)),
            Arrived::Resized => {
                self.resize_at = Some(since_boot() + RESIZE);
                Ok(None)
            }
        }
    }

    /// How long silence can last before something is due.
    fn limit(&self, left: Duration) -> Duration {
        let now = since_boot();
        let due = [self.swallow_until, self.resize_at].into_iter().flatten().map(|at| at.saturating_sub(now));
        let aside = self.aside.as_ref().and_then(|aside| aside.preview.left());
        // A key that has begun comes first: Esc at the last moment still counts.
        let tick = self.tick_at.filter(|_| self.keys.unfinished().is_none()).map(|at| at.saturating_sub(now));
        due.chain(self.keys.unfinished()).chain(tick).chain(aside).chain([left]).min().unwrap_or(left)
    }

    /// Nothing came in the time `limit` gave.
    fn silence(&mut self) -> Option<Event> {
        let now = since_boot();
        if self.swallow_until.is_some_and(|at| at <= now) {
            self.forget_input();
            if let Some(burst) = &mut self.burst {
                burst.refused();
            }
            return Some(Event::Burst);
        }
        if self.resize_at.is_some_and(|at| at <= now) {
            self.resize_at = None;
            self.look = self.look.resized(self.terminal.size());
            return Some(Event::Resized);
        }
        if self.keys.unfinished().is_none() {
            self.tick_at.filter(|at| *at <= now)?;
            self.tick_at = None;
            return Some(Event::Tick);
        }
        let key = self.keys.give_up();
        self.swallow_until.is_none().then_some(Event::Key(key))
    }

    fn read(&mut self) -> Result<(), Declined> {
        let mut fresh = Vec::new();
        loop {
            let mut bytes = zeroize::Zeroizing::new([0; 1024]);
            match self.terminal.read(bytes.as_mut_slice()) {
                Ok(0) => return Err(Declined::HungUp),
                Ok(count) => fresh.extend(bytes[..count].iter().filter_map(|b| self.keys.take(*b))),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Declined::HungUp),
            }
            let more = fresh.len() < 4 && fresh.contains(&Key::Return);
            let waited = |s: &Screen| s.terminal.wait(&s.signals, Interest::Input, SETTLE);
            if !more || !waited(self).is_ok_and(|ready| ready.input && !ready.signal) {
                break;
            }
        }
        let now = since_boot();
        self.last_key = Some(now);
        let burst = self.burst.as_mut().is_some_and(|burst| burst.add(now, &fresh));
        if burst || self.swallow_until.is_some() {
            self.wipe_queue();
            self.swallow_until = Some(now + QUIET);
        } else {
            self.queue.extend(fresh.iter());
        }
        fresh.fill(Key::Other);
        Ok(())
    }
}
