//! Room on this disk for what a use writes, taken before a relay is asked for the use: who asks and cannot write afterwards
//! has lost an approval for nothing. Must never outlive its process, nor leave more than an empty file behind.

use super::kept::{REQUESTS, TEAM, directory};
use crate::keys::private::{self, Doing, FileError, Privacy};
use crate::keys::random;
use crate::settings::Dirs;
use crate::statement::Hash;
use crate::sys::directory::Access;
use std::fs::File;
use std::io::{self, Write};

/// How its names end; a process that is killed in between may leave one.
pub(super) const END: &str = ".room";
/// Beyond the records themselves: the log's entries, the proof, directories.
const MORE: u64 = 64 << 10;
const PIECE: usize = 4096;

/// Holds the room until it is dropped. Its file has no name any more, so a crash frees it.
#[derive(Debug)]
pub(super) struct Room {
    _file: File,
}

/// Takes it, durably: each record is written anew, beside the old one.
pub(super) fn take(dirs: &Dirs, request: &Hash) -> Result<Room, FileError> {
    let team = dirs.state.join(TEAM);
    let records = [team.join("spent"), team.join(REQUESTS).join("ENDED")];
    let length = |path| std::fs::metadata(path).map_or(0, |there| there.len());
    let wanted = MORE + records.iter().map(length).sum::<u64>();
    let directory = directory(dirs, REQUESTS)?;
    let name = format!("{}.{}{END}", request.hex(), std::process::id());
    let mut file = private::open(&directory, &name, Access::OpenOrCreate, Privacy::Own)?;
    let filled = match directory.remove_file(&name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => fill(&mut file, wanted),
    };
    filled.map_err(|error| FileError::system(&directory.path().join(&name), Doing::Write, error))?;
    Ok(Room { _file: file })
}

/// Random bytes: zeros take no room where the file system compresses.
fn fill(file: &mut File, wanted: u64) -> io::Result<()> {
    for _ in 0..wanted.div_ceil(PIECE as u64) {
        file.write_all(&random::<PIECE>().map_err(|_| io::Error::other("no random bytes"))?)?;
    }
    file.sync_all()
}
