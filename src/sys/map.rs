//! A file mapped read-only: looked at without reading what is not needed. Only for files of this user that are
//! replaced whole and never written in place: a file that shrinks under the mapping ends the process.

use super::file::{Identity, NONBLOCK, identity_of};
use std::fs::OpenOptions;
use std::io;
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The bytes of a mapped file.
#[derive(Debug)]
pub struct Mapped {
    start: *const u8,
    length: usize,
}

/// Maps a regular file of at most `limit` bytes; says what was opened.
pub fn map(path: &Path, limit: u64) -> io::Result<(Mapped, Identity)> {
    // Never waits: a FIFO could stand in its place.
    let file = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    let identity = identity_of(&file)?;
    if !metadata.is_file() || metadata.len() == 0 || metadata.len() > limit {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    let length = usize::try_from(metadata.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
    // SAFETY: a new mapping at an address the kernel chooses, of an open file, no longer than the file.
    let start = unsafe {
        libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0)
    };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // Only what is looked up should count as this process's memory, not what stands around it in the page cache.
    // SAFETY: advice on the mapping made above; it changes no content.
    unsafe { libc::madvise(start, length, libc::MADV_RANDOM) };
    Ok((Mapped { start: start.cast(), length }, identity))
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `start` and `length` are those of a readable mapping that lives as long as `self`.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and nothing borrows from it any more.
        unsafe { libc::munmap(self.start.cast_mut().cast(), self.length) };
    }
}
