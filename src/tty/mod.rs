//! The question, asked on the controlling terminal. Must never read or write stdin, stdout or stderr of the
//! guarded program (only `notice` speaks on stderr), and must never take for the typed name what was not typed by
//! hand after the question was shown.

mod burst;
mod keys;
mod layout;
mod line;
mod look;
mod notice;
mod paint;
mod prompt;
mod question;
mod request;
mod screen;
mod sheet;
mod step;
mod talk;
mod view;
mod words;
mod wrap;

/// Whether there is a terminal to ask on.
pub fn is_there() -> bool {
    crate::sys::terminal::Terminal::open().is_ok()
}

pub use keys::{Key, Move};
pub use layout::HOW_MUCH;
pub use notice::notice;
pub use paint::{Row, Span, Style};
pub use question::{Answer, Aside, Declined, FactLine, Level, NoTerminal, Question};
pub use sheet::{Picture, Sheet};
pub use step::{Check, Countdown, Echo, LineAsk, News, SecretAsk, TIME_LIMIT, Unanswered, Waiting};
pub use talk::{Talk, ask, ask_line, ask_secret, countdown, together};
pub use view::{Happening, View};
pub use wrap::{anywhere, width, words};
