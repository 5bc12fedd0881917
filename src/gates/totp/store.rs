//! The directory of the enrolment: its record, the secret where the keyring does not have it, and the lock under which both
//! change. Must never let an answer pass before what it used up is on disk.

use super::error::FactorError;
use super::record::{Custody, Record};
use crate::keys::private::{self, FileError, Held, Privacy};
use crate::keys::vault::{Sealed, Seed, VaultError, VaultKey, agent};
use crate::keys::{NoKeyring, decode_bytes, encode, ring};
use crate::sys::directory::Directory;
use crate::sys::memory;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub const DIRECTORY: &str = "totp";
const RECORD: &str = "record";
const LOCK: &str = "LOCK";
const PLAIN: &str = "guard-totp-secret/1 ";

/// Open.
#[derive(Debug)]
pub struct Store {
    directory: Directory,
}

/// The secret, or what is needed to get it.
#[derive(Debug)]
pub enum Fetched {
    Secret(Seed),
    /// A passphrase opens it.
    Sealed(Sealed),
}

impl Store {
    /// `None` where nobody enrolled.
    pub fn existing(state: &Path) -> Result<Option<Store>, FactorError> {
        match std::fs::symlink_metadata(state.join(DIRECTORY)) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Ok(_) | Err(_) => {
                let directory = private::inside(&private::open_state(state)?, DIRECTORY)?;
                Ok(Some(Store { directory }))
            }
        }
    }

    pub fn prepare(state: &Path) -> Result<Store, FactorError> {
        let directory = private::prepare_inside(&private::prepare_state(state)?, DIRECTORY)?;
        Ok(Store { directory })
    }

    pub fn lock(&self) -> Result<Held, FactorError> {
        Ok(private::lock(&self.directory, LOCK)?)
    }

    pub fn record(&self) -> Result<Option<Record>, FactorError> {
        let Some(bytes) = private::read_small(&self.directory, RECORD, Privacy::Secret)? else {
            return Ok(None);
        };
        let path = self.directory.path().join(RECORD);
        Record::from_bytes(&bytes).map(Some).map_err(|why| FactorError::Record { path, why })
    }

    /// Durable on return, whole or not at all.
    pub fn write(&self, record: &Record) -> Result<(), FactorError> {
        private::replace(&self.directory, RECORD, &record.to_bytes()).map_err(FactorError::NotStored)
    }

    /// Puts a new secret away; the record that names it comes after.
    pub fn keep(
        &self,
        id: &str,
        custody: Custody,
        secret: &Seed,
        passphrase: &str,
    ) -> Result<Option<VaultKey>, FactorError> {
        let (bytes, key) = match custody {
            Custody::Keyring => {
                let text = Zeroizing::new(encode(secret.expose()));
                ring::keep_text(&account(id), &text).map_err(FactorError::Keyring)?;
                return Ok(None);
            }
            Custody::Passphrase => {
                let path = self.secret_path(id);
                let sealed = Sealed::seal(passphrase, secret, &purpose(id));
                let (sealed, key) = sealed.map_err(|why| FactorError::Vault { path, why })?;
                (Zeroizing::new(sealed.to_bytes()), Some(key))
            }
            Custody::Managed => {
                let text = Zeroizing::new(encode(secret.expose()));
                let mut line = Zeroizing::new(Vec::with_capacity(PLAIN.len() + text.len() + 1));
                for part in [PLAIN.as_bytes(), text.as_bytes(), b"\n"] {
                    line.extend_from_slice(part);
                }
                (line, None)
            }
        };
        private::replace(&self.directory, &file(id), &bytes)?;
        Ok(key)
    }

    /// The secret of a record, or what has to be opened first.
    pub fn fetch(&self, record: &Record, state: &Path) -> Result<Fetched, FactorError> {
        memory::forbid_dumps();
        let path = self.secret_path(&record.id);
        match record.custody {
            Custody::Keyring => {
                let text = ring::fetch(&account(&record.id)).map_err(FactorError::Keyring)?;
                let bytes = decode_bytes(&text).ok_or(FactorError::KeyringDamaged)?;
                Ok(Fetched::Secret(Seed::new(Zeroizing::new(bytes))))
            }
            Custody::Passphrase => {
                let sealed = self.sealed(record)?;
                let known = agent::key(state, &sealed.key_name());
                match known.and_then(|key| sealed.open_with(&key, &purpose(&record.id)).ok()) {
                    Some(secret) => Ok(Fetched::Secret(secret)),
                    None => Ok(Fetched::Sealed(sealed)),
                }
            }
            Custody::Managed => {
                let bytes = self.read(&record.id)?;
                let text =
                    std::str::from_utf8(&bytes).ok().and_then(|t| t.strip_prefix(PLAIN)?.strip_suffix('\n'));
                match text.and_then(decode_bytes) {
                    Some(bytes) => Ok(Fetched::Secret(Seed::new(Zeroizing::new(bytes)))),
                    None => Err(FactorError::Vault { path, why: VaultError::Damaged }),
                }
            }
        }
    }

    /// The sealed file of a record whose secret is under a passphrase.
    pub fn sealed(&self, record: &Record) -> Result<Sealed, FactorError> {
        let path = self.secret_path(&record.id);
        Sealed::from_bytes(&self.read(&record.id)?).map_err(|why| FactorError::Vault { path, why })
    }

    /// Whether the secret is there and whole. A keyring that does not answer at once, or is locked, may well have it.
    pub fn look(&self, record: &Record) -> Result<(), FactorError> {
        match record.custody {
            Custody::Keyring => {
                memory::forbid_dumps();
                match ring::fetch_at_once(&account(&record.id)) {
                    Ok(text) if decode_bytes(&text).map(Zeroizing::new).is_none() => {
                        Err(FactorError::KeyringDamaged)
                    }
                    Err(why @ (NoKeyring::Empty | NoKeyring::Forgetful)) => Err(FactorError::Keyring(why)),
                    Ok(_)
                    | Err(NoKeyring::Absent | NoKeyring::Locked | NoKeyring::Slow | NoKeyring::Broken) => {
                        Ok(())
                    }
                }
            }
            Custody::Passphrase => self.sealed(record).map(|_| ()),
            Custody::Managed => self.read(&record.id).map(|_| ()),
        }
    }

    /// Opens with a passphrase; the key is for the agent.
    pub fn open(&self, sealed: &Sealed, id: &str, passphrase: &str) -> Result<(Seed, VaultKey), VaultError> {
        sealed.open(passphrase, &purpose(id))
    }

    /// Takes the record away, and then the secret; what is left of it when that fails belongs to nothing.
    pub fn remove(&self, record: &Record) -> Result<Option<FactorError>, FactorError> {
        private::destroy(&self.directory, RECORD)?;
        Ok(self.forget(record).err())
    }

    /// Takes away a secret that no record names any more.
    pub fn forget(&self, record: &Record) -> Result<(), FactorError> {
        match record.custody {
            Custody::Keyring => match ring::forget(&account(&record.id)) {
                Ok(()) | Err(NoKeyring::Empty) => Ok(()),
                Err(why) => Err(FactorError::Keyring(why)),
            },
            Custody::Passphrase | Custody::Managed => {
                match private::destroy(&self.directory, &file(&record.id)) {
                    Err(FileError::System { error, .. }) if error.kind() == ErrorKind::NotFound => Ok(()),
                    other => Ok(other?),
                }
            }
        }
    }

    fn read(&self, id: &str) -> Result<Zeroizing<Vec<u8>>, FactorError> {
        let bytes = private::read_small(&self.directory, &file(id), Privacy::Secret)?;
        bytes.map(Zeroizing::new).ok_or_else(|| FactorError::SecretMissing { path: self.secret_path(id) })
    }

    pub fn secret_path(&self, id: &str) -> PathBuf {
        self.directory.path().join(file(id))
    }
}

fn account(id: &str) -> String {
    format!("totp-{id}")
}

fn file(id: &str) -> String {
    format!("secret-{id}")
}

/// A sealed secret opens for its own enrolment only.
fn purpose(id: &str) -> String {
    format!("totp {id}")
}
