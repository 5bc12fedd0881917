//! Requests on disk while they wait, `team/requests/` in the state directory: what `guard requests` lists, shows as text and
//! takes answers for; and the proof afterwards, `team/bundles/`. Must never be what a decision rests on: that is `verify`.

use crate::keys::private::{self, FileError};
use crate::settings::Dirs;
use crate::statement::{Bundle, Envelope, Hash};
use crate::sys::directory::Directory;
use std::path::PathBuf;

pub(super) const TEAM: &str = "team";
pub(super) const REQUESTS: &str = "requests";
pub(super) const BUNDLES: &str = "bundles";

pub(super) fn directory(dirs: &Dirs, name: &str) -> Result<Directory, FileError> {
    let team = private::prepare_inside(&private::prepare_state(&dirs.state)?, TEAM)?;
    private::prepare_inside(&team, name)
}

/// Keeps a request that waits.
pub fn keep(dirs: &Dirs, request: &Envelope) -> Result<(), FileError> {
    let directory = directory(dirs, REQUESTS)?;
    private::replace(&directory, &format!("{}.json", request.digest().hex()), &request.to_bytes())
}

/// Where answers to it are put.
pub fn answers(dirs: &Dirs, request: &Hash) -> PathBuf {
    dirs.state.join(TEAM).join(REQUESTS).join(format!("{}.answers", request.hex()))
}

/// It waits no more.
pub fn forget(dirs: &Dirs, request: &Hash) {
    let Ok(directory) = directory(dirs, REQUESTS) else { return };
    for end in ["json", "answers", "left"] {
        let _ = directory.remove_file(&format!("{}.{end}", request.hex()));
    }
}

/// Adds a pasted answer (one line of text).
pub fn answer(dirs: &Dirs, request: &Hash, line: &str) -> Result<(), FileError> {
    let directory = directory(dirs, REQUESTS)?;
    let _held = private::lock(&directory, "LOCK")?;
    let name = format!("{}.answers", request.hex());
    let mut bytes = private::read_whole(&directory, &name, private::Privacy::Own)?.unwrap_or_default();
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    private::replace(&directory, &name, &bytes)
}

/// The requests that wait on this machine.
pub fn waiting(dirs: &Dirs) -> Result<Vec<Envelope>, FileError> {
    let directory = directory(dirs, REQUESTS)?;
    let failed = |error| FileError::system(directory.path(), private::Doing::Read, error);
    let mut requests = Vec::new();
    for name in directory.names().map_err(failed)? {
        if !name.ends_with(".json") {
            continue;
        }
        let bytes = private::read_whole(&directory, &name, private::Privacy::Own)?;
        requests.extend(bytes.and_then(|bytes| Envelope::from_bytes(&bytes).ok()));
    }
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
