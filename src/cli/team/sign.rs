//! `guard team diff|sign|draft|discard`: the next version between its admins, until enough have signed. Must never sign what
//! was not shown, nor take a version for one before `Roster::next` does.

use super::ask::{agree, read_text, write_new};
use super::changes::changes;
use super::show::standing;
use super::{Trouble, identity, team};
use crate::settings::Dirs;
use crate::statement::roster::{NotARoster, Use};
use crate::statement::{Envelope, Roster};
use crate::team::paste::{Form, to_text};
use crate::team::{Courier, NextRoster, Standing, Team};
use std::path::PathBuf;

/// Show what the draft changes, and who has signed it
#[derive(Debug, clap::Args)]
pub struct Diff {
    /// Another admin's draft instead of the one here: a file, its text, or - for standard input
    draft: Option<PathBuf>,
}

/// Sign the draft; with enough signatures it becomes the team's next version
///
/// Shows what changes and asks. While more admins must sign, it prints the draft as text for the next one, who gives it
/// to this same command. The last one's guard gives the version to the relay.
#[derive(Debug, clap::Args)]
pub struct Sign {
    /// Another admin's draft: a file, its text, or - for standard input
    draft: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Print the draft as text for another admin, or write it to FILE
#[derive(Debug, clap::Args)]
pub struct Draft {
    /// A new file
    file: Option<PathBuf>,
}

/// Throw the draft away
#[derive(Debug, clap::Args)]
pub struct Discard {}

pub fn diff(args: &Diff, dirs: &Dirs) -> Result<(), Trouble> {
    let team = team(dirs)?;
    let draft = draft_of(args.draft.as_ref(), &team, dirs)?;
    tell(&team, &draft);
    crate::say!("version {}: {}", draft.file().version, standing(&draft.standing(team.roster())));
    Ok(())
}

pub fn sign(args: &Sign, dirs: &Dirs) -> Result<(), Trouble> {
    let mut team = team(dirs)?;
    let mut draft = draft_of(args.draft.as_ref(), &team, dirs)?;
    if let Standing::Not(why) = draft.standing(team.roster()) {
        return Err(crate::team::TeamError::Roster(why).into());
    }
    let checked =
        draft.check().map_err(|lines| crate::team::TeamError::Roster(NotARoster::Content(lines)))?;
    if let Standing::Complete(next) = draft.standing(team.roster()) {
        // Another admin's signature was the last one.
        return publish(&mut team, next, dirs);
    }
    let identity = identity(dirs)?;
    may_sign(&team, &checked, &identity.public().fingerprint())?;
    tell(&team, &draft);
    agree(args.yes, &format!("Sign version {} of {}?", draft.file().version, team.name()))?;
    draft.sign(&identity.signer()?)?;
    match draft.standing(team.roster()) {
        Standing::Complete(next) => publish(&mut team, next, dirs),
        Standing::Not(why) => Err(crate::team::TeamError::Roster(why).into()),
        missing @ Standing::Missing { .. } => {
            draft.keep(&dirs.state)?;
            crate::outln!("{}", text(&draft)?);
            crate::say!("{}; the next admin gives this text to `guard team sign`", standing(&missing));
            Ok(())
        }
    }
}

pub fn draft(args: &Draft, dirs: &Dirs) -> Result<(), Trouble> {
    let team = team(dirs)?;
    let draft = draft_of(None, &team, dirs)?;
    match &args.file {
        None => crate::outln!("{}", text(&draft)?),
        Some(path) => write_new(path, &bytes(&draft)?)?,
    }
    Ok(())
}

pub fn discard(_args: &Discard, dirs: &Dirs) -> Result<(), Trouble> {
    if NextRoster::discard(&dirs.state)? {
        crate::say!("the draft is gone");
    } else {
        crate::say!("there was no draft");
    }
    Ok(())
}

/// The draft that was named, joined with the one here where they are the same; or the one here.
fn draft_of(argument: Option<&PathBuf>, team: &Team, dirs: &Dirs) -> Result<NextRoster, Trouble> {
    let kept = match NextRoster::open(&dirs.state, team) {
        // What was given counts, whatever is on the disk.
        Err(_) if argument.is_some() => None,
        other => other?,
    };
    let Some(argument) = argument else {
        let hint = "`guard team add` and the like make one; another admin's is given as a file or text";
        return kept.ok_or_else(|| Trouble::new(64, "there is no draft", hint));
    };
    let bytes = read_text(argument)?;
    let mut draft = NextRoster::from_bytes(&bytes).ok_or_else(|| {
        Trouble::new(
            65,
            "this is no draft of a roster",
            "`guard team draft` prints one on the other admin's machine",
        )
    })?;
    if draft.file().team != team.name() {
        return Err(crate::team::TeamError::Roster(NotARoster::Team).into());
    }
    if let Some(kept) = kept {
        draft.join(&kept);
    }
    Ok(draft)
}

fn tell(team: &Team, draft: &NextRoster) {
    let before = team.roster().file();
    changes(Some(before), draft.file()).iter().for_each(|line| crate::outln!("{line}"));
}

/// Only an admin's signature counts: of the version before, or of the draft.
fn may_sign(team: &Team, draft: &Roster, kid: &str) -> Result<(), Trouble> {
    let able = |roster: &Roster| {
        let admin = |id: &String| roster.file().admins.persons.contains(id);
        roster.key(kid).is_some_and(|(person, key)| admin(&person.id) && key.may(Use::Roster))
    };
    if able(team.roster()) || able(draft) {
        return Ok(());
    }
    let admins = team.roster().file().admins.persons.join(", ");
    let what = format!("your key {kid} may not sign rosters of {}", team.name());
    Err(Trouble::new(77, what, format!("`guard team draft` prints the draft for an admin: {admins}")))
}

/// The next version: on this machine first, then at the relay.
fn publish(team: &mut Team, next: Envelope, dirs: &Dirs) -> Result<(), Trouble> {
    team.advance(next)?;
    NextRoster::discard(&dirs.state)?;
    crate::say!("version {} is the team's roster now", team.roster().version());
    let signer = identity(dirs)?.signer()?;
    let given = match Courier::to(team, &signer) {
        Ok(None) => {
            crate::say!(
                "hint: without a relay: `guard team export FILE`, and `guard team update FILE` on the others' machines"
            );
            return Ok(());
        }
        Ok(Some(courier)) => crate::team::sync(team, &courier).map_err(Trouble::from),
        Err(error) => Err(error.into()),
    };
    match given {
        Ok(_) => crate::say!("the relay has it"),
        Err(trouble) => {
            crate::say!("the relay does not have it yet: {}", trouble.what);
            crate::say!("hint: `guard team update` gives it to the relay");
        }
    }
    Ok(())
}

fn bytes(draft: &NextRoster) -> Result<Vec<u8>, Trouble> {
    draft.to_bytes().map_err(|error| Trouble::new(65, error.to_string(), "`guard team discard` removes it"))
}

fn text(draft: &NextRoster) -> Result<String, Trouble> {
    Ok(to_text(Form::Roster, &bytes(draft)?))
}
