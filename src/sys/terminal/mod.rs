//! The controlling terminal: opening it, its modes, its size, reading and writing it without ever waiting.
//! Must never touch descriptors 0–2 (they belong to the guarded program), nor run a program to learn a size.

mod signals;

pub use signals::{Arrived, HANGUP, Signals, stop_self, would_stop};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::Mode;
use nix::sys::termios::{FlushArg, tcflush};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

/// `/dev/tty`, on a descriptor of its own above 2, closed on exec.
pub struct Terminal {
    fd: OwnedFd,
}

/// Rows and columns of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub columns: usize,
    pub rows: usize,
}

/// termios(3), kept as the system gave it, so that restoring is exact.
#[derive(Clone, Copy)]
pub struct Modes(libc::termios);

/// What `Terminal::wait` saw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ready {
    pub signal: bool,
    /// There is input, or the end of it.
    pub input: bool,
    pub output: bool,
    /// The other descriptor has something to read, or its end.
    pub aside: bool,
}

/// Whether output that the terminal does not take yet is waited for too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    Input,
    Output,
}

impl Terminal {
    /// Opens the controlling terminal. `ENXIO` when there is none (setsid, cron, `ssh -T`).
    ///
    /// `/dev/tty` gives an open file description of our own: non-blocking mode does not leak to anyone
    /// else who holds the same terminal.
    pub fn open() -> io::Result<Terminal> {
        let flags = OFlag::O_RDWR | OFlag::O_CLOEXEC | OFlag::O_NOCTTY | OFlag::O_NONBLOCK;
        let fd = open("/dev/tty", flags, Mode::empty())?;
        if fd.as_raw_fd() > 2 {
            return Ok(Terminal { fd });
        }
        let above = fcntl(&fd, FcntlArg::F_DUPFD_CLOEXEC(3))?;
        // SAFETY: F_DUPFD_CLOEXEC has just made this descriptor; nobody else owns it.
        Ok(Terminal { fd: unsafe { OwnedFd::from_raw_fd(above) } })
    }

    /// TIOCGWINSZ; `None` where the terminal does not know (a serial line says 0 by 0).
    pub fn size(&self) -> Option<Size> {
        let mut size = MaybeUninit::<libc::winsize>::zeroed();
        // SAFETY: the descriptor is open, and TIOCGWINSZ writes one winsize.
        let result = unsafe { libc::ioctl(self.fd.as_raw_fd(), libc::TIOCGWINSZ, size.as_mut_ptr()) };
        // SAFETY: all-zero is a valid winsize, whatever the call did.
        let size = unsafe { size.assume_init() };
        (result == 0 && size.ws_col > 0 && size.ws_row > 0)
            .then(|| Size { columns: size.ws_col.into(), rows: size.ws_row.into() })
    }

    /// tcgetattr(3).
    pub fn modes(&self) -> io::Result<Modes> {
        let mut modes = MaybeUninit::<libc::termios>::zeroed();
        // SAFETY: the descriptor is open, and tcgetattr writes one termios.
        let result = unsafe { libc::tcgetattr(self.fd.as_raw_fd(), modes.as_mut_ptr()) };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: tcgetattr succeeded, so it has filled the structure.
        Ok(Modes(unsafe { modes.assume_init() }))
    }

    /// tcsetattr(3), discarding what was typed and not yet read (`TCSAFLUSH`).
    pub fn set_modes_and_flush(&self, modes: &Modes) -> io::Result<()> {
        self.set(libc::TCSAFLUSH, modes)
    }

    /// tcsetattr(3) at once (`TCSANOW`): what is typed ahead is left for whoever reads next.
    pub fn set_modes(&self, modes: &Modes) -> io::Result<()> {
        self.set(libc::TCSANOW, modes)
    }

    fn set(&self, when: libc::c_int, modes: &Modes) -> io::Result<()> {
        loop {
            // SAFETY: the descriptor is open and `modes` is a termios that tcgetattr once filled.
            if unsafe { libc::tcsetattr(self.fd.as_raw_fd(), when, &raw const modes.0) } == 0 {
                return Ok(());
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
    }

    /// Discards what was typed and not yet read. From the background this stops the process group, as any
    /// change of the terminal does (SIGTTOU); `EIO` when nobody could continue it (an orphaned group).
    pub fn flush_input(&self) -> io::Result<()> {
        loop {
            match tcflush(&self.fd, FlushArg::TCIFLUSH) {
                Err(Errno::EINTR) => {}
                result => return Ok(result?),
            }
        }
    }

    /// Is our process group the one that may use the terminal?
    pub fn is_foreground(&self) -> io::Result<bool> {
        Ok(nix::unistd::tcgetpgrp(&self.fd)? == nix::unistd::getpgrp())
    }

    /// Reads what is there. `WouldBlock` when there is nothing, 0 at hang-up.
    pub fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        Ok(nix::unistd::read(&self.fd, into)?)
    }

    /// Writes what the terminal takes. `WouldBlock` when it takes nothing (stopped by Ctrl-S, or nobody reads).
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(nix::unistd::write(&self.fd, bytes)?)
    }

    /// Waits for input (or room for output) or a watched signal, at most `limit`. Nothing set: time is up.
    pub fn wait(&self, signals: &Signals, interest: Interest, limit: Duration) -> io::Result<Ready> {
        self.wait_beside(signals, interest, None, limit)
    }

    /// As `wait`, and for input on another descriptor.
    pub fn wait_beside(
        &self,
        signals: &Signals,
        interest: Interest,
        aside: Option<BorrowedFd<'_>>,
        limit: Duration,
    ) -> io::Result<Ready> {
        let wanted = match interest {
            Interest::Input => PollFlags::POLLIN,
            Interest::Output => PollFlags::POLLOUT,
        };
        let mut fds =
            vec![PollFd::new(self.fd.as_fd(), wanted), PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        fds.extend(aside.map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        // Rounded up, so that a remainder below a millisecond does not spin.
        let limit = limit + Duration::from_micros(999);
        match poll(&mut fds, PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX)) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Ready::default()),
            Err(error) => return Err(error.into()),
        }
        let on_terminal = fds[0].revents().unwrap_or(PollFlags::empty());
        let ended = on_terminal.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL);
        Ok(Ready {
            signal: fds[1].any().unwrap_or(false),
            input: ended || on_terminal.contains(PollFlags::POLLIN),
            output: ended || on_terminal.contains(PollFlags::POLLOUT),
            aside: fds.get(2).and_then(PollFd::any).unwrap_or(false),
        })
    }
}

impl Modes {
    /// For asking: keys arrive one by one and unechoed, the keys that make signals keep doing so, Ctrl-S does
    /// not freeze the question, eight bits pass, Return arrives, and `\n` starts a new line.
    pub fn key_by_key(&self) -> Modes {
        let mut modes = self.0;
        modes.c_lflag &= !(libc::ICANON | libc::ECHO | libc::ECHONL | libc::IEXTEN);
        modes.c_lflag |= libc::ISIG;
        modes.c_iflag &= !(libc::IXON | libc::ISTRIP | libc::IGNCR | libc::INLCR);
        modes.c_oflag |= libc::OPOST | libc::ONLCR;
        modes.c_cc[libc::VMIN] = 1;
        modes.c_cc[libc::VTIME] = 0;
        Modes(modes)
    }
}

/// Writes to the controlling terminal, waiting for it as programs do.
pub fn print(text: &str) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).custom_flags(OFlag::O_NOCTTY.bits()).open("/dev/tty")?.write_all(text.as_bytes())
}

/// Time since boot, including time asleep: a laptop closed over a question does not stop its clock.
pub fn since_boot() -> Duration {
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: clock_gettime writes one timespec; CLOCK_BOOTTIME exists since Linux 2.6.39.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, time.as_mut_ptr()) };
    // SAFETY: all-zero is a valid timespec, whatever the call did.
    let time = unsafe { time.assume_init() };
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Waits until no other question stands on this terminal; ends with the value. A lock on the terminal's own
/// device, as `/dev/tty` is one file for all terminals. `None` where the device cannot be opened or locked.
pub fn turn() -> Option<nix::fcntl::Flock<std::fs::File>> {
    use std::os::unix::fs::OpenOptionsExt;
    let device = format!("/dev/{}", super::actor::terminal()?);
    let flags = (OFlag::O_NOCTTY | OFlag::O_NONBLOCK).bits();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(device).ok()?;
    nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusive).ok()
}
