//! `guard totp enroll|rotate`: the new secret on the terminal, a code of it, where it is kept, the recovery codes. Nothing
//! counts before the last step.

use super::managed::Whose;
use super::{Stop, ask, enrolled, journal};
use crate::gates::totp::{
    Algorithm, Confirmed, Custody, Enrolment, Factor, FactorError, Journal, Now, Parameters, Replaces, Tried,
    verifier,
};
use crate::settings::Dirs;
use crate::sys::who;
use crate::tty::{self, Check, Echo, Picture, SecretAsk, Sheet, Unanswered};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Fewer are guessed too quickly, whatever stretches them.
const SHORTEST_PASSPHRASE: usize = 8;

/// What the new secret is like.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The name above the code in the app
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// Whose code it is; without it you@host
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Digits of a code
    #[arg(long, value_parser = ["6", "8"])]
    digits: Option<String>,
    /// The hash; many apps know SHA1 only, and do not say so
    #[arg(long, value_parser = ["SHA1", "SHA256", "SHA512"], ignore_case = true)]
    algorithm: Option<String>,
    /// Keep the secret in a file under a passphrase, also where there is a keyring
    #[arg(long)]
    passphrase: bool,
    /// Show the secret as text, too
    #[arg(long)]
    text: bool,
    #[command(flatten)]
    whose: Whose,
}

/// Where the new secret goes.
struct Goal {
    state: PathBuf,
    /// Tried one after the other.
    custody: &'static [Custody],
}

pub fn enroll(options: &Options, dirs: &Dirs) -> Result<(), Stop> {
    let goal = options.goal(dirs)?;
    if Factor::below(&goal.state)?.is_some() {
        return Err(FactorError::Enrolled.into());
    }
    let parameters = options.parameters(None)?;
    let journal = journal(dirs, &options.whose)?;
    set_up(options, parameters, &goal, &Replaces::Nothing, &journal)
}

pub fn rotate(options: &Options, dirs: &Dirs) -> Result<(), Stop> {
    let goal = options.goal(dirs)?;
    let mut factor = enrolled(dirs, Some(&goal.state))?;
    let old = factor.standing().parameters;
    let parameters = options.parameters(Some(old))?;
    let journal = journal(dirs, &options.whose)?;
    let accepted = ask(&mut factor)?;
    set_up(options, parameters, &goal, &Replaces::Old(factor, accepted), &journal)
}

impl Options {
    fn goal(&self, dirs: &Dirs) -> Result<Goal, Stop> {
        if let Some(state) = self.whose.state()? {
            return Ok(Goal { state, custody: &[Custody::Managed] });
        }
        if verifier(dirs)?.is_some() {
            return Err(FactorError::Managed.into());
        }
        let custody: &[Custody] =
            if self.passphrase { &[Custody::Passphrase] } else { &[Custody::Keyring, Custody::Passphrase] };
        Ok(Goal { state: dirs.state.clone(), custody })
    }

    /// What is not said is as it was, or usual.
    fn parameters(&self, old: Option<Parameters>) -> Result<Parameters, Stop> {
        let mut parameters = old.unwrap_or_else(|| Parameters {
            algorithm: Algorithm::Sha1,
            digits: 6,
            issuer: "guard".to_owned(),
            account: format!(
                "{}@{}",
                self.whose.user.clone().or_else(who::user_name).unwrap_or_else(|| who::uid().to_string()),
                who::host_name().unwrap_or_else(|| "localhost".to_owned())
            ),
        });
        if let Some(word) = &self.algorithm {
            parameters.algorithm =
                Algorithm::from_word(&word.to_ascii_uppercase()).unwrap_or(parameters.algorithm);
        }
        if let Some(digits) = &self.digits {
            parameters.digits = digits.parse().unwrap_or(parameters.digits);
        }
        for (given, kept) in
            [(&self.issuer, &mut parameters.issuer), (&self.account, &mut parameters.account)]
        {
            if let Some(name) = given {
                *kept = proper(name)?;
            }
        }
        Ok(parameters)
    }
}

/// The URI separates issuer and account by a colon.
fn proper(name: &str) -> Result<String, Stop> {
    let wrong =
        name.is_empty() || name.len() > 64 || name.contains(':') || name.chars().any(char::is_control);
    if wrong {
        let message = format!("{} is no name for an app", crate::text::quote(name));
        let hint = Some("1 to 64 bytes, without `:` and control characters".to_owned());
        return Err(Stop { status: 64, message, hint, signal: None });
    }
    Ok(name.to_owned())
}

fn set_up(
    options: &Options,
    parameters: Parameters,
    goal: &Goal,
    replaces: &Replaces,
    journal: &Journal,
) -> Result<(), Stop> {
    let enrolment = Enrolment::begin(parameters)?;
    show_secret(&enrolment, options.text)?;
    let confirmed = confirm(enrolment)?;
    let codes = keep(&confirmed, goal, replaces, journal)?;
    show_codes(&codes)?;
    crate::say!("the second factor is set up; `guard totp verify` tries it");
    Ok(())
}

fn show_secret(enrolment: &Enrolment, text: bool) -> Result<(), Stop> {
    let mut sheet = Sheet::open().map_err(Unanswered::from)?;
    let uri = enrolment.uri();
    let drawn = picture(&uri).is_some_and(|picture| sheet.picture(&picture));
    if drawn {
        sheet.words("scan it with an authenticator app; if that does not work: `--text`");
    }
    if text || !drawn {
        let p = enrolment.parameters();
        sheet.words(&format!(
            "enter it into an authenticator app: {} at {}, by time, {} digits, {}, 30 seconds",
            p.account,
            p.issuer,
            p.digits,
            p.algorithm.word()
        ));
        sheet.verbatim(&enrolment.secret_text());
        sheet.verbatim(&uri);
    }
    Ok(sheet.show().map_err(Unanswered::from)?)
}

/// `None` for a URI that is too long.
fn picture(uri: &str) -> Option<Picture> {
    let code = qrcode::QrCode::with_error_correction_level(uri, qrcode::EcLevel::L).ok()?;
    let dark = code.to_colors().into_iter().map(|c| c == qrcode::Color::Dark).collect();
    Some(Picture { width: code.width(), dark })
}

fn confirm(enrolment: Enrolment) -> Result<Confirmed, Stop> {
    let mut step = None;
    let words = format!("the {}-digit code that the app shows now", enrolment.parameters().digits);
    tty::ask_secret(&SecretAsk { ask: &words, echo: Echo::Dots }, &mut |typed| match enrolment
        .try_code(typed, &Now::read())
    {
        Tried::Right(right) => {
            step = Some(right);
            Check::Right
        }
        Tried::Wrong => Check::Wrong("that is not its code; is the clock of this machine right?".into()),
        Tried::Malformed(why) => Check::Unfit(why.to_string()),
    })?;
    // The prompt ends well only after a right one.
    let step = step.ok_or(FactorError::Changed)?;
    Ok(enrolment.confirmed(step))
}

/// In the first place that takes it: the keyring, or where there is none a file under a new passphrase.
fn keep(
    confirmed: &Confirmed,
    goal: &Goal,
    replaces: &Replaces,
    journal: &Journal,
) -> Result<Vec<Zeroizing<String>>, Stop> {
    let mut places = goal.custody.iter().peekable();
    while let Some(custody) = places.next() {
        let passphrase = match custody {
            Custody::Passphrase => new_passphrase()?,
            Custody::Keyring | Custody::Managed => Zeroizing::default(),
        };
        match confirmed.finish(&goal.state, *custody, &passphrase, replaces, journal) {
            Err(FactorError::Keyring(why)) if places.peek().is_some() => {
                crate::say!("notice: {}: the secret goes into a file under a passphrase", why.word());
            }
            done => return Ok(done?),
        }
    }
    // There is always a place.
    Err(FactorError::Changed.into())
}

fn new_passphrase() -> Result<Zeroizing<String>, Stop> {
    let new = SecretAsk { ask: "a new passphrase for the secret's file", echo: Echo::Nothing };
    let again = SecretAsk { ask: "the same passphrase again", echo: Echo::Nothing };
    Ok(tty::together(2, |talk| {
        let first = talk.secret(&new, &mut |typed| {
            if typed.chars().count() < SHORTEST_PASSPHRASE {
                Check::Unfit(format!("at least {SHORTEST_PASSPHRASE} characters, please"))
            } else {
                Check::Right
            }
        })?;
        talk.secret(&again, &mut |typed| {
            if *typed == **first { Check::Right } else { Check::Wrong("that is another one".to_owned()) }
        })?;
        Ok(first)
    })?)
}

fn show_codes(codes: &[Zeroizing<String>]) -> Result<(), Stop> {
    let mut sheet = Sheet::open().map_err(Unanswered::from)?;
    sheet.words(
        "recovery codes, each good once in the place of a code; they are shown only now, so write them down:",
    );
    for pair in codes.chunks(2) {
        let line = Zeroizing::new(pair.iter().map(|code| code.as_str()).collect::<Vec<_>>().join("   "));
        sheet.verbatim(&line);
    }
    Ok(sheet.show().map_err(Unanswered::from)?)
}
