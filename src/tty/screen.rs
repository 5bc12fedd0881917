//! The terminal while a question is open: modes, signals, reading, writing, the way out. Whatever happens, the
//! terminal and the signals are afterwards as they were. Must never wait without a limit.

use super::burst::Burst;
use super::keys::{Key, Keys};
use super::look::Look;
use super::paint;
use super::question::{Declined, NoTerminal};
use crate::sys::terminal::{Arrived, Interest, Modes, Signals, Terminal, since_boot, stop_self, would_stop};
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

/// After a burst, silence this long ends it.
const QUIET: Duration = Duration::from_millis(50);
/// A Return is acted on when nothing follows it this soon: a paste goes on after its first line.
const SETTLE: Duration = Duration::from_millis(5);
/// Dragging a window sends many sizes; the last one counts.
const RESIZE: Duration = Duration::from_millis(120);
/// Last words to a terminal that takes none are dropped after this.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Key(Key),
    /// More characters at once than hands can type; none of them is given as a key.
    Burst,
    /// The window has a new size.
    Resized,
    /// The process was stopped; the question has to be shown anew.
    Back,
}

/// An open question's hold on the terminal.
pub struct Screen {
    terminal: Terminal,
    signals: Signals,
    before: Modes,
    pub look: Look,
    deadline: Duration,
    keys: Keys,
    burst: Burst,
    queue: VecDeque<Key>,
    arrived: VecDeque<Arrived>,
    /// A burst is being swallowed until this time, if nothing more comes.
    swallow_until: Option<Duration>,
    resize_at: Option<Duration>,
    /// The modes are ours.
    taken: bool,
}

impl Screen {
    /// Takes the terminal, once this process is in the foreground; discards what was typed before.
    pub fn open(limit: Duration) -> Result<Screen, NoTerminal> {
        let terminal = Terminal::open().map_err(no_terminal)?;
        come_to_foreground(&terminal)?;
        let before = terminal.modes().map_err(NoTerminal::Failed)?;
        let mut screen = Screen {
            signals: Signals::hold().map_err(NoTerminal::Failed)?,
            before,
            look: Look::here(terminal.size()),
            terminal,
            deadline: since_boot().saturating_add(limit),
            keys: Keys::default(),
            burst: Burst::default(),
            queue: VecDeque::new(),
            arrived: VecDeque::new(),
            swallow_until: None,
            resize_at: None,
            taken: false,
        };
        screen.take().map_err(NoTerminal::Failed)?;
        Ok(screen)
    }

    fn take(&mut self) -> io::Result<()> {
        self.terminal.set_modes_and_flush(&self.before.key_by_key())?;
        self.taken = true;
        self.look = self.look.resized(self.terminal.size());
        Ok(())
    }

    /// Shows text. What was typed while it was not yet on the screen cannot be meant for it: see `forget_input`.
    pub fn show(&mut self, text: &str) -> Result<(), Declined> {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match self.terminal.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait_for_output()?,
                Err(_) => return Err(Declined::HungUp),
            }
        }
        Ok(())
    }

    fn wait_for_output(&mut self) -> Result<(), Declined> {
        let left = self.time_left()?;
        let ready =
            self.terminal.wait(&self.signals, Interest::Output, left).map_err(|_| Declined::HungUp)?;
        while ready.signal
            && let Some(arrived) = self.signals.next()
        {
            if let Arrived::End(number) = arrived {
                return Err(ended(number));
            }
            self.arrived.push_back(arrived);
        }
        Ok(())
    }

    /// Forgets everything typed so far.
    pub fn forget_input(&mut self) {
        if self.terminal.is_foreground().unwrap_or(false) {
            let _ = self.terminal.flush_input();
        }
        self.keys = Keys::default();
        self.burst.forget();
        self.queue.clear();
        self.swallow_until = None;
    }

    /// The next thing that happens. Signals come before keys, and no key comes after the time limit.
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
            let ready = self.terminal.wait(&self.signals, Interest::Input, self.limit(left));
            let ready = ready.map_err(|_| Declined::HungUp)?;
            if ready.input && !ready.signal {
                self.read()?;
            } else if !ready.signal
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

    fn time_left(&self) -> Result<Duration, Declined> {
        self.deadline.checked_sub(since_boot()).filter(|left| !left.is_zero()).ok_or(Declined::TimedOut)
    }

    /// How long silence can last before something is due.
    fn limit(&self, left: Duration) -> Duration {
        let now = since_boot();
        let due = [self.swallow_until, self.resize_at].into_iter().flatten().map(|at| at.saturating_sub(now));
        due.chain(self.keys.unfinished()).chain([left]).min().unwrap_or(left)
    }

    /// Nothing came in the time `limit` gave.
    fn silence(&mut self) -> Option<Event> {
        let now = since_boot();
        if self.swallow_until.is_some_and(|at| at <= now) {
            self.forget_input();
            return Some(Event::Burst);
        }
        if self.resize_at.is_some_and(|at| at <= now) {
            self.resize_at = None;
            self.look = self.look.resized(self.terminal.size());
            return Some(Event::Resized);
        }
        self.keys.unfinished()?;
        let key = self.keys.give_up();
        self.swallow_until.is_none().then_some(Event::Key(key))
    }

    fn read(&mut self) -> Result<(), Declined> {
        let mut fresh = Vec::new();
        loop {
            let mut bytes = [0; 1024];
            match self.terminal.read(&mut bytes) {
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
        if self.burst.add(now, &fresh) || self.swallow_until.is_some() {
            self.queue.clear();
            self.swallow_until = Some(now + QUIET);
        } else {
            self.queue.extend(fresh);
        }
        Ok(())
    }

    /// The process was stopped, or is to stop now: gives the terminal back as it was, and takes it again when
    /// this process is in the foreground. Meanwhile signals do what they did before the question.
    fn pause(&mut self, stop: bool) -> Result<(), Declined> {
        if stop {
            self.give_back(false, "\n");
        }
        self.signals.let_go();
        if stop {
            stop_self();
        }
        let ours = come_to_foreground(&self.terminal);
        self.signals.hold_again();
        ours.map_err(|_| Declined::HungUp)?;
        if stop {
            self.before = self.terminal.modes().map_err(|_| Declined::HungUp)?;
        }
        self.take().map_err(|_| Declined::HungUp)?;
        self.resize_at = None;
        self.forget_input();
        Ok(())
    }

    /// Last words, then the terminal as it was. `flush` discards surplus keys, so that they reach neither the
    /// program nor the shell.
    fn give_back(&mut self, flush: bool, last: &str) {
        if !std::mem::take(&mut self.taken) || !self.terminal.is_foreground().unwrap_or(false) {
            return;
        }
        self.deadline = since_boot() + LAST_WORDS;
        let _ = self.show(&format!("{last}{}", paint::end(&self.look)));
        let _ = match flush {
            true => self.terminal.set_modes_and_flush(&self.before),
            false => self.terminal.set_modes(&self.before),
        };
    }

    /// Ends a question that was answered. A Ctrl-C that came after the answer still ends the process.
    pub fn close(mut self, last: &str) {
        self.give_back(true, last);
    }

    /// Ends a question that was declined. Further signals of the same kind have nothing left to stop.
    pub fn close_declined(mut self, last: &str) {
        self.give_back(true, last);
        while self.signals.next().is_some() {}
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.give_back(true, "");
    }
}

fn ended(number: i32) -> Declined {
    if number == crate::sys::terminal::HANGUP { Declined::HungUp } else { Declined::Interrupted(number) }
}

/// In the background a program that wants the terminal is stopped until it is brought forward; so is guard.
fn come_to_foreground(terminal: &Terminal) -> Result<(), NoTerminal> {
    while !terminal.is_foreground().map_err(no_terminal)? {
        if !would_stop() || terminal.flush_input().is_err() {
            return Err(NoTerminal::Background);
        }
    }
    Ok(())
}

fn no_terminal(error: io::Error) -> NoTerminal {
    const ENXIO: i32 = 6;
    const ENOTTY: i32 = 25;
    match error.raw_os_error() {
        Some(ENXIO | ENOTTY) => NoTerminal::NoControllingTerminal,
        _ => NoTerminal::Failed(error),
    }
}
