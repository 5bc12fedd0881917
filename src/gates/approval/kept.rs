//! Requests on disk while they wait, `team/requests/` in the state directory: what `guard requests` lists, shows as text and
//! takes answers for; and the proof afterwards, `team/bundles/`. Must never be what a decision rests on: that is `verify`.

use super::ended::{self, LOCK};
use crate::keys::private::{self, FileError, Privacy};
use crate::settings::Dirs;
use crate::statement::{Bundle, Envelope, Hash};
use crate::sys::directory::{Access, Directory};
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

pub(super) const TEAM: &str = "team";
pub(super) const REQUESTS: &str = "requests";
pub(super) const BUNDLES: &str = "bundles";

pub(super) fn directory(dirs: &Dirs, name: &str) -> Result<Directory, FileError> {
    let team = private::prepare_inside(&private::prepare_state(&dirs.state)?, TEAM)?;
    private::prepare_inside(&team, name)
}

/// Keeps a request that waits, and no longer those that are over.
pub fn keep(dirs: &Dirs, request: &Envelope) -> Result<(), FileError> {
    super::left::sweep(dirs);
    let directory = directory(dirs, REQUESTS)?;
    private::replace(&directory, &format!("{}.json", request.digest().hex()), &request.to_bytes())
}

/// Where answers to it are put.
pub fn answers(dirs: &Dirs, request: &Hash) -> PathBuf {
    dirs.state.join(TEAM).join(REQUESTS).join(format!("{}.answers", request.hex()))
}

/// What is kept of it goes; the mark of a process that has it in hand stays.
pub fn forget(dirs: &Dirs, request: &Hash) {
    let Ok(directory) = directory(dirs, REQUESTS) else { return };
    for end in ["json", "answers", "left"] {
        let _ = directory.remove_file(&format!("{}.{end}", request.hex()));
    }
    let name = busy(request);
    // Removed only while nobody can take it: a mark without its name would not be seen.
    let free = private::open(&directory, &name, Access::Read, Privacy::Own);
    if free.is_ok_and(|file| file.try_lock().is_ok()) {
        let _ = directory.remove_file(&name);
    }
}

fn busy(request: &Hash) -> String {
    format!("{}.busy", request.hex())
}

/// A request that this process has in hand, waiting for it or starting it. The kernel ends that with the process.
#[derive(Debug)]
pub(super) struct Busy {
    directory: Directory,
    request: Hash,
    _held: private::Held,
}

/// Marks a request as in hand; waits a moment for another process that has it.
pub(super) fn hold(dirs: &Dirs, request: &Hash) -> Result<Busy, FileError> {
    let directory = directory(dirs, REQUESTS)?;
    let (name, path) = (busy(request), directory.path().join(busy(request)));
    loop {
        let file = private::open(&directory, &name, Access::OpenOrCreate, Privacy::Own)?;
        let failed = |error| FileError::system(&path, private::Doing::Lock, error);
        let own = file.metadata().map_err(failed)?.ino();
        let held = private::hold(file, &path, File::try_lock)?;
        // It may have been removed between opening and locking.
        if std::fs::symlink_metadata(&path).is_ok_and(|there| there.ino() == own) {
            return Ok(Busy { directory, request: *request, _held: held });
        }
    }
}

impl Busy {
    /// It is in nobody's hands any more: the program is about to take this process's place.
    pub fn let_go(&self) {
        let _ = self.directory.remove_file(&busy(&self.request));
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        // While the request is there the mark says that somebody had it.
        let kept = self.directory.path().join(format!("{}.json", self.request.hex()));
        if std::fs::symlink_metadata(kept).is_err() {
            self.let_go();
        }
    }
}

/// Whether a living process has it in hand. What cannot be looked at counts as held: nothing is said to be gone then.
pub(super) fn is_held(dirs: &Dirs, request: &Hash) -> bool {
    let Ok(directory) = directory(dirs, REQUESTS) else { return true };
    match private::open(&directory, &busy(request), Access::Read, Privacy::Own) {
        Ok(file) => file.try_lock_shared().is_err(),
        Err(FileError::System { error, .. }) => error.kind() != std::io::ErrorKind::NotFound,
        Err(_) => true,
    }
}

/// Whether the command that waited for it is gone. One that never marked it may wait.
pub fn is_abandoned(dirs: &Dirs, request: &Hash) -> bool {
    let there = |end: &str| {
        let name = format!("{}.{end}", request.hex());
        directory(dirs, REQUESTS).is_ok_and(|d| std::fs::symlink_metadata(d.path().join(name)).is_ok())
    };
    there("busy") && !there("left") && !is_held(dirs, request)
}

/// Adds a pasted answer (one line of text).
pub fn answer(dirs: &Dirs, request: &Hash, line: &str) -> Result<(), FileError> {
    let directory = directory(dirs, REQUESTS)?;
    let _held = private::lock(&directory, LOCK)?;
    let name = format!("{}.answers", request.hex());
    let mut bytes = private::read_whole(&directory, &name, Privacy::Own)?.unwrap_or_default();
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    private::replace(&directory, &name, &bytes)
}

/// The requests that wait on this machine. What is left of one that ended goes.
pub fn waiting(dirs: &Dirs) -> Result<Vec<Envelope>, FileError> {
    let over = ended::ended(dirs)?;
    let directory = directory(dirs, REQUESTS)?;
    let failed = |error| FileError::system(directory.path(), private::Doing::Read, error);
    let mut requests = Vec::new();
    for name in directory.names().map_err(failed)? {
        if !name.ends_with(".json") {
            continue;
        }
        let bytes = private::read_whole(&directory, &name, Privacy::Own)?;
        requests.extend(bytes.and_then(|bytes| Envelope::from_bytes(&bytes).ok()));
    }
    requests.retain(|request| {
        let is_over = over.iter().any(|past| past.request == request.digest());
        if is_over {
            forget(dirs, &request.digest());
        }
        !is_over
    });
    Ok(requests)
}

/// Keeps the proof that a command was approved and started.
pub fn keep_bundle(dirs: &Dirs, bundle: &Bundle) -> Result<PathBuf, FileError> {
    let directory = directory(dirs, BUNDLES)?;
    let name = format!("{}.bundle.json", bundle.request.digest().hex());
    // Envelopes that were read have a canonical form.
    private::replace(&directory, &name, &bundle.to_bytes().unwrap_or_default())?;
    Ok(directory.path().join(name))
}
