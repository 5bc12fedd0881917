//! Which processes a kill reaches, by their names in /proc. Must never send anything.

use super::{Datum, Fact, Resolution, Targets, declared::machine};
use crate::reading::{Command, Does};
use crate::text;

/// Programs that a machine, or whoever is connected to it, depends on.
const VITAL: &[&str] = &[
    "init",
    "systemd",
    "dbus-daemon",
    "dbus-broker",
    "sshd",
    "postgres",
    "mysqld",
    "mariadbd",
    "mongod",
    "redis-server",
    "dockerd",
    "containerd",
    "kubelet",
    "kube-apiserver",
    "etcd",
    "nginx",
    "apache2",
    "httpd",
    "haproxy",
    "named",
    "NetworkManager",
    "Xorg",
    "gnome-shell",
    "consul",
    "vault",
    "nomad",
    "java",
    "rabbitmq-server",
    "beam.smp",
];

/// Resolves a kill command.
pub fn resolve(command: &Command) -> Resolution {
    if let Does::Nothing(why) = &command.does {
        return Resolution::Nothing(why.clone());
    }
    let mut targets = Targets::new("local");
    let mut shown = Vec::new();
    for word in &command.operands {
        let (kind, words) = process(word);
        targets.traits.add("target.kind", kind);
        shown.push(words);
    }
    targets.typed = if shown.len() == 1 { shown[0].clone() } else { format!("{} processes", shown.len()) };
    targets.objects.clone_from(&shown);
    let source = "the operands, named by /proc";
    targets.facts.push(if targets.traits.has("target.kind", "unknown") {
        Fact::unknown("processes", "the numbers are known only when it runs", source)
    } else {
        Fact::known("processes", Datum::texts(shown), source)
    });
    targets.facts.push(machine());
    Resolution::Hits(targets)
}

/// What a number reaches on another host or in a container, whose /proc is not the one here.
pub fn by_words(word: &str) -> &'static str {
    match word.parse::<i64>() {
        Ok(1) => "init",
        Ok(-1) => "everything",
        Err(_) if only_then(word) => "unknown",
        Ok(_) | Err(_) => "process",
    }
}

/// A number that is known only when it runs, except the shell's own and that of its last job.
fn only_then(word: &str) -> bool {
    word.contains(['$', '`']) && !["${!}", "${$}"].contains(&word)
}

/// What a number reaches, and in words.
fn process(word: &str) -> (&'static str, String) {
    match word.parse::<i64>() {
        Ok(1) => ("init", "1 (init)".to_owned()),
        Ok(-1) => ("everything", "every process".to_owned()),
        Ok(pid) => {
            let comm =
                std::fs::read_to_string(format!("/proc/{}/comm", pid.unsigned_abs())).unwrap_or_default();
            let comm = comm.trim();
            let vital = VITAL.contains(&comm) || comm.starts_with("systemd-");
            let kind = if vital { "vital" } else { "process" };
            let name = if comm.is_empty() { String::new() } else { format!(" ({})", text::show(comm)) };
            let group = if pid < 0 { "group of " } else { "" };
            (kind, format!("{group}{}{name}", pid.unsigned_abs()))
        }
        Err(_) if only_then(word) => ("unknown", text::show(word)),
        // A job of a shell, or a name.
        Err(_) => ("process", text::show(word)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_number_elsewhere_is_judged_by_itself() {
        for (word, kind) in [
            ("1", "init"),
            ("-1", "everything"),
            ("812", "process"),
            ("%1", "process"),
            ("${!}", "process"),
            ("${x}", "unknown"),
        ] {
            assert_eq!(super::by_words(word), kind, "{word}");
        }
    }
}
