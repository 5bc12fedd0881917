//! How this process was started: argv as bytes, the path the kernel was given, the raw environment.
//! Must never allocate more than the arguments need, nor touch the environment it will hand on.

use std::ffi::{CStr, OsStr, OsString};
use std::os::raw::{c_char, c_int};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What `main` received. `argv` may be empty: `execve(path, NULL, …)` is legal.
pub struct Entry {
    pub argv: Vec<OsString>,
    /// `AT_EXECFN`: the path given to `execve`. Unlike `argv[0]` the caller cannot choose it freely (getauxval(3)).
    pub execfn: Option<OsString>,
}

/// Reads the arguments of a C `main`.
///
/// # Safety
/// `argv` must point to `argc` valid C strings, as the C runtime passes them to `main`.
pub unsafe fn from_main(argc: c_int, argv: *const *const c_char) -> Entry {
    let count = usize::try_from(argc).unwrap_or(0);
    let mut words = Vec::with_capacity(count);
    for i in 0..count {
        // SAFETY: i < argc, so argv[i] is a valid C string by the caller's promise.
        let word = unsafe { CStr::from_ptr(*argv.add(i)) };
        words.push(OsStr::from_bytes(word.to_bytes()).to_owned());
    }
    Entry { argv: words, execfn: execfn() }
}

fn execfn() -> Option<OsString> {
    // SAFETY: getauxval has no preconditions.
    let address = unsafe { libc::getauxval(libc::AT_EXECFN) };
    if address == 0 {
        return None;
    }
    // SAFETY: a non-zero AT_EXECFN points to a C string the kernel placed on the initial stack.
    let path = unsafe { CStr::from_ptr(address as *const c_char) };
    Some(OsStr::from_bytes(path.to_bytes()).to_owned())
}

/// The environment as `NAME=value` strings, in order, unchanged.
pub fn environment() -> Vec<OsString> {
    let mut all = Vec::new();
    // SAFETY: `environ` is a NULL-terminated array of C strings; nothing in guard changes it.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            all.push(OsString::from_vec(CStr::from_ptr(*entry).to_bytes().to_vec()));
            entry = entry.add(1);
        }
    }
    all
}

/// One variable, without copying the rest. The first entry counts, as in getenv(3).
pub fn variable(name: &str) -> Option<&'static OsStr> {
    // SAFETY: as in `environment`; the strings live as long as the process.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            let bytes = CStr::from_ptr(*entry).to_bytes();
            if bytes.len() > name.len()
                && bytes[name.len()] == b'='
                && &bytes[..name.len()] == name.as_bytes()
            {
                return Some(OsStr::from_bytes(&bytes[name.len() + 1..]));
            }
            entry = entry.add(1);
        }
    }
    None
}

unsafe extern "C" {
    static environ: *const *const c_char;
}

/// Holds closed descriptors 0–2 with close-on-exec `/dev/null`, so that no file of ours lands there
/// and is written to by a message; the guarded program still finds them closed.
pub fn hold_standard_descriptors() {
    for fd in 0..3 {
        // SAFETY: fcntl(F_GETFD) on any number is harmless.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            // SAFETY: a constant C string; the lowest free descriptor is `fd`, as lower ones are open by now.
            unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
        }
    }
}

/// Makes `run: fn(Entry) -> i32` the C `main` of an executable with `#![no_main]`. Rust's own start-up would
/// ignore SIGPIPE and open closed descriptors, and the guarded program would inherit that.
#[macro_export]
macro_rules! entry_point {
    ($run:path) => {
        /// Called once by the C runtime.
        ///
        /// # Safety
        /// `argv` points to `argc` valid C strings.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn main(
            argc: std::os::raw::c_int,
            argv: *const *const std::os::raw::c_char,
        ) -> std::os::raw::c_int {
            // SAFETY: the C runtime's promise.
            let entry = unsafe { $crate::sys::entry::from_main(argc, argv) };
            $crate::sys::entry::hold_standard_descriptors();
            $run(entry)
        }
    };
}
