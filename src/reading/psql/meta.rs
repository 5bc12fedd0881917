//! psql's backslash commands. Must never pass over one that is not listed here.

use super::branch::Live;
use super::elsewhere;
use super::script::Reader;
use super::session::Session;
use super::surroundings;
use super::variables::{boolean, is_name};
use super::words::{self, Args, Quotes};
use crate::reading::sql::Kind;

/// How a script goes on after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Then {
    GoOn,
    /// \q: the rest of this script does not run.
    Stop,
}

/// Commands that show, format or steer psql itself.
const HARMLESS: &[&str] = &[
    "?",
    "a",
    "bind",
    "bind_named",
    "C",
    "close_prepared",
    "close",
    "conninfo",
    "copyright",
    "dconfig",
    "echo",
    "endpipeline",
    "errverbose",
    "f",
    "flush",
    "flushrequest",
    "getresults",
    "h",
    "H",
    "help",
    "html",
    "l",
    "l+",
    "list",
    "list+",
    "lx",
    "lx+",
    "l+x",
    "lo_list",
    "lo_list+",
    "p",
    "print",
    "pset",
    "qecho",
    "restrict",
    "s",
    "sf",
    "sf+",
    "startpipeline",
    "sv",
    "sv+",
    "syncpipeline",
    "t",
    "T",
    "timing",
    "unrestrict",
    "warn",
    "x",
    "z",
    "zS",
    "zx",
    "gdesc",
];

/// Runs one command; the reader stands behind its name.
pub fn run(reader: &mut Reader, session: &mut Session, name: &str) -> Then {
    if conditional(reader, session, name) {
        return Then::GoOn;
    }
    let live = reader.branches.live();
    if live == Live::No {
        reader.at += words::arguments(reader.line(), &session.variables, Quotes::Kept).length;
        return Then::GoOn;
    }
    if whole_line(reader, session, name) {
        return Then::GoOn;
    }
    let quotes = if matches!(name, "c" | "connect") { Quotes::Off } else { Quotes::Kept };
    let args = words::arguments(reader.line(), &session.variables, quotes);
    reader.at += args.length;
    if args.runs_program {
        session.add(Kind::Shell, "a program in backticks on this machine");
    }
    match name {
        "q" | "quit" if live == Live::Yes => return Then::Stop,
        "q" | "quit" => {}
        "c" | "connect" => elsewhere::connect(session, &args, live),
        "i" | "include" | "ir" | "include_relative" => {
            elsewhere::include(reader, session, &args, name.contains('r'))
        }
        "cd" => elsewhere::change_directory(session, &args, live),
        "r" | "reset" => {
            if live == Live::Maybe && !reader.buffer.trim().is_empty() {
                session.not_sure("whether a statement is dropped depends on a condition");
            } else {
                reader.clear();
            }
        }
        "g" | "gx" | "gset" | "gexec" | "watch" | "crosstabview" | "parse" | "sendpipeline" => {
            execute(reader, session, name, &args);
        }
        _ => other(session, name, &args),
    }
    if name == "gdesc" {
        reader.clear();
    }
    Then::GoOn
}

/// \if and its kin, which count in dead branches too.
fn conditional(reader: &mut Reader, session: &mut Session, name: &str) -> bool {
    let evaluates = match name {
        "if" => reader.branches.live() != Live::No,
        "elif" => reader.branches.evaluates_next(),
        "else" | "endif" => false,
        _ => return false,
    };
    let args = words::arguments(reader.line(), &session.variables, Quotes::Kept);
    reader.at += args.length;
    if evaluates && args.runs_program {
        session.add(Kind::Shell, "a program in backticks on this machine");
    }
    let condition = if evaluates { truth(&args) } else { Some(false) };
    let before = reader.branches.live();
    match name {
        "if" => reader.branches.begin(condition),
        "elif" => reader.branches.next(condition),
        "else" => reader.branches.otherwise(),
        _ => reader.branches.end(),
    }
    let doubtful = before == Live::Maybe || reader.branches.live() == Live::Maybe;
    if doubtful && !reader.buffer.trim().is_empty() {
        session.not_sure("a statement goes through an \\if whose condition is not known");
    }
    true
}

/// A condition's value; what is no boolean counts as false; `None`: known only at run time.
fn truth(args: &Args) -> Option<bool> {
    let parts: Option<Vec<&str>> = args.all.iter().map(|a| a.text.as_deref()).collect();
    Some(boolean(parts?.join(" ").trim_matches('\'')).unwrap_or(false))
}

/// Names that `whole_line` looks at; for the others the line need not be copied.
const WHOLE_LINE: &[&str] = &[
    "!", "copy", "e", "edit", "ef", "ev", "help", "h", "sf", "sf+", "sv", "sv+", "o", "out", "g", "gx", "w",
    "write",
];

/// Commands that take the rest of the line as it stands.
fn whole_line(reader: &mut Reader, session: &mut Session, name: &str) -> bool {
    if !WHOLE_LINE.contains(&name) {
        return false;
    }
    let line = reader.line().to_owned();
    match name {
        "!" => {
            session.add(Kind::Shell, "a program on this machine (\\!)");
            session.lines.push(line.trim().to_owned());
        }
        "copy" => {
            if session.copy(&line) {
                reader.at += line.len();
                reader.skip_data(session);
                return true;
            }
        }
        "e" | "edit" | "ef" | "ev" => session.not_sure("an editor decides what runs"),
        "help" | "h" | "sf" | "sf+" | "sv" | "sv+" => {}
        "o" | "out" | "g" | "gx" | "w" | "write" if line.trim_start().starts_with('|') => {
            session.add(Kind::Shell, "a program on this machine (a pipe)");
            session.lines.push(line.trim_start().trim_start_matches('|').trim().to_owned());
            if name.starts_with('g') {
                reader.at += line.len();
                execute(reader, session, name, &Args::default());
                return true;
            }
        }
        _ => return false,
    }
    reader.at += line.len();
    true
}

/// \g and its kin: the gathered statement runs, or the previous one again.
fn execute(reader: &mut Reader, session: &mut Session, name: &str, args: &Args) {
    if reader.buffer.trim().is_empty() {
        reader.buffer = reader.previous.clone();
    }
    let piped = args.all.iter().any(|a| a.text.as_deref().is_none_or(|t| t.starts_with('|')));
    if matches!(name, "g" | "gx") && piped {
        session.add(Kind::Shell, "a program on this machine (a pipe)");
    }
    // `\g (format=csv) FILE`
    let last = args.all.last().and_then(|a| a.text.as_deref());
    if let Some(file) = last.filter(|f| matches!(name, "g" | "gx") && !piped && !f.ends_with(')')) {
        session.writes(file);
    }
    reader.send(session);
    match name {
        "gexec" => session.add(Kind::Gexec, "the results of a query as statements (\\gexec)"),
        "gset" => match args.all.first().map(|a| a.text.as_deref()) {
            None => session.variables.put_columns(""),
            Some(prefix) => session.variables.put_columns(prefix.unwrap_or("")),
        },
        _ => {}
    }
}

/// Commands about variables, large objects and files; and those that are not known.
fn other(session: &mut Session, name: &str, args: &Args) {
    let first = args.all.first().and_then(|a| a.text.as_deref());
    match name {
        "encoding" => {
            let hiding = |a: &words::Arg| a.text.as_deref().is_none_or(surroundings::hides);
            session.strings.hides |= args.all.first().is_some_and(hiding);
        }
        "set" => set(session, args),
        "unset" => session.variables.remove(first.unwrap_or("")),
        "prompt" => {
            if let Some(name) = args.all.last().and_then(|a| a.text.as_deref()) {
                session.variables.put(name, None);
            }
        }
        "getenv" => {
            let value =
                args.all.get(1).and_then(|a| a.text.as_deref()).and_then(|v| session.invocation.var(v));
            if let (Some(name), Some(value)) = (first, value) {
                session.variables.put(name, Some(value));
            }
        }
        "setenv" if first.is_none_or(|v| v.starts_with("PG")) => {
            session.not_sure("\\setenv changes where a later \\connect goes");
        }
        "setenv" => {}
        "lo_unlink" => session.add(Kind::DestroyingFunction, "\\lo_unlink"),
        "lo_import" => session.add(Kind::Insert, "\\lo_import"),
        "lo_export" | "w" | "write" | "o" | "out" => {
            session.add(Kind::CopyToLocal, "output to a file");
            let file = if name == "lo_export" { args.all.get(1) } else { args.all.first() };
            if let Some(file) = file.and_then(|a| a.text.as_deref()) {
                session.writes(file);
            }
        }
        "password" => session.add(Kind::Alter, "\\password"),
        "" | "." => {}
        _ if HARMLESS.contains(&name) || name.starts_with('d') => {}
        _ => {
            session.not_sure(format!("backslash command \\{} is not known", crate::text::show_line(name, 30)))
        }
    }
}

fn set(session: &mut Session, args: &Args) {
    let Some((name, values)) = args.all.split_first() else { return };
    let Some(name) = name.text.as_deref().filter(|n| is_name(n)) else {
        session.not_sure("which variable is set is known only at run time");
        return;
    };
    let value: Option<Vec<&str>> = values.iter().map(|a| a.text.as_deref()).collect();
    session.variables.put(name, value.map(|parts| parts.concat()));
}
