//! Standard input: what it is, and reading it ahead without taking a byte from the program that will get it.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, FromRawFd};
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};

/// What descriptor 0 is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Terminal,
    /// Closed or `/dev/null`: nothing will ever come.
    Null,
    File,
    Pipe,
    Socket,
    /// Another device.
    Other,
}

/// Descriptor 0, not closed when dropped.
fn input() -> ManuallyDrop<File> {
    // SAFETY: descriptor 0 is open (`entry::hold_standard_descriptors`), and ManuallyDrop never closes it.
    ManuallyDrop::new(unsafe { File::from_raw_fd(0) })
}

/// Looks at descriptor 0 without reading from it.
pub fn kind() -> Kind {
    let input = input();
    let Ok(meta) = input.metadata() else { return Kind::Null };
    let kind = meta.file_type();
    let null = || std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == meta.rdev());
    if kind.is_file() {
        Kind::File
    } else if kind.is_fifo() {
        Kind::Pipe
    } else if kind.is_socket() {
        Kind::Socket
    } else if nix::unistd::isatty(input.as_fd()).unwrap_or(false) {
        Kind::Terminal
    } else if kind.is_char_device() && null() {
        Kind::Null
    } else {
        Kind::Other
    }
}

/// The rest of a regular file on descriptor 0, without moving its offset; `None` when longer than `limit`.
pub fn peek_file(limit: usize) -> io::Result<Option<Vec<u8>>> {
    let input = input();
    let start = (&*input).stream_position()?;
    let mut bytes = vec![0_u8; limit + 1];
    let mut filled = 0;
    while filled <= limit {
        match input.read_at(&mut bytes[filled..], start + filled as u64)? {
            0 => break,
            n => filled += n,
        }
    }
    bytes.truncate(filled);
    Ok((filled <= limit).then_some(bytes))
}

/// What a pipe holds, once its writers are done, without taking a byte from it: tee(2) copies. `None` when they
/// are not done within `patience`, or wrote more than a pipe holds.
pub fn peek_pipe(limit: usize, patience: std::time::Duration) -> io::Result<Option<Vec<u8>>> {
    // Room for more lets a writer finish; it fails harmlessly where the limit of pipe(7) is lower.
    // SAFETY: F_SETPIPE_SZ takes an integer and touches no memory of ours.
    unsafe { libc::fcntl(0, libc::F_SETPIPE_SZ, limit) };
    let mut input = libc::pollfd { fd: 0, events: 0, revents: 0 };
    let wait = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: one valid pollfd. With no events asked for, only the writers' end wakes it.
    let ended = unsafe { libc::poll(&raw mut input, 1, wait) };
    if ended <= 0 || input.revents & libc::POLLHUP == 0 {
        return Ok(None);
    }
    let mut waiting: libc::c_int = 0;
    // SAFETY: FIONREAD writes one int.
    if unsafe { libc::ioctl(0, libc::FIONREAD, &raw mut waiting) } < 0 {
        return Err(io::Error::last_os_error());
    }
    let waiting = usize::try_from(waiting).unwrap_or(0);
    if waiting == 0 || waiting > limit {
        return Ok((waiting == 0).then(Vec::new));
    }
    copy_of_pipe(waiting)
}

fn copy_of_pipe(length: usize) -> io::Result<Option<Vec<u8>>> {
    let (read, write) = nix::unistd::pipe()?;
    let (mut read, write) = (File::from(read), File::from(write));
    // SAFETY: as in `peek_pipe`.
    unsafe { libc::fcntl(write.as_raw_fd(), libc::F_SETPIPE_SZ, length) };
    // SAFETY: tee takes two descriptors of pipes, a length and no flags but non-blocking.
    let copied = unsafe { libc::tee(0, write.as_raw_fd(), length, libc::SPLICE_F_NONBLOCK) };
    drop(write);
    if usize::try_from(copied).ok() != Some(length) {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(length);
    read.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Puts an anonymous file with these bytes in the place of descriptor 0: what was judged is what is read.
pub fn give(bytes: &[u8]) -> io::Result<()> {
    let memory = nix::sys::memfd::memfd_create(c"guard-stdin", nix::sys::memfd::MFdFlags::MFD_CLOEXEC)?;
    let mut memory = File::from(memory);
    memory.write_all(bytes)?;
    memory.rewind()?;
    // SAFETY: both descriptors are open; dup2 clears close-on-exec on the copy.
    if unsafe { libc::dup2(memory.as_raw_fd(), 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
