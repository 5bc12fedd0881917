//! What `guard doctor` says about keys: where the identity is, whether it works, who else could sign with it.
//! Must never make a key, nor have one touched or confirmed.

use super::moment;
use crate::intercept::doctor::{Finding, Level};
use crate::keys::Identity;
use crate::keys::agent::{self, Origin};
use crate::keys::identity::{Custody, KeyError, check};
use crate::settings::Dirs;
use crate::sys::entry::variable;
use jiff::tz::TimeZone;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub fn findings(dirs: &Dirs) -> Vec<Finding> {
    let mut findings = identity(dirs);
    findings.extend(forwarded());
    findings
}

fn finding(level: Level, text: String, hint: Option<String>) -> Finding {
    Finding { level, text, hint }
}

fn identity(dirs: &Dirs) -> Vec<Finding> {
    let identity = match Identity::existing(&dirs.state) {
        Ok(Some(identity)) => identity,
        Ok(None) => {
            let text = "no identity key yet: it is made on first use".to_owned();
            return vec![finding(Level::Good, text, None)];
        }
        Err(error) => return vec![broken(&error)],
    };
    let since = moment(identity.since()).to_zoned(TimeZone::system()).strftime("%Y-%m-%d").to_string();
    let text = format!("identity: {}, since {since}", identity.described());
    let mut findings = vec![match check(&identity) {
        Ok(()) => finding(Level::Good, text, None),
        Err(error) => broken(&error),
    }];
    if !identity.is_recorded() {
        findings.push(finding(
            Level::Warning,
            "the last change of your identity key is not in the audit log yet".to_owned(),
            Some("`guard key show` brings it there".to_owned()),
        ));
    }
    if identity.has_leftovers() {
        findings.push(finding(
            Level::Warning,
            "the secret of a key that was yours before is not destroyed yet".to_owned(),
            Some("`guard key rotate` tries again".to_owned()),
        ));
    }
    findings.extend(who_else(&identity));
    findings
}

fn broken(error: &KeyError) -> Finding {
    let level = if error.status() == 78 { Level::Broken } else { Level::Warning };
    finding(level, error.to_string(), Some(error.hint()))
}

/// What the place of a key does not stop.
fn who_else(identity: &Identity) -> Option<Finding> {
    let where_it_is = match identity.custody() {
        Custody::Agent if identity.public().is_hardware() => return None,
        Custody::Agent => "in an agent",
        Custody::Keyring => "in the keyring",
        Custody::File => "in a file",
    };
    Some(finding(
        Level::Note,
        format!("a key {where_it_is} signs for any program that runs as you"),
        Some(
            "a hardware key wants a touch each time: `ssh-keygen -t ed25519-sk`, then `guard key use ssh`"
                .to_owned(),
        ),
    ))
}

/// An agent that leads to another machine signs for whoever is root on this one.
fn forwarded() -> Option<Finding> {
    let socket = Path::new(variable("SSH_AUTH_SOCK").filter(|value| !value.is_empty())?);
    let came_by_ssh = variable("SSH_CONNECTION").is_some_and(|value| !value.is_empty());
    let certain = match agent::origin(socket) {
        Origin::Local => return None,
        Origin::Forwarded => true,
        Origin::Unknown if came_by_ssh && made_by_sshd(socket) => false,
        Origin::Unknown => return None,
    };
    let word = if certain { "is" } else { "may be" };
    Some(finding(
        Level::Warning,
        format!(
            "the ssh-agent {word} forwarded from where you logged in: whoever is root here can sign with it meanwhile"
        ),
        Some(
            "log in without it (`ssh -a`, `ForwardAgent no`), or use a hardware key that wants a touch"
                .to_owned(),
        ),
    ))
}

/// Whether a socket lies where sshd puts those of forwarded agents: `/tmp/ssh-XXXX/agent.PID`, since OpenSSH
/// 10.1 `~/.ssh/agent/s.….sshd.…`.
fn made_by_sshd(socket: &Path) -> bool {
    let path = socket.as_os_str().as_bytes();
    let name = socket.file_name().map(OsStrExt::as_bytes).unwrap_or_default();
    (path.starts_with(b"/tmp/ssh-") && name.starts_with(b"agent."))
        || (socket.parent().is_some_and(|parent| parent.ends_with(".ssh/agent"))
            && name.windows(b".sshd.".len()).any(|window| window == b".sshd."))
}
