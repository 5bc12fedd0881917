//! Files: identity, bounded reading. Must never follow a surprise: callers say what they expect.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

/// A path without `.` and `..`, by its words alone: no link is looked at.
pub fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            Component::RootDir | Component::Normal(_) | Component::Prefix(_) => out.push(component),
        }
    }
    out
}

/// What makes a file the same file with the same content, as far as stat(2) can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub device: u64,
    pub inode: u64,
    pub size: u64,
    /// Nanoseconds since the epoch.
    pub modified: i128,
    pub changed: i128,
    pub mode: u32,
    pub owner: u32,
}

impl Identity {
    fn of(m: &std::fs::Metadata) -> Identity {
        Identity {
            device: m.dev(),
            inode: m.ino(),
            size: m.size(),
            modified: i128::from(m.mtime()) * 1_000_000_000 + i128::from(m.mtime_nsec()),
            changed: i128::from(m.ctime()) * 1_000_000_000 + i128::from(m.ctime_nsec()),
            mode: m.mode(),
            owner: m.uid(),
        }
    }

    /// Same device and inode: hard links and symlinks to one file are one file.
    pub fn same_file(&self, other: &Identity) -> bool {
        self.device == other.device && self.inode == other.inode
    }
}

/// stat(2), links followed.
pub fn identity(path: &Path) -> io::Result<Identity> {
    Ok(Identity::of(&std::fs::metadata(path)?))
}

/// fstat(2).
pub fn identity_of(file: &File) -> io::Result<Identity> {
    Ok(Identity::of(&file.metadata()?))
}

/// Opens a regular file to be read in pieces; says what was opened. Never waits: a FIFO could stand in its place.
pub fn open_regular(path: &Path) -> io::Result<(File, Identity)> {
    let file = std::fs::OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    Ok((file, Identity::of(&metadata)))
}

/// Whether a file could be made at `path` or below it, as far as permissions of the nearest directory that exists tell.
pub fn can_be_made(path: &Path) -> bool {
    let exists = |p: &&Path| std::fs::symlink_metadata(p).is_ok();
    let Some(nearest) = path.ancestors().find(exists) else { return false };
    let flags = nix::unistd::AccessFlags::W_OK | nix::unistd::AccessFlags::X_OK;
    let at = nix::fcntl::AtFlags::AT_EACCESS;
    nearest.is_dir() && nix::unistd::faccessat(nix::fcntl::AT_FDCWD, nearest, flags, at).is_ok()
}

/// access(2) for execution by the effective user, and a regular file.
pub fn is_executable(path: &Path) -> bool {
    nix::unistd::faccessat(
        nix::fcntl::AT_FDCWD,
        path,
        nix::unistd::AccessFlags::X_OK,
        nix::fcntl::AtFlags::AT_EACCESS,
    )
    .is_ok()
}

/// Reads a whole regular file, up to `limit` bytes; more is `FileTooLarge`. `/dev/null` is an empty one.
/// A pipe is never opened: its bytes belong to the program that will read it (`--kubeconfig <(…)`), and a FIFO
/// in the place of a file could hang guard.
pub fn read_bounded(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let bytes = read_start(path, limit + 1)?;
    if bytes.len() > limit {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    Ok(bytes)
}

/// Reads a regular file's first bytes, at most `length`, by the same rules.
pub fn read_start(path: &Path, length: usize) -> io::Result<Vec<u8>> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_char_device() && path == Path::new("/dev/null") {
        return Ok(Vec::new());
    }
    if kind.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::EISDIR));
    }
    if !kind.is_file() {
        return Err(io::Error::other("is a pipe, socket or device and can be read only once"));
    }
    let file = std::fs::OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    let mut bytes = Vec::with_capacity(size.saturating_add(1).min(length));
    file.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Creates a directory and its parents for this user only (0700 for those it creates).
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    std::os::unix::fs::DirBuilderExt::mode(std::fs::DirBuilder::new().recursive(true), 0o700).create(path)
}

/// Replaces a file whole, readable by this user only: written beside it, synced, renamed over it.
/// A crash leaves the old content or the new, never a part.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_atomically(path, bytes, 0o600)
}

/// As `write_private`, with a mode.
pub fn write_atomically(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    use std::io::Write;
    let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    // A bare name has an empty one, which cannot be opened.
    let directory = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    create_private_directory(directory)?;
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}", std::process::id()));
    let temporary = directory.join(temporary);
    let written = (|| {
        let _ = std::fs::remove_file(&temporary);
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        File::open(directory)?.sync_all()
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// For `OpenOptions::custom_flags`: opening a FIFO does not wait for a writer.
pub const NONBLOCK: i32 = libc::O_NONBLOCK | libc::O_NOCTTY;
