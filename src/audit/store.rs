//! Where the log lies and who may touch it: directories and files are opened without following links, and
//! used only when they are this user's alone. Must never create anything when only reading.

use super::error::{AuditError, Doing, Untrusted};
use crate::sys::directory::{Access, Directory, create_durably};
use crate::sys::who;
use std::fs::{File, Metadata, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LOCK: &str = "LOCK";
const AUDIT: &str = "audit";
const KEYS: &str = "keys";
/// How long another process may hold the lock; an append takes microseconds, a first start two seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// Files of keys and pins are tiny.
const SMALL: u64 = 4096;

/// Who may have permissions on a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Others must not write.
    Own,
    /// Others must not even read.
    Secret,
}

/// The open directories of the log.
#[derive(Debug)]
pub struct Store {
    pub audit: Directory,
    pub keys: Directory,
}

/// The lock, until dropped. The kernel releases it when a process dies.
#[derive(Debug)]
pub struct Held {
    _lock: File,
}

impl Store {
    /// Opens the log's directories, creating what is missing.
    pub fn prepare(state: &Path) -> Result<Store, AuditError> {
        let path = state.join(AUDIT);
        let failed = |error| AuditError::system(&path, Doing::Create, error);
        create_durably(state).map_err(failed)?;
        let above = open_state(state)?;
        above.create_directory(AUDIT).map_err(failed)?;
        let audit = inside(&above, AUDIT)?;
        audit.create_directory(KEYS).map_err(failed)?;
        let keys = inside(&audit, KEYS)?;
        Ok(Store { audit, keys })
    }

    /// Opens a log that exists.
    pub fn existing(state: &Path) -> Result<Store, AuditError> {
        let path = state.join(AUDIT);
        match std::fs::symlink_metadata(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(AuditError::NoLog { path });
            }
            Err(error) => return Err(AuditError::system(&path, Doing::Open, error)),
            Ok(_) => {}
        }
        let audit = inside(&open_state(state)?, AUDIT)?;
        let keys = inside(&audit, KEYS)?;
        Ok(Store { audit, keys })
    }

    /// Names of the segments, oldest first.
    pub fn segments(&self) -> Result<Vec<String>, AuditError> {
        let names = self.audit.names();
        let mut names = names.map_err(|e| AuditError::system(self.audit.path(), Doing::Read, e))?;
        names.retain(|name| first_seq(name).is_some());
        Ok(names)
    }

    /// Takes the lock, to write.
    pub fn lock(&self) -> Result<Held, AuditError> {
        let file = open(&self.audit, LOCK, Access::OpenOrCreate, Privacy::Own)?;
        hold(file, &self.audit.path().join(LOCK), File::try_lock)
    }

    /// Takes the lock together with other readers.
    pub fn lock_shared(&self) -> Result<Held, AuditError> {
        let file = open(&self.audit, LOCK, Access::Read, Privacy::Own)?;
        hold(file, &self.audit.path().join(LOCK), File::try_lock_shared)
    }
}

/// The first sequence number of a segment, from its name: `seg-000000000000.jsonl`.
pub fn first_seq(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("seg-")?.strip_suffix(".jsonl")?;
    (digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

fn hold(file: File, path: &Path, attempt: fn(&File) -> Result<(), TryLockError>) -> Result<Held, AuditError> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(50);
    loop {
        match attempt(&file) {
            Ok(()) => return Ok(Held { _lock: file }),
            Err(TryLockError::Error(error)) => return Err(AuditError::system(path, Doing::Lock, error)),
            Err(TryLockError::WouldBlock) if start.elapsed() >= PATIENCE => {
                return Err(AuditError::Busy { path: path.to_owned(), seconds: PATIENCE.as_secs() });
            }
            // flock(2) has no time limit of its own; the lock is held for microseconds at a time.
            Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(4));
    }
}

/// Opens a file of the log that only this user may have touched.
pub fn open(directory: &Directory, name: &str, access: Access, privacy: Privacy) -> Result<File, AuditError> {
    let path = directory.path().join(name);
    let file = directory.open_file(name, access).map_err(|e| refused(&path, Doing::Open, e))?;
    let metadata = file.metadata().map_err(|e| AuditError::system(&path, Doing::Open, e))?;
    if !metadata.is_file() {
        return Err(AuditError::Untrusted { path, why: Untrusted::NotAFile });
    }
    trusted(path, &metadata, privacy)?;
    Ok(file)
}

/// As `open` for reading, whole, for the small files; `None` when it does not exist.
pub fn read_small(
    directory: &Directory,
    name: &str,
    privacy: Privacy,
) -> Result<Option<Vec<u8>>, AuditError> {
    let file = match open(directory, name, Access::Read, privacy) {
        Ok(file) => file,
        Err(AuditError::System { error, .. }) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // With the room reserved, reading does not leave copies of a key in freed memory.
    let mut bytes = Vec::with_capacity(SMALL as usize + 64);
    let read = file.take(SMALL).read_to_end(&mut bytes);
    read.map_err(|e| AuditError::system(&directory.path().join(name), Doing::Read, e))?;
    Ok(Some(bytes))
}

/// Replaces a file whole and durably: the old content or the new one, never a part.
pub fn replace(directory: &Directory, name: &str, bytes: &[u8]) -> Result<(), AuditError> {
    let temporary = format!("{name}.next");
    let written = (|| {
        match directory.remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = directory.open_file(&temporary, Access::CreateNew)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        directory.rename(&temporary, name)?;
        directory.sync()
    })();
    written.map_err(|e| {
        let _ = directory.remove_file(&temporary);
        AuditError::system(&directory.path().join(name), Doing::Write, e)
    })
}

/// guard's state directory. It may be reached through a link that the user made, and may belong to root;
/// whoever else can write to it could put another log in place.
fn open_state(state: &Path) -> Result<Directory, AuditError> {
    let path = std::fs::canonicalize(state).map_err(|e| AuditError::system(state, Doing::Open, e))?;
    let directory = Directory::open(&path).map_err(|e| refused(&path, Doing::Open, e))?;
    let metadata = directory.metadata().map_err(|e| AuditError::system(&path, Doing::Open, e))?;
    match trusted(path, &metadata, Privacy::Own) {
        Err(AuditError::Untrusted { why: Untrusted::ForeignOwner(0), .. })
            if metadata.permissions().mode() & 0o022 == 0 =>
        {
            Ok(directory)
        }
        other => other.map(|()| directory),
    }
}

/// A directory of the log.
fn inside(above: &Directory, name: &str) -> Result<Directory, AuditError> {
    let path = above.path().join(name);
    let directory = above.open_directory(name).map_err(|e| refused(&path, Doing::Open, e))?;
    let metadata = directory.metadata().map_err(|e| AuditError::system(&path, Doing::Open, e))?;
    trusted(path, &metadata, Privacy::Own)?;
    Ok(directory)
}

/// O_NOFOLLOW says ELOOP or, with O_DIRECTORY, ENOTDIR: what stands there says why.
fn refused(path: &Path, doing: Doing, error: io::Error) -> AuditError {
    let kind = std::fs::symlink_metadata(path).map(|m| (m.is_symlink(), m.is_dir()));
    let why = match (error.raw_os_error(), kind) {
        (Some(LOOP | NOT_A_DIRECTORY), Ok((true, _))) => Untrusted::SymbolicLink,
        (Some(NOT_A_DIRECTORY), Ok((false, false))) => Untrusted::NotADirectory,
        (Some(IS_A_DIRECTORY | NO_SUCH_DEVICE), Ok(_)) => Untrusted::NotAFile,
        _ => return AuditError::system(path, doing, error),
    };
    AuditError::Untrusted { path: path.to_owned(), why }
}

/// errno(3) on Linux: `std` has kinds for them, but not stable ones.
const NO_SUCH_DEVICE: i32 = 6;
const NOT_A_DIRECTORY: i32 = 20;
const IS_A_DIRECTORY: i32 = 21;
const LOOP: i32 = 40;

fn trusted(path: PathBuf, metadata: &Metadata, privacy: Privacy) -> Result<(), AuditError> {
    let mode = metadata.permissions().mode() & 0o7777;
    let why = if metadata.uid() != who::uid() {
        Untrusted::ForeignOwner(metadata.uid())
    } else if mode & 0o022 != 0 {
        Untrusted::WritableByOthers(mode)
    } else if privacy == Privacy::Secret && mode & 0o077 != 0 {
        Untrusted::ReadableByOthers(mode)
    } else {
        return Ok(());
    };
    Err(AuditError::Untrusted { path, why })
}
