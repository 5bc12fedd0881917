//! The second factor's place among the gates: found before anything is typed, asked on the question's screen. Must never
//! let the person type a reason for a command whose code cannot be asked for.

use super::steps::Ended;
use super::totp::{self, Accepted, Factor, FactorError, NotAccepted, NotPassed};
use super::{Stopped, not_askable};
use crate::rules::pack::Gate;
use crate::settings::Dirs;
use crate::tty::{Declined, Talk};
use std::path::Path;

/// The factor, ready to be asked for.
#[derive(Debug)]
pub struct Code {
    factor: Factor,
    steps: usize,
}

impl Code {
    /// The enrolled factor, or what the verifier that policy names has. Asks the keyring where the secret is there.
    pub fn find(dirs: &Dirs, verifier: Option<&Path>) -> Result<Code, Stopped> {
        let Some(mut factor) = Factor::found(dirs, verifier).map_err(|e| unusable(&e))? else {
            let error = FactorError::NotEnrolled;
            return Err(not_askable(Gate::Totp, error.to_string(), error.hint()));
        };
        match totp::questions(&mut factor) {
            Ok(steps) => Ok(Code { factor, steps }),
            Err(NotAccepted::Failed(error)) => Err(unusable(&error)),
            Err(not) => Err(not_askable(Gate::Totp, not.to_string(), "wait, then run it again".into())),
        }
    }

    /// How many things are asked for.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Asks for it.
    pub fn ask(&mut self, talk: &mut Talk<'_>) -> Result<Accepted, Ended> {
        totp::pass(&mut self.factor, |ask, check| talk.secret(ask, check)).map_err(|not| match not {
            NotPassed::NotAsked(not) => over(&not),
            NotPassed::Ended { by: Declined::Over, why: Some(not) } => over(&not),
            NotPassed::Ended { by, why: _ } => Ended::Declined(by),
        })
    }
}

fn over(not: &NotAccepted) -> Ended {
    Ended::Over { status: not.status(), why: not.to_string(), hint: not.hint() }
}

fn unusable(error: &FactorError) -> Stopped {
    Stopped::Unavailable {
        gate: Gate::Totp,
        status: error.status(),
        why: error.to_string(),
        hint: error.hint(),
    }
}
