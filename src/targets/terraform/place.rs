//! Where terraform works: its directory after -chdir, its data directory, and how both are shown.
//! Must never resolve TF_DATA_DIR, a plan or a state before -chdir: terraform does not either.

use crate::invocation::Invocation;
use crate::reading::Command;
use crate::sys::file::lexical;
use std::path::{Path, PathBuf};

/// The directories of one command, absolute.
pub(super) struct Place {
    pub(super) directory: PathBuf,
    /// `.terraform` or `$TF_DATA_DIR`.
    pub(super) data: PathBuf,
    /// The source of `directory`, for people.
    pub(super) source: &'static str,
    /// What paths are shown relative to, and whether that is a checkout.
    base: PathBuf,
    pub(super) in_checkout: bool,
}

impl Place {
    /// The error says why the directory is not known.
    pub(super) fn of(command: &Command) -> Result<Place, String> {
        let invocation = &command.invocation;
        let cwd = real(invocation.cwd());
        let (directory, source) = match command.option("--chdir") {
            // The words were read as text; a byte that is not UTF-8 cannot be turned back.
            Some(chdir) if chdir.contains('\u{fffd}') => return Err("-chdir is not UTF-8".into()),
            Some(chdir) => (real(&cwd.join(chdir)), "-chdir"),
            None => (cwd.clone(), "working directory"),
        };
        let data = directory.join(data_directory(invocation)?);
        let (base, in_checkout) = base(&directory, &cwd);
        Ok(Place { directory, data, source, base, in_checkout })
    }

    /// A path that terraform would open, absolute and without `..`.
    pub(super) fn path(&self, relative: &str) -> PathBuf {
        lexical(&self.directory.join(relative))
    }

    /// A path as it is shown: relative to the checkout or the parent of the working directory.
    pub(super) fn shown(&self, path: &Path) -> String {
        let short = path.strip_prefix(&self.base).ok().filter(|p| !p.as_os_str().is_empty());
        let path = short.unwrap_or(path);
        path.to_str().map_or_else(|| path.to_string_lossy().into_owned(), str::to_owned)
    }
}

fn data_directory(invocation: &Invocation) -> Result<PathBuf, String> {
    match invocation.environment().get("TF_DATA_DIR").filter(|v| !v.is_empty()) {
        Some(value) => Ok(PathBuf::from(value)),
        None => Ok(PathBuf::from(".terraform")),
    }
}

/// Links followed where the path exists: the directory itself counts, not the name it was reached by.
fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| lexical(path))
}

fn base(directory: &Path, cwd: &Path) -> (PathBuf, bool) {
    let checkout = directory.ancestors().find(|a| a.join(".git").symlink_metadata().is_ok());
    match checkout.filter(|root| *root != directory) {
        Some(root) => (root.to_owned(), true),
        None => (cwd.parent().unwrap_or(cwd).to_owned(), false),
    }
}
