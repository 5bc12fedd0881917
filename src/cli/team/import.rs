//! `guard team import`: somebody's keys from a forge into the draft, once, as they are now.

use super::edit::{Agreed, change};
use super::keys::{FlagsArg, UseArg};
use super::{Trouble, team};
use crate::settings::Dirs;
use crate::statement::roster::{Person, Use};
use crate::team::edit::{self, EditError};
use crate::team::forge::{Source, fetch, listed};

/// Give a person the signing keys that a forge lists for them now
///
/// They are read once and shown; nothing is read again later. RSA keys and others that guard does not check are passed
/// over. Whoever is not in the roster is added. GitLab's list has keys that are not for signing, too.
#[derive(Debug, clap::Args)]
pub struct Args {
    person: String,
    /// github:LOGIN, gitlab:LOGIN, an https address, or a file with one key a line
    source: String,
    /// A group, for somebody new
    #[arg(long)]
    group: Vec<String>,
    /// What the keys may do [default: approve and request]
    #[arg(long = "use", value_name = "USE", value_delimiter = ',')]
    uses: Vec<UseArg>,
    /// What each signature must show (hardware keys)
    #[arg(long, value_name = "FLAGS")]
    min_flags: Option<FlagsArg>,
    /// Certificates of the authority that vouches for the address, beside the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<String>,
    #[command(flatten)]
    agreed: Agreed,
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<(), Trouble> {
    let team = team(dirs)?;
    let no_login = || {
        let what = format!("{} is no login", crate::text::quote(&args.source));
        Trouble::new(64, what, "github:LOGIN, gitlab:LOGIN, an https address, or a file")
    };
    let bytes = match Source::read(&args.source).ok_or_else(no_login)? {
        Source::Url(url) => fetch(&url, args.ca.as_deref()).map_err(|error| {
            Trouble::new(
                error.status(),
                error.to_string(),
                "`guard team import PERSON FILE` takes a list of keys",
            )
        })?,
        Source::File(path) => super::ask::read(path.as_ref())?,
    };
    let listed = listed(&bytes);
    for why in &listed.passed_over {
        crate::say!("passed over: {why}");
    }
    let is_new = |kid: &str| {
        team.roster().key(kid).is_none() && !team.roster().file().revoked.iter().any(|r| r.kid == kid)
    };
    let uses = UseArg::all(&args.uses, &[Use::Approve, Use::Request]);
    let flags = args.min_flags.map(Into::into);
    let new = listed.keys.iter().filter(|key| is_new(&key.fingerprint()));
    let lines: Vec<_> = new.map(|key| edit::key_line(key, &uses, flags, None)).collect();
    if let Some(person) = team.roster().person(&args.person) {
        let here: Vec<String> = listed.keys.iter().map(|key| key.fingerprint()).collect();
        for key in person.keys.iter().filter(|k| k.public.is_some() && !here.contains(&k.kid)) {
            crate::say!("{} is in the roster and not in this list; it stays", key.kid);
        }
    }
    if lines.is_empty() {
        return Err(Trouble::new(64, "the list has no key that is new", "nothing was changed"));
    }
    change(&args.agreed, dirs, |file| {
        if !file.persons.iter().any(|p| p.id == args.person) {
            let person = Person { id: args.person.clone(), groups: args.group.clone(), ..Person::default() };
            edit::add_person(file, person)?;
        }
        // A draft may have some of them already.
        lines.into_iter().try_for_each(|line| match edit::add_key(file, &args.person, line) {
            Err(EditError::KeyIsThere { person, .. }) if person == args.person => Ok(()),
            other => other,
        })
    })
}
