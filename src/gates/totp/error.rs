//! Why there is no second factor to ask for, or an answer was not accepted; each with the next step. Must never carry a
//! code, a passphrase or a secret.

use super::record::NoRecord;
use super::typed::Malformed;
use crate::audit::AuditError;
use crate::keys::NoKeyring;
use crate::keys::private::FileError;
use crate::keys::vault::VaultError;
use crate::text::{quote, show};
use std::fmt::{self, Display, Formatter};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The second factor cannot be used.
#[derive(Debug)]
#[must_use]
pub enum FactorError {
    /// Nobody enrolled here.
    NotEnrolled,
    /// There is one already.
    Enrolled,
    /// A file is not this user's alone, or cannot be read.
    File(FileError),
    /// The record could not be written: whatever was typed is not accepted.
    NotStored(FileError),
    /// The audit log does not take the entry of a change: nothing changes.
    Unrecorded(AuditError),
    /// The record's bytes are not those that were written.
    Record {
        path: PathBuf,
        why: NoRecord,
    },
    /// The secret's file is gone.
    SecretMissing {
        path: PathBuf,
    },
    Vault {
        path: PathBuf,
        why: VaultError,
    },
    Keyring(NoKeyring),
    /// The keyring gave something that is no secret.
    KeyringDamaged,
    NoRandomness,
    /// Policy names a verifier that cannot be asked.
    Verifier {
        path: PathBuf,
        why: String,
    },
    /// Policy cannot be read, so it is not known who verifies.
    Policy(String),
    /// The enrolment was replaced while it was used.
    Changed,
    /// The secret was not opened yet.
    Sealed,
    /// Only an administrator can do that.
    Managed,
    /// What the verifier says, with its exit status and hint.
    Remote {
        status: i32,
        message: String,
        hint: String,
    },
}

/// An answer was not accepted.
#[derive(Debug)]
#[must_use]
pub enum NotAccepted {
    /// It is no code; nothing was compared.
    Malformed(Malformed),
    /// Right, but accepted before. Seconds until the next code.
    Used {
        wait: u64,
        clock: Option<String>,
    },
    /// Seconds for which nothing is accepted from now on.
    Wrong {
        lockout: u64,
        clock: Option<String>,
    },
    /// Nothing is looked at for so many seconds.
    Locked {
        seconds: u64,
    },
    Failed(FactorError),
}

impl FactorError {
    /// Whether only the secret is out of reach: the record, with its recovery codes, is whole.
    pub fn leaves_recovery(&self) -> bool {
        match self {
            FactorError::SecretMissing { .. }
            | FactorError::Vault { .. }
            | FactorError::Keyring(_)
            | FactorError::KeyringDamaged => true,
            FactorError::NotEnrolled
            | FactorError::Enrolled
            | FactorError::File(_)
            | FactorError::NotStored(_)
            | FactorError::Unrecorded(_)
            | FactorError::Record { .. }
            | FactorError::NoRandomness
            | FactorError::Verifier { .. }
            | FactorError::Policy(_)
            | FactorError::Changed
            | FactorError::Sealed
            | FactorError::Managed
            | FactorError::Remote { .. } => false,
        }
    }

    /// The exit status: 69 what may be there again later, 78 what has to be repaired.
    pub fn status(&self) -> i32 {
        match self {
            FactorError::NotEnrolled
            | FactorError::Enrolled
            | FactorError::Changed
            | FactorError::Sealed
            | FactorError::Managed => 77,
            FactorError::Remote { status, .. } => *status,
            FactorError::Unrecorded(AuditError::Identity(error)) => error.status(),
            FactorError::Keyring(_) | FactorError::Verifier { .. } | FactorError::NoRandomness => 69,
            FactorError::File(_)
            | FactorError::NotStored(_)
            | FactorError::Unrecorded(_)
            | FactorError::Record { .. }
            | FactorError::SecretMissing { .. }
            | FactorError::Vault { .. }
            | FactorError::KeyringDamaged
            | FactorError::Policy(_) => 78,
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            FactorError::NotEnrolled => "`guard totp enroll` sets one up".to_owned(),
            FactorError::Enrolled => {
                "`guard totp rotate` replaces it, `guard totp remove` takes it away; both ask for a code"
                    .to_owned()
            }
            FactorError::File(error) | FactorError::NotStored(error) => error.hint(),
            FactorError::Unrecorded(error) => error.hint(),
            FactorError::Record { why: NoRecord::Newer, .. } => "update guard on this machine".to_owned(),
            FactorError::Record { path, why: NoRecord::Damaged } => begin_again(path),
            FactorError::SecretMissing { .. } | FactorError::Vault { why: VaultError::Damaged, .. } => {
                "`guard totp rotate` with a recovery code makes a new one".to_owned()
            }
            FactorError::Vault { why, .. } => why.hint().to_owned(),
            FactorError::Keyring(why) => why.hint().to_owned(),
            FactorError::KeyringDamaged => {
                "a recovery code still works: `guard totp rotate` makes a new secret".to_owned()
            }
            FactorError::NoRandomness => VaultError::NoRandomness.hint().to_owned(),
            FactorError::Verifier { .. } => {
                "`systemctl status guard-totp.socket` on this machine; see docs/totp.md".to_owned()
            }
            FactorError::Policy(_) => "`guard doctor` lists every broken file".to_owned(),
            FactorError::Changed => "try again".to_owned(),
            FactorError::Sealed => "`guard unlock` opens it for a while".to_owned(),
            FactorError::Managed => {
                "`sudo guard totp enroll|rotate|remove --managed --user NAME`, see docs/totp.md".to_owned()
            }
            FactorError::Remote { hint, .. } => hint.clone(),
        }
    }
}

/// Recovery codes cannot help here: what they would be compared with is gone.
fn begin_again(path: &Path) -> String {
    let directory = path.parent().unwrap_or(path);
    let mut aside = directory.as_os_str().to_owned();
    aside.push(".old");
    format!(
        "bring it back from a backup, or set it aside (mv {} {}) and `guard totp enroll` anew",
        quote(directory),
        quote(aside)
    )
}

fn shown(path: &Path) -> String {
    show(path.as_os_str().as_bytes())
}

impl Display for FactorError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            FactorError::NotEnrolled => f.write_str("no second factor is enrolled"),
            FactorError::Enrolled => f.write_str("a second factor is enrolled already"),
            FactorError::File(error) => write!(f, "the second factor is not safe to use: {error}"),
            FactorError::NotStored(error) => {
                write!(f, "that a code is used up cannot be stored, so none is accepted: {error}")
            }
            FactorError::Unrecorded(error) => {
                write!(f, "the change cannot be recorded, so nothing is changed: {error}")
            }
            FactorError::Record { path, why: NoRecord::Damaged } => write!(f, "{} is damaged", shown(path)),
            FactorError::Record { path, why: NoRecord::Newer } => {
                write!(f, "{} was written by a newer guard", shown(path))
            }
            FactorError::SecretMissing { path } => write!(f, "the secret {} is missing", shown(path)),
            FactorError::Vault { path, why } => write!(f, "{}: {why}", shown(path)),
            FactorError::Keyring(why) => write!(f, "the secret is in the keyring, and {}", why.word()),
            FactorError::KeyringDamaged => f.write_str("what the keyring holds is not the secret"),
            FactorError::NoRandomness => f.write_str("the system gives no random bytes"),
            FactorError::Verifier { path, why } => write!(f, "the verifier {} {why}", shown(path)),
            FactorError::Policy(why) => write!(f, "the policy does not load: {why}"),
            FactorError::Changed => f.write_str("the second factor was replaced meanwhile"),
            FactorError::Sealed => f.write_str("the secret is locked under its passphrase"),
            FactorError::Managed => {
                f.write_str("policy names a verifier, so an administrator keeps the second factor")
            }
            FactorError::Remote { message, .. } => write!(f, "the verifier says: {}", show(message)),
        }
    }
}

impl std::error::Error for FactorError {}

impl From<FileError> for FactorError {
    fn from(error: FileError) -> FactorError {
        FactorError::File(error)
    }
}

impl NotAccepted {
    /// Whether another answer may be tried right away.
    pub fn may_try_again(&self) -> bool {
        match self {
            NotAccepted::Malformed(_) | NotAccepted::Used { .. } | NotAccepted::Wrong { lockout: 0, .. } => {
                true
            }
            NotAccepted::Wrong { .. } | NotAccepted::Locked { .. } | NotAccepted::Failed(_) => false,
        }
    }

    pub fn status(&self) -> i32 {
        match self {
            NotAccepted::Failed(error) => error.status(),
            NotAccepted::Malformed(_)
            | NotAccepted::Used { .. }
            | NotAccepted::Wrong { .. }
            | NotAccepted::Locked { .. } => 77,
        }
    }

    pub fn hint(&self) -> Option<String> {
        match self {
            NotAccepted::Failed(error) => Some(error.hint()),
            NotAccepted::Wrong { .. } => {
                Some("is the clock of this machine right, and that of the phone?".to_owned())
            }
            NotAccepted::Malformed(_) | NotAccepted::Used { .. } | NotAccepted::Locked { .. } => None,
        }
    }
}

impl From<FactorError> for NotAccepted {
    fn from(error: FactorError) -> NotAccepted {
        NotAccepted::Failed(error)
    }
}

impl Display for NotAccepted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let clock = match self {
            NotAccepted::Malformed(why) => return write!(f, "{why}"),
            NotAccepted::Failed(error) => return write!(f, "{error}"),
            NotAccepted::Locked { seconds } => {
                return write!(f, "after too many wrong codes nothing is accepted for {}", span(*seconds));
            }
            NotAccepted::Used { wait, clock } => {
                write!(f, "that code was used already, the next one comes in {}", span(*wait))?;
                clock
            }
            NotAccepted::Wrong { lockout: 0, clock } => {
                f.write_str("that is not the code")?;
                clock
            }
            NotAccepted::Wrong { lockout, clock } => {
                write!(f, "that is not the code; nothing is accepted for {}", span(*lockout))?;
                clock
            }
        };
        match clock {
            Some(words) => write!(f, "; {words}"),
            None => Ok(()),
        }
    }
}

/// `45 s`, `3 min`, `2 h`; rounded up, so that nobody tries too early.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}
