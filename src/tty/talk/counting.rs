//! The countdown: seconds in which the person can still leave. Must never end early, nor at once after the machine or
//! the process slept through it.

use super::Talk;
use crate::sys::terminal::since_boot;
use crate::tty::keys::Key;
use crate::tty::question::Declined;
use crate::tty::screen::Event;
use crate::tty::step::{Countdown, Step};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// A tick this late means that nobody could see the seconds go by: they are counted anew.
const LATE: Duration = Duration::from_secs(2);
/// The number of SIGINT.
const INTERRUPT: i32 = 2;

impl Talk<'_> {
    /// Counts down to zero; Esc, Ctrl-C and Ctrl-D leave, every other key does nothing.
    pub fn countdown(&mut self, countdown: &Countdown<'_>) -> Result<(), Declined> {
        let step = Step::Countdown(countdown);
        self.left = countdown.seconds.into();
        self.begin(&step)?;
        self.screen.lasts(SECOND * countdown.seconds);
        let mut due = since_boot() + SECOND;
        while self.left > 0 {
            self.screen.tick_at(due);
            match self.next(&step)? {
                Event::Tick => {
                    let late = since_boot().saturating_sub(due) > LATE;
                    self.left = if late { countdown.seconds.into() } else { self.left - 1 };
                    due = if late { since_boot() } else { due } + SECOND;
                    if self.is_worth_showing() {
                        self.show_line(&step)?;
                    }
                }
                // Stopped and continued: nobody could leave meanwhile.
                Event::Back => {
                    self.left = countdown.seconds.into();
                    self.show_page(&step)?;
                    due = since_boot() + SECOND;
                }
                Event::Key(Key::Escape) => return Err(Declined::Escape),
                Event::Key(Key::Interrupt) => return Err(Declined::Interrupted(INTERRUPT)),
                Event::Key(Key::EndOfInput) => return Err(Declined::EndOfInput),
                Event::Key(_) | Event::Burst | Event::Resized | Event::News => {}
            }
        }
        Ok(())
    }

    /// A terminal that only takes text keeps every row.
    fn is_worth_showing(&self) -> bool {
        !self.look().dumb || self.left <= 3 || self.left.is_multiple_of(10)
    }
}
