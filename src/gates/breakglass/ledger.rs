//! The ledger of break-glass: each use, what it was for, and who has signed its review. It survives restarts, and a clock
//! that is set does not shorten it. Must never take a use for old, or for reviewed, because it cannot be read.

use super::count::{Count, LogSeen};
use super::review::Review;
use super::traces::{Logged, add_counted};
use crate::audit;
use crate::keys::private::{self, FileError, Held, Privacy};
use crate::rules::pack::BreakGlassSettings;
use crate::settings::Dirs;
use crate::sys::clock;
use crate::sys::directory::{Access, Directory};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::io::{ErrorKind, Read};
use std::path::PathBuf;

const DIRECTORY: &str = "breakglass";
const FILE: &str = "ledger.json";
const LOCK: &str = "LOCK";
const VERSION: u64 = 1;
/// Two uses a week for fifty years fit.
const LARGEST: u64 = 4 << 20;

/// One use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// The audit log's intent.
    pub id: String,
    /// Microseconds since the epoch, since boot, and which boot.
    pub real: u64,
    pub mono: u64,
    pub boot: String,
    /// What it did, without secrets.
    pub what: String,
    pub reason: String,
    /// Until somebody else has signed one, this use is owed.
    pub review: Option<Review>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    v: u64,
    /// The latest wall clock that was written here.
    latest: u64,
    uses: Vec<Use>,
}

/// All clocks, read together.
#[derive(Clone, Debug)]
pub struct Now {
    pub real: u64,
    pub mono: u64,
    pub boot: String,
}

/// The ledger, read.
#[derive(Clone, Debug)]
pub struct Ledger {
    stored: Stored,
    gone: Vec<String>,
    /// Where the audit log is now.
    log: Option<LogSeen>,
}

/// How many uses are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub uses: u32,
    pub left: u32,
    pub per_s: u32,
    /// Seconds until there is one more; 0 when none is spent.
    pub next_s: u64,
}

/// The ledger cannot be used.
#[derive(Debug)]
#[must_use]
pub enum LedgerError {
    File(FileError),
    Damaged {
        path: PathBuf,
    },
    /// It is compared with the audit log, which cannot be read.
    Audit(audit::AuditError),
    /// No use has this id.
    NoSuchUse {
        id: String,
    },
    /// A review by the person who used it.
    OwnReview,
}

impl Now {
    pub fn read() -> Now {
        Now {
            real: clock::real_micros(),
            mono: clock::boot_micros(),
            boot: clock::boot_id().unwrap_or_default(),
        }
    }
}

impl Ledger {
    /// What is written there; an empty one where nothing ever was. Never creates anything.
    pub fn read(dirs: &Dirs) -> Result<Ledger, LedgerError> {
        match std::fs::symlink_metadata(dirs.state.join(DIRECTORY)) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(Ledger::empty())
            }
            Err(_) | Ok(_) => load(&private::inside(&private::open_state(&dirs.state)?, DIRECTORY)?),
        }
    }

    fn of(stored: Stored) -> Ledger {
        Ledger { stored, gone: Vec::new(), log: None }
    }

    fn empty() -> Ledger {
        Ledger::of(Stored { v: VERSION, latest: 0, uses: Vec::new() })
    }

    /// The same with the uses that only the audit log or the count beside the key still knows: what was taken away gives
    /// nothing back, and is said.
    pub fn complete(mut self, dirs: &Dirs) -> Result<Ledger, LedgerError> {
        let (logged, count) = (Logged::read(dirs)?, Count::read(dirs)?);
        self.gone = logged.complete(&mut self.stored.uses, count.as_ref());
        self.stored.latest = self.stored.latest.max(count.map_or(0, |count| count.latest));
        self.log = logged.seen;
        Ok(self)
    }

    /// The same with the uses of the count alone: quick, for each question.
    pub fn counted(mut self, dirs: &Dirs) -> Result<Ledger, LedgerError> {
        add_counted(&mut self.stored.uses, Count::read(dirs)?.as_ref());
        Ok(self)
    }

    /// In words, what the ledger, the audit log and the count lack of each other. Known once it is complete.
    pub fn gone(&self) -> &[String] {
        &self.gone
    }

    pub fn uses(&self) -> &[Use] {
        &self.stored.uses
    }

    /// Uses that nobody else has reviewed yet.
    pub fn owed(&self) -> impl Iterator<Item = &Use> {
        self.stored.uses.iter().filter(|used| used.review.is_none())
    }

    /// Microseconds since a use, as far as that is certain: within one boot by the clock that nobody sets, else by the
    /// wall clock. Either of them that went back says that it was just now.
    pub fn age(&self, used: &Use, now: &Now) -> u64 {
        let by_wall = match now.real.checked_sub(used.real) {
            Some(age) if now.real >= self.stored.latest => age,
            Some(_) | None => 0,
        };
        if used.boot == now.boot { now.mono.saturating_sub(used.mono).min(by_wall) } else { by_wall }
    }

    pub fn budget(&self, settings: BreakGlassSettings, now: &Now) -> Budget {
        let per = u64::from(settings.per_s) * 1_000_000;
        let ages = self.stored.uses.iter().map(|used| self.age(used, now)).filter(|age| *age < per);
        let mut ages: Vec<u64> = ages.collect();
        ages.sort_unstable_by(|a, b| b.cmp(a));
        let spent = u32::try_from(ages.len()).unwrap_or(u32::MAX);
        // Of the spent ones, so many have to grow old before one more is free.
        let surplus = usize::try_from(spent.saturating_sub(settings.uses)).unwrap_or(usize::MAX);
        let next = ages.get(surplus).map_or(0, |age| (per - age).div_ceil(1_000_000));
        Budget {
            uses: settings.uses,
            left: settings.uses.saturating_sub(spent),
            per_s: settings.per_s,
            next_s: next,
        }
    }
}

/// The ledger open for writing, alone.
#[derive(Debug)]
pub struct Open<'a> {
    dirs: &'a Dirs,
    directory: Directory,
    ledger: Ledger,
    _held: Held,
}

impl<'a> Open<'a> {
    /// Takes the lock and reads everything again.
    pub fn take(dirs: &'a Dirs) -> Result<Open<'a>, LedgerError> {
        let directory = private::prepare_inside(&private::prepare_state(&dirs.state)?, DIRECTORY)?;
        let held = private::lock(&directory, LOCK)?;
        let ledger = load(&directory)?.complete(dirs)?;
        Ok(Open { dirs, directory, ledger, _held: held })
    }

    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Adds a use, durably: to the count first, so that the ledger is never ahead of it.
    pub fn add(mut self, used: Use) -> Result<(), LedgerError> {
        let Stored { latest, uses, .. } = &mut self.ledger.stored;
        *latest = (*latest).max(clock::real_micros());
        let before = Count::of(uses, *latest, self.ledger.log.clone());
        uses.push(used);
        Count::of(uses, *latest, self.ledger.log.clone()).write(self.dirs)?;
        self.write().inspect_err(|_| {
            // Nothing will run. Where that cannot be written either, one use too many is counted, not one too few.
            let _ = before.write(self.dirs);
        })
    }

    /// Enters a review, durably.
    pub fn reviewed(mut self, id: &str, review: Review) -> Result<(), LedgerError> {
        let used = self.ledger.stored.uses.iter_mut().find(|used| used.id == id);
        let used = used.ok_or_else(|| LedgerError::NoSuchUse { id: id.to_owned() })?;
        used.review = Some(review);
        self.write()
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        self.ledger.stored.latest = self.ledger.stored.latest.max(clock::real_micros());
        // Plain strings and numbers: serde_json has no error for them.
        let bytes = serde_json::to_vec(&self.ledger.stored).unwrap_or_default();
        Ok(private::replace(&self.directory, FILE, &bytes)?)
    }
}

fn load(directory: &Directory) -> Result<Ledger, LedgerError> {
    let file = match private::open(directory, FILE, Access::Read, Privacy::Secret) {
        Ok(file) => file,
        Err(FileError::System { error, .. }) if error.kind() == ErrorKind::NotFound => {
            return Ok(Ledger::empty());
        }
        Err(error) => return Err(error.into()),
    };
    let damaged = || LedgerError::Damaged { path: directory.path().join(FILE) };
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(|_| damaged())?;
    let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    if stored.v != VERSION {
        return Err(damaged());
    }
    Ok(Ledger::of(stored))
}

impl LedgerError {
    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            LedgerError::File(error) => error.hint(),
            LedgerError::Damaged { path } => {
                let path = crate::text::quote(path);
                format!(
                    "bring it back from a backup, or move {path} away: the audit log still knows each use"
                )
            }
            LedgerError::Audit(error) => error.hint(),
            LedgerError::NoSuchUse { .. } => "`guard breakglass status` lists the uses".to_owned(),
            LedgerError::OwnReview => "another person has to sign it".to_owned(),
        }
    }
}

impl Display for LedgerError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            LedgerError::File(error) => write!(f, "the break-glass ledger: {error}"),
            LedgerError::Damaged { path } => {
                let path = crate::text::show(path.as_os_str().as_encoded_bytes());
                write!(f, "the break-glass ledger {path} is damaged")
            }
            LedgerError::Audit(error) => write!(f, "the break-glass uses cannot be counted: {error}"),
            LedgerError::NoSuchUse { id } => {
                write!(f, "there is no break-glass use {}", crate::text::show(id))
            }
            LedgerError::OwnReview => f.write_str("a review counts only when another person signs it"),
        }
    }
}

impl std::error::Error for LedgerError {}

impl From<FileError> for LedgerError {
    fn from(error: FileError) -> LedgerError {
        LedgerError::File(error)
    }
}

#[cfg(test)]
mod tests {
    use super::{BreakGlassSettings, Ledger, Now, Stored, Use};

    const DAY: u64 = 24 * 3600 * 1_000_000;
    const TWO_A_WEEK: BreakGlassSettings = BreakGlassSettings { uses: 2, per_s: 7 * 24 * 3600 };

    fn used(real: u64, mono: u64, boot: &str) -> Use {
        let (id, what, reason) = (format!("{real}"), String::new(), String::new());
        Use { id, real, mono, boot: boot.into(), what, reason, review: None }
    }

    fn ledger(uses: &[Use]) -> Ledger {
        let latest = uses.iter().map(|u| u.real).max().unwrap_or(0);
        Ledger::of(Stored { v: 1, latest, uses: uses.to_vec() })
    }

    fn now(real: u64, mono: u64, boot: &str) -> Now {
        Now { real, mono, boot: boot.into() }
    }

    #[test]
    fn uses_grow_old() {
        let two = ledger(&[used(100 * DAY, DAY, "a"), used(103 * DAY, 4 * DAY, "a")]);
        let budget = two.budget(TWO_A_WEEK, &now(105 * DAY, 6 * DAY, "a"));
        assert_eq!((budget.left, budget.next_s), (0, 2 * 24 * 3600));
        assert_eq!(two.budget(TWO_A_WEEK, &now(107 * DAY, 8 * DAY, "a")).left, 1);
        assert_eq!(two.budget(TWO_A_WEEK, &now(110 * DAY, 11 * DAY, "a")).left, 2);
        assert_eq!(two.budget(BreakGlassSettings { uses: 0, ..TWO_A_WEEK }, &now(0, 0, "a")).left, 0);
    }

    #[test]
    fn a_clock_that_is_set_frees_nothing() {
        let two = ledger(&[used(100 * DAY, DAY, "a"), used(101 * DAY, 2 * DAY, "a")]);
        for (what, now) in [
            ("set forward", now(200 * DAY, 3 * DAY, "a")),
            ("set back", now(90 * DAY, 3 * DAY, "a")),
            ("set back, and the boot clock far on", now(90 * DAY, 300 * DAY, "a")),
            ("the boot clock shifted, the wall clock right", now(102 * DAY, 300 * DAY, "a")),
            ("set back, after a restart", now(90 * DAY, DAY, "b")),
            ("right, after a restart", now(102 * DAY, DAY / 2, "b")),
        ] {
            assert_eq!(two.budget(TWO_A_WEEK, &now).left, 0, "{what}");
        }
        assert_eq!(
            two.budget(TWO_A_WEEK, &now(110 * DAY, DAY, "b")).left,
            2,
            "a week later, after a restart"
        );
    }

    #[test]
    fn what_happened_under_a_clock_that_was_ahead_stays() {
        let ahead = ledger(&[used(400 * DAY, DAY, "a"), used(400 * DAY, DAY, "a")]);
        assert_eq!(ahead.budget(TWO_A_WEEK, &now(110 * DAY, DAY, "b")).left, 0);
    }
}
