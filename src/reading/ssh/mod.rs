//! ssh: where it goes (as `ssh -G` says), what it has run there, and what it runs here to get there.
//! Traits: `session` = command, script, interactive, subsystem, forward, control, idle.
//! Must never call a session harmless whose command comes from a file nobody read.

mod config;
mod connection;
mod line;
mod pattern;
mod place;
mod settings;
mod words;

#[cfg(test)]
mod tests;

pub use config::Stop;
pub use connection::{Connection, connections};
pub use line::{Line, Word, parse};
pub use pattern::matches;
pub use settings::Slot;

use super::through::{Doubt, Start};
use super::{Command, Does, Opt, Reading};
use crate::invocation::{Invocation, Stdin};
use std::ffi::OsString;
use std::rc::Rc;

/// Reads one ssh command.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "ssh");
    let line = match parse(invocation) {
        Ok(line) => line,
        Err(why) => {
            command.does = Does::Nothing(why);
            return Reading::of(command);
        }
    };
    fill(&mut command, &line);
    if let Some(why) = runs_nothing(&line) {
        command.does = Does::Nothing(why.into());
        return Reading::of(command);
    }
    if line.has('O') {
        command.traits.add("session", "control");
        return Reading::of(command);
    }
    let mut starts = Vec::new();
    let mut refused = None;
    let mut connected = false;
    for found in connections(invocation, &line) {
        match found {
            Ok(connection) => {
                connected = true;
                if let Some(why) = session(&mut command, &line, &connection, &mut starts) {
                    refused = Some(why);
                }
            }
            Err(Stop::Refused(why)) => refused = Some(why),
            Err(Stop::Unknown(why)) => {
                connected = true;
                unknown(&mut command, &line, why, &mut starts);
            }
        }
    }
    if let Some(why) =
        refused.filter(|_| !connected || starts.is_empty() && !command.traits.values("session").any(|_| true))
    {
        command.does = Does::Nothing(why);
    }
    command.headline = headline(&command, &line);
    Reading { commands: vec![command], starts }
}

/// Whether only the host is not known, and it is one word: what runs there is told by the words behind it.
pub fn only_the_host(invocation: &Invocation, doubt: &Doubt) -> bool {
    let Ok(line) = parse(invocation) else { return false };
    let at = line.host_at.map(|at| at + 1);
    let user = line.host.as_deref().is_some_and(|host| {
        host.split_once('@').is_some_and(|(user, _)| !user.is_empty() && !user.contains(['$', '`', '{']))
    });
    // A word of its own could be an option; behind a user it could not.
    doubt.first > 0 && at == Some(doubt.first) && (doubt.single || user) && !line.command.is_empty()
}

/// Options and the destination, as rules see them.
fn fill(command: &mut Command, line: &Line) {
    for (at, word) in line.words.iter().enumerate() {
        let (name, value) = match word {
            Word::Flag(letter) => (letter, None),
            Word::Value(letter, value) => (letter, Some(value.clone())),
            Word::Host(_) => continue,
        };
        command.options.push(Opt { name: format!("-{name}"), value, at });
    }
    command.operands.extend(line.host.clone());
}

/// Why nothing runs anywhere.
fn runs_nothing(line: &Line) -> Option<&'static str> {
    if line.has('V') {
        Some("version only")
    } else if line.has('Q') {
        Some("it only lists algorithms")
    } else if line.host.is_none() {
        Some("no host is named")
    } else if line.has('G') {
        Some("it only prints its configuration")
    } else {
        None
    }
}

/// What one connection runs; `Some` is why ssh refuses.
fn session(
    command: &mut Command,
    line: &Line,
    connection: &Connection,
    starts: &mut Vec<Start>,
) -> Option<String> {
    let settings = &connection.settings;
    if settings.is_on("refuseconnection", false) || settings.known("refuseconnection").is_some() {
        return Some("RefuseConnection".into());
    }
    let remote = connection.command("remotecommand");
    if remote.as_ref().is_some_and(Result::is_ok) && !line.command.is_empty() {
        return Some("a command and a RemoteCommand".into());
    }
    local(command, connection, starts);
    let stdin = match settings.is_on("stdinnull", false) {
        true => Stdin::Content(Rc::from(&b""[..])),
        false => command.invocation.stdin().clone(),
    };
    let kind = settings.known("sessiontype").unwrap_or("default").to_ascii_lowercase();
    if kind == "none" || kind == "subsystem" {
        command.traits.add("session", if kind == "none" { "forward" } else { "subsystem" });
        return None;
    }
    let place = place_of(connection);
    if !line.command.is_empty() {
        command.traits.add("session", "command");
        push(starts, there(command, &place, &["-c".into(), line.joined()], stdin, None));
    } else if let Some(text) = remote {
        command.traits.add("session", "command");
        let (text, doubt) = or_doubt(text);
        push(starts, there(command, &place, &["-c".into(), text.into()], stdin, doubt));
    } else {
        fed(command, &place, stdin, starts);
    }
    None
}

/// A login shell: a person types, or what comes on standard input is its script.
fn fed(command: &mut Command, place: &str, stdin: Stdin, starts: &mut Vec<Start>) {
    let kind = match &stdin {
        Stdin::Terminal => "interactive",
        Stdin::Content(bytes) if bytes.is_empty() => "idle",
        Stdin::Content(_) | Stdin::Unread | Stdin::TooMuch => "script",
    };
    command.traits.add("session", kind);
    if kind == "script" {
        push(starts, there(command, place, &[], stdin, None));
    }
}

/// Nobody knows what the configuration says; the words of the command line still count.
fn unknown(command: &mut Command, line: &Line, why: String, starts: &mut Vec<Start>) {
    let place = format!("the host {}", line.host.as_deref().unwrap_or(""));
    let stdin = command.invocation.stdin().clone();
    if !line.command.is_empty() {
        command.traits.add("session", "command");
        push(starts, there(command, &place, &["-c".into(), line.joined()], stdin, None));
    } else if command.invocation.place().is_some() {
        fed(command, &place, stdin, starts);
    } else {
        command.does = Does::Unsure(why);
    }
}

fn push(starts: &mut Vec<Start>, start: Start) {
    let same = |other: &Start| {
        other.invocation.argv() == start.invocation.argv()
            && other.invocation.place() == start.invocation.place()
    };
    if !starts.iter().any(same) {
        starts.push(start);
    }
}

/// A shell at the other end.
fn there(command: &Command, place: &str, args: &[OsString], stdin: Stdin, doubt: Option<Doubt>) -> Start {
    let mut argv: Vec<OsString> = vec!["sh".into()];
    argv.extend_from_slice(args);
    let invocation = command.invocation.elsewhere(argv, place).with_stdin(stdin);
    Start { invocation, doubt }
}

/// Programs that ssh runs on this machine: to get through, to learn host keys, once it is connected.
fn local(command: &Command, connection: &Connection, starts: &mut Vec<Start>) {
    let settings = &connection.settings;
    let after = settings.is_on("permitlocalcommand", true);
    for name in ["knownhostscommand", "proxycommand", "localcommand"] {
        let Some(text) = connection.command(name) else { continue };
        if name == "localcommand" && !after || text.as_deref() == Ok("-") {
            continue;
        }
        let (text, doubt) = or_doubt(text);
        let argv = vec!["sh".into(), "-c".into(), text.into()];
        let invocation = command.invocation.nested(argv).with_stdin(Stdin::Content(Rc::from(&b""[..])));
        push(starts, Start { invocation, doubt });
    }
}

/// A script, or one of which nothing is known.
fn or_doubt(text: Result<String, String>) -> (String, Option<Doubt>) {
    match text {
        Ok(text) => (text, None),
        Err(why) => ("?".to_owned(), Some(Doubt::from_word(0, why))),
    }
}

fn place_of(connection: &Connection) -> String {
    format!("the host {}", connection.hostname.value.as_deref().unwrap_or(&connection.alias))
}

/// HostName with `%h` and `%%`; ssh stops at any other token, or a later version knows it.
fn with_host(name: &str, host: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut letters = name.chars();
    while let Some(c) = letters.next() {
        match (c, if c == '%' { letters.next() } else { None }) {
            ('%', Some('h')) => out += host,
            ('%', Some('%')) => out.push('%'),
            ('%', _) => return Err(format!("what HostName {name} stands for")),
            (c, _) => out.push(c),
        }
    }
    Ok(out)
}

fn headline(command: &Command, line: &Line) -> String {
    let host = crate::text::quote(line.host.as_deref().unwrap_or(""));
    if line.command.is_empty() {
        let kind = command.traits.values("session").next().unwrap_or("");
        return match kind {
            "interactive" => format!("open a shell on {host}"),
            "script" => format!("run a script on {host}"),
            _ => format!("connect to {host}"),
        };
    }
    format!("run {} on {host}", crate::text::show(line.joined().as_encoded_bytes()))
}
