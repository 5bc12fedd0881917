//! Where rsync, scp, sftp and mosh copy to or connect to: host and paths; for those over ssh as ssh resolves the host.
//! Traits: `target.form`, as the reading's `form`: what a batch of sftp does stands in a file.
//! Must never call the source of a copy its target.

use super::{Datum, Fact, Resolution, Targets};
use crate::reading::Command;
use crate::reading::copy::{Spot, spot};
use std::ffi::OsString;

pub fn resolve(command: &Command) -> Resolution {
    let spots: Vec<Spot> = command.operands.iter().map(|w| spot(w)).collect();
    let Some(last) = spots.last() else { return Resolution::Nothing("it names nothing".into()) };
    let session = ["sftp", "mosh"].contains(&command.tool.as_str());
    let target = if session { &spots[0] } else { last };
    let host = match (&target.host, session) {
        (Some(host), _) => Some(host.clone()),
        (None, true) => Some(target.path.clone()),
        (None, false) => None,
    };
    let mut targets = Targets::new("ssh");
    match &host {
        None => {
            targets.facts.push(Fact::text("host", "local", "no host is named"));
            targets.facts.push(super::declared::machine());
        }
        Some(host) => {
            let source = "the words of the command";
            targets.facts.push(Fact::text("host", host.clone(), source));
            let daemon = command.operands.iter().any(|w| w.starts_with("rsync://") || w.contains("::"));
            if !daemon && let Resolution::Hits(ssh) = over_ssh(command, host, target.port) {
                targets.facts.extend(ssh.facts);
            }
        }
    }
    if !session {
        let path = match &target.host {
            None => command.invocation.path(&target.path).display().to_string(),
            Some(_) => target.path.clone(),
        };
        targets.facts.push(Fact::known("paths", Datum::texts([path]), "the last operand"));
    }
    for form in command.traits.values("form") {
        targets.traits.add("target.form", form.to_owned());
    }
    targets.objects.clone_from(&command.operands);
    targets.typed = host.unwrap_or_else(|| target.path.clone());
    Resolution::Hits(targets)
}

/// The host as the ssh underneath resolves it.
fn over_ssh(command: &Command, host: &str, port: Option<u16>) -> Resolution {
    let mut argv: Vec<OsString> = vec!["ssh".into()];
    for (given, ours) in [("-F", "-F"), ("-J", "-J"), ("-l", "-l"), ("-P", "-p")] {
        if command.tool != "scp" && command.tool != "sftp" || ours == "-l" {
            continue;
        }
        if let Some(value) = command.option(given) {
            argv.extend([ours.into(), value.into()]);
        }
    }
    for value in command.option_values("-o").filter(|_| ["scp", "sftp"].contains(&command.tool.as_str())) {
        argv.extend(["-o".into(), value.into()]);
    }
    if let Some(port) = port {
        argv.extend(["-p".into(), port.to_string().into()]);
    }
    argv.extend(["--".into(), host.into()]);
    super::ssh::resolve(&Command::new(&command.invocation.nested(argv), "ssh"))
}
