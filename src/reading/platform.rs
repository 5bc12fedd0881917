//! flyctl and heroku: the pack says which verbs and options there are; here is what they refuse, and the command
//! that heroku runs in a dyno.

use super::{Command, Does, Reading, Start, Tool, generic};
use crate::invocation::Invocation;

/// Reads one command of either.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    if let Some(option) = shortened(&command, tool) {
        command.does = Does::Nothing(format!("{} does not know the option {option}", tool.program));
    }
    if ["-h", "--help"].iter().any(|h| command.option(h).is_some()) || command.verb == "help" {
        command.does = Does::Nothing("help only".into());
    }
    let starts = started(&command);
    Reading { commands: vec![command], starts }
}

/// Options that every command of either has: a beginning of one is no other option. Of further options the pack may
/// not list all, and a beginning of one could be a real one.
const NEVER_SHORT: &[&str] = &["app", "confirm"];

/// Neither completes an option: `--ap` is refused, and nothing is contacted.
fn shortened<'c>(command: &'c Command, tool: &Tool) -> Option<&'c str> {
    let is_beginning = |name: &str| {
        let body = name.strip_prefix("--").filter(|b| !b.is_empty());
        body.is_some_and(|b| {
            NEVER_SHORT.iter().any(|long| long.len() > b.len() && long.starts_with(b))
                && tool.options.iter().all(|o| o.long != b)
        })
    };
    command.options.iter().map(|o| o.name.as_str()).find(|name| is_beginning(name))
}

/// The words behind `heroku run`, without heroku's own options.
fn in_dyno(command: &Command) -> String {
    const WITH_VALUE: &[&str] =
        &["-a", "--app", "-r", "--remote", "-s", "--size", "-e", "--env", "--type", "--process-type"];
    const ALONE: &[&str] =
        &["-x", "--exit-code", "--listen", "--no-launcher", "--no-notify", "--no-tty", "-v", "--verbose"];
    let words: Vec<String> =
        command.invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let Some(from) = words.iter().position(|w| w == "run" || w.starts_with("run:")) else {
        return String::new();
    };
    let mut inner: Vec<&str> = Vec::new();
    let mut words = words[from + 1..].iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--" => {
                inner.extend(words);
                break;
            }
            "detached" | "inside" if inner.is_empty() => {}
            _ if WITH_VALUE.contains(&word) => {
                words.next();
            }
            _ if ALONE.contains(&word) => {}
            _ if word.split_once('=').is_some_and(|(name, _)| WITH_VALUE.contains(&name)) => {}
            _ => inner.push(word),
        }
    }
    inner.join(" ")
}

/// `heroku pg:psql -c STATEMENT`: psql on the database of the app, which is known there only.
fn session(command: &Command) -> Option<Start> {
    let words = command.invocation.args();
    let mut argv: Vec<std::ffi::OsString> = vec!["psql".into()];
    for (at, word) in words.iter().enumerate() {
        let word = word.to_string_lossy();
        let (name, value) = word.split_once('=').map_or((&*word, None), |(n, v)| (n, Some(v.into())));
        if matches!(name, "-c" | "--command" | "-f" | "--file") {
            argv.extend([name.into(), value.or_else(|| words.get(at + 1).cloned())?]);
        }
    }
    let invocation = command.invocation.elsewhere(argv, "the database of the app");
    Some(Start { invocation: invocation.with_stdin(command.invocation.stdin().clone()), doubt: None })
}

/// `heroku run CMD`, `flyctl ssh console -C CMD`: a shell in the app reads the words.
fn started(command: &Command) -> Vec<Start> {
    let verb = command.verb.split(' ').next().unwrap_or("");
    let line = match (command.tool.as_str(), command.verb.as_str()) {
        _ if command.does != Does::Acts => return Vec::new(),
        ("heroku", _) if matches!(verb, "run" | "run:detached" | "run:inside") => in_dyno(command),
        ("heroku", "pg:psql") => return session(command).into_iter().collect(),
        ("flyctl", "ssh console" | "machine exec" | "console") => match command.option("--command") {
            Some(line) => line.to_owned(),
            None => command.operands.get(1..).unwrap_or_default().join(" "),
        },
        _ => return Vec::new(),
    };
    if line.is_empty() {
        return Vec::new();
    }
    let argv = ["sh", "-c", &line].map(Into::into).to_vec();
    vec![Start { invocation: command.invocation.elsewhere(argv, "a machine of the app"), doubt: None }]
}
