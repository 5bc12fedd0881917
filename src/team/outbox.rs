//! Statements that still have to reach the relay: kept on disk, sent by a process of their own, so that no command waits for
//! them. Must never lose one that was not taken.

use super::error::TeamError;
use super::store::{DIRECTORY, LOCK};
use super::{Courier, Team, Unreached};
use crate::keys::private::{self, Doing, FileError, Privacy};
use crate::keys::{Identity, Signer};
use crate::statement::{Envelope, Hash, Kind};
use crate::sys::directory::Directory;
use std::path::Path;

const OUTBOX: &str = "outbox";
/// Digits of a request's digest at the beginning of a file name.
const DIGITS: usize = 64;

fn open(state: &Path) -> Result<Directory, FileError> {
    let team = private::prepare_inside(&private::prepare_state(state)?, DIRECTORY)?;
    private::prepare_inside(&team, OUTBOX)
}

/// Puts a statement about a request into the queue; durable on return.
pub fn queue(state: &Path, request: &Hash, statement: &Envelope) -> Result<(), TeamError> {
    let directory = open(state)?;
    // In the order of names: the request before what is said about it.
    let order = match statement.kind() {
        Some(Kind::Request) => 0,
        Some(Kind::Breakglass) => 1,
        Some(_) | None => 2,
    };
    let name = format!("{}-{order}-{}.json", request.hex(), &statement.digest().hex()[..16]);
    Ok(private::replace(&directory, &name, &statement.to_bytes())?)
}

/// Whether something is in the queue.
pub fn is_waiting(state: &Path) -> bool {
    let names = open(state).ok().and_then(|directory| directory.names().ok()).unwrap_or_default();
    names.iter().any(|name| name.ends_with(".json"))
}

/// How a delivery went.
#[derive(Debug, Default)]
pub struct Delivered {
    pub sent: usize,
    /// Still there, and why the last of them.
    pub left: usize,
    pub why: Option<Unreached>,
}

/// As `deliver`, with the team and the person's key of this machine. Where there is no team nothing is left to send.
pub fn send_queued(state: &Path) -> Result<Delivered, String> {
    let Some(team) = Team::existing(state).map_err(|e| e.to_string())? else {
        return Ok(Delivered::default());
    };
    let identity = Identity::existing(state).map_err(|e| e.to_string())?;
    let signer = identity.map(|identity| identity.signer()).transpose().map_err(|e| e.to_string())?;
    match signer {
        Some(signer) => deliver(state, &team, &signer).map_err(|e| e.to_string()),
        None => Ok(Delivered::default()),
    }
}

/// Sends what is in the queue. What the relay refuses for good is set aside (`.refused`) and said.
pub fn deliver(state: &Path, team: &Team, signer: &Signer) -> Result<Delivered, TeamError> {
    let directory = open(state)?;
    // One process at a time.
    let _held = private::lock(&directory, LOCK)?;
    let mut done = Delivered::default();
    let courier = match Courier::to(team, signer) {
        Ok(Some(courier)) => courier,
        Ok(None) => return Ok(Delivered { why: Some(Unreached::NoRelay), ..done }),
        Err(why) => return Ok(Delivered { why: Some(why), ..done }),
    };
    let names = directory.names().map_err(|e| FileError::system(directory.path(), Doing::Read, e))?;
    for name in names.iter().filter(|name| name.ends_with(".json")) {
        let bytes = private::read_whole(&directory, name, Privacy::Own)?.unwrap_or_default();
        let request = name.get(..DIGITS).and_then(Hash::from_hex);
        let (Some(request), Ok(statement)) = (request, Envelope::from_bytes(&bytes)) else { continue };
        let taken = match statement.kind() {
            Some(Kind::Request) => courier.submit(&statement),
            Some(_) | None => courier.say(&request, &statement),
        };
        match taken {
            Err(why) if why.passes() => {
                done.left += 1;
                done.why = Some(why);
            }
            Err(why) => {
                // It stays for people to look at, and is not tried again.
                let _ = directory.rename(name, &format!("{name}.refused"));
                done.left += 1;
                done.why = Some(why);
            }
            Ok(()) => {
                let _ = directory.remove_file(name);
                done.sent += 1;
            }
        }
    }
    Ok(done)
}
