//! kubectl: from its words to what it would do. Traits for rules:
//! `kind` (singular names, `all` for the category), `scope` (`cluster`, `namespaced`, `all-namespaces`),
//! `selection` (`all`, `selector`, `names`, `files`), `dry-run` (`client`, `server`; absent when it executes) and
//! `form` (see `effects`). Must never read a file for a command that only reads.

mod delete;
mod editor;
mod effects;
mod find;
mod inner;
mod kinds;
mod kuberc;
mod line;
mod oc_table;
mod patch;
mod plugin;
mod raw;
mod resources;
mod subject;
mod values;
mod verb_table;
mod verbs;
pub mod yaml;

pub use kinds::{holds_others, of_manifest, rank};
pub use plugin::is_slip_of;
pub use raw::RawPath;
pub use resources::{Resources, Type};
pub use subject::{files, namespace_of_paths, of_command};
pub use values::go_bool;
pub use verbs::is_command;

use self::find::{Found, find};
use self::kuberc::{Applied, Kuberc, Preference};
use self::line::{Line, Standing};
use self::verbs::Program;
use super::{Command, Does, Opt, Reading, Start};
use crate::invocation::Invocation;

/// Reads a kubectl command line.
pub fn read(invocation: &Invocation) -> Reading {
    let words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let found = find(&words, Program::of(invocation.program()));
    if let Found::Verb(verb, rest) = &found
        && verb.reads
    {
        return Reading::of(command_of(invocation, &Line::of(verb, rest)).command);
    }
    let preferences = match Program::of(invocation.program()) {
        Program::Kubectl => kuberc::load(invocation, explicit_kuberc(&words)),
        Program::Oc => Kuberc::Off,
    };
    let read = match preferences {
        Kuberc::Off => plainly(invocation, &words, found),
        Kuberc::On(preference) => with_preference(invocation, preference.apply(&words)),
        Kuberc::Perhaps(preference) => perhaps(invocation, &words, found, &preference),
        Kuberc::Unreadable(why) => {
            let mut read = plainly(invocation, &words, found);
            if !matches!(read.command.does, Does::Nothing(_)) {
                read.command.does = Does::Unsure(format!("preferences cannot be read: {why}"));
            }
            read
        }
    };
    let mut starts = if matches!(read.command.does, Does::Nothing(_)) { Vec::new() } else { read.starts };
    starts.extend(editor::start(&read.command));
    Reading { commands: vec![read.command], starts }
}

/// A command, and what it starts.
struct Read {
    command: Command,
    starts: Vec<Start>,
}

impl Read {
    fn alone(command: Command) -> Read {
        Read { command, starts: Vec::new() }
    }
}

/// What `PROGRAM WORD …` starts where WORD is none of its commands, and whether that is sure to exist.
pub fn plugin_start(command: &Command, program: &str, first: &str) -> (Start, bool) {
    let words: Vec<String> =
        std::iter::once(first.to_owned()).chain(command.operands.iter().cloned()).collect();
    plugin::start(&command.invocation, program, &words)
}

/// The last non-empty value of a global option, `--user` say, unless the command means something else by it.
pub fn global<'c>(command: &'c Command, name: &str) -> Option<&'c str> {
    let hidden = verbs::hides_global(&command.verb, name.trim_start_matches('-'));
    command.option(name).filter(|value| !hidden && !value.is_empty())
}

fn explicit_kuberc(words: &[String]) -> Option<&str> {
    let at = words
        .iter()
        .take_while(|w| *w != "--")
        .position(|w| w == "--kuberc" || w.starts_with("--kuberc="))?;
    match words[at].split_once('=') {
        Some((_, value)) => Some(value),
        None => words.get(at + 1).map(String::as_str),
    }
}

fn plainly(invocation: &Invocation, words: &[String], found: Found) -> Read {
    match found {
        Found::Verb(verb, rest) => command_of(invocation, &Line::of(verb, &rest)),
        Found::Root => Read::alone(nothing(invocation, "kubectl prints its help")),
        Found::Unknown => plugin::unknown_verb(invocation, words),
        Found::Unclear(option) => {
            let mut command = Command::new(invocation, "kubectl");
            let shown = crate::text::show(option);
            command.does =
                Does::Unsure(format!("option {shown} before the command is not one of kubectl's up to 1.33"));
            command.headline = headline(invocation);
            Read::alone(command)
        }
    }
}

fn with_preference(invocation: &Invocation, applied: Applied) -> Read {
    match find(&applied.words, Program::Kubectl) {
        Found::Verb(verb, rest) => {
            command_of(invocation, &with_settings(Line::of(verb, &rest), &applied.settings))
        }
        found => plainly(invocation, &applied.words, found),
    }
}

/// Defaults hold where nothing was given; given options follow them, and the last one wins.
fn with_settings(mut line: Line, settings: &[kuberc::Setting]) -> Line {
    let alone = |name: &str| {
        line.verb.specs().iter().any(|s| s.long == name && s.takes == super::grammar::Takes::Nothing)
    };
    let mut options: Vec<Opt> = Vec::new();
    for (name, value) in settings {
        let value = if alone(name) {
            if values::go_bool(value) == Some(false) {
                continue;
            }
            None
        } else {
            Some(value.clone())
        };
        options.push(Opt { name: format!("--{name}"), value, at: 0 });
    }
    options.append(&mut line.options);
    line.options = options;
    line
}

/// Options of a preference that make a command milder; what is not certain to apply must not be relied on.
const MILDER: &[&str] = &["dry-run", "interactive", "local", "list", "ignore-not-found", "output"];
/// Options that move it elsewhere; the resolver reports them as not determined.
const ELSEWHERE: &[&str] =
    &["context", "cluster", "server", "user", "namespace", "kubeconfig", "token", "as"];

/// Read both ways: with the preferences of 1.34 where they make it worse, without where they make it milder.
fn perhaps(invocation: &Invocation, words: &[String], found: Found, preference: &Preference) -> Read {
    let applied = preference.apply(words);
    if applied.words != words {
        let mut read = with_preference(invocation, applied);
        let file = &preference.file;
        read.command.does =
            Does::Unsure(format!("an alias in {file}: kubectl 1.34 and later apply it, earlier ones do not"));
        return read;
    }
    let Found::Verb(verb, rest) = found else { return plainly(invocation, words, found) };
    let line = Line::of(verb, &rest);
    let is = |list: &[&str], name: &String| list.contains(&name.as_str());
    let (elsewhere, others): (Vec<_>, Vec<_>) =
        applied.settings.into_iter().partition(|(name, _)| is(ELSEWHERE, name));
    let worse: Vec<_> = others.into_iter().filter(|(name, _)| !is(MILDER, name)).collect();
    let mut read = command_of(invocation, &with_settings(line, &worse));
    for (name, value) in elsewhere {
        read.command.traits.add("kuberc", format!("--{name}={value} in {}", preference.file));
    }
    read
}

fn nothing(invocation: &Invocation, why: &str) -> Command {
    let mut command = Command::new(invocation, "kubectl");
    command.does = Does::Nothing(why.to_owned());
    command
}

/// A line that was taken apart, with what it does.
fn command_of(invocation: &Invocation, line: &Line) -> Read {
    let mut command = Command::new(invocation, "kubectl");
    command.verb = line.verb.words.to_owned();
    command.options = line.options.clone();
    command.operands = line.operands.clone();
    command.headline = headline(invocation);
    if line.verb.words.starts_with("__complete") {
        command.does = Does::Nothing("shell completion".into());
        return Read::alone(command);
    }
    if !line.verb.reads {
        effects::examine(line, &mut command);
    }
    match &line.standing {
        Standing::Taken => {}
        Standing::Refused(why) => command.does = Does::Nothing(why.clone()),
        // Whatever the option means, a command that only reads goes on reading.
        Standing::Unclear(_) if line.verb.reads => {}
        Standing::Unclear(why) => command.does = Does::Unsure(why.clone()),
    }
    let starts =
        inner::start(line, &command).or_else(|| plugin::created(line, &command)).into_iter().collect();
    Read { command, starts }
}

/// The words as they were given; `effects` replaces it where there is a plainer sentence.
fn headline(invocation: &Invocation) -> String {
    crate::text::quote_line(&invocation.argv()[1.min(invocation.argv().len())..])
}

#[cfg(test)]
mod tests;
