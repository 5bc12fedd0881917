//! Gates that were passed a short while ago, in the same terminal session, for the same rules and the same target, where
//! policy says for how long that counts. Must never count what was passed anywhere else, by anyone else or for anything
//! else, nor what cannot be read with certainty.

mod same;

pub use same::what;

use super::reason::Forms;
use super::things::{Sizes, no_more, sizes};
use super::totp::span;
use crate::keys::private::{self, Doing, FileError, Privacy};
use crate::preview::Preview;
use crate::rules::Verdict;
use crate::rules::pack::Gate;
use crate::settings::Dirs;
use crate::sys::clock;
use crate::sys::directory::{Access, Directory};
use crate::sys::session::Session;
use crate::tty;
use serde::{Deserialize, Serialize};
use std::io::{IsTerminal, Read};

const DIRECTORY: &str = "grants";
const LOCK: &str = "LOCK";
const VERSION: u64 = 1;
/// A session's file is small; a larger one is not guard's.
const LARGEST: u64 = 1 << 20;
/// Rows that are kept of one session, the newest ones.
const MOST: usize = 64;

/// What one session has passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    v: u64,
    session: Session,
    passed: Vec<Passed>,
    /// What was given as the reason the last time.
    ticket: Option<String>,
}

/// One gate that was passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Passed {
    /// Digest of rules and target.
    what: String,
    gate: String,
    /// Microseconds since boot, sleep included.
    at: u64,
    /// The audit log's entry.
    intent: String,
    reason: Option<String>,
    /// How much there was.
    sizes: Sizes,
}

/// What this session has passed so far.
#[derive(Debug)]
pub struct Earlier {
    stored: Option<Stored>,
    now: u64,
}

/// Gates that need not be asked for.
#[derive(Debug)]
pub struct Again {
    pub gates: Vec<Gate>,
    /// The intent that the oldest of them was passed for.
    pub intent: String,
    pub reason: Option<String>,
    seconds: u64,
}

/// What was passed now.
#[derive(Debug)]
pub struct Kept<'a> {
    pub gates: &'a [Gate],
    /// What it was about when it was asked; `None` for what is never the same.
    pub what: Option<&'a str>,
    pub sizes: &'a Sizes,
    pub reason: Option<&'a str>,
    pub ticket: Option<&'a str>,
    pub intent: &'a str,
    pub waited_ms: u64,
}

impl Earlier {
    /// Reads what there is; what cannot be read, or was kept by another session, is nothing.
    pub fn read(dirs: &Dirs) -> Earlier {
        let stored = Session::here().and_then(|session| {
            let directory = existing(dirs).ok()??;
            load(&directory, &session).ok()?
        });
        Earlier { stored, now: clock::boot_micros() }
    }

    /// What to offer as the reason.
    pub fn ticket(&self) -> Option<&str> {
        self.stored.as_ref()?.ticket.as_deref()
    }

    /// Which of these gates count as passed for `what`. Waits for what `preview` finds only where some may: more than there
    /// was is asked about again.
    pub fn accepts(
        &self,
        gates: &[Gate],
        verdict: &Verdict,
        what: Option<&str>,
        preview: &mut Preview,
    ) -> Option<Again> {
        let stored = self.stored.as_ref()?;
        let what = what.filter(|what| stored.passed.iter().any(|passed| passed.what == *what))?;
        preview.settle(|subject| {
            if std::io::stderr().is_terminal() {
                tty::notice(&format!("counting {subject}"));
            }
        });
        let now = sizes(preview);
        let fits = |passed: &Passed| {
            let reason = || passed.reason.as_deref().unwrap_or("");
            passed.gate != Gate::Reason.to_string()
                || Forms::of(verdict).is_ok_and(|forms| forms.fits(reason()))
        };
        let counts = |gate: &Gate| {
            let within = u64::from(again_s(gate, verdict)?) * 1_000_000;
            let word = gate.to_string();
            let young = |p: &&Passed| self.now.checked_sub(p.at).is_some_and(|age| age < within);
            let same = |p: &&Passed| p.what == what && p.gate == word && no_more(&p.sizes, &now);
            stored.passed.iter().filter(same).filter(young).filter(|p| fits(p)).max_by_key(|p| p.at)
        };
        let found: Vec<(&Gate, &Passed)> = gates.iter().filter_map(|g| Some((g, counts(g)?))).collect();
        let oldest = found.iter().map(|(_, passed)| passed).min_by_key(|passed| passed.at)?;
        Some(Again {
            gates: found.iter().map(|(gate, _)| (*gate).clone()).collect(),
            intent: oldest.intent.clone(),
            reason: found.iter().find_map(|(_, passed)| passed.reason.clone()),
            seconds: self.now.saturating_sub(oldest.at) / 1_000_000,
        })
    }
}

impl Again {
    /// Why nothing was asked, in words.
    pub fn words(&self) -> String {
        let gates: Vec<String> = self.gates.iter().map(ToString::to_string).collect();
        let (gates, ago) = (gates.join(", "), span(self.seconds));
        let it = if self.gates.len() == 1 { "it" } else { "them" };
        format!(
            "not asked again: {gates} (you passed {it} {ago} ago on this terminal; `guard lock` ends that)"
        )
    }
}

/// How long a passed gate counts: the least of what the policies say that ask for it. Never for what only somebody else
/// can pass, and never for what denies.
fn again_s(gate: &Gate, verdict: &Verdict) -> Option<u32> {
    match gate {
        Gate::Deny | Gate::Notice | Gate::ReadOnly | Gate::Approval { .. } => return None,
        Gate::Reason | Gate::Confirm | Gate::Totp | Gate::Delay(_) => {}
    }
    let all = verdict.commands.iter().flat_map(|j| &j.contributions);
    let asking = all.filter(|c| c.adds.contains(gate));
    asking.map(|c| c.again_s.unwrap_or(0)).min().filter(|seconds| *seconds > 0)
}

/// Keeps what was passed, for the next time. Says why it cannot; then everything is asked again.
pub fn keep(dirs: &Dirs, verdict: &Verdict, kept: &Kept<'_>) -> Result<(), String> {
    let what = kept.what;
    let lasting = |gate: &&Gate| again_s(gate, verdict).is_some();
    let lasting: Vec<&Gate> = kept.gates.iter().filter(lasting).filter(|_| what.is_some()).collect();
    let Some(session) = Session::here().filter(|_| !lasting.is_empty() || kept.ticket.is_some()) else {
        return Ok(());
    };
    let at = clock::boot_micros().saturating_sub(kept.waited_ms.saturating_mul(1000));
    let rows = lasting.into_iter().map(|gate| Passed {
        what: what.unwrap_or_default().to_owned(),
        gate: gate.to_string(),
        at,
        intent: kept.intent.to_owned(),
        reason: kept.reason.filter(|_| *gate == Gate::Reason).map(str::to_owned),
        sizes: kept.sizes.clone(),
    });
    write(dirs, session, rows.collect(), kept.ticket).map_err(|error| error.to_string())
}

fn write(dirs: &Dirs, session: Session, rows: Vec<Passed>, ticket: Option<&str>) -> Result<(), FileError> {
    let directory = private::prepare_inside(&private::prepare_state(&dirs.state)?, DIRECTORY)?;
    let _held = private::lock(&directory, LOCK)?;
    forget_other_boots(&directory, &session);
    let before = load(&directory, &session).ok().flatten();
    let mut stored = before.unwrap_or(Stored { v: VERSION, session, passed: Vec::new(), ticket: None });
    stored.passed.retain(|old| !rows.iter().any(|new| new.what == old.what && new.gate == old.gate));
    stored.passed.extend(rows);
    let surplus = stored.passed.len().saturating_sub(MOST);
    stored.passed.drain(..surplus);
    stored.ticket = ticket.map(str::to_owned).or(stored.ticket);
    // Plain strings and numbers: serde_json has no error for them.
    let bytes = serde_json::to_vec(&stored).unwrap_or_default();
    private::replace(&directory, &name(&stored.session), &bytes)
}

/// Ends every grant of this user; how many sessions had some.
pub fn clear(dirs: &Dirs) -> Result<usize, FileError> {
    let Some(directory) = existing(dirs)? else { return Ok(0) };
    let _held = private::lock(&directory, LOCK)?;
    let mut ended = 0;
    let mut failed = Ok(());
    for name in files(&directory) {
        let path = directory.path().join(&name);
        match directory.remove_file(&name) {
            Ok(()) => ended += 1,
            // The others end all the same.
            Err(error) => failed = Err(FileError::System { path, doing: Doing::Write, error }),
        }
    }
    failed.map(|()| ended)
}

/// `None` where nothing was ever kept.
fn existing(dirs: &Dirs) -> Result<Option<Directory>, FileError> {
    match std::fs::symlink_metadata(dirs.state.join(DIRECTORY)) {
        Err(_) => Ok(None),
        Ok(_) => private::inside(&private::open_state(&dirs.state)?, DIRECTORY).map(Some),
    }
}

fn files(directory: &Directory) -> Vec<String> {
    let mut names = directory.names().unwrap_or_default();
    names.retain(|name| name.ends_with(".json"));
    names
}

/// One session's file, `None` where it has none. What is in it counts only for exactly this session.
fn load(directory: &Directory, session: &Session) -> Result<Option<Stored>, FileError> {
    let file = private::open(directory, &name(session), Access::Read, Privacy::Secret)?;
    let mut bytes = Vec::new();
    if file.take(LARGEST).read_to_end(&mut bytes).is_err() {
        return Ok(None);
    }
    let stored: Option<Stored> = serde_json::from_slice(&bytes).ok();
    Ok(stored.filter(|stored| stored.v == VERSION && stored.session == *session))
}

/// Their sessions cannot come back.
fn forget_other_boots(directory: &Directory, session: &Session) {
    for name in files(directory) {
        let bytes = private::read_small(directory, &name, Privacy::Secret).ok().flatten();
        let boot = bytes.and_then(|bytes| {
            let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
            Some(value.pointer("/session/boot")?.as_str()?.to_owned())
        });
        if boot.is_some_and(|boot| boot != session.boot) {
            let _ = directory.remove_file(&name);
        }
    }
}

fn name(session: &Session) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("{}-{}.json", session.terminal.chars().map(plain).collect::<String>(), session.id)
}
