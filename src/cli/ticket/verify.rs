//! `guard ticket verify`: whether a ticket would let a command run here, without using it up.

use super::{needs, relayed};
use crate::cli::check::{Subject, examine};
use crate::cli::team::ask::read_text;
use crate::cli::team::{Trouble, identity, now, team};
use crate::gates::Beside;
use crate::keys::Sha256;
use crate::settings::Dirs;
use crate::statement::ticket::Attempt;
use crate::statement::{Foreign, Hash};
use crate::team::Team;
use crate::team::ticket::{Found, covers, uses, workload};
use serde_json::json;
use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Say whether a ticket would cover a command, without using it
///
/// Of a text, too, the relay is asked what was said about the ticket since; the answer says where it could not be asked. Exit
/// status 0: it would; 1: it would not.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The beginning of its digest, as `list` shows it; a file, its text (guard-ticket1:…), or - for standard input
    ticket: PathBuf,
    /// As which workload of the team [default: the one whose key this machine has]
    #[arg(long, value_name = "PERSON")]
    workload: Option<String>,
    /// The run of the workload
    #[arg(long)]
    run: Option<String>,
    /// The commit that the workload is at
    #[arg(long, value_name = "ID")]
    commit: Option<String>,
    /// The plan file that would be applied
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// The command
    #[arg(last = true, value_name = "CMD", required = true)]
    words: Vec<OsString>,
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<i32, Trouble> {
    let Held { team, found, unasked } = ticket(&args.ticket, dirs)?;
    let unasked = unasked.as_deref();
    let (_, verdict) = examine(&Subject::words(args.words.clone()), dirs).map_err(|stopped| {
        Trouble::new(stopped.status(), stopped.to_string(), "`guard check` says the same")
    })?;
    let needs = needs(&verdict)?;
    let beside = super::beside(&verdict);
    let kid = identity(dirs)?.public().fingerprint();
    let oidc = match &args.workload {
        Some(id) => team.roster().person(id).and_then(|p| p.oidc.as_ref()),
        None => workload(team.roster(), &kid),
    };
    let argv: Vec<Foreign> = args.words.iter().map(|word| Foreign::from(word.as_bytes())).collect();
    let target = crate::gates::approval_target(&verdict);
    let attempt = Attempt {
        argv: &argv,
        target: &target,
        commit: args.commit.as_deref(),
        plan: args.plan.as_deref().map(hash_of).transpose()?,
        workload: oidc,
        run: args.run.as_deref(),
        now: now(),
        used: uses::gone(&dirs.state, &found, team.roster())?.len() as u64,
    };
    match covers(&found, &attempt, team.roster(), &needs) {
        Ok(_) if beside.is_some() => {
            let why = beside.as_ref().map_or_else(String::new, why_not);
            if args.json {
                crate::outln!(
                    "{}",
                    crate::text::json(json!({ "v": 1, "covers": false, "why": why, "unasked": unasked }))
                );
            }
            crate::say!("{why}");
            say_unasked(unasked);
            beside.iter().for_each(|beside| crate::say!("hint: {}", beside.hint()));
            Ok(1)
        }
        Ok(covered) => {
            if args.json {
                crate::outln!(
                    "{}",
                    crate::text::json(
                        json!({ "v": 1, "covers": true, "digest": covered.digest, "by": covered.by, "values": covered.values, "max": covered.max, "unasked": unasked })
                    )
                );
            } else {
                crate::outln!("covers it, approved by {}", covered.by.join(", "));
                for (hole, value) in &covered.values {
                    crate::outln!("{} is {}", crate::text::show(hole), crate::text::show(value));
                }
            }
            say_unasked(unasked);
            Ok(0)
        }
        Err(why) => {
            if args.json {
                crate::outln!(
                    "{}",
                    crate::text::json(
                        json!({ "v": 1, "covers": false, "why": why.to_string(), "unasked": unasked })
                    )
                );
            }
            crate::say!("{why}");
            say_unasked(unasked);
            Ok(1)
        }
    }
}

fn why_not(beside: &Beside) -> String {
    format!("the ticket covers it, but the command also needs {} here, and {}", beside.gate, Beside::why())
}

/// An answer that may be older than a withdrawal.
fn say_unasked(why: Option<&str>) {
    if let Some(why) = why {
        crate::say!("by the text alone; the relay was not asked: {why}");
    }
}

/// What is held against the command.
struct Held {
    team: Team,
    found: Found,
    /// Why the relay did not say what it knows of the ticket; where there is one, a run asks it and is refused without.
    unasked: Option<String>,
}

/// The ticket that is meant, with the team it is held against. A file counts before an id of the same letters.
fn ticket(given: &Path, dirs: &Dirs) -> Result<Held, Trouble> {
    let id = given.to_str().filter(|text| relayed::is_id(text) && !given.exists());
    if let Some(id) = id {
        let (team, row) = relayed::one(dirs, id)?;
        return Ok(Held { team, found: row.found, unasked: None });
    }
    let mut team = team(dirs)?;
    let hint = "`guard ticket list` shows ids, `guard ticket export ID` prints the text of one";
    let bytes = read_text(given).map_err(|trouble| Trouble { hint: hint.to_owned(), ..trouble })?;
    let found = Found::read(&bytes).ok_or_else(|| Trouble::new(64, "this is no ticket", hint))?;
    match relayed::newest(&mut team, &found, dirs) {
        Ok(found) => Ok(Held { team, found, unasked: None }),
        Err(why) => Ok(Held { team, found, unasked: Some(why.what) }),
    }
}

/// A file's SHA-256.
pub fn hash_of(path: &Path) -> Result<Hash, Trouble> {
    let unread = |e: std::io::Error| {
        let what = format!("{} cannot be read: {e}", crate::text::quote(path));
        Trouble::new(64, what, "name the file that `terraform plan -out` wrote")
    };
    let mut file = std::fs::File::open(path).map_err(unread)?;
    let (mut hash, mut piece) = (Sha256::default(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut piece).map_err(unread)? {
            0 => return Ok(Hash(hash.finish())),
            read => hash.update(&piece[..read]),
        }
    }
}
