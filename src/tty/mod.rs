//! The question, asked on the controlling terminal. Must never read or write stdin, stdout or stderr of the
//! guarded program (only `notice` speaks on stderr), and must never take for an answer what was not typed by
//! hand after the question was shown.

mod burst;
mod conversation;
mod keys;
mod layout;
mod line;
mod look;
mod notice;
mod paint;
mod prompt;
mod question;
mod screen;
mod words;
mod wrap;

pub use conversation::ask;
pub use notice::notice;
pub use layout::HOW_MUCH;
pub use question::{Answer, Aside, Declined, FactLine, Level, NoTerminal, Question};
