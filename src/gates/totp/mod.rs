//! The second factor: a one-time code of the person's authenticator app (RFC 6238), or a recovery code. Must never accept
//! an answer before the record says that it is used up, nor look at one while nothing is to be accepted.

mod asking;
mod enrol;
mod error;
mod memory;
mod otp;
mod record;
mod recovery;
mod store;
mod typed;

pub use asking::{NotPassed, pass};
pub use enrol::{Confirmed, Enrolment, Replaces, Tried};
pub use error::{FactorError, NotAccepted, span};
pub use memory::Now;
pub use otp::{Algorithm, Parameters, STEP};
pub use record::{Custody, NoRecord};
pub use typed::{Malformed, Typed};

use crate::keys::vault::{Sealed, Seed, VaultError};
use crate::settings::Dirs;
use crate::text::show;
use memory::{Found, Judgement};
use record::Record;
use std::path::PathBuf;
use store::{Fetched, Store};

/// An enrolled second factor.
#[derive(Debug)]
pub struct Factor {
    store: Store,
    record: Record,
    state: PathBuf,
    held: Held,
}

/// How far the secret is within reach.
#[derive(Debug)]
enum Held {
    NotYet,
    Sealed(Sealed),
    Secret(Seed),
}

/// What has to be asked for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ask {
    /// The passphrase of the secret's file.
    Passphrase,
    /// A code.
    Code,
}

/// Proof that a code was accepted, and that this is on disk. Only `Factor::check` makes one.
#[derive(Debug)]
#[must_use]
pub struct Accepted {
    how: How,
    notices: Vec<String>,
}

/// What was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The code of this step.
    Code { step: u64 },
    /// A recovery code; so many are left.
    Recovery { left: usize },
}

/// What may be told about an enrolment without a code.
#[derive(Clone, Debug)]
pub struct Standing {
    pub parameters: Parameters,
    pub custody: Custody,
    /// Microseconds since the epoch.
    pub created: u64,
    pub recovery_left: usize,
    /// Seconds.
    pub locked_for: u64,
}

impl Factor {
    /// The factor that is enrolled; `None` when there is none.
    pub fn find(dirs: &Dirs) -> Result<Option<Factor>, FactorError> {
        let Some(store) = Store::existing(&dirs.state)? else { return Ok(None) };
        let Some(record) = store.record()? else { return Ok(None) };
        Ok(Some(Factor { store, record, state: dirs.state.clone(), held: Held::NotYet }))
    }

    /// What has to be asked for. Fetches the secret, from the keyring or with the key that the agent remembers.
    pub fn ask(&mut self) -> Result<Ask, FactorError> {
        if matches!(self.held, Held::NotYet) {
            self.held = match self.store.fetch(&self.record, &self.state)? {
                Fetched::Secret(secret) => Held::Secret(secret),
                Fetched::Sealed(sealed) => Held::Sealed(sealed),
            };
        }
        Ok(if matches!(self.held, Held::Sealed(_)) { Ask::Passphrase } else { Ask::Code })
    }

    /// Seconds for which no answer is looked at.
    pub fn locked_for(&self) -> Result<Option<u64>, FactorError> {
        let seconds = self.record.memory.locked_for(&Now::read());
        Ok(Some(seconds).filter(|seconds| *seconds > 0))
    }

    /// Opens the secret's file.
    pub fn unlock(&mut self, passphrase: &str) -> Result<(), VaultError> {
        if let Held::Sealed(sealed) = &self.held {
            let (secret, _) = self.store.open(sealed, &self.record.id, passphrase)?;
            self.held = Held::Secret(secret);
        }
        Ok(())
    }

    /// What the enrolment says about itself.
    pub fn standing(&self, now: &Now) -> Standing {
        let record = &self.record;
        Standing {
            parameters: record.parameters.clone(),
            custody: record.custody,
            created: record.created,
            recovery_left: record.recovery.len(),
            locked_for: record.memory.locked_for(now),
        }
    }

    /// Digits of a code.
    pub fn digits(&self) -> u8 {
        self.record.parameters.digits
    }

    /// Checks what was typed, with the clocks as they are.
    pub fn check(&mut self, typed: &str) -> Result<Accepted, NotAccepted> {
        self.check_at(typed, &Now::read())
    }

    /// Checks what was typed. Under the lock: reads what was used before, judges, and writes before anything is said.
    pub fn check_at(&mut self, typed: &str, now: &Now) -> Result<Accepted, NotAccepted> {
        let typed = Typed::read(typed, self.digits()).map_err(NotAccepted::Malformed)?;
        if matches!(typed, Typed::Code(_)) && self.ask()? == Ask::Passphrase {
            return Err(FactorError::Sealed.into());
        }
        let _lock = self.store.lock()?;
        let mut record = self.store.record()?.ok_or(FactorError::NotEnrolled)?;
        if record.id != self.record.id {
            return Err(FactorError::Changed.into());
        }
        let clock = clock_words(&record, now);
        let seconds = record.memory.locked_for(now);
        if seconds > 0 {
            return Err(NotAccepted::Locked { seconds });
        }
        let found = self.found(&typed, &mut record, now);
        let judgement = record.memory.judge(found, now);
        if judgement != Judgement::Used {
            self.store.write(&record)?;
        }
        self.record = record;
        match judgement {
            Judgement::Accepted => Ok(self.accepted(found, clock)),
            Judgement::Used => Err(NotAccepted::Used { wait: now.to_next_step(), clock }),
            Judgement::Wrong { lockout } => Err(NotAccepted::Wrong { lockout, clock }),
        }
    }

    fn found(&self, typed: &Typed, record: &mut Record, now: &Now) -> Found {
        match (typed, &self.held) {
            (Typed::Code(code), Held::Secret(secret)) => record
                .parameters
                .matched_step(secret, code, now.seconds())
                .map_or(Found::Nothing, Found::Step),
            // `check_at` has seen that it is there.
            (Typed::Code(_), Held::NotYet | Held::Sealed(_)) => Found::Nothing,
            (Typed::Recovery(code), _) => {
                let hash = recovery::hash(&record.id, code);
                match record.recovery.iter().position(|kept| *kept == hash) {
                    Some(at) => {
                        record.recovery.remove(at);
                        Found::Recovery
                    }
                    None => Found::Nothing,
                }
            }
        }
    }

    fn accepted(&self, found: Found, clock: Option<String>) -> Accepted {
        let mut notices: Vec<String> = clock.into_iter().collect();
        let how = match found {
            Found::Step(step) => How::Code { step },
            Found::Recovery | Found::Nothing => {
                let left = self.record.recovery.len();
                notices.push(match left {
                    0 => "that was the last recovery code: `guard totp rotate` makes new ones".to_owned(),
                    1 => "1 recovery code is left".to_owned(),
                    left => format!("{left} recovery codes are left"),
                });
                How::Recovery { left }
            }
        };
        Accepted { how, notices }
    }
}

impl Accepted {
    pub fn how(&self) -> How {
        self.how
    }

    /// For the audit log.
    pub fn method(&self) -> &'static str {
        match self.how {
            How::Code { .. } => "totp",
            How::Recovery { .. } => "recovery-code",
        }
    }

    /// What the person should know, a line each.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }
}

/// What to say when the wall clock went back since the record was written.
fn clock_words(record: &Record, now: &Now) -> Option<String> {
    let by = now.went_back(&record.memory.seen) / 1_000_000;
    (by > 0).then(|| format!("the clock of this machine went back by {} since the last time", show(span(by))))
}
