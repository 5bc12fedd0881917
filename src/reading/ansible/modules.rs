//! What ansible's modules do by their name and arguments. Must never call a module that takes a command harmless.

use std::collections::BTreeMap;

/// What a task amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Reads,
    Edits,
    Destroys,
    Disrupts,
    Restarts,
    /// A line for a shell at the hosts.
    Runs(String),
    /// Words for a program, without a shell.
    Executes(Vec<String>),
    /// A script of this machine, with its arguments.
    Script(String),
    /// SQL on a server that is not known.
    Sql(String),
    /// It depends on something that cannot be read.
    Opaque(String),
}

/// Arguments by name; `_raw` is the free text.
pub type Arguments = BTreeMap<String, String>;

const READS: &[&str] = &[
    "ping",
    "win_ping",
    "setup",
    "gather_facts",
    "debug",
    "stat",
    "win_stat",
    "find",
    "slurp",
    "assert",
    "fail",
    "set_fact",
    "set_stats",
    "include_vars",
    "pause",
    "wait_for",
    "wait_for_connection",
    "getent",
    "add_host",
    "group_by",
    "async_status",
    "validate_argument_spec",
    "meta",
    "tempfile",
    "fetch",
    "test",
    "mail",
    "slack",
];
/// Parameters of `command` and `shell` that are not part of the command.
const AROUND: &[&str] =
    &["chdir", "creates", "removes", "executable", "warn", "stdin", "stdin_add_newline", "strip_empty_ends"];
/// States that take something away.
const GONE: &[&str] = &[
    "absent",
    "removed",
    "purged",
    "deleted",
    "killed",
    "wiped",
    "terminated",
    "unmounted",
    "destroyed",
    "drained",
];
const STOPPED: &[&str] =
    &["stopped", "powered-off", "powered_off", "poweredoff", "shutdownguest", "suspended", "offline"];
const RESTARTED: &[&str] = &["restarted", "rebooted", "reloaded_all", "rebootguest"];

/// Whether this module takes a line to run.
pub fn is_free_form(module: &str) -> bool {
    ["command", "shell", "raw", "script", "win_command", "win_shell"].contains(&module)
}

/// The last part of a module's name.
pub fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// What the module does.
pub fn deed(module: &str, arguments: &Arguments) -> Deed {
    let get = |name: &str| arguments.get(name).map(String::as_str);
    let is_on = |name: &str| {
        get(name)
            .is_some_and(|v| ["true", "yes", "on", "1", "y", "t"].contains(&v.to_ascii_lowercase().as_str()))
    };
    let state = get("state").unwrap_or("");
    match module {
        "shell" | "raw" | "win_shell" | "win_powershell" | "expect" => match line(arguments) {
            Some(text) => Deed::Runs(text),
            None => Deed::Opaque(format!("{module} without a command")),
        },
        "command" | "win_command" => match get("argv") {
            Some(argv) => Deed::Executes(argv.split(',').map(str::to_owned).collect()),
            None => match line(arguments) {
                Some(text) => Deed::Executes(super::vars::words(&text)),
                None => Deed::Opaque(format!("{module} without a command")),
            },
        },
        "script" => Deed::Script(line(arguments).unwrap_or_default()),
        "reboot" | "win_reboot" | "shutdown" => Deed::Disrupts,
        "postgresql_query" | "mysql_query" | "postgresql_script" => match get("query") {
            Some(query) => Deed::Sql(query.to_owned()),
            None => Deed::Opaque(format!("{module} with a file")),
        },
        "synchronize" if is_on("delete") => Deed::Destroys,
        "filesystem" | "win_format" if is_on("force") => Deed::Destroys,
        "uri" => match get("method").unwrap_or("GET").to_ascii_uppercase().as_str() {
            "GET" | "HEAD" | "OPTIONS" => Deed::Reads,
            "DELETE" => Deed::Destroys,
            _ => Deed::Edits,
        },
        "iptables" if is_on("flush") => Deed::Disrupts,
        _ if GONE.contains(&state) => Deed::Destroys,
        _ if STOPPED.contains(&state) => Deed::Disrupts,
        _ if RESTARTED.contains(&state) => Deed::Restarts,
        "apt" | "dnf" | "yum" | "zypper" if is_on("autoremove") || is_on("purge") => Deed::Destroys,
        _ if READS.contains(&module) || module.ends_with("_info") || module.ends_with("_facts") => {
            Deed::Reads
        }
        _ => Deed::Edits,
    }
}

/// The command of a module that takes one.
fn line(arguments: &Arguments) -> Option<String> {
    for name in ["cmd", "command", "_raw_params", "_raw"] {
        let Some(text) = arguments.get(name) else { continue };
        let mut rest = text.trim();
        // Parameters in front of the command.
        while let Some((first, more)) = rest.split_once(char::is_whitespace) {
            match first.split_once('=') {
                Some((name, _)) if AROUND.contains(&name) => rest = more.trim_start(),
                Some(_) | None => break,
            }
        }
        let kept = match rest.strip_prefix("cmd=") {
            Some(quoted) => quoted.trim_matches(['"', '\'']).to_owned(),
            None => rest.to_owned(),
        };
        return Some(kept).filter(|t| !t.is_empty());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(module: &str, pairs: &[(&str, &str)]) -> Deed {
        deed(module, &pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn a_module_is_judged_by_its_arguments() {
        assert_eq!(of("file", &[("path", "/d"), ("state", "absent")]), Deed::Destroys);
        assert_eq!(of("file", &[("path", "/d"), ("state", "directory")]), Deed::Edits);
        assert_eq!(of("service", &[("name", "nginx"), ("state", "stopped")]), Deed::Disrupts);
        assert_eq!(of("service", &[("name", "nginx"), ("state", "restarted")]), Deed::Restarts);
        assert_eq!(of("shell", &[("_raw", "chdir=/x rm -rf a")]), Deed::Runs("rm -rf a".into()));
        assert_eq!(of("shell", &[("cmd", "reboot")]), Deed::Runs("reboot".into()));
        assert_eq!(of("command", &[("_raw", "rm 'a b'")]), Deed::Executes(vec!["rm".into(), "a b".into()]));
        assert_eq!(of("synchronize", &[("src", "a"), ("delete", "yes")]), Deed::Destroys);
        assert_eq!(of("uri", &[("url", "x"), ("method", "DELETE")]), Deed::Destroys);
        for module in ["ping", "debug", "setup", "k8s_info", "package_facts"] {
            assert_eq!(of(module, &[]), Deed::Reads, "{module}");
        }
    }
}
