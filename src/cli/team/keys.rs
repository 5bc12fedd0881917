//! Public keys as somebody gives them on the command line: a `.pub` file, or its line. Must never take a private key for a
//! public one, nor a kind whose signatures guard does not check.

use super::Trouble;
use crate::keys::SshPublicKey;
use crate::statement::roster::{MinFlags, Use};
use std::path::Path;

/// A file of keys is small.
const LARGEST: usize = 1 << 20;

/// The keys in an argument: `ssh-ed25519 AAAA…`, or a file with such lines.
pub fn read(argument: &str) -> Result<Vec<SshPublicKey>, Trouble> {
    if argument.contains(' ') && !Path::new(argument).exists() {
        return one(argument.trim()).map(|key| vec![key]);
    }
    let hint = "give a .pub file, or the line in it; `guard key export` prints one's own";
    let unread = |e| Trouble::new(64, format!("{} cannot be read: {e}", crate::text::quote(argument)), hint);
    let bytes = crate::sys::file::read_bounded(Path::new(argument), LARGEST).map_err(unread)?;
    let text = String::from_utf8_lossy(&bytes);
    if text.contains("PRIVATE KEY") {
        return Err(Trouble::new(64, format!("{} is a private key", crate::text::quote(argument)), hint));
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys: Vec<SshPublicKey> = lines.map(one).collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Err(Trouble::new(64, format!("{} has no key", crate::text::quote(argument)), hint));
    }
    Ok(keys)
}

fn one(line: &str) -> Result<SshPublicKey, Trouble> {
    SshPublicKey::from_line(line).map_err(|error| {
        let hint = "ssh-ed25519, ecdsa-sha2-nistp256 and their sk- forms can be used";
        Trouble::new(64, format!("this is no key for a team: {error}"), hint)
    })
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum UseArg {
    Approve,
    Request,
    Roster,
}

/// What each signature of a key must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FlagsArg {
    /// Touched
    Up,
    /// PIN or fingerprint
    Uv,
}

impl UseArg {
    pub fn all(given: &[UseArg], default: &[Use]) -> Vec<Use> {
        let mut uses: Vec<Use> = given
            .iter()
            .map(|u| match u {
                UseArg::Approve => Use::Approve,
                UseArg::Request => Use::Request,
                UseArg::Roster => Use::Roster,
            })
            .collect();
        uses.sort_unstable();
        uses.dedup();
        if uses.is_empty() { default.to_vec() } else { uses }
    }
}

impl From<FlagsArg> for MinFlags {
    fn from(flags: FlagsArg) -> MinFlags {
        match flags {
            FlagsArg::Up => MinFlags::Up,
            FlagsArg::Uv => MinFlags::Uv,
        }
    }
}
