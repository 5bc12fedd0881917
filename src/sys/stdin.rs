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

/// Reads a stream to its end and puts an anonymous file with the same bytes in its place; `None` when it is
/// longer than `limit`: then its beginning is gone and no program may be started on it.
pub fn spool(limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut input = input();
    (&mut *input).take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Ok(None);
    }
    let memory = nix::sys::memfd::memfd_create(c"guard-stdin", nix::sys::memfd::MFdFlags::MFD_CLOEXEC)?;
    let mut memory = File::from(memory);
    memory.write_all(&bytes)?;
    memory.rewind()?;
    // SAFETY: both descriptors are open; dup2 clears close-on-exec on the copy.
    if unsafe { libc::dup2(memory.as_raw_fd(), 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Some(bytes))
}
