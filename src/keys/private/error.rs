//! What can be wrong with a private file, each with the next step. Must never carry a secret or raw foreign text.

use crate::text::show;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Why a private file was not used.
#[derive(Debug)]
#[must_use]
pub enum FileError {
    /// A file or directory is not this user's alone.
    Untrusted { path: PathBuf, why: Untrusted },
    /// A system call failed.
    System { path: PathBuf, doing: Doing, error: io::Error },
    /// Another process holds the lock.
    Busy { path: PathBuf, seconds: u64 },
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

impl FileError {
    pub(crate) fn system(path: &Path, doing: Doing, error: io::Error) -> FileError {
        FileError::System { path: path.to_owned(), doing, error }
    }

    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            FileError::Untrusted { path, why } => why.hint(path),
            FileError::System { path, error, .. } => system_hint(path, error),
            FileError::Busy { path, .. } => {
                format!("`fuser -v {}` shows who holds it; run the command again", quoted(path))
            }
        }
    }
}

impl Display for FileError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            FileError::Untrusted { path, why } => write!(f, "{} {why}", shown(path)),
            FileError::System { path, doing, error } => {
                write!(f, "{} cannot {}: {}", shown(path), doing.word(), plain(error))
            }
            FileError::Busy { path, seconds } => {
                write!(f, "another process has held {} for {seconds} s", shown(path))
            }
        }
    }
}

impl std::error::Error for FileError {}

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
        _ => "`guard doctor` checks guard's files; run the command again afterwards".to_owned(),
    }
}

/// What to do about a full disk.
pub fn no_room(path: &Path) -> String {
    // The file itself may not be there.
    let directory = path.parent().unwrap_or(path);
    format!("make room (`df -h {}`, or the quota), then run the command again", quoted(directory))
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
