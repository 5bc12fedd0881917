//! docker, podman, nerdctl and compose: commands under all their names, what runs in a container, and what a container
//! gets of its host. Traits: `form` = ways out of a container; `session` = interactive; `scale` as form `scaled-to-0`.
//! Must never take an option of the program in the container for one of docker.

pub mod line;
mod run;
mod verb_table;

pub use line::{Line, Program, parse};

use super::through::{Doubt, Start};
use super::{Command, Does, Reading};
use crate::invocation::{Invocation, Stdin};
use std::ffi::OsString;
use std::rc::Rc;

/// Where a program runs that finds nothing but its own image: what it removes there is nobody's.
pub const CLOSED: &str = "a new container with nothing of its host";

/// Reads one command.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "docker");
    let line = match parse(invocation) {
        Ok(line) => line,
        Err(why) => {
            command.does = Does::Nothing(why);
            return Reading::of(command);
        }
    };
    command.verb.clone_from(&line.verb);
    command.options.clone_from(&line.parsed.options);
    command.operands = line.parsed.operand_words();
    command.operand_at = line.parsed.operands.iter().map(|(_, at)| *at).collect();
    if let Some(why) = &line.doubt {
        command.does = Does::Unsure(why.clone());
    }
    if dry(&line) {
        command.does = Does::Nothing("a dry run".into());
    }
    if let Some(why) = declined(&line, invocation.stdin()) {
        command.does = Does::Nothing(why);
    }
    examine(&mut command, &line);
    let starts = if command.does == Does::Acts { starts(&mut command, &line) } else { Vec::new() };
    let words: Vec<_> = invocation.argv().iter().skip(1).collect();
    command.headline =
        format!("{} {}", invocation.program().to_string_lossy(), crate::text::quote_line(&words));
    Reading { commands: vec![command], starts }
}

fn dry(line: &Line) -> bool {
    let off = |v: &str| ["false", "0", "f"].contains(&v);
    line.compose.last("--dry-run").is_some_and(|v| !off(v))
        || line.verb.starts_with("compose ") && line.parsed.has("--dry-run")
}

/// Commands that ask before they remove.
const ASKS: &[&str] = &[
    "builder prune",
    "buildx prune",
    "compose rm",
    "container prune",
    "image prune",
    "network prune",
    "pod prune",
    "system prune",
    "system reset",
    "volume prune",
];

/// Why docker's own question keeps everything: what answers it is no yes. A person at a terminal is asked about the
/// kind of thing, not about where it is, so that question is no reason.
fn declined(line: &Line, stdin: &Stdin) -> Option<String> {
    if !ASKS.contains(&line.verb.as_str()) || line.parsed.has("--force") {
        return None;
    }
    match stdin {
        Stdin::Content(bytes) => {
            let first = bytes.split(|b| *b == b'\n').next().unwrap_or(b"").trim_ascii().to_ascii_lowercase();
            let yes = [&b"y"[..], b"yes"].contains(&first.as_slice());
            (!yes).then(|| "it asks, and its standard input does not say yes".to_owned())
        }
        Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => None,
    }
}

/// Traits that rules look at.
fn examine(command: &mut Command, line: &Line) {
    let opens = ["container run", "container create", "container exec", "compose exec", "compose run"];
    if opens.contains(&line.verb.as_str()) {
        for form in run::ways_out(&line.parsed) {
            command.traits.add("form", form);
        }
    }
    let scaled = command.operands.iter().map(String::as_str).chain(command.option_values("--scale"));
    let to_zero = scaled.filter_map(|w| w.split_once('=')).any(|(_, n)| n == "0");
    let scales =
        ["service scale", "compose scale", "compose up", "compose create"].contains(&line.verb.as_str());
    if scales && to_zero || command.option("--replicas") == Some("0") {
        command.traits.add("form", "scaled-to-0");
    }
    let signal = command.option("--signal").unwrap_or("KILL").to_ascii_uppercase();
    let signal = signal.strip_prefix("SIG").unwrap_or(&signal);
    if line.verb.ends_with(" kill")
        && !["HUP", "USR1", "USR2", "WINCH", "CONT", "0", "1", "10", "12"].contains(&signal)
    {
        command.traits.add("form", "deadly-signal");
    }
    if line.verb == "compose up" || line.verb == "compose create" {
        let replaces =
            ["--force-recreate", "--remove-orphans", "--renew-anon-volumes", "--always-recreate-deps"];
        if replaces.iter().any(|name| command.option(name).is_some()) {
            command.traits.add("form", "replaces");
        }
    }
}

/// The program in the container.
fn starts(command: &mut Command, line: &Line) -> Vec<Start> {
    let args = command.invocation.args();
    let from = |n: usize| -> Vec<OsString> {
        command.operand_at.get(n).map_or_else(Vec::new, |at| args[*at..].to_vec())
    };
    let first = command.operands.first().map_or("", String::as_str);
    let (place, argv) = match line.verb.as_str() {
        "container exec" => (format!("the container {first}"), from(1)),
        "compose exec" | "compose run" => (format!("the container of {first}"), from(1)),
        "container run" => {
            let closed = run::is_closed(&line.parsed);
            let place = if closed { CLOSED.to_owned() } else { format!("a container of {first}") };
            (place, started(first, line.parsed.last("--entrypoint"), from(1)))
        }
        "unshare" => {
            let around = Doubt::around("its users are mapped to others");
            let invocation = command.invocation.nested(from(0));
            let start = Start { invocation, doubt: Some(around) };
            return if command.operands.is_empty() { Vec::new() } else { vec![start] };
        }
        "machine ssh" if command.operands.len() > 1 => {
            let joined = command.operands[1..].join(" ");
            (format!("the machine {first}"), vec!["sh".into(), "-c".into(), joined.into()])
        }
        _ => return Vec::new(),
    };
    let attached = line.parsed.has("--interactive")
        || line.verb.starts_with("compose ") && !line.parsed.has("--detach")
        || line.verb == "machine ssh";
    let stdin =
        if attached { command.invocation.stdin().clone() } else { Stdin::Content(Rc::from(&b""[..])) };
    if argv.is_empty() {
        return Vec::new();
    }
    if matches!(stdin, Stdin::Terminal) && argv.len() == 1 {
        command.traits.add("session", "interactive");
    }
    let mounted = run::on_the_host(&command.invocation, line, &argv);
    let inside =
        Start { invocation: command.invocation.elsewhere(argv, &place).with_stdin(stdin), doubt: None };
    std::iter::once(inside).chain(mounted).collect()
}

/// The words with the entry point in front, as far as it is known.
fn started(image: &str, entry: Option<&str>, words: Vec<OsString>) -> Vec<OsString> {
    let entry = entry.or_else(|| run::entry_point(image)).filter(|e| !e.is_empty());
    entry.map(OsString::from).into_iter().chain(words).collect()
}
