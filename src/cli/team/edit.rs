//! `guard team add|remove|group|key|admin|schedule|surface|renew`: each makes or changes the draft of the next version. Must
//! never keep a draft that was not shown in words and agreed to.

use super::ask::{agree, moment};
use super::changes::changes;
use super::keys::{self, FlagsArg, UseArg};
use super::{Trouble, now, team};
use crate::settings::Dirs;
use crate::statement::roster::{KeyLine, LONGEST_LIFE, Person, RosterFile, Use};
use crate::statement::{Severity, Surface};
use crate::team::edit::{self, EditError};
use crate::team::{NextRoster, Team};

const DAY: u64 = 24 * 3600;

/// Shared by all that change the draft.
#[derive(Debug, clap::Args)]
pub struct Agreed {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Add a person or, with --issuer and --subject, a workload
#[derive(Debug, clap::Args)]
pub struct Add {
    /// Lower-case letters, digits, `.`, `-`, `_`
    person: String,
    /// A public key: its line, or a .pub file; more than one is fine
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    /// A group; more than one is fine
    #[arg(long)]
    group: Vec<String>,
    /// The name that people know
    #[arg(long)]
    name: Option<String>,
    /// Which human this is (a staff number): nobody is in a roster twice
    #[arg(long)]
    human: Option<String>,
    #[command(flatten)]
    may: May,
    /// OpenID Connect issuer of a workload, as token.actions.githubusercontent.com after https://
    #[arg(long, value_name = "URL", requires = "subject")]
    issuer: Option<String>,
    /// The workload's subject, as repo:acme/infra:environment:prod
    #[arg(long, requires = "issuer")]
    subject: Option<String>,
    #[command(flatten)]
    agreed: Agreed,
}

/// What keys may be used for.
#[derive(Debug, clap::Args)]
struct May {
    /// What the keys may do [default: approve and request; a workload's: request]
    #[arg(long = "use", value_name = "USE", value_delimiter = ',')]
    uses: Vec<UseArg>,
    /// What each signature must show (hardware keys)
    #[arg(long, value_name = "FLAGS")]
    min_flags: Option<FlagsArg>,
    /// The key does not count from this moment on
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<u64>,
}

/// Take a person out, with keys and shifts
#[derive(Debug, clap::Args)]
pub struct Remove {
    person: String,
    #[command(flatten)]
    agreed: Agreed,
}

/// Put a person into a group, or take them out
#[derive(Debug, clap::Args)]
pub struct Group {
    #[arg(value_enum)]
    action: AddOrRemove,
    person: String,
    group: String,
    #[command(flatten)]
    agreed: Agreed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum AddOrRemove {
    Add,
    Remove,
}

/// Give a person a key, or revoke one
#[derive(Debug, clap::Args)]
pub struct Key {
    #[command(subcommand)]
    action: KeyAction,
}

#[derive(Debug, clap::Subcommand)]
enum KeyAction {
    /// Give a person one more key
    Add {
        person: String,
        /// Its line, or a .pub file
        key: String,
        #[command(flatten)]
        may: May,
        #[command(flatten)]
        agreed: Agreed,
    },
    /// Take a key away for good: it does not count from a moment on
    Revoke {
        person: String,
        /// Its fingerprint, or the beginning of it
        key: String,
        /// Why, for those who read the roster
        #[arg(long, default_value = "revoked")]
        why: String,
        /// From when on what it signed does not count [default: now]
        #[arg(long, value_name = "TIME", value_parser = moment)]
        from: Option<u64>,
        #[command(flatten)]
        agreed: Agreed,
    },
}

/// Change who may sign the roster, and how many must
///
/// New admins sign the version that makes them admins, too.
#[derive(Debug, clap::Args)]
pub struct Admin {
    #[command(subcommand)]
    action: AdminAction,
}

#[derive(Debug, clap::Subcommand)]
enum AdminAction {
    /// Make a person an admin
    Add {
        person: String,
        /// How many admins must sign from then on
        #[arg(long, value_name = "N")]
        threshold: Option<u64>,
        #[command(flatten)]
        agreed: Agreed,
    },
    /// Make an admin an ordinary person
    Remove {
        person: String,
        /// How many admins must sign from then on
        #[arg(long, value_name = "N")]
        threshold: Option<u64>,
        #[command(flatten)]
        agreed: Agreed,
    },
    /// How many admins must sign
    Threshold {
        n: u64,
        #[command(flatten)]
        agreed: Agreed,
    },
}

/// On-call: who is in a group for a while
#[derive(Debug, clap::Args)]
pub struct Schedule {
    #[command(subcommand)]
    action: ScheduleAction,
}

#[derive(Debug, clap::Subcommand)]
enum ScheduleAction {
    /// Put a person into a group from one moment to another
    Add {
        group: String,
        person: String,
        /// As 2026-11-23T08:00, or with a zone: 2026-11-23T08:00+01:00
        #[arg(long, value_name = "TIME", value_parser = moment)]
        from: u64,
        /// The first moment after the shift
        #[arg(long, value_name = "TIME", value_parser = moment)]
        to: u64,
        #[command(flatten)]
        agreed: Agreed,
    },
    /// Take a person's shifts in a group away
    Remove {
        group: String,
        person: String,
        /// Only the shift that begins then
        #[arg(long, value_name = "TIME", value_parser = moment)]
        from: Option<u64>,
        #[command(flatten)]
        agreed: Agreed,
    },
}

/// Set where commands of a severity may be approved
#[derive(Debug, clap::Args)]
pub struct SurfaceArgs {
    #[arg(value_enum)]
    severity: SeverityArg,
    /// The places; `default` alone: all below critical, never the relay's page at critical
    #[arg(value_enum, required = true, value_delimiter = ',')]
    surfaces: Vec<SurfaceArg>,
    #[command(flatten)]
    agreed: Agreed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum SeverityArg {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum SurfaceArg {
    /// guard on the approver's terminal
    Native,
    /// A page that the approver's guard serves
    Loopback,
    /// The relay's page
    RelayWeb,
    /// Text carried over any channel
    Paste,
    /// What is not set
    Default,
}

/// Give the roster a new end, changing nothing else
#[derive(Debug, clap::Args)]
pub struct Renew {
    /// Days until a new version must be signed
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=30))]
    days: u64,
    #[command(flatten)]
    agreed: Agreed,
}

pub fn add(args: &Add, dirs: &Dirs) -> Result<(), Trouble> {
    let workload = args.issuer.as_deref().zip(args.subject.as_deref());
    let mut person = match workload {
        Some((issuer, subject)) => edit::workload(&args.person, issuer, subject),
        None => Person { id: args.person.clone(), ..Person::default() },
    };
    if args.key.is_empty() && workload.is_none() {
        let hint = "--key takes a .pub file or its line; `guard key export` prints it on their machine";
        return Err(Trouble::new(64, "a person needs a key", hint));
    }
    let default: &[Use] = if workload.is_some() { &[Use::Request] } else { &[Use::Approve, Use::Request] };
    for key in &args.key {
        person.keys.extend(lines(key, &args.may, default)?);
    }
    (person.groups, person.name, person.human) = (args.group.clone(), args.name.clone(), args.human.clone());
    change(&args.agreed, dirs, |file| edit::add_person(file, person))
}

fn lines(argument: &str, may: &May, default: &[Use]) -> Result<Vec<KeyLine>, Trouble> {
    if let Some(passkey) = keys::passkey(argument) {
        let line = passkey?;
        return Ok(vec![KeyLine { exp: may.until.or(line.exp), ..line }]);
    }
    let uses = UseArg::all(&may.uses, default);
    let flags = may.min_flags.map(Into::into);
    Ok(keys::read(argument)?.iter().map(|key| edit::key_line(key, &uses, flags, may.until)).collect())
}

pub fn remove(args: &Remove, dirs: &Dirs) -> Result<(), Trouble> {
    change(&args.agreed, dirs, |file| edit::remove_person(file, &args.person))
}

pub fn group(args: &Group, dirs: &Dirs) -> Result<(), Trouble> {
    change(&args.agreed, dirs, |file| match args.action {
        AddOrRemove::Add => edit::add_group(file, &args.person, &args.group),
        AddOrRemove::Remove => edit::remove_group(file, &args.person, &args.group),
    })
}

pub fn key(args: &Key, dirs: &Dirs) -> Result<(), Trouble> {
    match &args.action {
        KeyAction::Add { person, key, may, agreed } => {
            let lines = lines(key, may, &[Use::Approve, Use::Request])?;
            change(agreed, dirs, |file| {
                lines.into_iter().try_for_each(|line| edit::add_key(file, person, line))
            })
        }
        KeyAction::Revoke { person, key, why, from, agreed } => change(agreed, dirs, |file| {
            edit::revoke_key(file, person, key, from.unwrap_or_else(now), why).map(|_| ())
        }),
    }
}

pub fn admin(args: &Admin, dirs: &Dirs) -> Result<(), Trouble> {
    let set = |file: &mut RosterFile, threshold: &Option<u64>| {
        file.admins.threshold = threshold.unwrap_or(file.admins.threshold);
    };
    match &args.action {
        AdminAction::Add { person, threshold, agreed } => change(agreed, dirs, |file| {
            set(file, threshold);
            edit::add_admin(file, person)
        }),
        AdminAction::Remove { person, threshold, agreed } => change(agreed, dirs, |file| {
            set(file, threshold);
            edit::remove_admin(file, person)
        }),
        AdminAction::Threshold { n, agreed } => change(agreed, dirs, |file| {
            set(file, &Some(*n));
            Ok(())
        }),
    }
}

pub fn schedule(args: &Schedule, dirs: &Dirs) -> Result<(), Trouble> {
    match &args.action {
        ScheduleAction::Add { group, person, from, to, agreed } => change(agreed, dirs, |file| {
            edit::drop_past_shifts(file, now());
            edit::add_shift(file, group, person, *from, *to)
        }),
        ScheduleAction::Remove { group, person, from, agreed } => {
            change(agreed, dirs, |file| edit::remove_shifts(file, group, person, *from))
        }
    }
}

pub fn surface(args: &SurfaceArgs, dirs: &Dirs) -> Result<(), Trouble> {
    let severity = match args.severity {
        SeverityArg::Low => Severity::Low,
        SeverityArg::Medium => Severity::Medium,
        SeverityArg::High => Severity::High,
        SeverityArg::Critical => Severity::Critical,
    };
    let default = args.surfaces.contains(&SurfaceArg::Default);
    if default && args.surfaces.len() > 1 {
        return Err(Trouble::new(64, "`default` stands alone", "name places, or `default`"));
    }
    let place = |s: &SurfaceArg| match s {
        SurfaceArg::Native => Some(Surface::Native),
        SurfaceArg::Loopback => Some(Surface::Loopback),
        SurfaceArg::RelayWeb => Some(Surface::RelayWeb),
        SurfaceArg::Paste => Some(Surface::Paste),
        SurfaceArg::Default => None,
    };
    let surfaces: Vec<Surface> = args.surfaces.iter().filter_map(place).collect();
    change(&args.agreed, dirs, |file| {
        edit::set_surfaces(file, severity, &surfaces);
        Ok(())
    })
}

pub fn renew(args: &Renew, dirs: &Dirs) -> Result<(), Trouble> {
    change(&args.agreed, dirs, |file| {
        file.exp = file.iat + (args.days * DAY).min(LONGEST_LIFE);
        edit::drop_past_shifts(file, now());
        Ok(())
    })
}

/// Makes a change in the draft, begun where there is none; shows the whole draft and asks.
pub fn change(
    agreed: &Agreed,
    dirs: &Dirs,
    edit: impl FnOnce(&mut RosterFile) -> Result<(), EditError>,
) -> Result<(), Trouble> {
    let team = team(dirs)?;
    let (mut file, had) = begin(&team, dirs)?;
    edit(&mut file)?;
    let draft = NextRoster::of(file);
    draft.check().map_err(|lines| {
        let hint = "the draft is as it was; `guard team diff` shows it";
        Trouble::new(64, format!("the team may not look so: {}", lines.join("; ")), hint)
    })?;
    changes(Some(team.roster().file()), draft.file()).iter().for_each(|line| crate::outln!("{line}"));
    if had.is_some_and(|before| before.signed().is_some()) {
        crate::say!("who has signed the draft must sign again");
    }
    agree(agreed.yes, &format!("Keep this as the draft of version {}?", draft.file().version))?;
    draft.keep(&dirs.state)?;
    crate::say!("kept as a draft; `guard team sign` signs it");
    Ok(())
}

/// The roster to change: the draft's, made as of now, or the team's.
fn begin(team: &Team, dirs: &Dirs) -> Result<(RosterFile, Option<NextRoster>), Trouble> {
    let fresh = NextRoster::after(team.roster(), now());
    match NextRoster::open(&dirs.state, team)? {
        Some(draft) if draft.follows(team.roster()) => {
            let (old, iat) = (draft.file(), fresh.file().iat);
            let life = (old.exp - old.iat).min(LONGEST_LIFE);
            Ok((RosterFile { iat, exp: iat + life, ..old.clone() }, Some(draft)))
        }
        Some(_) => {
            let what = "the draft here follows another version than the team has now";
            Err(Trouble::new(65, what, "`guard team discard` throws it away; then make the change again"))
        }
        None => Ok((fresh.file().clone(), None)),
    }
}
