//! A program that the helper runs to its end or to a time limit, with its output. Must never give it a terminal,
//! standard input or more memory of ours than the limits here.

use super::{Channel, leave, timeout};
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Output beyond this is not read; the program is ended.
const MOST_OUTPUT: usize = 4 << 20;
const MOST_ERRORS: usize = 16 << 10;
/// How often it is looked whether the program has ended while something else holds its output open.
const SLICE: Duration = Duration::from_millis(50);

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Absolute.
    pub path: PathBuf,
    /// Without the program's own name.
    pub arguments: Vec<OsString>,
    /// `NAME=value`; of equal names the first counts, as in getenv(3).
    pub environment: Vec<OsString>,
    pub directory: PathBuf,
}

/// What it said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    pub out: Vec<u8>,
    pub errors: Vec<u8>,
    /// Not by a signal, and with status 0.
    pub succeeded: bool,
    /// There was more than is kept.
    pub cut: bool,
}

/// Why there is no output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    NotStarted(String),
    TimeUp,
}

impl Channel {
    /// Runs a program for at most `limit`; when guard lets go meanwhile, both end.
    pub fn run(&self, program: &Program, limit: Duration) -> Result<Output, Failed> {
        let until = Instant::now() + limit;
        let mut child = start(program).map_err(|error| Failed::NotStarted(error.to_string()))?;
        let output = self.listen(&mut child, until);
        if output.as_ref().is_none_or(|output| output.cut) {
            // Its own process group: pipes and plugins of it end too.
            let _ = killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL);
            let _ = child.wait();
        }
        output.ok_or(Failed::TimeUp)
    }

    /// `None`: time is up.
    fn listen(&self, child: &mut Child, until: Instant) -> Option<Output> {
        let mut output = Output::default();
        let (mut out, mut errors) = (child.stdout.take(), child.stderr.take());
        loop {
            let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            let nobody = self.leash.as_fd();
            let closed = out.is_none() && errors.is_none();
            let slice = if closed { SLICE / 10 } else { SLICE };
            let ready = {
                let out_fd = out.as_ref().map_or(nobody, AsFd::as_fd);
                let error_fd = errors.as_ref().map_or(nobody, AsFd::as_fd);
                let mut fds = [nobody, out_fd, error_fd].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
                let _ = poll(&mut fds, timeout(left.min(slice)));
                fds.map(|fd| fd.any().unwrap_or(false))
            };
            if ready[0] {
                leave();
            }
            if out.is_some() && ready[1] {
                take(&mut out, &mut output.out, MOST_OUTPUT, &mut output.cut);
            }
            if errors.is_some() && ready[2] {
                let mut ignored = false;
                take(&mut errors, &mut output.errors, MOST_ERRORS, &mut ignored);
            }
            if output.cut {
                return Some(output);
            }
            // What it wrote before it ended was there to read in the same round, or is read in the next.
            let quiet = !ready[1] && !ready[2] || (out.is_none() && errors.is_none());
            if quiet && let Ok(Some(status)) = child.try_wait() {
                output.succeeded = status.success();
                return Some(output);
            }
        }
    }
}

/// One read. At the end the stream is closed; beyond `most` it is read on and thrown away.
fn take<S: Read>(stream: &mut Option<S>, kept: &mut Vec<u8>, most: usize, cut: &mut bool) {
    let mut bytes = [0; 16 << 10];
    match stream.as_mut().map(|s| s.read(&mut bytes)) {
        Some(Ok(count)) if count > 0 => {
            let room = most - kept.len();
            *cut |= count > room;
            kept.extend_from_slice(&bytes[..count.min(room)]);
        }
        Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
        Some(Ok(_) | Err(_)) | None => *stream = None,
    }
}

fn start(program: &Program) -> io::Result<Child> {
    // Banned elsewhere: this is the one place that starts a program, by its absolute path.
    #[allow(clippy::disallowed_methods)]
    let mut command = Command::new(&program.path);
    command.args(&program.arguments).current_dir(&program.directory).env_clear();
    for entry in program.environment.iter().rev() {
        let bytes = entry.as_bytes();
        if let Some(at) = bytes.iter().position(|b| *b == b'=').filter(|at| *at > 0) {
            let text = |part: &[u8]| std::ffi::OsStr::from_bytes(part).to_owned();
            command.env(text(&bytes[..at]), text(&bytes[at + 1..]));
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    command.spawn()
}
