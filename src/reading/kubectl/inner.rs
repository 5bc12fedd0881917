//! The command that `kubectl exec`, `debug` and `run` start in a container: it is read by its own reader, as one
//! that runs elsewhere. Here is only what belongs to kubectl: where the words begin, what they get to read, and
//! what weighs more in a container than on a machine. Must never let a program pass that is known to destroy.

use super::line::Line;
use crate::invocation::Stdin;
use crate::reading::{Command, Doubt, Start, is_shell};
use std::ffi::OsString;

/// Adds the traits of a session and of what is started in it.
pub fn examine(line: &Line, command: &mut Command) {
    if line.verb.words == "debug" && line.operands.first().is_some_and(|o| is_node(o)) {
        command.traits.add("form", "node-debug");
    }
    let Some((program, rest)) = words(line).split_first() else {
        if line.verb.words != "run" {
            command.traits.add("form", "interactive");
        }
        return;
    };
    let name = bare(program);
    let fed = line.has("--stdin") && fed(command.invocation.stdin());
    let session = is_shell(name.as_bytes()) && rest.iter().all(|w| w.starts_with('-') && !has_script(w));
    let client = CLIENTS.contains(&name) && line.has("--tty") && line.has("--stdin");
    let form = if STOPS.contains(&name) || (is_shell(name.as_bytes()) && stops(rest)) {
        "inner-destructive"
    } else if (session || client) && !fed {
        "interactive"
    } else {
        "inner-other"
    };
    command.traits.add("form", form);
}

/// The command in the container; what is piped in goes to it only with `-i`.
pub fn start(line: &Line, command: &Command) -> Option<Start> {
    let dry = command.traits.values("dry-run").next().is_some();
    let starts = match line.verb.words {
        "exec" | "debug" | "run" | "rsh" => true,
        "create job" | "create cronjob" | "create deployment" => line.before_dash.is_some(),
        _ => false,
    };
    if dry || !starts {
        return None;
    }
    let words = words(line);
    let argv: Vec<OsString> = words.iter().map(OsString::from).collect();
    let passed_on = line.has("--stdin") || line.verb.words == "rsh";
    let stdin = if passed_on { command.invocation.stdin().clone() } else { Stdin::Content([].into()) };
    let name = bare(words.first()?);
    if is_shell(name.as_bytes()) && is_file(&words[1..]) {
        return None;
    }
    let why = || format!("{} can destroy, and guard has no rules for it", crate::text::show(name));
    let alarming = DESTROYS.contains(&name)
        || name.starts_with("mkfs")
        || CLIENTS.contains(&name) && (changes(&words[1..]) || fed(&stdin));
    let doubt = alarming.then(|| Doubt::unless_covered(why()));
    let invocation = command.invocation.elsewhere(argv, &place(command)).with_stdin(stdin);
    Some(Start { invocation, doubt })
}

/// `the container of pod/web-1`.
fn place(command: &Command) -> String {
    let of = super::of_command(command).objects.into_iter().next();
    of.map_or("the container".to_owned(), |object| format!("the container of {}", crate::text::show(&object)))
}

/// The operands after `--`; older kubectl also takes them after the pod without it.
fn words(line: &Line) -> &[String] {
    let from = line.before_dash.unwrap_or(usize::from(!line.has("--filename")));
    line.operands.get(from..).unwrap_or_default()
}

fn bare(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// One of `STOPS` is the first word of some command in a shell's script.
fn stops(words: &[String]) -> bool {
    let Some(at) = words.iter().position(|w| w.starts_with('-') && has_script(w)) else { return false };
    let script = words.get(at + 1).map_or("", String::as_str);
    let first = |part: &str| {
        let plain = |w: &&str| !KEYWORDS.contains(w) && !w.contains('=');
        part.split_whitespace()
            .find(plain)
            .is_some_and(|w| STOPS.contains(&bare(w.trim_matches(['"', '\'']))))
    };
    script.split([';', '&', '|', '\n', '(', ')', '{', '}', '`']).any(first)
}

/// A script of the container's own: a program of which nothing is known, like any other there.
fn is_file(words: &[String]) -> bool {
    let plain = |w: &&String| w.strip_prefix('-').is_some_and(|l| l.chars().all(|c| "exulnv".contains(c)));
    let first = words.iter().find(|w| !plain(w));
    first.is_some_and(|f| !f.starts_with(['-', '+']) && !f.starts_with("/dev/") && !f.starts_with("/proc/"))
}

/// `-c`, `-ec`.
fn has_script(option: &str) -> bool {
    !option.starts_with("--") && option.contains('c')
}

/// Something other than a person's typing comes on standard input.
fn fed(stdin: &Stdin) -> bool {
    match stdin {
        Stdin::Terminal => false,
        Stdin::Content(bytes) => !bytes.is_empty(),
        Stdin::Unread | Stdin::TooMuch => true,
    }
}

fn is_node(operand: &str) -> bool {
    operand.split_once('/').is_some_and(|(of, _)| super::Type::of(of).name == "node")
}

/// Words that change data in some database client's language.
fn changes(words: &[String]) -> bool {
    const CHANGES: &[&str] = &[
        "drop", "truncate", "delete", "flush", "update", "alter", "remove", "del ", "unlink", "shutdown",
        "config", "debug", "swapdb", "restore", "reset",
    ];
    let text = words.join(" ").to_lowercase();
    CHANGES.iter().any(|word| text.contains(word))
}

/// Programs that stop or remove what the container is there for, however mild their own rules are on a machine.
const STOPS: &[&str] = &[
    "kill", "pkill", "killall", "unlink", "rmdir", "shutdown", "reboot", "halt", "poweroff", "userdel",
    "dropuser", "fdisk", "parted",
];
const KEYWORDS: &[&str] =
    &["if", "then", "else", "elif", "while", "until", "do", "!", "exec", "command", "sudo"];
/// Programs that destroy, in case no rule file covers them.
const DESTROYS: &[&str] = &["rm", "shred", "dd", "truncate", "wipefs", "mkswap", "dropdb"];
const CLIENTS: &[&str] =
    &["psql", "mysql", "mariadb", "redis-cli", "mongosh", "mongo", "sqlite3", "etcdctl", "cqlsh"];
