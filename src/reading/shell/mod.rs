//! Shells: what `bash -c`, a script, a here-document or an interactive line would start, with the argv each
//! program would receive. Must never run anything, and never drop a command: what cannot be told is `Unsure`.

mod arithmetic;
mod braces;
mod builtins;
mod cases;
mod compound;
mod copies;
mod declare;
mod escapes;
mod expand;
mod filters;
mod foreign;
mod glob;
mod grammar;
mod output;
mod parameter;
mod parens;

mod redirect;
mod run;
mod setup;
mod shared;
mod simple;
mod soft;
mod state;
mod tame;
mod word;

#[cfg(test)]
mod tests;

use super::plain_line;
use super::through::Through;
use crate::invocation::{Invocation, Stdin};
use foreign::Means;
use run::{Io, Shell};
use shared::Shared;
use state::{Options, State};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What a shell was asked to do.
enum Task {
    Script(Vec<u8>),
    File(OsString),
    Stdin,
    Nothing(String),
}

struct Call {
    task: Task,
    arguments: Vec<Vec<u8>>,
    login: bool,
    interactive: bool,
    /// `-p`: no file that a variable names is read.
    privileged: bool,
}

impl Call {
    /// Takes in an option of a shell with its own list of them; the script, where it is one.
    fn take(
        &mut self,
        means: Means,
        value: Option<Vec<u8>>,
        args: &[OsString],
        at: &mut usize,
    ) -> Result<Option<Vec<u8>>, String> {
        let value = value.or_else(|| {
            let next = args.get(*at).filter(|_| means.has_value());
            *at += usize::from(next.is_some());
            next.map(|word| word.as_bytes().to_vec())
        });
        match means {
            Means::Script => return value.map(Some).ok_or_else(|| "its script is missing".to_owned()),
            Means::Login => self.login = true,
            Means::Interactive => self.interactive = true,
            Means::Checks => self.task = Task::Nothing("it only checks the syntax".into()),
            Means::Tells => self.task = Task::Nothing("help or version only".into()),
            Means::Flag | Means::Value => {}
        }
        Ok(None)
    }
}

/// Reads a shell's command line and the script it names.
pub fn read(invocation: &Invocation) -> Through {
    let name = invocation.program().to_string_lossy().trim_start_matches('-').to_owned();
    let call = match call(invocation) {
        Ok(call) => call,
        Err(why) => return Through::unsure(invocation, why),
    };
    let script = match &call.task {
        Task::Nothing(why) => return Through::nothing(invocation, why.clone()),
        Task::Script(text) => text.clone(),
        Task::File(path) => match invocation.read(path) {
            Ok(text) => text,
            Err(crate::invocation::ReadError::Missing) => {
                return Through::nothing(invocation, "there is no such script");
            }
            // A script that is there is a program like any other there.
            Err(_) if invocation.place().is_some() => return Through::new(invocation, Vec::new()),
            Err(error) => return Through::unsure(invocation, format!("its script cannot be read: {error}")),
        },
        Task::Stdin => match invocation.stdin() {
            Stdin::Terminal => return Through::new(invocation, Vec::new()),
            Stdin::Content(text) => text.to_vec(),
            Stdin::Unread | Stdin::TooMuch => {
                let mut through = Through::unsure(invocation, "it runs what comes on its standard input");
                if matches!(invocation.stdin(), Stdin::Unread) {
                    through.command.traits.add("input", "stdin-unread");
                }
                return through;
            }
        },
    };
    let Ok(text) = String::from_utf8(script) else {
        return Through::unsure(invocation, "its script is not UTF-8 text");
    };
    match name.as_str() {
        "bash" | "rbash" => interpret(invocation, &call, &text, true),
        "sh" | "dash" | "ash" | "ksh" | "ksh93" | "mksh" => interpret(invocation, &call, &text, false),
        // A shell with other rules: only a line of plain words means the same everywhere.
        _ => plain_line::read(invocation, &text),
    }
}

fn interpret(invocation: &Invocation, call: &Call, text: &str, bash: bool) -> Through {
    let mut shell = Shell::new(invocation, bash);
    let options = Options { aliases: !bash || call.interactive, ..Options::default() };
    let mut state = State {
        variables: Shared::default(),
        cwd: Some(invocation.cwd().to_owned()),
        functions: Shared::default(),
        aliases: Shared::default(),
        arguments: Shared::new(call.arguments.clone()),
        arguments_doubt: false,
        options,
        hashed: Shared::default(),
        changed: Shared::default(),
        made: Shared::default(),
        copies: Shared::default(),
    };
    let io = Io::new(invocation.stdin().clone(), false);
    let names_file = call.login || call.interactive || !call.privileged;
    if bash && names_file && invocation.place().is_none() {
        state = shell.start_up(state, call.login, call.interactive, &io);
    }
    // A program started by a script read from standard input shares the rest of it.
    let io = match call.task {
        Task::Stdin => Io::new(Stdin::TooMuch, false),
        Task::Script(_) | Task::File(_) | Task::Nothing(_) => io,
    };
    let whole = match invocation.is_supposed() {
        true => grammar::completed(text),
        false => None,
    };
    let _ = shell.script(whole.as_deref().unwrap_or(text), state, &io);
    let (starts, blind) = shell.finish();
    let mut through = match blind {
        Some(why) => Through::unsure(invocation, why),
        None => Through::new(invocation, Vec::new()),
    };
    through.starts = starts;
    through
}

/// Long options of bash without and with a value.
const LONG: &[&str] = &[
    "debugger",
    "dump-po-strings",
    "dump-strings",
    "login",
    "noediting",
    "noprofile",
    "norc",
    "posix",
    "pretty-print",
    "restricted",
    "verbose",
    "wordexp",
];
const LONG_WITH_VALUE: &[&str] = &["rcfile", "init-file"];

fn call(invocation: &Invocation) -> Result<Call, String> {
    let args = invocation.args();
    let zero = invocation.argv().first().map_or(&b""[..], |w| w.as_bytes());
    let mut call = Call {
        task: Task::Stdin,
        arguments: Vec::new(),
        login: zero.starts_with(b"-"),
        interactive: false,
        privileged: false,
    };
    let shell = invocation.program().to_string_lossy().trim_start_matches('-').to_owned();
    let (mut script, mut from_stdin, mut at) = (false, false, 0);
    let mut given: Option<Vec<u8>> = None;
    while let Some(word) = args.get(at).map(|w| w.as_bytes()) {
        at += 1;
        match word {
            b"-" | b"--" => break,
            [b'-', b'-', long @ ..] => {
                let long = String::from_utf8_lossy(long).into_owned();
                let (name, value) = long.split_once('=').map_or((&*long, None), |(n, v)| (n, Some(v)));
                if let Some(means) = foreign::long(&shell, name) {
                    let value = value.map(|v| v.as_bytes().to_vec());
                    given = call.take(means, value, args, &mut at)?.or(given);
                    continue;
                }
                match long.as_str() {
                    "help" | "version" => call.task = Task::Nothing(format!("{long} only")),
                    "login" => call.login = true,
                    l if LONG_WITH_VALUE.contains(&l) => at += 1,
                    l if LONG.contains(&l) => {}
                    _ => return Err(format!("the option --{long} of the shell")),
                }
            }
            [sign @ (b'-' | b'+'), letters @ ..] if !letters.is_empty() => {
                for (i, letter) in letters.iter().enumerate() {
                    if let Some(means) = foreign::letter(&shell, *letter) {
                        let Some(means) = means else {
                            return Err(format!("the option -{} of the shell", char::from(*letter)));
                        };
                        let glued = letters.get(i + 1..).filter(|rest| !rest.is_empty() && means.has_value());
                        given = call.take(means, glued.map(<[u8]>::to_vec), args, &mut at)?.or(given);
                        if means.has_value() {
                            break;
                        }
                        continue;
                    }
                    match letter {
                        b'c' if *sign == b'-' => script = true,
                        b's' => from_stdin = true,
                        b'l' => call.login = true,
                        b'i' => call.interactive = true,
                        b'p' if *sign == b'-' => call.privileged = true,
                        b'n' if *sign == b'-' => {
                            call.task = Task::Nothing("it only checks the syntax".into());
                        }
                        b'o' | b'O' => match args.get(at).map(|w| w.as_bytes()) {
                            Some(b"noexec") if *sign == b'-' => {
                                call.task = Task::Nothing("it only checks the syntax".into());
                                at += 1;
                            }
                            Some(_) => at += 1,
                            None => call.task = Task::Nothing("it only lists its options".into()),
                        },
                        b'a' | b'b' | b'e' | b'f' | b'h' | b'k' | b'm' | b'p' | b'r' | b't' | b'u' | b'v'
                        | b'x' | b'B' | b'C' | b'D' | b'E' | b'H' | b'P' | b'T' => {}
                        _ => return Err(format!("the option -{} of the shell", char::from(*letter))),
                    }
                }
            }
            _ => {
                at -= 1;
                break;
            }
        }
    }
    let rest: Vec<&OsString> = args.get(at..).unwrap_or(&[]).iter().collect();
    if matches!(call.task, Task::Nothing(_)) {
        return Ok(call);
    }
    let bytes = |w: &&OsString| w.as_bytes().to_vec();
    call.arguments = std::iter::once(zero.to_vec()).chain(rest.iter().map(bytes)).collect();
    if let Some(text) = given {
        call.task = Task::Script(text);
    } else if script {
        let Some(text) = rest.first() else {
            call.task = Task::Nothing("-c needs a script".into());
            return Ok(call);
        };
        call.task = Task::Script((*text).clone().into_vec());
        call.arguments = rest[1..].iter().map(bytes).collect();
        if call.arguments.is_empty() {
            call.arguments.push(zero.to_vec());
        }
    } else if let (false, Some(file)) = (from_stdin, rest.first()) {
        call.task = Task::File((*file).clone());
        call.arguments = rest.iter().map(bytes).collect();
    }
    Ok(call)
}
