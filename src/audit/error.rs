//! What can go wrong with the log, each with the next step. Must never carry a secret or raw foreign text.

pub use crate::keys::private::{Doing, Untrusted};

use crate::keys::KeyError;
use crate::keys::private::{FileError, no_room};
use crate::text::show;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Why an entry was not written, or the log not read.
#[derive(Debug)]
#[must_use]
pub enum AuditError {
    /// A file or directory of the log is not this user's alone, cannot be used, or is held by another process.
    File(FileError),
    /// The person's identity key, which signs the first entry.
    Identity(KeyError),
    /// The file system took only part of the entry.
    Short { path: PathBuf },
    /// There is a log but the key that continues it is gone.
    KeyMissing { path: PathBuf },
    /// A key file does not hold a key.
    KeyDamaged { path: PathBuf },
    /// No line of the log can be read, so nothing can be chained to it.
    NothingReadable { path: PathBuf },
    /// The log was written by a newer guard.
    Newer { path: PathBuf },
    /// There is no log yet.
    NoLog { path: PathBuf },
    /// The kernel gave no random bytes.
    NoRandomness,
}

impl From<FileError> for AuditError {
    fn from(error: FileError) -> AuditError {
        AuditError::File(error)
    }
}

impl From<KeyError> for AuditError {
    fn from(error: KeyError) -> AuditError {
        AuditError::Identity(error)
    }
}

impl AuditError {
    pub(super) fn system(path: &Path, doing: Doing, error: io::Error) -> AuditError {
        AuditError::File(FileError::system(path, doing, error))
    }

    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            AuditError::File(error) => error.hint(),
            AuditError::Identity(error) => error.hint(),
            AuditError::Short { path } => no_room(path),
            AuditError::KeyMissing { path } | AuditError::KeyDamaged { path } => {
                let directory = path.parent().and_then(Path::parent).unwrap_or(path);
                format!("bring the file back from a backup, or set the log aside: {}", set_aside(directory))
            }
            AuditError::NothingReadable { path } => {
                let directory = path.parent().unwrap_or(path);
                format!("`guard audit verify` says more; to begin a new log: {}", set_aside(directory))
            }
            AuditError::Newer { .. } => "update guard on this machine".to_owned(),
            AuditError::NoLog { .. } => "the first gated command starts it".to_owned(),
            AuditError::NoRandomness => {
                "getrandom(2) failed: is a seccomp filter or an old kernel in the way?".to_owned()
            }
        }
    }
}

impl Display for AuditError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AuditError::File(error @ FileError::Untrusted { .. }) => {
                write!(f, "the audit log is not safe: {error}")
            }
            AuditError::File(error) => write!(f, "the audit log: {error}"),
            AuditError::Identity(error) => error.fmt(f),
            AuditError::Short { path } => {
                write!(f, "the audit log: only a part of the entry went into {}", shown(path))
            }
            AuditError::KeyMissing { path } => {
                write!(f, "the audit log cannot be continued: its key {} is missing", shown(path))
            }
            AuditError::KeyDamaged { path } => {
                write!(f, "the audit log: {} does not hold a key", shown(path))
            }
            AuditError::NothingReadable { path } => {
                write!(f, "the audit log is damaged: no entry of {} can be read", shown(path))
            }
            AuditError::Newer { path } => write!(f, "{} was written by a newer guard", shown(path)),
            AuditError::NoLog { path } => write!(f, "there is no audit log in {}", shown(path)),
            AuditError::NoRandomness => f.write_str("the audit log: the system gives no random bytes"),
        }
    }
}

impl std::error::Error for AuditError {}

fn set_aside(directory: &Path) -> String {
    let mut aside = directory.as_os_str().to_owned();
    aside.push(".old");
    format!("mv {} {}", crate::text::quote(directory), crate::text::quote(aside))
}

fn shown(path: &Path) -> String {
    show(path.as_os_str().as_bytes())
}
