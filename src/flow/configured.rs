//! Settings that `git config` writes earlier on the line: an alias, a program. What git does after it is read with
//! them, too. Must never let one take the place of what the files say: the write may fail, or go elsewhere.

use crate::invocation::Invocation;
use crate::reading::{Command, Does, Doubt, git};

/// Bytes of settings that are carried; beyond them nobody knows what git does.
const MOST: usize = 16 << 10;

/// What `git config` wrote so far.
#[derive(Default)]
pub struct Configured {
    written: Vec<Written>,
    size: usize,
}

struct Written {
    place: Option<String>,
    what: What,
    /// `None`: only run time knows it.
    value: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum What {
    Alias(String),
    /// The setting of a program or of a directory of programs.
    Program(String),
    /// A name that is not known, a file of settings, a whole section: aliases at least.
    Any,
}

impl Configured {
    /// Takes down what a command writes. `doubt` is about its words.
    pub fn note(&mut self, command: &Command, doubt: Option<&Doubt>) {
        if command.tool != "git" || matches!(command.does, Does::Nothing(_)) {
            return;
        }
        let found = match command.verb.as_str() {
            "config" | "config set" => written(command, doubt),
            "config rename-section" => command
                .operands
                .iter()
                .any(|name| name.to_ascii_lowercase().starts_with("alias"))
                .then_some((What::Any, None)),
            _ => None,
        };
        let Some((mut what, value)) = found else { return };
        self.size = self.size.saturating_add(value.as_ref().map_or(16, String::len));
        if self.size > MOST {
            what = What::Any;
        }
        let place = command.invocation.place().map(str::to_owned);
        let value = value.filter(|_| what != What::Any);
        if self.size <= 2 * MOST {
            self.written.push(Written { place, what, value });
        }
    }

    fn at<'c>(&'c self, later: &'c Command) -> impl Iterator<Item = &'c Written> {
        let counts = later.tool == "git" && !later.verb.starts_with("config");
        self.written.iter().filter(move |w| counts && w.place.as_deref() == later.invocation.place())
    }

    /// Why nobody can tell what a later command of git's does.
    pub fn hides(&self, later: &Command) -> Option<String> {
        let verb = later.verb.split(' ').next().unwrap_or("");
        let why = |what: &str| Some(format!("{what} is set earlier on this line"));
        for written in self.at(later) {
            let twice = || self.at(later).any(|w| w.what == written.what && w.value != written.value);
            match &written.what {
                What::Any if !git::is_own(verb) => return why("what may be an alias of git's"),
                What::Alias(name) if names(later, name) && (written.value.is_none() || twice()) => {
                    return why(&format!("the alias {}", crate::text::show_line(name, 40)));
                }
                What::Program(key) if written.value.is_none() || twice() => {
                    return why(&crate::text::show_line(key, 40));
                }
                What::Any | What::Alias(_) | What::Program(_) => {}
            }
        }
        None
    }

    /// The same command with what was written, where that may change what it does.
    pub fn again(&self, later: &Command, invocation: &Invocation) -> Option<Invocation> {
        let aliases = || self.at(later).filter_map(Written::alias);
        let called = aliases().any(|(name, _)| names(later, name));
        let keys = aliases().filter(|_| called).map(|(name, value)| (format!("alias.{name}"), value));
        let programs = self.at(later).filter_map(|w| match (&w.what, &w.value) {
            (What::Program(key), Some(value)) => Some((key.clone(), value.as_str())),
            (What::Program(_) | What::Alias(_) | What::Any, _) => None,
        });
        let all: Vec<(String, &str)> = keys.chain(programs).collect();
        git::carrying(invocation, all.iter().map(|(key, value)| (key.as_str(), *value)))
    }
}

impl Written {
    fn alias(&self) -> Option<(&str, &str)> {
        match (&self.what, &self.value) {
            (What::Alias(name), Some(value)) => Some((name, value)),
            (What::Program(_) | What::Alias(_) | What::Any, _) => None,
        }
    }
}

/// Whether a word of the command is this alias.
fn names(command: &Command, alias: &str) -> bool {
    command.invocation.args().iter().any(|w| w.to_string_lossy().eq_ignore_ascii_case(alias))
}

/// The key and value that a `git config` writes, where they decide what git runs.
fn written(command: &Command, doubt: Option<&Doubt>) -> Option<(What, Option<String>)> {
    if !["program", "edits"].iter().any(|form| command.traits.has("form", form)) {
        return None;
    }
    let key = command.operands.first()?;
    let argv = command.invocation.argv();
    let at = argv.iter().position(|w| w.to_string_lossy() == *key).unwrap_or(0);
    let first = doubt.map_or(usize::MAX, |doubt| doubt.first);
    let lower = key.to_ascii_lowercase();
    let value = command.operands.get(1).filter(|_| first == usize::MAX).cloned();
    if first <= at || lower.starts_with("include.") || lower.starts_with("includeif.") {
        return Some((What::Any, None));
    }
    if let Some(name) = lower.strip_prefix("alias.") {
        return Some((What::Alias(name.to_owned()), value));
    }
    // ssh itself with a key that run time names is still ssh.
    let ssh = command.operands.get(1).is_some_and(|v| v.split_whitespace().next() == Some("ssh"));
    let program = git::is_program(&lower) || lower == "core.hookspath";
    (program && !(lower == "core.sshcommand" && ssh)).then(|| (What::Program(key.clone()), value))
}
