//! After an approval: the proof is kept, and a process of its own takes it to the relay. Must never make the command wait for
//! the network.

use super::full::Run;
use crate::gates::approval::Approved;
use crate::sys::process;
use crate::tty;

/// Keeps the receipt (with what differed, when it did not run) and has it delivered.
pub fn proof(run: &Run, approved: &Approved, drift: Option<&str>) {
    if let Err(why) = approved.receipt(run.dirs, drift) {
        tty::notice(&format!("there is no proof of this approval for others: {why}"));
        return;
    }
    if let Ok(guard) = std::env::current_exe() {
        // What is not sent now is sent by the next one.
        let _ = process::start_apart(&guard, &["requests".as_ref(), "deliver".as_ref()]);
    }
}
