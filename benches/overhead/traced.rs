//! What one program does until it becomes another, counted with ptrace(2): system calls, page faults and memory, and
//! instructions one by one. Exact and the same on a busy machine, unlike a clock.

use super::timed::{Run, pointers};
use std::io;
use std::path::PathBuf;

/// Everything before the exec.
#[derive(Debug)]
pub struct Counted {
    /// In user mode; a repeated string instruction counts once for each repetition. `None`: not counted.
    pub instructions: Option<u64>,
    pub system_calls: u64,
    /// Minor page faults.
    pub faults: u64,
    /// Peak resident memory in KiB, as /proc/PID/status says (the kernel may be a few pages behind).
    pub peak_kib: u64,
    /// What it became; `None` when it ended without becoming anything.
    pub became: Option<PathBuf>,
}

/// Runs it from system call to system call and, if `stepped`, also step by step. A step is a stop of some ten
/// microseconds: right for a program of few instructions, minutes for a long one.
pub fn count(run: &Run, stepped: bool) -> io::Result<Counted> {
    let instructions = match stepped {
        true => Some(follow(run, libc::PTRACE_SINGLESTEP, |_| {})?.0),
        false => None,
    };
    let (mut faults, mut peak_kib) = (0, 0);
    let (stops, became) = follow(run, libc::PTRACE_SYSCALL, |pid| {
        faults = minor_faults(pid);
        peak_kib = peak(pid);
    })?;
    // One stop on entry and one on return; the exec itself only enters.
    let first = first_faults(run)?;
    Ok(Counted {
        instructions,
        system_calls: stops.div_ceil(2),
        faults: faults.saturating_sub(first),
        peak_kib,
        became,
    })
}

/// Lets a traced child go on by `request` until it execs; how many stops there were, and what it became.
fn follow(
    run: &Run,
    request: u32,
    mut at_stop: impl FnMut(libc::pid_t),
) -> io::Result<(u64, Option<PathBuf>)> {
    let child = Traced::start(run)?;
    let mut stops = 0;
    loop {
        match child.go_on(request)? {
            Stop::Exec => return Ok((stops, std::fs::read_link(format!("/proc/{}/exe", child.pid)).ok())),
            Stop::End => return Ok((stops, None)),
            Stop::Other => {
                stops += 1;
                at_stop(child.pid);
            }
        }
    }
}

/// Page faults that the start itself costs: the program stands before its first instruction.
fn first_faults(run: &Run) -> io::Result<u64> {
    let child = Traced::start(run)?;
    Ok(minor_faults(child.pid))
}

enum Stop {
    Exec,
    End,
    Other,
}

/// A child before its first instruction; killed when dropped.
struct Traced {
    pid: libc::pid_t,
}

impl Traced {
    fn start(run: &Run) -> io::Result<Traced> {
        let (argv, environment) = (pointers(&run.argv), pointers(&run.environment));
        // SAFETY: this process has one thread; the child calls nothing but async-signal-safe functions, on
        // pointers that were made before.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            // SAFETY: as above; the strings and arrays are NULL-terminated and live in the copied memory.
            unsafe {
                for fd in 0..3 {
                    libc::close(fd);
                    libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
                }
                libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0);
                libc::execve(run.path.as_ptr(), argv.as_ptr(), environment.as_ptr());
                libc::_exit(127);
            }
        }
        if pid < 0 {
            return Err(io::Error::last_os_error());
        }
        let child = Traced { pid };
        match child.wait()? {
            Stop::Other => {}
            Stop::Exec | Stop::End => return Err(io::Error::other("it did not start")),
        }
        let options = libc::PTRACE_O_TRACEEXEC | libc::PTRACE_O_EXITKILL | libc::PTRACE_O_TRACESYSGOOD;
        // SAFETY: pid is our stopped, traced child.
        if unsafe { libc::ptrace(libc::PTRACE_SETOPTIONS, pid, 0, options) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(child)
    }

    fn go_on(&self, request: u32) -> io::Result<Stop> {
        // SAFETY: pid is our stopped, traced child; no signal is passed on.
        if unsafe { libc::ptrace(request, self.pid, 0, 0) } < 0 {
            return Err(io::Error::last_os_error());
        }
        self.wait()
    }

    fn wait(&self) -> io::Result<Stop> {
        let mut status = 0;
        // SAFETY: pid is our child; status is a valid place for its status.
        if unsafe { libc::waitpid(self.pid, &raw mut status, libc::__WALL) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(match status {
            s if libc::WIFEXITED(s) || libc::WIFSIGNALED(s) => Stop::End,
            s if s >> 16 == libc::PTRACE_EVENT_EXEC => Stop::Exec,
            _ => Stop::Other,
        })
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        // SAFETY: killing and reaping our own child; both may fail when it is gone already.
        unsafe {
            libc::kill(self.pid, libc::SIGKILL);
            libc::waitpid(self.pid, std::ptr::null_mut(), libc::__WALL);
        }
    }
}

/// Field 10 of /proc/PID/stat (proc_pid_stat(5)); the name before it is in parentheses.
fn minor_faults(pid: libc::pid_t) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    after_name.split(' ').nth(7).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn peak(pid: libc::pid_t) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
