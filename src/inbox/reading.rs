//! The decision screen without its terminal: one request, pinned by its digest, from opening it to an answer. Must never
//! act on a key that came within 800 ms of a new picture, nor approve what was not shown to its end.

use super::choice::LONGEST_NOTE;
use super::{Answered, Case, Choice, Seen, Verb};
use crate::statement::{Hash, Severity, Surface};
use crate::tty::{Key, Move};
use std::time::Duration;

/// After a new picture no key counts for so long: it was meant for the one before.
pub const QUIET: Duration = Duration::from_millis(800);

/// So long the requester's guard has to say whether a number is right.
pub const CHECK: Duration = Duration::from_secs(12);

/// What a key leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Nothing,
    /// Back to the list.
    Leave,
    Send(Choice),
}

/// What is being asked of the approver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    Read,
    /// The three digits.
    Number(String),
    /// The last step of an approval: the environment's name at critical severity, else just Return.
    Agree {
        number: Option<String>,
        typed: String,
    },
    /// Why it is refused.
    Reason {
        verb: Verb,
        text: String,
    },
    /// Signed and on its way.
    Sending(Verb),
    /// Sent with a number: this approval, and until when their guard's word is waited for.
    Checking {
        about: Hash,
        until: Duration,
    },
}

/// How a wait for the requester's word ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Counts,
    /// It cannot be tried again: why.
    Over(String),
    /// Nothing was said in time.
    Nothing,
}

/// One request on the screen.
#[derive(Debug)]
pub struct Reading {
    case: Case,
    surface: Surface,
    /// Rows of the text, rows of the window for them, and the first that shows.
    length: usize,
    height: usize,
    top: usize,
    end: bool,
    opened: Duration,
    quiet_until: Duration,
    mode: Mode,
    message: Option<String>,
}

impl Reading {
    pub fn open(case: Case, surface: Surface, now: Duration) -> Reading {
        Reading {
            case,
            surface,
            length: 0,
            height: 0,
            top: 0,
            end: false,
            opened: now,
            quiet_until: now + QUIET,
            mode: Mode::Read,
            message: None,
        }
    }

    pub fn case(&self) -> &Case {
        &self.case
    }

    pub fn mode(&self) -> &Mode {
        &self.mode
    }

    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub fn top(&self) -> usize {
        self.top
    }

    pub fn end(&self) -> bool {
        self.end
    }

    /// Rows above, and rows that there are; for saying how much is left.
    pub fn progress(&self) -> (usize, usize) {
        ((self.top + self.height).min(self.length), self.length)
    }

    /// It was laid out: so many rows, of which so many show.
    pub fn laid_out(&mut self, length: usize, height: usize) {
        (self.length, self.height) = (length, height.max(1));
        self.top = self.top.min(self.last_top());
        self.end |= self.top + self.height >= self.length;
    }

    /// The picture is another one: what was on the way to the old one does not count.
    pub fn redrawn(&mut self, now: Duration) {
        self.quiet_until = now + QUIET;
    }

    /// News of the same request. A change of how it stands is a new picture.
    pub fn update(&mut self, case: Case, now: Duration) {
        if case.digest != self.case.digest {
            return;
        }
        if case.standing != self.case.standing || case.genuine != self.case.genuine {
            self.redrawn(now);
            self.mode = match std::mem::replace(&mut self.mode, Mode::Read) {
                waiting @ (Mode::Sending(_) | Mode::Checking { .. }) => waiting,
                Mode::Read | Mode::Number(_) | Mode::Agree { .. } | Mode::Reason { .. } => Mode::Read,
            };
        }
        self.case = case;
    }

    /// Something about this request that the approver should know.
    pub fn tell(&mut self, why: String) {
        self.message = Some(why);
    }

    /// The answer did not go out.
    pub fn failed(&mut self, why: String, now: Duration) {
        self.mode = Mode::Read;
        self.message = Some(why);
        self.redrawn(now);
    }

    pub fn key(&mut self, key: Key, now: Duration) -> Act {
        if now < self.quiet_until {
            return Act::Nothing;
        }
        self.message = None;
        match self.mode.clone() {
            Mode::Read => self.read(key),
            Mode::Number(digits) => self.number(key, digits, now),
            Mode::Agree { number, typed } => self.agree(key, number, typed, now),
            Mode::Reason { verb, text } => self.reason(key, verb, text, now),
            Mode::Sending(_) => Act::Nothing,
            Mode::Checking { .. } => match key {
                Key::Text('q' | 'Q') | Key::Escape | Key::EndOfInput | Key::Interrupt => Act::Leave,
                _ => Act::Nothing,
            },
        }
    }

    /// The approval went out; only their terminal knows whether its number is right.
    pub fn sent(&mut self, about: Hash, now: Duration) {
        self.mode = Mode::Checking { about, until: now + CHECK };
    }

    /// What their guard said about it, if it is over with that. A wrong number is asked for again, here.
    pub fn heard(&mut self, now: Duration) -> Option<Heard> {
        let Mode::Checking { about, until } = &self.mode else { return None };
        match self.case.answers.get(about) {
            Some(Answered::Counts) => Some(Heard::Counts),
            Some(Answered::WrongNumber { left: 0 }) => {
                Some(Heard::Over("that number did not match either: two wrong numbers end it".into()))
            }
            Some(Answered::WrongNumber { .. }) => {
                self.mode = Mode::Number(String::new());
                self.message = Some("that number did not match, one try left".into());
                self.redrawn(now);
                None
            }
            Some(Answered::NotCounted) => {
                let who = crate::text::show_line(self.case.asked.person(), 40);
                Some(Heard::Over(format!("it does not count: {who}'s terminal says why")))
            }
            None => (now >= *until).then_some(Heard::Nothing),
        }
    }

    /// Text that was pasted; only a reason takes it.
    pub fn paste(&mut self, pasted: &str) {
        if let Mode::Reason { text, .. } = &mut self.mode {
            let room = LONGEST_NOTE.saturating_sub(text.chars().count());
            text.extend(pasted.chars().filter(|c| !c.is_control()).take(room));
        }
    }

    fn read(&mut self, key: Key) -> Act {
        let page = self.height.saturating_sub(1).max(1);
        match key {
            Key::Text('q' | 'Q') | Key::Escape | Key::EndOfInput | Key::Interrupt => return Act::Leave,
            Key::Text('j') | Key::Move(Move::Down) | Key::Return => self.scroll_to(self.top + 1),
            Key::Text('k') | Key::Move(Move::Up) => self.scroll_to(self.top.saturating_sub(1)),
            Key::Text(' ' | 'f') | Key::Move(Move::PageDown) => self.scroll_to(self.top + page),
            Key::Text('b') | Key::Backspace | Key::Move(Move::PageUp) => {
                self.scroll_to(self.top.saturating_sub(page));
            }
            Key::Text('g') | Key::Move(Move::Home) => self.scroll_to(0),
            // The end is reached page by page: one key over everything is not reading.
            Key::Text('G') | Key::Move(Move::End) => self.scroll_to(self.top + page),
            Key::Text('a') => self.begin_approval(),
            Key::Text('d') => self.begin_refusal(Verb::Deny),
            Key::Text('r') => self.begin_refusal(Verb::Report),
            Key::Text(_) | Key::EraseWord | Key::EraseLine | Key::Paste | Key::Other => {}
        }
        Act::Nothing
    }

    fn scroll_to(&mut self, top: usize) {
        self.top = top.min(self.last_top());
        self.end |= self.top + self.height >= self.length;
    }

    fn last_top(&self) -> usize {
        self.length.saturating_sub(self.height)
    }

    fn begin_approval(&mut self) {
        if let Some(why) = self.case.obstacle(self.surface) {
            self.message = Some(why);
        } else if self.case.wants_end() && !self.end {
            self.message = Some("read to the end first: Space shows the next page".into());
        } else if self.case.wants_number() {
            self.mode = Mode::Number(String::new());
        } else {
            self.mode = Mode::Agree { number: None, typed: String::new() };
        }
    }

    fn begin_refusal(&mut self, verb: Verb) {
        let why = match (&self.case.genuine, self.case.past_refusing()) {
            (Err(_), _) => Some("it is not genuine: there is nothing to decide".to_owned()),
            (Ok(()), over) => over,
        };
        match why {
            Some(why) => self.message = Some(why),
            None => self.mode = Mode::Reason { verb, text: String::new() },
        }
    }

    fn number(&mut self, key: Key, mut digits: String, now: Duration) -> Act {
        match key {
            Key::Text(c) if c.is_ascii_digit() && digits.len() < 3 => digits.push(c),
            Key::Backspace => drop(digits.pop()),
            Key::EraseLine | Key::EraseWord => digits.clear(),
            Key::Escape | Key::EndOfInput | Key::Interrupt => return self.back_to_text(),
            Key::Return if digits.len() == 3 && self.case.severity() == Severity::Critical => {
                self.mode = Mode::Agree { number: Some(digits), typed: String::new() };
                return Act::Nothing;
            }
            Key::Return if digits.len() == 3 => return self.approve(Some(digits), now),
            Key::Return => self.message = Some("three digits, from their terminal".into()),
            Key::Text(_) | Key::Paste | Key::Move(_) | Key::Other => {}
        }
        self.mode = Mode::Number(digits);
        Act::Nothing
    }

    /// What has to be typed last: nothing but Return below critical.
    pub fn word_to_type(&self) -> Option<String> {
        match self.case.severity() {
            Severity::Critical => Some(super::body::ascii(&self.case.asked.target().class, false)),
            Severity::Low | Severity::Medium | Severity::High => None,
        }
    }

    fn agree(&mut self, key: Key, number: Option<String>, mut typed: String, now: Duration) -> Act {
        match key {
            Key::Text(c) if typed.len() < 200 => typed.push(c),
            Key::Backspace => drop(typed.pop()),
            Key::EraseLine | Key::EraseWord => typed.clear(),
            Key::Escape | Key::EndOfInput | Key::Interrupt => return self.back_to_text(),
            Key::Return if self.word_to_type().is_none_or(|word| word == typed) => {
                return self.approve(number, now);
            }
            Key::Return => {
                self.message = Some("that is another word".into());
                typed.clear();
            }
            Key::Text(_) | Key::Paste | Key::Move(_) | Key::Other => {}
        }
        self.mode = Mode::Agree { number, typed };
        Act::Nothing
    }

    fn reason(&mut self, key: Key, verb: Verb, mut text: String, now: Duration) -> Act {
        match key {
            Key::Text(c) if text.chars().count() < LONGEST_NOTE => text.push(c),
            Key::Backspace => drop(text.pop()),
            Key::EraseLine | Key::EraseWord => text.clear(),
            Key::Escape | Key::EndOfInput | Key::Interrupt => return self.back_to_text(),
            Key::Return => {
                let note = Some(text.trim().to_owned()).filter(|note| !note.is_empty());
                return self.send(verb, None, note, now);
            }
            Key::Text(_) | Key::Paste | Key::Move(_) | Key::Other => {}
        }
        self.mode = Mode::Reason { verb, text };
        Act::Nothing
    }

    fn back_to_text(&mut self) -> Act {
        self.mode = Mode::Read;
        Act::Nothing
    }

    fn approve(&mut self, number: Option<String>, now: Duration) -> Act {
        // It may have ended while the number was being asked for.
        match self.case.obstacle(self.surface) {
            Some(why) => {
                self.mode = Mode::Read;
                self.message = Some(why);
                Act::Nothing
            }
            None => self.send(Verb::Approve, number, None, now),
        }
    }

    fn send(&mut self, verb: Verb, number: Option<String>, note: Option<String>, now: Duration) -> Act {
        self.mode = Mode::Sending(verb);
        let ms = u64::try_from(now.saturating_sub(self.opened).as_millis()).unwrap_or(u64::MAX >> 11);
        let seen = Seen { end: self.end, ms };
        Act::Send(Choice { verb, number, note, seen, surface: self.surface })
    }
}
