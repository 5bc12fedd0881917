//! The second factor's place among the gates: found before anything is typed, asked on the question's screen. Must never
//! show or keep what is typed.

use super::totp::{self, Accepted, Factor, FactorError, NotAccepted};
use super::{Stopped, not_askable};
use crate::rules::pack::Gate;
use crate::settings::Dirs;
use crate::tty::{Check, Declined, Echo, SecretAsk, Talk};

/// The factor, ready to be asked for.
#[derive(Debug)]
pub struct Code {
    factor: Factor,
    next: totp::Ask,
}

/// Why no code was accepted.
#[derive(Debug)]
pub enum NoCode {
    Declined(Declined),
    /// It cannot go on: the exit status, why, what to do.
    Over {
        status: i32,
        why: String,
        hint: Option<String>,
    },
}

impl Code {
    /// The enrolled factor. Asks the keyring where the secret is there.
    pub fn find(dirs: &Dirs) -> Result<Code, Stopped> {
        let unusable = |error: &FactorError| Stopped::Unavailable {
            gate: Gate::Totp,
            status: error.status(),
            why: error.to_string(),
            hint: error.hint(),
        };
        let factor = Factor::find(dirs).map_err(|e| unusable(&e))?;
        let Some(mut factor) = factor else {
            let error = FactorError::NotEnrolled;
            return Err(not_askable(Gate::Totp, error.to_string(), error.hint()));
        };
        let next = factor.ask().map_err(|e| unusable(&e))?;
        Ok(Code { factor, next })
    }

    /// How many things are asked for.
    pub fn steps(&self) -> usize {
        match self.next {
            totp::Ask::Passphrase => 2,
            totp::Ask::Code => 1,
        }
    }

    /// Asks for it.
    pub fn ask(&mut self, talk: &mut Talk<'_>) -> Result<Accepted, NoCode> {
        if self.next == totp::Ask::Passphrase {
            let ask = SecretAsk { ask: "the passphrase of the second factor", echo: Echo::Nothing };
            let unlock = &mut |typed: &str| match self.factor.unlock(typed) {
                Ok(()) => Check::Right,
                Err(why) => Check::Wrong(why.to_string()),
            };
            talk.secret(&ask, unlock).map_err(NoCode::Declined)?;
        }
        let words = format!("the {} digits that your authenticator shows", self.factor.digits());
        let (mut accepted, mut over) = (None, None);
        let said = talk.secret(&SecretAsk { ask: &words, echo: Echo::Dots }, &mut |typed| match self
            .factor
            .check(typed)
        {
            Ok(proof) => {
                accepted = Some(proof);
                Check::Right
            }
            Err(not) => refused(not, &mut over),
        });
        match (said, accepted) {
            (Ok(_), Some(accepted)) => Ok(accepted),
            (Ok(_), None) => Err(NoCode::Declined(Declined::WrongAnswers)),
            (Err(declined), _) => Err(over.unwrap_or(NoCode::Declined(declined))),
        }
    }
}

fn refused(not: NotAccepted, over: &mut Option<NoCode>) -> Check {
    match not {
        // Nothing was compared, or it was right but is used up.
        NotAccepted::Malformed(_) | NotAccepted::Used { .. } => Check::Unfit(not.to_string()),
        NotAccepted::Wrong { lockout: 0, .. } => Check::Wrong(not.to_string()),
        NotAccepted::Wrong { .. } | NotAccepted::Locked { .. } | NotAccepted::Failed(_) => {
            let why = not.to_string();
            *over = Some(NoCode::Over { status: not.status(), why: why.clone(), hint: not.hint() });
            Check::Over(why)
        }
    }
}
