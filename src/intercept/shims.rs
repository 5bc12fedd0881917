//! A directory of shims: one symlink a program, all to the same small executable, and a marker file that says
//! what they are and whose configuration they obey.

use crate::exec::Finder;
use crate::settings::{Dirs, MARKER, Marker};
use crate::sys::{file, note};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What a shim directory could not do.
#[derive(Debug)]
pub enum ShimError {
    /// Not a program's name: empty, with a slash, or guard's own.
    Name(String),
    /// Something that is not a shim stands there.
    Occupied(PathBuf),
    /// A path of the marker file is relative or holds a line break.
    Path(PathBuf),
    Io(PathBuf, io::Error),
}

impl ShimError {
    pub fn hint(&self) -> String {
        match self {
            ShimError::Name(_) => "give a program's bare name, such as kubectl".into(),
            ShimError::Occupied(path) => format!("move {} away, or choose another --dir", shown(path)),
            ShimError::Path(_) => "choose a directory whose path has no line break".into(),
            ShimError::Io(path, _) => format!("check who owns {}", shown(path)),
        }
    }

    pub fn status(&self) -> i32 {
        match self {
            ShimError::Name(_) | ShimError::Path(_) => 64,
            ShimError::Occupied(_) | ShimError::Io(..) => 78,
        }
    }
}

impl std::fmt::Display for ShimError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ShimError::Name(name) => write!(f, "{} is not a program's name", crate::text::show(name)),
            ShimError::Occupied(path) => write!(f, "{} exists and is not a shim", shown(path)),
            ShimError::Path(path) => write!(f, "{} cannot be used for shims", shown(path)),
            ShimError::Io(path, error) => write!(f, "{}: {error}", shown(path)),
        }
    }
}

fn shown(path: &Path) -> String {
    crate::text::show(path.as_os_str().as_bytes())
}

/// What `add` did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    New,
    Already,
    /// It led to another guard executable.
    Relinked,
}

/// A directory for shims.
#[derive(Clone, Debug)]
pub struct ShimDirectory {
    pub path: PathBuf,
}

impl ShimDirectory {
    /// Writes the marker, so that the directory is recognised before the first shim stands in it.
    pub fn prepare(&self, guard: &Path, dirs: &Dirs) -> Result<(), ShimError> {
        let marker = Marker { guard: guard.to_owned(), dirs: dirs.clone() };
        let bytes = marker.to_bytes().ok_or_else(|| ShimError::Path(self.path.clone()))?;
        let path = self.path.join(MARKER);
        match Marker::of(&self.path) {
            Ok(Some(old)) if old == marker => Ok(()),
            _ => file::write_atomically(&path, &bytes, 0o644).map_err(|e| ShimError::Io(path, e)),
        }
    }

    /// Makes `name` a link to `executable`.
    pub fn add(&self, name: &str, executable: &Path) -> Result<Added, ShimError> {
        if name.is_empty() || name.contains('/') || name.starts_with(['.', '-']) || name.starts_with("guard")
        {
            return Err(ShimError::Name(name.to_owned()));
        }
        let path = self.path.join(name);
        let failed = |error| ShimError::Io(path.clone(), error);
        match std::fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::os::unix::fs::symlink(executable, &path).map_err(failed)?;
                Ok(Added::New)
            }
            Err(error) => Err(failed(error)),
            Ok(_) if !is_shim(&path) => Err(ShimError::Occupied(path)),
            Ok(_) if std::fs::read_link(&path).is_ok_and(|target| target == executable) => Ok(Added::Already),
            Ok(_) => {
                // Beside it first: there is no moment without a shim.
                let beside = self.path.join(format!(".{name}.{}", std::process::id()));
                std::os::unix::fs::symlink(executable, &beside).map_err(failed)?;
                std::fs::rename(&beside, &path).map_err(failed)?;
                Ok(Added::Relinked)
            }
        }
    }

    /// Removes a shim; `false` when there was none.
    pub fn remove(&self, name: &str) -> Result<bool, ShimError> {
        let path = self.path.join(name);
        match std::fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(ShimError::Io(path, error)),
            Ok(_) if name.contains('/') || !is_shim(&path) => Err(ShimError::Occupied(path)),
            Ok(_) => std::fs::remove_file(&path).map(|()| true).map_err(|e| ShimError::Io(path, e)),
        }
    }

    /// Removes the marker and the directory when no shim is left.
    pub fn remove_if_empty(&self) -> Result<(), ShimError> {
        if !self.names()?.is_empty() {
            return Ok(());
        }
        let path = self.path.join(MARKER);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(ShimError::Io(path, error)),
            _ => {}
        }
        // What else lies in it is not ours.
        let _ = std::fs::remove_dir(&self.path);
        Ok(())
    }

    /// The shims' names, sorted; empty when the directory does not exist.
    pub fn names(&self) -> Result<Vec<String>, ShimError> {
        let entries = match std::fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ShimError::Io(self.path.clone(), error)),
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter(|entry| is_shim(&entry.path()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        Ok(names)
    }
}

/// A symlink that leads to a guard executable, or to nothing any more but by its name did.
pub fn is_shim(path: &Path) -> bool {
    let Ok(target) = std::fs::read_link(path) else { return false };
    let by_name = target.file_name().is_some_and(|n| n == "guard" || n == "guard-shim");
    match std::fs::metadata(path) {
        Ok(_) => note::file_kind(path) == note::FileKind::Guard,
        Err(_) => by_name,
    }
}

/// Programs that rules cover and that are installed, so that a shim makes sense.
pub fn installed(programs: &[String], finder: &Finder) -> Vec<String> {
    programs.iter().filter(|p| finder.find(OsStr::new(p)).is_ok()).cloned().collect()
}
