//! Signals while a question is open: held back and read from a descriptor, so that no handler is installed
//! and no disposition changes. Must leave the signal mask exactly as it was.

use nix::sys::signal::{SigSet, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};

/// The number of SIGHUP.
pub const HANGUP: i32 = libc::SIGHUP;

/// Ends of the process by default: the terminal must be restored first.
const ENDING: [Signal; 7] = [
    Signal::SIGHUP,
    Signal::SIGTERM,
    Signal::SIGALRM,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGVTALRM,
    Signal::SIGPROF,
];

/// Held-back signals. Guard has one thread while it asks; another one could take them away.
pub struct Signals {
    before: SigSet,
    held: SigSet,
    queue: SignalFd,
    for_good: bool,
}

/// A signal that arrived while asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// The window has another size.
    Resized,
    /// Ctrl-Z.
    Suspend,
    /// The process was stopped and continued.
    Continued,
    /// By default the process ends: the number.
    End(i32),
}

impl Signals {
    /// Holds back the signals that end, stop, continue or resize.
    ///
    /// Interrupt and quit count even where a script ignores them (`sh -c 'guard … &'`): on the terminal they are
    /// a person's no. The others stay as they are where they are ignored (`nohup`) or blocked by the caller.
    pub fn hold() -> io::Result<Signals> {
        let before = SigSet::thread_get_mask()?;
        let mut held = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGWINCH, Signal::SIGCONT] {
            held.add(signal);
        }
        for signal in ENDING.into_iter().chain([Signal::SIGTSTP]) {
            if !before.contains(signal) && !is_ignored(signal) {
                held.add(signal);
            }
        }
        held.thread_block()?;
        let queue = SignalFd::with_flags(&held, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC).inspect_err(
            |_| {
                let _ = before.thread_set_mask();
            },
        )?;
        Ok(Signals { before, held, queue, for_good: false })
    }

    /// The next signal that arrived, if any.
    pub fn next(&self) -> Option<Arrived> {
        let number = i32::try_from(self.queue.read_signal().ok()??.ssi_signo).ok()?;
        Some(match Signal::try_from(number) {
            Ok(Signal::SIGWINCH) => Arrived::Resized,
            Ok(Signal::SIGTSTP) => Arrived::Suspend,
            Ok(Signal::SIGCONT) => Arrived::Continued,
            _ => Arrived::End(number),
        })
    }

    /// Everything is as before the question: what arrived meanwhile is delivered now.
    pub fn let_go(&self) {
        let _ = self.before.thread_set_mask();
    }

    /// Leaves them held back for the rest of this process, which is about to end and has something to write first: a
    /// terminal that closes sends more than one.
    pub fn hold_for_good(&mut self) {
        self.for_good = true;
    }

    /// Holds back again after `let_go`.
    pub fn hold_again(&self) {
        let _ = self.held.thread_block();
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        if !self.for_good {
            self.let_go();
        }
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.queue.as_fd()
    }
}

/// Stops this process as Ctrl-Z does; returns when it is continued, or at once where nobody could continue it
/// (an orphaned process group). The terminal has sent the same signal to the rest of the process group.
pub fn stop_self() {
    let _ = raise(Signal::SIGTSTP);
}

/// Would using the terminal from the background stop this process? Not where SIGTTOU is ignored or blocked.
pub fn would_stop() -> bool {
    let blocked = SigSet::thread_get_mask().is_ok_and(|mask| mask.contains(Signal::SIGTTOU));
    !blocked && !is_ignored(Signal::SIGTTOU)
}

fn is_ignored(signal: Signal) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: a null new action only asks; sigaction writes one structure.
    let result = unsafe { libc::sigaction(signal as libc::c_int, std::ptr::null(), action.as_mut_ptr()) };
    // SAFETY: all-zero is a valid sigaction (SIG_DFL), whatever the call did.
    let action = unsafe { action.assume_init() };
    result == 0 && action.sa_sigaction == libc::SIG_IGN
}
