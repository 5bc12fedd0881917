//! Asking for passphrase and code on the controlling terminal. Must never show what was typed, and must never go on asking
//! while nothing would be accepted.

use super::{Accepted, Ask, Factor, FactorError, NotAccepted};
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

/// Asks for whatever it takes. `ask` asks for one secret: `talk.secret(…)` below a question, `tty::ask_secret` by itself.
pub fn pass<E>(
    factor: &mut Factor,
    mut ask: impl FnMut(&SecretAsk<'_>, &mut dyn FnMut(&str) -> Check) -> Result<Zeroizing<String>, E>,
) -> Result<Accepted, NotPassed<E>> {
    let not_asked = |error: FactorError| NotPassed::NotAsked(error.into());
    let mut why = None;
    if let Some(seconds) = factor.locked_for().map_err(not_asked)? {
        return Err(NotPassed::NotAsked(NotAccepted::Locked { seconds }));
    }
    if factor.ask().map_err(not_asked)? == Ask::Passphrase {
        let question = SecretAsk { ask: "the passphrase of your second factor", echo: Echo::Nothing };
        let asked = ask(&question, &mut |typed| match factor.unlock(typed) {
            Ok(()) => Check::Right,
            Err(error @ VaultError::WrongPassphrase) => Check::Wrong(error.to_string()),
            Err(error) => Check::Over(format!("{error}; {}", error.hint())),
        });
        asked.map_err(|by| NotPassed::Ended { by, why: None })?;
    }
    let words =
        format!("the {}-digit code that your authenticator shows, or a recovery code", factor.digits());
    let mut accepted = None;
    let asked = ask(&SecretAsk { ask: &words, echo: Echo::Dots }, &mut |typed| match factor.check(typed) {
        Ok(proof) => {
            accepted = Some(proof);
            Check::Right
        }
        Err(not) => {
            let check = answer(&not);
            why = Some(not);
            check
        }
    });
    match (asked, accepted) {
        (Ok(_), Some(accepted)) => Ok(accepted),
        // Only an accepted answer is right.
        (Ok(_), None) => Err(not_asked(FactorError::Changed)),
        (Err(by), _) => Err(NotPassed::Ended { by, why }),
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
