//! A second process of guard that works while a question stands: its own session without a terminal, on a leash that
//! breaks when guard ends for whatever reason. Must never outlive guard, nor leave a program running that it started.

mod program;

pub use program::{Failed, Output, Program};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigHandler, SigSet, Signal, kill, killpg, signal};
use nix::sys::stat::Mode;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, pipe2, setsid};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// How long guard waits for its helper to clean up before it is killed.
const PATIENCE: Duration = Duration::from_millis(400);
const STEP: Duration = Duration::from_millis(5);

/// The helper as guard sees it.
#[derive(Debug)]
pub struct Helper {
    pid: Pid,
    reports: File,
    leash: Option<OwnedFd>,
}

/// Guard as the helper sees it.
#[derive(Debug)]
pub struct Channel {
    reports: File,
    leash: OwnedFd,
}

impl Helper {
    /// Starts `work` in a process of its own. Standard streams are `/dev/null` there, signals as in a new program.
    pub fn start(work: impl FnOnce(&Channel)) -> io::Result<Helper> {
        let (reports, say) = pipe2(OFlag::O_CLOEXEC)?;
        let (feel, leash) = pipe2(OFlag::O_CLOEXEC)?;
        // SAFETY: the child runs only `become_helper`, which never returns into the caller's frames.
        match unsafe { fork() }? {
            ForkResult::Child => {
                drop((reports, leash));
                become_helper(&Channel { reports: File::from(say), leash: feel }, work)
            }
            ForkResult::Parent { child } => {
                let flags = nix::fcntl::FcntlArg::F_SETFL(OFlag::O_NONBLOCK);
                let helper = Helper { pid: child, reports: File::from(reports), leash: Some(leash) };
                nix::fcntl::fcntl(&helper.reports, flags)?;
                Ok(helper)
            }
        }
    }

    /// Adds what was reported since the last call; false when nothing will come any more.
    pub fn read(&mut self, into: &mut Vec<u8>) -> bool {
        let mut bytes = [0; 4096];
        loop {
            match self.reports.read(&mut bytes) {
                Ok(0) => return false,
                Ok(count) => into.extend_from_slice(&bytes[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
    }

    /// Waits until there is something to read, at most `limit`.
    pub fn wait(&self, limit: Duration) {
        let mut fds = [PollFd::new(self.reports.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut fds, timeout(limit));
    }

    /// Ends it: the leash breaks, and what does not end by itself is killed.
    fn end(&mut self) {
        drop(self.leash.take());
        let until = Instant::now() + PATIENCE;
        let mut rest = Vec::new();
        while self.read(&mut rest) && Instant::now() < until {
            self.wait(until.saturating_duration_since(Instant::now()));
            rest.clear();
        }
        for attempt in 0..40 {
            match waitpid(self.pid, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) if attempt == 4 => {
                    let _ = killpg(self.pid, Signal::SIGKILL);
                }
                Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) => std::thread::sleep(STEP),
                Ok(_) | Err(_) => return,
            }
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.end();
    }
}

impl AsFd for Helper {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reports.as_fd()
    }
}

impl Channel {
    /// Tells guard something; one that is gone needs no words.
    pub fn tell(&self, bytes: &[u8]) {
        let _ = (&self.reports).write_all(bytes);
    }

    /// Ends the helper when guard has let go.
    pub fn stop_if_abandoned(&self) {
        let mut fds = [PollFd::new(self.leash.as_fd(), PollFlags::POLLIN)];
        if poll(&mut fds, PollTimeout::ZERO).unwrap_or(0) > 0 {
            leave();
        }
    }
}

fn timeout(limit: Duration) -> PollTimeout {
    PollTimeout::try_from(limit + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX)
}

fn become_helper(channel: &Channel, work: impl FnOnce(&Channel)) -> ! {
    let _ = setsid();
    let _ = nix::sys::prctl::set_child_subreaper(true);
    // SAFETY: default and ignore are no handlers, so nothing of ours runs in one.
    let _ = unsafe { signal(Signal::SIGCHLD, SigHandler::SigDfl) };
    // SAFETY: as above. Writing to a guard that is gone must not end the helper before it has cleaned up.
    let _ = unsafe { signal(Signal::SIGPIPE, SigHandler::SigIgn) };
    let _ = SigSet::empty().thread_set_mask();
    let _ = silence();
    let _ = catch_unwind(AssertUnwindSafe(|| work(channel)));
    leave()
}

/// The streams belong to the guarded program.
fn silence() -> io::Result<()> {
    let null = open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())?;
    for standard in 0..3 {
        // SAFETY: both are descriptors of this process; nothing in Rust owns 0 to 2.
        if unsafe { libc::dup2(null.as_raw_fd(), standard) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Kills whatever was started here and still runs, and ends.
fn leave() -> ! {
    for _ in 0..50 {
        let children = children();
        if children.is_empty() {
            break;
        }
        for child in children {
            let _ = killpg(child, Signal::SIGKILL);
            let _ = kill(child, Signal::SIGKILL);
        }
        std::thread::sleep(Duration::from_millis(2));
        while matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Ok(status) if status != WaitStatus::StillAlive) {}
    }
    // SAFETY: _exit has no preconditions; nothing of guard's own may be flushed a second time.
    unsafe { libc::_exit(0) }
}

/// Children of this process, those included that it has inherited as a subreaper.
fn children() -> Vec<Pid> {
    let listed = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    listed.split_ascii_whitespace().filter_map(|word| word.parse().ok().map(Pid::from_raw)).collect()
}

#[cfg(test)]
mod tests {
    use super::Helper;
    use std::time::{Duration, Instant};

    fn alive(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }

    #[test]
    fn what_it_reports_arrives_and_it_ends_with_its_program() {
        let file = std::env::temp_dir().join(format!("guard-helper-{}", std::process::id()));
        let script = format!("setsid sleep 60 & echo $$ $! >{}; exec sleep 60", file.display());
        let mut helper = Helper::start(|channel| {
            let run = super::Program {
                path: "/bin/sh".into(),
                arguments: ["-c", &script].map(Into::into).to_vec(),
                environment: vec!["PATH=/usr/bin:/bin".into()],
                directory: "/".into(),
            };
            channel.tell(b"hello");
            let out = channel.run(&run, Duration::from_millis(300));
            channel.tell(format!(" {out:?}").as_bytes());
            channel.run(&run, Duration::from_secs(60)).ok();
        })
        .expect("fork");
        let mut said = Vec::new();
        let until = Instant::now() + Duration::from_secs(10);
        while !String::from_utf8_lossy(&said).contains("TimeUp") && Instant::now() < until {
            helper.wait(Duration::from_millis(200));
            assert!(helper.read(&mut said));
        }
        assert!(said.starts_with(b"hello"), "{said:?}");
        let mut pids = || {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        let first = pids();
        while pids() == first && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        let second = pids();
        let own = helper.pid.to_string();
        drop(helper);
        for pid in first.iter().chain(&second).chain([&own]) {
            assert!(!alive(pid), "{pid} is left of {first:?} {second:?} {own}");
        }
        assert_eq!((first.len(), second.len()), (2, 2));
        let _ = std::fs::remove_file(&file);
    }
}
