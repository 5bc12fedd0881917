//! Waiting for somebody else: what comes is shown as it comes, and the person can leave at any time. Must never draw more
//! than a row anew, so that what was said stays in the scrollback.

use super::Talk;
use crate::sys::terminal::since_boot;
use crate::tty::keys::Key;
use crate::tty::question::Declined;
use crate::tty::request::remark;
use crate::tty::screen::Event;
use crate::tty::step::{News, Step, Waiting};
use std::time::Duration;

/// How often there is something new at most.
const BEAT: Duration = Duration::from_millis(20);
/// The number of SIGINT.
const INTERRUPT: i32 = 2;

impl Talk<'_> {
    /// Waits until `news` says that it is over; it is asked at every beat and must answer at once.
    pub fn wait(&mut self, waiting: &Waiting<'_>, news: &mut dyn FnMut() -> News) -> Result<(), Declined> {
        let step = Step::Waiting(waiting);
        self.row.clear();
        self.begin(&step)?;
        self.screen.lasts(waiting.limit);
        loop {
            let came = news();
            let look = self.look();
            if !came.lines.is_empty() {
                let rows: Vec<_> =
                    came.lines.iter().flat_map(|line| remark(&look.safe(line), &look)).collect();
                self.row.clone_from(&came.row);
                self.say(&step, &rows)?;
            } else if came.row != self.row && (!look.dumb || self.row.is_empty()) {
                self.row.clone_from(&came.row);
                self.show_line(&step)?;
            }
            if came.over {
                return Ok(());
            }
            self.screen.tick_at(since_boot() + BEAT);
            match self.next(&step)? {
                Event::Back => self.show_page(&step)?,
                Event::Key(Key::Escape) => return Err(Declined::Escape),
                Event::Key(Key::Interrupt) => return Err(Declined::Interrupted(INTERRUPT)),
                Event::Key(Key::EndOfInput) => return Err(Declined::EndOfInput),
                Event::Tick | Event::Key(_) | Event::Burst | Event::Resized | Event::News => {}
            }
        }
    }
}
