//! Finding the real program: a walk over PATH as execvp(3) does it, past everything that is guard.
//! Skipped are: our own file under any name (device and inode), any guard executable by its ELF note, and
//! whole directories with a shim marker. Must never read a variable that would skip more than that.

use crate::settings::MARKER;
use crate::sys::file::{self, Identity};
use crate::sys::note::{FileKind, NOTE, file_kind};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Counts how often one process chain passed through a script that itself calls guard. It can only stop a
/// command, never let one pass.
const LOOP: &str = "GUARD_LOOP";
const LOOP_LIMIT: u32 = 8;

/// A program that was found, as it was when it was found.
#[derive(Clone, Debug)]
pub struct Program {
    pub path: PathBuf,
    pub identity: Identity,
    pub(super) loop_mark: Option<OsString>,
}

/// Why there is nothing to run.
#[derive(Debug, PartialEq, Eq)]
pub enum FindError {
    /// Nowhere on PATH but among shims: 127. `shim`: there it is.
    NotFound { tool: OsString, shim: bool },
    /// Found, but not executable: 126.
    NotExecutable { path: PathBuf },
    /// A script on PATH keeps calling guard for its own name: 126.
    Loop { path: PathBuf },
}

impl FindError {
    pub fn status(&self) -> i32 {
        match self {
            FindError::NotFound { .. } => 127,
            FindError::NotExecutable { .. } | FindError::Loop { .. } => 126,
        }
    }
}

impl std::fmt::Display for FindError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |path: &Path| crate::text::show(path.as_os_str().as_bytes());
        match self {
            FindError::NotFound { tool, shim: true } => {
                write!(f, "{}: command not found (only guard's shim is on PATH)", shown(Path::new(tool)))
            }
            FindError::NotFound { tool, .. } if tool.as_bytes().contains(&b'/') => {
                write!(f, "{}: no such file", shown(Path::new(tool)))
            }
            FindError::NotFound { tool, shim: false } => {
                write!(f, "{}: command not found", shown(Path::new(tool)))
            }
            FindError::NotExecutable { path } => write!(f, "{}: permission denied", shown(path)),
            FindError::Loop { path } => {
                write!(
                    f,
                    "{} calls guard, and guard finds it again: name the real program by its path in it",
                    shown(path)
                )
            }
        }
    }
}

/// Looks programs up.
pub struct Finder {
    /// guard's own files, compared by device and inode with what the note does not already tell.
    ours: Vec<PathBuf>,
    /// Compared only with files that cannot be read.
    companion: Option<PathBuf>,
    /// A directory on PATH that is known to hold shims only.
    shims: Option<PathBuf>,
}

impl Finder {
    /// `executables`: guard's own files, as far as they exist.
    pub fn new(executables: &[&Path]) -> Finder {
        debug_assert!(std::ptr::from_ref(&NOTE) as usize != 0);
        let ours = executables.iter().map(|p| p.to_path_buf()).collect();
        Finder { ours, companion: None, shims: None }
    }

    /// For a shim whose directory has a marker: passes over that directory without looking into it. `companion` is
    /// the other executable; it is known by its note unless it cannot be read.
    #[must_use]
    pub fn past(self, shims: &Path, companion: &Path) -> Finder {
        Finder { shims: Some(shims.to_owned()), companion: Some(companion.to_owned()), ..self }
    }

    /// The first program of that name on PATH that is not guard. PATH unset means execvp's `/bin:/usr/bin`.
    /// A tool with a slash is itself, unless it is a shim: then its name is looked up.
    pub fn find(&self, tool: &OsStr) -> Result<Program, FindError> {
        if tool.as_bytes().contains(&b'/') {
            let path = Path::new(tool);
            return match self.judge(path) {
                Candidate::Real(identity, kind) => self.program(path.to_owned(), identity, kind),
                Candidate::Ours => self.on_path(path.file_name().unwrap_or(tool)),
                Candidate::NotExecutable => Err(FindError::NotExecutable { path: path.to_owned() }),
                Candidate::Absent => Err(FindError::NotFound { tool: tool.to_owned(), shim: false }),
            };
        }
        self.on_path(tool)
    }

    fn on_path(&self, tool: &OsStr) -> Result<Program, FindError> {
        let path = crate::sys::entry::variable("PATH").unwrap_or(OsStr::new("/bin:/usr/bin"));
        let (mut refused, mut shim) = (None, self.shims.is_some());
        for directory in path.as_bytes().split(|b| *b == b':') {
            let directory = Path::new(OsStr::from_bytes(if directory.is_empty() { b"." } else { directory }));
            if self.shims.as_ref().is_some_and(|shims| shims.as_os_str() == directory.as_os_str()) {
                continue;
            }
            let candidate = directory.join(tool);
            match self.judge(&candidate) {
                Candidate::Real(identity, kind) if !is_shim_directory(directory) => {
                    return self.program(candidate, identity, kind);
                }
                Candidate::NotExecutable => refused = refused.or(Some(candidate)),
                Candidate::Real(..) | Candidate::Ours => shim = true,
                Candidate::Absent => {}
            }
        }
        Err(match refused {
            Some(path) => FindError::NotExecutable { path },
            None => FindError::NotFound { tool: tool.to_owned(), shim },
        })
    }

    fn judge(&self, path: &Path) -> Candidate {
        let Ok(identity) = file::identity(path) else { return Candidate::Absent };
        if identity.mode & 0o170_000 != 0o100_000 {
            return Candidate::Absent;
        }
        if !file::is_executable(path) {
            return Candidate::NotExecutable;
        }
        match file_kind(path) {
            FileKind::Guard => Candidate::Ours,
            kind if self.is_ours(&identity, kind) => Candidate::Ours,
            kind => Candidate::Real(identity, kind),
        }
    }

    /// Without its note (packed, or readable by nobody) guard is still the file that it is.
    fn is_ours(&self, identity: &Identity, kind: FileKind) -> bool {
        let same = |path: &PathBuf| file::identity(path).is_ok_and(|own| own.same_file(identity));
        let unreadable = kind == FileKind::Unreadable;
        self.ours.iter().any(same) || (unreadable && self.companion.iter().any(same))
    }

    fn program(&self, path: PathBuf, identity: Identity, kind: FileKind) -> Result<Program, FindError> {
        let loop_mark = match kind {
            FileKind::Other | FileKind::Unreadable | FileKind::Guard => None,
            FileKind::ScriptNamingGuard => {
                let passed = crate::sys::entry::variable(LOOP)
                    .and_then(|v| v.to_str())
                    .and_then(|v| v.parse::<u32>().ok())
                    .unwrap_or(0);
                if passed >= LOOP_LIMIT {
                    return Err(FindError::Loop { path });
                }
                Some(OsString::from(format!("{LOOP}={}", passed + 1)))
            }
        };
        Ok(Program { path, identity, loop_mark })
    }
}

enum Candidate {
    Real(Identity, FileKind),
    Ours,
    NotExecutable,
    Absent,
}

fn is_shim_directory(directory: &Path) -> bool {
    std::fs::symlink_metadata(directory.join(MARKER)).is_ok()
}
