//! Wrappers: programs whose operands are a command they start, in surroundings they change.
//! Must never take an option's value for the command: an option that is not in the table makes it unsure.

mod become_user;
mod brief;
mod brief_table;
mod filter;
pub(super) mod launch;
mod parallel;
mod powershell;
pub mod find;
mod interpreter;
pub mod remote;
mod table;
mod tar;
mod xargs;

#[cfg(test)]
mod tests;

use super::grammar::{Grammar, Parsed, Problem, Style};
use super::through::{Doubt, Start, Through};
use super::words::{Line, split};
use crate::invocation::{Environment, Invocation};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;
use table::{Before, Kind, Wrapper};

/// Whether a program of this name is one.
pub fn knows(program: &[u8]) -> bool {
    table::find(program).is_some()
        || brief::find(program).is_some()
        || program == b"parallel"
        || remote::knows(program)
        || launch::knows(program)
        || filter::knows(program)
        || interpreter::knows(program)
        || powershell::knows(program)
}

/// Reads a wrapper; only for names that `knows` says yes to.
pub fn read(invocation: &Invocation) -> Through {
    match table::find(invocation.program().as_bytes()) {
        Some(wrapper) if wrapper.kind == Kind::Find => find::through(invocation),
        Some(wrapper) => wrapped(invocation, wrapper, 0),
        None => match brief::find(invocation.program().as_bytes()) {
            Some(brief) => brief::read(invocation, brief),
            None => other(invocation),
        },
    }
}

/// Programs that take commands in words of their own.
fn other(invocation: &Invocation) -> Through {
    match invocation.program().as_bytes() {
        b"parallel" => parallel::read(invocation),
        program if remote::knows(program) => remote::read(invocation),
        program if launch::knows(program) => launch::read(invocation),
        program if filter::knows(program) => filter::read(invocation),
        program if powershell::knows(program) => powershell::read(invocation),
        _ => interpreter::read(invocation),
    }
}

/// A wrapper's words taken apart.
struct Call<'a> {
    invocation: &'a Invocation,
    parsed: Parsed,
    /// The command, and everything after it.
    command: Rc<Vec<OsString>>,
    /// Variables set in front of it.
    variables: Vec<(String, OsString)>,
}

fn wrapped(invocation: &Invocation, wrapper: &'static Wrapper, again: usize) -> Through {
    // Only su looks for options behind operands.
    let permute = matches!(wrapper.kind, Kind::Su | Kind::Script);
    let parsed = Grammar { style: Style::Getopt, table: wrapper.table, permute }.parse(invocation.args());
    if let Some(problem) = parsed.problems.first() {
        return match problem {
            Problem::MissingValue { name, .. } => {
                Through::nothing(invocation, format!("{name} needs a value"))
            }
            Problem::UnknownOption { word, .. } | Problem::Ambiguous { word, .. } => {
                Through::unsure(invocation, format!("the option {word}"))
            }
            Problem::UnwantedValue { name, .. } => Through::unsure(invocation, format!("the option {name}")),
        };
    }
    if parsed.has("--help") || parsed.has("--version") {
        return Through::nothing(invocation, "help or version only");
    }
    if wrapper.kind == Kind::Env
        && let Some(option) = parsed.options.iter().find(|o| o.name == "--split-string")
    {
        return split_string(invocation, wrapper, option.at, option.value.as_deref().unwrap_or(""), again);
    }
    let call = call(invocation, wrapper, parsed);
    match wrapper.kind {
        Kind::Plain | Kind::Strace => call.start(invocation.nested_with(call.command.clone()), None),
        Kind::Pid if call.parsed.has("--pid") || call.parsed.has("--pgid") || call.parsed.has("--uid") => {
            Through::nothing(invocation, "it acts on a process that runs")
        }
        Kind::Pid => call.start(invocation.nested_with(call.command.clone()), None),
        Kind::Env => call.env(),
        Kind::Sudo => become_user::sudo(&call),
        Kind::Doas => become_user::doas(&call),
        Kind::User => become_user::gosu(&call),
        Kind::Su => become_user::su(&call),
        Kind::Chroot => call.chroot(),
        Kind::Unshare => call.unshare(),
        Kind::Flock => call.flock(),
        Kind::Script => call.script(),
        Kind::Watch => call.watch(),
        Kind::Xargs => xargs::read(&call),
        Kind::Find => find::through(invocation),
    }
}

fn call<'a>(invocation: &'a Invocation, wrapper: &Wrapper, parsed: Parsed) -> Call<'a> {
    let args = invocation.args();
    let mut operands = parsed.operands.iter().map(|(_, at)| *at).peekable();
    let mut variables = Vec::new();
    match wrapper.before {
        Before::Command => {}
        Before::Operands(n) => operands.by_ref().take(n).for_each(drop),
        Before::Assignments => {
            if wrapper.kind == Kind::Env && operands.peek().is_some_and(|at| args[*at] == "-") {
                operands.next();
            }
            while let Some((name, value)) = operands.peek().and_then(|at| assignment(&args[*at])) {
                variables.push((name, value));
                operands.next();
            }
        }
    }
    let command = operands.next().map_or_else(Vec::new, |at| args[at..].to_vec());
    Call { invocation, parsed, command: Rc::new(command), variables }
}

/// `NAME=value`; env and sudo take any name.
fn assignment(word: &OsStr) -> Option<(String, OsString)> {
    let bytes = word.as_bytes();
    let at = bytes.iter().position(|b| *b == b'=').filter(|at| *at > 0)?;
    let name = std::str::from_utf8(&bytes[..at]).ok()?;
    Some((name.to_owned(), OsStr::from_bytes(&bytes[at + 1..]).to_owned()))
}

/// `env -S`: the string is cut into words that take its place, options among them.
fn split_string(
    invocation: &Invocation,
    wrapper: &'static Wrapper,
    at: usize,
    text: &str,
    again: usize,
) -> Through {
    let words = match split(OsStr::new(text)) {
        _ if again > 8 => return Through::unsure(invocation, "too many --split-string"),
        Line::Empty => Vec::new(),
        Line::Unsure(why) => return Through::unsure(invocation, format!("--split-string: {why}")),
        Line::Simple { variables, words } => {
            let pair = |(name, value): (String, OsString)| {
                let mut word = OsString::from(name + "=");
                word.push(value);
                word
            };
            variables.into_iter().map(pair).chain(words).collect()
        }
    };
    let args = invocation.args();
    let word = args[at].to_string_lossy();
    // `-S text`, `--split-string text` or glued; letters bundled before the S stay.
    let glued = word.ends_with(text)
        && !text.is_empty()
        && !(word == "-S" || word.starts_with("--") && !word.contains('='));
    let bundled = word.strip_prefix('-').filter(|w| !w.starts_with('-')).and_then(|w| w.split_once('S'));
    let mut argv = vec![invocation.argv()[0].clone()];
    argv.extend_from_slice(&args[..at]);
    argv.extend(
        bundled
            .map(|(letters, _)| letters)
            .filter(|l| !l.is_empty())
            .map(|l| OsString::from(format!("-{l}"))),
    );
    argv.extend(words);
    argv.extend_from_slice(args.get(at + if glued { 1 } else { 2 }..).unwrap_or(&[]));
    let mut through = wrapped(&invocation.nested(argv), wrapper, again + 1);
    through.command.invocation = invocation.clone();
    through
}

impl Call<'_> {
    /// The command in its new surroundings; a wrapper without one does nothing of note.
    fn start(&self, nested: Invocation, doubt: Option<Doubt>) -> Through {
        if nested.argv().is_empty() {
            return Through::nothing(self.invocation, "there is no command to run");
        }
        Through::new(self.invocation, vec![Start { invocation: nested, doubt }])
    }

    fn nested(&self) -> Invocation {
        self.invocation.nested_with(self.command.clone())
    }

    /// Variables set on the line, added.
    fn with_variables(&self, environment: Environment) -> Environment {
        self.variables.iter().fold(environment, |all, (name, value)| all.set(name, value))
    }

    fn env(&self) -> Through {
        let dash = self.invocation.args().iter().zip(0..).any(|(word, at)| {
            word == "-" && self.parsed.operands.first().is_some_and(|(_, first)| *first == at)
        });
        let mut environment = self.invocation.environment().clone();
        if dash || self.parsed.has("--ignore-environment") {
            environment = Environment::default();
        }
        for option in self.parsed.options.iter().filter(|o| o.name == "--unset") {
            environment = environment.without(option.value.as_deref().unwrap_or(""));
        }
        let mut nested = self.nested().with_environment(self.with_variables(environment));
        if let Some(directory) = self.parsed.last("--chdir") {
            nested = nested.with_cwd(self.invocation.path(directory));
        }
        self.start(nested, None)
    }

    fn chroot(&self) -> Through {
        let root = self.parsed.operands.first().map_or("/", |(word, _)| word.as_str());
        let mut nested = self.nested();
        if nested.argv().is_empty() {
            nested = nested.with_argv(vec!["sh".into(), "-i".into()]);
        }
        let elsewhere = (root != "/").then(|| Doubt::around(format!("its files are those below {root}")));
        self.start(nested.with_cwd("/".into()), elsewhere)
    }

    fn unshare(&self) -> Through {
        let mut nested = self.nested();
        if nested.argv().is_empty() {
            nested = nested.with_argv(vec!["sh".into()]);
        }
        if let Some(directory) = self.parsed.last("--wd") {
            nested = nested.with_cwd(self.invocation.path(directory));
        }
        let root =
            self.parsed.last("--root").map(|r| Doubt::around(format!("its files are those below {r}")));
        self.start(nested, root)
    }

    /// `flock FILE -c 'text'`: `-c` may follow the file.
    fn flock(&self) -> Through {
        let text = match self.command.first().map(|w| w.as_bytes()) {
            Some(b"-c" | b"--command") => self.command.get(1).cloned(),
            Some(_) if self.parsed.has("--command") => self.command.first().cloned(),
            Some(_) => return self.start(self.nested(), None),
            None => return Through::nothing(self.invocation, "it locks an open file"),
        };
        match text {
            Some(text) => self.start(self.shell(text), None),
            None => Through::nothing(self.invocation, "-c needs a command"),
        }
    }

    fn script(&self) -> Through {
        if let Some(text) = self.parsed.last("--command") {
            return self.start(self.shell(text.into()), None);
        }
        match self.parsed.end_of_options {
            Some(at) => {
                let words = self.invocation.args()[at + 1..].to_vec();
                if words.len() > 1 {
                    let doubt = Doubt::from_word(0, "what this version of script runs");
                    return self.start(self.invocation.nested(words), Some(doubt));
                }
                self.start(self.invocation.nested(vec!["sh".into()]), None)
            }
            None => self.start(self.invocation.nested(vec!["sh".into()]), None),
        }
    }

    fn watch(&self) -> Through {
        if self.parsed.has("--exec") || self.command.is_empty() {
            return self.start(self.nested(), None);
        }
        self.start(self.shell(self.command.join(OsStr::new(" "))), None)
    }

    /// `sh -c text`.
    fn shell(&self, text: OsString) -> Invocation {
        self.invocation.nested(vec!["sh".into(), "-c".into(), text])
    }
}
