//! `guard key export --allowed-signers`: the line by which `ssh-keygen -Y verify` accepts this person's
//! signatures. Public keys only.

use super::{Trouble, identity, moment};
use crate::settings::Dirs;
use crate::sys::who;

/// Print your public key for others to check your signatures with
///
/// Without options the key alone, as in a .pub file. With --allowed-signers a line for OpenSSH's allowed_signers file
/// (ssh-keygen(1)), and one for each key that was yours before, valid up to its replacement.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print lines for `ssh-keygen -Y verify -f FILE`
    #[arg(long)]
    allowed_signers: bool,
    /// Whom the signatures are of [default: your user name]
    #[arg(long, value_name = "NAME", requires = "allowed_signers")]
    principal: Option<String>,
    /// What the signatures may be for, a pattern
    #[arg(long, value_name = "PATTERN", default_value = "guard-*", requires = "allowed_signers")]
    namespaces: String,
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<(), Trouble> {
    let identity = identity(dirs)?;
    if !args.allowed_signers {
        crate::outln!("{}", identity.public().to_line());
        return Ok(());
    }
    let principal = args.principal.clone().or_else(who::user_name).unwrap_or_else(|| who::uid().to_string());
    plain("--principal", &principal)?;
    plain("--namespaces", &args.namespaces)?;
    for old in identity.former() {
        // The second of the change is the last one; an empty span would spoil the line.
        let until = format!(",valid-before=\"{}\"", stamp(old.until + 1));
        line(&principal, &args.namespaces, old.since, &until, &old.key.to_line());
    }
    line(&principal, &args.namespaces, identity.since(), "", &identity.public().to_line());
    Ok(())
}

fn line(principal: &str, namespaces: &str, since: u64, until: &str, key: &str) {
    let after = stamp(since);
    crate::outln!("{principal} namespaces=\"{namespaces}\",valid-after=\"{after}\"{until} {key}");
}

/// `20261122193000Z`: in quotes, without which ssh-keygen ignores the whole line.
fn stamp(seconds: u64) -> String {
    moment(seconds).strftime("%Y%m%d%H%M%SZ").to_string()
}

/// What stands in the line as it is: nothing that would end its field or begin another.
fn plain(option: &str, value: &str) -> Result<(), Trouble> {
    let fine = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '#' | '\\');
    if !value.is_empty() && value.chars().all(fine) {
        return Ok(());
    }
    Err(Trouble::Usage {
        what: format!("{option} {} cannot stand in an allowed_signers line", crate::text::quote(value)),
        hint: "letters, digits and punctuation without quotes, spaces, `#` and `\\`".to_owned(),
    })
}
