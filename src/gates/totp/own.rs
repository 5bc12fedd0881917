//! A second factor whose record this process may read: the person's own, or any as the verifier. Must never accept an answer
//! before the record says that it is used up, nor look at one while nothing is to be accepted.

use super::error::{FactorError, NotAccepted};
use super::journal::Journal;
use super::memory::{Found, Judgement, Now};
use super::record::Record;
use super::store::{Fetched, Store};
use super::typed::Typed;
use super::{Accepted, Ask, How, Standing, recovery, span};
use crate::audit::{Act, FactorChange};
use crate::keys::vault::{KeyName, Sealed, Seed, VaultError, VaultKey};
use std::path::{Path, PathBuf};

/// An enrolment and what is known of its secret.
#[derive(Debug)]
pub struct Own {
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

impl Own {
    /// What is enrolled below a state directory.
    pub fn find(state: &Path) -> Result<Option<Own>, FactorError> {
        let Some(store) = Store::existing(state)? else { return Ok(None) };
        let Some(record) = store.record()? else { return Ok(None) };
        Ok(Some(Own { store, record, state: state.to_owned(), held: Held::NotYet }))
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

    /// Opens the secret's file.
    pub fn unlock(&mut self, passphrase: &str) -> Result<(), VaultError> {
        if let Held::Sealed(sealed) = &self.held {
            let (secret, _) = self.store.open(sealed, &self.record.id, passphrase)?;
            self.held = Held::Secret(secret);
        }
        Ok(())
    }

    /// The name and the key of the secret's file, for the agent.
    pub fn file_key(&self, passphrase: &str) -> Result<(KeyName, VaultKey), FactorError> {
        let sealed = self.store.sealed(&self.record)?;
        let path = self.store.secret_path(&self.record.id);
        let opened = self.store.open(&sealed, &self.record.id, passphrase);
        Ok((sealed.key_name(), opened.map_err(|why| FactorError::Vault { path, why })?.1))
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

    /// Why the secret is out of reach for good, as far as that can be told without asking the person.
    pub fn out_of_reach(&self) -> Option<FactorError> {
        self.store.look(&self.record).err()
    }

    pub fn id(&self) -> &str {
        &self.record.id
    }

    /// Takes it away.
    pub fn remove(&self, proof: &Accepted, journal: &Journal) -> Result<Option<FactorError>, FactorError> {
        let _lock = self.store.lock()?;
        match self.store.record()? {
            Some(record) if record.id == self.record.id => {
                let custody = record.custody.word();
                let change =
                    FactorChange { act: Act::Removed, custody, proof: Some(proof.method()), whose: None };
                journal.around(change, || self.store.remove(&record))
            }
            Some(_) | None => Err(FactorError::Changed),
        }
    }

    /// Checks what was typed. Under the lock: reads what was used before, judges, and writes before anything is said.
    pub fn check(&mut self, typed: &str, now: &Now) -> Result<Accepted, NotAccepted> {
        let typed = Typed::read(typed, self.record.parameters.digits).map_err(NotAccepted::Malformed)?;
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
            // `check` has seen that it is there.
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

/// What to say when the wall clock went back since the record was written.
fn clock_words(record: &Record, now: &Now) -> Option<String> {
    let by = now.went_back(&record.memory.seen) / 1_000_000;
    (by > 0).then(|| format!("the clock of this machine went back by {} since the last time", span(by)))
}
