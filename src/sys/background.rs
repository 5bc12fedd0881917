//! A process of guard's own that goes on after guard has ended, and remembers something for a while. Must never hold a
//! terminal or a descriptor of the program that guard was started beside, and must leave no core file.

use super::memory::forbid_dumps;
use nix::fcntl::{OFlag, open};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::stat::Mode;
use nix::unistd::{ForkResult, fork, setsid};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Starts `work` in a process of its own and gives the other end of its stream. It ends with `work`.
pub fn start(work: impl FnOnce(UnixStream)) -> io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    // SAFETY: the child runs only what follows, which never returns into the caller's frames.
    match unsafe { fork() }? {
        ForkResult::Parent { .. } => Ok(ours),
        ForkResult::Child => {
            let _ = catch_unwind(AssertUnwindSafe(|| {
                if detach(&theirs).is_ok() {
                    work(theirs);
                }
            }));
            // SAFETY: _exit has no preconditions; nothing of guard's own may be flushed a second time.
            unsafe { libc::_exit(0) }
        }
    }
}

fn detach(keep: &UnixStream) -> io::Result<()> {
    setsid()?;
    forbid_dumps();
    no_core_file()?;
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        // SAFETY: default is no handler, so nothing of ours runs in one.
        let _ = unsafe { sigaction(signal, &default) };
    }
    let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    // SAFETY: as above. A client that is gone must not end it.
    let _ = unsafe { sigaction(Signal::SIGPIPE, &ignore) };
    SigSet::empty().thread_set_mask()?;
    std::env::set_current_dir("/")?;
    let null = open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())?;
    for standard in 0..3 {
        // SAFETY: both are descriptors of this process; nothing in Rust owns 0 to 2.
        if unsafe { libc::dup2(null.as_raw_fd(), standard) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    drop(null);
    let kept = keep.as_raw_fd().unsigned_abs();
    for (from, to) in [(3, kept - 1), (kept + 1, u32::MAX)] {
        if from <= to {
            // SAFETY: what is closed belongs to frames that this process never returns to.
            unsafe { libc::close_range(from, to, 0) };
        }
    }
    Ok(())
}

/// RLIMIT_CORE of 0, for good: only for processes that never become another program.
pub fn no_core_file() -> io::Result<()> {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `none` is a valid rlimit; lowering a limit is always allowed.
    if unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// A descriptor that becomes readable when so much time has passed, sleep included (timerfd_create(2), CLOCK_BOOTTIME).
pub fn alarm(after: Duration) -> io::Result<File> {
    // SAFETY: no pointers are passed.
    let fd = unsafe { libc::timerfd_create(libc::CLOCK_BOOTTIME, libc::TFD_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made and belongs to nobody else.
    let timer = unsafe { OwnedFd::from_raw_fd(fd) };
    let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let when = libc::timespec {
        tv_sec: i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        // A time of zero would disarm it.
        tv_nsec: i64::from(after.subsec_nanos().max(1)),
    };
    let times = libc::itimerspec { it_interval: zero, it_value: when };
    // SAFETY: `times` is a valid itimerspec; the old value is not asked for.
    if unsafe { libc::timerfd_settime(timer.as_raw_fd(), 0, &raw const times, std::ptr::null_mut()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(File::from(timer))
}

/// Waits until one of two descriptors can be read; true for the first.
pub fn either(first: &impl std::os::fd::AsFd, second: &impl std::os::fd::AsFd) -> io::Result<bool> {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    loop {
        let mut fds = [first.as_fd(), second.as_fd()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) if fds[0].any().unwrap_or(false) => return Ok(true),
            Ok(_) if fds[1].any().unwrap_or(false) => return Ok(false),
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
