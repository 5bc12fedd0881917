//! systemctl and the commands that stop a machine or a part of it: shutdown, reboot, telinit, service, machinectl.
//! Traits: `scope` = user; `dry-run` = yes; `form` = shutdown-unit, mild-signal, data, cancel.
//! Must never take `--dry-run` for one where the verb ignores it.

use super::through::Start;
use super::{Command, Does, Reading, Tool, generic};
use crate::invocation::Invocation;

/// Verbs that queue jobs for units.
const JOBS: &[&str] = &[
    "start",
    "stop",
    "condstop",
    "reload",
    "restart",
    "try-restart",
    "condrestart",
    "reload-or-restart",
    "try-reload-or-restart",
    "reload-or-try-restart",
    "condreload",
    "force-reload",
    "isolate",
];
/// Verbs that end or suspend the whole machine.
const MACHINE: &[&str] = &[
    "halt",
    "poweroff",
    "reboot",
    "kexec",
    "soft-reboot",
    "suspend",
    "hibernate",
    "hybrid-sleep",
    "suspend-then-hibernate",
    "sleep",
    "default",
    "rescue",
    "emergency",
    "exit",
];
/// Other verbs whose operands are units.
const UNITS: &[&str] = &[
    "kill",
    "clean",
    "freeze",
    "thaw",
    "is-active",
    "is-failed",
    "check",
    "status",
    "show",
    "cat",
    "enable",
    "disable",
    "reenable",
    "preset",
    "is-enabled",
    "mask",
    "unmask",
    "revert",
    "edit",
    "list-dependencies",
    "reset-failed",
    "help",
];
/// Those that take one unit, then something else.
const FIRST: &[&str] = &["set-property", "bind", "mount-image", "service-log-level", "service-log-target"];
const SUFFIXES: &[&str] = &[
    "service",
    "socket",
    "device",
    "mount",
    "automount",
    "swap",
    "target",
    "path",
    "timer",
    "slice",
    "scope",
];
/// Units whose start takes the machine down or away.
const SHUTDOWN: &[&str] = &[
    "reboot.target",
    "poweroff.target",
    "halt.target",
    "kexec.target",
    "shutdown.target",
    "rescue.target",
    "emergency.target",
    "soft-reboot.target",
    "exit.target",
    "umount.target",
    "final.target",
    "ctrl-alt-del.target",
    "runlevel0.target",
    "runlevel1.target",
    "runlevel6.target",
    "systemd-reboot.service",
    "systemd-poweroff.service",
    "systemd-halt.service",
    "systemd-kexec.service",
    "suspend.target",
    "hibernate.target",
    "sleep.target",
];

/// Reads systemctl, also under the name of what it stops.
pub fn systemctl(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    if command.verb.is_empty() {
        command.verb = "list-units".into();
    }
    if command.option("--user").is_some() {
        command.traits.add("scope", "user");
    }
    let verb = command.verb.clone();
    let jobs = JOBS.contains(&verb.as_str());
    if command.option("--dry-run").is_some() && (jobs || MACHINE.contains(&verb.as_str())) {
        command.does = Does::Nothing("a dry run".into());
    }
    if jobs && command.operands.is_empty() && command.option("--marked").is_none() {
        command.does = Does::Nothing(format!("{verb} names no unit"));
    }
    if command.option("--when").is_some_and(|when| when == "show" || when == "cancel") {
        command.traits.add("form", "cancel");
    }
    let named = units(&command);
    if ["start", "restart", "reload-or-restart", "isolate"].contains(&verb.as_str())
        && named.iter().any(|u| SHUTDOWN.contains(&u.as_str()))
    {
        command.traits.add("form", "shutdown-unit");
    }
    if verb == "kill" && is_mild(command.option("--signal")) {
        command.traits.add("form", "mild-signal");
    }
    let data = |what: &str| what.split(',').any(|w| !["cache", "runtime", "logs", "fdstore"].contains(&w));
    if verb == "clean" && command.option("--what").is_some_and(data) {
        command.traits.add("form", "data");
    }
    Reading::of(command)
}

/// A signal that asks a program for something else than its end.
fn is_mild(signal: Option<&str>) -> bool {
    const MILD: &[&str] = &["HUP", "USR1", "USR2", "WINCH", "CONT", "0", "1", "10", "12", "18", "28"];
    let upper = signal.unwrap_or("TERM").to_ascii_uppercase();
    MILD.contains(&upper.strip_prefix("SIG").unwrap_or(&upper))
}

/// The units a systemctl command names, completed as systemctl does it (unit_name_mangle).
pub fn units(command: &Command) -> Vec<String> {
    let verb = command.verb.as_str();
    let suffix = if ["isolate", "set-default"].contains(&verb) { "target" } else { "service" };
    let named = if JOBS.contains(&verb) || UNITS.contains(&verb) || verb == "set-default" {
        command.operands.len()
    } else {
        usize::from(FIRST.contains(&verb)).min(command.operands.len())
    };
    let is_process =
        |word: &&String| !(["status", "show"].contains(&verb) && word.bytes().all(|b| b.is_ascii_digit()));
    command.operands[..named].iter().filter(is_process).map(|word| completed(word, suffix)).collect()
}

fn completed(word: &str, suffix: &str) -> String {
    let has_type = word.rsplit_once('.').is_some_and(|(_, last)| SUFFIXES.contains(&last));
    if has_type || word.contains(['*', '?', '[']) {
        return word.to_owned();
    }
    if let Some(path) = word.strip_prefix('/') {
        let kind = if path.starts_with("dev/") || path.starts_with("sys/") { "device" } else { "mount" };
        let plain = path.trim_matches('/').replace('-', "\\x2d").replace('/', "-");
        return format!("{}.{kind}", if plain.is_empty() { "-" } else { &plain });
    }
    format!("{word}.{suffix}")
}

/// Reads `shutdown`: what it does stands in its options, as the verb.
pub fn shutdown(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    let has = |name: &str| command.option(name).is_some();
    let verb = if has("-c") {
        "cancel"
    } else if has("--show") {
        "show"
    } else if has("-k") {
        "warn"
    } else if has("--reboot") || has("--kexec") {
        "reboot"
    } else if has("--halt") {
        "halt"
    } else {
        "poweroff"
    };
    command.verb = verb.into();
    Reading::of(command)
}

/// Reads `reboot`, `poweroff` and `halt`: the name, then the last option of a kind.
pub fn reboot(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    let kinds = ["--halt", "--poweroff", "--reboot"];
    let asked = command.options.iter().rev().find(|o| kinds.contains(&o.name.as_str()));
    command.verb = match asked {
        Some(option) => option.name.trim_start_matches('-').to_owned(),
        None => invocation.program().to_string_lossy().into_owned(),
    };
    if command.option("--wtmp-only").is_some() {
        command.does = Does::Nothing("it only writes a record".into());
    }
    Reading::of(command)
}

/// Reads `telinit` and `init`: the runlevel is the verb.
pub fn telinit(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    command.verb = match command.operands.first().map(String::as_str) {
        Some("0") => "poweroff",
        Some("6") => "reboot",
        Some("1" | "s" | "S") => "rescue",
        Some("2" | "3" | "4" | "5") => "isolate",
        Some("q" | "Q") => "reload",
        Some("u" | "U") => "reexec",
        Some(_) | None => "",
    }
    .into();
    if command.verb.is_empty() {
        command.does = Does::Nothing("it names no runlevel".into());
    }
    Reading::of(command)
}

/// Reads `service NAME ACTION`: the action is the verb, the service the operand.
pub fn service(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    let words = command.operands.clone();
    command.verb = match words.as_slice() {
        [_, action, ..] => action.clone(),
        [_] if command.option("--full-restart").is_some() => "restart".into(),
        [_] | [] => "status".into(),
    };
    command.operands.truncate(1);
    command.operand_at.truncate(1);
    Reading::of(command)
}

/// Reads `machinectl`; its shell runs a command in the container.
pub fn machinectl(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    let mut starts = Vec::new();
    if command.verb == "shell" && command.does == Does::Acts {
        let name = command.operands.first().map_or(".host", String::as_str);
        let name = name.rsplit('@').next().unwrap_or(name).to_owned();
        match command.operand_at.get(1) {
            Some(at) => {
                let argv = invocation.args()[*at..].to_vec();
                let inner = invocation.elsewhere(argv, &format!("the container {name}"));
                starts.push(Start { invocation: inner, doubt: None });
            }
            None => command.traits.add("session", "interactive"),
        }
    }
    if command.verb == "login" {
        command.traits.add("session", "interactive");
    }
    Reading { commands: vec![command], starts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_units_are_completed() {
        for (word, whole) in [
            ("nginx", "nginx.service"),
            ("nginx.service", "nginx.service"),
            ("a.b", "a.b.service"),
            ("web*", "web*"),
            ("/mnt/data", "mnt-data.mount"),
            ("/dev/sda1", "dev-sda1.device"),
            ("getty@tty1", "getty@tty1.service"),
            ("dbus.socket", "dbus.socket"),
        ] {
            assert_eq!(completed(word, "service"), whole);
        }
        assert_eq!(completed("rescue", "target"), "rescue.target");
    }
}
