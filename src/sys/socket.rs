//! Sockets of this machine: who is at the other end. Must never guess: what the kernel does not say is an error.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;

/// The user at the other end of a socket, as the kernel knows it (SO_PEERCRED, unix(7)).
pub fn peer(stream: &UnixStream) -> io::Result<u32> {
    let mut peer = libc::ucred { pid: 0, uid: u32::MAX, gid: u32::MAX };
    let mut length = libc::socklen_t::try_from(size_of::<libc::ucred>()).unwrap_or(0);
    // SAFETY: the descriptor is open; the kernel writes at most `length` bytes into `peer`.
    let result = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut length,
        )
    };
    if result == 0 { Ok(peer.uid) } else { Err(io::Error::last_os_error()) }
}

/// The connection that this process was started with as its standard input (`StandardInput=socket`, inetd).
pub fn of_stdin() -> io::Result<UnixStream> {
    let stream = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    // Of anything but a socket of this machine the kernel names no peer.
    stream.peer_addr()?;
    peer(&stream)?;
    Ok(stream)
}
