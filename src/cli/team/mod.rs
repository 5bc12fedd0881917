//! `guard team`: found or join a team, see it, and change it with its admins. Must never change the roster without
//! showing in words what changes, nor take a version that the admins before it did not sign.

pub mod ask;
mod changes;
mod edit;
mod export;
mod found;
mod import;
mod keys;
mod lint;
mod show;
mod sign;

use crate::keys::identity::KeyError;
use crate::keys::{Identity, SignError};
use crate::settings::Dirs;
use crate::sys::clock;
use crate::team::edit::EditError;
use crate::team::{NotSigned, NotSynced, Team, TeamError, Unreached};

/// Your team: who is in it, with which keys, who may approve
///
/// The team is a file that its admins sign: the roster. Every change makes a draft of its next version (`add`, `group`,
/// `key`, …), which counts once enough admins signed it (`sign`). A relay only carries it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(found::Create),
    Join(found::Join),
    Show(show::Args),
    Update(found::Update),
    Way(found::WayTo),
    Leave(found::Leave),
    Add(edit::Add),
    Remove(edit::Remove),
    Group(edit::Group),
    Key(edit::Key),
    Admin(edit::Admin),
    Schedule(edit::Schedule),
    Surface(edit::SurfaceArgs),
    Renew(edit::Renew),
    Import(import::Args),
    Diff(sign::Diff),
    Sign(sign::Sign),
    Draft(sign::Draft),
    Discard(sign::Discard),
    Export(export::Args),
    Lint(lint::Args),
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let done = match &args.command {
        Command::Create(args) => found::create(args, dirs),
        Command::Join(args) => found::join(args, dirs),
        Command::Show(args) => show::run(args, dirs),
        Command::Update(args) => found::update(args, dirs),
        Command::Way(args) => found::way(args, dirs),
        Command::Leave(args) => found::leave(args, dirs),
        Command::Add(args) => edit::add(args, dirs),
        Command::Remove(args) => edit::remove(args, dirs),
        Command::Group(args) => edit::group(args, dirs),
        Command::Key(args) => edit::key(args, dirs),
        Command::Admin(args) => edit::admin(args, dirs),
        Command::Schedule(args) => edit::schedule(args, dirs),
        Command::Surface(args) => edit::surface(args, dirs),
        Command::Renew(args) => edit::renew(args, dirs),
        Command::Import(args) => import::run(args, dirs),
        Command::Diff(args) => sign::diff(args, dirs),
        Command::Sign(args) => sign::sign(args, dirs),
        Command::Draft(args) => sign::draft(args, dirs),
        Command::Discard(args) => sign::discard(args, dirs),
        Command::Export(args) => export::run(args, dirs),
        Command::Lint(args) => return lint::run(args, dirs).unwrap_or_else(Trouble::complain),
    };
    done.map_or_else(Trouble::complain, |()| 0)
}

/// Why a command ended early: the exit status and the words.
#[derive(Debug)]
pub struct Trouble {
    pub status: i32,
    pub what: String,
    pub hint: String,
}

impl Trouble {
    pub fn new(status: i32, what: impl Into<String>, hint: impl Into<String>) -> Trouble {
        Trouble { status, what: what.into(), hint: hint.into() }
    }

    /// Says what is wrong and what to do; returns the exit status.
    pub fn complain(self) -> i32 {
        crate::say!("{}", self.what);
        crate::say!("hint: {}", self.hint);
        self.status
    }
}

impl From<TeamError> for Trouble {
    fn from(error: TeamError) -> Trouble {
        let status = match &error {
            TeamError::File(_) | TeamError::Damaged { .. } | TeamError::Joined { .. } => 78,
            TeamError::Roster(_) | TeamError::OtherWords => 77,
        };
        Trouble::new(status, error.to_string(), error.hint())
    }
}

impl From<Unreached> for Trouble {
    fn from(error: Unreached) -> Trouble {
        Trouble::new(error.status(), error.to_string(), error.hint())
    }
}

impl From<NotSynced> for Trouble {
    fn from(error: NotSynced) -> Trouble {
        match error {
            NotSynced::Relay(error) => error.into(),
            NotSynced::Team(error) => error.into(),
        }
    }
}

impl From<KeyError> for Trouble {
    fn from(error: KeyError) -> Trouble {
        Trouble::new(error.status(), error.to_string(), error.hint())
    }
}

impl From<SignError> for Trouble {
    fn from(error: SignError) -> Trouble {
        Trouble::new(error.status(), error.to_string(), error.hint())
    }
}

impl From<NotSigned> for Trouble {
    fn from(error: NotSigned) -> Trouble {
        match error {
            NotSigned::Key(error) => error.into(),
            NotSigned::Draft(error) => {
                Trouble::new(65, format!("the roster cannot be signed: {error}"), "take something out of it")
            }
        }
    }
}

impl From<EditError> for Trouble {
    fn from(error: EditError) -> Trouble {
        Trouble::new(64, error.to_string(), error.hint())
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    clock::real_micros() / 1_000_000
}

/// The team of this machine.
pub fn team(dirs: &Dirs) -> Result<Team, Trouble> {
    Team::existing(&dirs.state)?.ok_or_else(|| {
        let hint = "`guard team join URL --team NAME --root \"SIX WORDS\"`, or `guard team create NAME`";
        Trouble::new(78, "this machine is in no team", hint)
    })
}

/// The person's key, made when there is none.
pub fn identity(dirs: &Dirs) -> Result<Identity, Trouble> {
    let (identity, made) = Identity::ensure(&dirs.state)?;
    if let Some(notice) = made {
        crate::say!("{notice}");
    }
    Ok(identity)
}

/// A moment as people read it here: `2026-11-22 20:30`, with the seconds where they are not 0.
pub fn time(seconds: u64) -> String {
    let stamp = i64::try_from(seconds).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    let format = if seconds.is_multiple_of(60) { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    let zone = jiff::tz::TimeZone::system();
    // A moment beyond the calendar: the number says at least which.
    stamp.map_or_else(|| seconds.to_string(), |t| t.to_zoned(zone).strftime(format).to_string())
}
