//! A pseudo-terminal with a program on it, driven by waiting for what it shows. No sleeps.
#![allow(dead_code)]

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program on its own terminal.
pub struct Pty {
    master: File,
    /// Held so that the terminal stays while the program has no descriptor on it.
    slave: File,
    child: Child,
    /// Everything shown so far, escape sequences included.
    pub shown: String,
    /// The beginning of a character whose rest has not come.
    pending: Vec<u8>,
    /// Where the next `wait_for` begins to look.
    seen: usize,
}

impl Pty {
    /// Starts `command` with the terminal as its controlling terminal. Streams that `command` did not set
    /// are the terminal, when `streams` is true.
    pub fn start(mut command: Command, columns: u16, rows: u16, streams: bool) -> Pty {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None).expect("a pty");
        let slave = File::from(pair.slave);
        // Else the program would hold its own terminal open, and a hang-up would never reach it.
        for fd in [pair.master.as_fd(), slave.as_fd()] {
            fcntl(fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).expect("fcntl");
        }
        if streams {
            let copy = || Stdio::from(slave.try_clone().expect("dup"));
            command.stdin(copy()).stdout(copy()).stderr(copy());
        }
        let number = slave.as_raw_fd();
        // SAFETY: only async-signal-safe calls between fork and exec.
        unsafe {
            command.pre_exec(move || {
                nix::unistd::setsid()?;
                if nix::libc::ioctl(number, nix::libc::TIOCSCTTY, 0) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn().expect("the program starts");
        Pty {
            master: File::from(pair.master),
            slave,
            child,
            shown: String::new(),
            pending: Vec::new(),
            seen: 0,
        }
    }

    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Reads until `text` is shown after what the last call found; fails with the screen when it never is.
    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.shown[self.seen..].find(text) {
                self.seen += at + text.len();
                return;
            }
            assert!(self.more(deadline), "never showed {text:?}; it showed:\n{}", self.shown);
        }
    }

    /// Reads until one of the texts is shown after what the last call found: which one, the earliest.
    pub fn wait_for_one(&mut self, texts: &[&str]) -> usize {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let fresh = &self.shown[self.seen..];
            let found = texts.iter().enumerate().filter_map(|(which, text)| Some((fresh.find(text)?, which)));
            if let Some((at, which)) = found.min() {
                self.seen += at + texts[which].len();
                return which;
            }
            assert!(self.more(deadline), "never showed any of {texts:?}; it showed:\n{}", self.shown);
        }
    }

    /// What follows on the row of the text that was found last: at least three characters.
    pub fn rest_of_row(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        while self.shown[self.seen..].trim_start().len() < 3 {
            assert!(self.more(deadline), "nothing follows:\n{}", self.shown);
        }
        self.shown[self.seen..].lines().next().unwrap_or_default().to_owned()
    }

    /// One read; `false` when nothing comes any more.
    fn more(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let wait = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        if poll(&mut fds, wait).unwrap_or(0) == 0 {
            return false;
        }
        let mut bytes = [0; 65536];
        match self.master.read(&mut bytes) {
            Ok(0) | Err(_) => false,
            Ok(n) => {
                self.pending.extend(&bytes[..n]);
                // A read may end within a character.
                let whole = match std::str::from_utf8(&self.pending) {
                    Err(error) if error.error_len().is_none() => error.valid_up_to(),
                    Ok(_) | Err(_) => self.pending.len(),
                };
                let text: Vec<u8> = self.pending.drain(..whole).collect();
                self.shown.push_str(&String::from_utf8_lossy(&text));
                true
            }
        }
    }

    /// Sends bytes at once, as a paste or typed-ahead input arrives.
    pub fn send(&mut self, bytes: &[u8]) {
        self.master.write_all(bytes).expect("the terminal takes input");
    }

    /// Types as a person does: each character after the one before was echoed, at a fast typist's pace
    /// (what comes faster is taken for a paste).
    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            std::thread::sleep(Duration::from_millis(12));
            let before = self.shown.len();
            self.send(c.to_string().as_bytes());
            let deadline = Instant::now() + PATIENCE;
            while self.shown.len() == before {
                assert!(self.more(deadline), "{c:?} was not echoed:\n{}", self.shown);
            }
        }
        self.seen = self.shown.len();
    }

    pub fn enter(&mut self) {
        self.send(b"\r");
    }

    /// Closes the terminal: the program gets SIGHUP.
    pub fn hang_up(self) -> ExitStatus {
        let Pty { master, slave, mut child, .. } = self;
        drop(slave);
        drop(master);
        child.wait().expect("it ends")
    }

    /// The program's process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads until the program has ended and gives its exit status and everything it showed.
    pub fn finish(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = self.child.try_wait().expect("waitpid");
            // What it wrote before it ended is in the terminal by now.
            while self.more((Instant::now() + Duration::from_millis(5)).min(deadline)) {}
            if let Some(status) = ended {
                return (status, self.shown);
            }
            if Instant::now() > deadline {
                let _ = self.child.kill();
                panic!("it does not end; it showed:\n{}", self.shown);
            }
        }
    }
}

/// Without escape sequences, as a person reads it.
pub fn plain(shown: &str) -> String {
    let mut out = String::new();
    let mut chars = shown.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' if chars.peek() == Some(&'[') => {
                chars.next();
                for c in chars.by_ref() {
                    if ('@'..='~').contains(&c) {
                        break;
                    }
                }
            }
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}
