//! Asking for passphrase and code on the controlling terminal. Must never show what was typed, and must never go on asking
//! while nothing would be accepted.

use super::{Accepted, Ask, Factor, FactorError, NotAccepted, Typed};
use crate::keys::vault::VaultError;
use crate::tty::{Check, Echo, SecretAsk};
use zeroize::Zeroizing;

/// Why nothing was accepted.
#[derive(Debug)]
#[must_use]
pub enum NotPassed<E> {
    /// The secret cannot be used, or nothing is accepted now: nobody was asked.
    NotAsked(NotAccepted),
    /// The way the asking ended, and what was wrong with the last answer.
    Ended { by: E, why: Option<NotAccepted> },
}

/// How many things will be asked for; fetches the secret, or finds that only a recovery code is left. `Err` before anybody
/// is asked: nothing would be accepted.
pub fn questions(factor: &mut Factor) -> Result<usize, NotAccepted> {
    let seconds = factor.standing().locked_for;
    if seconds > 0 {
        return Err(NotAccepted::Locked { seconds });
    }
    match factor.ask() {
        Ok(Ask::Passphrase) => Ok(2),
        Ok(Ask::Code) => Ok(1),
        Err(error) if error.leaves_recovery() && factor.standing().recovery_left > 0 => Ok(1),
        Err(error) => Err(error.into()),
    }
}

/// Asks for whatever it takes. `ask` asks for one secret: `talk.secret(…)` below a question, `tty::ask_secret` by itself.
/// Where the secret is out of reach, a recovery code does.
pub fn pass<E>(
    factor: &mut Factor,
    mut ask: impl FnMut(&SecretAsk<'_>, &mut dyn FnMut(&str) -> Check) -> Result<Zeroizing<String>, E>,
) -> Result<Accepted, NotPassed<E>> {
    questions(factor).map_err(NotPassed::NotAsked)?;
    let words = match factor.ask() {
        Ok(Ask::Code) => {
            format!("the {}-digit code that your authenticator shows, or a recovery code", factor.digits())
        }
        Ok(Ask::Passphrase) => {
            if let Some(accepted) = passphrase(factor, &mut ask)? {
                return Ok(accepted);
            }
            format!("the {}-digit code that your authenticator shows, or a recovery code", factor.digits())
        }
        Err(error) if error.leaves_recovery() => format!("a recovery code, since {error}"),
        Err(error) => return Err(NotPassed::NotAsked(error.into())),
    };
    let (mut why, mut accepted) = (None, None);
    let asked = ask(&SecretAsk { ask: &words, echo: Echo::Dots }, &mut |typed| {
        compare(factor, typed, &mut accepted, &mut why)
    });
    match (asked, accepted) {
        (Ok(_), Some(accepted)) => Ok(accepted),
        // Only an accepted answer is right.
        (Ok(_), None) => Err(NotPassed::NotAsked(FactorError::Changed.into())),
        (Err(by), _) => Err(NotPassed::Ended { by, why }),
    }
}

/// Opens the secret's file; a recovery code in the place of the passphrase is accepted at once.
fn passphrase<E>(
    factor: &mut Factor,
    ask: &mut impl FnMut(&SecretAsk<'_>, &mut dyn FnMut(&str) -> Check) -> Result<Zeroizing<String>, E>,
) -> Result<Option<Accepted>, NotPassed<E>> {
    let question = SecretAsk { ask: "the passphrase of your second factor", echo: Echo::Nothing };
    let (mut why, mut accepted) = (None, None);
    let asked = ask(&question, &mut |typed| match factor.unlock(typed) {
        Ok(()) => Check::Right,
        Err(VaultError::WrongPassphrase)
            if matches!(Typed::read(typed, factor.digits()), Ok(Typed::Recovery(_))) =>
        {
            compare(factor, typed, &mut accepted, &mut why)
        }
        Err(error @ VaultError::WrongPassphrase) => {
            Check::Wrong(format!("{error}; a recovery code is taken in its place"))
        }
        Err(error) => Check::Over(format!("{error}; {}", error.hint())),
    });
    asked.map(|_| accepted).map_err(|by| NotPassed::Ended { by, why })
}

fn compare(
    factor: &mut Factor,
    typed: &str,
    accepted: &mut Option<Accepted>,
    why: &mut Option<NotAccepted>,
) -> Check {
    match factor.check(typed) {
        Ok(proof) => {
            *accepted = Some(proof);
            Check::Right
        }
        Err(not) => {
            let check = answer(&not);
            *why = Some(not);
            check
        }
    }
}

/// What the prompt makes of an answer that was not accepted.
fn answer(not: &NotAccepted) -> Check {
    match not {
        NotAccepted::Malformed(why) => Check::Unfit(why.to_string()),
        NotAccepted::Used { .. } => Check::Unfit(not.to_string()),
        NotAccepted::Wrong { lockout: 0, .. } => Check::Wrong(not.to_string()),
        NotAccepted::Wrong { .. } | NotAccepted::Locked { .. } | NotAccepted::Failed(_) => {
            Check::Over(not.to_string())
        }
    }
}
