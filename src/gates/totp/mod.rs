//! The second factor: a one-time code of the person's authenticator app (RFC 6238), or a recovery code. Must never accept
//! an answer before the record says that it is used up, nor look at one while nothing is to be accepted.

mod asking;
mod enrol;
mod error;
mod journal;
mod managed;
mod memory;
mod otp;
mod own;
mod record;
mod recovery;
mod store;
mod typed;

pub use asking::{NotPassed, pass, questions};
pub use enrol::{Confirmed, Enrolment, Replaces, Tried};
pub use error::{FactorError, NotAccepted, span};
pub use journal::Journal;
pub use managed::{SHIPPED_SOCKET, serve};
pub use memory::Now;
pub use otp::{Algorithm, Parameters, STEP};
pub use record::{Custody, NoRecord};
pub use typed::{Malformed, Typed};

use crate::keys::vault::{KeyName, VaultError, VaultKey};
use crate::rules::sources;
use crate::settings::Dirs;
use managed::Managed;
use own::Own;
use std::path::{Path, PathBuf};

/// An enrolled second factor.
#[derive(Debug)]
pub struct Factor(Place);

/// Who has the secret.
#[derive(Debug)]
enum Place {
    Own(Box<Own>),
    Managed(Managed),
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

/// The socket of the verifier that policy names.
pub fn verifier(dirs: &Dirs) -> Result<Option<PathBuf>, FactorError> {
    let rules = sources::looked_up(dirs);
    let around = rules.decide_by().map_err(FactorError::Policy)?;
    Ok(around.totp.verifier.map(PathBuf::from))
}

impl Factor {
    /// The factor that is enrolled; `None` when there is none. Where policy names a verifier, only that one counts.
    pub fn find(dirs: &Dirs) -> Result<Option<Factor>, FactorError> {
        Factor::found(dirs, verifier(dirs)?.as_deref())
    }

    /// The same for who has read the policy already.
    pub fn found(dirs: &Dirs, verifier: Option<&Path>) -> Result<Option<Factor>, FactorError> {
        match verifier {
            Some(path) => Ok(Managed::find(path)?.map(|managed| Factor(Place::Managed(managed)))),
            None => Factor::below(&dirs.state),
        }
    }

    /// The factor below a state directory, whatever policy says: for the verifier's own.
    pub fn below(state: &Path) -> Result<Option<Factor>, FactorError> {
        Ok(Own::find(state)?.map(|own| Factor(Place::Own(Box::new(own)))))
    }

    /// What has to be asked for. Fetches the secret, from the keyring or with the key that the agent remembers.
    pub fn ask(&mut self) -> Result<Ask, FactorError> {
        match &mut self.0 {
            Place::Own(own) => own.ask(),
            Place::Managed(_) => Ok(Ask::Code),
        }
    }

    /// Opens the secret's file.
    pub fn unlock(&mut self, passphrase: &str) -> Result<(), VaultError> {
        match &mut self.0 {
            Place::Own(own) => own.unlock(passphrase),
            Place::Managed(_) => Ok(()),
        }
    }

    /// The name and the key of the secret's file, for the agent.
    pub fn file_key(&self, passphrase: &str) -> Result<(KeyName, VaultKey), FactorError> {
        match &self.0 {
            Place::Own(own) => own.file_key(passphrase),
            Place::Managed(_) => Err(FactorError::Managed),
        }
    }

    /// What the enrolment says about itself.
    pub fn standing(&self) -> Standing {
        match &self.0 {
            Place::Own(own) => own.standing(&Now::read()),
            Place::Managed(managed) => managed.standing().clone(),
        }
    }

    /// Why the secret is out of reach for good, as far as that can be told without asking the person.
    pub fn out_of_reach(&self) -> Option<FactorError> {
        match &self.0 {
            Place::Own(own) => own.out_of_reach(),
            Place::Managed(_) => None,
        }
    }

    /// Digits of a code.
    pub fn digits(&self) -> u8 {
        self.standing().parameters.digits
    }

    /// Checks what was typed, with the clocks as they are.
    pub fn check(&mut self, typed: &str) -> Result<Accepted, NotAccepted> {
        match &mut self.0 {
            Place::Own(own) => own.check(typed, &Now::read()),
            Place::Managed(managed) => managed.check(typed),
        }
    }

    /// Which enrolment this is, where its record can be read.
    fn own_id(&self) -> Option<&str> {
        match &self.0 {
            Place::Own(own) => Some(own.id()),
            Place::Managed(_) => None,
        }
    }

    /// Takes the second factor away. `Some` says why its secret, which opens nothing any more, is still there.
    pub fn remove(self, proof: Accepted, journal: &Journal) -> Result<Option<FactorError>, FactorError> {
        match &self.0 {
            Place::Own(own) => own.remove(&proof, journal),
            Place::Managed(_) => Err(FactorError::Managed),
        }
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
