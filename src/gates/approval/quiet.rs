//! Waiting without a terminal: what happens is told on stderr, line by line, and a signal takes the request back. Must never
//! wait longer than was said.

use super::wait::Waiting;
use crate::sys::terminal::{Arrived, Signals, since_boot, stop_self};
use crate::tty::Declined;
use std::time::Duration;

/// How often there is something new at most.
const BEAT: Duration = Duration::from_millis(20);

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub enum Patience {
    /// Until this much time has passed, sleep of the machine included.
    For(Duration),
    /// Until everything is heard that was said so far.
    Once,
}

/// Waits until it is decided, or patience is over. `Err`: a signal came.
pub fn wait(waiting: &mut Waiting<'_>, patience: Patience) -> Result<(), Declined> {
    // Without them the program could not be stopped in a way that takes the request back; it can still be killed.
    let mut signals = Signals::hold().ok();
    let began = since_boot();
    loop {
        let news = waiting.news();
        for line in &news.lines {
            crate::say!("{}", crate::text::show_line(line, 400));
        }
        let enough = match patience {
            Patience::For(limit) => since_boot().saturating_sub(began) >= limit,
            Patience::Once => waiting.is_up_to_date(),
        };
        if news.over || enough {
            return Ok(());
        }
        while let Some(arrived) = signals.as_ref().and_then(Signals::next) {
            match (arrived, &mut signals) {
                (Arrived::End(signal), held) => {
                    // The request is taken back first; a terminal that closes sends more than one.
                    held.iter_mut().for_each(Signals::hold_for_good);
                    return Err(Declined::Interrupted(signal));
                }
                (Arrived::Suspend, Some(signals)) => {
                    signals.let_go();
                    stop_self();
                    signals.hold_again();
                }
                (Arrived::Suspend | Arrived::Resized | Arrived::Continued, _) => {}
            }
        }
        std::thread::sleep(BEAT);
    }
}
