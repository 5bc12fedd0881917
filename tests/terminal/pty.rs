//! A pseudo terminal with a program on it, and a person at it. Waits on output, never on time; the only
//! pauses are those between the keys of somebody who types.

use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
/// Between two keys of a fast typist.
const FAST: Duration = Duration::from_millis(5);
const SLOW: Duration = Duration::from_millis(60);

pub struct Pty {
    master: File,
    slave: OwnedFd,
    name: String,
    child: Option<Child>,
    seen: Vec<u8>,
    /// What `wait_for` has already passed.
    passed: usize,
}

/// How a program is started on it.
pub struct Start<'a> {
    pub columns: u16,
    pub rows: u16,
    pub environment: &'a [(&'a str, &'a str)],
}

pub const USUAL: Start<'static> = Start { columns: 80, rows: 24, environment: &[] };

impl Start<'_> {
    /// A terminal with nothing on it yet.
    pub fn pty(&self) -> Pty {
        let master =
            posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).expect("a pseudo terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("its other end");
        let name = ptsname_r(&master).expect("its name");
        let slave = open(name.as_str(), OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC, Mode::empty());
        let mut pty = Pty {
            master: File::from(OwnedFd::from(master)),
            slave: slave.expect("its other end"),
            name,
            child: None,
            seen: Vec::new(),
            passed: 0,
        };
        pty.resize(self.columns, self.rows);
        pty
    }

    /// A new session whose controlling terminal it is.
    pub fn run(&self, words: &[&str]) -> Pty {
        let mut pty = self.pty();
        pty.start(words, self.environment);
        pty
    }
}

impl Pty {
    pub fn start(&mut self, words: &[&str], environment: &[(&str, &str)]) {
        let end = || Stdio::from(self.slave.try_clone().expect("a descriptor"));
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", "/nonexistent");
        command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8").envs(environment.iter().copied());
        self.child = Some(command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("setsid"));
    }

    /// Everything the terminal was sent so far.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    pub fn modes(&self) -> Termios {
        tcgetattr(&self.slave).expect("modes")
    }

    /// The window gets another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let sizes = ["columns", &columns.to_string(), "rows", &rows.to_string()];
        let done = Command::new("stty").args(["-F", &self.name]).args(sizes).status().expect("stty");
        assert!(done.success());
    }

    pub fn slave(&self) -> &OwnedFd {
        &self.slave
    }

    pub fn signal(&self, signal: Signal) {
        let id = self.child.as_ref().expect("a child").id();
        kill(Pid::from_raw(id.cast_signed()), signal).expect("kill");
    }

    /// All at once, as a paste, a program or a function key would.
    pub fn send(&mut self, bytes: &str) {
        self.master.write_all(bytes.as_bytes()).expect("write");
    }

    /// By hand: each key after the one before has been shown.
    pub fn typed(&mut self, text: &str) {
        self.typed_at(FAST, text);
    }

    /// By hand, without hurry.
    pub fn typed_slowly(&mut self, text: &str) {
        self.typed_at(SLOW, text);
    }

    fn typed_at(&mut self, pace: Duration, text: &str) {
        for c in text.chars() {
            self.passed = self.seen.len();
            self.send(c.encode_utf8(&mut [0; 4]));
            self.wait_for(c.encode_utf8(&mut [0; 4]));
            self.rest(pace);
        }
    }

    /// As long as between two keys.
    pub fn pause(&mut self) {
        self.rest(SLOW);
    }

    fn rest(&mut self, pace: Duration) {
        let until = Instant::now() + pace;
        while Instant::now() < until {
            self.take(until.saturating_duration_since(Instant::now()));
        }
    }

    /// Waits until this is shown, after what was waited for before.
    pub fn wait_for(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let fresh = &self.seen[self.passed..];
            if let Some(at) = fresh.windows(text.len()).position(|w| w == text.as_bytes()) {
                self.passed += at + text.len();
                return;
            }
            assert!(Instant::now() < until, "{text:?} did not come; the terminal got:\n{}", self.output());
            self.take(Duration::from_millis(100));
        }
    }

    /// Waits for the end of the program, reading what it says meanwhile.
    pub fn end(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("a child");
        let until = Instant::now() + PATIENCE;
        loop {
            let status = child.try_wait().expect("wait");
            while self.take(Duration::from_millis(5)) {}
            if let Some(status) = status {
                return status;
            }
            if Instant::now() >= until {
                let _ = child.kill();
                panic!("it does not end; the terminal got:\n{}", self.output());
            }
        }
    }

    /// The window is closed: nobody is at the terminal any more.
    pub fn hang_up(mut self) -> ExitStatus {
        let mut child = self.child.take().expect("a child");
        drop(self);
        child.wait().expect("wait")
    }

    fn take(&mut self, limit: Duration) -> bool {
        let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        let ready = poll(&mut fds, PollTimeout::try_from(limit).unwrap_or(PollTimeout::ZERO)).unwrap_or(0);
        let mut bytes = [0; 4096];
        if ready == 0 {
            return false;
        }
        let count = self.master.read(&mut bytes).unwrap_or(0);
        self.seen.extend_from_slice(&bytes[..count]);
        count > 0
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
