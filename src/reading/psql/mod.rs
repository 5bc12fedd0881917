//! psql: which SQL it would run, from -c, -f, standard input and start-up files, and where the session moves.
//! Traits: `statement` (sql::Kind words, `rolled-back`), `session` = interactive, `input` = command, file,
//! stdin, stdin-unread, stream, `object` = "table orders", `moves` = yes, `read-only` = lifted.

mod branch;
pub mod client;
mod elsewhere;
pub mod files;
mod meta;
mod options;
mod script;
mod session;
mod surroundings;
mod transaction;
mod variables;
mod words;
pub mod wrapper;

#[cfg(test)]
mod tests;

pub use options::{Action, Options, Words};
pub use session::{Done, Move, is_connection_string};

use super::sql::{self, Weight};
use super::through::{Start, shell_line};
use super::{Command, Does, Reading};
use super::{includes, redirection};
use crate::invocation::{Invocation, Stdin};
use script::AtEnd;
use session::Session;
use std::path::{Path, PathBuf};

/// A psql run as far as it can be foreseen.
#[derive(Clone, Debug)]
pub struct Run {
    pub done: Vec<Done>,
    pub moves: Vec<Move>,
    pub unsure: Option<String>,
    pub lifts: bool,
    pub stdin_unread: bool,
    /// SQL comes from standard input as it runs.
    pub stream: bool,
    /// Lines for a shell on this machine.
    pub lines: Vec<String>,
    /// Files that backslash commands write on this machine.
    pub written: Vec<PathBuf>,
    pub interactive: bool,
}

pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "psql");
    match options::read(invocation) {
        Words::Runs(options) => {
            let run = describe(&mut command, &options);
            let file = |path: &PathBuf| Start {
                invocation: redirection::invocation(invocation, ">", path.as_os_str(), true),
                doubt: None,
            };
            let lines = run.lines.iter().filter_map(|line| shell_line(invocation, line));
            let starts = lines.chain(run.written.iter().map(file)).collect();
            return Reading { commands: vec![command], starts };
        }
        Words::Stops(why) => command.does = Does::Nothing(why),
        Words::Unsure(why) => command.does = Does::Unsure(why),
    }
    Reading::of(command)
}

/// The command line of a psql, for the resolver.
pub fn command_line(invocation: &Invocation) -> Words {
    options::read(invocation)
}

/// Walks through everything a psql would run.
pub fn foresee(invocation: &Invocation, options: &Options) -> Run {
    let mut session = Session::new(invocation);
    if let Some((name, _)) = &options.dbname {
        session.strings.connection(invocation, name);
    }
    for (name, value) in &options.variables {
        match value {
            Some(value) => session.variables.put(name, Some(value.clone())),
            None => session.variables.remove(name),
        }
    }
    if !options.no_rc {
        start_up(&mut session);
    }
    if options
        .parsed
        .iter()
        .any(|o| o.name == "--output" && o.value.as_ref().is_some_and(|v| v.starts_with('|')))
    {
        session.add(sql::Kind::Shell, "a program on this machine (-o |…)");
    }
    let mut interactive = false;
    if options.list {
        // -l ignores -c, -f and standard input.
    } else if options.actions.is_empty() {
        interactive = matches!(invocation.stdin(), Stdin::Terminal);
        if !interactive {
            standard_input(&mut session);
        }
    } else {
        actions(&mut session, options);
    }
    if session.stream && options.actions.len() > 1 {
        session.not_sure("what runs after a stream on standard input depends on the stream");
    }
    if !interactive {
        session.disconnect();
    }
    Run {
        done: session.done,
        moves: session.moves,
        unsure: session.unsure,
        lifts: session.lifts,
        stdin_unread: session.stdin_unread,
        stream: session.stream,
        lines: session.lines,
        written: session.written,
        interactive,
    }
}

fn start_up(session: &mut Session) {
    let major = client::find(session.invocation).major;
    let before = session.moves.len();
    let startup = files::startup(session.invocation, major);
    for path in &startup {
        elsewhere::file(session, Path::new("/"), &path.to_string_lossy());
    }
    if startup.len() > 2 && session.moves.len() > before {
        session.not_sure("which of several start-up files moves the session depends on psql's version");
    }
}

fn actions(session: &mut Session, options: &Options) {
    if options.single_transaction {
        session.begin();
    }
    for action in &options.actions {
        let directory = session.directory.clone();
        match action {
            Action::Command(text) if text.starts_with('\\') => {
                script::run(session, text.clone(), &directory, AtEnd::Drops);
            }
            Action::Command(text) => {
                session.send(text, true);
            }
            Action::File(name) => elsewhere::file(session, &directory, name),
        }
    }
    if options.single_transaction {
        session.commit();
    }
}

/// Standard input read as a script.
fn standard_input(session: &mut Session) {
    match session.invocation.stdin().clone() {
        Stdin::Content(bytes) if !session.includes.enter_small(Path::new("/dev/stdin"), bytes.len()) => {
            session.not_sure(includes::WHY);
        }
        Stdin::Content(bytes) => {
            let directory = session.directory.clone();
            if let files::Script::Text(text) = files::text(&bytes) {
                script::run(session, text, &directory, AtEnd::Runs);
            }
        }
        Stdin::Unread => {
            session.stdin_unread = true;
            session.not_sure("SQL comes from a pipe or file on standard input that was not read");
        }
        Stdin::TooMuch => {
            session.streams();
            if session.include_depth > 0 {
                session.not_sure("a script includes a stream on standard input");
            }
        }
        Stdin::Terminal => {
            session.streams();
            session.not_sure("SQL is typed in while a script runs");
        }
    }
}

/// Describes what runs; gives it back for the lines for a shell and the files in it.
fn describe(command: &mut Command, options: &Options) -> Run {
    command.options = options.parsed.clone();
    command.operands = options.operands.clone();
    let run = foresee(&command.invocation.clone(), options);
    command.verb = if options.list {
        "list"
    } else if run.interactive {
        "session"
    } else {
        "run"
    }
    .into();
    traits(command, options, &run);
    command.headline = headline(&run, options);
    if let Some(why) = &run.unsure {
        command.does = Does::Unsure(why.clone());
    }
    run
}

/// More objects than this are not listed one by one, except dropped databases and schemas.
const OBJECTS_SHOWN: usize = 500;

fn traits(command: &mut Command, options: &Options, run: &Run) {
    let mut shown = 0;
    for done in &run.done {
        let weight = done.deed.kind.weight();
        let undone = done.rolled_back && weight > Weight::Reads;
        command.traits.add("statement", if undone { "rolled-back" } else { done.deed.kind.word() });
        let listed = weight > Weight::Reads && !done.deed.class.is_empty();
        if listed && (shown < OBJECTS_SHOWN || weight == Weight::Worst) {
            for name in &done.deed.names {
                command.traits.add("object", format!("{} {name}", done.deed.class));
            }
            shown += done.deed.names.len();
        }
    }
    if run.interactive {
        command.traits.add("session", "interactive");
    }
    for action in &options.actions {
        command.traits.add(
            "input",
            match action {
                Action::Command(_) => "command",
                Action::File(_) => "file",
            },
        );
    }
    if options.actions.is_empty() && !options.list && !run.interactive {
        command.traits.add("input", "stdin");
    }
    if run.stdin_unread {
        command.traits.add("input", "stdin-unread");
    }
    if run.stream {
        command.traits.add("input", "stream");
    }
    if !run.moves.is_empty() {
        command.traits.add("moves", "yes");
    }
    if run.lifts {
        command.traits.add("read-only", "lifted");
    }
}

/// The worst thing that happens, in a few words.
fn headline(run: &Run, options: &Options) -> String {
    if run.stream {
        return "SQL from a stream".into();
    }
    let weight = |d: &&Done| {
        if d.rolled_back { Weight::Slight.min(d.deed.kind.weight()) } else { d.deed.kind.weight() }
    };
    let Some(worst) = run.done.iter().rev().max_by_key(weight) else {
        return if run.unsure.is_some() {
            "SQL that cannot be read beforehand".into()
        } else if run.interactive {
            "an interactive session".into()
        } else if options.list {
            "list the databases".into()
        } else {
            "no statement".into()
        };
    };
    let mut text = crate::text::show_line(worst.deed.phrase(), 100);
    if worst.rolled_back {
        text.push_str(", rolled back");
    }
    let others = run.done.iter().filter(|d| d.deed.kind.weight() > Weight::Reads).count().saturating_sub(1);
    if others > 0 && worst.deed.kind.weight() > Weight::Reads {
        text.push_str(&format!(", and {others} more"));
    }
    text
}
