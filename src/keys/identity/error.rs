//! Why the identity cannot be used, each with the next step. Must never carry a secret or raw foreign text.

use super::super::private::FileError;
use super::super::{AgentError, NoKeyring};
use crate::text::show;
use std::fmt::{self, Display, Formatter};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Why there is no signature.
#[derive(Debug)]
#[must_use]
pub enum KeyError {
    File(FileError),
    /// A file of keys does not hold what it should.
    Damaged {
        path: PathBuf,
    },
    /// Written by a newer guard.
    Newer {
        path: PathBuf,
    },
    /// The file with the secret is gone.
    Missing {
        path: PathBuf,
    },
    /// The keyring has the secret, and does not give it.
    Keyring(NoKeyring),
    /// What is kept belongs to another public key than the identity's.
    AnotherKey {
        fingerprint: String,
    },
    Agent(AgentError),
    /// The last change of keys is not in the audit log yet.
    Unrecorded,
    /// The kernel gave no random bytes.
    NoRandomness,
}

impl From<FileError> for KeyError {
    fn from(error: FileError) -> KeyError {
        KeyError::File(error)
    }
}

const LOST: &str =
    "`guard key rotate --lost` begins a new one, and the audit log says that the old one is lost";

impl KeyError {
    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            KeyError::File(error) => error.hint(),
            KeyError::Newer { .. } => "update guard on this machine".to_owned(),
            KeyError::Damaged { .. } | KeyError::Missing { .. } | KeyError::AnotherKey { .. } => {
                format!("bring it back from a backup; {LOST}")
            }
            KeyError::Keyring(why @ (NoKeyring::Empty | NoKeyring::Forgetful)) => {
                format!("{}; {LOST}", why.hint())
            }
            KeyError::Keyring(
                why @ (NoKeyring::Absent | NoKeyring::Locked | NoKeyring::Slow | NoKeyring::Broken),
            ) => why.hint().to_owned(),
            KeyError::Agent(error) => error.hint(),
            KeyError::Unrecorded => "`guard key rotate` finishes it first".to_owned(),
            KeyError::NoRandomness => {
                "getrandom(2) failed: is a seccomp filter or an old kernel in the way?".to_owned()
            }
        }
    }

    /// The exit status of a command that needed the key.
    pub fn status(&self) -> i32 {
        match self {
            KeyError::Keyring(_) => 69,
            KeyError::Agent(error) => error.status(),
            KeyError::File(FileError::System { .. } | FileError::Busy { .. })
            | KeyError::NoRandomness
            | KeyError::Unrecorded => 70,
            KeyError::File(FileError::Untrusted { .. })
            | KeyError::Damaged { .. }
            | KeyError::Newer { .. }
            | KeyError::Missing { .. }
            | KeyError::AnotherKey { .. } => 78,
        }
    }
}

impl Display for KeyError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::File(error @ FileError::Untrusted { .. }) => {
                write!(f, "your identity key is not safe: {error}")
            }
            KeyError::File(error) => write!(f, "your identity key: {error}"),
            KeyError::Damaged { path } => write!(f, "{} is damaged", shown(path)),
            KeyError::Newer { path } => write!(f, "{} was written by a newer guard", shown(path)),
            KeyError::Missing { path } => write!(f, "your identity key {} is gone", shown(path)),
            KeyError::Keyring(why) => {
                write!(f, "your identity key is in the keyring, and {}", why.word())
            }
            KeyError::AnotherKey { fingerprint } => {
                write!(f, "what is kept as your identity key is not the key {fingerprint}")
            }
            KeyError::Agent(error) => error.fmt(f),
            KeyError::Unrecorded => {
                f.write_str("the last change of your identity key is not in the audit log yet")
            }
            KeyError::NoRandomness => f.write_str("the system gives no random bytes for a key"),
        }
    }
}

impl std::error::Error for KeyError {}

fn shown(path: &Path) -> String {
    show(path.as_os_str().as_bytes())
}
