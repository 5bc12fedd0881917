//! Files that are this user's alone: directories and files are opened without following links, used only when
//! nobody else could have touched them, replaced whole and durably. Must never create anything when only reading.

mod error;

pub use error::{Doing, FileError, Untrusted, no_room};

use crate::sys::directory::{Access, Directory, create_durably};
use crate::sys::who;
use std::fs::{File, Metadata, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long another process may hold a lock; a write takes microseconds, a first start two seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// Files of keys, pins and records are small.
const SMALL: u64 = 16 << 10;
/// Rosters, ledgers.
const LARGE: u64 = 256 << 20;

/// Who may have permissions on a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Others must not write.
    Own,
    /// Others must not even read.
    Secret,
}

/// A lock, until dropped. The kernel releases it when a process dies.
#[derive(Debug)]
pub struct Held {
    _lock: File,
}

/// Opens guard's state directory, making it when it is missing.
pub fn prepare_state(state: &Path) -> Result<Directory, FileError> {
    create_durably(state).map_err(|e| FileError::system(state, Doing::Create, e))?;
    open_state(state)
}

/// Opens guard's state directory. It may be reached through a link that the user made, and may belong to root;
/// whoever else can write to it could put other files in place.
pub fn open_state(state: &Path) -> Result<Directory, FileError> {
    let path = std::fs::canonicalize(state).map_err(|e| FileError::system(state, Doing::Open, e))?;
    let directory = Directory::open(&path).map_err(|e| refused(&path, Doing::Open, e))?;
    let metadata = directory.metadata().map_err(|e| FileError::system(&path, Doing::Open, e))?;
    match trusted(path, &metadata, Privacy::Own) {
        Err(FileError::Untrusted { why: Untrusted::ForeignOwner(0), .. })
            if metadata.permissions().mode() & 0o022 == 0 =>
        {
            Ok(directory)
        }
        other => other.map(|()| directory),
    }
}

/// A directory inside another, made when it is missing.
pub fn prepare_inside(above: &Directory, name: &str) -> Result<Directory, FileError> {
    let failed = |error| FileError::system(&above.path().join(name), Doing::Create, error);
    above.create_directory(name).map_err(failed)?;
    inside(above, name)
}

/// A directory inside another.
pub fn inside(above: &Directory, name: &str) -> Result<Directory, FileError> {
    let path = above.path().join(name);
    let directory = above.open_directory(name).map_err(|e| refused(&path, Doing::Open, e))?;
    let metadata = directory.metadata().map_err(|e| FileError::system(&path, Doing::Open, e))?;
    trusted(path, &metadata, Privacy::Own)?;
    Ok(directory)
}

/// Takes a lock, alone or (to read) together with others.
pub fn hold(
    file: File,
    path: &Path,
    attempt: fn(&File) -> Result<(), TryLockError>,
) -> Result<Held, FileError> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(50);
    loop {
        match attempt(&file) {
            Ok(()) => return Ok(Held { _lock: file }),
            Err(TryLockError::Error(error)) => return Err(FileError::system(path, Doing::Lock, error)),
            Err(TryLockError::WouldBlock) if start.elapsed() >= PATIENCE => {
                return Err(FileError::Busy { path: path.to_owned(), seconds: PATIENCE.as_secs() });
            }
            // flock(2) has no time limit of its own; the lock is held for microseconds at a time.
            Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(4));
    }
}

/// Takes the lock file `name`, making it when it is missing.
pub fn lock(directory: &Directory, name: &str) -> Result<Held, FileError> {
    let file = open(directory, name, Access::OpenOrCreate, Privacy::Own)?;
    hold(file, &directory.path().join(name), File::try_lock)
}

/// Opens a file that only this user may have touched.
pub fn open(directory: &Directory, name: &str, access: Access, privacy: Privacy) -> Result<File, FileError> {
    let path = directory.path().join(name);
    let file = directory.open_file(name, access).map_err(|e| refused(&path, Doing::Open, e))?;
    let metadata = file.metadata().map_err(|e| FileError::system(&path, Doing::Open, e))?;
    if !metadata.is_file() {
        return Err(FileError::Untrusted { path, why: Untrusted::NotAFile });
    }
    trusted(path, &metadata, privacy)?;
    Ok(file)
}

/// As `open` for reading, whole, for small files; `None` when it does not exist.
pub fn read_small(directory: &Directory, name: &str, privacy: Privacy) -> Result<Option<Vec<u8>>, FileError> {
    read_up_to(directory, name, privacy, SMALL)
}

/// As `read_small`, for files that grow with use.
pub fn read_whole(directory: &Directory, name: &str, privacy: Privacy) -> Result<Option<Vec<u8>>, FileError> {
    read_up_to(directory, name, privacy, LARGE)
}

/// As `read_small`, at most `limit` bytes.
pub fn read_up_to(
    directory: &Directory,
    name: &str,
    privacy: Privacy,
    limit: u64,
) -> Result<Option<Vec<u8>>, FileError> {
    let file = match open(directory, name, Access::Read, privacy) {
        Ok(file) => file,
        Err(FileError::System { error, .. }) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // With the room reserved, reading does not leave copies of a key in freed memory.
    let mut bytes = Vec::with_capacity(SMALL as usize + 64);
    let read = file.take(limit).read_to_end(&mut bytes);
    read.map_err(|e| FileError::system(&directory.path().join(name), Doing::Read, e))?;
    Ok(Some(bytes))
}

/// Replaces a file whole and durably: the old content or the new one, never a part.
pub fn replace(directory: &Directory, name: &str, bytes: &[u8]) -> Result<(), FileError> {
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
        FileError::system(&directory.path().join(name), Doing::Write, e)
    })
}

/// Overwrites a secret with zeros and removes its file. What a file system keeps elsewhere (snapshots,
/// copy on write) is out of reach.
pub fn destroy(directory: &Directory, name: &str) -> Result<(), FileError> {
    let failed = |e| FileError::system(&directory.path().join(name), Doing::Write, e);
    match directory.open_file(name, Access::OpenOrCreate) {
        Ok(mut file) => {
            let length = file.metadata().map_err(failed)?.len().min(LARGE);
            file.write_all(&vec![0; usize::try_from(length).unwrap_or(0)]).map_err(failed)?;
            file.sync_all().map_err(failed)?;
        }
        Err(error) => return Err(failed(error)),
    }
    directory.remove_file(name).and_then(|()| directory.sync()).map_err(failed)
}

/// O_NOFOLLOW says ELOOP or, with O_DIRECTORY, ENOTDIR: what stands there says why.
fn refused(path: &Path, doing: Doing, error: io::Error) -> FileError {
    let kind = std::fs::symlink_metadata(path).map(|m| (m.is_symlink(), m.is_dir()));
    let why = match (error.raw_os_error(), kind) {
        (Some(LOOP | NOT_A_DIRECTORY), Ok((true, _))) => Untrusted::SymbolicLink,
        (Some(NOT_A_DIRECTORY), Ok((false, false))) => Untrusted::NotADirectory,
        (Some(IS_A_DIRECTORY | NO_SUCH_DEVICE), Ok(_)) => Untrusted::NotAFile,
        _ => return FileError::system(path, doing, error),
    };
    FileError::Untrusted { path: path.to_owned(), why }
}

/// errno(3) on Linux: `std` has kinds for them, but not stable ones.
const NO_SUCH_DEVICE: i32 = 6;
const NOT_A_DIRECTORY: i32 = 20;
const IS_A_DIRECTORY: i32 = 21;
const LOOP: i32 = 40;

fn trusted(path: PathBuf, metadata: &Metadata, privacy: Privacy) -> Result<(), FileError> {
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
    Err(FileError::Untrusted { path, why })
}
