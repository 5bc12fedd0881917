//! `guard team export`: the team's versions for a machine without a relay, one version for the relay's operator, or an
//! allowed_signers file for ssh-keygen. Public keys only.

use super::ask::write_new;
use super::{Trouble, team};
use crate::settings::Dirs;
use crate::statement::roster::version_of;
use crate::statement::{Kind, Roster, use_for};
use crate::team::Team;
use std::path::PathBuf;

/// Print the team's versions, for `guard team join` and `update` without a relay
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A new file; standard output where none is named
    file: Option<PathBuf>,
    /// One version alone, as `guard relay serve --roster` takes it
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// An allowed_signers file: `ssh-keygen -Y verify` accepts the team's signatures by it
    #[arg(long, conflicts_with = "version")]
    allowed_signers: bool,
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<(), Trouble> {
    let team = team(dirs)?;
    let mut bytes = Vec::new();
    if args.allowed_signers {
        bytes = allowed_signers(team.roster()).into_bytes();
    } else if let Some(wanted) = args.version {
        let found = team.chain().iter().find(|e| version_of(e) == Some(wanted));
        let hint = format!("versions 1 to {} are here", team.roster().version());
        bytes =
            found.ok_or_else(|| Trouble::new(64, format!("there is no version {wanted}"), hint))?.to_bytes();
    } else {
        all(&team, &mut bytes);
    }
    match &args.file {
        Some(path) => write_new(path, &bytes),
        None => {
            crate::out!("{}", String::from_utf8_lossy(&bytes));
            Ok(())
        }
    }
}

fn all(team: &Team, bytes: &mut Vec<u8>) {
    for envelope in team.chain() {
        bytes.extend_from_slice(&envelope.to_bytes());
        bytes.push(b'\n');
    }
}

/// One line a key (ssh-keygen(1), ALLOWED SIGNERS). The namespaces are those of the statements that the key may sign.
fn allowed_signers(roster: &Roster) -> String {
    let mut text = format!("# {}, version {} of the roster\n", roster.team(), roster.version());
    for person in roster.persons() {
        for line in &person.keys {
            let (Some(public), Some((_, key))) = (&line.public, roster.key(&line.kid)) else { continue };
            if roster.revoked(&line.kid, u64::MAX).is_some() {
                continue;
            }
            let kinds = Kind::ALL.into_iter().filter(|kind| key.may(use_for(*kind)));
            let names: Vec<String> = kinds.map(|kind| kind.namespace(roster.team())).collect();
            let mut options = format!("namespaces=\"{}\"", names.join(","));
            // Without quotes ssh-keygen ignores the whole line.
            if let Some(from) = line.nbf {
                options.push_str(&format!(",valid-after=\"{}\"", stamp(from)));
            }
            if let Some(end) = line.exp {
                options.push_str(&format!(",valid-before=\"{}\"", stamp(end)));
            }
            text.push_str(&format!("{}@{} {options} {public}\n", person.id, roster.team()));
        }
    }
    text
}

/// `20261122193000Z`.
fn stamp(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    moment.unwrap_or(jiff::Timestamp::MAX).strftime("%Y%m%d%H%M%SZ").to_string()
}
