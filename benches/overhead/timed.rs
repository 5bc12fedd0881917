//! One process: started, waited for, timed. posix_spawn(3) as shells and Make do it, wait4(2) for its usage.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::raw::c_char;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// A program with its words and environment, ready to start.
pub struct Run {
    pub path: CString,
    pub argv: Vec<CString>,
    pub environment: Vec<CString>,
}

/// How one run went.
pub struct Ran {
    pub took: Duration,
    pub status: i32,
}

impl Run {
    pub fn new(path: &Path, argv: &[&str], environment: &[(&str, &OsStr)]) -> Run {
        let text = |bytes: &[u8]| CString::new(bytes).expect("no NUL in it");
        let pair = |(name, value): &(&str, &OsStr)| text(&[name.as_bytes(), b"=", value.as_bytes()].concat());
        Run {
            path: text(path.as_os_str().as_bytes()),
            argv: argv.iter().map(|word| text(word.as_bytes())).collect(),
            environment: environment.iter().map(pair).collect(),
        }
    }

    /// Starts it with standard input, output and error on /dev/null, and waits.
    pub fn time(&self, streams: &Streams) -> io::Result<Ran> {
        let (argv, environment) = (pointers(&self.argv), pointers(&self.environment));
        let mut pid = 0;
        let begun = Instant::now();
        // SAFETY: path, argv and environment are C strings and NULL-terminated arrays that outlive the call.
        let failed = unsafe {
            libc::posix_spawn(
                &raw mut pid,
                self.path.as_ptr(),
                &raw const streams.actions,
                std::ptr::null(),
                argv.as_ptr().cast(),
                environment.as_ptr().cast(),
            )
        };
        if failed != 0 {
            return Err(io::Error::from_raw_os_error(failed));
        }
        let mut status = 0;
        // SAFETY: pid is our child; status is a valid place for its status.
        if unsafe { libc::waitpid(pid, &raw mut status, 0) } != pid {
            return Err(io::Error::last_os_error());
        }
        Ok(Ran { took: begun.elapsed(), status: exit_status(status) })
    }
}

/// The exit status, or 128 and the signal as shells count it.
fn exit_status(status: i32) -> i32 {
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) }
}

/// The strings' addresses and a NULL.
pub fn pointers(words: &[CString]) -> Vec<*const c_char> {
    words.iter().map(|w| w.as_ptr()).chain([std::ptr::null()]).collect()
}

/// Descriptors 0 to 2 of every run: /dev/null.
pub struct Streams {
    actions: libc::posix_spawn_file_actions_t,
}

impl Streams {
    pub fn new() -> Streams {
        let mut actions = std::mem::MaybeUninit::uninit();
        // SAFETY: init fills the actions before they are used; the path is a constant C string.
        unsafe {
            libc::posix_spawn_file_actions_init(actions.as_mut_ptr());
            for fd in 0..3 {
                let null = c"/dev/null".as_ptr();
                libc::posix_spawn_file_actions_addopen(actions.as_mut_ptr(), fd, null, libc::O_RDWR, 0);
            }
            Streams { actions: actions.assume_init() }
        }
    }
}
