//! `guard team create|join|update|way|leave`: how a machine gets into a team, stays current, and leaves. Must never join a
//! team whose first roster does not have the words that a teammate gave.

use super::ask::{agree, read, write_new};
use super::changes::changes;
use super::{Trouble, identity, now, team};
use crate::keys::Signer;
use crate::settings::Dirs;
use crate::statement::roster::{Admins, Person, RosterFile, Use, fingerprint_words};
use crate::statement::{Draft, Envelope, Roster, VERSION};
use crate::sys::who;
use crate::team::edit::key_line;
use crate::team::{Courier, NotSynced, Team, Unreached, Way, how_to_add};
use crate::text::{quote, show_line};
use std::path::{Path, PathBuf};

const DAY: u64 = 24 * 3600;

/// Found a team with yourself as its first admin
///
/// Prints the six words by which others know that they joined this team and no other: tell them over another channel
/// than the relay. The roster file goes to whoever runs the relay (`guard relay serve --roster FILE`).
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The team's name, as `sre.acme.example`: lower-case letters, digits, dots and dashes
    name: String,
    /// What you are called in the team [default: your user name]
    #[arg(long, value_name = "PERSON")]
    me: Option<String>,
    /// Which human you are (a staff number): nobody is in a roster twice
    #[arg(long)]
    human: Option<String>,
    /// A group of yours; more than one is fine
    #[arg(long)]
    group: Vec<String>,
    /// Days until a new version must be signed
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=30))]
    days: u64,
    #[command(flatten)]
    way: WayArgs,
    /// Where the roster file is written [default: NAME.roster.json]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// How the relay is reached.
#[derive(Debug, clap::Args)]
struct WayArgs {
    /// The team's relay: https://…, or http:// on this machine
    #[arg(long, value_name = "URL")]
    relay: Option<String>,
    /// Certificates of the authority that vouches for it, beside the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// Join a team by its six words
///
/// With a URL the versions come from the relay, which knows you by your key: an admin must have added it (`guard key
/// export` prints it). With a file (`guard team export`) no relay is needed.
#[derive(Debug, clap::Args)]
pub struct Join {
    /// The relay's address, or a file with the team's versions
    from: String,
    /// The six words, as a teammate gave them to you
    #[arg(long, value_name = "WORDS")]
    root: String,
    /// The team's name, for a relay
    #[arg(long, value_name = "NAME")]
    team: Option<String>,
    /// Certificates of the authority that vouches for the relay, beside the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// Take newer versions of the roster, and give the relay what it lacks
#[derive(Debug, clap::Args)]
pub struct Update {
    /// A file with versions instead of the relay; - is standard input
    file: Option<PathBuf>,
}

/// Set how the relay is reached
#[derive(Debug, clap::Args)]
pub struct WayTo {
    /// https://…, or http:// on this machine
    #[arg(required_unless_present = "none")]
    url: Option<String>,
    /// Certificates of the authority that vouches for it, beside the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// There is no relay: statements travel as text
    #[arg(long, conflicts_with_all = ["url", "ca"])]
    none: bool,
}

/// Forget the team on this machine
#[derive(Debug, clap::Args)]
pub struct Leave {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub fn create(args: &Create, dirs: &Dirs) -> Result<(), Trouble> {
    if let Some(team) = Team::existing(&dirs.state)? {
        return Err(crate::team::TeamError::Joined { team: team.name().to_owned() }.into());
    }
    let way = way_of(args.way.relay.clone(), args.way.ca.as_deref())?;
    let identity = identity(dirs)?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.roster.json", args.name)));
    let me = args.me.clone().or_else(who::user_name).unwrap_or_default();
    let uses = [Use::Approve, Use::Request, Use::Roster];
    let person = Person {
        id: me.clone(),
        human: args.human.clone(),
        groups: args.group.clone(),
        keys: vec![key_line(identity.public(), &uses, None, None)],
        ..Person::default()
    };
    let made = now();
    let file = RosterFile {
        v: VERSION,
        team: args.name.clone(),
        version: 1,
        prev: None,
        iat: made,
        exp: made + args.days * DAY,
        admins: Admins { threshold: 1, persons: vec![me] },
        persons: vec![person],
        schedules: Vec::new(),
        revoked: Vec::new(),
        surfaces: std::collections::BTreeMap::new(),
        relays: Vec::new(),
    };
    let unsound = |lines: Vec<String>| {
        let hint = "--me gives you another name in the team: lower-case letters, digits, `.`, `-`, `_`";
        Trouble::new(64, lines.join("; "), hint)
    };
    let draft = Draft::of(&file).map_err(|e| unsound(vec![e.to_string()]))?;
    Roster::check(file.clone(), draft.digest()).map_err(unsound)?;
    changes(None, &file).iter().for_each(|line| crate::outln!("{line}"));
    agree(args.yes, &format!("Found the team {}?", args.name))?;
    let first = crate::team::sign(draft, &identity.signer()?)?;
    write_new(&out, &first.to_bytes())?;
    let team = Team::found(&dirs.state, first, way)?;
    crate::outln!("six words: {}", fingerprint_words(&team.root()));
    crate::outln!("roster file, for the relay's operator: {}", quote(&out));
    crate::say!("the team {} is founded; `guard team add PERSON --key KEY` adds the next", team.name());
    Ok(())
}

pub fn join(args: &Join, dirs: &Dirs) -> Result<(), Trouble> {
    if let Some(team) = Team::existing(&dirs.state)? {
        return Err(crate::team::TeamError::Joined { team: team.name().to_owned() }.into());
    }
    let (chain, way) = if args.from.contains("://") {
        let way = way_of(Some(args.from.clone()), args.ca.as_deref())?;
        let Some(name) = &args.team else {
            let hint = "--team NAME; `guard team show` on a teammate's machine prints the whole line";
            return Err(Trouble::new(64, "a relay may have many teams: which one", hint));
        };
        (fetch(&way, name, &args.root, dirs)?, way)
    } else {
        (versions(&read(Path::new(&args.from))?)?, Way::default())
    };
    let team = Team::join(&dirs.state, &args.root, chain, way)?;
    let roster = team.roster();
    crate::outln!("joined {}, version {}", team.name(), roster.version());
    let identity = identity(dirs)?;
    let kid = identity.public().fingerprint();
    match roster.key(&kid) {
        Some((person, _)) => crate::say!("you are {} there", show_line(&person.id, 80)),
        None => {
            crate::say!("your key is not in its roster yet: you can neither request nor approve");
            crate::say!("hint: an admin adds it: {}", how_to_add(roster, &identity));
        }
    }
    Ok(())
}

fn fetch(way: &Way, name: &str, words: &str, dirs: &Dirs) -> Result<Vec<Envelope>, Trouble> {
    let identity = identity(dirs)?;
    let signer = identity.signer()?;
    let relay = way.relay.as_deref().unwrap_or_default();
    let courier = Courier::new(relay, way.ca.as_deref(), name, &signer)?;
    crate::team::fetch(&courier, words).map_err(|error| unknown_key(error, &signer, name))
}

/// A relay tells a stranger nothing, not even which team it does not have.
fn unknown_key(error: NotSynced, signer: &Signer, name: &str) -> Trouble {
    match error {
        NotSynced::Relay(Unreached::Refused { status: 401 | 403 | 404, .. }) => {
            let what = format!("the relay does not know your key in the team {}", show_line(name, 80));
            let line = signer.public().to_line();
            Trouble::new(77, what, format!("an admin adds it first: guard team add YOU --key '{line}'"))
        }
        other => other.into(),
    }
}

pub fn update(args: &Update, dirs: &Dirs) -> Result<(), Trouble> {
    let mut team = team(dirs)?;
    let before = team.roster().file().clone();
    if let Some(file) = &args.file {
        let taken = crate::team::take(&mut team, &versions(&read(file)?)?)?;
        return told(&team, &before, taken, 0);
    }
    let signer = identity(dirs)?.signer()?;
    let Some(courier) = Courier::to(&team, &signer)? else {
        let hint = "`guard team update FILE` takes versions from a file, `guard team way URL` names a relay";
        return Err(Trouble::new(78, "the team has no relay on this machine", hint));
    };
    let synced = crate::team::sync(&mut team, &courier)?;
    told(&team, &before, synced.fetched, synced.sent)
}

fn told(team: &Team, before: &RosterFile, fetched: u64, sent: u64) -> Result<(), Trouble> {
    if fetched > 0 {
        changes(Some(before), team.roster().file()).iter().for_each(|line| crate::outln!("{line}"));
    }
    let sent = if sent > 0 { format!("; {sent} versions given to the relay") } else { String::new() };
    crate::say!("version {} is here ({fetched} new){sent}", team.roster().version());
    Ok(())
}

pub fn way(args: &WayTo, dirs: &Dirs) -> Result<(), Trouble> {
    let mut team = team(dirs)?;
    let way = way_of(args.url.clone(), args.ca.as_deref())?;
    let words = way.relay.clone().map_or_else(|| "no relay".to_owned(), |url| show_line(url, 160));
    team.set_way(way)?;
    crate::outln!("{words}");
    Ok(())
}

pub fn leave(args: &Leave, dirs: &Dirs) -> Result<(), Trouble> {
    // Also one whose files are damaged can be left.
    let name =
        Team::existing(&dirs.state).ok().flatten().map_or_else(String::new, |t| format!(" {}", t.name()));
    agree(args.yes, &format!("Forget the team{name} on this machine?"))?;
    if Team::leave(&dirs.state)? {
        crate::say!("the team{name} is forgotten; what was approved and used stays in the audit log");
    } else {
        crate::say!("this machine is in no team");
    }
    Ok(())
}

/// A way that works: the certificates are read once now, so that a typo shows here.
fn way_of(relay: Option<String>, ca: Option<&Path>) -> Result<Way, Trouble> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let ca = ca.map(|path| absolute(path).to_string_lossy().into_owned());
    let way = Way { relay: relay.map(|url| url.trim_end_matches('/').to_owned()), ca };
    if let Some(url) = &way.relay {
        crate::team::check_way(url, way.ca.as_deref())?;
    }
    Ok(way)
}

/// The versions in a file, one envelope a line.
fn versions(bytes: &[u8]) -> Result<Vec<Envelope>, Trouble> {
    let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let read = lines.map(Envelope::from_bytes).collect::<Result<Vec<_>, _>>();
    read.ok().filter(|all| !all.is_empty()).ok_or_else(|| {
        let hint = "`guard team export FILE` on a teammate's machine writes one";
        Trouble::new(65, "this is no file with a team's versions", hint)
    })
}
