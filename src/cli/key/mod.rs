//! `guard key`: the person's one identity. Must never print a secret, and never leave a change of keys out of the
//! audit log.

mod doctor;
mod export;
mod replace;
mod show;

pub use doctor::findings;

use crate::audit::{self, AuditError};
use crate::keys::identity::{KeyError, unrecorded};
use crate::keys::{AgentError, Identity};
use crate::settings::Dirs;

/// Your signing key: show, replace, export it
///
/// guard signs as you with one key: an Ed25519 key of its own, made on first use and kept in your keyring (or, where
/// there is none, in a file that only you can read), or a key of yours in ssh-agent, hardware keys included.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Show(show::Args),
    Rotate(replace::Rotate),
    Use(replace::Use),
    Export(export::Args),
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let done = match &args.command {
        Command::Show(args) => show::run(args, dirs),
        Command::Rotate(args) => replace::rotate(args, dirs),
        Command::Use(args) => replace::use_key(args, dirs),
        Command::Export(args) => export::run(args, dirs),
    };
    match done {
        Ok(()) => 0,
        Err(trouble) => trouble.complain(),
    }
}

/// Why a command ended early.
enum Trouble {
    Key(KeyError),
    Audit(AuditError),
    /// A change that did not come into the audit log; `undone` when the key before is the identity again.
    Unrecorded {
        error: AuditError,
        undone: bool,
    },
    /// The command line asks for what cannot be.
    Usage {
        what: String,
        hint: String,
    },
}

impl From<KeyError> for Trouble {
    fn from(error: KeyError) -> Trouble {
        Trouble::Key(error)
    }
}

impl From<AgentError> for Trouble {
    fn from(error: AgentError) -> Trouble {
        Trouble::Key(KeyError::Agent(error))
    }
}

impl From<AuditError> for Trouble {
    fn from(error: AuditError) -> Trouble {
        Trouble::Audit(error)
    }
}

impl Trouble {
    /// Says what is wrong and what to do; returns the exit status.
    fn complain(&self) -> i32 {
        let (what, hint, status) = match self {
            Trouble::Key(error) => (error.to_string(), error.hint(), error.status()),
            Trouble::Audit(AuditError::Identity(error)) => (error.to_string(), error.hint(), error.status()),
            Trouble::Audit(error) => (error.to_string(), error.hint(), 70),
            Trouble::Unrecorded { error, undone } => {
                let what = if *undone {
                    "the new key cannot be recorded, so your key stays as it was"
                } else {
                    "the new key is not recorded yet; the next gated command records it first"
                };
                (format!("{what}: {error}"), error.hint(), 70)
            }
            Trouble::Usage { what, hint } => (what.clone(), hint.clone(), 64),
        };
        crate::say!("{what}");
        crate::say!("hint: {hint}");
        status
    }
}

/// The identity, made when there is none; a change that is not in the audit log yet is brought there first.
fn identity(dirs: &Dirs) -> Result<Identity, Trouble> {
    if unrecorded(&dirs.state)?.is_some() {
        tell(&audit::record_identity(dirs)?);
    }
    let (identity, made) = Identity::ensure(&dirs.state)?;
    tell(made.as_slice());
    Ok(identity)
}

fn tell(notices: &[String]) {
    for notice in notices {
        crate::say!("{notice}");
    }
}

/// Seconds since 1970 as a moment.
fn moment(seconds: u64) -> jiff::Timestamp {
    i64::try_from(seconds).ok().and_then(|s| jiff::Timestamp::from_second(s).ok()).unwrap_or_default()
}
