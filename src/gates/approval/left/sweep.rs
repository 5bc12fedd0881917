//! Takes away what was kept of requests that are over, of those that are gone, and what an earlier guard kept with its
//! secrets. Called by whatever deals with requests; must never touch one that can still run.

use super::{WITH_SECRETS, version};
use crate::gates::approval::ended::expired;
use crate::gates::approval::kept::{REQUESTS, directory, forget};
use crate::gates::approval::ready::now;
use crate::gates::approval::room;
use crate::keys::private::{self, FileError, Privacy};
use crate::settings::Dirs;
use crate::statement::{Envelope, Hash, Request, SKEW, read};
use crate::sys::directory::Directory;
use zeroize::Zeroizing;

/// Digits of a request's digest, with which each of its files begins.
const DIGITS: usize = 64;

/// Looks through everything that was kept. What cannot be looked at stays, and is said by whoever needs it.
pub fn sweep(dirs: &Dirs) {
    let Ok(directory) = directory(dirs, REQUESTS) else { return };
    let mut names = directory.names().unwrap_or_default();
    // A request before what lies beside it.
    names.sort_unstable();
    for name in names {
        let Some(digest) = name.get(..DIGITS).and_then(Hash::from_hex) else { continue };
        match &name[DIGITS..] {
            ".json" => end_if_over(dirs, &directory, &name),
            ".left" if has_secrets(&directory, &name) => wipe(dirs, &directory, &name, &digest),
            // The request is written first and removed first; what has none is left from a crash.
            ".left" | ".answers" | ".left.next" | ".answers.next" if is_orphan(&directory, &digest) => {
                let _ = directory.remove_file(&name);
            }
            // Its process was killed before it took the name away itself.
            end if end.ends_with(room::END) => {
                let _ = directory.remove_file(&name);
            }
            _ => {}
        }
    }
}

/// Ends what nothing can be started with any more, also by a clock that is off.
fn end_if_over(dirs: &Dirs, directory: &Directory, name: &str) {
    let bytes = private::read_whole(directory, name, Privacy::Own).ok().flatten().unwrap_or_default();
    let Ok(envelope) = Envelope::from_bytes(&bytes) else { return };
    let Ok(request) = read::<Request>(envelope.payload()) else { return };
    if request.exp.saturating_add(request.usage.within).saturating_add(2 * SKEW) < now() {
        expired(dirs, &envelope, None);
    }
}

fn is_orphan(directory: &Directory, digest: &Hash) -> bool {
    let request = private::read_whole(directory, &format!("{}.json", digest.hex()), Privacy::Own);
    matches!(request, Ok(None))
}

fn has_secrets(directory: &Directory, name: &str) -> bool {
    let bytes: Result<_, FileError> = private::read_whole(directory, name, Privacy::Own);
    bytes.ok().flatten().map(Zeroizing::new).and_then(|bytes| version(&bytes)) == Some(WITH_SECRETS)
}

fn wipe(dirs: &Dirs, directory: &Directory, name: &str, digest: &Hash) {
    let id = &digest.hex()[..12];
    match private::destroy(directory, name) {
        Ok(()) => {
            forget(dirs, digest);
            crate::say!("request {id} was left by an earlier guard, with its secrets: it is wiped");
            crate::say!("hint: `guard requests make` asks again");
        }
        Err(error) => crate::say!("request {id} was left by an earlier guard, with its secrets: {error}"),
    }
}
