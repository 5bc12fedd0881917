//! What can go wrong with the log, each with the next step. Must never carry a secret or raw foreign text.

use crate::text::show;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Why an entry was not written, or the log not read.
#[derive(Debug)]
#[must_use]
pub enum AuditError {
    /// A file or directory of the log is not this user's alone.
    Untrusted { path: PathBuf, why: Untrusted },
    /// A system call failed.
    System { path: PathBuf, doing: Doing, error: io::Error },
    /// The file system took only part of the entry.
    Short { path: PathBuf },
    /// Another process holds the lock.
    Busy { path: PathBuf, seconds: u64 },
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

/// Why a path is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrusted {
    SymbolicLink,
    NotAFile,
    NotADirectory,
    /// Owner's user id.
    ForeignOwner(u32),
    /// Permission bits.
    WritableByOthers(u32),
    ReadableByOthers(u32),
}

/// What was being done when a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Create,
    Open,
    Lock,
    Read,
    Write,
    Sync,
}

impl Doing {
    fn word(self) -> &'static str {
        match self {
            Doing::Create => "be created",
            Doing::Open => "be opened",
            Doing::Lock => "be locked",
            Doing::Read => "be read",
            Doing::Write => "be written",
            Doing::Sync => "be made durable",
        }
    }
}

impl AuditError {
    pub(super) fn system(path: &Path, doing: Doing, error: io::Error) -> AuditError {
        AuditError::System { path: path.to_owned(), doing, error }
    }

    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            AuditError::Untrusted { path, why } => why.hint(path),
            AuditError::System { path, error, .. } => system_hint(path, error),
            AuditError::Short { path } => no_room(path),
            AuditError::Busy { path, .. } => {
                format!("`fuser -v {}` shows who holds it; run the command again", quoted(path))
            }
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
            AuditError::Untrusted { path, why } => {
                write!(f, "the audit log is not safe: {} {why}", shown(path))
            }
            AuditError::System { path, doing, error } => {
                write!(f, "the audit log: {} cannot {}: {}", shown(path), doing.word(), plain(error))
            }
            AuditError::Short { path } => {
                write!(f, "the audit log: only a part of the entry went into {}", shown(path))
            }
            AuditError::Busy { path, seconds } => {
                write!(f, "the audit log: another process has held {} for {seconds} s", shown(path))
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

impl Untrusted {
    fn hint(self, path: &Path) -> String {
        let path = quoted(path);
        match self {
            Untrusted::SymbolicLink | Untrusted::NotAFile | Untrusted::NotADirectory => {
                format!("look where it came from: `ls -ld {path}`; guard makes it anew when it is moved away")
            }
            Untrusted::ForeignOwner(_) => {
                format!(
                    "guard runs as user {}; with sudo use `sudo -H`, else: chown it or move {path} away",
                    crate::sys::who::uid()
                )
            }
            Untrusted::WritableByOthers(_) => format!("chmod go-w {path}"),
            Untrusted::ReadableByOthers(_) => format!("chmod go= {path}"),
        }
    }
}

impl Display for Untrusted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Untrusted::SymbolicLink => f.write_str("is a symbolic link"),
            Untrusted::NotAFile => f.write_str("is not a regular file"),
            Untrusted::NotADirectory => f.write_str("is not a directory"),
            Untrusted::ForeignOwner(uid) => write!(f, "belongs to user {uid}"),
            Untrusted::WritableByOthers(mode) => write!(f, "can be written by others (mode {mode:04o})"),
            Untrusted::ReadableByOthers(mode) => write!(f, "can be read by others (mode {mode:04o})"),
        }
    }
}

fn system_hint(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            no_room(path)
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "mount the file system writable, or point XDG_STATE_HOME at one that is".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            format!("this user must own and be able to write it: `ls -ld {}`", quoted(path))
        }
        io::ErrorKind::NotADirectory => {
            "point XDG_STATE_HOME at a directory that you can write, or unset it for ~/.local/state"
                .to_owned()
        }
        _ => "`guard audit verify` checks the log; run the command again afterwards".to_owned(),
    }
}

fn no_room(path: &Path) -> String {
    format!("make room (`df -h {}`, or the quota), then run the command again", quoted(path))
}

fn set_aside(directory: &Path) -> String {
    let mut aside = directory.as_os_str().to_owned();
    aside.push(".old");
    format!("mv {} {}", quoted(directory), crate::text::quote(aside))
}

fn quoted(path: &Path) -> String {
    crate::text::quote(path)
}

fn shown(path: &Path) -> String {
    show(path.as_os_str().as_bytes())
}

fn plain(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or(&words).to_lowercase()
}
