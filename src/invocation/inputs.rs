//! Files a command would read, remembered with what they held, so that a change between the question
//! and the exec is noticed. Must never read without a bound.

use crate::sys::file;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::hash::Hasher;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The largest configuration, manifest or script that is read: 16 MiB.
pub const LIMIT: usize = 16 << 20;

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    Missing,
    TooLarge,
    /// The system's words: permission denied, is a directory …
    Failed(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReadError::Missing => f.write_str("no such file"),
            ReadError::TooLarge => write!(f, "larger than {} MiB", LIMIT >> 20),
            ReadError::Failed(why) => f.write_str(why),
        }
    }
}

/// What was read, in order. Clones share the list, so nested commands add to the same one.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    seen: Rc<RefCell<Seen>>,
}

/// In order, and by what they are found again: a script may read thousands.
#[derive(Debug, Default)]
struct Seen {
    list: Vec<(PathBuf, u128)>,
    known: BTreeSet<(OsString, u128)>,
}

impl Inputs {
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        self.keep(path, file::read_bounded(path, LIMIT))
    }

    pub(super) fn read_start(&self, path: &Path, length: usize) -> Result<Vec<u8>, ReadError> {
        self.keep(path, file::read_start(path, length))
    }

    fn keep(&self, path: &Path, read: io::Result<Vec<u8>>) -> Result<Vec<u8>, ReadError> {
        let outcome = read.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::Missing,
            io::ErrorKind::FileTooLarge => ReadError::TooLarge,
            _ => ReadError::Failed(plain(&error)),
        });
        let digest = outcome.as_ref().map_or(0, |bytes| fingerprint(bytes));
        let mut seen = self.seen.borrow_mut();
        if seen.known.insert((path.as_os_str().to_owned(), digest)) {
            seen.list.push((path.to_owned(), digest));
        }
        outcome
    }

    /// Path and content fingerprint of every file asked for; 0 for one that could not be read.
    /// The fingerprint only finds changes between two readings of one run; it is not a signature.
    pub fn list(&self) -> Vec<(PathBuf, u128)> {
        self.seen.borrow().list.clone()
    }
}

/// 128 bits from two SipHash-1-3 passes with different prefixes.
fn fingerprint(bytes: &[u8]) -> u128 {
    let half = |salt: u8| {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write_u8(salt);
        hasher.write(bytes);
        u128::from(hasher.finish())
    };
    (half(1) << 64 | half(2)) | 1
}

/// The system's words without Rust's "(os error 13)".
fn plain(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or(&words).to_lowercase()
}
