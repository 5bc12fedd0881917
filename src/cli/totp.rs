//! `guard totp enroll|verify|rotate|remove|status`. Must never print a secret, a code or a recovery code anywhere but on the
//! controlling terminal.

mod enroll;
mod findings;
mod managed;

pub use findings::findings;

use super::lock::open_for;
use crate::gates::totp::{
    Accepted, Custody, Factor, FactorError, Journal, NotAccepted, NotPassed, Standing, pass, questions, span,
};
use crate::settings::Dirs;
use crate::sys::process;
use crate::tty::{self, Declined, Unanswered};
use std::path::Path;

/// The second factor: one-time codes of an authenticator app
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a secret, show it as a QR code, and keep it once a code of it was typed
    Enroll(enroll::Options),
    /// Ask for a code; status 0 when it is accepted
    Verify(managed::Whose),
    /// Replace the secret and the recovery codes; asks for a code of the old one
    Rotate(enroll::Options),
    /// Take the second factor away; asks for a code
    Remove(managed::Whose),
    /// Say what is enrolled and where its secret is
    Status {
        /// As one JSON object
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        whose: managed::Whose,
    },
    /// Be the verifier: answer one request on the connection that is standard input
    Serve(managed::Serve),
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let done = match &args.action {
        Action::Enroll(options) => enroll::enroll(options, dirs),
        Action::Rotate(options) => enroll::rotate(options, dirs),
        Action::Verify(whose) => verify(whose, dirs),
        Action::Remove(whose) => remove(whose, dirs),
        Action::Status { json, whose } => status(*json, whose, dirs),
        Action::Serve(args) => managed::serve(args),
    };
    done.map_or_else(Stop::say, |()| 0)
}

/// Nothing was done: the exit status and the words.
#[derive(Debug)]
pub struct Stop {
    pub status: i32,
    pub message: String,
    pub hint: Option<String>,
    /// The signal that ended the asking: this process ends by it, too.
    pub signal: Option<i32>,
}

impl Stop {
    pub fn say(self) -> i32 {
        crate::say!("{}", self.message);
        if let Some(hint) = self.hint {
            crate::say!("hint: {hint}");
        }
        if let Some(signal) = self.signal {
            process::die_of(signal);
        }
        self.status
    }
}

impl From<FactorError> for Stop {
    fn from(error: FactorError) -> Stop {
        Stop { status: error.status(), message: error.to_string(), hint: Some(error.hint()), signal: None }
    }
}

impl From<NotAccepted> for Stop {
    fn from(not: NotAccepted) -> Stop {
        Stop { status: not.status(), message: not.to_string(), hint: not.hint(), signal: None }
    }
}

impl From<Unanswered> for Stop {
    fn from(unanswered: Unanswered) -> Stop {
        let how = match unanswered {
            Unanswered::NotAsked(none) => {
                let (message, hint) = (none.to_string(), Some(none.hint().to_owned()));
                return Stop { status: 77, message, hint, signal: None };
            }
            Unanswered::Declined(how) => how,
        };
        // Ctrl-\ would leave a core file of guard's.
        const QUIT: i32 = 3;
        let status = how.signal().map_or(77, |number| 128 + number);
        let signal = match how {
            Declined::Interrupted(number) if number != QUIT => Some(number),
            _ => None,
        };
        Stop { status, message: format!("nothing was changed: {}", words(how)), hint: None, signal }
    }
}

fn words(how: Declined) -> String {
    match how {
        Declined::Escape => "Esc was pressed".to_owned(),
        Declined::EndOfInput => "Ctrl-D was pressed".to_owned(),
        Declined::WrongAnswers => "three wrong answers".to_owned(),
        Declined::TimedOut => "nobody answered in time".to_owned(),
        Declined::HungUp => "the terminal is gone".to_owned(),
        Declined::Interrupted(2) => "interrupted".to_owned(),
        Declined::Interrupted(number) => format!("ended by signal {number}"),
        Declined::Over => "nothing is accepted now".to_owned(),
    }
}

/// The factor that is enrolled; below another state directory for the verifier's own.
pub fn enrolled(dirs: &Dirs, managed: Option<&Path>) -> Result<Factor, Stop> {
    let found = match managed {
        Some(state) => Factor::below(state)?,
        None => Factor::find(dirs)?,
    };
    Ok(found.ok_or(FactorError::NotEnrolled)?)
}

/// A code of it, asked for on the terminal.
fn ask(factor: &mut Factor) -> Result<Accepted, Stop> {
    // The keyring is asked before the terminal is taken: it may have something to say.
    let steps = questions(factor)?;
    let mut not_accepted = None;
    let asked = tty::together(steps, |talk| match pass(factor, |ask, check| talk.secret(ask, check)) {
        Ok(accepted) => Ok(Some(accepted)),
        Err(NotPassed::NotAsked(not)) => {
            not_accepted = Some(not);
            Ok(None)
        }
        Err(NotPassed::Ended { by, why }) => {
            not_accepted = why.filter(|not| !not.may_try_again());
            Err(by)
        }
    });
    let accepted = match (asked, not_accepted) {
        (Ok(Some(accepted)), _) => accepted,
        (Ok(None) | Err(_), Some(not)) => return Err(not.into()),
        (Ok(None), None) => return Err(FactorError::Changed.into()),
        (Err(unanswered), None) => return Err(unanswered.into()),
    };
    for notice in accepted.notices() {
        crate::say!("notice: {notice}");
    }
    Ok(accepted)
}

/// Opened before anybody is asked: a change that cannot be recorded is not made.
fn journal(dirs: &Dirs, whose: &managed::Whose) -> Result<Journal, Stop> {
    let (journal, notices) = Journal::open(dirs, whose.user.as_deref())?;
    for notice in notices {
        crate::say!("{notice}");
    }
    Ok(journal)
}

fn verify(whose: &managed::Whose, dirs: &Dirs) -> Result<(), Stop> {
    let _accepted = ask(&mut enrolled(dirs, whose.state()?.as_deref())?)?;
    crate::say!("the code was accepted");
    Ok(())
}

fn remove(whose: &managed::Whose, dirs: &Dirs) -> Result<(), Stop> {
    let mut factor = enrolled(dirs, whose.state()?.as_deref())?;
    let journal = journal(dirs, whose)?;
    let accepted = ask(&mut factor)?;
    let left = factor.remove(accepted, &journal)?;
    crate::say!("the second factor is removed");
    if let Some(error) = left {
        crate::say!("notice: its secret, which opens nothing any more, is still there: {error}");
    }
    Ok(())
}

fn status(json: bool, whose: &managed::Whose, dirs: &Dirs) -> Result<(), Stop> {
    let factor = match whose.state()? {
        Some(state) => Factor::below(&state)?,
        None => Factor::find(dirs)?,
    };
    let Some(factor) = factor else {
        if json {
            crate::outln!("{}", crate::text::json(serde_json::json!({ "v": 1, "enrolled": false })));
        } else {
            crate::outln!("not enrolled: `guard totp enroll` sets a second factor up");
        }
        return Ok(());
    };
    let (broken, open_for) = (factor.out_of_reach(), open_for(&factor, dirs));
    let standing = factor.standing();
    if json {
        crate::outln!("{}", crate::text::json(as_json(&standing, broken.as_ref(), open_for)));
    } else {
        show_standing(&standing, broken.as_ref(), open_for);
    }
    broken.map_or(Ok(()), |error| Err(error.into()))
}

fn as_json(s: &Standing, broken: Option<&FactorError>, open_for: Option<u64>) -> serde_json::Value {
    serde_json::json!({
        "v": 1, "enrolled": true, "custody": s.custody.word(), "issuer": s.parameters.issuer,
        "account": s.parameters.account, "digits": s.parameters.digits,
        "algorithm": s.parameters.algorithm.word(), "recovery_codes": s.recovery_left,
        "locked_for_s": s.locked_for, "unlocked_for_s": open_for, "created_us": s.created,
        "secret": if broken.is_some() { "broken" } else { "kept" }, "broken": broken.map(ToString::to_string),
    })
}

fn show_standing(s: &Standing, broken: Option<&FactorError>, open_for: Option<u64>) {
    let p = &s.parameters;
    let name = crate::text::show(format!("{}: {}", p.issuer, p.account));
    let but = match broken {
        Some(FactorError::SecretMissing { .. }) => ", but its secret FILE is gone: no code can be checked",
        Some(_) => ", but its secret cannot be used: no code can be checked",
        None => "",
    };
    crate::outln!("enrolled  {name}, {} digits, {}{but}", p.digits, p.algorithm.word());
    match (broken, open_for) {
        (Some(_), _) => {}
        (None, Some(seconds)) => {
            crate::outln!("secret    {}, unlocked for {}", place(s.custody), span(seconds));
        }
        (None, None) => crate::outln!("secret    {}", place(s.custody)),
    }
    crate::outln!("recovery  {} codes left", s.recovery_left);
    if s.locked_for > 0 {
        crate::outln!("locked    after wrong codes nothing is accepted for {}", span(s.locked_for));
    }
}

fn place(custody: Custody) -> &'static str {
    match custody {
        Custody::Keyring => "in the keyring of this session",
        Custody::Passphrase => "in a file under a passphrase",
        Custody::Managed => "with the verifier of this machine",
    }
}
