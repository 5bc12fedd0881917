//! After an approval: the proof is kept, and a process of its own takes it to the relay. Must never make the command wait for
//! the network.

use super::full::Run;
use crate::gates::approval::{Approved, Fate};
use crate::sys::process;
use crate::team::outbox;
use crate::tty;
use std::time::Duration;

/// How long an alarm may hold a command back.
const PATIENCE: Duration = Duration::from_secs(3);

/// Keeps the receipt (with what differed, when it did not run) and has it delivered.
pub fn proof(run: &Run, approved: &Approved, drift: Option<&str>) {
    if let Err(why) = approved.receipt(run.dirs, drift) {
        tty::notice(&format!("there is no proof of this approval for others: {why}"));
        return;
    }
    deliver();
}

/// Its use is spent and it does not run: said where requests are listed.
pub fn lost(run: &Run, approved: Option<&Approved>, why: &str) {
    if let Some(approved) = approved {
        approved.went(run.dirs, Fate::NotStarted, Some(why));
    }
}

/// Sends the alarm of a break-glass before the command starts, if the relay takes it quickly; else it stays queued.
pub fn alarm(run: &Run) {
    let state = run.dirs.state.clone();
    // Without an alarm in the queue there is nothing to promise; why not was said before.
    if !outbox::is_waiting(&state) {
        return;
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    let send = move || {
        process::block_signals_in_thread();
        let _ = sender.send(outbox::send_queued(&state).is_ok_and(|done| done.why.is_none()));
    };
    let started = std::thread::Builder::new().name("alarm".to_owned()).spawn(send);
    if started.is_ok() && receiver.recv_timeout(PATIENCE) == Ok(true) {
        tty::notice("the team is told");
        return;
    }
    tty::notice("the team is NOT told yet: the relay does not take the alarm; it is in team/outbox");
    deliver();
}

/// Sends what is queued for the relay, in a process of its own. What is not sent now is sent by the next one.
pub fn deliver() {
    if let Ok(guard) = std::env::current_exe() {
        let _ = process::start_apart(&guard, &["requests".as_ref(), "deliver".as_ref()]);
    }
}
