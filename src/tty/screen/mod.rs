//! The terminal while a question is open: modes, signals, reading, writing, the way out. Whatever happens, the
//! terminal and the signals are afterwards as they were. Must never wait without a limit.

mod events;

pub use events::Event;

use super::burst::Burst;
use super::keys::{Key, Keys};
use super::look::Look;
use super::paint;
use super::question::{Aside, Declined, NoTerminal};
use crate::sys::terminal::{
    Arrived, Interest, Modes, Signals, Size, Terminal, since_boot, stop_self, would_stop,
};
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

/// Last words to a terminal that takes none are dropped after this.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// A key this recent means that somebody is typing; silence this long, that they have noticed.
const TYPING: Duration = Duration::from_secs(1);
const REST: Duration = Duration::from_millis(700);
const LONGEST_REST: Duration = Duration::from_secs(10);

/// What happens to keys that nobody has read when the terminal is given back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Surplus {
    /// The question is only suspended: they are for the shell.
    Keep,
    /// They reach neither the program nor the shell.
    Discard,
    /// Nor do those that are still being typed.
    AwaitAndDiscard,
}

/// An open question's hold on the terminal.
pub struct Screen<'a> {
    terminal: Terminal,
    signals: Signals,
    before: Modes,
    pub look: Look,
    deadline: Duration,
    keys: Keys,
    /// Where what comes at once is not taken for typed.
    burst: Option<Burst>,
    queue: VecDeque<Key>,
    arrived: VecDeque<Arrived>,
    /// A burst is being swallowed until this time, if nothing more comes.
    swallow_until: Option<Duration>,
    resize_at: Option<Duration>,
    /// A tick is due.
    tick_at: Option<Duration>,
    last_key: Option<Duration>,
    /// What fills in while the question stands.
    pub aside: Option<Aside<'a>>,
    /// The modes are ours.
    taken: bool,
    /// Written before any last words: leaves what was entered with the view.
    leave: &'static str,
}

impl<'a> Screen<'a> {
    /// Takes the terminal, once this process is in the foreground; discards what was typed before.
    pub fn open(limit: Duration, aside: Option<Aside<'a>>) -> Result<Screen<'a>, NoTerminal> {
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
            burst: None,
            queue: VecDeque::new(),
            arrived: VecDeque::new(),
            swallow_until: None,
            resize_at: None,
            tick_at: None,
            last_key: None,
            aside,
            taken: false,
            leave: "",
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

    /// Begins to wait for something else: what came before is forgotten. With a `burst` only hands may answer.
    pub fn begin(&mut self, limit: Duration, burst: Option<Burst>) {
        self.deadline = since_boot().saturating_add(limit);
        self.burst = burst;
        self.tick_at = None;
        self.forget_input();
    }

    /// The window as it is, however narrow.
    pub fn size(&self) -> Size {
        self.terminal.size().unwrap_or(Size { columns: 80, rows: 24 })
    }

    /// Whatever the way out, this is written first.
    pub fn leave_by(&mut self, sequence: &'static str) {
        self.leave = sequence;
    }

    /// It ends by itself after this; no time limit but that of a terminal that takes nothing.
    pub fn lasts(&mut self, span: Duration) {
        self.deadline = self.deadline.saturating_add(span);
    }

    /// Asks for `Event::Tick` at this time.
    pub fn tick_at(&mut self, at: Duration) {
        self.tick_at = Some(at);
    }

    /// What the paste held that was just given as a key.
    pub fn take_paste(&mut self) -> Option<zeroize::Zeroizing<String>> {
        self.keys.take_paste()
    }

    /// Shows text, waiting for a terminal that does not take it only as long as the question may last.
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

    fn time_left(&self) -> Result<Duration, Declined> {
        self.deadline.checked_sub(since_boot()).filter(|left| !left.is_zero()).ok_or(Declined::TimedOut)
    }

    /// Forgets everything typed so far.
    pub fn forget_input(&mut self) {
        if self.terminal.is_foreground().unwrap_or(false) {
            let _ = self.terminal.flush_input();
        }
        self.keys = Keys::default();
        if let Some(burst) = &mut self.burst {
            burst.forget();
        }
        self.wipe_queue();
        self.swallow_until = None;
    }

    /// The keys may have been a secret's.
    fn wipe_queue(&mut self) {
        self.queue.clear();
        self.queue.resize(self.queue.capacity(), Key::Other);
        self.queue.clear();
    }

    /// The process was stopped, or is to stop now: gives the terminal back as it was, and takes it again when
    /// this process is in the foreground. Meanwhile signals do what they did before the question.
    fn pause(&mut self, stop: bool) -> Result<(), Declined> {
        if stop {
            self.give_back(Surplus::Keep, "\n");
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

    /// Last words, then the terminal as it was. From the background nothing is done: whoever is in the foreground
    /// has already set the terminal as they want it.
    fn give_back(&mut self, surplus: Surplus, last: &str) {
        if !std::mem::take(&mut self.taken) || !self.terminal.is_foreground().unwrap_or(false) {
            return;
        }
        self.say_last(self.leave);
        self.say_last(last);
        if surplus == Surplus::AwaitAndDiscard {
            self.let_hands_rest();
        }
        self.say_last(&paint::end(&self.look));
        let _ = match surplus {
            Surplus::Keep => self.terminal.set_modes(&self.before),
            Surplus::Discard | Surplus::AwaitAndDiscard => self.terminal.set_modes_and_flush(&self.before),
        };
    }

    /// As `show`, but nothing depends on it: signals are left for whoever comes next.
    fn say_last(&self, text: &str) {
        let until = since_boot() + LAST_WORDS;
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match self.terminal.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let left = until.saturating_sub(since_boot());
                    let ready = self.terminal.wait(&self.signals, Interest::Output, left);
                    if !ready.is_ok_and(|ready| ready.output) {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    }

    /// Ends a question that was answered. A Ctrl-C that came after the answer still ends the process.
    pub fn close(mut self, last: &str) {
        self.give_back(Surplus::Discard, last);
    }

    /// This process ends with the question, once it has written what became of it: no further signal comes between.
    pub fn hold_for_good(&mut self) {
        self.signals.hold_for_good();
    }

    /// Ends a question that was declined. Further signals of the same kind have nothing left to stop.
    pub fn close_declined(mut self, declined: Declined, last: &str) {
        let surplus =
            if declined == Declined::TimedOut { Surplus::AwaitAndDiscard } else { Surplus::Discard };
        self.give_back(surplus, last);
        while self.signals.next().is_some() {}
    }

    /// Who is typing when time runs out would go on typing into the shell, Return included.
    fn let_hands_rest(&mut self) {
        let began = since_boot();
        let busy = self.last_key.is_some_and(|at| began.saturating_sub(at) < TYPING);
        while busy && since_boot().saturating_sub(began) < LONGEST_REST {
            let ready = self.terminal.wait(&self.signals, Interest::Input, REST).unwrap_or_default();
            if ready.signal || !ready.input || !matches!(self.terminal.read(&mut [0; 1024]), Ok(1..)) {
                return;
            }
        }
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        self.give_back(Surplus::Discard, "");
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

pub(super) fn no_terminal(error: io::Error) -> NoTerminal {
    const ENXIO: i32 = 6;
    const ENOTTY: i32 = 25;
    match error.raw_os_error() {
        Some(ENXIO | ENOTTY) => NoTerminal::NoControllingTerminal,
        _ => NoTerminal::Failed(error),
    }
}
