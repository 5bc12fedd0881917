//! The command that `kubectl exec` and `kubectl debug` run in a container. It is classified by its program words
//! until shells are read properly. Must never call a script harmless of which it knows not every program.

use super::line::Line;
use crate::invocation::Stdin;
use crate::reading::Command;
use std::ffi::OsString;

/// What the inner words amount to, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Inner {
    Reads,
    Other,
    Interactive,
    Unread,
    Destructive,
}

/// Adds the trait of the inner command, and `node-debug`.
pub fn examine(line: &Line, command: &mut Command) {
    if line.verb.words == "debug" && line.operands.first().is_some_and(|o| is_node(o)) {
        command.traits.add("form", "node-debug");
    }
    let inner = words(line);
    let class = classify(inner);
    let form = match class {
        Inner::Reads | Inner::Other | Inner::Interactive | Inner::Unread
            if line.has("--stdin") && runs_input(inner, class, command.invocation.stdin()) =>
        {
            "inner-script"
        }
        Inner::Reads => "inner-reads",
        Inner::Other => "inner-other",
        Inner::Interactive => "interactive",
        Inner::Unread => "inner-unread",
        Inner::Destructive => "inner-destructive",
    };
    command.traits.add("form", form);
}

/// What comes on standard input is run in the container. At a terminal a person types it, unless the words ask
/// for a script by name.
fn runs_input(words: &[String], class: Inner, stdin: &Stdin) -> bool {
    let words = unwrapped(words);
    let Some((program, rest)) = words.split_first() else { return fed(stdin) };
    let name = program.rsplit('/').next().unwrap_or(program);
    if names_input(name, rest) {
        return true;
    }
    let waits =
        if CLIENTS.contains(&name) { !has_statement(name, rest) } else { class == Inner::Interactive };
    waits && fed(stdin)
}

/// `sh /dev/stdin`, `psql -f -`.
fn names_input(name: &str, rest: &[String]) -> bool {
    let is_client = CLIENTS.contains(&name);
    let runs = is_client || SHELLS.contains(&name) || WRAPPERS.contains(&name);
    let file = |pair: &[String]| ["-f", "--file"].contains(&pair[0].as_str()) && pair[1] == "-";
    runs && rest.iter().any(|w| w == "/dev/stdin")
        || is_client && (rest.windows(2).any(file) || rest.iter().any(|w| w == "-f-" || w == "--file=-"))
}

/// Something other than a person's typing comes on standard input.
fn fed(stdin: &Stdin) -> bool {
    match stdin {
        Stdin::Terminal => false,
        Stdin::Content(bytes) => !bytes.is_empty(),
        Stdin::Unread | Stdin::TooMuch => true,
    }
}

/// A database client was given what to do, and leaves standard input alone.
fn has_statement(name: &str, rest: &[String]) -> bool {
    let long = |names: &[&str]| rest.iter().any(|w| names.contains(&w.split('=').next().unwrap_or(w)));
    match name {
        "psql" => {
            long(&["--command", "--file", "--list"]) || rest.iter().any(|w| short(w, "cfl", "dhpFPRTvoLU"))
        }
        "mysql" | "mariadb" => long(&["--execute"]) || rest.iter().any(|w| short(w, "e", "uhPpDS")),
        "mongosh" | "mongo" => long(&["--eval", "--file", "-f"]) || rest.iter().any(|w| w.ends_with(".js")),
        "cqlsh" => long(&["--execute", "--file"]) || rest.iter().any(|w| short(w, "ef", "ukp")),
        "redis-cli" => {
            operands(rest, &["-h", "-p", "-a", "-n", "-u", "-s", "-r", "-i", "--user", "--pass"]) > 0
        }
        "sqlite3" => operands(rest, &["-cmd", "-separator", "-init", "-nullvalue", "-newline"]) > 1,
        _ => operands(rest, &[]) > 0,
    }
}

/// One of the wanted letters is in a cluster of short options, before one that takes the rest as its value.
fn short(word: &str, wanted: &str, valued: &str) -> bool {
    let Some(letters) = word.strip_prefix('-').filter(|l| !l.starts_with('-')) else { return false };
    letters.chars().find(|c| wanted.contains(*c) || valued.contains(*c)).is_some_and(|c| wanted.contains(c))
}

fn operands(rest: &[String], valued: &[&str]) -> usize {
    let mut words = rest.iter();
    let mut count = 0;
    while let Some(word) = words.next() {
        if valued.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            count += 1;
        }
    }
    count
}

/// Behind what only changes the user or reaps processes.
fn unwrapped(words: &[String]) -> &[String] {
    let mut words = words;
    while let Some((program, rest)) = words.split_first() {
        let skipped = match program.rsplit('/').next().unwrap_or(program) {
            "gosu" | "su-exec" | "setuidgid" | "s6-setuidgid" => 1,
            "tini" | "tini-static" | "dumb-init" | "catatonit" => init_options(rest),
            _ => return words,
        };
        words = rest.get(skipped..).unwrap_or_default();
        if words.is_empty() {
            return words;
        }
    }
    words
}

fn init_options(rest: &[String]) -> usize {
    let mut at = 0;
    while let Some(word) = rest.get(at).filter(|w| w.starts_with('-')) {
        at += if ["-p", "-e", "-r", "--rewrite"].contains(&word.as_str()) { 2 } else { 1 };
        if word == "--" {
            break;
        }
    }
    at
}

fn is_node(operand: &str) -> bool {
    operand.split_once('/').is_some_and(|(of, _)| super::Type::of(of).name == "node")
}

/// The operands after `--`; older kubectl also takes them after the pod without it.
fn words(line: &Line) -> &[String] {
    let from = line.before_dash.unwrap_or(usize::from(!line.has("--filename")));
    line.operands.get(from..).unwrap_or_default()
}

/// The inner command as one that would be started, in the container.
pub fn commands(command: &Command) -> Option<Command> {
    if command.verb != "exec" {
        return None;
    }
    let args = command.invocation.args();
    let dash = args.iter().position(|w| w == "--")?;
    let argv: Vec<OsString> = args[dash + 1..].to_vec();
    let tool = argv.first()?.to_string_lossy().rsplit('/').next().unwrap_or("").to_owned();
    let mut inner = Command::new(&command.invocation.nested(argv.clone()), &tool);
    inner.headline = format!("{} in the container", crate::text::quote_line(&argv));
    Some(inner)
}

fn classify(words: &[String]) -> Inner {
    if words.is_empty() {
        return Inner::Interactive;
    }
    let Some((program, rest)) = unwrapped(words).split_first() else { return Inner::Other };
    let name = program.rsplit('/').next().unwrap_or(program);
    match name {
        _ if SHELLS.contains(&name) => shell(rest),
        _ if DESTROYS.contains(&name) || name.starts_with("mkfs") => Inner::Destructive,
        _ if CLIENTS.contains(&name) => client(rest),
        _ if WRAPPERS.contains(&name) => Inner::Unread,
        "find" => find(rest),
        _ if READS.contains(&name) => Inner::Reads,
        _ => Inner::Other,
    }
}

fn shell(rest: &[String]) -> Inner {
    let with_script = |w: &String| w.starts_with('-') && !w.starts_with("--") && w.contains('c');
    match rest.iter().position(with_script) {
        Some(at) => rest.get(at + 1).map_or(Inner::Other, |s| script(s)),
        None if rest.iter().all(|w| w.starts_with('-')) => Inner::Interactive,
        None => Inner::Unread,
    }
}

/// Cut at every operator; expansions that could name a program make it unread.
fn script(text: &str) -> Inner {
    let hidden = ["$(", "`", "eval", "<<", "source ", "$@", "\\"].iter().any(|h| text.contains(h));
    let parts = text.split([';', '&', '|', '\n', '(', ')', '{', '}']);
    let worst = parts.map(simple).max().unwrap_or(Inner::Reads);
    if hidden { worst.max(Inner::Unread) } else { worst }
}

fn simple(part: &str) -> Inner {
    const KEYWORDS: &[&str] =
        &["if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "time"];
    let words: Vec<String> = part
        .split_whitespace()
        .map(|w| w.replace(['\'', '"'], ""))
        .skip_while(|w| KEYWORDS.contains(&w.as_str()) || w.split_once('=').is_some_and(|(n, _)| is_name(n)))
        .collect();
    match words.first() {
        None => Inner::Reads,
        Some(word) if word.contains('$') => Inner::Unread,
        Some(word) if word == "for" => Inner::Reads,
        Some(_) => classify(&words).max(redirected(part)),
    }
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Writing to a file overwrites it.
fn redirected(part: &str) -> Inner {
    let to = part.split('>').skip(1).map(|t| t.trim_start_matches(['>', '&', '|']).trim());
    if to
        .into_iter()
        .all(|t| t.starts_with("/dev/null") || t.starts_with(|c: char| c.is_ascii_digit()) || t.is_empty())
    {
        Inner::Reads
    } else {
        Inner::Unread
    }
}

/// A database client: what it sends is a statement, a file, or what a person types.
fn client(rest: &[String]) -> Inner {
    const CHANGES: &[&str] = &[
        "drop", "truncate", "delete", "flush", "update", "alter", "remove", "del ", "unlink", "shutdown",
        "config", "debug", "swapdb", "restore", "reset",
    ];
    let text = rest.join(" ").to_lowercase();
    if CHANGES.iter().any(|word| text.contains(word)) {
        Inner::Destructive
    } else if rest
        .iter()
        .any(|w| w.starts_with("-f") || w == "--file" || w.starts_with("--file=") || w == "<")
    {
        Inner::Unread
    } else if text.contains("select")
        || text.contains("show")
        || text.contains("get")
        || text.contains("info")
    {
        Inner::Reads
    } else {
        Inner::Interactive
    }
}

fn find(rest: &[String]) -> Inner {
    match rest.iter().find(|w| w.starts_with("-delete") || w.starts_with("-exec") || w.starts_with("-ok")) {
        Some(word) if word == "-delete" => Inner::Destructive,
        Some(_) => Inner::Unread,
        None => Inner::Reads,
    }
}

const DESTROYS: &[&str] = &[
    "rm", "rmdir", "unlink", "shred", "dd", "truncate", "wipefs", "mkswap", "fdisk", "parted", "kill",
    "pkill", "killall", "shutdown", "reboot", "halt", "poweroff", "dropdb", "dropuser", "userdel",
];
const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "ksh", "fish"];
const CLIENTS: &[&str] =
    &["psql", "mysql", "mariadb", "redis-cli", "mongosh", "mongo", "sqlite3", "etcdctl", "cqlsh"];
const WRAPPERS: &[&str] = &[
    "env", "nice", "nohup", "timeout", "xargs", "sudo", "su", "chroot", "nsenter", "setsid", "stdbuf",
    "busybox", "command", "exec", "watch", "strace", "python", "python3", "perl", "ruby", "node", "php",
    "awk",
];
const READS: &[&str] = &[
    "ls",
    "cat",
    "echo",
    "printf",
    "ps",
    "printenv",
    "date",
    "whoami",
    "id",
    "hostname",
    "uname",
    "df",
    "du",
    "head",
    "tail",
    "grep",
    "egrep",
    "wc",
    "stat",
    "file",
    "pwd",
    "true",
    "false",
    "test",
    "[",
    "sort",
    "uniq",
    "cut",
    "md5sum",
    "sha256sum",
    "uptime",
    "free",
    "netstat",
    "ss",
    "nslookup",
    "dig",
    "ping",
    "getent",
    "which",
    "readlink",
    "top",
    "less",
    "more",
    "nproc",
    "lsof",
    "mount",
    "sleep",
    "cd",
    "set",
    "pg_isready",
    "dirname",
    "basename",
    "seq",
    "tr",
    "jq",
    "traceroute",
];

#[cfg(test)]
mod tests {
    use super::{Inner, classify, runs_input};
    use crate::invocation::Stdin;

    fn class(words: &[&str]) -> Inner {
        classify(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn programs_are_told_apart() {
        assert_eq!(class(&["/bin/rm", "-rf", "/data"]), Inner::Destructive);
        assert_eq!(class(&["ls", "-la"]), Inner::Reads);
        assert_eq!(class(&["bash"]), Inner::Interactive);
        assert_eq!(class(&["./manage.py", "migrate"]), Inner::Other);
        assert_eq!(class(&["env", "X=1", "rm", "x"]), Inner::Unread);
        assert_eq!(class(&["psql", "-c", "DROP TABLE t"]), Inner::Destructive);
        assert_eq!(class(&["find", "/tmp", "-delete"]), Inner::Destructive);
        assert_eq!(class(&["gosu", "app", "rm", "x"]), Inner::Destructive);
        assert_eq!(class(&["/sbin/tini", "-g", "--", "su-exec", "a", "ls"]), Inner::Reads);
        assert_eq!(class(&["dumb-init", "--rewrite", "15:3", "sh"]), Inner::Interactive);
        assert_eq!(class(&["gosu", "app"]), Inner::Other);
    }

    #[test]
    fn what_runs_its_standard_input() {
        let runs = |line: &str, stdin: &Stdin| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            runs_input(&words, classify(&words), stdin)
        };
        for line in [
            "sh",
            "bash -s",
            "gosu app bash",
            "psql -U app -d widgets",
            "mysql -uroot -pse",
            "redis-cli -h cache",
            "sqlite3 /data/x.db",
        ] {
            assert!(runs(line, &Stdin::Unread) && runs(line, &Stdin::TooMuch), "{line}");
            assert!(!runs(line, &Stdin::Terminal) && !runs(line, &Stdin::Content([].into())), "{line}");
        }
        for line in ["psql -f -", "sh /dev/stdin"] {
            assert!(runs(line, &Stdin::Terminal), "{line}");
        }
        for line in ["sh -c ls", "psql -tAc x", "mysql -Ne x", "redis-cli -p 1 ping", "cat", "tee x"] {
            assert!(!runs(line, &Stdin::Unread), "{line}");
        }
    }

    #[test]
    fn scripts_are_cut_at_operators() {
        assert_eq!(class(&["sh", "-c", "ls /tmp | wc -l 2>/dev/null"]), Inner::Reads);
        assert_eq!(class(&["sh", "-ec", "cd /data && rm -rf x"]), Inner::Destructive);
        assert_eq!(class(&["bash", "-c", "$CMD x"]), Inner::Unread);
        assert_eq!(class(&["sh", "-c", "echo $(cat x)"]), Inner::Unread);
        assert_eq!(class(&["sh", "-c", "echo x > /etc/app.conf"]), Inner::Unread);
        assert_eq!(class(&["sh", "-c", "if true; then rm x; fi"]), Inner::Destructive);
        assert_eq!(class(&["sh", "/tmp/script.sh"]), Inner::Unread);
    }
}
