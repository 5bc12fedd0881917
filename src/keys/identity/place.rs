//! Where an identity's secret is: made there, read from there, destroyed there. Must never leave a second copy
//! behind, nor give out a key other than the one that is asked for.

use super::super::agent::{self, AgentKey};
use super::super::private::{self, FileError, Privacy};
use super::super::{NoKeyring, Secret, SigningKey, SshPublicKey, ring, sha256};
use super::{DIRECTORY, KeyError, Signer};
use crate::sys::directory::Directory;
use crate::sys::memory;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const FORM: &str = "guard-identity-key/v1";

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The account under which the keyring has it.
    Keyring(String),
    /// A file, relative to guard's state directory.
    File(String),
    /// An ssh-agent: at this socket, or the session's.
    Agent(Option<PathBuf>),
}

/// How the keyring is asked: `ring::fetch` or `ring::fetch_at_once`.
pub type Fetch = fn(&str) -> Result<Zeroizing<String>, NoKeyring>;

/// The kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Custody {
    Keyring,
    File,
    Agent,
}

impl Custody {
    pub fn word(self) -> &'static str {
        match self {
            Custody::Keyring => "keyring",
            Custody::File => "file",
            Custody::Agent => "agent",
        }
    }
}

/// A new key of guard's own, kept.
pub struct Made {
    pub key: SigningKey,
    pub place: Place,
    /// Why it is not in the keyring.
    refused: Option<NoKeyring>,
}

impl Made {
    /// Makes a key and keeps it: in the keyring, or else in a file of `directory`.
    pub fn new(directory: &Directory) -> Result<Made, KeyError> {
        memory::forbid_dumps();
        let secret = new_secret()?;
        let (key, name) = named(&secret);
        match ring::keep(&name, &secret) {
            Ok(()) => Ok(Made { key, place: Place::Keyring(name), refused: None }),
            Err(why) => {
                // Another one: a keyring that was too slow may have taken the first in the end.
                let secret = new_secret()?;
                let (key, name) = named(&secret);
                let file = format!("{name}.key");
                write(directory, &file, &secret)?;
                Ok(Made { key, place: Place::File(format!("{DIRECTORY}/{file}")), refused: Some(why) })
            }
        }
    }

    pub fn public(&self) -> SshPublicKey {
        SshPublicKey::from_ed25519(self.key.public())
    }

    /// `, because the keyring is locked`, or nothing.
    pub fn because(&self) -> String {
        self.refused.map(|why| format!(", because {}", why.word())).unwrap_or_default()
    }
}

fn new_secret() -> Result<Secret, KeyError> {
    Secret::random().map_err(|_| KeyError::NoRandomness)
}

/// The key, and a name for it that says nothing about it.
fn named(secret: &Secret) -> (SigningKey, String) {
    let key = SigningKey::new(secret);
    let digest = sha256(&[SshPublicKey::from_ed25519(key.public()).blob()]);
    let hex: String = digest[..8].iter().map(|b| format!("{b:02x}")).collect();
    (key, format!("identity-{hex}"))
}

fn write(directory: &Directory, name: &str, secret: &Secret) -> Result<(), KeyError> {
    let text = secret.to_text();
    // Room for all of it: a growing buffer would leave a copy of the secret behind.
    let mut line = Zeroizing::new(Vec::with_capacity(FORM.len() + text.len() + 2));
    line.extend_from_slice(FORM.as_bytes());
    line.push(b' ');
    line.extend_from_slice(text.as_bytes());
    line.push(b'\n');
    Ok(private::replace(directory, name, &line)?)
}

impl Place {
    pub fn custody(&self) -> Custody {
        match self {
            Place::Keyring(_) => Custody::Keyring,
            Place::File(_) => Custody::File,
            Place::Agent(_) => Custody::Agent,
        }
    }

    /// What signs with `key` from here.
    pub fn signer(&self, state: &Path, key: &SshPublicKey, fetch: Fetch) -> Result<Signer, KeyError> {
        memory::forbid_dumps();
        let secret = match self {
            Place::Agent(socket) => {
                let socket = socket.clone().map_or_else(agent::session_socket, Ok);
                return Ok(Signer::Agent(AgentKey {
                    public: key.clone(),
                    socket: socket.map_err(KeyError::Agent)?,
                }));
            }
            Place::Keyring(account) => {
                let text = fetch(account).map_err(KeyError::Keyring)?;
                Secret::from_text(&text).ok_or(KeyError::Keyring(NoKeyring::Forgetful))?
            }
            Place::File(name) => read(state, name)?,
        };
        let signing = SigningKey::new(&secret);
        if SshPublicKey::from_ed25519(signing.public()) != *key {
            return Err(KeyError::AnotherKey { fingerprint: key.fingerprint() });
        }
        Ok(Signer::Own(signing))
    }

    /// Makes the secret unusable; `Ok` when it is not there any more. A key in an agent is the person's own.
    pub fn destroy(&self, state: &Path) -> Result<(), KeyError> {
        match self {
            Place::Agent(_) => Ok(()),
            Place::Keyring(account) => ring::forget(account).map_err(KeyError::Keyring),
            Place::File(name) => {
                let (directory, file) = directory_of(state, name)?;
                match private::destroy(&directory, file) {
                    Err(FileError::System { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    other => Ok(other?),
                }
            }
        }
    }
}

fn read(state: &Path, name: &str) -> Result<Secret, KeyError> {
    let (directory, file) = directory_of(state, name)?;
    let path = || state.join(name);
    let bytes = private::read_small(&directory, file, Privacy::Secret)?;
    let bytes = Zeroizing::new(bytes.ok_or_else(|| KeyError::Missing { path: path() })?);
    let text = std::str::from_utf8(&bytes).ok().and_then(|t| t.strip_suffix('\n'));
    let secret = text.and_then(|t| t.strip_prefix(FORM)?.strip_prefix(' ')).and_then(Secret::from_text);
    secret.ok_or_else(|| KeyError::Damaged { path: path() })
}

/// Opens the directories on the way to a file, each of them checked.
fn directory_of<'a>(state: &Path, name: &'a str) -> Result<(Directory, &'a str), KeyError> {
    let mut directory = private::open_state(state)?;
    let mut rest = name;
    while let Some((first, after)) = rest.split_once('/') {
        directory = private::inside(&directory, first)?;
        rest = after;
    }
    Ok((directory, rest))
}
