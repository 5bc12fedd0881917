//! MySQL's and MariaDB's programs: the client with its scripts, and mysqladmin, mysqldump, mysqlimport.
//! Traits: `statement` (sql::Kind words), `session` = interactive, `input` = command, stdin, stdin-unread, stream,
//! `object`, `moves`, `kind` (of an administration), `flag` = safe-updates.

mod admin;
mod files;
mod option_table;
pub mod options;
pub mod program;
mod script;
mod session;

#[cfg(test)]
mod tests;

pub use session::{Done, Place};

use super::sql::{Kind, Weight};
use super::through::shell_line;
use super::{Command, Does, Opt, Reading, Tool};
use crate::invocation::{Invocation, Stdin};
use options::{Parsed, Stop, Word};
use program::{Flavour, Program};
use session::Session;
use std::rc::Rc;

/// The options of all files and of the command line, in the order in which they count.
pub fn command_line(invocation: &Invocation, program: &Program) -> Result<(Parsed, Flavour), Stop> {
    let flavour = program::flavour(invocation);
    let (mut words, taken) = files::words(invocation, program, flavour)?;
    let own = invocation.args().iter().skip(taken);
    words.extend(own.map(|w| Word { text: w.to_string_lossy().into_owned(), file: None }));
    Ok((options::parse(&words, program.table)?, flavour))
}

/// A run of the client as far as it can be foreseen.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub done: Vec<Done>,
    /// Where the session ends up.
    pub last: Place,
    pub unsure: Option<String>,
    pub interactive: bool,
    pub unread: bool,
    pub stream: bool,
    /// Lines for a shell on this machine.
    pub lines: Vec<String>,
}

pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = Command::new(invocation, &tool.program);
    let Some(program) = program::of(&tool.program) else { return Reading::of(command) };
    match command_line(invocation, program) {
        Ok((parsed, _)) => {
            command.operands = parsed.operands.clone();
            command.options = parsed
                .given
                .iter()
                .filter(|g| !g.off)
                .map(|g| Opt { name: format!("--{}", g.name), value: g.value.clone(), at: 0 })
                .collect();
            match program.name {
                "mysql" => {
                    let lines = client(&mut command, &parsed);
                    let starts = lines.iter().filter_map(|line| shell_line(invocation, line)).collect();
                    return Reading { commands: vec![command], starts };
                }
                _ => admin::read(&mut command, &parsed),
            }
        }
        Err(Stop::Nothing(why)) => command.does = Does::Nothing(why),
        Err(Stop::Unsure(why)) => command.does = Does::Unsure(why),
    }
    Reading::of(command)
}

/// Describes what the client runs; gives back the lines for a shell in it.
fn client(command: &mut Command, parsed: &Parsed) -> Vec<String> {
    if parsed.operands.len() > 1 {
        command.does = Does::Nothing("it takes one database".into());
        return Vec::new();
    }
    let run = foresee(&command.invocation.clone(), parsed);
    command.verb = if run.interactive { "session" } else { "run" }.into();
    traits(command, &run, parsed);
    command.headline = headline(&run);
    if let Some(why) = &run.unsure {
        command.does = Does::Unsure(why.clone());
    }
    run.lines.clone()
}

/// Walks through everything the client would run; `parsed` is the invocation's own line.
pub fn foresee(invocation: &Invocation, parsed: &Parsed) -> Rc<Run> {
    invocation.once(|| walked(invocation, parsed))
}

fn walked(invocation: &Invocation, parsed: &Parsed) -> Run {
    let mut session = Session::new(invocation);
    if let Some(delimiter) = parsed.last("delimiter").and_then(|g| g.value.as_deref()) {
        session.set_delimiter(delimiter);
    }
    session.named_commands = parsed.on("named-commands");
    for name in ["init-command", "init-command-add"] {
        for given in parsed.given.iter().filter(|g| g.name == name) {
            session.send(given.value.as_deref().unwrap_or(""));
        }
    }
    let mut run = Run::default();
    let given: Vec<&str> =
        parsed.given.iter().filter(|g| g.name == "execute").filter_map(|g| g.value.as_deref()).collect();
    if given.is_empty() {
        match invocation.stdin().clone() {
            Stdin::Terminal if parsed.on("batch") => run.stream = true,
            Stdin::Terminal => run.interactive = true,
            Stdin::Content(bytes) => {
                // The client reads lines up to a quit.
                let _: script::Then = script::run(&mut session, &String::from_utf8_lossy(&bytes));
            }
            Stdin::Unread => {
                run.unread = true;
                session.not_sure("SQL comes from a pipe or file on standard input that was not read");
            }
            Stdin::TooMuch => run.stream = true,
        }
    } else {
        // Several -e are one text, put together with a blank.
        let _: script::Then = script::run(&mut session, &given.join(" "));
    }
    Run { done: session.done, last: session.place, unsure: session.unsure, lines: session.lines, ..run }
}

/// More objects than this are not listed one by one.
const OBJECTS_SHOWN: usize = 500;

fn traits(command: &mut Command, run: &Run, parsed: &Parsed) {
    let traits = &mut command.traits;
    for done in &run.done {
        traits.add("statement", done.deed.kind.word());
        let listed = done.deed.kind.weight() > Weight::Reads && !done.deed.class.is_empty();
        for name in done.deed.names.iter().filter(|_| listed).take(OBJECTS_SHOWN) {
            traits.add("object", format!("{} {name}", done.deed.class));
        }
    }
    let executes = parsed.given.iter().any(|g| g.name == "execute");
    traits.add("input", if executes { "command" } else { "stdin" });
    if run.interactive {
        traits.add("session", "interactive");
    }
    if run.unread {
        traits.add("input", "stdin-unread");
    }
    if run.stream {
        traits.add("input", "stream");
    }
    if run.done.iter().any(|d| d.place != Place::default()) || run.last != Place::default() {
        traits.add("moves", "yes");
    }
    if parsed.on("safe-updates") || parsed.on("i-am-a-dummy") {
        traits.add("flag", "safe-updates");
    }
}

/// The worst thing that happens, in a few words.
fn headline(run: &Run) -> String {
    let Some(worst) = run.done.iter().rev().max_by_key(|d| d.deed.kind.weight()) else {
        return match (run.stream, run.interactive) {
            (true, _) => "SQL from a stream".into(),
            (false, true) => "an interactive session".into(),
            (false, false) => "no statement".into(),
        };
    };
    let mut text = crate::text::show_line(worst.deed.phrase(), 100);
    let heavy = |d: &&Done| d.deed.kind.weight() > Weight::Reads;
    let others = run.done.iter().filter(heavy).count().saturating_sub(1);
    if others > 0 && worst.deed.kind != Kind::Select {
        text.push_str(&format!(", and {others} more"));
    }
    text
}
