//! `guard unlock` opens the second factor's file for a while, `guard lock` ends that and everything that was passed before.
//! Must never leave something open that it said is closed.

use super::totp::{Stop, enrolled};
use crate::gates::grants;
use crate::gates::totp::{Custody, Factor, FactorError, span};
use crate::keys::vault::{VaultError, agent};
use crate::settings::{Dirs, Marker};
use crate::sys::memory;
use crate::tty::{self, Check, Echo, SecretAsk};
use std::time::Duration;

/// Longer than a working day there is no reason to remember a key.
const LONGEST: u64 = 12 * 3600;

/// Remember the passphrase of the second factor for a while
///
/// A small process of guard keeps the key of the secret's file in locked memory, answers this user only, and ends when
/// the time is over, with `guard lock`, or with the machine.
#[derive(Debug, clap::Args)]
pub struct Unlock {
    /// For how long: 30s, 15m, 8h; at most 12h
    #[arg(long = "for", value_name = "TIME", default_value = "1h", value_parser = time)]
    time: Duration,
}

/// Forget what was unlocked, and ask for every gate again
#[derive(Debug, clap::Args)]
pub struct Lock {}

fn time(word: &str) -> Result<Duration, String> {
    let unit = |suffix, seconds: u64| word.strip_suffix(suffix)?.parse::<u64>().ok()?.checked_mul(seconds);
    let seconds = unit('s', 1).or_else(|| unit('m', 60)).or_else(|| unit('h', 3600));
    match seconds.filter(|s| (1..=LONGEST).contains(s)) {
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err("write 30s, 15m or 8h; at most 12h".to_owned()),
    }
}

pub fn unlock(args: &Unlock, dirs: &Dirs) -> i32 {
    open(args, dirs).map_or_else(Stop::say, |()| 0)
}

fn open(args: &Unlock, dirs: &Dirs) -> Result<(), Stop> {
    let factor = enrolled(dirs, None)?;
    if factor.standing().custody != Custody::Passphrase {
        crate::say!("nothing to unlock: the second factor has no passphrase of its own");
        return Ok(());
    }
    memory::forbid_dumps();
    // Before a passphrase is in this process's memory, of which the agent has a copy.
    let starting = agent::begin(&dirs.state).map_err(|e| no_agent(&e))?;
    let ask = SecretAsk { ask: "the passphrase of your second factor", echo: Echo::Nothing };
    let mut opened = None;
    tty::ask_secret(&ask, &mut |typed| match factor.file_key(typed) {
        Ok(key) => {
            opened = Some(key);
            Check::Right
        }
        Err(FactorError::Vault { why: VaultError::WrongPassphrase, .. }) => {
            Check::Wrong(VaultError::WrongPassphrase.to_string())
        }
        Err(error) => Check::Over(format!("{error}; {}", error.hint())),
    })?;
    // The prompt ends well only after the right one.
    let (name, key) = opened.ok_or(FactorError::Changed)?;
    starting.give(&name, &key, args.time).map_err(|e| no_agent(&e))?;
    crate::say!("the second factor is unlocked for {}; `guard lock` ends it", span(args.time.as_secs()));
    Ok(())
}

fn no_agent(error: &std::io::Error) -> Stop {
    Stop {
        status: 69,
        message: format!("the agent that remembers the key does not start: {error}"),
        hint: Some("without it each code asks for the passphrase first".to_owned()),
        signal: None,
    }
}

pub fn lock(_: &Lock, dirs: &Dirs) -> i32 {
    // Shims keep what was passed where their directory says, also where this shell's variables say otherwise.
    let mut all = vec![dirs.clone()];
    for marker in Marker::on_path() {
        if all.iter().all(|known| known.state != marker.dirs.state) {
            all.push(marker.dirs);
        }
    }
    let (mut locked, mut ended, mut failed) = (false, 0, None);
    for dirs in &all {
        locked |= agent::end(&dirs.state);
        match grants::clear(dirs) {
            Ok(some) => ended += some,
            Err(error) => failed = Some(error),
        }
    }
    if let Some(error) = failed {
        crate::say!("what was passed before may still count: {error}");
        crate::say!("hint: {}", error.hint());
        return 78;
    }
    match (locked, ended > 0) {
        (true, true) => crate::say!("locked; every gate is asked for again"),
        (true, false) => crate::say!("locked"),
        (false, true) => crate::say!("every gate is asked for again; nothing was unlocked"),
        (false, false) => crate::say!("nothing was unlocked, and nothing was passed before"),
    }
    0
}

/// How long the file of this factor stays open, for `guard totp status`.
pub fn open_for(factor: &Factor, dirs: &Dirs) -> Option<u64> {
    let custody = factor.standing().custody;
    (custody == Custody::Passphrase).then(|| agent::time_left(&dirs.state)).flatten()
}

#[cfg(test)]
mod tests {
    use super::time;
    use std::time::Duration;

    #[test]
    fn times() {
        for (word, seconds) in [("30s", 30), ("15m", 900), ("12h", 43_200)] {
            assert_eq!(time(word), Ok(Duration::from_secs(seconds)));
        }
        for word in ["", "0s", "13h", "15", "m", "-1m", "1d", "18446744073709551615h"] {
            assert!(time(word).is_err(), "{word}");
        }
    }
}
