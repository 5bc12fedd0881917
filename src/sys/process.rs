//! Replacing this process. Must never change argv, environment, descriptors or signal state on the way.

use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::raw::c_char;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Ends this process by a signal, as if it had never been held back: a shell goes by it whether a loop goes on.
/// Returns where the signal does not end it.
pub fn die_of(signal: i32) {
    // SAFETY: SIG_DFL runs no code of ours; a signal number that there is not is refused by each call.
    unsafe {
        let mut set = std::mem::zeroed::<libc::sigset_t>();
        if libc::sigemptyset(&raw mut set) != 0
            || libc::sigaddset(&raw mut set, signal) != 0
            || libc::signal(signal, libc::SIG_DFL) == libc::SIG_ERR
        {
            return;
        }
        libc::sigprocmask(libc::SIG_UNBLOCK, &raw const set, std::ptr::null_mut());
        libc::raise(signal);
    }
}

/// `execve(2)` with the process's own environment, unchanged but for `extra`: `NAME=value` in the place of every
/// variable of that name. Returns only on failure.
///
/// `ENOEXEC` (a script without `#!`) is run by `/bin/sh`, as shells and execvp(3) do.
pub fn replace(program: &Path, argv: &[OsString], extra: &[&OsStr]) -> io::Error {
    let (Ok(path), Ok(words)) = (c_string(program.as_os_str()), c_strings(argv)) else {
        return io::Error::from_raw_os_error(libc::EINVAL);
    };
    let extra: Vec<CString> = match extra.iter().map(|e| c_string(e)).collect() {
        Ok(extra) => extra,
        Err(error) => return error,
    };
    let environment = environment_with(&extra);
    let error = exec(&path, &words, &environment);
    if error.raw_os_error() != Some(libc::ENOEXEC) {
        return error;
    }
    let mut by_shell = vec![c"sh".to_owned(), path];
    by_shell.extend(words.into_iter().skip(1));
    exec(c"/bin/sh", &by_shell, &environment)
}

/// `execve(2)` with exactly this environment, `NAME=value` each. Returns only on failure.
#[cfg(feature = "full")]
pub fn replace_within(program: &Path, argv: &[OsString], environment: &[OsString]) -> io::Error {
    let strings = || Ok((c_string(program.as_os_str())?, c_strings(argv)?, c_strings(environment)?));
    match strings() {
        Ok((path, words, entries)) => {
            let mut pointers: Vec<*const c_char> = entries.iter().map(|e| e.as_ptr()).collect();
            pointers.push(std::ptr::null());
            exec(&path, &words, &pointers)
        }
        Err(error) => error,
    }
}

fn exec(path: &std::ffi::CStr, words: &[CString], environment: &[*const c_char]) -> io::Error {
    let mut argv: Vec<*const c_char> = words.iter().map(|w| w.as_ptr()).collect();
    argv.push(std::ptr::null());
    super::memory::restore_core_limit();
    // SAFETY: path is a C string; argv and environment are NULL-terminated arrays of C strings that outlive the call.
    unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), environment.as_ptr()) };
    io::Error::last_os_error()
}

/// The pointers of `environ`, and each of `extra` in place of the variables of its name.
fn environment_with(extra: &[CString]) -> Vec<*const c_char> {
    let replaced = |entry: &[u8]| {
        let name = |e: &CString| e.as_bytes().iter().position(|b| *b == b'=').map_or(0, |end| end + 1);
        extra.iter().any(|e| name(e) > 0 && entry.starts_with(&e.as_bytes()[..name(e)]))
    };
    let mut pointers = Vec::new();
    // SAFETY: `environ` is a NULL-terminated array of C strings; nothing in guard changes it.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            if extra.is_empty() || !replaced(std::ffi::CStr::from_ptr(*entry).to_bytes()) {
                pointers.push(*entry);
            }
            entry = entry.add(1);
        }
    }
    pointers.extend(extra.iter().map(|e| e.as_ptr()));
    pointers.push(std::ptr::null());
    pointers
}

unsafe extern "C" {
    static environ: *const *const c_char;
}

fn c_string(word: &OsStr) -> Result<CString, io::Error> {
    CString::new(word.as_bytes()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

fn c_strings(words: &[OsString]) -> Result<Vec<CString>, io::Error> {
    words.iter().map(|w| c_string(w)).collect()
}

/// Starts a program that nobody waits for: in a session of its own, without terminal or streams, and no child of this
/// process or of the program that this one becomes. `program` is an absolute path.
#[cfg(feature = "full")]
pub fn start_apart(program: &Path, arguments: &[&OsStr]) -> io::Result<()> {
    let path = c_string(program.as_os_str())?;
    let mut words = vec![path.clone()];
    for argument in arguments {
        words.push(c_string(argument)?);
    }
    let mut argv: Vec<*const c_char> = words.iter().map(|w| w.as_ptr()).collect();
    argv.push(std::ptr::null());
    // SAFETY: everything the children use was made before; they call only async-signal-safe functions (signal-safety(7))
    // and end by execve or _exit.
    unsafe {
        match libc::fork() {
            -1 => return Err(io::Error::last_os_error()),
            0 => {
                libc::setsid();
                if libc::fork() != 0 {
                    libc::_exit(0);
                }
                let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
                for stream in 0..3 {
                    libc::dup2(null, stream);
                }
                // A pipe that the caller waits at must not stay open here.
                libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0);
                let mut none = std::mem::zeroed::<libc::sigset_t>();
                libc::sigemptyset(&raw mut none);
                libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
                libc::execve(path.as_ptr(), argv.as_ptr(), environ);
                libc::_exit(127);
            }
            child => {
                libc::waitpid(child, std::ptr::null_mut(), 0);
            }
        }
    }
    Ok(())
}

/// `_exit(2)`-like end of the process; nothing is flushed by the C library that guard did not flush.
pub fn exit(status: i32) -> ! {
    std::process::exit(status)
}

/// Holds back every signal in the calling thread and those it starts (pthread_sigmask(3)).
pub fn block_signals_in_thread() {
    // It can only fail for an invalid argument.
    let _ = nix::sys::signal::SigSet::all().thread_block();
}

/// Allows as many open files as the system lets this process have: a relay holds one for each waiter.
pub fn open_many_files() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid rlimit for the kernel to fill.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } == 0 {
        limit.rlim_cur = limit.rlim_max;
        // SAFETY: `limit` is a valid rlimit; failing leaves the old limit, which is only lower.
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    }
}

/// The umask of this process, which a program it starts inherits; 022 where the kernel does not say.
pub fn umask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    line.and_then(|text| u32::from_str_radix(text.trim(), 8).ok()).unwrap_or(0o022)
}

/// The name of the process that listens at the other end of a connected Unix socket (unix(7), SO_PEERCRED);
/// `None` where the kernel does not say, as from another container.
#[cfg(feature = "full")]
pub fn listener(stream: &std::os::unix::net::UnixStream) -> Option<String> {
    use std::os::fd::AsRawFd;
    let mut peer = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let mut length = libc::socklen_t::try_from(size_of::<libc::ucred>()).ok()?;
    // SAFETY: the descriptor is open; `peer` and `length` are valid for the kernel to fill, of the size it is told.
    let status = unsafe {
        let level = libc::SOL_SOCKET;
        libc::getsockopt(
            stream.as_raw_fd(),
            level,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut length,
        )
    };
    if status != 0 || peer.pid <= 0 {
        return None;
    }
    let name = super::file::read_bounded(format!("/proc/{}/comm", peer.pid).as_ref(), 64).ok()?;
    String::from_utf8(name).ok().map(|name| name.trim_end().to_owned())
}
