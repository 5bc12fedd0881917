//! A directory held open: everything in it is reached through its descriptor, never through a symbolic link
//! at the last step. Must never decide whom to trust: it hands out metadata for callers to judge.

use nix::fcntl::{AT_FDCWD, OFlag, openat, renameat};
use nix::sys::stat::{Mode, mkdirat};
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// An open directory and the path it was opened by.
#[derive(Debug)]
pub struct Directory {
    file: File,
    path: PathBuf,
}

/// How a file is opened. Never followed if it is a symbolic link, never waited for if it is a FIFO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    /// Reading anywhere, writing only at the end: works on files with the append-only attribute.
    Append,
    /// Reading and writing; created with mode 0600 when missing.
    OpenOrCreate,
    /// Created with mode 0600; an existing file is an error.
    CreateNew,
}

impl Access {
    fn flags(self) -> OFlag {
        match self {
            Access::Read => OFlag::O_RDONLY,
            Access::Append => OFlag::O_RDWR | OFlag::O_APPEND,
            Access::OpenOrCreate => OFlag::O_RDWR | OFlag::O_CREAT,
            Access::CreateNew => OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_EXCL,
        }
    }
}

const ALWAYS: OFlag =
    OFlag::O_CLOEXEC.union(OFlag::O_NOFOLLOW).union(OFlag::O_NONBLOCK).union(OFlag::O_NOCTTY);

impl Directory {
    /// Opens a directory; a symbolic link in its place is an error (ENOTDIR or ELOOP).
    pub fn open(path: &Path) -> io::Result<Directory> {
        let fd = openat(AT_FDCWD, path, ALWAYS | OFlag::O_DIRECTORY, Mode::empty())?;
        Ok(Directory { file: File::from(fd), path: path.to_owned() })
    }

    /// Opens a directory inside this one.
    pub fn open_directory(&self, name: &str) -> io::Result<Directory> {
        let fd = openat(&self.file, name, ALWAYS | OFlag::O_DIRECTORY, Mode::empty())?;
        Ok(Directory { file: File::from(fd), path: self.path.join(name) })
    }

    /// Creates a directory inside this one for this user only, durably. One that exists is fine.
    pub fn create_directory(&self, name: &str) -> io::Result<()> {
        match mkdirat(&self.file, name, Mode::S_IRWXU) {
            Ok(()) => self.sync(),
            Err(nix::errno::Errno::EEXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub fn open_file(&self, name: &str, access: Access) -> io::Result<File> {
        let fd = openat(&self.file, name, ALWAYS | access.flags(), Mode::S_IRUSR | Mode::S_IWUSR)?;
        Ok(File::from(fd))
    }

    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(renameat(&self.file, from, &self.file, to)?)
    }

    pub fn remove_file(&self, name: &str) -> io::Result<()> {
        Ok(nix::unistd::unlinkat(&self.file, name, nix::unistd::UnlinkatFlags::NoRemoveDir)?)
    }

    /// Makes the names in it durable.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    pub fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names in it, sorted; names that are not UTF-8 are left out.
    pub fn names(&self) -> io::Result<Vec<String>> {
        use std::os::fd::AsRawFd;
        // The path may have been renamed since; the descriptor is what was opened and checked.
        let listed = std::fs::read_dir(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
            .or_else(|_| std::fs::read_dir(&self.path))?;
        let mut names = Vec::new();
        for entry in listed {
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }
}

/// Creates a directory and its missing parents for this user only; each new name is durable on return.
pub fn create_durably(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    create_durably(parent)?;
    match std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700).create(path) {
        Ok(()) => File::open(parent)?.sync_all(),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}
