//! What this machine remembers of each requester: keys and machines it has seen, when they last asked, and the newest
//! head of each machine's audit log. Must never take a log that went back for a new one.

use super::Trouble;
use super::asked::Asked;
use super::desk::now;
use crate::keys::private::{self, Privacy};
use crate::statement::{Hash, canonical};
use crate::team::{self, Seen};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const DIRECTORY: &str = "team";
const LOCK: &str = "REQUESTERS.lock";
const FILE: &str = "requesters.json";
/// Requests, keys and machines remembered of each person.
const MOST: usize = 64;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Requester {
    keys: Vec<String>,
    machines: Vec<String>,
    requests: Vec<Mark>,
}

/// A request that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    request: Hash,
    iat: u64,
    /// What was found when it came.
    found: Found,
}

/// How a request compares with what was known when it first came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub new_key: bool,
    pub new_machine: bool,
    /// Seconds from their request before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_last: Option<u64>,
    /// What is wrong with the requester's audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// Compares a genuine request with what is known of its requester, and remembers it. The same request gives the same
/// answer whenever it is looked at. Requests are to be given in the order in which they were made.
pub fn compare(state: &Path, digest: Hash, asked: &Asked) -> Result<Found, Trouble> {
    let directory = prepare(state)?;
    let _held = private::lock(&directory, LOCK).map_err(team::TeamError::from)?;
    let bytes = private::read_whole(&directory, FILE, Privacy::Own).map_err(team::TeamError::from)?;
    let mut all: BTreeMap<String, Requester> = match bytes {
        None => BTreeMap::new(),
        Some(bytes) => canonical::parse(&bytes).map_err(|_| team::TeamError::Damaged {
            path: directory.path().join(FILE),
            what: "it does not list requesters",
        })?,
    };
    let known = all.entry(asked.person().to_owned()).or_default();
    if let Some(mark) = known.requests.iter().find(|mark| mark.request == digest) {
        return Ok(mark.found.clone());
    }
    let machine = asked.machine();
    let before = known.requests.iter().map(|mark| mark.iat).max();
    let found = Found {
        new_key: !known.keys.iter().any(|key| key == asked.key()),
        new_machine: machine.as_ref().is_some_and(|machine| !known.machines.contains(machine)),
        since_last: before.map(|at| asked.iat().saturating_sub(at)),
        log: log(state, asked)?,
    };
    keep(&mut known.keys, asked.key().to_owned());
    if let Some(machine) = machine {
        keep(&mut known.machines, machine);
    }
    keep(&mut known.requests, Mark { request: digest, iat: asked.iat().min(now()), found: found.clone() });
    let bytes = canonical::bytes(&all).map_err(|why| Trouble::Statement(why.to_string()))?;
    private::replace(&directory, FILE, &bytes).map_err(team::TeamError::from)?;
    Ok(found)
}

fn prepare(state: &Path) -> Result<crate::sys::directory::Directory, Trouble> {
    let prepared = private::prepare_state(state).and_then(|above| private::prepare_inside(&above, DIRECTORY));
    Ok(prepared.map_err(team::TeamError::from)?)
}

/// Each machine of a person has a log of its own.
fn log(state: &Path, asked: &Asked) -> Result<Option<String>, Trouble> {
    let (Some(chain), Some(machine)) = (asked.chain(), asked.machine()) else { return Ok(None) };
    let log = format!("{} {machine}", asked.person());
    Ok(match team::see(state, &log, chain)? {
        Seen::Fine => None,
        Seen::WentBack { had, has } => {
            Some(format!("their audit log went back: it had {had} entries, and now it has {has}"))
        }
        Seen::Changed { size } => {
            Some(format!("their audit log was changed: another head at the same {size} entries"))
        }
    })
}

fn keep<T: PartialEq>(list: &mut Vec<T>, new: T) {
    if !list.contains(&new) {
        list.push(new);
    }
    if list.len() > MOST {
        list.remove(0);
    }
}
