//! `guard key rotate` and `guard key use`: another key becomes the identity, signed by the one before.

use super::{Trouble, tell};
use crate::audit::{self, AuditError};
use crate::keys::agent::{self, Listed, Origin};
use crate::keys::identity::{Change, Custody, Successor, change, check, undo, unrecorded};
use crate::keys::{AgentError, Identity, SshPublicKey};
use crate::settings::Dirs;
use crate::statement::Chain;
use crate::team::{Team, how_to_add};
use crate::text::show;
use std::path::PathBuf;

/// Replace guard's own key by a new one
///
/// The old key signs for the new one, the audit log records it, and then the old one is destroyed. Tell your team: the
/// new key must be in its roster before you can approve or request again.
#[derive(Debug, clap::Args)]
pub struct Rotate {
    /// The old key is gone: begin a new one that nothing signs for, and have the audit log say so
    #[arg(long)]
    lost: bool,
}

/// Choose which key signs as you
#[derive(Debug, clap::Args)]
pub struct Use {
    #[command(subcommand)]
    which: Which,
}

#[derive(Debug, clap::Subcommand)]
enum Which {
    Ssh(Ssh),
    Own(Own),
}

/// A key of yours that ssh-agent holds, hardware keys included
#[derive(Debug, clap::Args)]
struct Ssh {
    /// Its fingerprint, or the beginning of it; not needed where the agent has one key that fits
    fingerprint: Option<String>,
    /// The agent's socket, if it is not the session's (SSH_AUTH_SOCK)
    #[arg(long, value_name = "SOCKET")]
    agent: Option<PathBuf>,
    /// The key until now is gone: nothing signs for the new one, and the audit log says so
    #[arg(long)]
    lost: bool,
}

/// A new key of guard's own
#[derive(Debug, clap::Args)]
struct Own {
    /// The key until now is gone: nothing signs for the new one, and the audit log says so
    #[arg(long)]
    lost: bool,
}

pub fn rotate(args: &Rotate, dirs: &Dirs) -> Result<(), Trouble> {
    let before = existing(dirs)?;
    if before.as_ref().is_some_and(|identity| identity.custody() == Custody::Agent) && !args.lost {
        return Err(Trouble::Usage {
            what: "your identity is your own SSH key, which guard does not make".to_owned(),
            hint: "`guard key use ssh FINGERPRINT` takes another, `guard key use own` a key of guard's"
                .to_owned(),
        });
    }
    replace(Successor::Own, args.lost, dirs)
}

pub fn use_key(args: &Use, dirs: &Dirs) -> Result<(), Trouble> {
    match &args.which {
        Which::Own(args) => {
            let before = existing(dirs)?;
            let own = before.filter(|identity| identity.custody() != Custody::Agent && !args.lost);
            match own {
                Some(identity) => {
                    crate::say!("your identity is a key of guard's already: {}", identity.described());
                    Ok(())
                }
                None => replace(Successor::Own, args.lost, dirs),
            }
        }
        Which::Ssh(args) => use_ssh(args, dirs),
    }
}

fn use_ssh(args: &Ssh, dirs: &Dirs) -> Result<(), Trouble> {
    let socket = args.agent.clone().map_or_else(agent::session_socket, Ok)?;
    let (listed, others) = agent::list(&socket)?;
    let key = choose(&listed, others, args.fingerprint.as_deref())?;
    if existing(dirs)?.is_some_and(|identity| *identity.public() == key) {
        crate::say!("your identity is this key already: {}", key.fingerprint());
        return Ok(());
    }
    if agent::origin(&socket) == Origin::Forwarded {
        crate::say!(
            "warning: this agent is forwarded: whoever is root here can sign with it while you are logged in"
        );
    }
    let socket = args.agent.as_ref().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
    replace(Successor::Agent { public: key, socket }, args.lost, dirs)
}

/// What there is, with a change that was cut short finished first.
fn existing(dirs: &Dirs) -> Result<Option<Identity>, Trouble> {
    if unrecorded(&dirs.state)?.is_some() {
        tell(&audit::record_identity(dirs)?);
    }
    Ok(Identity::existing(&dirs.state)?)
}

fn choose(listed: &[Listed], others: usize, wanted: Option<&str>) -> Result<SshPublicKey, Trouble> {
    let fits = |key: &&Listed| {
        let fingerprint = key.public.fingerprint();
        wanted.is_none_or(|wanted| {
            fingerprint.starts_with(wanted) || fingerprint["SHA256:".len()..].starts_with(wanted)
        })
    };
    let fitting: Vec<&Listed> = listed.iter().filter(fits).collect();
    match fitting[..] {
        [only] => Ok(only.public.clone()),
        [] => Err(none_fits(listed, others, wanted)),
        _ => Err(Trouble::Usage {
            what: format!("the ssh-agent holds {} keys that fit: {}", fitting.len(), named(&fitting)),
            hint: "`guard key use ssh FINGERPRINT` names one".to_owned(),
        }),
    }
}

fn none_fits(listed: &[Listed], others: usize, wanted: Option<&str>) -> Trouble {
    if listed.is_empty() && others == 0 {
        let fingerprint = wanted.map_or_else(|| "a key".to_owned(), show);
        return AgentError::NotHeld { fingerprint, empty: true }.into();
    }
    let hint =
        "`ssh-add FILE` adds a key, `ssh-add -X` unlocks the agent; ssh-ed25519, ecdsa-sha2-nistp256 and \
                their sk- forms can be used"
            .to_owned();
    let what = match wanted {
        Some(wanted) if !listed.is_empty() => {
            let all: Vec<&Listed> = listed.iter().collect();
            format!("the ssh-agent holds no key {}, but {}", show(wanted), named(&all))
        }
        // Without a wish every key that is listed fits.
        Some(_) | None => format!("none of the {others} keys in the ssh-agent can be used"),
    };
    Trouble::Usage { what, hint }
}

fn named(keys: &[&Listed]) -> String {
    let each = keys.iter().map(|key| match key.comment.as_str() {
        "" => key.public.fingerprint(),
        comment => format!("{} ({})", key.public.fingerprint(), show(comment)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Takes a change back that did not come into the log. Where it is not certain that the entry is not there, the change
/// stays: the next gated command records it before it asks anything.
fn not_recorded(changed: &Change, head: Option<Chain>, error: AuditError, dirs: &Dirs) -> Trouble {
    let not_there = head.is_some() && audit::head(dirs) == head;
    let undone = not_there && undo(&dirs.state, changed).is_ok();
    Trouble::Unrecorded { error, undone }
}

fn replace(successor: Successor, lost: bool, dirs: &Dirs) -> Result<(), Trouble> {
    let mut head = None;
    if let Some(before) = existing(dirs)? {
        if !lost {
            check(&before)?;
        }
        // A log that begins now begins with the key that is about to be replaced.
        tell(&audit::record_identity(dirs)?);
        head = Some(audit::end(dirs)?);
    }
    let changed = change(&dirs.state, successor, lost)?;
    if unrecorded(&dirs.state)?.is_some() {
        match audit::record_identity(dirs) {
            Ok(notices) => tell(&notices),
            Err(error) => return Err(not_recorded(&changed, head, error, dirs)),
        }
    }
    crate::say!("your identity key is now {}{}", changed.identity.described(), changed.because);
    if changed.identity.former().is_empty() {
        return Ok(());
    }
    let line = changed.identity.public().to_line();
    let add = match Team::existing(&dirs.state) {
        Ok(Some(team)) => how_to_add(team.roster(), &changed.identity),
        Ok(None) | Err(_) => format!("guard team key add YOU '{line}'"),
    };
    crate::say!("hint: in a team an admin adds the new key: {add}");
    Ok(())
}
